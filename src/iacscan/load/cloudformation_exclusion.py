"""Whether two conditions of a template can hold at once, whatever its parameters and its surroundings are.

All that conditions compare is tried: each name with each text that it is compared with and with something else, and what
cannot be worked out both ways. What is not refuted is taken to be possible.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Final

from ..value import Unknown, Value
from .cloudformation_conditions import OTHER
from .cloudformation_decode import Node

_MAX_TRIED: Final = 1024  # ways in which two conditions may turn out
_MAX_LEVELS: Final = 20  # conditions within conditions


class Exclusion:
    """Answers for the conditions of one stack. `value` works out what is compared."""

    def __init__(self, conditions: Mapping[str, Node], value: Callable[[Node], Value]) -> None:
        self._conditions = conditions
        self._value = value
        self._known: dict[frozenset[str], bool] = {}

    def between(self, first: str, second: str) -> bool:
        """Whether the two certainly never hold at once."""
        names = frozenset((first, second))
        if names not in self._known:
            self._known[names] = self._never(*(Node({"Condition": Node(name)}) for name in names))
        return self._known[names]

    def _never(self, *nodes: Node) -> bool:
        choices: dict[object, list[object]] = {}
        for node in nodes:
            for what, texts in self._open(node, _MAX_LEVELS):
                known = choices.setdefault(what, [OTHER] if texts else [True, False])
                known += [text for text in texts if text not in known]
        if prod(map(len, choices.values())) > _MAX_TRIED:
            return False
        worlds = (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))
        return not any(all(self._holds(node, world, _MAX_LEVELS) for node in nodes) for world in worlds)

    def _open(self, node: Node, levels: int) -> Iterator[tuple[object, list[object]]]:
        """What a condition depends on: names with a text that they are compared with, other things without."""
        match self._parts(node):
            case ("Condition", [Node(value=str(name))]) if levels and name in self._conditions:
                yield from self._open(self._conditions[name], levels - 1)
            case ("Fn::And" | "Fn::Or" | "Fn::Not", parts) if levels:
                for part in parts:
                    yield from self._open(part, levels - 1)
            case _:
                if (compared := self._compared(node)) is not None:
                    yield compared[0], [compared[1]]
                else:
                    yield _form(node), []

    def _holds(self, node: Node, world: Mapping[object, object], levels: int) -> bool:
        match self._parts(node):
            case ("Condition", [Node(value=str(name))]) if levels and name in self._conditions:
                return self._holds(self._conditions[name], world, levels - 1)
            case ("Fn::And", parts) if levels:
                return all(self._holds(part, world, levels - 1) for part in parts)
            case ("Fn::Or", parts) if levels:
                return any(self._holds(part, world, levels - 1) for part in parts)
            case ("Fn::Not", parts) if levels:
                return not all(self._holds(part, world, levels - 1) for part in parts)
            case _:
                compared = self._compared(node)
                return world[_form(node)] is True if compared is None else world[compared[0]] == compared[1]

    @staticmethod
    def _parts(node: Node) -> tuple[str, list[Node]]:
        if len(node.items) != 1:
            return "", []
        ((name, argument),) = node.items.items()
        return name, argument.value if isinstance(argument.value, list) else [argument]

    def _compared(self, node: Node) -> tuple[str, str] | None:
        """The name and the text that an Equals compares; None if it compares anything else."""
        match self._parts(node):
            case ("Fn::Equals", [one, other]):
                for side, against in ((one, other), (other, one)):
                    name = side.get("Ref")
                    text = self._value(against)
                    if name is not None and isinstance(name.value, str) and not isinstance(text, Unknown | list | dict):
                        found = str(text).lower() if isinstance(text, bool) else str(text)
                        return None if "⟦" in found else (name.value, found)
        return None


def _form(node: Node) -> object:
    """What a node says, wherever it stands."""
    match node.value:
        case dict() as items:
            return tuple((key, _form(item)) for key, item in sorted(items.items()))
        case list() as parts:
            return ("", *map(_form, parts))
        case other:
            return (type(other).__name__, str(other))
