"""Which files the functions of Terraform source may read (`file`, `templatefile` and their like).

Who opens a pull request writes the path, and what is read may end up in a report: so only what belongs to the repository is read,
nothing that is hidden in it (`.git` holds credentials), and nothing that a link leads to elsewhere.
"""

import os
from pathlib import Path
from typing import Final

_NOWHERE: Final = "iacscan-nowhere/none"
_STEP_AND_BACK: Final = r'"/(^|\\/)[^.\\/][^\\/]*\\/+[.][.](\\/|$)/", "$1"'
_STEPS: Final = 8  # into a directory and out of it again, that are seen as such
UP: Final = "iacscan_up"  # a variable of every module: how many directories up a path may lead
# What is put around the path that a function reads. As many ways up as lead out of the copy lead to the real files.
WITHIN: Final = (
    "[for iacscan_path in [",
    '] : length(regexall("[.][.]", '
    + "replace(" * _STEPS
    + "iacscan_path"
    + f", {_STEP_AND_BACK})" * _STEPS
    + f')) <= var.{UP} ? iacscan_path : "{_NOWHERE}"][0]',
)
_INSTALLED: Final = ".terraform"  # modules lie in it


def boundary(directory: Path) -> Path:
    """The repository that a directory is in; else the working directory, if that is around it, else the directory itself."""
    own = directory.resolve()
    for place in (own, *own.parents):
        if (place / ".git").exists():
            return place
    here = Path.cwd()
    return here if own.is_relative_to(here) and here != Path(here.anchor) else own


def may_be_read(path: Path, within: Path) -> bool:
    """Whether a file or directory lies in a directory, wherever links lead, and is not hidden there."""
    real = Path(os.path.realpath(path))  # Path.resolve raises RuntimeError for a link that leads back to itself
    return real.is_relative_to(within) and not any(map(_is_hidden, real.relative_to(within).parts))


def holds_nothing_else(path: Path, within: Path) -> bool:
    """Whether it may be read, and no link in it leads elsewhere, nor is there another repository in it."""
    if not may_be_read(path, within):
        return False
    if not path.is_dir():
        return True
    for base, directories, files in os.walk(path):
        for name in (*directories, *files):
            found = os.path.join(base, name)  # noqa: PTH118  there may be many
            if name == ".git" or (os.path.islink(found) and not may_be_read(Path(found), within)):  # noqa: PTH114  likewise
                return False
    return True


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != _INSTALLED
