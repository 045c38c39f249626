"""Inputs that are scanned together: what is said of one resource is said once, where the resource stands."""

import os
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from .finding import Finding, Origin
from .load.block import Loaded, Side
from .report import Input
from .suppress import Faulty, Ignore


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
