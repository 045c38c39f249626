"""Policies in properties that no table names: session policies, custom resources, types that are newer than the tables.

Nothing judges them. But they are met, so they are counted, as policies that are not known.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Final

import msgspec

from ...value import Unknown, Value

_DEPTH: Final = 12
_ACTIONS: Final = ("Action", "NotAction")
_MAX_TEXT: Final = 1_000_000  # characters
# What takes whole templates; those that are at hand are read as such.
_STACKS: Final = frozenset({"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"})


def unread(type_: str, properties: Mapping[str, Value], known: Container[str]) -> Iterator[tuple[str, Unknown]]:
    """Where policies stand beside the properties that are `known`, with the reason why they are not read."""
    if type_ in _STACKS:
        return
    because = Unknown(f"policies of {type_} are not judged")
    for name, value in properties.items():
        if name not in known:
            for path in _policies(value, name, 0):
                yield path, because


def _policies(value: Value, path: str, depth: int) -> Iterator[str]:
    """The paths of all policies in a tree; a text in JSON is one place, whatever it holds."""
    if depth > _DEPTH:
        return
    match value:
        case dict() if _is_policy(value):
            yield path
        case dict():
            for key, item in value.items():
                yield from _policies(item, f"{path}.{key}", depth + 1)
        case list():
            for index, item in enumerate(value):
                yield from _policies(item, f"{path}[{index}]", depth + 1)
        case str() if any(_policies(_decoded(value), path, depth + 1)):
            yield path
        case _:
            pass


def _is_policy(tree: Mapping[str, Value]) -> bool:
    statements = tree.get("Statement")
    return any(
        isinstance(item, dict) and item.get("Effect") in ("Allow", "Deny") and not item.keys().isdisjoint(_ACTIONS)
        for item in (statements if isinstance(statements, list) else [statements])
    )


def _decoded(text: str) -> Value:
    """What a text in JSON holds, if that may be a policy; else None."""
    if len(text) > _MAX_TEXT or "Statement" not in text or "Effect" not in text:
        return None
    try:
        tree: Value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return tree
