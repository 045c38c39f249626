"""What permissions boundaries are good for."""

import pytest

from iacscan.policy.boundary import lets_remove, limits_nothing
from iacscan.policy.document import parse
from iacscan.value import Truth, Unknown

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
REMOVE = "iam:DeleteRolePermissionsBoundary"
ROLE = "arn:aws:iam::⟦account⟧:role/builder"
UNKNOWN = Unknown("known after apply")


def boundary(*statements):
    return parse({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([ALL], Truth.YES),
        ([{**ALL, "Action": ["s3:*", "*:*"]}], Truth.YES),
        ([{**ALL, "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}], Truth.NO),
        ([ALL, {"Effect": "Deny", "Action": "organizations:*", "Resource": "*"}], Truth.NO),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], Truth.NO),
        ([{**ALL, "Resource": "arn:aws:s3:::*"}], Truth.NO),
        ([{**ALL, "Action": UNKNOWN}], Truth.UNKNOWN),
        ([ALL, UNKNOWN], Truth.UNKNOWN),
        ([{**ALL, "Effect": UNKNOWN}], Truth.NO),
    ],
)
def test_a_boundary_limits_nothing_if_it_allows_everything_and_denies_nothing(statements, answer):
    assert limits_nothing(boundary(*statements)) is answer


def test_a_boundary_that_allows_all_of_iam_lets_its_holder_remove_it():
    assert lets_remove(boundary({**ALL, "Action": ["s3:*", "iam:*"]}), REMOVE, ROLE)


@pytest.mark.parametrize(
    "statements",
    [
        [{**ALL, "Action": "s3:*"}],
        [{**ALL, "Action": "iam:*", "Resource": "arn:aws:iam::*:user/*"}],
        [ALL, {"Effect": "Deny", "Action": "iam:*PermissionsBoundary", "Resource": "arn:aws:iam::*:role/*"}],
        [ALL, {**ALL, "Effect": "Deny", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "*:role/admin"}}}],
        [ALL, UNKNOWN],
    ],
    ids=["no iam", "users only", "denied for roles", "denied to all but one", "not known as a whole"],
)
def test_a_boundary_that_denies_it_or_may_does_not(statements):
    assert not lets_remove(boundary(*statements), REMOVE, ROLE)
