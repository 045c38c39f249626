"""What stacks hand to each other: nested templates, and values as texts."""

from pathlib import Path
from typing import Final

from ..errors import InputError
from ..value import Value
from .cloudformation_decode import MAX_TEMPLATE, Node, decode, fault
from .cloudformation_includes import Includes, may_be_taken
from .detect import is_template

_NOT_HERE: Final = "its template is not here"


def read_nested(path: Path, known: dict[Path, Node]) -> Node:
    """The template in a file, which `known` keeps. Raises InputError if it cannot be read, or is none."""
    if path in known:
        return known[path]
    try:
        if path.stat().st_size > MAX_TEMPLATE:
            what = f"is too large for a template (the limit is {MAX_TEMPLATE:,} bytes)"
            raise InputError(what, "split the template")
        data = path.read_bytes()
    except OSError as error:
        what = f"cannot be read ({error.strerror or error})"
        raise InputError(what, "look at the file") from error
    if not is_template(data):
        what = "is no CloudFormation template"
        raise InputError(what, "look at the file")
    known[path] = Includes(str(path)).expand(decode(data))
    return known[path]


def local_template(file: str, resource: Node, url: Value) -> Path | str:
    """The file of a nested template: beside the one that it stands in, before packaging, or among the assets of CDK's output.

    Where it is not read, a clause that says why. Whether a file is there that may not be read is not told.
    """
    metadata = resource.get("Metadata")
    asset = metadata.get("aws:asset:path") if metadata is not None else None
    name = asset.text if asset is not None else url
    if not isinstance(name, str) or "⟦" in name or "://" in name or "\0" in name or Path(name).is_absolute():
        return _NOT_HERE
    path = Path(file).parent / name
    if not may_be_taken(path, Path(file)):
        return "its template is outside of the repository, or hidden in it"
    return path if path.is_file() else _NOT_HERE


def passed(given: Value) -> dict[str, Value]:
    """The parameters of a nested stack, or those of a stack set, which are a list. Nested stacks get them as texts."""
    if isinstance(given, dict):
        return {name: as_text(value) for name, value in given.items()}
    found: dict[str, Value] = {}
    for item in given if isinstance(given, list) else []:
        if isinstance(item, dict) and isinstance(name := item.get("ParameterKey"), str):
            found[name] = as_text(item.get("ParameterValue"))
    return found


def as_text(value: Value) -> Value:
    """What a parameter or an output makes of a value: a text, of lists of texts with commas."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() if all(isinstance(item, str) for item in value):
            return ",".join(item for item in value if isinstance(item, str))
        case _:
            return value


def type_of(node: Node) -> str:
    """The type of a resource. Raises InputError if it has none."""
    kind = node.get("Type")
    if kind is None or kind.text is None:
        raise fault(node.line, "a resource has no Type")
    return kind.text
