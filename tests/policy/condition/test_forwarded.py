import pytest

from iacscan.policy.condition.forwarded import is_only_guard, wants_any_service
from iacscan.policy.document import Condition, Statement
from iacscan.value import Unknown


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("Bool", "aws:ViaAWSService", "true", True),
        ("BoolIfExists", "aws:viaawsservice", "TRUE", True),
        ("Bool", "aws:ViaAWSService", "false", False),
        ("Bool", "aws:ViaAWSService", Unknown("not yet"), False),
        ("StringNotEquals", "aws:ViaAWSService", "true", False),
        ("Bool", "aws:SecureTransport", "true", False),
    ],
)
def test_only_true_asks_for_a_request_that_was_passed_on(operator, key, value, expected):
    assert wants_any_service(Condition(operator, key, (value,))) is expected


def test_a_condition_that_is_not_known_may_be_a_guard_too():
    via = Condition("Bool", "aws:ViaAWSService", ("true",))
    assert is_only_guard(via, Statement(conditions=(via,)))
    assert not is_only_guard(via, Statement(conditions=(via, Unknown("not yet"))))
