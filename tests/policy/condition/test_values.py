import pytest

from iacscan.policy.condition.operators import parse_operator
from iacscan.policy.condition.values import ask_for_the_impossible, impossible, impossible_values
from iacscan.policy.document import Condition
from iacscan.policy.managed import managed_policy, names
from iacscan.value import Unknown


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
        ("StringLike", "aws:PrincipalOrgID", "*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111*"),
        ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/"),
        ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"),
        ("StringEquals", "aws:SourceAccount", "012345678901"),
        ("StringLike", "aws:SourceAccount", "0123*"),
        ("StringEquals", "aws:PrincipalAccount", "anonymous"),
        ("StringEquals", "aws:SourceVpc", "vpc-1a2b3c4d"),
        ("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"),
        ("StringEquals", "aws:RequestedRegion", "us-gov-west-1"),
        ("StringLike", "aws:RequestedRegion", "eu-*"),
        ("StringEquals", "aws:RequestedRegion", "EU-CENTRAL-1"),  # wrong in its case only
        ("StringEquals", "iam:PassedToService", "ec2.amazonaws.com.cn"),
        ("StringLike", "iam:PassedToService", "ec2.*"),
        ("StringEquals", "kms:ViaService", "s3.eu-central-1.amazonaws.com"),
        ("StringLike", "kms:ViaService", "s3.*.amazonaws.com"),
        ("StringLike", "kms:ViaService", "*"),
        ("StringEquals", "sts:ExternalId", "a/b:c@d.e=f,g+h-i_j"),
        ("StringLike", "aws:PrincipalArn", "*:role/admin"),
        ("StringEquals", "aws:FederatedProvider", "cognito-identity.amazonaws.com"),
        ("ArnLike", "aws:PrincipalArn", "admin"),  # a rule of its own
        ("StringEquals", "aws:PrincipalArn", "*"),  # likewise
        ("StringEquals", "s3:x-amz-server-side-encryption", "aws:kms:dsse"),
        ("StringEquals", "aws:SourceVpc", "⟦aws_vpc.main⟧"),
        ("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}"),
        ("StringEquals", "aws:PrincipalTag/team", "anything"),
        ("Bool", "aws:SecureTransport", "False"),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "3600"),
        ("IpAddress", "aws:SourceIp", "2001:db8::/32"),
        ("IpAddress", "aws:SourceIp", "203.0.113.*"),  # a rule of its own
        ("DateLessThan", "aws:CurrentTime", "tomorrow"),  # likewise
        ("Null", "aws:SourceVpc", "true"),
    ],
)
def test_what_requests_may_carry(operator, key, value):
    assert impossible(parse_operator(operator), key, value) is None


@pytest.mark.parametrize(
    ("operator", "key", "value", "says"),
    [
        ("StringEquals", "aws:PrincipalOrgID", "111122223333", "organization's id"),
        ("StringEquals", "aws:ResourceOrgID", "o-short", "organization's id"),
        ("StringLike", "aws:SourceOrgID", "org-*", "organization's id"),
        (
            "ForAnyValue:StringEquals",
            "aws:PrincipalOrgPaths",
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111",
            "slash at its end",
        ),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "ou-ab12-*", "slash at its end"),
        ("StringEquals", "aws:SourceAccount", "12345678901", "twelve digits"),
        ("StringEquals", "aws:SourceAccount", "arn:aws:iam::111122223333:root", "twelve digits"),
        ("StringNotEquals", "aws:SourceVpc", "vpce-0123456789abcdef0", "a VPC's id"),
        ("StringEquals", "aws:SourceVpce", "vpc-0123456789abcdef0", "an endpoint's id"),
        ("StringEquals", "aws:RequestedRegion", "Frankfurt", "a region"),
        ("StringEquals", "iam:PassedToService", "lambda", "a service's name"),
        ("StringEquals", "kms:ViaService", "s3.amazonaws.com", "a service in a region"),
        ("StringLike", "kms:ViaService", "s3*", None),
        ("StringEquals", "sts:ExternalId", "with space", "an external id"),
        ("StringEquals", "aws:PrincipalArn", "admin", "an ARN"),
        ("StringLike", "aws:SourceArn", "bucket-*", "an ARN"),
        ("StringEquals", "iam:PermissionsBoundary", "boundary", "an ARN"),
        ("StringEquals", "s3:x-amz-acl", "bucket-owner-full", "canned ACL"),
        ("Bool", "aws:SecureTransport", "yes", "true or false"),
        ("NumericLessThan", "s3:max-keys", "ten", "a number"),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/240", "an address"),
    ],
)
def test_what_no_request_carries(operator, key, value, says):
    found = impossible(parse_operator(operator), key, value)
    assert (says in found) if says else found is None


def test_each_value_is_judged_by_itself_and_those_not_known_are_left_out():
    leaf = Condition("StringEquals", "aws:SourceAccount", ("111122223333", "123", Unknown("not yet")))
    assert list(impossible_values(parse_operator("StringEquals"), leaf)) == ["123"]


def test_none_of_awss_own_policies_has_an_impossible_value():
    found = {
        (name, leaf.key): impossible_values(parse_operator(leaf.operator), leaf)
        for name in names()
        for statement in managed_policy(name).statements
        for leaf in statement.conditions
        if isinstance(leaf, Condition)
    }
    assert {place: values for place, values in found.items() if values} == {}


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("StringEquals", ("o-1",), True),
        ("StringEquals", ("o-1", "o-2"), True),
        ("StringEquals", ("o-1", "o-a1b2c3d4e5"), False),
        ("StringEquals", ("o-1", Unknown("later")), False),
        ("StringEquals", (), False),
        ("StringNotEquals", ("o-1",), False),
        ("StringEqualsIfExists", ("o-1",), False),  # requests without the key are met
        ("ForAllValues:StringEquals", ("o-1",), False),  # likewise
    ],
)
def test_only_a_demand_for_nothing_but_impossible_values_is_met_by_no_request(operator, values, expected):
    condition = Condition(operator, "aws:PrincipalOrgID", values)
    assert ask_for_the_impossible((condition,)) is expected
    assert ask_for_the_impossible((Unknown("later"), condition)) is expected
