"""What there is to scan below a directory: root modules of Terraform source, plans, templates.

What a file is rests on its content, but for Terraform source, which Terraform itself tells by its name. Links to
directories are not followed: what they lead to is found where it is, if it is below. Links to files are followed within the
repository. The walk is bounded.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ..errors import InputError
from ..lazy import regex
from .detect import is_change_set, is_template
from .terraform_names import is_source
from .terraform_reach import boundary, may_be_read

MAX_FILES: Final = 200_000
MAX_DEPTH: Final = 60
MAX_TEMPLATE: Final = 5_000_000  # bytes; CloudFormation itself takes 1 MB
_HEAD: Final = 4096  # bytes that are looked at in every file
_SKIPPED: Final = frozenset(
    (
        ".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".venv", ".tox", ".mypy_cache", ".ruff_cache",
        ".pytest_cache", "__pycache__", "node_modules",
    )
)  # fmt: skip
OURS: Final = frozenset((".iacscan.yaml", ".iacscan.yml", ".iacscan-baseline.json"))  # read by the command itself
_LOCAL: Final = regex(r'\bsource"?\s*[=:]\s*"(\.\.?(?:/[^"]*)?)"')
# States and listings of schemas begin like plans.
_NO_PLAN: Final = rb'\{\s*"format_version"\s*:\s*"[^"]*"\s*,\s*(?:"terraform_version"\s*:\s*"[^"]*"\s*,\s*)?"(?:values|provider_schemas)"'
_MAPPING: Final = (
    rb"""(?:[ \t]*(?:\#[^\n]*|---[^\n]*)?\r?\n)*["']?[\w:.-]+["']?[ \t]*:(?:\s|\Z)"""  # YAML begins with a key
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")  # what Windows PowerShell writes


class Item(Struct, frozen=True):
    """One input: its path as the user would write it, what it seems to be, and its size in bytes."""

    path: str
    kind: str  # "terraform-source", "terraform-plan", "cloudformation"
    size: int


class Discovered(Struct, frozen=True):
    """What was found below a directory, in the order of paths.

    `passed` are files that are nothing to scan, `faults` is what could not be looked at, and why.
    """

    items: tuple[Item, ...]
    passed: tuple[str, ...]
    faults: tuple[tuple[str, InputError], ...]


def discover(directory: str) -> Discovered:
    """Find everything that can be scanned below a directory. Raises InputError if it holds too many files."""
    walk = _Walk()
    walk.look(directory)
    items = [*walk.items, *walk.roots()]
    return Discovered(
        tuple(sorted(items, key=lambda item: (item.path, item.kind))),
        tuple(sorted(walk.passed)),
        tuple(sorted(walk.faults, key=lambda fault: fault[0])),
    )


class _Walk:
    def __init__(self) -> None:
        self.items: list[Item] = []
        self.passed: list[str] = []
        self.faults: list[tuple[str, InputError]] = []
        self._modules: dict[str, list[str]] = {}  # the paths of source files by directory
        self._seen = 0

    def look(self, directory: str) -> None:
        """Walk, without recursion."""
        pending = [(directory, 0)]
        within = boundary(Path(directory))
        while pending:
            path, depth = pending.pop()
            for entry in self._entries(path):
                self._seen += 1
                if self._seen > MAX_FILES:
                    what = f"holds more than {MAX_FILES:,} files"
                    raise InputError(what, "name smaller directories")
                shown = os.path.normpath(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    if depth >= MAX_DEPTH:
                        self.faults.append((shown, InputError("is nested too deeply", "name the directory itself")))
                    elif entry.name not in _SKIPPED:
                        pending.append((entry.path, depth + 1))
                elif is_source(entry.name):
                    self._modules.setdefault(os.path.normpath(path), []).append(shown)
                elif entry.is_symlink() and not may_be_read(Path(entry.path), within):
                    self.passed.append(shown)  # it leads out of the repository, and what is read may be quoted
                elif entry.name not in OURS:
                    self._file(shown)

    def _entries(self, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(path) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.faults.append((os.path.normpath(path), _unreadable(error)))
            return []

    def _file(self, path: str) -> None:
        try:
            status = os.stat(path)  # noqa: PTH116  the path is a text everywhere here
            if not os.path.isfile(path):  # noqa: PTH113  likewise; a link to a directory, a pipe, a device
                self.passed.append(path)
                return
            kind = _kind(path, status.st_size)
        except FileNotFoundError:  # a link that leads nowhere
            self.passed.append(path)
        except OSError as error:
            self.faults.append((path, _unreadable(error)))
        else:
            if kind:
                self.items.append(Item(path, kind, status.st_size))
            else:
                self.passed.append(path)

    def roots(self) -> Iterator[Item]:
        """Modules that no other module calls; all of a circle of modules that nothing else calls."""
        calls = {directory: set(self._calls(directory, files)) for directory, files in self._modules.items()}
        called = set().union(*calls.values()) if calls else set()
        roots = [directory for directory in self._modules if directory not in called]
        for directory in sorted({*roots, *(self._modules.keys() - _reached(roots, calls))}):
            files = (file for module in _reached([directory], calls) for file in self._modules.get(module, ()))
            size = sum(os.path.getsize(file) for file in files if os.path.isfile(file))  # noqa: PTH202, PTH113
            yield Item(directory, "terraform-source", size)

    def _calls(self, directory: str, files: list[str]) -> Iterator[str]:
        """The directories of the modules that a module calls."""
        for file in files:
            try:
                text = Path(file).read_text("utf-8", errors="replace")
            except OSError:
                continue  # told of when the module is loaded
            for source in _LOCAL.findall(text):
                called = os.path.normpath(os.path.join(directory, source))  # noqa: PTH118  `..` is to be resolved
                if called != directory:
                    yield called
        try:
            manifest = msgspec.json.decode(Path(directory, ".terraform", "modules", "modules.json").read_bytes())
            entries = manifest["Modules"] if isinstance(manifest, dict) else ()
        except (OSError, msgspec.DecodeError, KeyError):
            return
        for entry in entries if isinstance(entries, list) else ():
            place = entry.get("Dir") if isinstance(entry, dict) else None
            if isinstance(place, str) and place not in ("", "."):
                yield os.path.normpath(os.path.join(directory, place))  # noqa: PTH118  likewise


def _reached(roots: Iterable[str], calls: Mapping[str, Collection[str]]) -> set[str]:
    """The directories of some modules, and of those that they call."""
    reached: set[str] = set()
    pending = list(roots)
    while pending:
        directory = pending.pop()
        if directory not in reached:
            reached.add(directory)
            pending.extend(calls.get(directory, ()))
    return reached


def _kind(path: str, size: int) -> str:
    """What a file is; empty if it is nothing that can be scanned."""
    with open(path, "rb") as file:  # noqa: PTH123  as above
        head = file.read(_HEAD)
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if head.startswith(_UTF16):
            text = head.decode("utf-16", errors="ignore").encode().lstrip()
        elif b"\0" in head:
            return ""
        if text.startswith(b"{") and b'"format_version"' in text:
            return "" if re.match(_NO_PLAN, text) else "terraform-plan"
        if text.startswith((b"[", b"- ")):
            return "cloudformation" if is_change_set(text) else ""
        if size > MAX_TEMPLATE or not (text.startswith(b"{") or re.match(_MAPPING, text)):
            return ""
        whole = head + file.read()
    if head.startswith(_UTF16):
        whole = whole.decode("utf-16", errors="ignore").encode()
    return "cloudformation" if is_template(whole) or is_change_set(whole) else ""


def _unreadable(error: OSError) -> InputError:
    return InputError(
        f"cannot be read ({error.strerror or error})", "give yourself the right to read it, or leave it out"
    )
