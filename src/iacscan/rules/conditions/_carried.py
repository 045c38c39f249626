"""What the rules about keys that no request carries have in common: IAM520 for keys of services, IAM524 for tags, IAM535 for listings of S3."""

from collections.abc import Callable, Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.condition.operators import Family, parse_operator
from ...policy.condition.support import Support, named_actions, support
from ...policy.describe import describe
from ...policy.grant import possible_actions
from ...value import Truth
from .._rule import Verdict, World
from ._leaves import Leaf, Place, leaves
from ._order import is_told_by_another

_SHOWN: Final = 3
_Done = set[tuple[str, int, str]]


def verdicts(world: World, code: str, is_about: Callable[[str], bool]) -> Iterator[Verdict]:
    """Verdicts on conditions on a key that none of the statement's actions can carry, or not all that it names.

    `is_about` chooses the keys. A statement is reported once for each key.
    """
    done: _Done = set()
    for leaf in leaves(world):
        key = leaf.condition.key
        if not is_about(key):
            continue
        found = support(key, leaf.statement)
        place = (leaf.place.origin.address, leaf.statement.index, key.lower())
        if found is None or not found.lacking or place in done or is_told_by_another(leaf, code):
            continue
        verdict = _part(leaf, found) if found.carrying else _whole(leaf, found)
        if verdict is not None:
            done.add(place)
            yield verdict


def _whole(leaf: Leaf, found: Support) -> Verdict | None:
    """None of the actions carries the key."""
    holds = leaf.holds_without_key
    operator = parse_operator(leaf.condition.operator)
    if operator is None or (operator.family is Family.NULL and holds is not False and leaf.denies is Truth.NO):
        return None  # an Allow that asks for the key to be absent, which it is
    evidence, related = (leaf.text, *describe(leaf.statement)), leaf.place.related
    actions = _listed(found.lacking)
    if not found.certain:
        return Undecided(
            subject=leaf.place.origin,
            message=f"whether any request for {actions} carries {leaf.condition.key} is not known: AWS does not list the key for it",
            evidence=evidence,
            related=related,
            key=leaf.key,
        )
    return Violation(
        subject=leaf.place.origin,
        message=f"no request for {actions} carries {leaf.condition.key}, {leaf.consequence(holds)}",
        evidence=evidence,
        related=related,
        severity=Severity.HIGH if leaf.denies is Truth.YES and holds is False else None,
        key=leaf.key,
    )


def _part(leaf: Leaf, found: Support) -> Verdict | None:
    """Some of the actions that the statement names do not carry the key."""
    holds = leaf.holds_without_key
    if not found.certain or holds is None or (holds and leaf.denies is not Truth.YES):
        return None
    lacking = found.lacking & named_actions(leaf.statement)
    if leaf.denies is Truth.NO:
        lacking -= _allowed_besides(leaf.place, leaf.statement.index)
        then = "the statement never allows them"
    else:
        then = "the statement denies them in any case" if holds else "the statement never denies them"
    if not lacking:
        return None
    return Violation(
        subject=leaf.place.origin,
        message=f"requests for {_listed(lacking)} carry no {leaf.condition.key}, so {then}",
        evidence=(leaf.text, *describe(leaf.statement)),
        related=leaf.place.related,
        severity=Severity.LOW,
        remedy="Give these actions a statement of their own.",
        key=leaf.key,
    )


def _allowed_besides(place: Place, index: int) -> ActionSet:
    """What other statements of a policy allow."""
    found = ActionSet()
    for other in place.document.statements:
        if other.index != index and other.effect == "Allow":
            found |= possible_actions(other)
    return found


def _listed(actions: ActionSet) -> str:
    return ", ".join(actions.compressed(_SHOWN))
