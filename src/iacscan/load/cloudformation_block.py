"""A resource of a CloudFormation template as a Block."""

from typing import TypeAlias

from msgspec import Struct

from ..source import Span
from ..value import Reference, Unknown, Value
from .block import Mode
from .cloudformation_decode import Node

Steps: TypeAlias = tuple[str | int, ...]


class TemplateBlock(Struct, frozen=True, kw_only=True):
    """A resource of a template; see `load.block.Block` for the meaning of each member.

    Attributes are the properties; what stands beside them is there under names such as `@DeletionPolicy`. `added_by` says
    for people what may set properties that are not written; empty if nothing does.
    """

    address: str
    module: str
    type: str
    name: str
    account: str
    span: Span | None
    possible: bool
    tree: dict[str, Value]
    found: dict[str, tuple[tuple[Steps, Reference], ...]]
    secret: frozenset[str]
    properties: Node
    mode: Mode = "managed"
    index: int | str | None = None
    action: str = "create"
    added_by: str = ""

    def names(self) -> frozenset[str]:
        """Names of all properties that have a value or an unknown value here."""
        return frozenset(name for name, value in self.tree.items() if value is not None)

    def get(self, name: str) -> Value:
        """The property's tree, with `Unknown` leaves; None if it is absent or AWS::NoValue, and nothing adds properties."""
        value = self.tree.get(name)
        if value is None and self.added_by and not name.startswith("@"):
            return Unknown(f"not written, and may be set by {self.added_by}")
        return value

    def literal(self, name: str) -> str | None:
        """None: a template shows what is written, and nothing beside it."""
        del name
        return None

    def configured(self, name: str) -> bool | None:
        """Whether the property is there; None if it may be added."""
        if self.tree.get(name) is not None:
            return True
        return None if self.added_by else False

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What is referred to at a path of the tree, above it (a whole that is made by a function) or below it."""
        found = self.found.get(str(path[0]), ()) if path else (item for row in self.found.values() for item in row)
        inner = path[1:]
        return tuple(
            dict.fromkeys(reference for at, reference in found if at[: len(inner)] == inner[: len(at)] or not inner)
        )

    def sensitive(self, name: str) -> bool:
        """Whether the value of a NoEcho parameter goes into the property."""
        return name in self.secret

    def span_of(self, *path: str | int) -> Span | None:
        """The lines of a property, or of what it has at a path; of the nearest thing above where a function stands."""
        if self.span is None:
            return None
        node = self.properties
        for step in path:
            match node.value:
                case dict() if (below := node.get(str(step))) is not None:
                    node = below
                case list() if isinstance(step, int) and 0 <= step < len(node.value):
                    node = node.value[step]
                case _:
                    break
        return Span(self.span.file, node.line, node.end) if node.line else self.span
