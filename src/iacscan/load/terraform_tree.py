"""The files of a root module and of every module that it calls, read as text.

Each call of a module is a `Module` of its own, also where several call the same directory: what its variables are set to
differs. Modules are found beside their caller, or where `terraform init` has put them (`.terraform/modules`). Nothing is
downloaded. https://developer.hashicorp.com/terraform/language/modules/configuration
"""

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ..errors import InputError
from ..source import Span
from .terraform_found import Scanned
from .terraform_functions import READING
from .terraform_names import is_override, is_source, stem
from .terraform_native import as_native
from .terraform_reach import boundary, may_be_read
from .terraform_templates import with_templates
from .terraform_text import scan

MAX_FILE: Final = 4_000_000  # bytes of one file
MAX_CALLS: Final = 1_000  # of modules, from all modules of one root
_DEFAULT: Final = re.compile(r'(?m)^\s*default\s*=|\{\s*default\s*=|"default"\s*:')
_COMPLEX: Final = re.compile(r'\btype"?\s*[=:]\s*"?(?!(?:string|number|bool)\b)\w')
_READS: Final = re.compile(rf"\b(?:{'|'.join(READING)})\s*\(")
_NATIVE: Final = ".tf"  # what is added to the name of a file in JSON
_ENVIRONMENT: Final = "TF_VAR_"


class Module(Struct):
    """One call of a module, or the root (whose `path` is empty).

    `path` is its address without keys (`module.a.module.b`), `unset` its variables that have no value that is known
    here. `texts` are its files by name; one in JSON that is written as native syntax has another name and, in `lines`, the line
    of the file for each of its own. `calls` are those that could be followed, `missing` says of the others why not.
    """

    path: str
    directory: Path
    texts: dict[str, str]
    found: Scanned
    parent: "Module | None" = None
    call: str = ""
    unset: frozenset[str] = frozenset()
    calls: dict[str, "Module"] = {}
    missing: dict[str, str] = {}
    lines: dict[str, tuple[int, ...]] = {}

    def file(self, name: str) -> str:
        """The path of one of its files, as a user would write it."""
        return os.path.normpath(self.directory / (name.removesuffix(_NATIVE) if name in self.lines else name))

    def span(self, name: str, line: int, end_line: int) -> Span:
        """Lines of one of its texts, as lines of the file."""
        known = self.lines.get(name)
        if known:
            line, end_line = (known[min(number, len(known)) - 1] for number in (line, end_line))
        return Span(self.file(name), line, end_line)

    @property
    def repetition(self) -> str:
        """How the call is repeated: `count`, `for_each` or empty."""
        arguments = self.parent.found.declared[f"module.{self.call}"].arguments if self.parent else {}
        return next((name for name in ("count", "for_each") if name in arguments), "")


class Tree(Struct):
    """A root module with all that it calls, callers first.

    `values` are its files of variables, in Terraform's order; `environment` those that environment variables give, which
    count for less.
    """

    modules: list[Module]
    values: list[Path]
    notes: list[str]
    environment: dict[str, str] = {}


class _Files(Struct):
    """What is read of a module's files; see `Module`."""

    texts: dict[str, str]
    lines: dict[str, tuple[int, ...]]


class _Entry(Struct, frozen=True):
    """One row of `.terraform/modules/modules.json`."""

    key: str = msgspec.field(default="", name="Key")
    directory: str = msgspec.field(default="", name="Dir")


class _Manifest(Struct, frozen=True):
    modules: tuple[_Entry, ...] = msgspec.field(default=(), name="Modules")


def read_tree(directory: Path, var_files: Sequence[str] = (), *, planned: bool = False) -> Tree:
    """Read a root module and what it calls.

    If `planned`, the files hold all variables as they are in a plan: files that Terraform would take by itself, its
    environment and defaults count for nothing, and a variable that is not in the files is not known.

    Raises InputError if a file cannot be read, if there is no Terraform file, or if modules call each other in a circle.
    """
    return _Reader(directory, var_files, planned=planned).tree()


class _Reader:
    def __init__(self, directory: Path, var_files: Sequence[str], *, planned: bool) -> None:
        self._directory = directory
        self._within = boundary(directory)
        self._planned = planned
        self._values = [*(() if planned else _value_files(directory)), *map(Path, var_files)]
        self._read: dict[Path, tuple[_Files, Scanned]] = {}
        self._installed = _manifest(directory)
        self._modules: list[Module] = []
        self._notes: list[str] = []

    def tree(self) -> Tree:
        files, found = self._module(self._directory)
        if not files.texts:
            what = "there is no Terraform file (*.tf) in the directory"
            raise InputError(what, "name the directory of a root module")
        environment = {} if self._planned else _environment(found)
        given = set(environment)
        for file in self._values:
            given |= _assigned(file)
        asked = frozenset(found.variables) if self._planned else _without_default(found)
        root = Module(
            "", self._directory, files.texts, found, unset=asked - given, calls={}, missing={}, lines=files.lines
        )
        self._modules.append(root)
        for module in self._modules:  # it grows while it is walked, callers first
            self._call_all(module)
        return Tree(self._modules, self._values, self._notes, environment)

    def _module(self, directory: Path) -> tuple[_Files, Scanned]:
        key = directory.resolve()
        if key not in self._read:
            names = sorted(name for name in _names(directory) if is_source(name))
            tofu = {stem(name) for name in names if ".tofu" in name}
            files = _Files({}, {})
            for name in names:
                if is_override(name):
                    self._notes.append(f"{directory / name} overrides other files; what it changes is not seen")
                elif ".tofu" in name or stem(name) not in tofu:  # OpenTofu prefers its own files
                    self._add(directory, name, files)
            found = _scanned(tuple(files.texts.items()))
            _refuse_circle_of_locals(Module("", directory, files.texts, found, lines=files.lines))
            self._read[key] = files, found
        return self._read[key]

    def _add(self, directory: Path, name: str, files: _Files) -> None:
        def read(start: str, path: str) -> str | None:
            file = (directory if start == "module" else self._directory) / path
            own = directory.resolve()
            if not (may_be_read(file, self._within) or may_be_read(file, own)):
                return None  # likewise
            try:
                return read_text(file) if file.is_file() else None
            except InputError:
                return None  # it stays a call, which is not known

        text = read_text(directory / name)
        if name.endswith(".json"):
            native = as_native(text)
            if native is None:
                files.texts[name] = _READS.sub(r"iacscan_\g<0>", text)  # nobody looks after what these would read
                return
            text, files.lines[name + _NATIVE] = native
            name += _NATIVE
        files.texts[name] = with_templates(text, read)

    def _call_all(self, module: Module) -> None:
        for node, declared in module.found.declared.items():
            if not node.startswith("module."):
                continue
            name = node.removeprefix("module.")
            argument = declared.arguments.get("source")
            source = module.texts[declared.span.file][argument.start : argument.end].strip('"') if argument else ""
            span = module.span(declared.span.file, declared.span.line, declared.span.end_line)
            place = f"{module.directory / Path(span.file).name}:{span.line}"
            target = self._find(module, name, source)
            if target is None:
                advice = "check the path" if _is_local(source) else 'run "terraform init" first'
                self._miss(module, name, f'{place}: module "{name}" ({source}) is not on disk; {advice}')
                continue
            if len(self._modules) >= MAX_CALLS:
                self._miss(module, name, f'{place}: module "{name}" is one of more than {MAX_CALLS:,} calls of modules')
                continue
            self._refuse_circle(module, target, place)
            files, found = self._module(target)
            child = Module(
                path=f"{module.path}.{node}" if module.path else node,
                directory=target,
                texts=files.texts,
                found=found,
                parent=module,
                call=name,
                unset=_without_default(found) - declared.arguments.keys(),
                calls={},
                missing={},
                lines=files.lines,
            )
            module.calls[name] = child
            self._modules.append(child)

    def _miss(self, module: Module, name: str, why: str) -> None:
        module.missing[name] = why
        self._notes.append(why)

    def _find(self, module: Module, name: str, source: str) -> Path | None:
        if _is_local(source):
            found = Path(os.path.normpath(module.directory / source))
        else:
            key = f"{module.path}.{name}" if module.path else name
            installed = self._installed.get(key.replace("module.", ""))
            if installed is None:
                return None
            found = Path(os.path.normpath(self._directory / installed))
        return found if any(map(is_source, _names(found))) else None

    def _refuse_circle(self, module: Module, target: Path, place: str) -> None:
        caller: Module | None = module
        while caller is not None:
            if caller.directory.resolve() == target.resolve():
                what = f"{place}: modules call each other in a circle (back to {target})"
                raise InputError(what, "break the circle")
            caller = caller.parent


@lru_cache(maxsize=256)
def _scanned(texts: tuple[tuple[str, str], ...]) -> Scanned:
    """What the files of a module say: the same one is often called from several root modules, or copied."""
    return scan(dict(texts))


def _refuse_circle_of_locals(module: Module) -> None:
    """Raise InputError if a local is made from itself, which the evaluator would not mention."""
    makes: defaultdict[str, set[str]] = defaultdict(set)
    for use in module.found.uses:
        if use.node.startswith("local.") and use.text.startswith("local.") and not use.over[1]:
            makes[use.node].add(".".join(re.split(r"[.\[]", use.text)[:2]))
    while makes:  # take away what is made from nothing that is left
        free = [node for node, origins in makes.items() if origins.isdisjoint(makes)]
        if not free:
            break
        for node in free:
            del makes[node]
    for item in module.found.expressions:
        if item.node in makes and not item.nested:
            line = module.texts[item.file].count("\n", 0, item.start) + 1
            span = module.span(item.file, line, line)
            what = f"{module.directory / Path(span.file).name}:{span.line}: {item.node} is made from itself"
            raise InputError(what, "break the circle")


def hand_down(tree: Tree) -> None:
    """A variable that a call sets to one without a value, or to an output of a module that is not there, has none."""
    for module in tree.modules:
        for name, child in module.calls.items():
            arguments = module.found.declared[f"module.{name}"].arguments
            lost = {
                argument
                for argument, expression in arguments.items()
                if expression.last == expression.first + 1
                and (use := module.found.uses[expression.first]).whole
                and _is_absent(module, use.text)
            }
            child.unset |= lost & child.found.variables.keys()


def _is_absent(module: Module, text: str) -> bool:
    kind, name, *_ = (*re.split(r"[.\[]", text), "")
    return (kind == "var" and name in module.unset) or (kind == "module" and name in module.missing)


def _is_local(source: str) -> bool:
    return "\0" not in source and (source.startswith(("./", "../", "/")) or source in (".", ".."))


def _names(directory: Path) -> list[str]:
    try:
        # A link that leads nowhere is a file that cannot be read, and is told of.
        return [entry.name for entry in os.scandir(directory) if not entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        what = f"the directory {directory} cannot be read ({error.strerror})"
        raise InputError(what, "give yourself the right to read it") from error


def read_text(file: Path) -> str:
    """The text of a source file. Raises InputError if it is too large, cannot be read, or is not text in UTF-8."""
    try:
        size = file.stat().st_size
        if size > MAX_FILE:
            what = f"{file} is too large ({size:,} bytes; the limit is {MAX_FILE:,})"
            raise InputError(what, "Terraform source of that size is not written by people; leave it out")
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = f"{file} cannot be read ({error.strerror})"
        raise InputError(what, "give yourself the right to read it") from error
    except UnicodeDecodeError as error:
        what = f"{file} is not text in UTF-8 (byte {error.start:,})"
        raise InputError(what, "save it as UTF-8") from error


def _value_files(directory: Path) -> list[Path]:
    """The files that Terraform takes variables from without being asked."""
    names = set(_names(directory))
    fixed = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic = sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    return [directory / name for name in (*fixed, *automatic)]


def _assigned(file: Path) -> set[str]:
    name = "values.json" if file.name.endswith(".json") else "values"
    return scan({name: read_text(file)}).assigned


def _environment(found: Scanned) -> dict[str, str]:
    """Variables that the environment gives, but those of lists and objects: Terraform would evaluate their texts."""
    return {
        name: os.environ[_ENVIRONMENT + name]
        for name, body in found.variables.items()
        if _ENVIRONMENT + name in os.environ and not _COMPLEX.search(body)
    }


def _without_default(found: Scanned) -> frozenset[str]:
    return frozenset(name for name, body in found.variables.items() if not _DEFAULT.search(body))


def _manifest(directory: Path) -> dict[str, str]:
    """Where `terraform init` has put the modules, by their keys (`a.b`)."""
    file = directory / ".terraform" / "modules" / "modules.json"
    try:
        entries = msgspec.json.decode(file.read_bytes(), type=_Manifest).modules
    except OSError:
        return {}  # there has been no init
    except msgspec.DecodeError as error:
        what = f"{file} cannot be read: {error}"
        raise InputError(what, 'run "terraform init" again') from error
    return {entry.key: entry.directory for entry in entries if entry.key}
