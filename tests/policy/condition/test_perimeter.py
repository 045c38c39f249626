import pytest

from iacscan.policy.condition.perimeter import Border, border, makes_exceptions
from iacscan.policy.document import Condition
from iacscan.value import Truth, Unknown


@pytest.mark.parametrize(
    ("operator", "key", "expected"),
    [
        ("NotIpAddress", "aws:SourceIp", Border.NETWORK),
        ("NotIpAddressIfExists", "aws:sourceip", Border.NETWORK),
        ("StringNotEquals", "aws:SourceVpce", Border.NETWORK),
        ("StringNotEqualsIfExists", "aws:PrincipalOrgID", Border.ORGANIZATION),
        ("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", Border.ORGANIZATION),
        ("StringNotEquals", "aws:ResourceOrgID", Border.RESOURCE),
        ("IpAddress", "aws:SourceIp", None),
        ("StringNotEquals", "aws:RequestedRegion", None),
        ("NoSuchOperator", "aws:SourceIp", None),
    ],
)
def test_what_a_condition_measures_callers_by(operator, key, expected):
    assert border(Condition(operator, key, ("x",))) is expected


def test_a_condition_that_is_not_known_measures_nothing():
    assert border(Unknown("not yet")) is None


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws:PrincipalIsAWSService", Truth.YES),
        ("aws:ViaAWSService", Truth.YES),
        ("aws:CalledViaFirst", Truth.YES),
        ("aws:PrincipalTag/exempt", Truth.YES),
        ("aws:SourceOrgID", Truth.YES),
        ("aws:SourceVpc", Truth.NO),
        ("aws:RequestedRegion", Truth.NO),
    ],
)
def test_which_keys_spare_services_or_named_callers(key, expected):
    assert makes_exceptions((Condition("StringNotEquals", key, ("x",)),)) is expected


def test_what_is_not_known_may_be_an_exception():
    assert makes_exceptions((Unknown("not yet"),)) is Truth.UNKNOWN
    assert makes_exceptions((Unknown("not yet"), Condition("Bool", "aws:ViaAWSService", ("false",)))) is Truth.YES
    assert makes_exceptions(()) is Truth.NO
