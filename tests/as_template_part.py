"""As much of a stack as a template can say."""

from collections.abc import Iterable

from as_template import NotSayable, Template

from iacscan.load.block import Block


class _Without:
    """A block without some of its attributes."""

    def __init__(self, block: Block, hidden: str) -> None:
        self._block = block
        self._hidden = hidden

    def __getattr__(self, name: str):
        return getattr(self._block, name)

    def names(self):
        return self._block.names() - {self._hidden}

    def get(self, name: str):
        return None if name == self._hidden else self._block.get(name)

    def references(self, *path):
        return () if path[:1] == (self._hidden,) else self._block.references(*path)


def sayable(blocks: Iterable[Block]) -> tuple[list[Block], set[tuple[str, ...]]]:
    """What of the blocks a template can say, and the entries of NOT_SAYABLE that took the rest away."""
    left, met = list(blocks), set()
    while True:
        try:
            Template(left)
        except NotSayable as no:
            met.add(no.key)
            if no.block is None:
                return [], met
            at = next(at for at, block in enumerate(left) if block is no.block)
            attribute = no.key[1] if len(no.key) > 1 else ""
            left[at : at + 1] = [_Without(left[at], attribute)] if attribute in left[at].names() else []
        else:
            return left, met
