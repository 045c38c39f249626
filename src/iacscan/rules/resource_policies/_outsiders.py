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

    Accounts of AWS's own services are not outsiders, and nobody is where a condition asks for an organization: one's own, if the
    configuration names it.
    """
    own = world.settings.organization
    if any(_asks_for_organization(item, own) for item in statement.conditions if isinstance(item, Condition)):
        return {}
    return {
        principal: truth
        for principal in statement.principals or ()
        if isinstance(principal, Principal)
        and classify(principal).kind in FIXED
        and not is_of_aws(account_of(principal) or "")
        and (truth := world.access.external(principal)) is not Truth.NO
    }


def foreign_organization(world: World, statement: Statement) -> str:
    """The id of the organization that everybody must belong to, if it certainly is not one's own; empty otherwise."""
    own = world.settings.organization
    named = (classify(item).kind for item in statement.principals or () if isinstance(item, Principal))
    if own and Kind.ANYONE in named:
        conditions = [item for item in statement.conditions if isinstance(item, Condition)]
        asked = [item for item in conditions if _asks_for_organization(item, "")]
        if asked and not any(_asks_for_organization(item, own) for item in conditions):
            return str(asked[0].values[0]).partition("/")[0]
    return ""


def knows_organization(world: World) -> bool:
    """Whether all of one's accounts are listed, so that an account that is not among them is somebody else's."""
    if world.settings.accounts:
        return True
    members = (item.members for item in world.estate.organizations)
    return bool(world.estate.accounts_in_organization) or any(
        item and not isinstance(item, Unknown) for item in members
    )


def _asks_for_organization(condition: Condition, own: str) -> bool:
    """Whether a condition asks for an organization; for one's own, if its id is known."""
    if condition.key.lower() not in _OWN_ORGANIZATION or holds((condition,), FOREIGN) is not Truth.NO:
        return False
    # A value that is not known is most likely read from one's own organization.
    return not own or any(isinstance(value, Unknown) or own in value or "⟦" in value for value in condition.values)


@cache
def control() -> ActionSet:
    """What Security Hub control S3.6 names, and what else decides over a bucket as a whole."""
    return ActionSet.of((
        "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutObjectAcl",
        "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutReplicationConfiguration",
    ))  # fmt: skip
