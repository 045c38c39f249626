import pytest

from iacscan.policy.condition import operators
from iacscan.policy.condition.known import exists, suggest
from iacscan.policy.document import Condition
from iacscan.policy.managed import managed_policy, names
from iacscan.value import Truth


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws:PrincipalOrgID", Truth.YES),
        ("AWS:principalorgid", Truth.YES),
        ("aws:PrincipalTag/team", Truth.YES),
        ("s3:ExistingObjectTag/team", Truth.YES),
        ("kms:EncryptionContext:aws:s3:arn", Truth.YES),
        ("sts:ExternalId", Truth.YES),
        ("aws:PrincipalTag", Truth.NO),
        ("aws:PrincipalTag/", Truth.NO),
        ("aws:OrganizationId", Truth.NO),
        ("SourceIp", Truth.NO),
        ("s3:NoSuchKey", Truth.NO),
        ("token.actions.githubusercontent.com:sub", Truth.UNKNOWN),
        ("saml:aud", Truth.UNKNOWN),
    ],
)
def test_which_keys_there_are(key, expected):
    assert exists(key) is expected


def test_no_key_of_awss_own_policies_is_missing_among_the_global_ones():
    keys = {
        condition.key
        for name in names()
        for statement in managed_policy(name).statements
        for condition in statement.conditions
        if isinstance(condition, Condition) and condition.key.lower().startswith("aws:")
    }
    assert {key for key in keys if exists(key) is not Truth.YES} == set()


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("aws:SourceIPs", "aws:SourceIp"),
        ("SourceIp", "aws:SourceIp"),
        ("aws:PrincipalTags", "aws:PrincipalTag/TAG"),
        ("s3:prefixes", "s3:prefix"),
        ("aws:SomethingElseAltogether", None),
    ],
)
def test_what_was_meant_by_a_key(key, meant):
    assert suggest(key) == meant


@pytest.mark.parametrize(
    ("operator", "meant"),
    [
        ("StringContains", "StringLike"),
        ("StringEqual", "StringEquals"),
        ("StringEqualsIfExist", "StringEqualsIfExists"),
        ("ForAnyValues:StringLike", "ForAnyValue:StringLike"),
        ("NullIfExists", "Null"),
        ("DateAfter", "DateGreaterThan"),
        ("Whatever", None),
    ],
)
def test_what_was_meant_by_an_operator(operator, meant):
    assert operators.parse_operator(operator) is None
    assert operators.suggest(operator) == meant
