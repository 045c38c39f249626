"""Finds the Terraform source that a plan was made from: beside it, or in the working directory.

What lies there may be the source of something else, so that it counts only if it declares every block and every call of
the plan's root module. It is looked through as text, and nothing else is done with it here.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from ..errors import InputError
from ..lazy import regex
from .terraform_names import is_source

_MAX_FILES: Final = 1_000  # of one root module; more is not looked at unless it is named
_BLOCK: Final = regex(
    r'^[ \t]*(?:(resource|data)[ \t]+"?([\w-]+)"?[ \t]+"?([\w-]+)"?|(module)[ \t]+"?([\w-]+)"?)[ \t]*\{', re.MULTILINE
)
_NAMED: Final = 3  # addresses that a note gives


class FoundSource(Struct, frozen=True):
    """The directory of the source, None if there is none; and what is to be said about one that does not fit."""

    directory: Path | None = None
    notes: tuple[str, ...] = ()


def find_source(plan: str, wanted: frozenset[str]) -> FoundSource:
    """The source of the plan at a path (`-` is standard input), whose root module declares what is wanted."""
    notes: list[str] = []
    if not wanted:
        return FoundSource()
    beside = Path.cwd() if plan == "-" else Path(plan).absolute().parent
    for directory in dict.fromkeys((beside, Path.cwd())):
        declared = frozenset(_declared(directory))
        missing = sorted(wanted - declared)
        if not missing:
            return FoundSource(_shown(directory))
        if len(missing) < len(wanted):
            more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
            notes.append(
                f"the Terraform source in {_shown(directory)} is not used: it does not declare "
                f"{', '.join(missing[:_NAMED])}{more}; if the plan is made from it all the same, name it with --source"
            )
    return FoundSource(None, tuple(notes))


def _declared(directory: Path) -> Iterator[str]:
    """What the files in a directory declare, as far as they can be read."""
    try:
        names = [entry.name for entry in os.scandir(directory) if is_source(entry.name)]
    except OSError:
        return
    if not 0 < len(names) <= _MAX_FILES:
        return
    from .terraform_text import scan  # noqa: PLC0415  most plans have no source beside them
    from .terraform_tree import read_text  # noqa: PLC0415  likewise

    for name in names:
        try:
            text = read_text(directory / name)
            if name.endswith(".json"):
                yield from scan({name: text}).declared
        except InputError:
            continue  # what it would declare is missing, then
        if not name.endswith(".json"):
            for mode, kind, label, module, called in _BLOCK.findall(text):
                prefix = "data." if mode == "data" else ""
                yield f"module.{called}" if module else f"{prefix}{kind}.{label}"


def _shown(directory: Path) -> Path:
    """A directory as a user in the working directory would write it."""
    return Path(os.path.relpath(directory)) if directory.is_relative_to(Path.cwd()) else directory
