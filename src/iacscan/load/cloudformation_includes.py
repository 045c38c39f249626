"""`AWS::Include`: parts of a template that stand in other files.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html. A part in a bucket is never
fetched. One that is named by a relative path, as `aws cloudformation package` takes it, is read if it lies in the repository.
"""

from pathlib import Path
from typing import Final

from ..errors import InputError
from .cloudformation_decode import MAX_NODES, MAX_TEMPLATE, Node, decode, fault
from .cloudformation_template import HARMLESS
from .terraform_reach import boundary, may_be_read

TRANSFORM: Final = "Fn::Transform"
INCLUDE: Final = "AWS::Include"


def macro_of(call: Node) -> str:
    """What an `Fn::Transform` calls, for people: the macro's name, and the file that it includes."""
    name, location = _written(call)
    return f"{name} of {location}" if location else name or "a macro"


def includes(call: Node) -> bool:
    """Whether what an `Fn::Transform` calls only puts a part in its place, and changes nothing that stands beside it."""
    return _written(call)[0] == INCLUDE


def hole_of(key: str, node: Node) -> str:
    """What stands among the properties of a resource and is none, for people."""
    return f"what {macro_of(node)} makes of it" if key == TRANSFORM else key


def is_made_by_macro(name: str, node: Node) -> bool:
    """Whether an entry of Resources is no resource: a function, or one that a macro makes with all that it has."""
    return name.startswith("Fn::") or (node.get(TRANSFORM) is not None and node.get("Type") is None)


def may_change(transform: str) -> bool:
    """Whether a transform of the whole template may change any resource; `AWS::Include` adds to them, and changes none."""
    return transform not in HARMLESS and transform != INCLUDE


def may_be_taken(path: Path, file: Path) -> bool:
    """Whether a template may name a file to be read with it: one of the repository, or below the template, and not hidden there.

    What SAM and CDK build lies in directories that may be hidden themselves (`.aws-sam/build`).
    """
    own = file.parent
    return may_be_read(path, own.resolve()) or may_be_read(path, boundary(own))


class Includes:
    """Puts parts of a template where they are included. What cannot be read stays as it is, and is not known."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self._made = 0

    def expand(self, root: Node) -> Node:
        """The template with the parts in it. Raises InputError if that makes it too large, or makes a key twice."""
        return self._with_parts(root) if _calls(root) else root

    def _with_parts(self, node: Node) -> Node:
        match node.value:
            case list():
                return Node([self._with_parts(item) for item in node.value], node.line, node.end)
            case dict():
                call = node.value.get(TRANSFORM)
                others = {key: self._with_parts(item) for key, item in node.value.items() if key != TRANSFORM}
                part = self._read(call) if call is not None else None
                if call is None or part is None or (others and not isinstance(part.value, dict)):
                    return Node(others if call is None else {**others, TRANSFORM: call}, node.line, node.end)
                if not others:
                    return self._placed(part, call)
                if twice := others.keys() & part.items.keys():
                    raise fault(
                        call.line,
                        f"includes {min(twice)[:80]}, which is there already; only one of the two would count",
                    )
                return Node({**others, **self._placed(part, call).items}, node.line, node.end)
            case _:
                return node

    def _placed(self, part: Node, call: Node) -> Node:
        """A part with the lines of what includes it: its own are those of another file."""
        self._made += 1
        if self._made > MAX_NODES:
            raise fault(call.line, f"what it includes has more than {MAX_NODES:,} values", "split the template")
        match part.value:
            case list():
                return Node([self._placed(item, call) for item in part.value], call.line, call.end)
            case dict():
                return Node({key: self._placed(item, call) for key, item in part.value.items()}, call.line, call.end)
            case value:
                return Node(value, call.line, call.end)

    def _read(self, call: Node) -> Node | None:
        """The part that a call includes; None if it is not here, may not be read or cannot be."""
        name, location = _written(call)
        if name != INCLUDE or not location or "://" in location or "\0" in location or Path(location).is_absolute():
            return None
        path = self._file.parent / location
        try:
            if not may_be_taken(path, self._file):
                return None
            return decode(path.read_bytes()) if path.is_file() and path.stat().st_size <= MAX_TEMPLATE else None
        except (OSError, InputError):
            return None


def _written(call: Node) -> tuple[str, str]:
    """The macro that a call names, and the place that it includes, if these are written out."""
    name, parameters = call.get("Name"), call.get("Parameters")
    location = parameters.get("Location") if parameters is not None else None
    return (name.text if name is not None else None) or "", (location.text if location is not None else None) or ""


def _calls(root: Node) -> bool:
    """Whether anything calls a macro in its place."""
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node.value, list):
            todo.extend(node.value)
        elif isinstance(node.value, dict):
            if TRANSFORM in node.value:
                return True
            todo.extend(node.value.values())
    return False
