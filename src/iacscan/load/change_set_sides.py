"""A template beside the change set that brings it: what there is before, in the template's own words where nothing changes.

A change set has ids where the template has references, and masks where the template says from what a value comes; the
template has no past, and does not know what is looked up at deployment. So that the two sides can be compared, what is the
same before and after is said as the template says it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ..policy.arn import REST
from ..value import Unknown, Value
from .cloudformation_block import TemplateBlock


class Sides(Struct, frozen=True):
    """The resources of a change set, by logical id: as they are now, and as they will be. `hidden` are not shown at all."""

    was: Mapping[str, TemplateBlock]
    will: Mapping[str, TemplateBlock]
    hidden: frozenset[str] = frozenset()

    def after(self, blocks: Iterable[TemplateBlock]) -> Iterator[TemplateBlock]:
        """The template's resources with the values that only the change set knows, then those that only it has."""
        seen = set()
        for block in blocks:
            seen.add(block.address)
            known = self.will.get(block.address)
            if known is None or known.type != block.type:
                yield block
            else:
                yield replace(
                    block, tree={key: _filled(value, known.tree.get(key)) for key, value in block.tree.items()}
                )
        yield from (block for address, block in self.will.items() if address not in seen)

    def before(self, blocks: Sequence[TemplateBlock]) -> Iterator[TemplateBlock]:
        """What there is before the template's resources, as `after` gives them, and what is taken out.

        What stands in a nested stack that changes has a change set of its own, and may be new.
        """
        new = {block.address: block for block in blocks}
        changed = {*self.was, *self.will, *self.hidden}
        yield from (block for address, block in new.items() if changed.isdisjoint((address, address.partition("/")[0])))
        for address, was in self.was.items():
            now, will = new.get(address), self.will.get(address)
            yield was if now is None or will is None or now.type != was.type else _earlier(now, will, was)


def _filled(value: Value, known: Value) -> Value:
    """A value with what is not known in it filled in."""
    match value, known:
        case Unknown(), None | Unknown():
            return value
        case Unknown(), _:
            return known
        case str(), str() if value.endswith(REST):
            return known
        case dict(), dict():
            return {key: _filled(item, known.get(key)) for key, item in value.items()}
        case list(), list() if len(value) == len(known):
            return [_filled(item, other) for item, other in zip(value, known, strict=True)]
        case _:
            return value


def _earlier(block: TemplateBlock, will: TemplateBlock, was: TemplateBlock) -> TemplateBlock:
    """A changed resource as it was."""
    tree = {key: _aligned(block.tree.get(key), will.tree.get(key), value) for key, value in was.tree.items()}
    found = {key: (*block.found.get(key, ()), *was.found.get(key, ())) for key in tree}
    return replace(block, tree=tree, found={key: places for key, places in found.items() if places})


def _aligned(new: Value, will: Value, was: Value) -> Value:
    """What was, in the words that the template has for what will be the same."""
    if was == will and new is not None:
        return new
    match new, will, was:
        case dict(), dict(), dict():
            return {key: _aligned(new.get(key), will.get(key), item) for key, item in was.items()}
        case list(), list(), list() if len(new) == len(will):
            return [_matched(new, will, item, at) for at, item in enumerate(was)]
        case _:
            return was


def _matched(new: Sequence[Value], will: Sequence[Value], item: Value, at: int) -> Value:
    """An item of a list: where the new list has the same, or else at the same place."""
    if item in will:
        return new[will.index(item)]
    return _aligned(new[at], will[at], item) if at < len(will) else item
