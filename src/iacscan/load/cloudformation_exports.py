"""What the templates of one run export to each other, by name; read once, before any of them is scanned.

Names of exports are unique in an account and region, and importers mostly put them together of a parameter that names the
stack: `!ImportValue {Fn::Sub: '${Network}-Bucket'}` means `Export: {Name: !Sub '${AWS::StackName}-Bucket'}`. So a name
is a pattern here: `*` stands where a part is not known, and names themselves can have no star.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ..errors import InputError
from ..policy.pattern import overlaps
from ..value import Unknown, Value
from .cloudformation_decode import Node, decode
from .cloudformation_includes import Includes
from .cloudformation_intrinsics import Evaluator
from .cloudformation_site import Log, Site
from .cloudformation_stack import NESTED, Stack
from .cloudformation_surroundings import Surroundings
from .cloudformation_text import MARK, Result

_HOLE: Final = "*"
_IMPORT: Final = "Fn::ImportValue"
_DULL: Final = frozenset(("template", "packaged"))  # names of files that say nothing


class Name(Struct, frozen=True):
    """The name of an export as a pattern: as parameters' defaults have it, and with all parameters open."""

    said: str
    shape: str

    @property
    def is_vague(self) -> bool:
        """Whether nothing of it is fixed."""
        return not any(character.isalnum() for character in self.shape + self.said)


class Export(Struct, frozen=True):
    """One export: the template and the output that it stands in. It is `withheld` if a condition keeps it away by default."""

    name: Name
    path: str
    output: str
    withheld: str = ""

    def __str__(self) -> str:
        return f"{self.output} in {self.path}"


class Exports(Struct, frozen=True):
    """All exports of a run. `importers` are templates by those that they import from; `aliases` what templates are called.

    `roots` are the decoded templates, for scans in the same process.
    """

    entries: tuple[Export, ...]
    importers: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str]
    parameters: Mapping[str, str]
    roots: Mapping[str, Node] = {}

    def bare(self) -> "Exports":
        """The same without what is dear to send to another process."""
        return replace(self, roots={})

    def meant(self, name: Name, importer: str) -> Sequence[Export]:
        """The exports that a name may mean in a template, by its path; one if it is clear.

        Parameters have their defaults where some export has a name for that; else only what is fixed counts. What is
        equal as it stands goes before what could be equal, and what is exported before what a condition keeps away. Of
        copies of one export, which cannot be in one account and region, that counts which stands nearest.
        """
        if name.is_vague:
            return ()
        found = [entry for entry in self.entries if overlaps(entry.name.said, name.said)]
        exact = [entry for entry in found if entry.name.said == name.said and _HOLE not in name.said]
        if not found:
            found = [entry for entry in self.entries if overlaps(entry.name.shape, name.shape)]
        alike = exact or [entry for entry in found if entry.name.shape == name.shape] or found
        alike = [entry for entry in alike if not entry.withheld] or alike
        return _nearest(alike, importer) if len({entry.name for entry in alike}) == 1 else alike


def _nearest(copies: Sequence[Export], importer: str) -> Sequence[Export]:
    """Those to whose directory it is the shortest way from the importer's."""
    own = Path(importer).absolute().parent.parts

    def steps(entry: Export) -> int:
        other = Path(entry.path).absolute().parent.parts
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, other, strict=False)))
        return len(own) + len(other) - 2 * shared

    fewest = min(map(steps, copies))
    return [entry for entry in copies if steps(entry) == fewest]


class _Open(Evaluator):
    """Works out names; what is not known leaves a hole, and nothing after it is lost. With `free`, defaults are no values."""

    def __init__(self, stack: Surroundings, *, free: bool) -> None:
        super().__init__(stack)
        self._free = free

    def _named(self, name: str) -> Result:
        if self._free and self._stack.is_free(name):
            return Unknown("a parameter")
        return super()._named(name)

    def _joined(self, pieces: Sequence[Value]) -> Value:
        return "".join(str(piece) if isinstance(piece, str | int) else _HOLE for piece in pieces)


def name_of(stack: Surroundings, node: Node) -> Name:
    """The name that a node gives in a stack."""
    return Name(*(_pattern(_Open(stack, free=free).known(node)) for free in (False, True)))


def _pattern(value: Value) -> str:
    text = MARK.sub(_HOLE, str(value)) if isinstance(value, str | int) else _HOLE
    return re.sub(r"\*+", _HOLE, text)


def gather_exports(texts: Mapping[str, bytes], parameters: Mapping[str, str]) -> Exports:
    """What templates export to each other; `texts` are theirs by path. One that cannot be read exports nothing here."""
    scanned = {Path(path).resolve() for path in texts}
    roots: dict[str, Node] = {}
    stacks: dict[str, list[Stack]] = {}
    for path, data in texts.items():
        try:
            roots[path] = Includes(path).expand(decode(data))
            stacks[path] = list(_within(open_stack(roots[path], path, parameters, Log()), scanned))
            for stack in stacks[path]:
                stack.outputs  # noqa: B018  loops and SAM's resources may be broken, too
        except (InputError, RecursionError):
            stacks.pop(path, None)
    entries = tuple(entry for path, (root, *_) in stacks.items() for entry in _entries(path, root))
    known = Exports(entries, {}, _aliases(stacks), parameters, roots)
    importers: dict[str, dict[str, None]] = {}
    for path, found in stacks.items():
        for stack in found:
            for name in _imports(stack):
                meant = known.meant(name, stack.file)
                if len(meant) == 1 and meant[0].path != path:
                    importers.setdefault(meant[0].path, {})[path] = None
    return replace(known, importers={path: tuple(found) for path, found in importers.items()})


def open_stack(root: Node, path: str, parameters: Mapping[str, str], log: Log, prefix: str = "") -> Stack:
    """The stack of a template, with those of the given parameters that it has."""
    site = Site(file=path, prefix=prefix, ancestors=(Path(path).resolve(),))
    stack = Stack(root, site, {}, log)
    given: dict[str, Value] = {name: value for name, value in parameters.items() if name in stack.template.parameters}
    return Stack(root, site, given, log) if given else stack


def _within(stack: Stack, besides: Collection[Path]) -> Iterator[Stack]:
    """A stack and those within it, but for those whose templates are scanned by themselves."""
    yield stack
    for child in stack.children():
        if Path(child.file).resolve() not in besides:
            yield from _within(child, besides)


def _entries(path: str, stack: Stack) -> Iterator[Export]:
    for output, node in stack.outputs.items():
        export = node.get("Export")
        name = export.get("Name") if export is not None else None
        if name is None:
            continue
        condition = node.get("Condition")
        asked = condition.text or "" if condition is not None else ""
        yield Export(name_of(stack, name), path, output, asked if asked and stack.condition(asked) is False else "")


def _imports(stack: Stack) -> Iterator[Name]:
    """The names of all that a stack imports, wherever it says so."""
    todo = [*stack.resources.values(), *stack.outputs.values()]
    while todo:
        node = todo.pop()
        if isinstance(node.value, list):
            todo.extend(node.value)
        elif isinstance(node.value, dict):
            name = node.value.get(_IMPORT)
            if name is not None:
                yield name_of(stack, name)
            todo.extend(node.value.values())


def _aliases(stacks: Mapping[str, Sequence[Stack]]) -> dict[str, str]:
    """A short name for each template, free of what logical ids cannot hold, and that of no nested stack."""
    taken = {
        name
        for (root, *_) in stacks.values()
        for name, node in root.resources.items()
        if (kind := node.get("Type")) is not None and kind.text == NESTED
    }
    parts = {path: _parts(path) for path in stacks}
    found: dict[str, str] = {}
    for path, own in parts.items():
        for depth in range(1, len(own) + 1):
            alias = "".join(own[-depth:])
            count = Counter("".join(other[-depth:]) for other in parts.values())[alias]
            if alias and count == 1 and alias not in taken:
                break
        else:
            alias = f"{own[-1] if own else ''}Template{len(found) + 1}"
        while alias in taken:
            alias += "x"
        taken.add(alias)
        found[path] = alias
    return found


def _parts(path: str) -> list[str]:
    """The names in a path that say something, as letters and digits."""
    *above, last = Path(path).parts
    stem = last.partition(".")[0]
    words = [*above, *([] if stem in _DULL and above else [stem])]
    return [word for part in words if (word := re.sub(r"[^A-Za-z0-9]", "", part))]
