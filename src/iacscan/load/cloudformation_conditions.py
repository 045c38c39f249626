"""Conditions of a template: whether they hold, and which other worlds there are in which they hold otherwise.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from ..value import Unknown, Value
from .cloudformation_decode import Node

_MAX_CANDIDATES: Final = 12  # values of one parameter that are tried
OTHER: Final = "(any other)"  # stands for a value that is none of those compared
_FOLDS: Final = {"Fn::And": False, "Fn::Or": True}  # the answer of one part that decides

# Only rules of parameters have these.
_MEMBERS: Final = frozenset(("Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn"))


class Case(Struct, frozen=True):
    """A world: how the conditions of one stack turn out, what its parameters are then, and what to call it.

    Parameters that are `opened` have some value that is not known, and not their default.
    """

    label: str
    prefix: str
    forced: dict[str, bool] = {}
    values: dict[str, Value] = {}
    opened: frozenset[str] = frozenset()


NO_CASE: Final = Case("", "")


class Conditions:
    """The conditions of one stack. `forced` ones hold or not as they are told to, whatever they say."""

    def __init__(self, nodes: dict[str, Node], value: Callable[[Node], Value], forced: dict[str, bool]) -> None:
        self._nodes = nodes
        self._value = value
        self._known: dict[str, bool | None] = dict(forced)

    def holds(self, name: str) -> bool | None:
        """Whether a condition holds; None if it is not decided, or there is none of that name."""
        if name not in self._known:
            self._known[name] = None  # ends a cycle
            node = self._nodes.get(name)
            self._known[name] = None if node is None else self.truth(node)
        return self._known[name]

    def truth(self, node: Node) -> bool | None:
        """Whether an expression holds; None if it is not decided."""
        items = node.items
        function = next(iter(items)) if len(items) == 1 else ""
        argument = items.get(function, node)
        if function == "Condition":
            return self.holds(argument.text or "")
        parts = argument.value if isinstance(argument.value, list) else [argument]
        if function == "Fn::Equals" and len(parts) == 2:  # noqa: PLR2004  it takes two
            return _equal(self._value(parts[0]), self._value(parts[1]))
        if function == "Fn::Not" and len(parts) == 1:
            inner = self.truth(parts[0])
            return None if inner is None else not inner
        if function in _FOLDS:
            return _fold((self.truth(part) for part in parts), decisive=_FOLDS[function])
        if function in _MEMBERS and len(parts) == 2:  # noqa: PLR2004  it takes two
            return _member(function, self._value(parts[0]), self._value(parts[1]))
        return _boolean(self._value(node))


def _boolean(value: Value) -> bool | None:
    match value:
        case bool():
            return value
        case "true" | "false":
            return value == "true"
        case _:
            return None


def _fold(truths: Iterable[bool | None], *, decisive: bool) -> bool | None:
    """And, where no decides; or, where yes does."""
    found = list(truths)
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def _member(function: str, one: Value, other: Value) -> bool | None:
    """Whether a list has a value; for all values of a list, whether each is in another one, or is the value that is given."""
    if function == "Fn::Contains":
        one, other = other, one
    asked = one if isinstance(one, list) else [one]
    among = other if isinstance(other, list) else [other]
    return _fold((_fold((_equal(item, it) for it in among), decisive=True) for item in asked), decisive=False)


def _equal(one: Value, other: Value) -> bool | None:
    match one, other:
        case (Unknown(), _) | (_, Unknown()):
            return None
        case (list(), list()):
            return one == other
        case (list() | dict() | None, _) | (_, list() | dict() | None):
            return None
    first, second = _text(one), _text(other)
    if first == second:
        return True
    return None if "⟦" in first + second else False


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def used(nodes: Iterable[Node]) -> Iterator[str]:
    """Names of the conditions that resources depend on, in the order in which they are met, with repetitions."""
    todo = list(nodes)[::-1]
    while todo:
        node = todo.pop()
        if isinstance(node.value, list):
            todo.extend(reversed(node.value))
        elif isinstance(node.value, dict):
            choice = node.value.get("Fn::If")
            named = (
                choice.value[0] if choice and isinstance(choice.value, list) and choice.value else node.get("Condition")
            )
            if named is not None and isinstance(named.value, str):
                yield named.value
            todo.extend(reversed(node.value.values()))


class Causes:
    """What conditions depend on in the end, and what it is compared with."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self._nodes = nodes

    def of(self, name: str) -> dict[str, list[str]]:
        """Names that a condition refers to, with the texts that they are compared with. Pseudo parameters are among them."""
        found: dict[str, list[str]] = {}
        self._collect(self._nodes.get(name), found, {name})
        return found

    def _collect(self, node: Node | None, found: dict[str, list[str]], seen: set[str]) -> None:
        match node.value if node is not None else None:
            case list() as items:
                for item in items:
                    self._collect(item, found, seen)
            case dict() as items:
                named = items.get("Condition")
                if named is not None and isinstance(named.value, str) and named.value not in seen:
                    seen.add(named.value)
                    self._collect(self._nodes.get(named.value), found, seen)
                if (reference := items.get("Ref")) is not None and isinstance(reference.value, str):
                    found.setdefault(reference.value, [])
                compared = items.get("Fn::Equals")
                for item in items.values():
                    self._collect(item, found, seen)
                if compared is not None and isinstance(compared.value, list):
                    _compare(compared.value, found)
            case _:
                pass


def _compare(sides: list[Node], found: dict[str, list[str]]) -> None:
    literals = [text for side in sides if (text := side.text) is not None]
    for side in sides:
        reference = side.get("Ref")
        if reference is not None and isinstance(reference.value, str):
            found[reference.value] += literals


def candidates(compared: list[str], allowed: tuple[str, ...]) -> list[str]:
    """Values of a parameter that may turn a condition: what it is compared with, what it may be, and something else."""
    other = () if allowed else ("", OTHER)
    within = [text for text in compared if not allowed or text in allowed]
    return list(dict.fromkeys((*within, *allowed, *other)))[:_MAX_CANDIDATES]
