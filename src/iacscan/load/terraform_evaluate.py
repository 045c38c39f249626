"""Runs tfparse, Trivy's evaluator of Terraform, over a tree of modules whose texts are rewritten (`terraform_marks`).

It runs in a copy: every call of a module has a directory of its own there, beside links to everything else that the
module may read. It is told never to download anything. What it could not decide in one run is taken out in the next.
"""

import os
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NoReturn

from msgspec import Struct, json

from ..errors import InputError
from ..lazy import regex
from .terraform_batches import deprived, next_batch, reached, unreached
from .terraform_flow import Key, instance_of, static
from .terraform_marks import rewrite
from .terraform_names import is_source
from .terraform_nested import left_out
from .terraform_process import EVALUATOR, SECONDS, ParseError, Raw
from .terraform_reach import boundary, holds_nothing_else
from .terraform_reading import HELPERS, NOWHERE, PROBE, UUID, Reading
from .terraform_tree import Module, Tree

_RUNS: Final = 6  # each decides what depends on the one before; after so many, nothing is taken for decided
_READS_FILES: Final = re.compile(r"\b(?:file\w*|templatefile)\s*\(")
_UPWARDS: Final = re.compile(r"((?:\.\./)+)")
_PLACE: Final = re.compile(r"(?P<file>[^:]+):(?P<line>\d+),\S*: (?P<what>.*)", re.DOTALL)
_NO_KEY: Final = regex(rf"⟦|{UUID}")  # what a mark or a made-up id stands in
_NONE: Final = frozenset[str]()
_ADVICE: Final = "correct the Terraform source (`terraform validate` shows the same)"


class Evaluated(Struct, frozen=True):
    """What was evaluated: the blocks by type. `others` are blocks of further runs, which are in `raw` already."""

    reading: Reading
    raw: dict[str, list[Raw]]
    others: list[Raw]


def evaluate(tree: Tree) -> Evaluated:
    """Evaluate a tree.

    Raises InputError if the source cannot be parsed, if it asks for too much, or if the evaluator is not installed.
    """
    forced: dict[Key, frozenset[str]] = {}
    lossy: frozenset[tuple[str, str]] = frozenset()
    runs = 0
    with tempfile.TemporaryDirectory(prefix="iacscan-") as temporary:
        copy = _Copy(tree, Path(temporary))
        while True:  # every run decides more, and there is only so much to decide
            reading = rewrite(tree, forced, lossy, copy.sources, copy.up)
            raw = copy.run(reading)
            others = copy.run_rest(reading, raw)
            copy.refuse_unread(raw)
            repeated, arguments = _repeated(reading, raw), _arguments(reading, raw)
            lost = _lossy(reading, raw) - lossy
            if not arguments and not repeated and not lost:
                return Evaluated(reading, raw, others)
            forced |= repeated
            lossy |= lost
            runs += 1
            for module, name in arguments:
                module.unset |= {name} if runs < _RUNS else module.found.variables.keys()


def _repeated(reading: Reading, raw: dict[str, list[Raw]]) -> dict[Key, frozenset[str]]:
    """Each for_each that the evaluator could not decide, or only after it made instances; the latter with its keys.

    And those that were forced to have keys which turn out not to be theirs.
    """
    there = set(map(_declared, (item["__tfmeta"]["path"] for items in raw.values() for item in items)))
    found: dict[Key, frozenset[str]] = {}
    keys: defaultdict[Key, set[frozenset[str]]] = defaultdict(set)
    for item in raw.get("locals", ()):
        for name, value in item.items():
            if name.startswith(f"{PROBE}r"):
                number = name.removeprefix(f"{PROBE}r")
                key = reading.probes.repeated[int(number)]
                keys[key].add(_known_keys(item.get(f"{PROBE}k{number}"), value))
                if not isinstance(value, int) or (value > 0 and key[:2] not in there):
                    found[key] = _NONE
    for key, sets in keys.items():
        own = next(iter(sets)) if len(sets) == 1 else _NONE  # instances of one module have one text
        if key in reading.forced and own != reading.forced[key]:
            found[key] = _NONE
        elif key in found and key not in reading.forced:
            found[key] = own
    return found


def _known_keys(keys: Any, number: Any) -> frozenset[str]:  # noqa: ANN401  # untyped by the evaluator
    """The keys of the instances of a for_each; none if one of them is not known."""
    known = isinstance(keys, list) and len(keys) == number and all(isinstance(key, str) for key in keys)
    return frozenset(keys) if known and not any(_NO_KEY.search(key) for key in keys) else _NONE


def _arguments(reading: Reading, raw: dict[str, list[Raw]]) -> list[tuple[Module, str]]:
    """The arguments of modules that the evaluator could not decide."""
    arguments = []
    calls = [(static(item["__tfmeta"]["path"]), item) for item in raw.get("module", ())]
    for number, argument in reading.probes.arguments.items():
        for path, item in calls:
            if path != argument.module.path or item.get(f"{PROBE}a{number}") is True:
                continue
            value = item.get(argument.name)
            if _is_open(value) or (argument.lost and _has_open(value)):
                arguments.append((argument.module, argument.name))
                break
    return arguments


def _lossy(reading: Reading, raw: dict[str, list[Raw]]) -> frozenset[tuple[str, str]]:
    """The blocks of which nested ones were left out."""
    items = ((_declared(item["__tfmeta"].get("path", "")), item) for items in raw.values() for item in items)
    return frozenset(place for place, item in items if left_out(reading, *place, item))


def _declared(path: str) -> tuple[str, str]:
    """The module and the name of the block that an address is an instance of."""
    instance = instance_of(path)
    return static(instance), static(path[len(instance) :].lstrip("."))


def _is_open(value: Any) -> bool:  # noqa: ANN401  # untyped by the evaluator
    return value is None or (isinstance(value, dict) and "__attribute__" in value)


def _has_open(value: Any) -> bool:  # noqa: ANN401  # as above
    match value:
        case dict() if not _is_open(value):
            return any(map(_has_open, value.values()))
        case list():
            return any(map(_has_open, value))
        case _:
            return _is_open(value)


class _Copy:
    """A copy of a tree, in which files are rewritten, and everything that they may read is where they expect it."""

    def __init__(self, tree: Tree, temporary: Path) -> None:
        self._tree = tree
        self._places: dict[str, Path] = {}  # of modules by path
        self._made: dict[Path, Path] = {}  # directories by what they stand for
        self._calls: Counter[Path] = Counter()  # how many modules have that directory
        texts = [text for module in tree.modules for text in module.texts.values()]
        self._size = sum(map(len, texts))
        self._links = any(_READS_FILES.search(text) for text in texts)
        up = (
            max((len(found) // 3 for text in texts for found in _UPWARDS.findall(text)), default=0)
            if self._links
            else 0
        )
        directories = [module.directory.resolve() for module in tree.modules]
        top = Path(os.path.commonpath(directories))
        self._within = boundary(directories[0])
        for _ in range(up):
            if top == self._within or not top.is_relative_to(self._within):
                break  # what lies further up is nobody's to read
            top = top.parent
        base = temporary / "top"
        base.mkdir()
        self._made[top] = base
        self._link(top, base)
        for module, directory in zip(tree.modules, directories, strict=True):
            self._places[module.path] = self._place(directory, top)
        self.up = min(len(place.relative_to(base).parts) for place in self._places.values())
        self._values: list[str] = []
        if tree.environment:
            self._values.append("iacscan.tfvars.json")
            text = json.encode(tree.environment)
            (self._places[""] / self._values[0]).write_bytes(_as_values(text))
        for number, file in enumerate(tree.values):
            # A list of paths that are relative to the root; a copy, as a link would lead out of it.
            name = f"iacscan-{number}.tfvars{'.json' if file.name.endswith('.json') else ''}"
            text = file.read_bytes()
            (self._places[""] / name).write_bytes(_as_values(text) if name.endswith(".json") else text)
            self._values.append(name)

        self.sources = {
            module.path: _relative(self._places[module.path], self._places[module.parent.path])
            for module in tree.modules
            if module.parent
        }

    def _place(self, directory: Path, top: Path) -> Path:
        """A directory of its own for a module, beside the one that it stands for."""
        place = self._stand_in(directory, top)
        self._calls[place] += 1
        if self._calls[place] == 1:
            return place
        own = place.with_name(f"{place.name}~{self._calls[place]}")
        own.mkdir()
        self._link(directory, own)
        return own

    def _stand_in(self, directory: Path, top: Path) -> Path:
        if directory not in self._made:
            parent = self._stand_in(directory.parent, top)
            place = parent / directory.name
            if place.is_symlink():
                place.unlink()
            place.mkdir(exist_ok=True)
            self._made[directory] = place
            self._link(directory, place)
        return self._made[directory]

    def _link(self, directory: Path, place: Path) -> None:
        """Let the stand-in lead to everything in the directory but Terraform source."""
        if not self._links:
            return
        for entry in os.scandir(directory):
            # `.terraform` would tell the evaluator where modules are; here, they are elsewhere.
            if is_source(entry.name) or entry.name == ".terraform" or (place / entry.name).exists():
                continue
            within = self._within if directory.is_relative_to(self._within) else directory
            if holds_nothing_else(Path(entry.path), within):
                (place / entry.name).symlink_to(entry.path)

    def run(self, reading: Reading) -> dict[str, list[Raw]]:
        """Write the rewritten texts and evaluate them."""
        for path, module in reading.modules.items():
            place = self._places[path]
            if reading.only is not None:
                (place / NOWHERE).mkdir(exist_ok=True)
            for name, text in module.edits.rewritten().items():
                (place / name).write_text(text, encoding="utf-8", newline="")
            (place / HELPERS).write_text(module.helpers, encoding="utf-8")
        try:
            return EVALUATOR.parse(self._places[""], self._values, self._size)
        except ParseError as error:
            self._refuse(self._tree.modules, error)

    def run_rest(self, reading: Reading, raw: dict[str, list[Raw]]) -> list[Raw]:
        """Evaluate the module instances that the first run did not reach, and add their blocks; return all others."""
        others: list[Raw] = []
        tried: set[str] = set()
        again = deprived(reading.flow, raw)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            pending = [item for item in (*unreached(reading.flow, raw), *again) if item not in tried]
            if not pending:
                break
            only, chosen = next_batch(reading.flow, raw, pending)
            tried |= chosen
            more = self.run(rewrite(reading.tree, reading.forced, reading.lossy, self.sources, self.up, only))
            inside = reached(more)
            better = (inside - reached(raw)) | (inside & chosen)
            for kind in raw.keys() | more.keys():
                old, new = raw.get(kind, ()), more.get(kind, ())
                raw[kind] = [item for item in old if _instance(item) not in better]
                raw[kind] += (item for item in new if _instance(item) in better)
                others += (item for item in old if _instance(item) in better)
                others += (item for item in new if _instance(item) not in better)
        return others

    def refuse_unread(self, raw: dict[str, list[Raw]]) -> None:
        """Raise InputError if a module cannot be parsed: the evaluator leaves it out, as it does what is switched off."""
        evaluated = {static(instance) for instance in reached(raw)}
        for suspect in self._tree.modules:
            if suspect.path not in evaluated:
                try:
                    EVALUATOR.parse(self._places[suspect.path], [], 0)
                except ParseError as error:
                    self._refuse([suspect], error)

    def _refuse(self, modules: Iterable[Module], cause: ParseError) -> NoReturn:
        """Say what is wrong in terms of the original files: these are parsed once more as they were written."""
        for module in modules:
            place = self._places[module.path]
            for name, original in module.texts.items():
                (place / name).write_text(original, encoding="utf-8", newline="")
            try:
                EVALUATOR.parse(place, [], 0)
            except ParseError as error:
                raise _syntax_error(str(error), module) from error
        what = f"the source cannot be prepared for evaluation: {' '.join(str(cause).split())}"
        raise InputError(
            what, "this is a defect of iacscan; please report it with these lines of the source"
        ) from cause


def _instance(item: Raw) -> str:
    return instance_of(item["__tfmeta"].get("path", ""))


def _as_values(text: bytes) -> bytes:
    """JSON in which the evaluator, which takes its strings for templates, finds what is written."""
    return text.replace(b"${", b"$${").replace(b"%{", b"%%{")


def _relative(target: Path, start: Path) -> str:
    path = Path(os.path.relpath(target, start)).as_posix()
    return path if path.startswith("..") else f"./{path}"


def _syntax_error(text: str, module: Module) -> InputError:
    text = text.removeprefix("unable to create TerraformConverter: ")
    place = _PLACE.match(text)
    what = text
    if place:
        span = module.span(Path(place["file"]).name, int(place["line"]), int(place["line"]))
        what = f"{module.directory / Path(span.file).name}:{span.line}: {place['what']}"
    return InputError(" ".join(what.split()), _ADVICE)
