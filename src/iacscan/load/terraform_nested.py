"""Nested blocks that the evaluator leaves out.

An inner dynamic block that it cannot decide takes along the one that it stands in, without a word: only their number tells.
"""

from collections import Counter
from collections.abc import Iterator

from .terraform_flow import static
from .terraform_found import Expression
from .terraform_process import Raw
from .terraform_reading import PROBE, Reading
from .terraform_tree import Module


def is_outermost(module: Module, item: Expression) -> bool:
    """Whether the dynamic block whose for_each it is stands in the block of the file itself."""
    return item.around == module.found.declared[item.node].opened


def deep_blocks(module: Module) -> frozenset[str]:
    """The blocks of the file in which a dynamic one stands in a nested one."""
    found = module.found.expressions
    return frozenset(item.node for item in found if item.dynamic and not is_outermost(module, item))


def undecided(reading: Reading, raw: Raw) -> Iterator[tuple[Module, Expression]]:
    """The for_each of each dynamic block directly in a block, nested or not, that the evaluator could not decide."""
    for name, elements in raw.items():
        if name.startswith(f"{PROBE}d") and not _is_decided(elements):
            yield reading.probes.dynamic[int(name.removeprefix(f"{PROBE}d"))]


def left_out(reading: Reading, path: str, node: str, raw: Raw) -> list[str]:
    """The names of nested blocks of a block, of which there are fewer than there should be; the block's module is at the path."""
    module = reading.flow.modules[static(path)]
    if node not in reading.modules[module.path].deep:
        return []
    wanted = Counter({label: count for (owner, label), count in module.found.written.items() if owner == node})
    for name, elements in raw.items():
        if name.startswith(f"{PROBE}d") and _is_decided(elements):
            wanted[reading.probes.dynamic[int(name.removeprefix(f"{PROBE}d"))][1].dynamic] += len(elements)
    return [label for label, count in wanted.items() if count > _count(raw.get(label))]


def _is_decided(elements: object) -> bool:
    return isinstance(elements, list) and None not in elements


def _count(blocks: object) -> int:
    return len(blocks) if isinstance(blocks, list) else int(blocks is not None)
