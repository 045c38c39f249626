"""The search for what policies allow and others are not proved to allow.

Each cell of the new policies is laid over the old Allows and Denies, region by region; what is left is a gap. A gap is not yet a
difference: the rules of proof are sufficient, not necessary. `containment` looks for a request that shows it.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from ..value import Maybe, Truth
from .action import ActionSet
from .applies import applies_to
from .callers import Callers
from .condition.implies import excludes, implies, negation
from .document import Condition, Principal
from .pattern import covers_together
from .resource_patterns import Budget, covered, plain
from .sets import Cell, Clause, Powers, Region, cells, is_never, places, without_resources
from .witness import Holding, Place

Conditions: TypeAlias = tuple[Maybe[Condition], ...]
Caller: TypeAlias = Maybe[Principal] | None

_NOTHING: Final = ActionSet()
_SPLITS: Final = 4  # Denies that a region is divided by
_CLASSES: Final = 64  # groups of actions for which patterns are taken together
_JOINT: Final = 16  # patterns of one statement that are taken together
_FEW: Final = 64  # actions of which each is asked whether it can be about a resource
_HINTS: Final = 4  # patterns of Denies in which a witness is looked for


class Gap(Struct, frozen=True):
    """Actions of one cell that are not proved to be allowed before, where, and by whom."""

    cell: Cell
    actions: ActionSet
    conditions: Conditions
    places: tuple[tuple[Region, Caller], ...]


def _joined(cell: Cell, found: dict[tuple[ActionSet, Conditions], list[tuple[Region, Caller]]]) -> Iterator[Gap]:
    """The gaps of a cell as a person would tell them: actions without resources go with the others, where there are any.

    On the pattern `*` they are missing too; on any other they are beside the point, whoever names them.
    """
    alone = {held: (part, where) for (part, held), where in found.items() if where[0][0].nowhere}
    told: set[Conditions] = set()
    for (actions, conditions), where in found.items():
        if where[0][0].nowhere:
            continue
        if any(region.text == "*" for region, _ in where):
            told.add(conditions)
            yield Gap(cell, actions | alone.get(conditions, (_NOTHING, ()))[0], conditions, tuple(where))
        else:
            yield Gap(cell, actions | (cell.may & without_resources()), conditions, tuple(where))
    yield from (Gap(cell, part, held, tuple(where)) for held, (part, where) in alone.items() if held not in told)


class Proof:
    """Looks for what is not covered, one cell of the new policies after the other."""

    def __init__(self, before: Holding, after: Holding) -> None:
        self._budget = Budget()
        self._layers = [Powers.of(before.documents)]
        if before.boundary is not None:
            self._layers.append(Powers.of((before.boundary,)))
        self._old_denies = _active(deny for layer in self._layers for deny in layer.denies)
        new = Powers.of(after.documents)
        cap = None if after.boundary is None else Powers.of((after.boundary,))
        self._new_denies = _active(new.denies + (() if cap is None else cap.denies))
        self._lost_denies = tuple(deny for deny in self._old_denies if not _is_kept(deny, self._new_denies))
        self._cells = cells(new, cap, self._budget)
        allows = [clause for layer in self._layers for clause in layer.allows]
        self._holes_matter = any(clause.statement.not_resources is not None for clause in allows)

    @property
    def exhausted(self) -> bool:
        """Whether the comparison was broken off."""
        return self._budget.exhausted

    def place(self, gap: Gap, region: Region, caller: Caller) -> Place:
        """Where to look for a witness: as little as possible of what the old Allows ask for, as much as possible of the Denies."""
        allows = (clause for layer in self._layers for clause in layer.allows if clause.possible.overlaps(gap.actions))
        denies = [clause for clause in self._old_denies if clause.possible.overlaps(gap.actions)]
        patterns = (part.text for deny in denies for part in deny.resources.meeting(region, self._budget))
        return Place(
            actions=gap.actions if region.nowhere or region.text == "*" else gap.actions - without_resources(),
            region=region,
            caller=caller,
            conditions=gap.conditions,
            missed=tuple(leaf for clause in allows for leaf in clause.conditions),
            met=tuple(leaf for deny in denies for leaf in deny.conditions),
            patterns=tuple(dict.fromkeys(text for text in patterns if text not in ("*", region.text)))[:_HINTS],
        )

    def gaps(self) -> Iterator[Gap]:
        """All that is not proved; within one cell, what is missing likewise in several places is one gap."""
        for cell in self._cells:
            if self._is_named(cell):
                continue
            found: dict[tuple[ActionSet, Conditions], list[tuple[Region, Caller]]] = {}
            for caller in cell.callers.parts():
                for actions, region in places(cell):
                    for missing, conditions, where in self._missing(actions, region, caller, cell):
                        rest = _applicable(missing, where)
                        if rest:
                            found.setdefault((rest, conditions), []).append((where, caller))
            yield from _joined(cell, found)

    def _is_named(self, cell: Cell) -> bool:
        """Whether one old Allow of each layer says all that a cell does in the same words, and no Deny comes into it."""
        if self._lost_denies or any(layer.unknown for layer in self._layers):
            return False
        texts = [region.text for region in cell.regions]
        return all(
            any(_says(clause, texts, cell.may, cell.callers, cell.conditions) for clause in layer.allows)
            for layer in self._layers
        )

    def _missing(
        self, actions: ActionSet, region: Region, caller: Caller, cell: Cell
    ) -> Iterator[tuple[ActionSet, Conditions, Region]]:
        """The actions that are not proved to be allowed before, and in which part of the region."""
        for part, conditions, holed in self._split(actions, region, caller, cell):
            rest = _NOTHING
            for layer in self._layers:
                rest |= self._uncovered(part, holed, caller, cell, conditions, layer)
            yield rest, conditions, holed
            for denied, where in self._denied_before(part - rest, holed, caller, conditions):
                yield denied, conditions, where

    def _split(
        self, actions: ActionSet, region: Region, caller: Caller, cell: Cell
    ) -> Iterator[tuple[ActionSet, Conditions, Region]]:
        """Take away what the new policies deny: whole, in parts, or under conditions, whose contrary then holds for what is left."""
        parts = [(actions, cell.conditions, region)]
        splits = 0
        for deny in self._new_denies:
            if not deny.certain.overlaps(actions) or deny.callers.cover(caller, cell.callers.excluded) is not Truth.YES:
                continue
            opposite = negation(deny.conditions[0]) if len(deny.conditions) == 1 else ()
            whole = deny.resources.covers(region, self._budget) is Truth.YES
            if whole and not deny.conditions:
                parts = [(part - deny.certain, held, where) for part, held, where in parts]
                continue
            holes = deny.statement.not_resources is None and self._holes_matter and not region.nowhere
            if splits == _SPLITS or not (opposite if deny.conditions else holes):
                continue
            splits += 1
            inside = [
                (part & deny.certain, (*held, *opposite), where)
                if whole
                else (part & deny.certain, held, where if deny.conditions else self._with_holes(where, deny))
                for part, held, where in parts
            ]
            parts = [(part - deny.certain, held, where) for part, held, where in parts] + inside
        yield from (item for item in parts if item[0])

    def _with_holes(self, region: Region, deny: Clause) -> Region:
        texts = tuple(deny.resources.texts.meeting(region.text, self._budget))
        return Region(region.text, region.holes + texts, region.certain)

    def _uncovered(
        self, actions: ActionSet, region: Region, caller: Caller, cell: Cell, conditions: Conditions, layer: Powers
    ) -> ActionSet:
        """The actions that no Allow of a layer is proved to allow in the region."""
        rest = actions
        candidates: list[Clause] = []
        for clause in layer.allows_near(region):
            if (
                not clause.certain.overlaps(rest)
                or clause.callers.cover(caller, cell.callers.excluded) is not Truth.YES
                or not implies(conditions, clause.conditions)
            ):
                continue
            if clause.resources.covers(region, self._budget) is Truth.YES:
                rest -= clause.certain
                if not rest:
                    return rest
            else:
                candidates.append(clause)
        return self._jointly(rest, region, candidates) if candidates and not region.nowhere else rest

    def _jointly(self, actions: ActionSet, region: Region, candidates: list[Clause]) -> ActionSet:
        """Leave out what several Allows cover only together: `a*` is within `a` and `a?*`."""
        classes: list[tuple[ActionSet, tuple[str, ...]]] = [(actions, ())]
        for clause in candidates:
            if clause.statement.not_resources is not None or len(classes) > _CLASSES:
                continue
            near = tuple(clause.resources.texts.meeting(region.text, self._budget))
            if 0 < len(near) <= _JOINT and not self._budget.exhausted:
                inside = [(part & clause.certain, texts + near) for part, texts in classes]
                outside = [(part - clause.certain, texts) for part, texts in classes]
                classes = [item for item in inside + outside if item[0]]
        rest = ActionSet()
        for part, texts in classes:
            if len(texts) < 2 or not _plainly_together(texts, region.text):  # noqa: PLR2004  # one alone was asked already
                rest |= part
        return rest

    def _denied_before(
        self, actions: ActionSet, region: Region, caller: Caller, conditions: Conditions
    ) -> Iterator[tuple[ActionSet, Region]]:
        """The actions that the old policies may deny somewhere in the region, and where, unless the new ones deny as much."""
        if not actions:
            return
        if any(layer.unknown for layer in self._layers):
            yield actions, region
            return
        for deny in self._lost_denies:
            hit = deny.possible & actions
            if not hit or deny.callers.meet(caller) is Truth.NO or excludes(conditions, deny.conditions):
                continue
            parts = deny.resources.meeting(region, self._budget)
            denied = self._still_denied(hit, deny, region, parts, caller, conditions) if parts else None
            if denied:
                yield from ((denied, _part_of(region, part)) for part in parts)

    def _still_denied(
        self,
        hit: ActionSet,
        deny: Clause,
        region: Region,
        parts: tuple[Region, ...],
        caller: Caller,
        conditions: Conditions,
    ) -> ActionSet:
        """What the new policies do not deny of what an old Deny takes away."""
        for other in self._new_denies:
            if other.certain.overlaps(hit) and implies((*conditions, *deny.conditions), other.conditions):
                callers = other.callers.cover(caller) is Truth.YES or all(
                    other.callers.cover(item, deny.callers.excluded) is Truth.YES for item in deny.callers.parts()
                )
                resources = other.resources.covers(region, self._budget) is Truth.YES or all(
                    other.resources.covers(part, self._budget) is Truth.YES for part in parts
                )
                if callers and resources:
                    hit -= other.certain
        return hit


def _is_kept(deny: Clause, denies: Iterable[Clause]) -> bool:
    """Whether one of some Denies says all that another does in the same words."""
    texts = deny.resources.texts
    plain_ = texts.complete and not deny.resources.excluded.texts and deny.resources.excluded.complete
    return plain_ and any(_says(other, texts.texts, deny.possible, deny.callers, deny.conditions) for other in denies)


def _says(clause: Clause, texts: Iterable[str], actions: ActionSet, callers: Callers, conditions: Conditions) -> bool:
    """Whether a statement is plainly about some actions on some patterns, by some callers, under some conditions."""
    return (
        clause.resources.has_all(texts)
        and clause.certain.covers(actions)
        and implies(conditions, clause.conditions)
        and all(clause.callers.cover(item, callers.excluded) is Truth.YES for item in callers.parts())
    )


def _part_of(region: Region, part: Region) -> Region:
    """What a part has in common with its region; where that is no single pattern, the region."""
    if region.nowhere or covered(region.text, part.text) is not Truth.YES:
        return region
    return Region(part.text, region.holes + part.holes, region.certain)


def _applicable(actions: ActionSet, region: Region) -> ActionSet:
    """Leave out of a few actions those that cannot be about anything in the region, as `s3:GetObject` about a bucket."""
    if region.nowhere or region.text == "*" or not 0 < len(actions) <= _FEW or actions.unknown:
        return actions
    names = actions.names()
    beside = [name for name in names if applies_to(name, plain(region.text)) is Truth.NO]
    return actions - ActionSet.of(beside) if beside else actions


def _active(denies: Iterable[Clause]) -> tuple[Clause, ...]:
    """Denies that can apply to some request."""
    return tuple(deny for deny in denies if not is_never(deny.conditions))


def _plainly_together(texts: tuple[str, ...], inner: str) -> bool:
    plain_texts = all("⟦" not in text and "${" not in text for text in (*texts, inner))
    return plain_texts and covers_together(texts, inner) is Truth.YES
