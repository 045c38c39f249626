"""Which requests carry a key, and how many values of it."""

import pytest

from iacscan.policy.condition.presence import actions_without, is_demanded, is_multivalued, may_be_missing
from iacscan.policy.document import parse
from iacscan.value import Truth, Unknown


def statement(actions="s3:GetObject", condition=None, **others):
    given = {"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition, **others}
    return parse({"Version": "2012-10-17", "Statement": given}).statements[0]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws:PrincipalOrgPaths", Truth.YES),
        ("aws:principalorgid", Truth.NO),
        ("aws:PrincipalTag/team", Truth.NO),
        ("kms:ResourceAliases", Truth.YES),
        ("s3:prefix", Truth.NO),
        ("token.actions.githubusercontent.com:sub", Truth.NO),
        ("cognito-identity.amazonaws.com:amr", Truth.UNKNOWN),
        ("s3:NoSuchKey", Truth.UNKNOWN),
    ],
)
def test_which_keys_hold_several_values(key, expected):
    assert is_multivalued(key) is expected


@pytest.mark.parametrize(
    ("key", "actions", "expected"),
    [
        ("aws:SourceVpce", "s3:GetObject", Truth.YES),
        ("aws:RequestedRegion", "s3:GetObject", Truth.NO),
        ("aws:PrincipalArn", "s3:GetObject", Truth.NO),
        ("sts:ExternalId", "sts:AssumeRole", Truth.YES),
        ("dynamodb:LeadingKeys", ["dynamodb:GetItem", "dynamodb:Query"], Truth.NO),
        ("dynamodb:LeadingKeys", ["dynamodb:GetItem", "dynamodb:Scan"], Truth.YES),
        ("dynamodb:LeadingKeys", "*", Truth.YES),
        ("kms:EncryptionContextKeys", "kms:Decrypt", Truth.UNKNOWN),
        ("gitlab.com:aud", "sts:AssumeRoleWithWebIdentity", Truth.NO),
        ("gitlab.com:ref_protected", "sts:AssumeRoleWithWebIdentity", Truth.UNKNOWN),
    ],
)
def test_which_requests_may_come_without_a_key(key, actions, expected):
    assert may_be_missing(key, statement(actions)) is expected


def test_unsigned_requests_carry_no_principal():
    assert may_be_missing("aws:PrincipalArn", statement(Principal="*")) is Truth.YES


def test_an_action_that_the_service_does_not_list_the_key_for_is_named():
    assert actions_without("dynamodb:LeadingKeys", statement(["dynamodb:GetItem", "dynamodb:Scan"])) == (
        "dynamodb:Scan",
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, Truth.NO),
        ({"Null": {"aws:TagKeys": "false"}}, Truth.YES),
        ({"Null": {"aws:tagkeys": True}}, Truth.NO),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, Truth.NO),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, Truth.YES),
        ({"StringEquals": {"aws:RequestTag/team": "a"}}, Truth.YES),
        ({"Null": {"aws:TagKeys": Unknown("not known")}}, Truth.UNKNOWN),
        (Unknown("not known"), Truth.UNKNOWN),
    ],
)
def test_what_turns_away_requests_without_the_key(condition, expected):
    assert is_demanded("aws:TagKeys", statement(condition=condition)) is expected
