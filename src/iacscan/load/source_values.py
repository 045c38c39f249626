"""What a plan says of a value, and what the source says of the same: whether they agree, and both together.

What the plan knows always stays. The source is asked for no more than what the plan leaves open.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from ..value import Unknown, Value
from .terraform_value import is_known

_WRITE_ONLY: Final = "_wo"  # how arguments end that a plan never shows


def contradicts(plan: Value, source: Value, name: str = "") -> bool:
    """Whether the plan and the source both know something, and not the same.

    The provider may fill in what the source leaves out, so that only what the source sets is compared.
    """
    plan, source = _decoded(plan), _decoded(source)
    match plan, source:
        case dict(), dict():
            return any(contradicts(plan.get(key), item, key) for key, item in source.items() if "⟦" not in key)
        case list(), list():
            return bool(source) and _lists_differ(plan, source)
        case (None, bool() | int() | float() | str()) if _is_settled(source):
            return bool(source) and not name.endswith(_WRITE_ONLY)
        case (bool() | int() | float() | str(), bool() | int() | float() | str()) if _is_settled(source):
            return _scalar(plan) != _scalar(source)
        case _:  # one of them is not known, or of a shape that the provider changes
            return False


def _lists_differ(plan: Sequence[Value], source: Sequence[Value]) -> bool:
    """Sets have another order in a plan than in the source, and no element twice."""
    if not all(map(is_known, plan)) or not all(map(_is_settled, source)):
        return False
    return any(all(contradicts(theirs, item) for theirs in plan) for item in source) or any(
        all(contradicts(item, ours) for ours in source) for item in plan
    )


def _is_settled(value: Value) -> bool:
    """Whether a value of the source has no symbols in it, and nothing unknown."""
    match value:
        case str():
            return "⟦" not in value
        case list():
            return all(map(_is_settled, value))
        case dict():
            return all(_is_settled(key) and _is_settled(item) for key, item in value.items())
        case _:
            return not isinstance(value, Unknown)


def _scalar(value: Value) -> str:
    """A text for each scalar: Terraform turns numbers and flags into texts, and back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _decoded(value: Value) -> Value:
    """The tree of a text that is JSON; everything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        tree: Value = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value
    return tree


def filled(plan: Value, source: Value, *, inside: bool = False) -> Value:
    """The plan's value, with what the source says where the plan knows nothing.

    `inside` tells that it is a part of an attribute. A text that is all of an attribute is left as it is where the plan
    says what it refers to: that says the same, of the very instance.
    """
    match plan:
        case Unknown():
            return _chosen(plan, source, inside=inside)
        case dict() if isinstance(source, dict):
            return {name: filled(item, source.get(name), inside=True) for name, item in plan.items()}
        case list() if isinstance(source, list) and len(plan) == len(source):
            pairs = _pairs(plan, source)
            return plan if pairs is None else [filled(item, other, inside=True) for item, other in pairs]
        case _:
            return plan


def _chosen(plan: Unknown, source: Value, *, inside: bool) -> Value:
    match source:
        case None:
            return plan
        case Unknown():
            return source if _is_vague(plan) and source.references and not _is_vague(source) else plan
        case str() if not inside and not isinstance(_decoded(source), dict | list) and not _is_vague(plan):
            return plan
        case _:
            return source


def _is_vague(value: Unknown) -> bool:
    """Whether it does not say which blocks the value comes from: a plan does not describe locals."""
    return not value.references or any("local." in item.address for item in value.references)


def _pairs(plan: Sequence[Value], source: Sequence[Value]) -> list[tuple[Value, Value]] | None:
    """Which element of the source is which of the plan, where sets have another order; None if that is not certain."""
    if not any(isinstance(item, dict | list) for item in plan):
        return _scalar_pairs(plan, source)
    if not any(contradicts(item, other) for item, other in zip(plan, source, strict=True)):
        return list(zip(plan, source, strict=True))
    rest = list(source)
    pairs: list[tuple[Value, Value]] = []
    for item in plan:
        fitting = [other for other in rest if not contradicts(item, other)]
        if len(fitting) != 1:
            return None
        rest.remove(fitting[0])
        pairs.append((item, fitting[0]))
    return pairs


def _scalar_pairs(plan: Sequence[Value], source: Sequence[Value]) -> list[tuple[Value, Value]] | None:
    """The same for plain elements: what is left of the source when all that the plan knows is taken away is unknown in the plan."""
    rest = list(source)
    for item in plan:
        if not isinstance(item, Unknown):
            if item not in rest:
                return None
            rest.remove(item)
    left = iter(rest)
    return [(item, next(left) if isinstance(item, Unknown) else item) for item in plan]
