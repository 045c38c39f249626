"""Parameters with a list of allowed values: what else than their default may stand where it matters."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from .cloudformation_block import TemplateBlock
from .cloudformation_conditions import Case
from .cloudformation_template import Parameter

# Whether what is judged depends on a property of a resource, by its type and the property's name.
Reads: TypeAlias = Callable[[str, str], bool]

MAX_VALUES: Final = 8  # values of one parameter that are tried
_STACKS: Final = ("AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet")
_VARIABLE: Final = "var."


def varied(
    parameters: Mapping[str, Parameter], given: Iterable[str], blocks: Iterable[TemplateBlock], reads: Reads
) -> list[Parameter]:
    """The parameters of a template that may be chosen from a list, and go into properties that are read."""
    decided = set(given)
    open_ones = [
        item
        for item in parameters.values()
        if len(item.allowed) > 1 and item.name not in decided and not item.from_ssm and not item.secret
    ]
    if not open_ones:
        return []
    reached = _reached(list(blocks), reads)
    return [item for item in open_ones if f"{_VARIABLE}{item.name}" in reached]


def choices(parameters: Iterable[Parameter]) -> Iterator[Case]:
    """The worlds in which one of these has another value than its default."""
    for parameter in parameters:
        for value in [value for value in parameter.allowed if value != parameter.default][:MAX_VALUES]:
            yield Case(f"when parameter {parameter.name} is {value}", "", values={parameter.name: value})


def _reached(blocks: list[TemplateBlock], reads: Reads) -> set[str]:
    """Parameters that go into a property that is read, also by way of the parameters of nested stacks."""
    found: set[str] = set()
    for block in reversed(blocks):  # what stands in a nested stack comes behind it
        nested = block.type in _STACKS
        for name, row in block.found.items():
            for steps, reference in row:
                if not reference.address.startswith(_VARIABLE):
                    continue
                handed = f"{_VARIABLE}{block.address}/{steps[0] if steps else ''}"
                if handed in found if nested else reads(block.type, name):
                    found.add(reference.address)
    return found
