import pytest

from iacscan.policy.condition.mfa import requires_mfa, spares_access_keys
from iacscan.policy.document import Condition, parse
from iacscan.value import Truth, Unknown


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, Truth.YES),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, Truth.YES),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, Truth.NO),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, Truth.NO),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, Truth.NO),
        (Unknown("not known"), Truth.UNKNOWN),
        (None, Truth.NO),
    ],
)
def test_what_asks_for_mfa(condition, expected):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = parse({"Version": "2012-10-17", "Statement": statement})
    assert requires_mfa(document.statements[0]) is expected


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", Truth.YES),
        ("StringNotEquals", "aws:MultiFactorAuthPresent", "false", Truth.YES),
        ("NumericLessThanIfExists", "aws:MultiFactorAuthAge", "3600", Truth.YES),
        ("Bool", "aws:MultiFactorAuthPresent", "true", Truth.NO),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", Truth.NO),
        ("Null", "aws:MultiFactorAuthAge", "true", Truth.NO),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", Unknown("not known"), Truth.UNKNOWN),
    ],
)
def test_what_asks_sessions_for_mfa_and_not_access_keys(operator, key, value, expected):
    assert spares_access_keys(Condition(operator, key, (value,))) is expected
