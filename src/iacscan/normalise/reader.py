"""Reads attributes of blocks as the model wants them: texts, links to other objects, flags, lists, origins."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from ..finding import Origin
from ..load.block import Block
from ..policy.arn import REST
from ..value import Maybe, Unknown, Value
from .kinds import REPEATS
from .symbols import Names
from .written import written

Types: TypeAlias = tuple[str, ...]
_DEPTH = 5  # blocks that a link may pass through on its way to the object that it means


class Reader:
    """One side of the change."""

    def __init__(self, path: str, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.names = Names(blocks)
        self._path = path
        self._origins: dict[str, Origin] = {}
        self._by_module: dict[tuple[str, str], list[Block]] | None = None
        self._by_type: dict[str, list[Block]] | None = None

    def of_type(self, type_: str) -> Sequence[Block]:
        """Managed blocks of a type."""
        if self._by_type is None:
            self._by_type = defaultdict(list)
            for block in self.blocks:
                if block.mode == "managed":
                    self._by_type[block.type].append(block)
        return self._by_type.get(type_, ())

    def origin(self, block: Block) -> Origin:
        """Where an object of the model comes from."""
        found = self._origins.get(block.address)
        if found is None:
            shown = written(block)
            found = self._origins[block.address] = Origin(
                shown.address,
                shown.type,
                self._path,
                block.account,
                block.action,
                block.span,
                block.possible,
                "" if shown is block else block.address,
            )
        return found

    def shown(self, address: str) -> str:
        """What people call the block at an address."""
        block = self.names.block(address)
        return address if block is None or written(block) is block else written(block).address

    def origin_of(self, block: Block | None, address: str, type_: str) -> Origin:
        """The same for what may stand in no block: an output, a variable."""
        return Origin(address, type_, self._path) if block is None else self.origin(block)

    def text(self, block: Block, attribute: str) -> Maybe[str] | None:
        """A text as it stands there; None if it is unset or empty."""
        return self.text_of(block.get(attribute))

    def text_of(self, value: Value) -> Maybe[str] | None:
        """The same of a part of an attribute."""
        match value:
            case str():
                return self.names.expand(value) or None
            case Unknown() | None:
                return value
            case bool():
                return "true" if value else "false"
            case int() | float():
                return str(value)
            case _:
                return Unknown(f"it is a {_shape(value)} where a text is expected")

    def name(self, block: Block, attribute: str = "name") -> Maybe[str]:
        """The name of an object that the block makes. Unset means that AWS or the provider will make one up."""
        found = self.text(block, attribute)
        return Unknown("its name is made up on apply") if found is None else found

    def flag(self, block: Block, attribute: str, *, default: bool) -> Maybe[bool]:
        """A switch."""
        return flag_of(block.get(attribute), default=default)

    def number(self, block: Block, attribute: str) -> Maybe[int] | None:
        """A whole number."""
        match block.get(attribute):
            case (int() | Unknown() | None) as value:
                return value
            case float() as value:
                return int(value)
            case str() as value if value.isdigit():
                return int(value)
            case value:
                return Unknown(f"it is a {_shape(value)} where a number is expected")

    def tags(self, block: Block) -> tuple[tuple[str, Maybe[str]], ...]:
        """The tags, those that the provider adds included; under the key REST why there may be more than are known."""
        found: dict[str, Maybe[str]] = {}
        for attribute in ("tags_all", "tags"):
            value = block.get(attribute)
            if isinstance(value, dict):
                found.update({key: self.text_of(item) or "" for key, item in value.items()})
            elif isinstance(value, Unknown):
                found[REST] = value
        return tuple(found.items())

    # -- links ------------------------------------------------------------------------------------------------------

    def link(self, block: Block, attribute: str, types: Types) -> Maybe[str] | None:
        """The text of a link to an object of one of these types."""
        return self.link_of(block.get(attribute), block, types)

    def required(self, block: Block, attribute: str, types: Types) -> Maybe[str]:
        """The same for an attribute that the provider insists on."""
        found = self.link(block, attribute, types)
        return Unknown(f"{attribute} is not set") if found is None else found

    def link_of(self, value: Value, block: Block, types: Types) -> Maybe[str] | None:
        """The same of a part of an attribute of the block."""
        if not isinstance(value, Unknown):
            return self.text_of(value)
        found = self.candidates(value, types)
        if len(found) == 1:
            return found[0]
        if written(block) is not block:
            return value  # a template shows every reference; what it leaves open is open
        if found or _is_vague(value):
            return self._only(block.module, types) or value
        return value

    def links(self, block: Block, attribute: str, types: Types) -> tuple[Maybe[str], ...]:
        """Links of a list. An Unknown stands for one or more that are not known."""
        return self.links_of(block.get(attribute), types)

    def links_of(self, value: Value, types: Types) -> tuple[Maybe[str], ...]:
        """The same of a part of an attribute."""
        if isinstance(value, Unknown):
            found = self.candidates(value, types)
            return found if found and len(found) == len(value.references) else (value,)
        items = value if isinstance(value, list) else [] if value is None else [value]
        missing = [item for item in items if isinstance(item, Unknown)]
        pool = list(dict.fromkeys(text for item in missing for text in self.candidates(item, types)))
        exact = iter(pool) if len(pool) == len(missing) else None
        found_items: list[Maybe[str]] = []
        for item in items:
            if isinstance(item, Unknown):
                own = self.candidates(item, types)
                found_items.append(own[0] if len(own) == 1 else next(exact) if exact else item)
            elif (text := self.text_of(item)) is not None:
                found_items.append(text)
        return tuple(found_items)

    def candidates(self, value: Unknown, types: Types, depth: int = 0) -> tuple[str, ...]:
        """Texts of the objects of these types that an unknown value may come from."""
        found: dict[str, None] = {}
        for reference in value.references:
            block = self.names.block(reference.address)
            if block is None or self.names.is_known(reference):
                continue
            if block.type in types:
                text = self.names.text(reference)
                if text is not None:
                    found[text] = None
            elif depth < _DEPTH:
                attribute = reference.attribute.partition(".")[0].partition("[")[0]
                inner = block.get(REPEATS.get((block.type, attribute), attribute))
                if isinstance(inner, Unknown):
                    found.update(dict.fromkeys(self.candidates(inner, types, depth + 1)))
                elif isinstance(inner, str):
                    found[self.names.expand(inner)] = None
        return tuple(found)

    def _only(self, module: str, types: Types) -> str | None:
        """The one object of these types in a module instance.

        A plan does not describe locals, so a link through one shows nothing. Where the module makes exactly one object
        that it can mean, it is taken to mean that one. Not so for policies: modules attach those of others, too.
        """
        if "aws_iam_policy" in types:
            return None
        if self._by_module is None:
            self._by_module = defaultdict(list)
            for block in self.blocks:
                if block.mode == "managed":
                    self._by_module[block.module, block.type].append(block)
        found = [block for type_ in types for block in self._by_module.get((module, type_), ())]
        return self.names.name(found[0]) if len(found) == 1 else None


def parts(value: Value) -> Iterator[dict[str, Value]]:
    """The nested blocks of an attribute, whether it holds one or a list; unknown ones are for `missing` to tell."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def missing(value: Value) -> Iterator[Unknown]:
    """What of an attribute's nested blocks is not known as a whole, or is nothing that can be read."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Unknown):
            yield item
        elif item is not None and not isinstance(item, dict):
            yield Unknown(f"it is a {_shape(item)} where a block is expected")


def first(value: Value) -> Maybe[dict[str, Value]] | None:
    """The only nested block of an attribute: the block, Unknown, or None if there is none."""
    return next(parts(value), None) or next(missing(value), None)


def flag_of(value: Value, *, default: bool) -> Maybe[bool]:
    """A switch that may be written as a text."""
    match value:
        case None:
            return default
        case bool() | Unknown():
            return value
        case "true" | "1":
            return True
        case "false" | "0" | "":
            return False
        case _:
            return Unknown(f"it is a {_shape(value)} where true or false is expected")


def keys_of(value: Value) -> Iterable[str]:
    """Names of a map, whose values are not looked at."""
    return value if isinstance(value, dict) else ()


def _is_vague(value: Unknown) -> bool:
    """Whether a value comes through a local, or from what makes up names (`random_pet`), so that its link is not shown.

    A variable that is left over is one of the root: its value comes from outside, and is no object of this input.
    """
    return any("local." in item.address or not _is_given(item.address) for item in value.references)


def _is_given(address: str) -> bool:
    """Whether a reference says all that there is to know: it is an AWS object, or a variable of the root."""
    return _is_aws(address) or address.startswith("var.")


def _is_aws(address: str) -> bool:
    return "aws_" in address


def _shape(value: Value) -> str:
    return {list: "list", dict: "map", str: "text", bool: "flag"}.get(type(value), "number")
