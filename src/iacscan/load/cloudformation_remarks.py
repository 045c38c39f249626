"""What there is to say of a stack for people: what is not evaluated in it, and what is taken for granted."""

from collections.abc import Collection, Iterator

from .cloudformation_includes import INCLUDE, TRANSFORM, macro_of, may_change
from .cloudformation_loops import EXTENSIONS
from .cloudformation_template import Template


def left_open(template: Template, prefix: str, within: str) -> Iterator[str]:
    """What macros make or may change in a stack, for people."""
    for name, node in template.resources.items():
        if name == TRANSFORM:
            yield f"what {macro_of(node)} makes{within} (line {node.line})"
        elif (call := node.get(TRANSFORM)) is not None:
            yield f"what {macro_of(call)} makes of {prefix}{name} (line {node.line})"
        elif name.startswith("Fn::"):
            yield f"{prefix}{name} (line {node.line})"
    for name in template.transforms:
        if may_change(name):
            yield f"the macro {name}{within} (it may change any resource)"
        elif name == INCLUDE:
            yield f"what {INCLUDE} adds{within}"


def notes(template: Template, given: Collection[str], within: str, *, loops: bool) -> Iterator[str]:
    """What is taken for granted. `given` are parameters whose values are known, `loops` whether there are any in the template."""
    if loops and EXTENSIONS not in template.transforms:
        yield f"uses Fn::ForEach{within} without the transform {EXTENSIONS}, which CloudFormation refuses"
    if template.idle_rules:
        listed = ", ".join(template.idle_rules)
        yield f"rules{within} that leave out no value of one parameter by itself are not looked at: {listed}"
    parameters = template.parameters.values()
    taken = [
        item.name for item in parameters if item.default is not None and item.name not in given and not item.from_ssm
    ]
    if taken:
        yield f"parameters{within} are taken to have their defaults: {', '.join(taken)}"
