"""The report for programs: JSON, version 1.

The records below are the promise (docs/report.schema.json): fields are added, never renamed or given another meaning,
within a version. They are apart from the records that the program works with, so that those may change.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .. import __version__
from ..errors import InputError
from ..finding import Confidence, Finding, Origin, Related, Severity, State, Suppression
from ..model.estate import Coverage
from ..source import Span
from . import Input, Report, RuleText, View
from .ledger import ledger, tally

SeverityName = Literal["info", "low", "medium", "high", "critical"]
SCHEMA_ID: Final = "urn:iacscan:report:1"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolV1(_Record):
    """The program that wrote the report."""

    name: Literal["iacscan"] = "iacscan"
    version: str


class InputV1(_Record):
    """One input. A report with an input that is not `scanned` is not the whole truth."""

    path: str = Field(description="as given on the command line; `-` is standard input")
    kind: str | None = Field(description="what the file is, e.g. `terraform-plan`; null if it could not be read")
    status: Literal["scanned", "empty", "unreadable"]
    error: str | None = Field(description="why it could not be read")
    complete: bool = Field(description="false for a targeted plan and for a change set: absence proves nothing there")
    unseen: list[str] = Field(description="what was met but not evaluated, e.g. a module that is not on disk")
    notes: list[str]


class PoliciesV1(_Record):
    """Every policy that was met is counted in exactly one of the three."""

    analysed: int
    partial: int
    unknown: int


class UnknownV1(_Record):
    """A policy that could not be judged at all."""

    input: str
    where: str = Field(description="the resource's address and the attribute")
    because: str


class CoverageV1(_Record):
    """How much could be judged."""

    policies: PoliciesV1
    unknown: list[UnknownV1]


class SummaryV1(_Record):
    """Counts over all findings, also those that `--severity` leaves out of `findings`; each is counted once."""

    listed: dict[SeverityName, int] = Field(description="violations that count for this run, by severity")
    undecided: int
    existing: int
    hidden: int
    suppressed: int
    fixed: int


class SubjectV1(_Record):
    """The resource that a finding is about."""

    address: str
    type: str
    input: str
    action: str = Field(description="what the change does to it: create, update, replace, delete, no-op, ...")


class RelatedV1(_Record):
    """Another resource that takes part."""

    address: str
    type: str
    note: str


class LocationV1(_Record):
    """Lines of a source file, counted from 1."""

    file: str
    line: int
    end_line: int


class SuppressionV1(_Record):
    """Who says that a finding is accepted, and why."""

    kind: Literal["source", "configuration"]
    where: str = Field(description="the place that says so, e.g. `main.tf:12`")
    reason: str
    until: date | None = Field(description="the last day that it counts")


class FindingV1(_Record):
    """One finding. `undecided` means that the rule could not tell; it is neither a pass nor a violation."""

    code: str
    name: str
    tip: int
    severity: SeverityName
    confidence: Literal["low", "medium", "high"]
    verdict: Literal["violation", "undecided"]
    state: Literal["new", "worse", "existing", "fixed"]
    fails: bool = Field(description="whether this finding alone makes the run fail")
    subject: SubjectV1
    related: list[RelatedV1]
    message: str
    evidence: list[str]
    remedy: str = Field(description="Markdown")
    location: LocationV1 | None
    fingerprint: str = Field(description="stable across runs, paths and lines")
    suppressed: bool
    suppression: SuppressionV1 | None = Field(default=None, description="who says so and why, for a suppressed finding")


class ReportV1(_Record):
    """The report of one run of iacscan."""

    version: Literal["1"] = "1"
    tool: ToolV1
    inputs: list[InputV1]
    notes: list[str] = Field(
        default=[], description="remarks on the run, e.g. suppressions that do not count or are not needed"
    )
    coverage: CoverageV1
    summary: SummaryV1
    findings: list[FindingV1]


def render(report: Report, view: View) -> str:
    """Write the report as JSON, version 1. Existing and fixed findings are in it; `--severity` applies."""
    covered = ledger(report)
    counts = tally(report, view)
    record = ReportV1(
        tool=ToolV1(version=__version__),
        inputs=[_input(item) for item in report.inputs],
        notes=list(report.notes),
        coverage=CoverageV1(
            policies=PoliciesV1(analysed=covered.analysed, partial=covered.partial, unknown=len(covered.unknown)),
            unknown=[UnknownV1(input=path, where=where, because=because) for path, where, because in covered.unknown],
        ),
        summary=SummaryV1.model_validate(
            {
                "listed": {severity.label: count for severity, count in counts.listed},
                "undecided": counts.undecided,
                "existing": counts.existing,
                "hidden": counts.hidden,
                "suppressed": counts.suppressed,
                "fixed": counts.fixed,
            }
        ),
        findings=[_finding(finding, view) for finding in report.findings if view.shows(finding)],
    )
    return record.model_dump_json(indent=2) + "\n"


def read(text: str, rules: Sequence[RuleText]) -> Report:
    """Read a report of version 1, so that it can be shown in another format elsewhere.

    Whoever wrote it may have made it up: names and tips of rules are taken from `rules`, and every other text has to be
    escaped like any text of an input. Findings that `--severity` left out are not in it. Raises InputError.
    """
    try:
        record = ReportV1.model_validate_json(text)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        what = f"is no report of iacscan, version 1 (at {place or 'the beginning'})"
        raise InputError(what, "write it with --format json, by the version that reads it") from error
    known = {rule.code: rule for rule in rules}
    for item in record.findings:
        if item.code not in known:
            what = "names a rule that does not exist"
            raise InputError(what, "write it by the version that reads it")
    # Coverage is told for all inputs together, so it stands with the first.
    coverage = Coverage(
        record.coverage.policies.analysed,
        record.coverage.policies.partial,
        tuple((item.where, item.because) for item in record.coverage.unknown),
    )
    return Report(
        inputs=tuple(
            Input(
                path=item.path,
                status=item.status,
                kind=item.kind or "",
                error=item.error or "",
                coverage=Coverage() if index else coverage,
                complete=item.complete,
                unseen=tuple(item.unseen),
                notes=tuple(item.notes),
            )
            for index, item in enumerate(record.inputs)
        ),
        findings=tuple(_read_finding(item, known[item.code]) for item in record.findings),
        rules=tuple(rules),
        notes=tuple(record.notes),
    )


def _read_finding(item: FindingV1, rule: RuleText) -> Finding:
    place, subject, said = item.location, item.subject, item.suppression
    span = None if place is None else Span(place.file, place.line, place.end_line)
    return Finding(
        code=rule.code,
        name=rule.name,
        tip=rule.tip,
        severity=Severity[item.severity.upper()],
        confidence=Confidence[item.confidence.upper()],
        verdict=item.verdict,
        state=State(item.state),
        subject=Origin(subject.address, subject.type, subject.input, action=subject.action, span=span),
        related=tuple(Related(Origin(other.address, other.type), other.note) for other in item.related),
        message=item.message,
        evidence=tuple(item.evidence),
        remedy=item.remedy,
        fingerprint=item.fingerprint,
        suppressed=item.suppressed,
        suppression=None if said is None else Suppression(said.kind, said.where, said.reason, said.until),
    )


def schema() -> str:
    """The JSON Schema of the report, as docs/report.schema.json holds it."""
    body = ReportV1.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return json.dumps(head | body, indent=2) + "\n"


def _input(item: Input) -> InputV1:
    return InputV1.model_validate(
        {
            "path": item.path,
            "kind": item.kind or None,
            "status": item.status,
            "error": item.error or None,
            "complete": item.complete,
            "unseen": item.unseen,
            "notes": item.notes,
        }
    )


def _finding(finding: Finding, view: View) -> FindingV1:
    # Validated, not constructed: the literals are checked where the program holds plain strings.
    return FindingV1.model_validate(
        {
            "code": finding.code,
            "name": finding.name,
            "tip": finding.tip,
            "severity": finding.severity.label,
            "confidence": finding.confidence.label,
            "verdict": finding.verdict,
            "state": finding.state.value,
            "fails": view.gate.fails(finding),
            "subject": _subject(finding.subject),
            "related": [
                RelatedV1(address=related.origin.address, type=related.origin.type, note=related.note)
                for related in finding.related
            ],
            "message": finding.message,
            "evidence": finding.evidence,
            "remedy": finding.remedy,
            "location": _location(finding.subject),
            "fingerprint": finding.fingerprint,
            "suppressed": finding.suppressed,
            "suppression": _suppression(finding),
        }
    )


def _suppression(finding: Finding) -> SuppressionV1 | None:
    said = finding.suppression
    return (
        None if said is None else SuppressionV1(kind=said.kind, where=said.where, reason=said.reason, until=said.until)
    )


def _subject(origin: Origin) -> SubjectV1:
    return SubjectV1(address=origin.address, type=origin.type, input=origin.input, action=origin.action)


def _location(origin: Origin) -> LocationV1 | None:
    span = origin.span
    return None if span is None else LocationV1(file=span.file, line=span.line, end_line=span.end_line)
