"""What a handler of a resource type gets: the side that it reads, and what it must know of the other one."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec import Struct

from ..finding import Origin
from ..load.block import Block
from ..value import Unknown
from .policy_documents import Policies
from .reader import Reader

# For a companion type, every text that one of its blocks names its object by, on either side of the change. Attachments
# and inline policies are listed as "object\npolicy".
Accounted: TypeAlias = Callable[[str], frozenset[str]]


class Scene(Struct, frozen=True):
    """One side of the change. `existed` are addresses of what is there before it; None on the side before."""

    read: Reader
    policies: Policies
    accounted: Accounted
    existed: frozenset[str] | None = None

    def origin(self, block: Block) -> Origin:
        """Where an object comes from."""
        return self.read.origin(block)

    def is_argument(self, block: Block, attribute: str) -> bool:
        """Whether the configuration sets an attribute that AWS fills in as well, so that it is more than a copy.

        A plan does not show `dynamic` blocks; but what a new object holds can only come from the configuration.
        """
        if block.configured(attribute):
            return True
        value = block.get(attribute)
        return self.is_new(block) and value not in (None, "", [], {}) and not isinstance(value, Unknown)

    def is_new(self, block: Block) -> bool:
        """Whether the change makes the object, so that what it holds comes from the configuration alone."""
        return self.existed is not None and block.action in ("create", "replace")

    def is_copy(self, block: Block, attribute: str, companion: str) -> bool:
        """Whether an attribute only shows what a block of a companion type says, which is then read from there."""
        known = not isinstance(block.get(attribute), Unknown | None)
        return known and not self.is_argument(block, attribute) and self.is_accounted(block, companion)

    def called(self, block: Block) -> frozenset[str]:
        """Everything that a companion may call the object of a block by."""
        names = self.read.names
        return frozenset((names.name(block), names.arn(block), f"⟦{block.address}⟧"))

    def is_accounted(self, block: Block, companion: str, part: str = "") -> bool:
        """Whether a block of a companion type, before or after, says what the copy in this block says.

        `part` tells several companions of one object apart: the name of an inline policy, the ARN of an attached one.
        """
        called = self.called(block)
        texts = self.accounted(companion)
        return any(f"{name}\n{part}" in texts for name in called) if part else not called.isdisjoint(texts)


Handler: TypeAlias = Callable[[Scene, Block], Iterator[Struct]]
