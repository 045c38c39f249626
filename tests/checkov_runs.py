"""Runs Checkov with our checks, in the environments that `python dev.py test` makes for it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ROOT / "checks"
FRAMEWORKS = ("terraform", "terraform_plan", "cloudformation")


def environments() -> list[Path]:
    """The commands `checkov` of all environments; those in the variable IACSCAN_CHECKOV, or beside the project's own."""
    given = os.environ.get("IACSCAN_CHECKOV")
    if given:
        return [Path(item) for item in given.split(os.pathsep)]
    return sorted(ROOT.glob(".venv/checkov-*/bin/checkov"))


class Run(NamedTuple):
    code: int
    output: str
    errors: str

    @property
    def reports(self) -> list[dict[str, Any]]:
        found = json.loads(self.output)
        return found if isinstance(found, list) else [found]

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Every `failed`, `passed` or `skipped` check of a run in JSON."""
        return [one for report in self.reports if "results" in report for one in report["results"][f"{kind}_checks"]]


def checkov(program: Path, *arguments: str, cwd: Path, checks: Path = CHECKS, **environment: str) -> Run:
    """Scan what the arguments name; offline, and with our checks only unless they say otherwise."""
    if not any(argument.startswith("--external-checks-git") for argument in arguments):
        arguments = (*arguments, "--external-checks-dir", str(checks))
    done = subprocess.run(
        [program, *arguments, "--skip-download", "--framework", *FRAMEWORKS],
        cwd=cwd,
        env={**os.environ, "LOG_LEVEL": "WARNING", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return Run(done.returncode, done.stdout, done.stderr)
