"""Bytes to blocks, one module a language; guesses nothing about AWS."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from .block import Loaded
from .detect import is_template, read
from .terraform_names import is_source
from .terraform_plan import load_plan


def load(path: str, parameters: Mapping[str, str] | None = None, var_files: Sequence[str] = ()) -> Loaded:
    """Load one input file, or the root module of Terraform source in a directory.

    `parameters` are values for those of a template, `var_files` files of variables for a module. Raises InputError, and
    nothing else, if it cannot be read or is of a kind that is not read.
    """
    if _is_module(path):
        from .terraform_source import load_source  # noqa: PLC0415  plans need none of it

        return load_source(Path(path), var_files)
    data = read(path)
    if not is_template(data):
        return load_plan(path, data)
    from .cloudformation import load_template  # noqa: PLC0415  plans need none of it

    return load_template(path, data, parameters)


def _is_module(path: str) -> bool:
    """Whether a path is a directory with Terraform source; of any other, `read` says what is wrong."""
    try:
        with os.scandir(path) as entries:
            return any(is_source(entry.name) for entry in entries)
    except (OSError, ValueError):
        return False
