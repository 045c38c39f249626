"""Where a stack stands, and what is met in it."""

from pathlib import Path

from msgspec import Struct

from ..errors import InputError
from ..source import Span
from .cloudformation_decode import Node
from .cloudformation_surroundings import Imports


class Log(Struct):
    """What was met on the way: for people, and for rules about absence."""

    notes: dict[str, None] = {}
    unevaluated: dict[str, None] = {}
    stacks: int = 0
    faults: dict[str, tuple[str, InputError]] = {}  # nested templates that cannot be read: address, file, what is wrong
    roots: dict[Path, Node] = {}  # nested templates that are decoded already
    imports: Imports | None = None  # what other templates export

    def aside(self, imports: Imports | None = None) -> "Log":
        """A log for another world of the same templates, which nobody reads."""
        return Log(roots=self.roots, imports=imports)


class Site(Struct, frozen=True, kw_only=True):
    """Where a stack stands: its file, what stands before its logical ids, the account that it is made in.

    `ancestors` are the files of the stacks around it. `span` is there if the template stands inside of another one: then
    its own lines mean nothing.
    """

    file: str
    prefix: str = ""
    ancestors: tuple[Path, ...] = ()
    account: str = "aws"
    span: Span | None = None
