"""What was found before and is to be dealt with later: findings in a file, so that only new and worse ones fail a run.

An entry is a finding without its place: the rule, what it is about, and the values that decide. So it outlives moved lines and
another order of resources, and dies when its finding grows worse: whether it has is asked as of a change (`change.compare`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .change import NOTHING, compare
from .errors import UsageError
from .finding import Confidence, Finding, Origin, Related, Severity, State

VERSION: Final = 1
MAX_BYTES: Final = 50_000_000


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """A resource by address and type."""

    address: str
    type: str


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One finding that is known. `with` are the other resources that take part; `message` counts where there is no evidence."""

    code: str
    subject: Place
    severity: Literal["info", "low", "medium", "high", "critical"]
    verdict: Literal["violation", "undecided"]
    message: str
    key: str = ""
    evidence: tuple[str, ...] = ()
    related: tuple[Place, ...] = msgspec.field(default=(), name="with")


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known, by the path of the input."""

    version: int
    inputs: dict[str, tuple[Entry, ...]]

    @property
    def size(self) -> int:
        """The number of entries."""
        return sum(map(len, self.inputs.values()))


def write(findings: Iterable[Finding]) -> str:
    """The text of a baseline of these findings: sorted, so that a new one differs from the old in what has changed only.

    Left out are findings that the change removes, and those that are suppressed.
    """
    inputs: dict[str, list[Entry]] = {}
    for finding in findings:
        if finding.state is not State.FIXED and not finding.suppressed:
            inputs.setdefault(finding.subject.input, []).append(_entry(finding))
    ordered = {path: tuple(sorted(entries, key=_rank)) for path, entries in sorted(inputs.items())}
    return msgspec.json.format(msgspec.json.encode(Baseline(VERSION, ordered)), indent=2).decode() + "\n"


def read(text: bytes, name: str) -> Baseline:
    """Decode a baseline; `name` is what to call it. Raises UsageError if it is none, or of another version."""
    advice = f"make it again: iacscan baseline PATH... > {name}"
    if len(text) > MAX_BYTES:
        message = f"the baseline {name} is too large ({len(text):,} bytes); {advice}"
        raise UsageError(message)
    try:
        found = msgspec.json.decode(text, type=Baseline)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"the baseline {name} cannot be read ({error}); {advice}"
        raise UsageError(message) from error
    if found.version != VERSION:
        message = f"the baseline {name} has version {found.version}, not {VERSION}; {advice}"
        raise UsageError(message)
    return found


class Judged(Struct, frozen=True):
    """Findings with their states, and how many entries of inputs that were scanned had no finding any more."""

    findings: tuple[Finding, ...]
    gone: int


def judge(
    findings: Iterable[Finding],
    baseline: Baseline,
    scanned: Iterable[str],
    includes: Mapping[str, Sequence[str]],
    leaves: Mapping[str, Collection[str]] = NOTHING,
) -> Judged:
    """Give findings that the baseline knows the state existing, and those that have grown beyond it the state worse.

    What the change itself leaves as it was stays existing, whatever the baseline says. Inputs are paired by path; one alone on
    each side is a pair, too, for a plan may have another name each time. `includes` and `leaves` as in
    `change.compare`.
    """
    by_input: dict[str, list[Finding]] = {path: [] for path in scanned}
    judged: list[Finding] = []
    for finding in findings:
        if finding.state is State.FIXED or finding.suppressed:
            judged.append(finding)
        else:
            by_input.setdefault(finding.subject.input, []).append(finding)
    known = _paired(baseline, by_input)
    gone = 0
    for path, found in by_input.items():
        # The states that the change gave are set apart: findings are compared with the baseline alone.
        given = {replace(item, state=State.NEW): item.state for item in found}
        for item in compare([_finding(entry) for entry in known.get(path, ())], found, includes, leaves):
            if item.state is State.FIXED:
                gone += 1
            else:
                judged.append(replace(item, state=_settled(given[replace(item, state=State.NEW)], item.state)))
    return Judged(tuple(judged), gone)


def _settled(by_change: State, by_baseline: State) -> State:
    if State.EXISTING in (by_change, by_baseline):
        return State.EXISTING
    return State.WORSE if State.WORSE in (by_change, by_baseline) else State.NEW


def _paired(baseline: Baseline, scanned: Iterable[str]) -> dict[str, tuple[Entry, ...]]:
    """The entries for each input."""
    paths = list(scanned)
    if len(paths) == len(baseline.inputs) == 1:
        return dict(zip(paths, baseline.inputs.values(), strict=True))
    return {path: baseline.inputs[path] for path in paths if path in baseline.inputs}


def _entry(finding: Finding) -> Entry:
    # Converted, not constructed: the literals are checked where the program holds plain strings.
    return msgspec.convert(
        {
            "code": finding.code,
            "subject": _place(finding.subject),
            "severity": finding.severity.label,
            "verdict": finding.verdict,
            "message": finding.message,
            "key": finding.key,
            "evidence": finding.evidence,
            "with": [_place(item.origin) for item in finding.related],
        },
        Entry,
    )


def _finding(entry: Entry) -> Finding:
    """The finding that an entry was made of, as far as `change.compare` asks."""
    return Finding(
        code=entry.code,
        name="",
        tip=0,
        severity=Severity[entry.severity.upper()],
        confidence=Confidence.LOW,
        verdict=entry.verdict,
        state=State.EXISTING,
        subject=Origin(entry.subject.address, entry.subject.type),
        related=tuple(Related(Origin(place.address, place.type), "") for place in entry.related),
        message=entry.message,
        evidence=entry.evidence,
        remedy="",
        fingerprint="",
        key=entry.key,
    )


def _place(origin: Origin) -> Place:
    return Place(origin.address, origin.type)


def _rank(entry: Entry) -> tuple[str, str, str, tuple[str, ...], str]:
    return (entry.subject.address, entry.code, entry.key, entry.evidence, entry.message)
