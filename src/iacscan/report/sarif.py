"""The report for code scanning: SARIF 2.1.0, in the subset that GitHub shows.

Rests on https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from .. import __version__
from ..finding import Finding, Origin, Severity, State, Suppression
from ..source import Span
from . import Report, RuleText, View
from .ledger import ledger

Node = dict[str, Any]

SCHEMA: Final = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"
_STDIN: Final = "-"

_LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub's bands: critical from 9.0, high from 7.0, medium from 4.0, low from 0.1.
_SCORES: Final = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.1",
}
_PRECISION: Final = {"high": "very-high", "medium": "high", "low": "medium"}
_BASELINE: Final = {State.NEW: "new", State.WORSE: "updated", State.EXISTING: "unchanged"}


def render(report: Report, view: View) -> str:
    """Write the report as SARIF. Existing findings are in it, or code scanning would close their alerts; fixed ones are not."""
    findings = [finding for finding in report.findings if finding.state is not State.FIXED and view.shows(finding)]
    worst: dict[str, Severity] = {}
    templates = {item.path for item in report.inputs if item.kind == "cloudformation"}
    languages: dict[str, set[bool]] = {}  # by rule, whether its inputs are templates
    for finding in findings:
        languages.setdefault(finding.code, set()).add(finding.subject.input in templates)
        worst[finding.code] = max(finding.severity, worst.get(finding.code, finding.severity))
    rules = [rule for rule in report.rules if rule.code in worst]
    places = {rule.code: index for index, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "iacscan",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule, worst[rule.code], languages[rule.code]) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [_result(finding, places[finding.code]) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: RuleText, worst: Severity, languages: set[bool]) -> Node:
    """Describe a rule. GitHub ranks alerts by their rule's score, so it is that of the rule's worst finding in this run.

    Results share their rule, so it tells the remedy for each language that they are in.
    """
    severity = max(rule.severity, worst)
    references = "\n".join(f"- <{reference}>" for reference in rule.references)
    remedies = _remedies(rule, languages)
    sections = {"Why it matters": rule.why, **remedies}
    markdown = "\n\n".join((rule.summary, *(f"## {title}\n\n{text}" for title, text in sections.items())))
    node: Node = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "help": {
            "text": "\n\n".join((rule.why, *remedies.values())),
            "markdown": f"{markdown}\n\n{references}".rstrip(),
        },
        "properties": {
            "security-severity": _SCORES[severity],
            "precision": _PRECISION[rule.confidence.label],
            "tags": ["security", "aws", "iam", f"tip-{rule.tip}"],
        },
    }
    if rule.references:
        node["helpUri"] = rule.references[0]
    return node


def _remedies(rule: RuleText, languages: set[bool]) -> dict[str, str]:
    """What there is to say on how to fix it, by title."""
    if not rule.template_fix or True not in languages:
        return {"How to fix it": rule.fix}
    inside = {"How to fix it in CloudFormation": rule.template_fix}
    return {"How to fix it in Terraform": rule.fix, **inside} if False in languages else inside


def _result(finding: Finding, place: int) -> Node:
    """One result. The standard asks for the level "none" wherever the kind is not "fail"."""
    decided = finding.verdict == "violation"
    node: Node = {
        "ruleId": finding.code,
        "ruleIndex": place,
        "kind": "fail" if decided else "open",
        "level": _LEVELS[finding.severity] if decided else "none",
        "message": {"text": _message(finding)},
        "locations": [_location(finding.subject)],
        # GitHub goes by the first. Without it, all results of one rule in one plan would be taken for the same alert.
        "partialFingerprints": {
            "primaryLocationLineHash": finding.fingerprint,
            "iacscan/v1": finding.fingerprint,
        },
        "baselineState": _BASELINE[finding.state],
        "properties": {
            "severity": finding.severity.label,
            "confidence": finding.confidence.label,
            "action": finding.subject.action,
        },
    }
    related = [
        {**_location(item.origin), "id": index, "message": {"text": _plain(item.note)}}
        for index, item in enumerate(finding.related, 1)
        if item.origin.span is not None
    ]
    if related:
        node["relatedLocations"] = related
    if finding.suppressed:
        node["suppressions"] = [_suppression(finding.suppression)]
    return node


def _suppression(said: Suppression | None) -> Node:
    """Who says that a finding is accepted, and why (section 3.35 of the standard)."""
    if said is None:
        return {"kind": "external"}
    until = f", until {said.until}" if said.until else ""
    return {
        "kind": "inSource" if said.kind == "source" else "external",
        "justification": f"{said.reason} ({said.where}{until})",
    }


def _message(finding: Finding) -> str:
    """All that an alert shows: what is wrong with what, the values that decide, and who takes part."""
    opening = f"{finding.subject.address}: {finding.message}."
    if finding.verdict == "undecided":
        opening = f"{finding.subject.address}: could not be decided: {finding.message}."
    parts = [opening, *(f"  {line}" for line in finding.evidence)]
    parts += [f"  with {item.origin.address}: {item.note}" for item in finding.related]
    return _plain("\n".join(parts))


def _plain(text: str) -> str:
    """Keep text from an input from being read as a link (section 3.11.6 of the standard)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _location(origin: Origin) -> Node:
    """Where the resource is written; a plan has no positions, so then it is the plan's first line."""
    span = Span(origin.input, 1, 1) if origin.span is None else origin.span
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(span.file)},
            "region": {"startLine": span.line, "endLine": span.end_line},
        },
        "logicalLocations": [{"fullyQualifiedName": origin.address, "kind": "resource"}],
    }


def _uri(path: str) -> str:
    """A path relative to the working directory where that is possible: GitHub refuses what lies outside the checkout."""
    if path == _STDIN:
        return "stdin"
    file = Path(path)
    if file.is_absolute():
        here = Path.cwd()
        if not file.is_relative_to(here):
            return file.as_uri()
        file = file.relative_to(here)
    return quote(file.as_posix())


def _invocation(report: Report) -> Node:
    """Say what was not read or not known, so that an empty list of results is not taken for a clean bill."""
    unread = [item for item in report.inputs if item.status != "scanned"]
    notes = [
        *_notes("error", (f"not scanned: {item.path}: {item.error or 'it holds no resources'}" for item in unread)),
        *_notes("warning", (f"{path}: {where}: {because}" for path, where, because in ledger(report).unknown)),
        *_notes(
            "warning", (f"{item.path}: does not show all that there is" for item in report.inputs if not item.complete),
        ),
        *_notes("note", report.notes),
        *_notes("warning", (f"{item.path}: not seen: {place}" for item in report.inputs for place in item.unseen)),
    ]  # fmt: skip
    return {"executionSuccessful": not unread, "toolExecutionNotifications": notes}


def _notes(level: str, texts: Iterable[str]) -> list[Node]:
    return [{"level": level, "message": {"text": _plain(text)}} for text in texts]
