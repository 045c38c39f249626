"""A statement in one line, to be shown as evidence."""

from collections.abc import Iterable
from typing import Final

import msgspec

from ..value import Maybe, Unknown
from .document import Condition, Principal, Statement
from .pattern import covers

_SHOWN: Final = 6  # values of one element that are written out; the others are counted
_NOT_KNOWN: Final = "(not known)"


def describe(statement: Statement) -> tuple[str, ...]:
    """Write a statement as one line of JSON, ready for `Violation.evidence`.

    Values are sorted and named once, so that the line stays the same when a policy is only written differently; of a
    long list the first few are shown and the others counted.
    """
    if statement.hidden:
        return (f"{statement.label}, which the input marks as sensitive",)
    shown: dict[str, object] = {}
    if statement.sid:
        shown["Sid"] = statement.sid
    shown["Effect"] = _text(statement.effect)
    for name, principals in statement.named_principals:
        shown[name] = _principals(principals)
    for name, texts in statement.named_texts:
        shown[name] = _shortened(_text(item) for item in texts)
    if statement.conditions:
        shown["Condition"] = _shortened(describe_condition(item) for item in statement.conditions)
    return (msgspec.json.encode(shown).decode(),)


def _principals(principals: Iterable[Maybe[Principal]]) -> object:
    """As AWS writes them: a star, or an object by kind."""
    kinds: dict[str, list[str]] = {}
    for item in principals:
        kind, value = (_NOT_KNOWN, _NOT_KNOWN) if isinstance(item, Unknown) else (item.kind, item.value)
        kinds.setdefault(kind, []).append(value)
    if len(kinds) == 1 and (alone := kinds.get("*") or kinds.get(_NOT_KNOWN)):
        return alone[0]
    return {kind: _shortened(values) for kind, values in sorted(kinds.items())}


def _text(item: Maybe[str]) -> str:
    return _NOT_KNOWN if isinstance(item, Unknown) else item


def describe_condition(item: Maybe[Condition]) -> str:
    """Write a condition as an operator, a key and its values; of many values the first few."""
    if isinstance(item, Unknown):
        return _NOT_KNOWN
    values = _shortened(_text(value) for value in item.values)
    return f"{item.operator} {item.key} {values if isinstance(values, str) else ', '.join(values)}".rstrip()


def _shortened(items: Iterable[str]) -> str | list[str]:
    found = sorted(set(items))
    if len(found) == 1:
        return found[0]
    if len(found) > _SHOWN:
        return [*found[: _SHOWN - 1], f"({len(found) - _SHOWN + 1} more)"]
    return found


def within(new: str, old: str) -> bool:
    """Whether one described Allow certainly grants no more than another; False where that is not plain to see.

    Takes lines that `describe` made. Every action, resource and principal must stay within one of the old ones, and no
    condition may be gone. A shortened list is compared by its text.
    """
    if new == old:
        return True
    try:
        ours, theirs = msgspec.json.decode(new), msgspec.json.decode(old)
    except msgspec.DecodeError:
        return False
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return False
    elements = ("Principal", "Action", "Resource")
    comparable = (
        ours.get("Effect") == theirs.get("Effect") == "Allow"
        and all((name in ours) == (name in theirs) for name in elements)
        and all(ours.get(name) == theirs.get(name) for name in ("NotPrincipal", "NotAction", "NotResource"))
    )
    if not comparable or not set(_listed(theirs.get("Condition"))) <= set(_listed(ours.get("Condition"))):
        return False
    return all(_stays(_listed(ours.get(name)), _listed(theirs.get(name)), fold=name == "Action") for name in elements)


def _listed(value: object) -> list[str]:
    if isinstance(value, dict):
        return [f"{kind} {item}" for kind, items in value.items() for item in _listed(items)]
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [item for item in items if isinstance(item, str)]


def _stays(ours: list[str], theirs: list[str], *, fold: bool) -> bool:
    if any(item == _NOT_KNOWN or item.endswith(" more)") for item in (*ours, *theirs)):
        return ours == theirs
    if fold:
        ours, theirs = [item.lower() for item in ours], [item.lower() for item in theirs]
    return all(any(covers(wide, item) for wide in theirs) for item in ours)
