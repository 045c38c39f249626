"""Annotations for GitHub: workflow commands, which a step prints and the pull request shows on the lines they name.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions. GitHub shows at most ten annotations of each kind for one step
and drops the others without a word; so the worst are printed, and the last one says how many are not.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..finding import Finding, Severity
from . import Report, View
from ._untrusted import command_message, command_property
from .ledger import headline, ledger, tally

LIMIT: Final = 10  # of each kind for one step
_UNREAD: Final = 3  # inputs that are named: however many could not be read, they leave room for the findings

_KINDS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render(report: Report, view: View) -> str:
    """Write one workflow command a line, worst first; the last one is the summary."""
    return "\n".join(_lines(report, view)) + "\n"


def _lines(report: Report, view: View) -> Iterator[str]:
    printed: Counter[str] = Counter(notice=1)  # the summary is one
    hidden = 0
    unread = [item for item in report.inputs if item.status != "scanned"]
    for item in unread[:_UNREAD]:
        printed["error"] += 1
        what = item.error or "holds no resources: nothing to scan"
        yield _command("error", {"title": "iacscan: not scanned"}, f"{item.path}: {what}")
    for finding in report.findings:
        if not view.is_news(finding):
            continue
        kind = _KINDS[finding.severity] if finding.verdict == "violation" else "notice"
        if printed[kind] >= LIMIT:
            hidden += 1
            continue
        printed[kind] += 1
        yield _command(kind, _properties(finding), _message(finding))
    counts = tally(report, view)
    parts = [
        headline(report, view),
        f"{counts.undecided} not decided" if counts.undecided else "",
        f"{hidden} of them not shown here, as GitHub shows {LIMIT} of a kind" if hidden else "",
        f"{len(unread)} of {len(report.inputs)} inputs not scanned" if unread else "",
        ledger(report).sentence,
    ]
    yield _command("notice", {"title": "iacscan"}, "; ".join(part for part in parts if part))


def _properties(finding: Finding) -> dict[str, str]:
    span = finding.subject.span
    title = f"{finding.code} {finding.name} ({finding.severity.label})"
    if span is None:
        return {"title": title}  # a plan has no lines, and is no file of the pull request
    return {"file": relative(span.file), "line": str(span.line), "endLine": str(span.end_line), "title": title}


def relative(path: str) -> str:
    """A path as GitHub wants it, from the working directory on, if it lies there."""
    file = Path(path)
    here = Path.cwd()
    return (file.relative_to(here) if file.is_absolute() and file.is_relative_to(here) else file).as_posix()


def _message(finding: Finding) -> str:
    doubt = "could not be decided: " if finding.verdict == "undecided" else ""
    return "\n".join((f"{finding.subject.address}: {doubt}{finding.message}", *finding.evidence))


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{name}={command_property(value)}" for name, value in properties.items())
    return f"::{kind} {given}::{command_message(message)}"
