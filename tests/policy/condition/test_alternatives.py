import pytest

from iacscan.policy.condition.alternatives import excluded_by, exclusive
from iacscan.policy.document import Condition, Statement
from iacscan.value import Unknown

OFFICE = Condition("IpAddress", "aws:SourceIp", ("198.51.100.0/24",))
ENDPOINT = Condition("StringEquals", "aws:SourceVpce", ("vpce-0123456789abcdef0",))
ORGANIZATION = Condition("StringEquals", "aws:PrincipalOrgID", ("o-exampleorg1",))
SERVICE = Condition("Bool", "aws:PrincipalIsAWSService", ("true",))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("aws:SourceIp", "aws:SourceVpc", True),
        ("aws:vpcsourceip", "AWS:SourceIp", True),
        ("aws:SourceAccount", "aws:PrincipalOrgID", True),
        ("aws:PrincipalTag/team", "aws:PrincipalServiceName", True),
        ("aws:SourceVpc", "aws:SourceVpce", False),
        ("aws:SourceVpc", "aws:PrincipalOrgID", False),
        ("aws:SourceAccount", "aws:PrincipalAccount", False),
        ("aws:SourceIp", "s3:prefix", False),
        ("aws:SourceArn", "aws:PrincipalTag/x509Subject/CN", False),  # IAM Roles Anywhere sends both
    ],
)
def test_which_keys_exclude_each_other(one, other, found):
    assert (excluded_by(one, other) is not None) is found
    assert (excluded_by(other, one) is not None) is found


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ((OFFICE, ENDPOINT), (OFFICE, ENDPOINT)),
        ((Unknown("not yet"), ENDPOINT, OFFICE), (ENDPOINT, OFFICE)),
        ((SERVICE, ORGANIZATION), (SERVICE, ORGANIZATION)),
        ((Condition("Bool", "aws:PrincipalIsAWSService", ("false",)), ORGANIZATION), None),
        ((Condition("NotIpAddress", "aws:SourceIp", ("198.51.100.0/24",)), ENDPOINT), None),
        ((Condition("IpAddressIfExists", "aws:SourceIp", ("198.51.100.0/24",)), ENDPOINT), None),
        ((ENDPOINT, ORGANIZATION), None),
        ((), None),
    ],
)
def test_which_conditions_no_request_meets_at_once(conditions, found):
    assert exclusive(Statement(conditions=conditions)) == found
