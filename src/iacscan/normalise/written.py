"""What people know a block by, which is not what handlers know it by where another language was put in Terraform's words."""

from abc import abstractmethod

from ..load.block import Block


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
