import pytest

from iacscan.policy.condition.mfa import (
    LONG_TERM_KEY,
    SESSION,
    asks_wrongly,
    is_first_step,
    requires_mfa,
    spares_access_keys,
)
from iacscan.policy.document import Condition, Statement, parse
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


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("Bool", "aws:MultiFactorAuthPresent", "true", ()),
        ("Bool", "aws:MultiFactorAuthPresent", "false", (SESSION,)),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", (LONG_TERM_KEY, SESSION)),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", ()),  # a slip of another kind
        ("Null", "aws:MultiFactorAuthPresent", "false", (SESSION,)),
        ("Null", "aws:MultiFactorAuthPresent", "true", (LONG_TERM_KEY,)),
        ("Null", "aws:MultiFactorAuthAge", "true", (LONG_TERM_KEY, SESSION)),
        ("Null", "aws:MultiFactorAuthAge", "false", ()),
        ("Bool", "aws:MultiFactorAuthPresent", Unknown("not known"), ()),
        ("Bool", "aws:SecureTransport", "false", ()),
    ],
)
def test_who_comes_without_mfa_and_is_admitted_by_a_question_about_it(operator, key, value, expected):
    assert asks_wrongly(Condition(operator, key, (value,))) == expected


def test_people_need_some_rights_before_they_have_mfa():
    assert is_first_step(Statement(actions=("iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken")))
    assert not is_first_step(Statement(actions=("iam:EnableMFADevice", "iam:CreateUser")))
