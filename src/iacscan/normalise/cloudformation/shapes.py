"""How a property of a template becomes an attribute as Terraform spells it: where it stands, and what is done to its value.

What is not known stays `Unknown` on the way, as a whole or in its parts.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

import msgspec

from ...lazy import regex
from ...value import Unknown, Value

_HUMP: Final = regex(r"(?<=[a-z])(?=[A-Z])")
_ROOT: Final = "^"  # begins a path that starts at the resource, inside of a table for the elements of one of its lists


class Shape(NamedTuple):
    """A property by its path, and a function of its value."""

    path: str
    make: Callable[[Value], Value]


# A plain text is the path of a property that is taken as it stands; the empty path is the element itself.
Spec: TypeAlias = str | Shape


def path_of(spec: Spec) -> str:
    """Where the property stands; `^` at the beginning is for `is_of_root`."""
    return (spec if isinstance(spec, str) else spec.path).lstrip(_ROOT)


def is_of_root(spec: Spec) -> bool:
    """Whether the path starts at the resource, not at the element that a companion is made of."""
    return (spec if isinstance(spec, str) else spec.path).startswith(_ROOT)


def shaped(spec: Spec, value: Value) -> Value:
    """The value that a spec gives, read from the object that its path starts in."""
    found = at(value, path_of(spec))
    return found if isinstance(spec, str) else spec.make(found)


def at(value: Value, path: str) -> Value:
    """The value at a path of keys; a list on the way gives a list. What is unknown on the way is the answer."""
    for step in path.split(".") if path else ():
        match value:
            case Unknown():
                return value
            case dict():
                value = value.get(step)
            case list():
                value = [inner for item in value if (inner := at(item, step)) is not None]
            case _:
                return None
    return value


def nested(path: str, keys: Mapping[str, Spec]) -> Shape:
    """An object, or a list of them, each with its keys respelled; keys that the table does not have are left out."""

    def respell(value: Value) -> Value:
        match value:
            case dict():
                found = {key: shaped(spec, value) for key, spec in keys.items()}
                return {key: item for key, item in found.items() if item is not None}
            case list():
                return [respell(item) for item in value]
            case _:
                return value

    return Shape(path, respell)


def pairs(path: str, key: str = "Key", value: str = "Value") -> Shape:
    """A list of names and values as a map. A name that is not known makes the whole map unknown; a map stays one."""

    def respell(items: Value) -> Value:
        if not isinstance(items, list):
            return items
        found: dict[str, Value] = {}
        for item in items:
            name = at(item, key)
            if isinstance(name, Unknown):
                return name
            if isinstance(item, dict) and isinstance(name, str):
                found[name] = item.get(value)
        return found

    return Shape(path, respell)


def entry(path: str, key: str) -> Shape:
    """One entry of a list of keys and values."""
    listed = pairs(path)

    def respell(value: Value) -> Value:
        found = listed.make(value)
        return found.get(key) if isinstance(found, dict) else found

    return Shape(path, respell)


def first(path: str) -> Shape:
    """The first element of a list that AWS lets have one only."""
    return Shape(path, lambda value: (value[0] if value else None) if isinstance(value, list) else value)


def either(*paths: str) -> Shape:
    """The first of several properties of the resource that is there."""
    return Shape("", lambda value: next((found for path in paths if (found := at(value, path)) is not None), None))


def given(path: str, default: Value) -> Shape:
    """A property whose default is not that of Terraform's provider."""
    return Shape(path, lambda value: default if value is None else value)


def kebab(path: str) -> Shape:
    """A word in capitals as the API writes it: `PublicRead` is `public-read`."""
    return Shape(path, lambda value: _HUMP.sub("-", value).lower() if isinstance(value, str) else value)


def constant(value: Value) -> Shape:
    """What CloudFormation has no property for."""
    return Shape("", lambda _: value)


def document(path: str) -> Shape:
    """A single statement of the policy language, as the document that AWS makes of it."""
    return Shape(path, lambda value: None if value is None else {"Version": "2012-10-17", "Statement": [value]})


def compact(path: str) -> Shape:
    """A JSON text or object as the text that is sent: of an object without white space, if the whole of it is known."""

    def respell(value: Value) -> Value:
        if isinstance(value, dict) and not _is_holed(value):
            return msgspec.json.encode(value).decode()
        return value

    return Shape(path, respell)


def _is_holed(value: Value) -> bool:
    match value:
        case Unknown():
            return True
        case dict():
            return any(map(_is_holed, value.values()))
        case list():
            return any(map(_is_holed, value))
        case _:
            return False
