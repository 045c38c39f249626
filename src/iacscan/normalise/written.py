"""What people have written, where that is not what handlers see.

They know a block by another name where its language was put in Terraform's words, and a policy by another text where the
provider has normalised it.
"""

from abc import abstractmethod

from msgspec.structs import replace

from ..load.block import Block
from ..policy.canonical import canonical
from ..policy.document import PolicyDocument, parse


class Rewritten:
    """A block with a type, attributes and an address of Terraform; `written` is what stands in the input."""

    written: Block

    @abstractmethod
    def property_of(self, name: str) -> str:
        """How the input spells an attribute: its path from the block on."""


def written(block: Block) -> Block:
    """The block as people know it."""
    return block.written if isinstance(block, Rewritten) else block


def attribute_as_written(block: Block, name: str) -> str:
    """How the input spells an attribute."""
    return block.property_of(name) if isinstance(block, Rewritten) else name


def place(block: Block, name: str) -> str:
    """Where an attribute stands, for people."""
    return f"{written(block).address}.{attribute_as_written(block, name)}"


def with_lost_names(document: PolicyDocument, value: str, literal: str | None) -> PolicyDocument:
    """A policy with the problem that the text it was made from has names twice, of which the provider kept one.

    Providers normalise the text of most policies. If the literal means something else, the value was not made from it (the
    configuration ignores changes), and says nothing about it.
    """
    said = parse(literal, "") if literal is not None and literal != value else None
    if not isinstance(said, PolicyDocument):
        return document
    lost = tuple(item for item in said.problems if item.duplicate)
    if not lost or canonical(said) != canonical(document):
        return document
    return replace(document, problems=(*document.problems, *lost))
