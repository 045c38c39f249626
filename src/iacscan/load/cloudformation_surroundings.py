"""What the names in a template mean: what intrinsic functions ask of the stack that they stand in."""

from typing import Protocol

from msgspec import Struct

from ..value import Reference, Value
from .cloudformation_decode import Node


class Imported(Struct, frozen=True):
    """What another stack gives away: the value, what it refers to, and whether it comes of a NoEcho parameter."""

    value: Value
    references: tuple[Reference, ...] = ()
    secret: bool = False


class Surroundings(Protocol):
    """What a stack knows about the names in its template."""

    @property
    def prefix(self) -> str:
        """What stands before logical ids in addresses; empty in the root."""

    @property
    def file(self) -> str:
        """The path of the template."""

    def parameter(self, name: str) -> Value:
        """The value of a parameter; None if there is none of that name."""

    def hole(self, name: str) -> str | None:
        """A symbol for a parameter without a value inside of a longer text, if it can hold no wildcard."""

    def whole(self, name: str, *, calls: bool) -> str | None:
        """What such a parameter is where it is all that is said of one thing, which `calls` where it is a principal."""

    def is_secret(self, name: str) -> bool:
        """Whether a parameter is NoEcho."""

    def missing(self, name: str) -> str | None:
        """Why a logical id leads to nothing; None if it leads to a resource."""

    def attribute(self, name: str, attribute: str) -> Value:
        """An attribute that the stack knows more of than a mark tells: outputs of nested stacks, custom resources."""

    def generated(self, name: str) -> Node | None:
        """What a name such as `Function.Alias` stands for, which SAM makes; None if it makes nothing of that name.

        A node without a value if it is known by that name only.
        """

    def condition(self, name: str) -> bool | None:
        """Whether a condition holds; None if it is not decided."""

    def mapping(self, name: str) -> Node | None:
        """An entry of Mappings."""

    def imported(self, name: Node) -> Imported:
        """What `Fn::ImportValue` gives for a name, which is a node of the template."""

    def is_free(self, name: str) -> bool:
        """Whether a name is that of a parameter that may get another value."""


class Imports(Protocol):
    """What is known of the exports of other templates."""

    def imported(self, stack: Surroundings, name: Node) -> Imported:
        """What `Fn::ImportValue` in a stack gives for a name."""
