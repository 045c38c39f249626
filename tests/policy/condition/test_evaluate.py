"""Conditions against one request. More facts, each with the page it rests on, are in `cases/vectors.json`."""

import json
from pathlib import Path

import pytest

from iacscan.policy.condition.evaluate import satisfied
from iacscan.policy.document import Condition
from iacscan.value import Truth, Unknown

CASES = json.loads((Path(__file__).parents[1] / "cases" / "conditions.json").read_text())
YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
LATER = Unknown("known only after apply")
TAG = "aws:PrincipalTag/team"


def ask(operator, values, *held, key="k:x", variables=YES, **context):
    """Ask one leaf; `held` are the values of its key in the request, none if it is missing."""
    leaf = Condition(operator, key, tuple(values) if isinstance(values, list) else (values,))
    own = {key.lower(): held} if held else {}
    others = {name.replace("__", ":"): values for name, values in context.items()}
    return satisfied((leaf,), own | others, variables=variables)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_one_leaf_against_one_request(case):
    operator, key, values = case["leaf"]
    assert ask(operator, values, *case["request"].get(key.lower(), ()), key=key).value == case["expected"]


@pytest.mark.parametrize(
    ("operator", "values", "held", "expected"),
    [
        ("StringEquals", "a", "a", YES),
        ("StringEquals", "a", "A", NO),
        ("stringequals", "a", "a", YES),
        ("StringEquals", "", "", YES),
        ("StringEquals", "", "a", NO),
        ("StringLike", "", "", YES),
        ("StringLike", "*", "", YES),
        ("StringLike", "a?c", "abc", YES),
        ("StringLike", "a?c", "ac", NO),
        ("StringLike", "A*", "abc", NO),
        ("StringNotLike", "a*", "abc", NO),
        ("StringEqualsIgnoreCase", "aBc", "AbC", YES),
        ("StringNotEqualsIgnoreCase", "aBc", "AbC", NO),
        ("StringEqualsIgnoreCase", "a*", "abc", NO),
        ("StringEqualsIgnoreCase", "⟦aws_vpc.Main⟧", "⟦aws_vpc.Main⟧", YES),
        ("StringNotEquals", ["a", "b"], "b", NO),
        ("StringNotEquals", ["a", "b"], "c", YES),
        ("StringEquals", [], "a", NO),
        ("StringNotEquals", [], "a", YES),
    ],
)
def test_text(operator, values, held, expected):
    assert ask(operator, values, held) is expected


@pytest.mark.parametrize(
    ("operator", "value", "held", "expected"),
    [
        ("NumericEquals", "10", "10.0", YES),
        ("NumericEquals", "010", "10", YES),
        ("NumericNotEquals", "10", "10", NO),
        ("NumericLessThan", "9", "10", NO),
        ("NumericLessThan", "10", "9", YES),
        ("NumericLessThan", "-1", "-1.5", YES),
        ("NumericLessThanEquals", "10", "10", YES),
        ("NumericGreaterThan", "10", "10", NO),
        ("NumericGreaterThanEquals", "10", "10", YES),
        ("NumericGreaterThan", "9999999999999999999999", "10000000000000000000000.5", YES),
        ("NumericEquals", "ten", "ten", NO),
        ("NumericEquals", "1e1", "10", NO),
        ("NumericEquals", "NaN", "NaN", NO),
        ("NumericEquals", "${k:y}", "1", NO),
        ("NumericEquals", "⟦aws_x.y⟧", "1", UNKNOWN),
        ("NumericEquals", LATER, "1", UNKNOWN),
    ],
)
def test_numbers(operator, value, held, expected):
    assert ask(operator, value, held, k__y=("1",)) is expected


@pytest.mark.parametrize(
    ("operator", "value", "held", "expected"),
    [
        ("DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", YES),
        ("DateEquals", "2026", "2026-01-01T00:00Z", YES),
        ("DateEquals", "2026-01", "1767225600", YES),
        ("DateEquals", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", YES),
        ("DateEquals", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.50Z", YES),
        ("DateNotEquals", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z", YES),
        ("DateLessThan", "2026-02-01T00:00:00-05:00", "2026-02-01T04:59:59Z", YES),
        ("DateGreaterThan", "2026-02-01", "2026-01-31T23:59:59Z", NO),
        ("DateGreaterThanEquals", "1767225600", "2026-01-01T00:00:00Z", YES),
        ("DateLessThanEquals", "2026-02-30", "2026-01-01T00:00:00Z", NO),
        ("DateLessThan", "20270101", "2026-01-01T00:00:00Z", NO),
        ("DateLessThan", "tomorrow", "2026-01-01T00:00:00Z", NO),
        ("DateLessThan", "*", "2026-01-01T00:00:00Z", NO),
        ("DateLessThan", LATER, "2026-01-01T00:00:00Z", UNKNOWN),
    ],
)
def test_dates(operator, value, held, expected):
    assert ask(operator, value, held) is expected


@pytest.mark.parametrize(
    ("operator", "value", "held", "expected"),
    [
        ("IpAddress", "203.0.113.0/24", "203.0.113.255", YES),
        ("IpAddress", "203.0.113.77/24", "203.0.113.1", YES),
        ("IpAddress", "203.0.113.7", "203.0.113.7", YES),
        ("IpAddress", "203.0.113.7", "203.0.113.8", NO),
        ("IpAddress", "203.0.113.7", "203.0.113.0/24", NO),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", NO),
        ("IpAddress", "::/0", "203.0.113.7", NO),
        ("NotIpAddress", "203.0.113.7", "2001:db8::1", YES),
        ("IpAddress", "2001:db8::/32", "2001:DB8:0:0::1", YES),
        ("IpAddress", "::/0", "2001:db8::1", YES),
        ("NotIpAddress", ["203.0.113.0/24", "198.51.100.0/24"], "198.51.100.9", NO),
        ("IpAddress", "203.0.113.*", "203.0.113.7", NO),
        ("IpAddress", "⟦aws_eip.nat⟧/32", "203.0.113.7", UNKNOWN),
        ("IpAddress", ["⟦aws_eip.nat⟧/32", "203.0.113.0/24"], "203.0.113.7", YES),
    ],
)
def test_addresses(operator, value, held, expected):
    assert ask(operator, value, held) is expected


@pytest.mark.parametrize(
    ("operator", "value", "held", "expected"),
    [
        ("ArnLike", "arn:aws:s3:::b*", "arn:aws:s3:::b1", YES),
        ("ArnLike", "arn:aws:s3:::b*", "arn:aws:s3:::b1:x", YES),
        ("ArnLike", "arn:*:s3:::b", "arn:aws-cn:s3:::b", YES),
        ("ArnLike", "arn:aws:s3*:b", "arn:aws:s3:::b", NO),
        ("ArnNotLike", "arn:aws:s3*:b", "arn:aws:s3:::b", YES),
        ("ArnEquals", "ARN:aws:s3:::b", "arn:aws:s3:::b", NO),
        ("ArnNotEquals", "arn:aws:s3:::b?", "arn:aws:s3:::b1", NO),
        ("ArnLike", "*", "arn:aws:s3:::b", UNKNOWN),
        ("ArnNotLike", "*", "arn:aws:s3:::b", UNKNOWN),
        ("ArnLike", "role/x", "role/x1", NO),
        ("ArnLike", "arn:aws:s3:::*", "b", NO),
        ("ArnLike", "⟦aws_sns_topic.t⟧", "⟦aws_sns_topic.t⟧", YES),
        ("ArnLike", "⟦aws_sns_topic.t⟧", "arn:aws:sns:eu-west-1:111122223333:t", UNKNOWN),
        ("ArnLike", "arn:aws:sns:*:⟦account⟧:*", "arn:aws:sns:eu-west-1:⟦account⟧:t", YES),
        ("ArnLike", "arn:aws:sns:*:⟦account⟧:*", "arn:aws:sns:eu-west-1:111122223333:t", UNKNOWN),
        ("ArnLike", "arn:aws:sns:*:⟦account⟧:*", "arn:aws:sqs:eu-west-1:111122223333:q", NO),
        ("ArnLike", "arn:aws:s3:::logs-⟦…⟧", "arn:aws:s3:::logs-1", UNKNOWN),
        ("ArnLike", "arn:aws:s3:::logs-⟦…⟧", "arn:aws:s3:::data", NO),
    ],
)
def test_arns(operator, value, held, expected):
    assert ask(operator, value, held) is expected


@pytest.mark.parametrize(
    ("operator", "value", "held", "expected"),
    [
        ("Bool", "TRUE", "true", YES),
        ("Bool", "true", "false", NO),
        ("Bool", "${k:y}", "true", YES),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", YES),
        ("BinaryEquals", "QmluYXJ5", "qmluyxj5", NO),
        ("BinaryEquals", "Qm*", "QmluYXJ5", NO),
        ("BinaryEquals", LATER, "QmluYXJ5", UNKNOWN),
    ],
)
def test_booleans_and_bytes(operator, value, held, expected):
    assert ask(operator, value, held, k__y=("true",)) is expected


# AWS's table of missing keys: positive, negated, and with IfExists, under each quantifier.
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", NO),
        ("StringNotEquals", YES),
        ("StringEqualsIfExists", YES),
        ("StringNotEqualsIfExists", YES),
        ("ForAllValues:StringEquals", YES),
        ("ForAllValues:StringNotEquals", YES),
        ("ForAllValues:StringEqualsIfExists", YES),
        ("ForAnyValue:StringEquals", NO),
        ("ForAnyValue:StringNotEquals", NO),
        ("ForAnyValue:StringEqualsIfExists", UNKNOWN),
        ("ForAnyValue:StringNotEqualsIfExists", UNKNOWN),
        ("NotIpAddress", YES),
        ("IpAddress", NO),
        ("ArnNotLike", YES),
        ("NumericLessThan", NO),
        ("DateGreaterThanIfExists", YES),
    ],
)
def test_a_missing_key(operator, expected):
    assert ask(operator, "a") is expected


@pytest.mark.parametrize(
    ("operator", "values", "held", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), YES),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), NO),
        ("ForAllValues:StringEquals", ["a"], (), YES),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "d"), YES),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "a"), NO),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "a"), YES),
        ("ForAnyValue:StringEquals", ["a"], (), NO),
        ("ForAnyValue:StringEqualsIfExists", ["a"], (), NO),
        ("ForAnyValue:StringNotEquals", ["a"], ("a", "b"), YES),
        ("ForAnyValue:StringNotEquals", ["a"], ("a",), NO),
        ("ForAllValues:StringEquals", ["a"], ("a", LATER), UNKNOWN),
        ("ForAllValues:StringEquals", ["a"], ("b", LATER), NO),
        ("ForAnyValue:StringEquals", ["a"], ("a", LATER), YES),
        ("StringEquals", ["a"], ("a", "b"), UNKNOWN),
        ("StringEquals", ["a"], ("a",), UNKNOWN),
        ("StringNotLike", ["a"], (), UNKNOWN),
    ],
)
def test_several_values_of_a_key(operator, values, held, expected):
    leaf = Condition(operator, "aws:TagKeys", tuple(values))
    assert satisfied((leaf,), {"aws:tagkeys": held}) is expected


@pytest.mark.parametrize(
    ("values", "held", "expected"),
    [
        ("true", None, YES),
        ("true", ("a",), NO),
        ("false", ("a",), YES),
        ("False", None, NO),
        (["true", "false"], ("a",), YES),
        ("true", LATER, UNKNOWN),
        ("true", (), UNKNOWN),
        ("maybe", ("a",), UNKNOWN),
        (LATER, ("a",), UNKNOWN),
    ],
)
def test_null_asks_whether_a_key_is_there(values, held, expected):
    leaf = Condition("Null", "k:x", tuple(values) if isinstance(values, list) else (values,))
    assert satisfied((leaf,), {} if held is None else {"k:x": held}) is expected


@pytest.mark.parametrize(
    ("operator", "values", "held", "expected"),
    [
        ("StringEquals", LATER, ("a",), UNKNOWN),
        ("StringEquals", ["a", LATER], ("a",), YES),
        ("StringNotEquals", ["a", LATER], ("a",), NO),
        ("StringNotEquals", ["b", LATER], ("a",), UNKNOWN),
        ("StringEquals", "a", (LATER,), UNKNOWN),
        ("StringLike", "*", (LATER,), YES),
        ("StringLike", "?*", (LATER,), UNKNOWN),
        ("StringNotLike", "*", (LATER,), NO),
        ("StringEquals", "a", LATER, UNKNOWN),
        ("StringLike", "*", LATER, UNKNOWN),
        ("StringLikeIfExists", "*", LATER, YES),
        ("StringNotLikeIfExists", "a", LATER, UNKNOWN),
        ("StringEquals", "vpc-⟦…⟧", ("vpc-1",), UNKNOWN),
        ("StringEquals", "vpc-⟦…⟧", ("eni-1",), NO),
        ("StringEquals", "vpc-⟦…⟧", ("vpc-1⟦…⟧",), UNKNOWN),
        ("StringEquals", "vpc-⟦…⟧", ("vpc-⟦…⟧",), UNKNOWN),
        ("StringLike", "vpc-*", ("vpc-⟦…⟧",), YES),
        ("StringLike", "vpc-1*", ("vpc-⟦…⟧",), UNKNOWN),
        ("StringEquals", "⟦aws_vpc.a⟧", ("⟦aws_vpc.a⟧",), YES),
        ("StringEquals", "⟦aws_vpc.a⟧", ("⟦aws_vpc.b⟧",), NO),
        ("StringEquals", "⟦aws_vpc.a⟧", ("vpc-1",), UNKNOWN),
        ("StringEquals", "x-⟦aws_vpc.a⟧", ("vpc-1",), NO),
        ("StringEquals", "vpc-1", ("⟦aws_vpc.a⟧",), UNKNOWN),
        ("StringLike", "*", ("⟦aws_vpc.a⟧",), YES),
        ("StringContains", "a", ("a",), UNKNOWN),
    ],
)
def test_what_is_not_known(operator, values, held, expected):
    leaf = Condition(operator, "k:x", tuple(values) if isinstance(values, list) else (values,))
    assert satisfied((leaf,), {"k:x": held}) is expected


def test_conditions_are_and_ed():
    yes, no = Condition("StringEquals", "k:x", ("a",)), Condition("StringEquals", "k:x", ("b",))
    assert satisfied((), {}) is YES
    assert satisfied((yes, LATER), {"k:x": ("a",)}) is UNKNOWN
    assert satisfied((yes, LATER, no), {"k:x": ("a",)}) is NO


@pytest.mark.parametrize(
    ("operator", "value", "tag", "held", "expected"),
    [
        ("StringEquals", "${aws:PrincipalTag/team}", ("a",), "a", YES),
        ("StringEquals", "${AWS:principaltag/TEAM}", ("a",), "a", YES),
        ("StringEquals", "x/${aws:PrincipalTag/team}/y", ("a",), "x/a/y", YES),
        ("StringLike", "${aws:PrincipalTag/team}/*", ("a",), "a/b", YES),
        ("StringLike", "${aws:PrincipalTag/team}", ("*",), "anything", NO),
        ("StringLike", "${aws:PrincipalTag/team}", ("*",), "*", YES),
        ("StringLike", "${*}", ("a",), "anything", NO),
        ("StringLike", "${*}${?}${$}", ("a",), "*?$", YES),
        ("StringEquals", "${$}{aws:x}", ("a",), "${aws:x}", YES),
        ("StringEquals", "${aws:PrincipalTag/team}", None, "a", NO),
        ("StringEquals", "${aws:PrincipalTag/team}", None, "", NO),
        ("StringNotEquals", "${aws:PrincipalTag/team}", None, "a", YES),
        ("StringNotLike", "*${aws:PrincipalTag/team}*", None, "a", YES),
        ("StringEquals", "${aws:PrincipalTag/team, 'none'}", None, "none", YES),
        ("StringEquals", "${aws:PrincipalTag/team, 'none'}", ("a",), "none", NO),
        ("StringEquals", "${aws:PrincipalTag/team,''}", None, "", YES),
        ("StringLike", "${aws:PrincipalTag/team, '*'}", None, "anything", NO),
        ("StringEquals", "${aws:PrincipalTag/team}", (LATER,), "a", UNKNOWN),
        ("StringEquals", "x/${aws:PrincipalTag/team}", (LATER,), "a", NO),
        ("StringEquals", "${aws:PrincipalTag/team}", LATER, "a", UNKNOWN),
        ("StringEquals", "${aws:PrincipalTag/team}", ("a", "b"), "a", UNKNOWN),
        ("StringEquals", "${not a variable}", ("a",), "a", UNKNOWN),
        ("ArnLike", "arn:aws:s3:::${aws:PrincipalTag/team}", ("a",), "arn:aws:s3:::a", YES),
        ("ArnNotLike", "arn:aws:s3:::${aws:PrincipalTag/team}", None, "arn:aws:s3:::a", YES),
        ("ArnLike", "arn:aws:s3:::${aws:PrincipalTag/team}", (LATER,), "arn:aws:sqs:::a", NO),
        ("ArnLike", "arn:aws:s3:::${aws:PrincipalTag/team}", (LATER,), "arn:aws:s3:::a", UNKNOWN),
    ],
)
def test_variables(operator, value, tag, held, expected):
    context = {"k:x": (held,)} | ({} if tag is None else {TAG.lower(): tag})
    assert satisfied((Condition(operator, "k:x", (value,)),), context) is expected


def test_before_2012_variables_are_text():
    value = "${aws:PrincipalTag/team}"
    assert ask("StringEquals", value, "a", variables=NO) is NO
    assert ask("StringEquals", value, value, variables=NO) is YES
    assert ask("StringLike", "${*}", "${anything}", variables=NO) is YES
    assert ask("StringEquals", value, value, variables=UNKNOWN) is UNKNOWN
    assert ask("StringEquals", "a", "a", variables=UNKNOWN) is YES
