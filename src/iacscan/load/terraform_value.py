"""Turns what the evaluator gives into trees with `Unknown` leaves and `⟦address.attribute⟧` in texts."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from ..policy.arn import symbol
from ..value import Reference, Unknown, Value
from .cuts import resolved
from .terraform_flow import Key, instance_of, static, within
from .terraform_found import Use
from .terraform_nested import left_out, undecided
from .terraform_process import Raw
from .terraform_reading import ABSENT, NULL, PROBE, UNKNOWN_KEY, UUID, Mark, Reading
from .terraform_shadows import as_written
from .terraform_text import RENAMED_ID

_KEY: Final = rf"(?:[^⟦⟧¦]|{UNKNOWN_KEY})*"
# A numbered mark; the id of a block that could not be resolved (the evaluator invents the ARN of a bucket); a template
# that was left as text. `${aws:username}` is not one: a policy variable has a colon.
_HOLE: Final = re.compile(
    rf"⟦(?P<number>\d+)(?::(?P<key>{_KEY}))?(?P<at>(?:¦{_KEY})*)⟧"
    rf"|(?P<arn>arn:aws:s3:::)?(?P<id>{UUID})"
    r"|arn:aws:s3:::(?P<nameless>(?=/|$))"
    r"|\$\{(?P<template>(?!\s*[A-Za-z][\w-]*:)[^}]*)\}"
)
# What the evaluator says in the place of a reference to JSON that it does not know all of.
_UNRESOLVED: Final = re.compile(r'\[?\{"__unresolved__": "([^"]*)"\}\]?')
_UNKNOWN_INDEX: Final = f'["{UNKNOWN_KEY}"]'
NOT_VALUES: Final = frozenset(
    (
        "__tfmeta", "id", "count", "for_each", "provider", "providers", "depends_on", "lifecycle", "provisioner",
        "connection", "dynamic",
    )
)  # fmt: skip
_MARK: Final = re.compile(r"⟦[^⟦⟧]*⟧")
_DOCUMENT: Final = "data.aws_iam_policy_document."
# A condition key about the token of an OIDC provider: whatever the provider is, it is no other key.
_CLAIM: Final = re.compile(r"[⟧}]:(?:amr|app_id|aud|azp|email|oaud|sub)\Z")
_OF_EACH: Final = re.compile(r"\b(?:each|count)\.|\*")  # a reference that means something else in each instance
_CONDITION_KEY: Final = "variable"  # the argument of a data source for policies that holds one
_DEPTH: Final = 8  # attributes that take their value from other attributes
_SOURCE_ALONE: Final = "the source alone does not give its value"


class Place(Struct):
    """Where a value stands, and what it was found to refer to.

    `module` is the address of its module instance, `key` its block and argument, `name` the argument of a nested block.
    `inside` tells that it is a part of the argument: a reference is a symbol there, and not Unknown.
    """

    module: str = ""
    key: Key | None = None
    name: str = ""
    found: list[Reference] = []
    inside: bool = False

    def part(self, name: str = "") -> "Place":
        """The place of a part of the value."""
        return Place(self.module, self.key, name or self.name, self.found, inside=True)


class Values:
    """All blocks of one evaluation, and the meaning of what stands in them.

    The ids of `others` stand in them, too.
    """

    def __init__(self, reading: Reading, raw: dict[str, list[Raw]], others: Iterable[Raw] = ()) -> None:
        self._reading = reading
        self._flow = reading.flow
        self._ids: dict[str, str] = {}
        self.by_address: dict[str, Raw] = {}
        for item in others:
            self._ids.update(dict.fromkeys(_ids(item), without_unknown_keys(item["__tfmeta"].get("path", ""))))
        for item in (item for items in raw.values() for item in items):
            address = without_unknown_keys(item["__tfmeta"].get("path", ""))
            self._ids.update(dict.fromkeys(_ids(item), address))
            self.by_address[address] = item

    def place(self, module: str, node: str, attribute: str) -> Place:
        """The place of an argument of a block."""
        return Place(module, (static(module), node, attribute), found=[])

    def is_plain(self, at: Place) -> bool:
        """Whether the evaluator is left with nothing that it may not know; then null is what is written."""
        if at.key is None:
            return False
        module = self._reading.modules[at.key[0]]
        plain = at.key[1:] not in module.referring and at.key[1:] not in module.module.found.failing
        return plain and (at.inside or at.key[1:] not in module.never_null)

    def decode(self, raw: Any, at: Place) -> Value:  # noqa: ANN401, PLR0911  # untyped by the evaluator; an arm a type
        """The tree of one value; what it refers to is added to `at.found`."""
        match raw:
            case None:
                return None if self.is_plain(at) else self._unknown(at)
            case str():
                lost = _UNRESOLVED.fullmatch(raw)
                if lost is not None:
                    return self._unresolved(lost[1], at)
                return None if raw == NULL else self._text(raw, at)
            case {"__attribute__": str(attribute)}:
                return self._unresolved(attribute, at)
            case {"__tfmeta": _}:
                return [self._nested(raw, at)]
            case dict():
                return {self._key(key, at): self.decode(value, at.part()) for key, value in raw.items()}
            case list():
                return [
                    self._nested(value, at)
                    if isinstance(value, dict) and "__tfmeta" in value
                    else self.decode(value, at.part())
                    for value in raw
                ]
            case bool() | int() | float():
                return raw
            case _:
                return Unknown(f"the evaluator gives it as {type(raw).__name__}")

    def _nested(self, raw: Raw, at: Place) -> Value:
        """A nested block: an object without what the evaluator adds to it."""
        tree: dict[str, Value] = {}
        for name, value in raw.items():
            if name == RENAMED_ID or (name not in ("__tfmeta", "id") and not name.startswith(PROBE)):
                shown = "id" if name == RENAMED_ID else name
                tree[shown] = self.decode(value, at.part(shown))
        self.add_dynamic(tree, raw, at.module)
        return tree

    def add_dynamic(self, tree: dict[str, Value], raw: Raw, module: str, node: str = "") -> None:
        """Add an Unknown where dynamic blocks could not be decided, and so were left out; `node` is the block if it is all of one."""
        for origin, item in undecided(self._reading, raw):
            uses = origin.found.uses[item.first : item.last]
            because = _dependence(self._flow.references_of(origin, uses, module)) or _SOURCE_ALONE
            _append(tree, item.dynamic, Unknown(f"the number of its dynamic blocks is not known ({because})"))
        for label in left_out(self._reading, module, node, raw) if node else ():
            _append(tree, label, Unknown("one is left out in which the number of dynamic blocks is not known"))
        dynamic = raw.get("dynamic")
        for label in dynamic if isinstance(dynamic, dict) else ():
            _append(tree, label, Unknown("its dynamic blocks are written in JSON, where they are not evaluated"))

    def _unknown(self, at: Place) -> Unknown:
        """What the evaluator gives null for."""
        references = self._flow.references(at.key, at.module, at.name) if at.key else ()
        at.found.extend(references)
        return _unknown(references)

    def _unresolved(self, text: str, at: Place) -> Unknown:
        """A reference that is all of a value, and that the evaluator could not resolve."""
        text = as_written(text)
        if text.startswith(f"{ABSENT}."):
            text = f"var.{text.split('.')[1]}"
        path, node, attribute = at.key or (static(at.module), "", "")
        module = self._reading.flow.modules[path]
        known = [use for use in self._flow.uses((path, node, attribute)) if use.text == text]
        use = Use("", 0, 0, text, node, attribute, carried=True, via="for_each" if text.startswith("each.") else "")
        references = self._flow.references_of(module, known or (use,), at.module)
        at.found.extend(references)
        return _unknown(references)

    def _key(self, key: str, at: Place) -> str:
        """The key of a map. One that is not known is a symbol, and equal to no other."""
        if "⟦" not in key and _HOLE.search(key) is None:
            return key
        found = self._fill(key, at.part(_CONDITION_KEY))
        return found if isinstance(found, str) else symbol(f"key of {at.key[1] if at.key else ''}: {key.strip('⟦⟧')}")

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
                if len(at.found) > before or not is_known(value):
                    return value
                return text if value == tree else msgspec.json.encode(value).decode()
        return self._fill(text, at) if holey else text

    def _leaves(self, tree: Any, at: Place) -> Value:  # noqa: ANN401  # JSON
        match tree:
            case str():
                return None if tree == NULL else self._fill(tree, at.part())
            case list():
                return [self._leaves(item, at) for item in tree]
            case dict():
                return {self._key(key, at): self._leaves(item, at) for key, item in tree.items()}
            case None:
                return None if self.is_plain(at) else Unknown(_SOURCE_ALONE)
            case _:
                plain: Value = tree
                return plain

    def _fill(self, text: str, at: Place) -> Value:
        """Replace holes by known values or by `⟦address.attribute⟧`; Unknown if a variable or the whole is missing."""
        references: list[Reference] = []
        lost: list[str] = []
        is_claim = at.name == _CONDITION_KEY and _CLAIM.search(text) is not None

        def fill(hole: re.Match[str]) -> str:
            if hole["id"] and hole["id"] not in self._ids:
                return hole.group()  # a UUID that somebody wrote
            mark = self._reading.marks.get(int(hole["number"])) if hole["number"] else None
            if mark is not None and mark.uses:
                module, instance = self._flow.modules[mark.module], self._instance(mark, hole, at)
                origins = self._flow.references_of(module, mark.uses, instance)
                references.extend(origins)
                if is_claim and _OF_EACH.search(mark.uses[0].text) is None:
                    return symbol(str(self._reference(mark, hole, at)))
                lost.append(_dependence(origins) or _SOURCE_ALONE)
                return ""
            reference = self._reference(mark, hole, at)
            if reference is None:
                references.extend(self._flow.references(at.key, at.module, at.name) if at.key else ())
                lost.append(_dependence(references) or _SOURCE_ALONE)
                return ""
            known = self._known(reference)
            if known is not None:
                return known
            references.append(reference)
            return symbol(str(reference))

        filled = resolved(_HOLE.sub(fill, text))
        at.found.extend(references)
        if lost or filled is None:
            lost = lost or [_dependence(references) or _SOURCE_ALONE]
            return Unknown(" and ".join(dict.fromkeys(lost)), tuple(dict.fromkeys(references)))
        return self._unless_whole(text, filled, references, at)

    def _unless_whole(self, text: str, filled: str, references: list[Reference], at: Place) -> Value:
        """A text, but Unknown if it is nothing but one reference, or if there are brackets in it that are none of ours."""
        if "⟦" in (resolved(_HOLE.sub("", text)) or ""):
            return Unknown(_SOURCE_ALONE, tuple(references))
        # A document that others take over must be found by its reference, also in a list of them.
        whole = len(references) == 1 and _MARK.fullmatch(filled) is not None
        if whole and (not at.inside or _DOCUMENT in references[0].address):
            return _unknown(tuple(references))
        return filled

    def _reference(self, mark: Mark | None, hole: re.Match[str], at: Place) -> Reference | None:
        """What a hole refers to, if that is one thing."""
        if hole["id"]:
            address = self._ids[hole["id"]]
            return Reference(address, "arn" if hole["arn"] else self._flow.read_of(at.key, address) if at.key else "")
        if mark is None:
            return None
        address = mark.reference.address
        if mark.keyed and hole["key"] and hole["key"] != UNKNOWN_KEY:
            address += f"[{hole['key']}]" if mark.number else f'["{hole["key"]}"]'
        instance = self._instance(mark, hole, at)
        return Reference(f"{instance}.{address}" if instance else address, mark.reference.attribute)

    def _instance(self, mark: Mark, hole: re.Match[str], at: Place) -> str:
        """The module instance in which a mark was made."""
        if not mark.placed or not hole["at"]:
            return within(mark.module, at.module, "").rstrip(".")
        keys = iter(hole["at"].split("¦")[1:])
        steps: list[str] = []
        module = self._flow.modules[mark.module]
        while module.parent is not None:
            steps.append(module.call)
            module = module.parent
        path = ""
        for call in reversed(steps):
            module = module.calls[call]
            key = next(keys, "") if module.repetition else ""
            index = "" if key in ("", UNKNOWN_KEY) else f"[{key}]" if module.repetition == "count" else f'["{key}"]'
            path = f"{path}.module.{call}{index}" if path else f"module.{call}{index}"
        return path

    def _known(self, reference: Reference, depth: int = 0) -> str | None:
        """The text of an attribute that the source sets to something known: that is its value after apply, too."""
        item = self.by_address.get(reference.address)
        raw = item.get(reference.attribute) if item and reference.attribute not in NOT_VALUES else None
        if not isinstance(raw, str) or depth > _DEPTH or raw == NULL:
            return None
        missing = False
        at = Place(instance_of(reference.address), found=[])

        def fill(hole: re.Match[str]) -> str:
            nonlocal missing
            if hole["id"] and hole["id"] not in self._ids:
                return hole.group()
            mark = self._reading.marks.get(int(hole["number"])) if hole["number"] else None
            inner = None if mark is not None and mark.uses else self._reference(mark, hole, at)
            known = None if inner is None else self._known(inner, depth + 1)
            missing = missing or known is None
            return known or ""

        filled = resolved(_HOLE.sub(fill, raw))
        return None if missing or filled is None or "⟦" in filled else filled


def without_unknown_keys(path: str) -> str:
    """An address without the keys that are not known."""
    return path.replace(_UNKNOWN_INDEX, "")


def _unknown(references: tuple[Reference, ...]) -> Unknown:
    return Unknown(_dependence(references) or _SOURCE_ALONE, references)


def _dependence(references: Iterable[Reference]) -> str:
    """A clause that says what a value depends on."""
    variables, modules, blocks = [], [], []
    for reference in dict.fromkeys(references):
        local = reference.address.removeprefix(instance_of(reference.address)).lstrip(".")
        if local.startswith("var."):
            variables.append(
                reference.address.replace("var.", "", 1) if local == reference.address else reference.address
            )
        elif local.startswith("module."):
            modules.append(reference.address)
        else:
            blocks.append(str(reference))
    clauses = []
    if variables:
        clauses.append(f"depends on variable {' and '.join(variables)}")
    if modules:
        clauses.append(f"comes from {' and '.join(modules)}, which is not on disk")
    if blocks:
        clauses.append(f"known only after apply (from {', '.join(blocks)})")
    return " and ".join(clauses)


def _append(tree: dict[str, Value], label: str, item: Unknown) -> None:
    present = tree.get(label)
    known: list[Value] = present if isinstance(present, list) else [] if present is None else [present]
    tree[label] = [*known, item]


def _ids(item: Raw) -> Iterable[str]:
    """The id of a block and those of its nested blocks."""
    if "id" in item:
        yield item["id"]
    for value in item.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict) and "__tfmeta" in inner:
                yield from _ids(inner)


def is_known(value: Value) -> bool:
    """Whether nothing in a tree is unknown."""
    match value:
        case Unknown():
            return False
        case list():
            return all(map(is_known, value))
        case dict():
            return all(map(is_known, value.values()))
        case _:
            return True
