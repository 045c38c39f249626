"""Services with one endpoint for the whole world, whose requests are made to us-east-1 wherever the caller is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion and
https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints. Only the partition `aws`.
"""

from functools import cache
from typing import Final

from ..value import Truth
from .action import ActionSet
from .condition.judge import Context, Facts, Nature
from .document import Condition, Statement

KEY: Final = "aws:requestedregion"
HOME: Final = Context("a request to us-east-1", {KEY: Facts(Truth.YES, Nature.FIXED, ("us-east-1",))})
_GLOBAL: Final = ("cloudfront:*", "iam:*", "organizations:*", "route53:*", "support:*")
_OTHER_PARTITIONS: Final = ("cn-", "us-gov-", "us-iso", "eusc-")


@cache
def global_actions() -> ActionSet:
    """All actions of such services."""
    return ActionSet.of(_GLOBAL)


def regions_asked(statement: Statement) -> tuple[Condition, ...]:
    """The conditions of a statement on the region that is called; none where they are about another partition."""
    found = [item for item in statement.conditions if isinstance(item, Condition) and item.key.lower() == KEY]
    elsewhere = any(
        isinstance(value, str) and value.lower().startswith(_OTHER_PARTITIONS)
        for item in found
        for value in item.values
    )
    return () if elsewhere else tuple(found)
