"""Bytes to blocks, one module a language; guesses nothing about AWS."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..errors import UsageError
from .block import Loaded
from .detect import is_change_set, is_template, read
from .terraform_names import is_source
from .terraform_plan import Making, read_plan

if TYPE_CHECKING:
    from .cloudformation_choices import Reads
    from .cloudformation_exports import Exports


def load(
    path: str,
    parameters: Mapping[str, str] | None = None,
    var_files: Sequence[str] = (),
    source: str | None = "",
    older: str = "",
    exports: "Exports | None" = None,
    reads: "Reads | None" = None,
) -> Loaded:
    """Load one input file, or the root module of Terraform source in a directory.

    `parameters` are values for those of a template, `var_files` files of variables for a module. `source` is the directory
    of the source that a plan was made from; empty for none, None to look for it. `older` is the path of an older version
    of a template, or of the change set that brings it, to tell what is new by; `exports` and `reads` are as in `cloudformation.load_template`.
    Raises InputError if the input cannot be read or is of a kind that is not read,
    and UsageError if something is to be compared with an older version that is no template.
    """
    if _is_module(path):
        _refuse(path, older)
        from .terraform_source import load_source  # noqa: PLC0415  plans need none of it

        return load_source(Path(path), var_files)
    data = read(path)
    if not is_template(data):
        _refuse(path, older)
        if is_change_set(data):
            from .cloudformation import load_change_set  # noqa: PLC0415  plans need none of it

            return load_change_set(path, data, parameters)
        plan, making = read_plan(path, data)
        return plan if source == "" else _with_source(plan, making, source)
    from .cloudformation import load_template  # noqa: PLC0415  plans need none of it

    return load_template(path, data, parameters, older, exports, reads)


def _refuse(path: str, older: str) -> None:
    if older:
        message = f"{path} is no template, and only a template is compared with an older version: plans and change sets hold their own"
        raise UsageError(message)


def _with_source(plan: Loaded, making: Making, given: str | None) -> Loaded:
    """A plan with the source that is given or found, as far as there is one."""
    directory = Path(given or "")
    if given is None:
        from .find_source import find_source  # noqa: PLC0415  as above

        found = find_source(plan.path, making.declared)
        if found.directory is None:
            return replace(plan, notes=(*plan.notes, *found.notes)) if found.notes else plan
        directory = found.directory
    from .plan_with_source import with_source  # noqa: PLC0415  plans alone need none of it

    return with_source(plan, making, directory)


def _is_module(path: str) -> bool:
    """Whether a path is a directory with Terraform source; of any other, `read` says what is wrong."""
    try:
        with os.scandir(path) as entries:
            return any(is_source(entry.name) for entry in entries)
    except (OSError, ValueError):
        return False
