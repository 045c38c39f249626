"""Whose requests a policy is about, where all of them are of one kind, and what these never carry."""

from typing import Final

from ...model import iam
from ...policy.condition.lacking import Group, group_named, lacks
from ...policy.condition.operators import parse_operator
from ...policy.document import Condition, Statement
from ...value import Truth
from ._leaves import Leaf, Place

_ROLES: Final = (iam.Role, iam.PermissionSet)
_USERS: Final = (iam.User, iam.Group)
_ADDRESS: Final = "aws:vpcsourceip"
# Keys that say whose the VPC or the caller is.
_WHOSE: Final = (
    "aws:ec2instancesourcevpc", "aws:principalaccount", "aws:principalarn", "aws:principalorg", "aws:sourcevpc", "aws:vpce",
)  # fmt: skip


def callers(place: Place, statement: Statement) -> Group | None:
    """The kind of callers that a statement is about; None if there are several, or nobody knows."""
    if not place.is_identity:
        return group_named(statement)
    if place.holders and all(isinstance(holder, _ROLES) for holder in place.holders):
        return Group.ROLES
    return Group.USERS if place.holders and all(isinstance(holder, _USERS) for holder in place.holders) else None


def lacking(leaf: Leaf) -> Group | None:
    """The callers of a statement, if none of their requests carries the key of a condition."""
    group = callers(leaf.place, leaf.statement)
    return group if group is not None and lacks(group, leaf.condition.key) else None


def names_no_vpc(leaf: Leaf) -> bool:
    """Whether private addresses are admitted, or spared by a Deny, of whichever VPC, and of callers of whichever account."""
    operator = parse_operator(leaf.condition.operator)
    if leaf.condition.key.lower() != _ADDRESS or operator is None:
        return False
    if leaf.denies is not (Truth.YES if operator.negated else Truth.NO):
        return False
    others = [item for item in leaf.statement.conditions if item is not leaf.condition]
    return all(isinstance(item, Condition) and not item.key.lower().startswith(_WHOSE) for item in others)
