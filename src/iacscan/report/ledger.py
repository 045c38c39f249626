"""The ledger: how many policies could be judged, and how many findings there are of each kind."""

from collections import Counter

from msgspec import Struct

from ..finding import Finding, Severity, State
from . import Report, View


class Ledger(Struct, frozen=True, kw_only=True):
    """Totals over all inputs. `unknown` holds (input, address.attribute, reason) of every policy that could not be read."""

    analysed: int
    partial: int
    unknown: tuple[tuple[str, str, str], ...]

    @property
    def policies(self) -> int:
        """All policies that were met."""
        return self.analysed + self.partial + len(self.unknown)

    @property
    def sentence(self) -> str:
        """The ledger in one sentence without a full stop, e.g. `analysed 41 of 44 policies; 3 unknown`."""
        noun = "policy" if self.policies == 1 else "policies"
        parts = [f"analysed {self.analysed} of {self.policies} {noun}"]
        if self.partial:
            parts.append(f"{self.partial} partly known")
        if self.unknown:
            parts.append(f"{len(self.unknown)} unknown")
        return "; ".join(parts)


class Tally(Struct, frozen=True, kw_only=True):
    """Findings, counted once each in the first of these that fits; `listed` is by severity, worst first."""

    fixed: int
    suppressed: int
    existing: int
    hidden: int
    undecided: int
    listed: tuple[tuple[Severity, int], ...]
    worse: int  # of those listed

    @property
    def sentence(self) -> str:
        """What is listed, e.g. `3 findings: 1 critical, 2 high (1 worse than before)`."""
        total = sum(count for _, count in self.listed)
        if not total:
            return "no findings"
        severities = ", ".join(f"{count} {severity.label}" for severity, count in self.listed)
        worse = f" ({self.worse} worse than before)" if self.worse else ""
        return f"{total} finding{'s' if total > 1 else ''}: {severities}{worse}"


def ledger(report: Report) -> Ledger:
    """Add up the coverage of all inputs."""
    return Ledger(
        analysed=sum(item.coverage.analysed for item in report.inputs),
        partial=sum(item.coverage.partial for item in report.inputs),
        unknown=tuple((item.path, *entry) for item in report.inputs for entry in item.coverage.unknown),
    )


def tally(report: Report, view: View) -> Tally:
    """Count the findings as the view sorts them."""
    kinds = Counter(_kind(finding, view) for finding in report.findings)
    listed = [finding for finding in report.findings if _kind(finding, view) == "listed"]
    severities = Counter(finding.severity for finding in listed)
    return Tally(
        fixed=kinds["fixed"],
        suppressed=kinds["suppressed"],
        existing=kinds["existing"],
        hidden=kinds["hidden"],
        undecided=kinds["undecided"],
        listed=tuple(sorted(severities.items(), reverse=True)),
        worse=sum(finding.state is State.WORSE for finding in listed),
    )


def headline(report: Report, view: View) -> str:
    """The verdict in a few words without a full stop. It never says "none" of more than was looked at."""
    if not any(item.status == "scanned" for item in report.inputs):
        return "nothing was scanned"
    counts, covered = tally(report, view), ledger(report)
    if counts.listed:
        return counts.sentence
    opening = "no new or worse findings" if counts.existing else "no findings"
    doubts = covered.partial or covered.unknown or counts.undecided
    if doubts or any(item.status != "scanned" or not item.complete or item.unseen for item in report.inputs):
        opening += " in what could be judged"
    return opening


def _kind(finding: Finding, view: View) -> str:
    if finding.state is State.FIXED:
        return "fixed"
    if finding.suppressed:
        return "suppressed"
    if not view.gate.concerns(finding):
        return "existing"
    if not view.shows(finding):
        return "hidden"
    return "undecided" if finding.verdict == "undecided" else "listed"
