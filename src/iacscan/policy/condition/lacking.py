"""Condition keys that the requests of one kind of caller never carry.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, under "Availability" of each key: only users have a name; a source identity
is set when a role is assumed; a service that acts in its own name was called by nobody, and does not come out of a VPC of its customer.
"""

import enum
from typing import Final

from ..document import Principal, Statement
from ..principal import Kind, classify


class Group(enum.Enum):
    """A kind of caller, in words."""

    SERVICES = "AWS services"
    ROLES = "roles"
    USERS = "users"


FORWARDED: Final = frozenset(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"))
ENDPOINT: Final = frozenset((
    "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:vpcsourceip",
))  # fmt: skip
USER_NAME: Final = "aws:username"
SOURCE_IDENTITY: Final = "aws:sourceidentity"
_LACKING: Final = {
    Group.SERVICES: FORWARDED | ENDPOINT | {USER_NAME},
    Group.ROLES: frozenset((USER_NAME,)),
    Group.USERS: frozenset((SOURCE_IDENTITY,)),
}
_GROUPS: Final = {
    Kind.SERVICE: Group.SERVICES,
    Kind.ROLE: Group.ROLES,
    Kind.SESSION: Group.ROLES,
    Kind.USER: Group.USERS,
}


def lacks(group: Group, key: str) -> bool:
    """Whether no request of such callers carries a key."""
    return key.lower() in _LACKING[group]


def group_named(statement: Statement) -> Group | None:
    """The kind that all principals of a statement are of; None if they differ, or are not all known."""
    groups = {_GROUPS.get(classify(item).kind) if isinstance(item, Principal) else None
              for item in statement.principals or ()}  # fmt: skip
    return groups.pop() if len(groups) == 1 else None
