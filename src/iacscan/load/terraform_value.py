"""Turns what the evaluator gives into trees with `Unknown` leaves and `⟦address.attribute⟧` in texts."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from ..policy.arn import symbol
from ..value import Reference, Unknown, Value
from .terraform_evaluate import Raw
from .terraform_marks import UNKNOWN_KEY, Mark, Reading
from .terraform_text import RENAMED_ID

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A numbered mark; the id of a block that could not be resolved (the evaluator invents the ARN of a bucket); a template
# that was left as text. `${aws:username}` is not one: a policy variable has a colon.
_HOLE: Final = re.compile(
    rf"⟦(?P<number>\d+)(?::(?P<key>(?:[^⟦⟧]|{UNKNOWN_KEY})*))?⟧"
    rf"|(?P<arn>arn:aws:s3:::)?(?P<id>{_UUID})"
    r"|arn:aws:s3:::(?P<nameless>(?=/|$))"
    r"|\$\{(?P<template>(?!\s*[A-Za-z][\w-]*:)[^}]*)\}"
)
_PLAIN: Final = re.compile(r"\s*((?:data\.)?[a-z][a-z0-9]*_\w+\.[\w-]+|var)\.([\w.-]+)\s*")
MODULE: Final = re.compile(r'(?:module\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.)+')
NOT_VALUES: Final = frozenset(
    ("__tfmeta", "id", "count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection")
)
_DEPTH: Final = 8  # attributes that take their value from other attributes
_SOURCE_ALONE: Final = "the source alone does not give its value"


class Place(Struct):
    """Where a value stands, and what it was found to refer to.

    `module` is the address of its module instance. `argument` is its block (without key) and argument in the root
    module; None in other modules, whose text is not read.
    """

    module: str = ""
    argument: tuple[str, str] | None = None
    found: list[Reference] = []


class Values:
    """All blocks of one evaluation, and the meaning of what stands in them."""

    def __init__(self, reading: Reading, raw: dict[str, list[Raw]]) -> None:
        self._reading = reading
        self._ids: dict[str, str] = {}
        self.by_address: dict[str, Raw] = {}
        for item in (item for items in raw.values() for item in items):
            address = item["__tfmeta"].get("path", "").replace(f'["{UNKNOWN_KEY}"]', "")
            self._ids.update(dict.fromkeys(_ids(item), address))
            self.by_address[address] = item

    def is_null(self, item: Raw, name: str, at: Place) -> bool:
        """Whether a null stands there on purpose; the evaluator also puts null for what it cannot evaluate."""
        if self._is_plain(at):
            return True
        meta = item["__tfmeta"]
        lines = self._reading.texts.get(meta["filename"], "").splitlines()[meta["line_start"] - 1 : meta["line_end"]]
        return any(re.match(rf"\s*{re.escape(name)}\s*=\s*null\b", line) for line in lines)

    def _is_plain(self, at: Place) -> bool:
        """Whether the expression is known to refer to nothing; what it gives is what is written."""
        return at.argument is not None and at.argument not in self._reading.referring

    def others(self, item: Raw, module: str) -> tuple[Reference, ...]:
        """The references of a block and its nested blocks that the evaluator lists; it does not tell the attribute."""
        found: dict[Reference, None] = {}
        for meta in _metas(item):
            for reference in meta.get("references", ()):
                address = self._ids.get(reference["id"])
                if address is None:
                    address = _join(module, f"{reference['label']}.{reference['name']}".rstrip("."))
                found[Reference(address.replace("variable.", "var."))] = None
        return tuple(found)

    def decode(self, raw: Any, at: Place) -> Value:  # noqa: ANN401, PLR0911  # untyped by the evaluator; an arm a type
        """The tree of one value; what it refers to is added to `at.found`."""
        match raw:
            case None:
                return None if self._is_plain(at) else Unknown(_SOURCE_ALONE)
            case str():
                return self._text(raw, at)
            case {"__attribute__": str(attribute)}:
                reference = _split(_join(at.module, attribute))
                at.found.append(reference)
                return _after_apply((reference,))
            case {"__tfmeta": _}:
                return [self._nested(raw, at)]
            case dict():
                return {key: self.decode(value, at) for key, value in raw.items()}
            case list():
                return [
                    self._nested(value, at)
                    if isinstance(value, dict) and "__tfmeta" in value
                    else self.decode(value, at)
                    for value in raw
                ]
            case bool() | int() | float():
                return raw
            case _:
                return Unknown(f"the evaluator gives it as {type(raw).__name__}")

    def _nested(self, raw: Raw, at: Place) -> Value:
        """A nested block: an object without what the evaluator adds to it."""
        return {
            "id" if name == RENAMED_ID else name: None
            if value is None and self.is_null(raw, name, at)
            else self.decode(value, at)
            for name, value in raw.items()
            if name not in ("__tfmeta", "id")
        }

    def _text(self, text: str, at: Place) -> Value:
        """Fill the holes of a text. JSON with holes becomes a tree, so that only its leaves are unknown."""
        holey = "⟦" in text or _HOLE.search(text) is not None
        if text.lstrip()[:1] in ("{", "["):
            if not holey and "null" not in text:
                return text
            try:
                tree = msgspec.json.decode(text)
            except (msgspec.DecodeError, RecursionError):
                tree = None
            if tree is not None:
                before = len(at.found)
                value = self._leaves(tree, at)
                if len(at.found) > before or not _is_known(value):
                    return value
                return text if value == tree else msgspec.json.encode(value).decode()
        return self._fill(text, at) if holey else text

    def _leaves(self, tree: Any, at: Place) -> Value:  # noqa: ANN401  # JSON
        match tree:
            case str():
                return self._fill(tree, at, keep_references=True)
            case list():
                return [self._leaves(item, at) for item in tree]
            case dict():
                return {key: self._leaves(item, at) for key, item in tree.items()}
            case None:
                return Unknown(_SOURCE_ALONE)
            case _:
                plain: Value = tree
                return plain

    def _fill(self, text: str, at: Place, *, keep_references: bool = False) -> Value:
        """Replace holes by known values or by `⟦address.attribute⟧`; Unknown if a variable or the whole is missing."""
        references: list[Reference] = []
        unset: list[str] = []

        def fill(hole: re.Match[str]) -> str:
            if hole["id"] and hole["id"] not in self._ids:
                return hole.group()  # a UUID that somebody wrote
            reference = self._reference(hole, at.module)
            if reference is None:
                unset.append(_SOURCE_ALONE)
                return ""
            known = self._known(reference)
            if known is not None:
                return known
            references.append(reference)
            if reference.address.startswith("var."):
                unset.append(f"depends on variable {reference.address.removeprefix('var.').partition('.')[0]}")
            return symbol(str(reference))

        filled = _HOLE.sub(fill, text)
        at.found.extend(references)
        if unset:
            return Unknown(" and ".join(dict.fromkeys(unset)), tuple(dict.fromkeys(references)))
        if "⟦" in _HOLE.sub("", text):
            return Unknown(_SOURCE_ALONE, tuple(references))
        if len(references) == 1 and filled == symbol(str(references[0])) and not keep_references:
            return _after_apply(tuple(references))
        return filled

    def _reference(self, hole: re.Match[str], module: str) -> Reference | None:
        if hole["number"]:
            mark = self._reading.marks.get(int(hole["number"]))
            return None if mark is None else _keyed(mark, hole["key"])
        if hole["id"]:
            return Reference(self._ids[hole["id"]], "arn" if hole["arn"] else "")
        plain = _PLAIN.fullmatch(hole["template"] or "")
        if plain is None:
            return None
        if plain[1] == "var":
            return Reference(_join(module, f"var.{plain[2]}")) if not module else None
        return Reference(_join(module, plain[1]), plain[2])

    def _known(self, reference: Reference, depth: int = 0) -> str | None:
        """The text of an attribute that the source sets to something known: that is its value after apply, too."""
        item = self.by_address.get(reference.address)
        raw = item.get(reference.attribute) if item and reference.attribute not in NOT_VALUES else None
        if not isinstance(raw, str) or depth > _DEPTH:
            return None
        missing = False

        def fill(hole: re.Match[str]) -> str:
            nonlocal missing
            if hole["id"] and hole["id"] not in self._ids:
                return hole.group()
            inner = self._reference(hole, "")
            known = None if inner is None else self._known(inner, depth + 1)
            missing = missing or known is None
            return known or ""

        filled = _HOLE.sub(fill, raw)
        return None if missing or "⟦" in filled else filled


def _join(module: str, address: str) -> str:
    return f"{module}.{address}" if module else address


def _split(text: str) -> Reference:
    """Split `module.m.aws_x.y[0].arn` into address and attribute."""
    prefix = MODULE.match(text)
    local = text[prefix.end() :] if prefix else text
    found = re.match(r"((?:data\.)?[\w-]+\.[\w-]+(?:\[[^\]]*\])?)\.?(.*)", local, re.DOTALL)
    if found is None:
        return Reference(text)
    return Reference((prefix.group() if prefix else "") + found[1], found[2])


def _keyed(mark: Mark, key: str | None) -> Reference:
    if key is None or key == UNKNOWN_KEY:
        return mark.reference
    index = f"[{key}]" if mark.number else f'["{key}"]'
    return Reference(mark.reference.address + index, mark.reference.attribute)


def _after_apply(references: tuple[Reference, ...]) -> Unknown:
    return Unknown(f"known only after apply (from {', '.join(map(str, references))})", references)


def _ids(item: Raw) -> Iterable[str]:
    """The id of a block and those of its nested blocks."""
    if "id" in item:
        yield item["id"]
    for value in item.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict) and "__tfmeta" in inner:
                yield from _ids(inner)


def _metas(item: Raw) -> Iterable[Raw]:
    for name, value in item.items():
        if name == "__tfmeta":
            yield value
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict) and "__tfmeta" in inner:
                yield from _metas(inner)


def _is_known(value: Value) -> bool:
    match value:
        case Unknown():
            return False
        case list():
            return all(map(_is_known, value))
        case dict():
            return all(map(_is_known, value.values()))
        case _:
            return True
