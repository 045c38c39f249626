import pytest

from iacscan.policy.condition.contradiction import contradictions, is_empty
from iacscan.policy.condition.operators import parse_operator
from iacscan.policy.document import Condition, Statement

KEY = "aws:PrincipalTag/stage"


def leaf(operator, *values, key=KEY):
    return Condition(operator, key, values)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (leaf("StringEquals", "prod"), leaf("StringLike", "dev*"), True),
        (leaf("StringEquals", "prod"), leaf("StringLike", "pr*"), False),
        (leaf("StringEquals", "prod"), leaf("Null", "true"), True),
        (leaf("StringEqualsIfExists", "prod"), leaf("Null", "true"), False),
        (leaf("StringEqualsIfExists", "prod"), leaf("StringEqualsIfExists", "dev"), False),
        (leaf("StringEquals", "prod"), leaf("StringEquals", "dev", key=KEY.upper()), True),
        (leaf("StringEquals", "prod"), leaf("StringEquals", "dev", key="aws:PrincipalTag/other"), False),
        (leaf("StringEquals", "prod"), leaf("StringNotEquals", "prod", "dev"), True),
        (leaf("StringEquals", "${aws:username}"), leaf("StringEquals", "dev"), False),
        (leaf("NumericLessThan", "5", key="s3:max-keys"), leaf("NumericGreaterThan", "9", key="s3:max-keys"), True),
        (leaf("NumericLessThan", "9", key="s3:max-keys"), leaf("NumericGreaterThan", "5", key="s3:max-keys"), False),
        (leaf("IpAddress", "192.0.2.0/24", key="aws:SourceIp"), leaf("IpAddress", "198.51.100.1", key="aws:SourceIp"), True),
        (leaf("ForAllValues:StringEquals", "a", key="aws:TagKeys"), leaf("ForAllValues:StringEquals", "b", key="aws:TagKeys"), False),
    ],
)  # fmt: skip
def test_two_conditions_contradict_each_other_if_no_request_can_meet_both(one, other, expected):
    assert bool(list(contradictions(Statement(conditions=(one, other))))) is expected
    assert bool(list(contradictions(Statement(conditions=(other, one))))) is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("StringEquals", (), True),
        ("StringNotEqualsIfExists", (), True),
        ("StringEquals", ("a",), False),
        ("ForAllValues:StringEquals", (), False),
    ],
)
def test_an_empty_list_names_nothing_but_under_a_set_operator_it_may_be_meant(operator, values, expected):
    assert is_empty(parse_operator(operator), leaf(operator, *values)) is expected
