"""Everything a developer runs, on a machine with Python alone: `python dev.py demo`, `python dev.py test`.

`python dev.py test-checkov` tests what Checkov loads with every release and every example; `test` does so with two, and few.

Makes `.venv` beside this file, installs the project into it, and runs. Nothing else is needed or touched.
"""

import argparse
import hashlib
import os
import shutil
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

# The releases of Checkov that checks/ is tested with: the oldest that it supports, one between, and the newest there is.
CHECKOV = ("3.2.0", "3.2.400", "newest")


def install() -> None:
    """Make the environment, again when pyproject.toml has changed."""
    stamp = VENV / "installed"
    want = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == want:
        return
    print("setting up .venv (once)", file=sys.stderr)
    if not (VENV / "pyvenv.cfg").exists():
        venv.create(VENV, with_pip=True, upgrade_deps=True)
    run("python", "-m", "pip", "install", "--quiet", "--editable", ".", "--group", "dev")
    stamp.write_text(want)


def run(program: str, *arguments: str) -> None:
    """Run a program of the environment; stop with its exit code if it fails."""
    done = subprocess.run([str(BIN / program), *arguments], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def demo() -> None:
    """Scan the plan that makes all nine mistakes. Finding them is exit code 1, which is the point; so is that of a crash."""
    plan = "examples/terraform/all-nine-tips/plan.json"
    command = [str(BIN / "iacscan"), plan]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    print(done.stdout, end="")
    found = done.returncode == 1 and " findings: " in done.stdout
    sys.exit(0 if found else done.returncode or 1)


def test() -> None:
    """Lint, types, layers, generated files, tests: what CI runs."""
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")
    run("mypy")
    run("lint-imports", "--no-cache")
    run("python", "-m", "iacscan.docs", "--check")
    lint_ci()
    install_checkov(("3.2.0", "newest"))
    run("pytest", "--numprocesses=auto", "--dist=loadgroup")


def test_checkov() -> None:
    """Test checks/ in every release of Checkov, with all examples."""
    install_checkov(CHECKOV)
    os.environ["IACSCAN_CHECKOV_EXAMPLES"] = "all"
    run("pytest", "tests/test_checkov.py")


def install_checkov(releases: tuple[str, ...]) -> None:
    """Make an environment with Checkov and the project for each release, in either order. Say so if that is not possible."""
    for release in releases:
        place = VENV / f"checkov-{release}"
        stamp = place / "installed"
        want = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
        if stamp.exists() and stamp.read_text() == want:
            continue
        print(f"setting up {place.name} (once, about a minute)", file=sys.stderr)
        venv.create(place, with_pip=True, clear=True)
        pip = (str(place / BIN.name / "python"), "-m", "pip", "install", "--quiet")
        checkov = ["checkov" if release == "newest" else f"checkov=={release}"]
        ours = ["--editable", str(ROOT)]
        for packages in (checkov, ours) if release == "newest" else (ours, checkov):
            if subprocess.run([*pip, *packages], cwd=ROOT, check=False).returncode:
                shutil.rmtree(place)
                print(f"Checkov {release} cannot be installed here: checks/ is NOT tested with it", file=sys.stderr)
                break
        else:
            stamp.write_text(want)


def lint_ci() -> None:
    """Hold the action and the examples for continuous integration to published schemas and linters; all work offline."""
    actions = ("action.yml", "action/comment/action.yml")
    workflows = [str(file.relative_to(ROOT)) for file in sorted(ROOT.glob("examples/github/*.yml"))]
    schema = ("check-jsonschema", "--quiet", "--builtin-schema")
    run(*schema, "vendor.github-actions", *actions)
    run(*schema, "vendor.github-workflows", *workflows)
    run(*schema, "vendor.gitlab-ci", "--data-transform", "gitlab-ci", "examples/gitlab/.gitlab-ci.yml")
    run("zizmor", "--quiet", "--offline", "--pedantic", "--strict-collection", *actions, *workflows)
    run("shellcheck", "action/install.sh")


def main() -> None:
    """Run one task."""
    tasks: dict[str, Callable[[], None]] = {
        "demo": demo,
        "test": test,
        "test-checkov": test_checkov,
        "install": install,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks)
    task = parser.parse_args().task
    install()
    tasks[task]()


if __name__ == "__main__":
    main()
