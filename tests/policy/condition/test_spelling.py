import pytest

from iacscan.policy.condition.operators import parse_operator
from iacscan.policy.condition.spelling import misspelt, respelt
from iacscan.policy.document import Condition

GITHUB = "token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "aws:RequestedRegion", "EU-West-1", "eu-west-1"),
        ("StringEquals", "aws:RequestedRegion", "eu-west-1", None),
        ("StringEqualsIgnoreCase", "aws:RequestedRegion", "EU-West-1", None),
        ("StringLike", "aws:RequestedRegion", "EU-*", "eu-*"),
        ("StringEquals", "aws:PrincipalOrgID", "O-EXAMPLEORG1", "o-exampleorg1"),
        ("StringEquals", "aws:PrincipalOrgID", "⟦data.X.Y⟧", None),
        ("StringEquals", "s3:x-amz-server-side-encryption", "aes256", "AES256"),
        ("StringEquals", "s3:x-amz-server-side-encryption", "AES-256", None),  # wrong in another way
        ("StringLike", "s3:x-amz-server-side-encryption", "aws:kms*", None),
        ("StringLike", "s3:x-amz-server-side-encryption", "AWS:KMS*", "aws:kms"),
        ("StringEquals", "aws:PrincipalType", "assumedrole", "AssumedRole"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:IAM::111122223333:role/Admin", "arn:aws:iam::111122223333:role/Admin"),
        ("StringEquals", "aws:PrincipalTag/team", "Archive", None),  # as its owner likes
        ("StringEquals", f"{GITHUB}:sub", "Repo:example/App:*", "repo:example/App:*"),
        ("StringEquals", f"{GITHUB}:aud", "STS.amazonaws.com", "sts.amazonaws.com"),
    ],
)
def test_values_are_spelt_as_requests_spell_them(operator, key, value, expected):
    assert respelt(parse_operator(operator), key, value) == expected


def test_both_spellings_side_by_side_are_no_slip():
    operator = parse_operator("StringEquals")
    both = Condition("StringEquals", "aws:RequestedRegion", ("EU-WEST-1", "eu-west-1", "EU-WEST-2"))
    assert misspelt(operator, both) == {"EU-WEST-2": "eu-west-2"}
