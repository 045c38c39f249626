import pytest

from iacscan.policy.condition.complexity import families, is_explained, keys
from iacscan.policy.condition.operators import Family
from iacscan.policy.document import Condition
from iacscan.value import Unknown


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("AWS:SourceIp", True),
        ("aws:PrincipalTag/team", True),
        ("ec2:ResourceTag/team", True),
        ("kms:EncryptionContext:order", True),
        ("route53:ChangeResourceRecordSetsActions", True),
        ("token.actions.githubusercontent.com:sub", True),
        ("⟦aws_iam_openid_connect_provider.ci⟧:aud", True),
        ("SAML:aud", True),
        ("s3:signatureversion", False),
        ("aws:PrincipalType", False),
    ],
)
def test_which_keys_are_explained(key, expected):
    assert is_explained(key) is expected


def test_keys_count_once_in_any_case_and_null_compares_nothing():
    conditions = (
        Condition("StringEquals", "aws:SourceVpc", ("a",)),
        Condition("StringNotEquals", "AWS:sourcevpc", ("b",)),
        Condition("Null", "aws:TagKeys", ("false",)),
        Unknown("not yet"),
    )
    assert keys(conditions) == ("aws:SourceVpc", "aws:TagKeys")
    assert families(conditions) == {Family.STRING}
