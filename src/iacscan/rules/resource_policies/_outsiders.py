"""What the rules on other accounts share: whom a statement names that is not one's own, and what gives control of a bucket."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from ...policy.action import ActionSet
from ...policy.condition.judge import FOREIGN, holds
from ...policy.document import Condition, Principal, Statement
from ...policy.principal import Kind, account_of, classify
from ...policy.third_parties import is_of_aws
from ...value import Truth, Unknown
from .._rule import World

FIXED: Final = frozenset({Kind.ACCOUNT, Kind.ROLE, Kind.USER, Kind.SESSION, Kind.CANONICAL_USER})
_OWN_ORGANIZATION: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


def outsiders(world: World, statement: Statement) -> Mapping[Principal, Truth]:
    """The principals of a statement that belong to somebody else, or may; everybody apart.

    Accounts of AWS's own services are not outsiders, and nobody is where a condition asks for an organization.
    """
    if any(_asks_for_organization(item) for item in statement.conditions if isinstance(item, Condition)):
        return {}
    return {
        principal: truth
        for principal in statement.principals or ()
        if isinstance(principal, Principal)
        and classify(principal).kind in FIXED
        and not is_of_aws(account_of(principal) or "")
        and (truth := world.access.external(principal)) is not Truth.NO
    }


def knows_organization(world: World) -> bool:
    """Whether the accounts of an organization are listed, so that an account that is not among them is somebody else's."""
    members = (item.members for item in world.estate.organizations)
    return bool(world.estate.accounts_in_organization) or any(
        item and not isinstance(item, Unknown) for item in members
    )


def _asks_for_organization(condition: Condition) -> bool:
    return condition.key.lower() in _OWN_ORGANIZATION and holds((condition,), FOREIGN) is Truth.NO


@cache
def control() -> ActionSet:
    """What Security Hub control S3.6 names, and what else decides over a bucket as a whole."""
    return ActionSet.of((
        "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutObjectAcl",
        "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutReplicationConfiguration",
    ))  # fmt: skip
