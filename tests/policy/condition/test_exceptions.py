import pytest

from iacscan.policy.condition.exceptions import deny_everybody
from iacscan.policy.document import Condition, Principal, Statement
from iacscan.value import Truth, Unknown


def deny(*conditions, **rest):
    return Statement(**({"effect": "Deny", "actions": ("s3:*",), "resources": ("*",), "conditions": conditions} | rest))


def but(operator, key, *values):
    return Condition(operator, key, values)


A = but("StringNotEquals", "aws:SourceVpc", "vpc-a")
B = but("StringNotEquals", "aws:sourcevpc", "vpc-b")
TLS = but("Bool", "aws:SecureTransport", "true")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (deny(A), deny(B), Truth.YES),
        (deny(A), deny(A), Truth.NO),
        (deny(A), deny(but("StringNotEquals", "aws:SourceVpc", "vpc-b", "vpc-a")), Truth.NO),
        (deny(A, TLS), deny(B, TLS), Truth.YES),
        (deny(A, TLS), deny(B), Truth.NO),
        (deny(A, Unknown("not yet")), deny(B, Unknown("not yet")), Truth.NO),
        (deny(A), deny(but("StringNotLike", "aws:SourceVpc", "vpc-*")), Truth.NO),
        (deny(A), deny(but("StringNotLike", "aws:SourceVpc", "vpc-b*")), Truth.YES),
        (deny(A), deny(but("StringNotEqualsIgnoreCase", "aws:SourceVpc", "VPC-A")), Truth.NO),
        (deny(A), deny(but("StringNotEquals", "aws:SourceVpc", Unknown("not yet"))), Truth.UNKNOWN),
        (deny(A), deny(but("StringNotEquals", "aws:SourceVpc", "⟦aws_vpc.b⟧")), Truth.UNKNOWN),
        (deny(A), deny(but("StringNotEquals", "aws:PrincipalOrgID", "o-exampleorg1")), Truth.NO),
        (deny(A), deny(but("NotIpAddress", "aws:SourceIp", "198.51.100.0/24")), Truth.YES),
        (
            deny(but("NotIpAddress", "aws:SourceIp", "198.51.100.0/24")),
            deny(but("NotIpAddress", "aws:SourceIp", "198.51.100.7", "203.0.113.0/24")),
            Truth.NO,
        ),
        (
            deny(but("NotIpAddress", "aws:SourceIp", "198.51.100.0/24")),
            deny(but("NotIpAddress", "aws:SourceIp", "2001:db8::/32", "203.0.113.0/24")),
            Truth.YES,
        ),
        (deny(A), deny(but("StringEquals", "aws:SourceVpc", "vpc-b")), Truth.NO),
        (deny(A), deny(but("ForAnyValue:StringNotEquals", "aws:SourceVpc", "vpc-b")), Truth.NO),
        (deny(A), deny(B, actions=("s3:GetObject",)), Truth.YES),
        (deny(A), deny(B, actions=("sqs:*",)), Truth.NO),
        (deny(A), deny(B, actions=(Unknown("not yet"),)), Truth.NO),
        (deny(A, resources=("arn:aws:s3:::a",)), deny(B, resources=("arn:aws:s3:::b",)), Truth.NO),
        (deny(A, principals=(Principal("*", "*"),)), deny(B), Truth.NO),
        (deny(A, TLS, but("StringNotEquals", "aws:username", "x")), deny(B, TLS), Truth.NO),
    ],
)
def test_when_two_denies_leave_nobody(one, other, expected):
    assert deny_everybody(one, other) is expected
    assert deny_everybody(other, one) is expected
