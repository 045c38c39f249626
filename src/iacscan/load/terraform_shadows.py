"""What the evaluator shows something else for than what is written, and how it is asked instead.

To the evaluator, a module that is called once is one object of the arguments of the call and of its outputs, and of an
argument and an output with one name it shows the argument; `id` is always one that it has made up. So such outputs get a
second name, and so does what refers to them. It makes up a name for the region, too, and the id and the ARN of every block: to
compare them with a text would say that they are not the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .terraform_flow import NO_BLOCKS, OF_REGIONS, Flow, Key, Target, field_of
from .terraform_found import Declared, Use
from .terraform_reading import ABSENT, PROBE
from .terraform_tree import Module, Tree

_SECOND: Final = f"{PROBE}out_"  # before the name of an output
_REGIONS: Final = "data.aws_region."
_REGION: Final = "region"
_PROVIDER: Final = "provider.aws"
_LITERAL: Final = re.compile(r'"([a-z]{2}(?:-[a-z]+)+-\d)"')
_MADE_UP: Final = frozenset(("id", "arn"))


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


def provided_regions(tree: Tree) -> dict[tuple[str, str], str]:
    """The regions (module, block) of a tree that are the one which the root's own provider is set to, each with its name.

    The data source gives the region of its provider. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/region
    """
    root = tree.modules[0]
    defaults = [item for item in root.found.providers if item.address == _PROVIDER and "alias" not in item.arguments]
    region = defaults[0].arguments.get(_REGION) if len(defaults) == 1 else None
    name = _LITERAL.fullmatch(root.texts[region.file][region.start : region.end]) if region else None
    return {
        (module.path, node): name[1]
        for module in (tree.modules if name else ())
        if _has_default_provider(module)
        for node, declared in module.found.declared.items()
        if node.startswith(_REGIONS) and declared.arguments.keys().isdisjoint((*OF_REGIONS, "provider", "endpoint"))
        if name
    }


def _has_default_provider(module: Module) -> bool:
    """Whether the root's own provider is that of a module, too: nobody passes on another one, or has one of its own."""
    while module.parent is not None:
        declared = module.parent.found.declared[f"module.{module.call}"]
        body = module.parent.texts[declared.span.file][declared.opened : declared.closed]
        if "providers" in body or any(item.address == _PROVIDER for item in module.found.providers):
            return False
        module = module.parent
    return True


def region_names(module: Module, known: Mapping[tuple[str, str], str]) -> Iterator[tuple[Declared, str]]:
    """Regions of a module that the evaluator would make up a name for, each with arguments that say what is known of it."""
    for node, declared in module.found.declared.items():
        if not node.startswith(_REGIONS) or declared.span.file.endswith(".json"):
            continue
        name = known.get((module.path, node))
        if name is not None:
            yield declared, "\n".join(f'{argument} = "{name}"' for argument in OF_REGIONS)
        elif "name" not in declared.arguments:
            yield declared, f"name = {ABSENT}.region.name"


class MadeUp:
    """Tells where an id or an ARN that is made up would be compared with something, looked for, or looked up by."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._found: dict[tuple[Key, str], bool] = {}

    def decides(self, module: Module, use: Use) -> bool:
        """Whether the answer would depend on what is made up: no text is known to be the same, or not to be."""
        return use.decides and not (use.carried or use.tested) and self._is(module, use, "")

    def _is(self, module: Module, use: Use, field: str) -> bool:
        """Whether a reference, or what is read of it under a name, gives something that is made up."""
        if not use.text or use.tested or use.counted:
            return False
        if use.over[1]:
            inner, own = module.found.uses[slice(*use.over)], field_of(use.text, 1)
            return any(self._is(module, item, field or own) for item in inner)
        if not use.via:
            to = self._flow.target(use.text)
            declared = module.found.declared.get(to.node) if to.node.partition(".")[0] not in NO_BLOCKS else None
            if declared is not None and (to.argument or field) in _MADE_UP:
                # The evaluator makes both from the name of a bucket.
                return "bucket" not in declared.arguments or self._is_at((module.path, to.node, "bucket"), "")
        return any(self._is_at(key, field or own) for key, own in self._flow.sources(module, use))

    def _is_at(self, key: Key, field: str) -> bool:
        found = self._found.get((key, field))
        if found is None:
            self._found[key, field] = False  # ends a circle
            module = self._flow.modules[key[0]]
            found = self._found[key, field] = any(
                self._is(module, use, field)
                for use in self._flow.uses(key)
                if self._flow.is_affected(module, use, field)
            )
        return found
