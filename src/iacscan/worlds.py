"""What a template may be: findings of all the worlds that its open choices make, each told with the choice that it takes.

In the world as it stands, resources whose condition is not decided are there and may yet exclude each other: a function
under one condition and a policy under its opposite give nobody anything.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

from .change import besides
from .finding import Finding
from .load.block import Block
from .model.estate import Coverage


class World(Struct, frozen=True):
    """What is found in one world. `unsure` are the addresses of resources that may be there or not."""

    found: tuple[Finding, ...]
    unsure: frozenset[str] = frozenset()


def world(found: Iterable[Finding], blocks: Iterable[Block]) -> World:
    """A world by its findings and its resources."""
    return World(tuple(found), frozenset(block.address for block in blocks if block.possible))


def told(
    as_it_stands: World, others: Sequence[tuple[str, World]], excludes: Callable[[str, str], bool] | None
) -> list[Finding]:
    """The findings of all worlds. `others` have a clause that says when they are so: "when condition IsPublic is true".

    `excludes` tells of two resources by their addresses whether they are never there at once.
    """
    findings = list(_possible(as_it_stands, excludes))
    for label, other in others:
        more = tuple(besides(findings, tuple(_possible(other, excludes))))
        findings.extend(replace(finding, message=f"{finding.message}, {label}") for finding in more)
    return findings


def covered(as_it_stands: Coverage, others: Iterable[tuple[str, Coverage]]) -> Coverage:
    """How much could be judged, with the policies that only stand in another world: each counts once, as it is known least.

    A policy that stands in the world as it is counts as it does there. What comes back has no `places`.
    """
    here = {*as_it_stands.places, *(place for place, _ in as_it_stands.unknown)}
    read: dict[str, bool] = {}
    unknown: dict[str, str] = {}
    for label, other in others:
        for place, whole in other.places.items():
            if place not in here:
                read[place] = whole and read.get(place, True)
        for place, because in other.unknown:
            if place not in here:
                unknown.setdefault(place, f"{because}, {label}")
    known = [whole for place, whole in read.items() if place not in unknown]
    return Coverage(
        as_it_stands.analysed + sum(known),
        as_it_stands.partial + len(known) - sum(known),
        (*as_it_stands.unknown, *unknown.items()),
    )


def _possible(here: World, excludes: Callable[[str, str], bool] | None) -> Iterator[Finding]:
    """The findings of a world that do not rest on resources which exclude each other."""
    for finding in here.found:
        named = {finding.subject.address, *(related.origin.address for related in finding.related)} & here.unsure
        if excludes is None or not any(excludes(one, other) for one, other in combinations(sorted(named), 2)):
            yield finding
