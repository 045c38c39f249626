"""What is scanned together is told together: each resource's findings once, where it stands, and each fault by one rule."""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from .finding import Finding, Origin, Related, State
from .load.block import Loaded, Side
from .report import Input
from .suppress import Faulty, Ignore

_NEWS: Final = frozenset({State.NEW, State.WORSE})


class Scanned(Struct, frozen=True):
    """One input: how much of it was read, and what was found; the suppressions in its source, and those that were used.

    `source` is the directory of the source that a plan was read together with; `beside` and `faults` are as in
    `load.block.Loaded`.
    """

    read: Input
    findings: tuple[Finding, ...] = ()
    source: str = ""
    written: tuple[Ignore | Faulty, ...] = ()
    used: frozenset[str] = frozenset()
    beside: Mapping[str, str] = {}
    faults: tuple[tuple[str, str], ...] = ()


def unreadable(results: Iterable[Scanned], known: Iterable[Input]) -> Iterator[Input]:
    """The files that inputs are made of and that cannot be read, each once, and not if it is an input itself."""
    given = tuple(results)
    told = {item.path for item in (*known, *(result.read for result in given))}
    for file, error in (fault for result in given for fault in result.faults):
        if file not in told:
            told.add(file)
            yield Input(path=file, status="unreadable", error=error)


def alone(loaded: Loaded) -> Loaded:
    """An input without what was put beside it."""
    if not loaded.beside:
        return loaded
    prefixes = tuple(loaded.beside)

    def own(side: Side) -> Side:
        return Side([block for block in side.blocks if not block.address.startswith(prefixes)])

    variants = tuple(replace(item, side=own(item.side)) for item in loaded.variants)
    return replace(loaded, after=own(loaded.after), variants=variants, beside={})


def about(findings: Iterable[Finding], beside: Mapping[str, str]) -> list[Finding]:
    """The findings that are about an input itself, or about what is beside it because of something in the input."""
    prefixes = tuple(beside)

    def is_own(origin: Origin) -> bool:
        return not origin.address.startswith(prefixes)

    return [
        finding
        for finding in findings
        if is_own(finding.subject) or any(is_own(item.origin) for item in finding.related)
    ]


def said_once(results: Iterable[Scanned]) -> Iterator[Finding]:
    """All findings, each resource's once: where a plan and its source are both scanned, only what the plan says of it.

    What one template says of a resource in another one is left out if that one's own scan says it.
    """
    given = tuple(results)
    told = {
        (os.path.realpath(result.source), finding.code, finding.subject.address)
        for result in given
        for finding in (result.findings if result.source else ())
    }
    at_home = {
        (result.read.path, finding.code, finding.subject.address)
        for result in (given if any(result.beside for result in given) else ())
        for finding in result.findings
    }
    for result in given:
        place = os.path.realpath(result.read.path) if result.read.kind == "terraform-source" else ""
        for item in result.findings:
            address = item.subject.address
            homes = (
                (path, address.removeprefix(start))
                for start, path in result.beside.items()
                if address.startswith(start)
            )
            if (place, item.code, address) not in told and not any(
                (path, item.code, at) in at_home for path, at in homes
            ):
                yield item


def told_once(findings: Iterable[Finding], tells: Mapping[str, Collection[str]]) -> list[Finding]:
    """Leave out what another finding tells better, and say there what it adds. `tells` has the rules that do, by code.

    Another finding tells it if it names the place, as its subject or a related one, and speaks of all that this one is about:
    the same things (`Finding.about`) or, where a rule does not say, the same evidence. It has to be as grave, as sure and as new:
    what is news is never told by what was there before. Who ignores one rule ignores no other, so both are suppressed
    or none is.
    """
    given = list(findings)
    told = frozenset(code for codes in tells.values() for code in codes)
    at: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for item in given:
        if item.code in tells:
            for address in {item.subject.address, *(related.origin.address for related in item.related)}:
                at[item.subject.input, address].append(item)
    by = {
        id(item): max(tellers, key=lambda teller: teller.severity)
        for item in given
        if item.code in told
        and (tellers := [one for one in at[item.subject.input, item.subject.address] if _tells(one, item, tells)])
    }
    added: defaultdict[int, list[Related]] = defaultdict(list)
    for item in given:
        if id(item) in by:
            teller = by[id(item)]
            while id(teller) in by:
                teller = by[id(teller)]
            added[id(teller)].append(Related(item.subject, f"{item.message} ({item.code})"))
    return [
        replace(item, related=(*item.related, *added[id(item)])) if id(item) in added else item
        for item in given
        if id(item) not in by
    ]


def _tells(teller: Finding, other: Finding, tells: Mapping[str, Collection[str]]) -> bool:
    """Whether one finding tells another one of the same place."""
    return (
        other.code in tells[teller.code]
        and teller.severity >= other.severity
        and teller.verdict == "violation"
        and teller.suppressed == other.suppressed
        and _is_as_new(teller.state, other.state)
        and {*(other.about or other.evidence)} <= {*teller.about, *teller.evidence}
    )


def _is_as_new(state: State, other: State) -> bool:
    if State.FIXED in (state, other):
        return state is other
    return state in _NEWS or other not in _NEWS
