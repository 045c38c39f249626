"""What the evaluator shows something else for than what is written, and how it is asked instead.

To the evaluator, a module that is called once is one object of the arguments of the call and of its outputs, and of an
argument and an output with one name it shows the argument; `id` is always one that it has made up. So such outputs get a
second name, and so does what refers to them. It makes up a name for the region, too, and the id and the ARN of every block: to
compare them with a text would say that they are not the same.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .terraform_flow import Target
from .terraform_found import Declared, Use
from .terraform_reading import ABSENT, PROBE
from .terraform_tree import Module

_SECOND: Final = f"{PROBE}out_"  # before the name of an output
_REGION: Final = "data.aws_region."
_NAME: Final = "name"
_COMPARES: Final = re.compile(r'\s*[=!]=(?!\s*(?:null\b|""))')
_BEFORE: Final = 100  # characters before a reference that hold what it is compared with, if that is null or nothing
_COMPARED: Final = re.compile(r'(?P<nothing>\bnull\s*|""\s*)?[=!]=\s*\Z')


def hidden_outputs(child: Module) -> Iterator[tuple[str, str, Declared]]:
    """The outputs of a module that its call hides: the name, the second name and the block of each."""
    if child.parent is None or child.repetition:
        return
    given = child.parent.found.declared[f"module.{child.call}"].arguments
    for node, declared in child.found.declared.items():
        name = node.removeprefix("output.")
        if name != node and "value" in declared.arguments and (name == "id" or name in given):
            yield name, _SECOND + name, declared


def past_arguments(module: Module, to: Target, text: str) -> str | None:
    """A reference to a module as one that no argument of the call hides anything from; None if it is one."""
    child = module.calls.get(to.node.removeprefix("module.")) if to.node.startswith("module.") else None
    if child is None:
        return None
    names = {name: second for name, second, _ in hidden_outputs(child)}
    rest = text.removeprefix(to.node)
    if to.attribute and not to.key:
        second = names.get(to.argument)
        return f"{to.node}.{second}{rest.removeprefix(f'.{to.argument}')}" if second else None
    return _as_object(to.node, names.items()) + rest if names else None


def _as_object(node: str, names: Iterable[tuple[str, str]]) -> str:
    """All of a module: its hidden outputs in the place of what hides them."""
    return f"merge({node}, {{ {', '.join(f'{name} = {node}.{second}' for name, second in names)} }})"


def as_written(text: str) -> str:
    """A reference, in which an output has its own name again."""
    return text.replace(f".{_SECOND}", ".")


def made_up(module: Module) -> Iterator[tuple[Declared, str]]:
    """Blocks of a module that the evaluator would make up a value for, each with an argument that says it is not known."""
    for node, declared in module.found.declared.items():
        is_json = declared.span.file.endswith(".json")
        if node.startswith(_REGION) and _NAME not in declared.arguments and not is_json:
            yield declared, f"{_NAME} = {ABSENT}.region.{_NAME}"


def is_compared_in_vain(module: Module, to: Target, use: Use) -> bool:
    """Whether an id or an ARN that is made up is compared with something else than null or nothing."""
    if to.argument not in ("id", "arn") or use.carried or use.tested:
        return False
    text = module.texts[use.file]
    before = _COMPARED.search(text[max(0, use.start - _BEFORE) : use.start])
    return _COMPARES.match(text, use.end) is not None or (before is not None and not before["nothing"])
