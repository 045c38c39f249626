"""Runs tfparse, Trivy's evaluator of Terraform, over a root module whose references are marked (`terraform_marks`)."""

import re
import tempfile
from pathlib import Path
from typing import Any, Final, TypeAlias

from ..errors import InputError, UsageError
from .terraform_marks import Reading, read_root

Raw: TypeAlias = dict[str, Any]  # what the evaluator gives for a block; it has no types

_GIVEN: Final = re.compile(r"^\s*([A-Za-z_][\w-]*)\s*=", re.MULTILINE)
_UPWARDS: Final = re.compile(r'"((?:\.\./)+)')


def evaluate(directory: Path) -> tuple[Reading, dict[str, list[Raw]]]:
    """Evaluate the root module in a directory: what was read in its files, and the blocks by type.

    Raises InputError if there is no Terraform file, or one cannot be read or parsed; UsageError if the evaluator is
    not installed.
    """
    reading = read_root(_texts(directory), _given(directory))
    return reading, _run(directory, reading)


def _texts(directory: Path) -> dict[str, str]:
    files = sorted(directory.glob("*.tf"))
    if not files:
        what = "there is no Terraform file (*.tf) in the directory"
        raise InputError(what, "name the directory of a root module")
    try:
        return {file.name: file.read_text(encoding="utf-8-sig") for file in files}
    except (OSError, UnicodeDecodeError) as error:
        what = f"a Terraform file cannot be read: {error}"
        raise InputError(what, "make it readable UTF-8 text") from error


def _value_files(directory: Path) -> list[Path]:
    """The files that Terraform takes variables from without being asked."""
    return [*directory.glob("terraform.tfvars"), *sorted(directory.glob("*.auto.tfvars"))]


def _given(directory: Path) -> frozenset[str]:
    return frozenset(name for file in _value_files(directory) for name in _GIVEN.findall(file.read_text("utf-8")))


def _run(directory: Path, reading: Reading) -> dict[str, list[Raw]]:
    """Evaluate the rewritten files in a copy of the root module, beside links to everything else that they may read."""
    try:
        import tfparse  # noqa: PLC0415  # 30 ms and an optional dependency
    except ImportError as error:
        message = "Terraform source is evaluated with tfparse, which is not installed; pip install 'iacscan[testing]'"
        raise UsageError(message) from error
    upwards = max((len(up) // 3 for text in reading.texts.values() for up in _UPWARDS.findall(text)), default=0)
    with tempfile.TemporaryDirectory(prefix="iacscan-") as temporary:
        copy = _mirror(directory.resolve(), Path(temporary), upwards)
        for name, text in reading.texts.items():
            (copy / name).write_text(text, encoding="utf-8")
        values = [file.name for file in _value_files(directory)]  # relative to the root module
        try:
            result: dict[str, list[Raw]] = tfparse.load_from_path(str(copy), stop_on_hcl_error=True, vars_paths=values)
        except tfparse.ParseError as error:
            raise _syntax_error(str(error)) from error
    return result


def _mirror(directory: Path, temporary: Path, upwards: int) -> Path:
    """Make an empty stand-in for the directory whose relative paths, as far up as they go, lead to the same places."""
    original = [directory, *directory.parents][: upwards + 1][::-1]
    copy = temporary / "root"
    copy.mkdir()
    for place, below in zip(original, [*original[1:], None], strict=True):
        for entry in place.iterdir():
            if entry != below and not (below is None and entry.suffix == ".tf"):
                (copy / entry.name).symlink_to(entry)
        if below is not None:
            copy = copy / below.name
            copy.mkdir()
    return copy


def _syntax_error(text: str) -> InputError:
    text = text.removeprefix("unable to create TerraformConverter: ")
    place = re.match(r"(?:.*/)?(?P<file>[^/:]+):(?P<line>\d+),\S*: (?P<what>.*)", text, re.DOTALL)
    what = f"{place['file']}:{place['line']}: {place['what']}" if place else text
    return InputError(" ".join(what.split()), "correct the Terraform source (`terraform validate` shows the same)")
