"""Which part of AWS a template is for, where its ARNs say so: `aws-us-gov`, `aws-cn`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ...lazy import regex
from ...load.block import Block
from ...load.cloudformation_block import TemplateBlock
from ...load.cloudformation_decode import Node
from ...value import Value

USUAL: Final = "aws"
_ARN: Final = regex(r"\barn:(aws(?:-[a-z]+)*):")


def partition_of(blocks: Iterable[Block]) -> str:
    """The one partition that the ARNs of a template name; the usual one if they name none, or several."""
    found = {name for block in blocks for attribute in block.names() for name in _named(block.get(attribute))}
    return found.pop() if len(found) == 1 else USUAL


def told(partition: str, account: str) -> Block:
    """The partition as Terraform has it, a data source."""
    return TemplateBlock(
        address="data.aws_partition.current",
        module="",
        type="aws_partition",
        name="current",
        account=account,
        span=None,
        possible=False,
        tree={"partition": partition},
        found={},
        secret=frozenset(),
        properties=Node({}),
        mode="data",
    )


def _named(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield from _ARN.findall(value)
        case list():
            for item in value:
                yield from _named(item)
        case dict():
            for item in value.values():
                yield from _named(item)
        case _:
            pass
