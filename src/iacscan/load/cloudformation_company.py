"""A template in the company of those that it imports from, and of those that import from it.

The others are opened beside it, with a prefix before their logical ids as nested stacks have, so that what it imports is the
resource itself, and what they add to its resources is seen. What is found about their resources is told where they are scanned.
"""

from pathlib import Path
from typing import Final

from ..errors import InputError
from ..value import Unknown, Value
from .cloudformation_block import TemplateBlock
from .cloudformation_decode import Node
from .cloudformation_exports import Export, Exports, name_of, open_stack
from .cloudformation_intrinsics import Evaluator
from .cloudformation_nested import as_text, read_nested
from .cloudformation_site import Log
from .cloudformation_stack import Stack
from .cloudformation_surroundings import Imported, Surroundings

MAX_COMPANIONS: Final = 20  # templates that are opened beside one
_MAX_STEPS: Final = 8  # imports that a value may come through


class Company:
    """The templates around one, in one world of its conditions. It implements `cloudformation_surroundings.Imports`."""

    def __init__(self, exports: Exports, path: str, roots: dict[Path, Node]) -> None:
        self._exports = exports
        self._path = path
        self._log = Log(roots=roots, imports=self)
        self._stacks: dict[str, Stack | None] = {}
        self._known: dict[Export, Imported] = {}
        self._busy: list[Export] = []
        self.left_out: dict[str, None] = {}  # templates that would be too many

    def begin(self, root: Stack) -> None:
        """Say which stack stands for the template itself."""
        self._stacks[self._path] = root

    def gather(self) -> tuple[TemplateBlock, ...]:
        """The resources of the others, once those of the template itself are worked out; in the order of their paths."""
        for path in self._exports.importers.get(self._path, ()):
            self._stack(path)
        found: dict[str, tuple[TemplateBlock, ...]] = {}
        while len(found) < len(others := self.others()):  # working one out may bring another one in
            for path, stack in others.items():
                if path not in found:
                    found[path] = tuple(stack.blocks())
        return tuple(block for path in sorted(found) for block in found[path])

    def others(self) -> dict[str, Stack]:
        """The stacks that are opened beside the template, by path."""
        return {path: stack for path, stack in self._stacks.items() if stack is not None and path != self._path}

    def prefixes(self) -> dict[str, str]:
        """The paths of the others by what stands before the addresses of their resources."""
        return {stack.prefix: path for path, stack in sorted(self.others().items())}

    def imported(self, stack: Surroundings, name: Node) -> Imported:
        """What `Fn::ImportValue` in a stack gives: the value of the one export that can be meant."""
        written = Evaluator(stack).known(name)
        called = f" as {written}" if isinstance(written, str) else ""
        meant = self._exports.meant(name_of(stack, name), stack.file)
        if not meant:
            return Imported(Unknown(f"what another stack exports{called}, and no template that is scanned with it"))
        if len(meant) > 1:
            listed = ", ".join(str(entry) for entry in meant[:4]) + (", ..." if len(meant) > 4 else "")  # noqa: PLR2004  enough to see
            return Imported(Unknown(f"what another stack exports{called}, which may be {listed}"))
        return self._exported(meant[0], called)

    def _exported(self, export: Export, called: str) -> Imported:
        if export in self._known:
            return self._known[export]
        if export in self._busy or len(self._busy) >= _MAX_STEPS:
            why = "imports lead back to itself" if export in self._busy else "comes through too many stacks"
            return Imported(Unknown(f"what another stack exports{called} ({export}), whose {why}"))
        if export.withheld:
            because = f"exported{called} ({export}) only if the condition {export.withheld} holds"
            return Imported(Unknown(because))
        stack = self._stack(export.path)
        if stack is None:
            return Imported(Unknown(f"what another stack exports{called} ({export}), which is not looked at here"))
        self._busy.append(export)
        found = stack.given_away(export.output)
        self._busy.pop()
        value: Value = as_text(found.value)
        if not isinstance(value, str | Unknown):
            value = Unknown(f"what another stack exports{called} ({export}), which is no text")
        found = self._known[export] = Imported(value, found.references, secret=found.secret)
        return found

    def _stack(self, path: str) -> Stack | None:
        if path not in self._stacks:
            self._stacks[path] = None
            if len(self.others()) >= MAX_COMPANIONS:
                self.left_out[path] = None
            else:
                self._stacks[path] = self._open(path)
        return self._stacks[path]

    def _open(self, path: str) -> Stack | None:
        try:
            root = self._exports.roots.get(path) or read_nested(Path(path), self._log.roots)
            return open_stack(root, path, self._exports.parameters, self._log, f"{self._exports.aliases[path]}/")
        except InputError:
            return None  # told of when it is scanned itself
