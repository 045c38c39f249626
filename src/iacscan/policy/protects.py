"""Whether a Resource element of a resource policy is about the resource that the policy belongs to.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-arn-intro.html: the policy of a bucket is about the bucket and
its objects.
"""

from typing import Final

from ..lazy import regex
from ..value import Truth
from .arn import REST, Arn, parse_arn
from .pattern import covers, overlaps

_SYMBOL: Final = regex(r"⟦[^⟧]*⟧")
_BLOCK: Final = regex(r'(?:^⟦|\.)aws_\w+\.[\w-]+(?:\[(?:\d+|"[^"]*")\])?⟧\Z')
_VARIABLE: Final = regex(r"\$\{[^}]*\}")


def is_about(element: str, arn: str) -> Truth:
    """Whether a resource pattern matches the resource of an ARN, or, for a bucket, anything in it.

    Names that are made up on apply are told apart by the blocks that they come from, and by what is known of them.
    """
    if element in (arn, "*") or (
        element.startswith(f"{arn}/") and arn.startswith("arn:aws:s3:::") and REST not in element
    ):
        return Truth.YES  # nearly all of them, and quickly told
    asked, own = parse_arn(_VARIABLE.sub("*", element)), parse_arn(arn)
    if asked is None or own is None:
        return Truth.YES if covers(element, "arn:*") else Truth.UNKNOWN
    if own.service == "s3" == asked.service and asked.account:
        return Truth.UNKNOWN  # the ARN of an access point
    if not overlaps(asked.service, own.service) or not _may_meet(asked.resource, own):
        return Truth.NO
    if REST not in element and any(overlaps(asked.resource, name) for name in _names(own)):
        return Truth.YES
    return Truth.NO if _are_different_blocks(asked.resource, own.resource) else Truth.UNKNOWN


def _names(own: Arn) -> tuple[str, ...]:
    """The resource part of an ARN, and for a bucket that of its objects."""
    return (own.resource, f"{own.resource}/*") if own.service == "s3" else (own.resource,)


def _may_meet(asked: str, own: Arn) -> bool:
    """Whether a pattern may match, whatever stands for the symbols in it and in the ARN."""
    opened = _SYMBOL.sub("*", asked)
    return any(overlaps(opened, _SYMBOL.sub("*", name)) for name in _names(own))


def _are_different_blocks(one: str, other: str) -> bool:
    """Whether both names come from blocks, one each, of which no two make the same name."""
    first, second = set(_SYMBOL.findall(one)), set(_SYMBOL.findall(other))
    both = first | second
    return len(first) == len(second) == 1 and first != second and all(_BLOCK.search(symbol) for symbol in both)
