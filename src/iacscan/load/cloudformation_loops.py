"""`Fn::ForEach`: copies of a part of a template, one for each item of a list.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html. Loops stand in
Conditions, Resources (also in properties) and Outputs, and nowhere else; the transform `EXTENSIONS` must be named.
"""

import re
from collections.abc import Callable
from typing import Final

from ..value import Value
from .cloudformation_decode import MAX_NODES, Node, fault

LOOP: Final = "Fn::ForEach::"
EXTENSIONS: Final = "AWS::LanguageExtensions"
_SECTIONS: Final = ("Conditions", "Resources", "Outputs")


def has_loops(root: Node) -> bool:
    """Whether there is a loop in a template."""
    todo = [root.items[section] for section in _SECTIONS if section in root.items]
    while todo:
        item = todo.pop()
        if isinstance(item.value, list):
            todo.extend(item.value)
        elif isinstance(item.value, dict):
            for key in item.value:
                if key.startswith(LOOP):
                    return True
            todo.extend(item.value.values())
    return False


class Loops:
    """Writes loops out. A loop over a list that is not known stays as it is."""

    def __init__(self, known: Callable[[Node], Value]) -> None:
        self._known = known
        self._made = 0

    def expand_template(self, root: Node) -> Node:
        """A template with its loops written out. Raises InputError as `expand` does."""
        sections = {key: self.expand(item) if key in _SECTIONS else item for key, item in root.items.items()}
        return Node(sections, root.line, root.end)

    def expand(self, node: Node) -> Node:
        """The tree with all its loops written out. Raises InputError if that makes it too large, or makes a key twice."""
        self._made += 1
        if self._made > MAX_NODES:
            raise fault(node.line, f"its loops make more than {MAX_NODES:,} values", "split the template")
        match node.value:
            case list():
                return Node([self.expand(item) for item in node.value], node.line, node.end)
            case dict():
                found: dict[str, Node] = {}
                for key, item in node.value.items():
                    loop = self._loop(item) if key.startswith(LOOP) else None
                    if loop is None:
                        found[key] = item if key.startswith(LOOP) else self.expand(item)
                        continue
                    name, values, body = loop
                    for value in values:
                        copy = self.expand(_with(body, name, value)).items
                        if twice := found.keys() & copy.keys():
                            what = f"a loop makes {min(twice)[:80]}, which is there already; only one of the two would count"
                            raise fault(item.line, what)
                        found.update(copy)
                return Node(found, node.line, node.end)
            case _:
                return node

    def _loop(self, loop: Node) -> tuple[str, list[str], Node] | None:
        """Variable, items and body of a loop; None if the items are not known."""
        match loop.value:
            case [name, collection, body] if isinstance(name.value, str) and isinstance(body.value, dict):
                items = self._known(collection)
                if isinstance(items, list) and all(isinstance(item, str | int) for item in items):
                    return name.value, [str(item) for item in items], body
        return None


def _with(node: Node, name: str, item: str) -> Node:
    """A copy in which a loop's variable has a value: as a Ref, in `${name}`, and in `&{name}` as letters and digits only."""
    plain = re.sub(r"[^A-Za-z0-9]", "", item)

    def put(text: str) -> str:
        return text.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", plain)

    def copy(part: Node) -> Node:
        match part.value:
            case str():
                return Node(put(part.value), part.line, part.end)
            case list():
                return Node([copy(below) for below in part.value], part.line, part.end)
            case dict():
                reference = part.value.get("Ref")
                if len(part.value) == 1 and reference is not None and reference.value == name:
                    return Node(item, part.line, part.end)
                return Node({put(key): copy(below) for key, below in part.value.items()}, part.line, part.end)
            case _:
                return part

    return copy(node)
