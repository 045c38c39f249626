import pytest

from iacscan.policy.condition.lacking import Group, group_named, lacks
from iacscan.policy.document import Principal, Statement
from iacscan.value import Unknown

ROLE = Principal("AWS", "arn:aws:iam::111122223333:role/clerk")
USER = Principal("AWS", "arn:aws:iam::111122223333:user/mira")
SESSION = Principal("AWS", "arn:aws:sts::111122223333:assumed-role/clerk/mira")
ACCOUNT = Principal("AWS", "111122223333")
SERVICE = Principal("Service", "sns.amazonaws.com")


@pytest.mark.parametrize(
    ("principals", "expected"),
    [
        ((SERVICE,), Group.SERVICES),
        ((ROLE, SESSION), Group.ROLES),
        ((USER,), Group.USERS),
        ((ACCOUNT,), None),  # which stands for its users and its roles
        ((ROLE, USER), None),
        ((SERVICE, Unknown("not yet")), None),
        ((Principal("*", "*"),), None),
        (None, None),
    ],
)
def test_a_statement_is_about_one_kind_of_caller_if_all_its_principals_are(principals, expected):
    assert group_named(Statement(principals=principals)) is expected


@pytest.mark.parametrize(
    ("group", "key", "expected"),
    [
        (Group.ROLES, "aws:UserName", True),
        (Group.USERS, "aws:username", False),
        (Group.USERS, "aws:SourceIdentity", True),
        (Group.ROLES, "aws:SourceIdentity", False),
        (Group.SERVICES, "aws:CalledVia", True),
        (Group.SERVICES, "aws:SourceVpce", True),
        (Group.SERVICES, "aws:SourceArn", False),
    ],
)
def test_who_never_carries_what(group, key, expected):
    assert lacks(group, key) is expected
