"""What the policies of one principal let it do, as a set of cells: actions, resources, callers, conditions.

A cell is one Allow (or one Allow within one of the permissions boundary) with the Denies taken away. Actions are kept twice: `must` are
allowed for certain on all resources of the cell whenever its conditions hold, `may` are all that might be. A Deny of a part of the
resources, or under conditions, takes its actions out of `must` only; what it leaves over is for `containment` to find out.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ..value import Maybe, Truth, Unknown, all_of
from .action import ActionSet, everything, published, scopable
from .callers import Callers
from .condition.implies import excludes
from .condition.judge import TOP, holds
from .document import Condition, PolicyDocument, Statement
from .grant import possible_actions, statement_actions
from .resource_patterns import Budget, Index, Patterns, covered, meets, prepared

_NOTHING: Final = ActionSet()
_ANY: Final = Statement(actions=("*",), resources=("*",))


class Region(Struct, frozen=True, gc=False):
    """The resources that one prepared pattern means, without those of the `holes`.

    Where it is not `certain`, it may be smaller. `nowhere` is the place of the actions that work on no resource: a
    request for one has the resource `*`, which only a pattern that matches everything means.
    """

    text: str
    holes: tuple[str, ...] = ()
    certain: bool = True
    nowhere: bool = False

    def excludes(self, text: str) -> bool:
        """Whether all that a prepared text means lies in one of the holes."""
        return any(covered(hole, text) is Truth.YES for hole in self.holes)


class Resources:
    """The resources of a statement: those of some patterns, without those of others."""

    def __init__(self, texts: Patterns, excluded: Patterns) -> None:
        self.texts = texts
        self.excluded = excluded

    @cached_property
    def has_nowhere(self) -> Truth:
        """Whether it means the resource `*` of actions that work on no resource."""
        return all_of((self.texts.covers("*", Budget()), ~self.excluded.covers("*", Budget())))

    def has_all(self, texts: Iterable[str]) -> bool:
        """Whether prepared patterns stand here themselves, and nothing is excluded."""
        return self.excluded.complete and not self.excluded.texts and self.texts.has_all(texts)

    def covers(self, region: Region, budget: Budget) -> Truth:
        """Whether all of a region is meant."""
        if region.nowhere:
            return self.has_nowhere
        answer = self.texts.covers(region.text, budget)
        if answer is Truth.NO or (self.excluded.complete and not self.excluded.texts):
            return answer
        clear = Truth.YES if self.excluded.complete else Truth.UNKNOWN
        for pattern in self.excluded.meeting(region.text, budget):
            if not region.excludes(pattern):
                clear = Truth.UNKNOWN
                if covered(pattern, region.text) is Truth.YES:
                    return Truth.NO
        return all_of((answer, clear))

    def meeting(self, region: Region, budget: Budget) -> tuple[Region, ...]:
        """The parts of a region that may be meant; none if it is certainly left alone."""
        if region.nowhere:
            return () if self.has_nowhere is Truth.NO else (region,)
        if any(covered(pattern, region.text) is Truth.YES for pattern in self.excluded.meeting(region.text, budget)):
            return ()
        if not self.texts.complete or budget.exhausted:
            return (region,)
        found = [text for text in self.texts.meeting(region.text, budget) if not region.excludes(text)]
        if region.text in found or "*" in found:
            return (Region(region.text, region.holes + self.excluded.texts, region.certain),)
        return tuple(Region(text, self.excluded.texts) for text in found)

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """One region for each pattern; one that may be anything for patterns that are not known."""
        certain = self.excluded.complete
        known = tuple(Region(text, self.excluded.texts, certain) for text in self.texts.texts)
        if self.excluded.texts:
            known = tuple(region for region in known if not region.excludes(region.text))
        return known if self.texts.complete else (*known, Region("*", certain=False))


@lru_cache(maxsize=2048)
def _patterns(texts: tuple[Maybe[str], ...], expands: bool) -> Patterns:  # noqa: FBT001  # a cache has no keywords
    return Patterns(texts, expands=expands)


@lru_cache(maxsize=2048)
def _resources(
    texts: tuple[Maybe[str], ...] | None,
    excluded: tuple[Maybe[str], ...] | None,
    expands: bool,  # noqa: FBT001  # likewise
) -> Resources:
    star = excluded is not None or texts is None
    return Resources(_patterns(("*",) if star else texts or (), expands), _patterns(excluded or (), expands))


class Clause(Struct, frozen=True, gc=False):
    """A statement made ready to be compared.

    `certain` are the actions that it certainly names, `possible` all that it may. `conditions` are in prepared form.
    """

    statement: Statement
    certain: ActionSet
    possible: ActionSet
    conditions: tuple[Maybe[Condition], ...]
    resources: Resources
    callers: Callers

    @staticmethod
    def of(statement: Statement, *, expands: bool) -> "Clause":
        """Make a statement ready; `expands` says whether its document replaces policy variables."""
        certain, unknown = statement_actions(statement)
        return Clause(
            statement=statement,
            certain=certain if isinstance(statement.effect, str) else _NOTHING,
            possible=possible_actions(statement) if unknown else certain,
            conditions=_prepared(statement.conditions, expands=expands),
            resources=_resources(statement.resources, statement.not_resources, expands),
            callers=Callers.of(statement),
        )


class Cell(Struct, frozen=True, gc=False):
    """One Allow, or an Allow and one of the boundary (`statements`), with what Denies leave of it.

    `must` and `may` are sets of actions; `regions` the resources, `callers` the principals (None: the holder).
    """

    statements: tuple[Statement, ...]
    must: ActionSet
    may: ActionSet
    regions: tuple[Region, ...]
    callers: Callers
    conditions: tuple[Maybe[Condition], ...] = ()


class Powers(Struct, frozen=True, dict=True):
    """Allows and Denies of several documents that apply together; `unknown` is what is missing of them as a whole."""

    allows: tuple[Clause, ...]
    denies: tuple[Clause, ...]
    unknown: tuple[Unknown, ...] = ()

    @staticmethod
    def of(documents: Iterable[Maybe[PolicyDocument]]) -> "Powers":
        """Take documents apart. A statement whose effect is not known is both an Allow and a Deny of nothing certain."""
        allows: list[Clause] = []
        denies: list[Clause] = []
        unknown: list[Unknown] = []
        for document in documents:
            if isinstance(document, Unknown):
                unknown.append(document)
                continue
            unknown.extend(document.unknown)
            for clause in _clauses(document):
                if clause.statement.effect != "Deny":
                    allows.append(clause)
                if clause.statement.effect != "Allow":
                    denies.append(clause)
        return Powers(tuple(allows), tuple(denies), tuple(unknown))

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """What is allowed: Allow minus Deny."""
        return cells(self)

    def allows_near(self, region: Region) -> list[Clause]:
        """The Allows that may mean something in a region, those first that name the very pattern: they need no comparison."""
        if region.nowhere:
            return list(self.allows)
        numbers = sorted(set(self._index.near(region.text)))
        found = [self.allows[number] for number in numbers]
        return sorted(found, key=lambda item: not item.resources.texts.has(region.text)) if len(found) > 1 else found

    @cached_property
    def _index(self) -> Index[int]:
        """The Allows by the patterns of their resources."""
        return Index(
            (text, number) for number, clause in enumerate(self.allows) for text in clause.resources.texts.texts
        )


@lru_cache(maxsize=512)
def _clauses(document: PolicyDocument) -> tuple[Clause, ...]:
    expands = document.version == "2012-10-17"
    found: list[Clause] = []
    for statement in document.statements:
        if document.unknown_version is not None and _has_variable(statement):
            statement = replace(statement, effect=Unknown(document.unknown_version.because))  # noqa: PLW2901  # a doubt of ours
        found.append(Clause.of(statement, expands=expands))
    return tuple(found)


def _has_variable(statement: Statement) -> bool:
    values = (value for leaf in statement.conditions if isinstance(leaf, Condition) for value in leaf.values)
    texts = (*(statement.resources or ()), *(statement.not_resources or ()), *values)
    return any(isinstance(text, str) and "${" in text for text in texts)


def _prepared(conditions: tuple[Maybe[Condition], ...], *, expands: bool) -> tuple[Maybe[Condition], ...]:
    if expands or not conditions:
        return conditions
    return tuple(
        replace(leaf, values=tuple(value if isinstance(value, Unknown) else prepared(value, expands=False) for value in leaf.values))
        if isinstance(leaf, Condition)
        else leaf
        for leaf in conditions
    )  # fmt: skip


@lru_cache(maxsize=4096)
def is_never(conditions: tuple[Maybe[Condition], ...]) -> bool:
    """Whether no request satisfies the conditions: one of them alone, or two together."""
    if holds(conditions, TOP) is Truth.NO:
        return True
    return len(conditions) > 1 and any(
        excludes((one,), (other,))
        for one, other in combinations(conditions, 2)
        if isinstance(one, Condition) and isinstance(other, Condition) and one.key.lower() == other.key.lower()
    )


def allowed(
    documents: Iterable[Maybe[PolicyDocument]], boundary: Maybe[PolicyDocument] | None = None
) -> tuple[Cell, ...]:
    """What documents of one principal allow together, within its permissions boundary if it has one."""
    powers = Powers.of(documents)
    return powers.cells if boundary is None else cells(powers, Powers.of((boundary,)))


def cells(powers: Powers, boundary: Powers | None = None, budget: Budget | None = None) -> tuple[Cell, ...]:
    """Allow minus Deny, within a boundary. `may` is empty in no cell that is returned."""
    budget = budget or Budget()
    denies = tuple(deny for layer in (powers, boundary) if layer is not None for deny in layer.denies)
    doubt = bool(powers.unknown or (boundary is not None and boundary.unknown))
    granted = _granted(powers, boundary, budget)
    if denies or doubt:
        granted = (_without(cell, denies, budget, doubt=doubt) for cell in granted)
    return tuple(cell for cell in granted if cell.may)


def _granted(powers: Powers, boundary: Powers | None, budget: Budget) -> Iterator[Cell]:
    for cell in _cells(powers):
        if boundary is None:
            yield cell
        else:
            yield from (both for cap in _cells(boundary) if (both := _within(cell, cap, budget)) is not None)


def _cells(powers: Powers) -> Iterator[Cell]:
    for clause in powers.allows:
        if clause.conditions and is_never(clause.conditions):
            continue
        must = clause.certain if clause.statement.effect == "Allow" else _NOTHING
        yield Cell(
            (clause.statement,), must, clause.possible, clause.resources.regions, clause.callers, clause.conditions
        )
    if powers.unknown:
        anyone = Callers((powers.unknown[0],)) if any(item.callers.named for item in powers.allows) else Callers(None)
        yield Cell((_ANY,), _NOTHING, everything(), (Region("*", certain=False),), anyone, powers.unknown)


def _within(cell: Cell, cap: Cell, budget: Budget) -> Cell | None:
    """What two cells allow both. Of two patterns that overlap, the first stands for both, and may be too much."""
    may = cell.may & cap.may
    if not may:
        return None
    regions: list[Region] = []
    for one in cell.regions:
        for other in cap.regions:
            regions.extend(_common(one, other, budget))
    if not regions:
        return None
    return Cell(
        statements=cell.statements + cap.statements,
        must=cell.must & cap.must if all(region.certain for region in regions) else _NOTHING,
        may=may,
        regions=tuple(dict.fromkeys(regions)),
        callers=cell.callers,
        conditions=cell.conditions + cap.conditions,
    )


def _common(one: Region, other: Region, budget: Budget) -> Iterator[Region]:
    """The region that two have in common, or one that is too large; nothing if they have nothing in common."""
    holes = tuple(dict.fromkeys(one.holes + other.holes))
    both = Region(one.text, holes, certain=False)
    if not budget.spend() or covered(other.text, one.text) is Truth.YES:
        both = Region(one.text, holes, one.certain and other.certain and not budget.exhausted)
    elif covered(one.text, other.text) is Truth.YES:
        both = Region(other.text, holes, one.certain and other.certain)
    elif meets(one.text, other.text) is Truth.NO:
        return
    if not both.excludes(both.text):
        yield both


def _without(cell: Cell, denies: Iterable[Clause], budget: Budget, *, doubt: bool) -> Cell:
    """Take Denies away: from `may` what is certainly denied on everything, from `must` all that may be denied."""
    must, may = _NOTHING if doubt else cell.must, cell.may
    for deny in denies:
        if not deny.possible.overlaps(may):
            continue
        if must and _touches(deny, cell, budget):
            must -= deny.possible - without_resources() if deny.resources.has_nowhere is Truth.NO else deny.possible
        if not deny.conditions and deny.certain.overlaps(may) and _covers(deny, cell, budget):
            may -= deny.certain
    return cell if must is cell.must and may is cell.may else replace(cell, must=must, may=may)


def _touches(deny: Clause, cell: Cell, budget: Budget) -> bool:
    """Whether a Deny may be about some part of a cell."""
    if deny.conditions and (is_never(deny.conditions) or excludes(cell.conditions, deny.conditions)):
        return False
    callers = any(deny.callers.meet(caller) is not Truth.NO for caller in cell.callers.parts())
    return callers and any(deny.resources.meeting(region, budget) for region in cell.regions)


def _covers(deny: Clause, cell: Cell, budget: Budget) -> bool:
    callers = all(deny.callers.cover(caller, cell.callers.excluded) is Truth.YES for caller in cell.callers.parts())
    return callers and all(deny.resources.covers(region, budget) is Truth.YES for region in cell.regions)


@lru_cache(maxsize=1)
def without_resources() -> ActionSet:
    """The published actions that work on no resource: they are asked for on `*` only."""
    return published() - scopable()


def places(cell: Cell) -> Iterator[tuple[ActionSet, Region]]:
    """The actions that a cell may allow with the regions that they may be allowed on, each where it can be asked for."""
    alone = cell.may & without_resources()
    if alone:
        stars = [
            region for region in cell.regions if covered(region.text, "*") is Truth.YES and not region.excludes("*")
        ]
        if stars:
            yield alone, Region("*", certain=any(region.certain for region in stars), nowhere=True)
    rest = cell.may - without_resources()
    if rest:
        yield from ((rest, region) for region in cell.regions)
