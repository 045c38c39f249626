"""Everything a developer runs, on a machine with Python alone: `python dev.py demo`, `python dev.py test`.

Makes `.venv` beside this file, installs the project into it, and runs. Nothing else is needed or touched.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def install() -> None:
    """Make the environment, again when pyproject.toml has changed."""
    stamp = VENV / "installed"
    want = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == want:
        return
    print("setting up .venv (once)", file=sys.stderr)
    venv.create(VENV, with_pip=True, upgrade_deps=True)
    run("python", "-m", "pip", "install", "--quiet", "--editable", ".", "--group", "dev")
    stamp.write_text(want)


def run(program: str, *arguments: str) -> None:
    """Run a program of the environment; stop with its exit code if it fails."""
    done = subprocess.run([str(BIN / program), *arguments], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def demo() -> None:
    """Scan the plan that makes all nine mistakes. Finding them is exit code 1, which is the point."""
    plan = "examples/terraform/all-nine-tips/plan.json"
    done = subprocess.run([str(BIN / "iacscan"), plan], cwd=ROOT, check=False)
    sys.exit(0 if done.returncode == 1 else done.returncode or 1)


def test() -> None:
    """Lint, types, layers, generated files, tests: what CI runs."""
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")
    run("mypy")
    run("lint-imports", "--no-cache")
    run("python", "-m", "iacscan.docs", "--check")
    run("pytest")


def main() -> None:
    """Run one task."""
    tasks: dict[str, Callable[[], None]] = {"demo": demo, "test": test, "install": install}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks)
    task = parser.parse_args().task
    install()
    tasks[task]()


if __name__ == "__main__":
    main()
