import pytest

from iacscan.policy.condition.tautology import names_nobody, settled
from iacscan.policy.document import Condition, Principal, Statement
from iacscan.value import Unknown

NAMED = Statement(principals=(Principal("AWS", "111122223333"),))
ANYBODY = Statement(principals=(Principal("*", "*"),))


@pytest.mark.parametrize(
    ("operator", "key", "values", "statement", "expected"),
    [
        ("StringLike", "aws:RequestedRegion", ("*",), NAMED, True),
        ("StringNotLike", "aws:RequestedRegion", ("*",), NAMED, False),
        ("StringLike", "aws:RequestedRegion", ("eu-*", "**"), NAMED, True),
        ("StringLike", "aws:RequestedRegion", ("eu-*",), NAMED, None),
        ("StringEquals", "aws:RequestedRegion", ("*",), NAMED, None),  # a star is a star here
        ("StringLike", "aws:PrincipalTag/team", ("*",), NAMED, None),  # who has the tag
        ("StringLikeIfExists", "aws:PrincipalTag/team", ("*",), NAMED, True),
        ("ForAllValues:StringLike", "aws:TagKeys", ("*",), NAMED, True),
        ("StringNotLike", "aws:PrincipalTag/team", ("*",), NAMED, None),  # who has no tag
        ("ArnLike", "aws:PrincipalArn", ("arn:*:*:*:*:*",), NAMED, True),
        ("ArnNotLike", "aws:PrincipalArn", ("arn:aws:iam::*:*",), NAMED, False),  # every user, role and root user
        ("ArnNotLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/*",), NAMED, None),
        ("StringNotEquals", "aws:PrincipalArn", ("arn:aws:iam::*:*",), NAMED, None),  # a star is a star here
        ("ArnLike", "aws:PrincipalArn", ("arn:*:*:*:*:*",), ANYBODY, None),  # who signs his requests
        ("Bool", "aws:SecureTransport", ("true", "FALSE"), NAMED, True),
        ("Bool", "aws:SecureTransport", ("true",), NAMED, None),
        ("StringLike", "aws:RequestedRegion", (Unknown("not yet"),), NAMED, None),
    ],
)
def test_a_condition_is_settled_if_it_does_not_depend_on_the_request(operator, key, values, statement, expected):
    assert settled(Condition(operator, key, values), statement) is expected


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringLike", "aws:PrincipalOrgID", "*", True),
        ("StringLike", "aws:PrincipalOrgID", "o-*", False),
        ("ArnLike", "aws:SourceArn", "arn:*:*:*:*:*", True),
        ("StringLikeIfExists", "aws:PrincipalOrgID", "*", False),
        ("StringLike", "aws:PrincipalTag/team", "*", False),
    ],
)
def test_a_star_in_the_place_of_a_name_names_nobody(operator, key, value, expected):
    assert names_nobody(Condition(operator, key, (value,))) is expected
