import pytest

from iacscan.policy.condition.literal import literal_wildcards
from iacscan.policy.condition.operators import parse_operator
from iacscan.policy.document import Condition
from iacscan.value import Unknown


@pytest.mark.parametrize(
    ("operator", "key", "value", "found"),
    [
        ("StringEquals", "aws:PrincipalTag/a", "x*", True),
        ("ForAnyValue:StringNotEqualsIgnoreCaseIfExists", "aws:PrincipalTag/a", "x?", True),
        ("IpAddress", "aws:SourceIp", "10.*", True),
        ("Bool", "aws:SecureTransport", "*", True),
        ("StringLike", "aws:PrincipalTag/a", "x*", False),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/a", False),
        ("StringEquals", "aws:PrincipalTag/a", "x${*}", False),
        ("StringEquals", "aws:PrincipalTag/a", "${aws:username}", False),
        ("StringEquals", "kms:EncryptionContext:path", "a*", False),
        ("StringEquals", "dynamodb:LeadingKeys", "a*", False),
    ],
)
def test_where_a_wildcard_is_a_character(operator, key, value, found):
    leaf = Condition(operator, key, (value, Unknown("not yet")))
    assert literal_wildcards(parse_operator(operator), leaf) == ([value] if found else [])
