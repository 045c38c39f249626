"""The report as Markdown: the summary of a GitHub job, and the comment on a pull request.

Worst first, and whole findings only: what does not fit is counted. GitHub cuts a comment off at 65,536 characters and refuses a
summary of more than 1 MiB.
"""

from collections.abc import Iterator
from typing import Final

from ..finding import Finding, Severity, State
from . import Input, Report, View
from ._untrusted import code, code_block, markdown
from .ledger import headline, ledger, tally

LIMIT: Final = 60_000  # characters; leaves room for what is put around it
_EVIDENCE: Final = 12  # lines of one finding
_UNKNOWN: Final = 20  # policies that are named
_REMARKS: Final = 20  # on what was not read: however many there are, they leave room for the findings
_MARKS: Final = {
    Severity.CRITICAL: "\N{LARGE RED CIRCLE}",
    Severity.HIGH: "\N{LARGE ORANGE CIRCLE}",
    Severity.MEDIUM: "\N{LARGE YELLOW CIRCLE}",
    Severity.LOW: "\N{LARGE BLUE CIRCLE}",
    Severity.INFO: "\N{MEDIUM WHITE CIRCLE}",
}


def render(report: Report, view: View, limit: int = LIMIT) -> str:
    """Write the report in at most `limit` characters."""
    page = _Page(report, view)
    head, tail = "\n".join(page.head()), "\n".join(page.tail())
    room = limit - len(head) - len(tail) - 200  # for the line that counts the rest
    parts: list[str] = []
    sections = [*page.violations(), *page.undecided()]
    for section in sections:
        if len(section) + 1 > room:
            continue  # a long one does not keep the others out
        room -= len(section) + 1
        parts.append(section)
    rest = len(sections) - len(parts)
    if rest:
        parts.append(f"\n**{rest} more** are not shown here; the report of the run has them all.\n")
    return "\n".join((head, *parts, tail))[:limit].rstrip() + "\n"


class _Page:
    def __init__(self, report: Report, view: View) -> None:
        self.report = report
        self.counts = tally(report, view)
        self.headline = headline(report, view)
        self.news = [finding for finding in report.findings if view.is_news(finding)]
        self.references = {rule.code: rule.references for rule in report.rules}

    def head(self) -> Iterator[str]:
        yield f"## iacscan: {self.headline}"
        yield ""
        covered = ledger(self.report)
        undecided = f" {self.counts.undecided} could not be decided." if self.counts.undecided else ""
        yield f"{covered.sentence[:1].upper()}{covered.sentence[1:]}.{undecided}"
        unread_first = sorted(self.report.inputs, key=lambda item: item.status == "scanned")
        remarks = [remark for item in unread_first for remark in self._remarks(item)]
        remarks += map(markdown, self.report.notes)
        yield from (f"\n\N{WARNING SIGN} {remark}" for remark in remarks[:_REMARKS])
        if len(remarks) > _REMARKS:
            yield f"\n\N{WARNING SIGN} and {len(remarks) - _REMARKS} more"
        yield ""

    def _remarks(self, item: Input) -> Iterator[str]:
        """What was not read, or not whole."""
        if item.status != "scanned":
            yield f"**Not scanned**: {code(item.path)}: {markdown(item.error or 'it holds no resources')}"
        elif not item.complete:
            yield f"{code(item.path)} does not show all that there is: nothing is concluded from what is absent"
        for place in item.unseen:
            yield f"Not seen: {code(place)}"

    def violations(self) -> Iterator[str]:
        for finding in self.news:
            if finding.verdict == "violation":
                yield "\n".join(self._violation(finding))

    def _violation(self, finding: Finding) -> Iterator[str]:
        severity = finding.severity
        worse = " (worse than before)" if finding.state is State.WORSE else ""
        yield f"<details><summary>{_MARKS[severity]} <b>{severity.label}</b> {finding.code} {finding.name}{worse}: "
        yield f"{code(finding.subject.address)}</summary>\n"
        span = finding.subject.span
        where = f" ({code(f'{span.file}:{span.line}')})" if span is not None else ""
        yield f"{_capital(markdown(finding.message))}{where}\n"
        if finding.evidence:
            more = len(finding.evidence) - _EVIDENCE
            yield code_block([*finding.evidence[:_EVIDENCE], *([f"and {more} more"] if more > 0 else [])])
            yield ""
        for related in finding.related:
            yield f"- {code(related.origin.address)}: {markdown(related.note)}"
        if finding.confidence.label != "high":
            yield f"\nConfidence: {finding.confidence.label}."
        yield "\n**How to fix it**\n"
        yield from _remedy(finding.remedy)
        links = self.references.get(finding.code, ())
        if links:
            yield "See " + ", ".join(f"<{link}>" for link in links) + "\n"
        yield "</details>"

    def undecided(self) -> Iterator[str]:
        for finding in self.news:
            if finding.verdict == "undecided":
                about = f"{finding.code} {finding.name}: {code(finding.subject.address)}"
                yield f"- \N{BLACK QUESTION MARK ORNAMENT} could not be decided: {about}: {markdown(finding.message)}"

    def tail(self) -> Iterator[str]:
        unknown = ledger(self.report).unknown
        if unknown:
            yield f"\n<details><summary>{len(unknown)} policies that are not known</summary>\n"
            for _, place, because in unknown[:_UNKNOWN]:
                yield f"- {code(place)}: {markdown(because)}"
            if len(unknown) > _UNKNOWN:
                yield f"- and {len(unknown) - _UNKNOWN} more"
            yield "</details>"
        counts = self.counts
        notes = [
            f"{count} {what}"
            for count, what in (
                (counts.existing, "there already"),
                (counts.hidden, "less severe"),
                (counts.suppressed, "suppressed"),
                (counts.fixed, "fixed by this change"),
            )
            if count
        ]
        if notes:
            yield f"\n{', '.join(notes)}."


def _remedy(text: str) -> Iterator[str]:
    """A remedy's prose and code, each escaped: it may name what stands in the input."""
    fenced: list[str] | None = None
    for line in text.strip().splitlines():
        if line.lstrip().startswith("```"):
            if fenced is not None:
                yield code_block(fenced)
            fenced = [] if fenced is None else None
        elif fenced is not None:
            fenced.append(line)
        else:
            yield markdown(line)
    yield from [] if fenced is None else [code_block(fenced)]
    yield ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
