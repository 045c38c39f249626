"""The step that scans: the action's inputs become a command line, its reports become annotations, a summary and outputs.

In a pull request, what could weaken the scan (configuration, baseline) is taken from the base branch: a change does not set
the bar that it is measured by. Comments that ignore findings do not count in a pull request from a fork.
"""

import json
import os
import posixpath
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from ..errors import ExitCode, IacscanError, UsageError
from .api import base_file
from .run import Run, log, read_run, required, say, switch, variable

_SEVERITIES: Final = ("critical", "high", "medium", "low", "info")
_COUNTS: Final = ("undecided", "existing", "hidden", "suppressed", "fixed")
_FAILED: Final = (ExitCode.USAGE, ExitCode.DEFECT)  # there is no report then


class _Files(Struct, frozen=True):
    """What the scan writes."""

    directory: Path

    @property
    def text(self) -> Path:
        """The report for the log."""
        return self.directory / "iacscan.txt"

    @property
    def report(self) -> Path:
        """The report as JSON."""
        return self.directory / "iacscan.json"

    @property
    def sarif(self) -> Path:
        """The report for code scanning."""
        return self.directory / "iacscan.sarif"

    @property
    def summary(self) -> Path:
        """The report for the page of the run."""
        return self.directory / "iacscan.md"

    def options(self) -> list[str]:
        """The command line's options for them."""
        forms = {"text": self.text, "json": self.report, "sarif": self.sarif, "markdown": self.summary}
        return [f"--output={form}={path}" for form, path in forms.items()]


def main() -> int:
    """Scan; return the exit code if there is no report, else 0: the last step of the action fails the job."""
    try:
        run = read_run(os.environ)
        code = _scan(run, os.environ)
    except IacscanError as error:
        say("error", str(error))
        return ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.INPUT
    return code if code in _FAILED else ExitCode.CLEAN


def _scan(run: Run, given: Mapping[str, str]) -> int:
    switch(given, "comment")  # a mistake in it must not wait until the last step
    upload = switch(given, "upload-sarif", auto=_is_public(run))
    files = _Files(Path(tempfile.mkdtemp(prefix="iacscan-", dir=required(given, "RUNNER_TEMP"))))
    arguments = list(_arguments(run, given, files))
    done = subprocess.run(  # noqa: S603  our own command; what the inputs say are values of options, or stands after --
        [sys.executable, "-I", "-X", "utf8", "-m", "iacscan", *arguments],
        env={name: value for name, value in given.items() if not name.startswith(("INPUT_", "IACSCAN_"))},
        cwd=required(given, "GITHUB_WORKSPACE"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )
    if done.returncode in _FAILED or not files.summary.is_file():
        say("error", done.stderr.strip() or f"iacscan ended with {done.returncode} and no word")
        return done.returncode if done.returncode in _FAILED else ExitCode.DEFECT
    log(_inert(files.text.read_text(encoding="utf-8") + done.stderr))
    log(done.stdout.rstrip())
    with Path(required(given, "GITHUB_STEP_SUMMARY")).open("a", encoding="utf-8") as summary:
        summary.write(files.summary.read_text(encoding="utf-8"))
    outputs = _outputs(done.returncode, files, upload=upload)
    with Path(required(given, "GITHUB_OUTPUT")).open("a", encoding="utf-8") as lines:
        lines.writelines(f"{name}={value}\n" for name, value in outputs.items())
    return done.returncode


def _arguments(run: Run, given: Mapping[str, str], files: _Files) -> Iterator[str]:
    """Turn the action's inputs into a command line. Raises UsageError for one that makes no sense."""
    place = given.get(variable("working-directory"), "")
    yield "--format=github"
    yield from files.options()
    for option in ("severity", "fail-on", "on-unknown"):
        value = given.get(variable(option), "").strip()
        if value:
            yield f"--{option}={value}"
    config = _trusted(run, given, files, "config")
    yield "--no-config" if config is None else f"--config={config}"
    baseline = _trusted(run, given, files, "baseline")
    if baseline is not None:
        yield f"--baseline={baseline}"
    if not switch(given, "inline-ignores") or run.event.is_fork:
        yield "--no-inline-ignores"
    yield from (f"--var-file={posixpath.join(place, path)}" for path in _lines(given, "var-files"))
    paths = _lines(given, "path")
    if not paths or "-" in paths:
        message = "path: name a plan as JSON, a template or a directory, one a line"
        raise UsageError(message)
    yield "--"
    yield from (posixpath.normpath(posixpath.join(place, path)) for path in paths)


def _trusted(run: Run, given: Mapping[str, str], files: _Files, name: str) -> Path | None:
    """Return where a file that could weaken the scan stands: in a pull request, as a copy of what the base branch has."""
    path = given.get(variable(name), "").strip()
    if not path:
        return None
    pull = run.event.pull_request
    inside = posixpath.normpath(posixpath.join(given.get(variable("working-directory"), ""), path))
    if pull is None:
        return Path(inside)
    if inside.startswith(("/", "../")):
        message = f"{name}: {path} is no file of the repository; in a pull request it is taken from the base branch"
        raise UsageError(message)
    content = base_file(run, inside, pull.base.sha)
    if content is None:
        say("warning", f"{name}: the base branch has no {inside}, or the token may not read it; it is left out")
        return None
    copy = files.directory / f"base-{posixpath.basename(inside)}"
    copy.write_bytes(content)
    return copy


def _lines(given: Mapping[str, str], name: str) -> list[str]:
    return [line.strip() for line in given.get(variable(name), "").splitlines() if line.strip()]


def _is_public(run: Run) -> bool:
    """Whether code scanning is free here; elsewhere it needs a licence, which nobody can see from within a run."""
    return run.event.repository is not None and run.event.repository.visibility == "public"


def _inert(text: str) -> str:
    """Text for the log, in which the runner does not look for commands; who wrote the text cannot guess the word that ends it."""
    word = secrets.token_hex(16)
    return f"::group::Report\n::stop-commands::{word}\n{text.rstrip()}\n::{word}::\n::endgroup::"


def _outputs(code: int, files: _Files, *, upload: bool) -> dict[str, object]:
    report = json.loads(files.report.read_text(encoding="utf-8"))
    summary, policies = report["summary"], report["coverage"]["policies"]
    listed = {severity: summary["listed"].get(severity, 0) for severity in _SEVERITIES}
    return {
        "exit-code": code,
        "findings": sum(listed.values()),
        **listed,
        **{name: summary[name] for name in _COUNTS},
        "policies": sum(policies.values()),
        "policies-unknown": policies["unknown"],
        "not-scanned": sum(item["status"] != "scanned" for item in report["inputs"]),
        "sarif": files.sarif,
        "report": files.report,
        "summary": files.summary,
        # Code scanning closes the alerts that it no longer hears of: silence about what was not read would be a pass.
        "upload-sarif": str(upload and code != ExitCode.INPUT).lower(),
    }


if __name__ == "__main__":
    sys.exit(main())
