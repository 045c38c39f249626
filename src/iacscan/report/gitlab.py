"""The report for GitLab's Code Quality widget, which compares it with that of the target branch by fingerprint.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format. Therefore existing findings are in it, fixed and suppressed ones not.
"""

import json
from typing import Any, Final

from ..finding import Finding, Severity, State
from . import Report, View
from .github import relative

_SEVERITIES: Final = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render(report: Report, view: View) -> str:
    """Write the report as a list of issues. An input that could not be read is an issue of its own: silence would be a pass."""
    unread = [_unread(item.path, item.error) for item in report.inputs if item.status != "scanned"]
    shown = [item for item in report.findings if item.state is not State.FIXED and not item.suppressed]
    return json.dumps([*unread, *(_issue(item) for item in shown if view.shows(item))], indent=2) + "\n"


def _issue(finding: Finding) -> dict[str, Any]:
    span = finding.subject.span
    doubt = "could not be decided: " if finding.verdict == "undecided" else ""
    return {
        "description": f"{finding.code} {finding.subject.address}: {doubt}{finding.message}",
        "check_name": f"{finding.code} {finding.name}",
        "fingerprint": finding.fingerprint,
        "severity": "info" if doubt else _SEVERITIES[finding.severity],
        "location": {
            "path": relative(finding.subject.input if span is None else span.file),
            "lines": {"begin": 1 if span is None else span.line},
        },
    }


def _unread(path: str, error: str) -> dict[str, Any]:
    return {
        "description": f"not scanned: {error or 'it holds no resources'}",
        "check_name": "iacscan",
        "fingerprint": f"iacscan-not-scanned-{path}",
        "severity": "blocker",
        "location": {"path": relative(path), "lines": {"begin": 1}},
    }
