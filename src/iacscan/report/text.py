"""The report for people: what this change does, by resource, worst first; then what could not be judged; then the counts."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from ..finding import Finding, Severity, State
from . import Report, View, clean
from .ledger import Ledger, Tally, headline, ledger, tally

_ACTIONS: Final = {
    "create": "created by this change",
    "update": "changed by this change",
    "replace": "replaced by this change",
    "delete": "deleted by this change",
    "import": "imported by this change",
    "forget": "dropped from the state by this change, but not deleted",
    "read": "read while the change is applied",
    "no-op": "not touched by this change",
}
# SGR parameters (ECMA-48, 8.3.117).
_COLOURS: Final = {
    Severity.CRITICAL: "1;97;41",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.INFO: "2",
}
_BOLD: Final = "1"
_FAINT: Final = "2"
_EVIDENCE_LINES: Final = 8  # one screen for a normal plan; the JSON report has them all
_UNKNOWN_LINES: Final = 5
_NARROW: Final = 40


def render(report: Report, view: View) -> str:
    """Write the report as text, with colour and width as the view says."""
    return "\n".join(_Page(report, view).lines()) + "\n"


class _Page:
    def __init__(self, report: Report, view: View) -> None:
        self.report = report
        self.view = view
        self.width = max(view.width, _NARROW)
        self.why = {rule.code: _first_sentence(rule.why) for rule in report.rules}
        self.told: set[tuple[str, str]] = set()  # advice that stands further up already
        self.news = [finding for finding in report.findings if view.is_news(finding)]

    def lines(self) -> Iterator[str]:
        places: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.news:
            if finding.verdict == "violation":
                places.setdefault((finding.subject.input, finding.subject.address), []).append(finding)
        for findings in places.values():
            yield from self._resource(findings)
        yield from self._undecided([finding for finding in self.news if finding.verdict == "undecided"])
        yield from self._inputs()
        yield from self._end(tally(self.report, self.view), ledger(self.report))

    def _resource(self, findings: list[Finding]) -> Iterator[str]:
        subject = findings[0].subject
        where = ""
        if subject.span is not None:
            where = f"  {clean(subject.span.file)}:{subject.span.line}"
        elif len(self.report.inputs) > 1:
            where = f"  in {clean(subject.input)}"
        maybe = ", if it comes to be" if subject.possible else ""
        action = _ACTIONS.get(subject.action, subject.action)
        yield self._paint(clean(subject.address), _BOLD) + self._paint(f"  {clean(action)}{maybe}{where}", _FAINT)
        for finding in findings:
            yield from self._finding(finding)
        yield ""

    def _finding(self, finding: Finding) -> Iterator[str]:
        label = self._paint(f"{finding.severity.label.upper():<8}", _COLOURS[finding.severity])
        tags = [finding.state.value] if finding.state is not State.NEW else []
        tags += [f"confidence {finding.confidence.label}"] if finding.confidence.label != "high" else []
        tag = self._paint(f"  ({', '.join(tags)})", _FAINT) if tags else ""
        yield f"  {label} {finding.code} {finding.name}{tag}"
        yield from self._wrap("    ", finding.message)
        for line in finding.evidence[:_EVIDENCE_LINES]:
            yield f"    | {clean(' '.join(line.split()))}"  # not wrapped, so that a statement can be copied
        if len(finding.evidence) > _EVIDENCE_LINES:
            yield f"    | and {len(finding.evidence) - _EVIDENCE_LINES} more"
        for related in finding.related:
            if any(line.endswith(related.origin.address) for line in finding.evidence):
                continue  # it has been shown
            yield from self._wrap("    with  ", f"{related.origin.address}: {related.note}", rest=" " * 10)
        yield from self._advice(finding.code, "why", self.why.get(finding.code, ""))
        yield from self._advice(finding.code, "fix", short_fix(finding))

    def _advice(self, code: str, title: str, text: str) -> Iterator[str]:
        if text and (code, text) not in self.told:
            self.told.add((code, text))
            yield from self._wrap(f"    {title}   ", text, rest=" " * 10)

    def _undecided(self, findings: list[Finding]) -> Iterator[str]:
        if not findings:
            return
        yield self._paint("Could not be decided", _BOLD)
        for finding in findings:
            text = f"{finding.code} {finding.subject.address}: {finding.message}"
            yield from self._wrap("  ? ", text, rest=" " * 6)
        yield ""

    def _inputs(self) -> Iterator[str]:
        """What was not read, or not whole."""
        remarks: list[str] = []
        for item in self.report.inputs:
            if item.status == "unreadable":
                remarks.append(f"not scanned: {item.path}: {item.error}")
            elif item.status == "empty":
                remarks.append(f"nothing to scan: {item.path} holds no resources")
            elif not item.complete:
                remarks.append(
                    f"only in part: {item.path} does not show all that there is, so nothing is concluded from what is absent"
                )
            remarks += [f"not seen: {item.path}: {place}" for place in item.unseen]
            remarks += [f"note: {item.path}: {note}" for note in item.notes]
        remarks += [f"note: {note}" for note in self.report.notes]
        passed = len(self.report.passed)
        if passed and self.view.verbose:
            remarks += [f"passed over: {path}" for path in self.report.passed]
        elif passed:
            files = "file that is" if passed == 1 else "files that are"
            remarks.append(f"passed over: {passed:,} {files} nothing to scan (--verbose names them)")
        for remark in remarks:
            yield f"! {clean(' '.join(remark.split()))}"  # one line each, also in a log
        if remarks:
            yield ""

    def _end(self, counts: Tally, covered: Ledger) -> Iterator[str]:
        if covered.unknown:
            yield self._paint("Policies that are not known", _BOLD)
            several = len(self.report.inputs) > 1
            for path, place, because in covered.unknown[:_UNKNOWN_LINES]:
                prefix = f"{path}: " if several else ""
                yield from self._wrap("  ? ", f"{prefix}{place}: {because}", rest=" " * 6)
            if len(covered.unknown) > _UNKNOWN_LINES:
                yield f"  and {len(covered.unknown) - _UNKNOWN_LINES} more; --format json lists them"
            yield ""
        for count, one, many in (
            (counts.existing, "more was there already; --all shows it", "more were there already; --all shows them"),
            (counts.hidden, "less severe; --severity info shows it", "less severe; --severity info shows them"),
            (counts.suppressed, "suppressed", "suppressed"),
            (counts.fixed, "fixed by this change", "fixed by this change"),
        ):
            if count:
                yield f"{count} {one if count == 1 else many}"
        yield from self._wrap("", self._verdict(counts, covered))

    def _verdict(self, counts: Tally, covered: Ledger) -> str:
        """The last line."""
        opening = headline(self.report, self.view)
        if not any(item.status == "scanned" for item in self.report.inputs):
            return f"{_capital(opening)}."
        undecided = f"; {counts.undecided} not decided" if counts.undecided else ""
        return f"{_capital(opening)}{undecided}. {_capital(covered.sentence)}."

    def _wrap(self, first: str, text: str, rest: str | None = None) -> Iterable[str]:
        return textwrap.wrap(
            clean(" ".join(text.split())),
            self.width,
            initial_indent=first,
            subsequent_indent=first if rest is None else rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.view.colour else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _paragraphs(markdown: str) -> Iterator[str]:
    """Paragraphs of prose: what stands in fenced blocks is left out."""
    fenced = False
    for blank, lines in groupby(markdown.splitlines(), key=lambda line: not line.strip()):
        if blank:
            continue
        prose = []
        for line in lines:
            if line.lstrip().startswith("```"):
                fenced = not fenced
            elif not fenced:
                prose.append(line)
        if prose:
            yield " ".join(prose)


def _first_sentence(markdown: str) -> str:
    paragraph = next(_paragraphs(markdown), "")
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", paragraph, maxsplit=1)[0]


def short_fix(finding: Finding) -> str:
    """The first paragraph of the remedy; where code follows or leads, the way to the whole text."""
    page = f"iacscan explain {finding.code}"
    paragraph = next(_paragraphs(finding.remedy.partition("```")[0]), "")
    if paragraph.endswith(":"):
        return f"{paragraph[:-1]} ({page} shows how)"
    return paragraph or f"{page} shows how to write it"
