"""Stricter conditions: known pairs, and that no proof is contradicted by evaluation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy.strategies import conditions, contexts, leaves

from iacscan.policy.condition.evaluate import satisfied
from iacscan.policy.condition.implies import excludes, implies, negation
from iacscan.policy.document import Condition
from iacscan.value import Truth, Unknown

LAWS = settings(max_examples=400)


def leaf(text):
    operator, key, *values = text.split(" ")
    return Condition(operator, key, tuple(values))


@pytest.mark.parametrize(
    ("stricter", "wider"),
    [
        ("StringEquals aws:SourceVpc vpc-1", "StringEquals aws:sourcevpc vpc-1 vpc-2"),
        ("StringEquals aws:SourceVpc vpc-1", "StringLike aws:SourceVpc vpc-*"),
        ("StringEquals aws:SourceVpc vpc-1", "StringEqualsIfExists aws:SourceVpc vpc-1"),
        ("StringEquals aws:SourceVpc vpc-1", "StringEqualsIgnoreCase aws:SourceVpc VPC-1"),
        ("StringEquals aws:SourceVpc vpc-1", "StringNotEquals aws:SourceVpc vpc-2"),
        ("StringEquals aws:SourceVpc vpc-1", "Null aws:SourceVpc false"),
        ("StringNotEquals aws:SourceVpc vpc-1 vpc-2", "StringNotEquals aws:SourceVpc vpc-1"),
        ("StringNotLike aws:SourceVpc vpc-*", "StringNotEquals aws:SourceVpc vpc-1"),
        ("Null aws:SourceVpc true", "StringNotEquals aws:SourceVpc vpc-1"),
        ("IpAddress aws:SourceIp 203.0.113.7", "IpAddress aws:SourceIp 203.0.113.0/24"),
        ("IpAddress aws:SourceIp 203.0.113.7", "NotIpAddress aws:SourceIp 198.51.100.0/24"),
        ("NotIpAddress aws:SourceIp 0.0.0.0/0", "NotIpAddress aws:SourceIp 198.51.100.0/24"),
        ("NumericLessThan aws:MultiFactorAuthAge 10", "NumericLessThanEquals aws:MultiFactorAuthAge 10"),
        ("NumericEquals aws:MultiFactorAuthAge 5", "NumericLessThan aws:MultiFactorAuthAge 10"),
        ("NumericLessThan aws:MultiFactorAuthAge 9", "NumericNotEquals aws:MultiFactorAuthAge 9"),
        ("DateLessThan aws:CurrentTime 2026-01-01", "DateLessThan aws:CurrentTime 2026-06-01T00:00:00Z"),
        ("Bool aws:SecureTransport true", "BoolIfExists aws:SecureTransport TRUE"),
        ("ArnEquals aws:SourceArn arn:aws:s3:::logs", "ArnLike aws:SourceArn arn:aws:s3:::*"),
        ("ArnLike aws:SourceArn arn:aws:s3:::l*", "StringLike aws:SourceArn arn:aws:s3:::*"),
        ("ForAnyValue:StringEquals aws:TagKeys a", "ForAnyValue:StringLike aws:TagKeys *"),
        ("StringEquals aws:username ${aws:PrincipalTag/x}", "StringEquals aws:username ${aws:PrincipalTag/x} other"),
    ],
)
def test_what_is_stricter_is_proved(stricter, wider):
    assert implies((leaf(stricter),), (leaf(wider),))
    assert not implies((), (leaf(wider),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("StringEquals aws:SourceVpc vpc-1 vpc-2", "StringEquals aws:SourceVpc vpc-1"),
        ("StringLike aws:SourceVpc vpc-*", "StringEquals aws:SourceVpc vpc-*"),  # there the star is a letter
        ("StringEqualsIfExists aws:SourceVpc vpc-1", "StringEquals aws:SourceVpc vpc-1"),
        ("StringNotEquals aws:SourceVpc vpc-1", "StringNotEquals aws:SourceVpc vpc-1 vpc-2"),
        ("StringEquals aws:SourceVpc vpc-1", "StringEquals aws:SourceVpce vpc-1"),
        ("ForAllValues:StringEquals aws:TagKeys a", "ForAnyValue:StringEquals aws:TagKeys a"),
        ("IpAddress aws:SourceIp 203.0.113.0/24", "IpAddress aws:SourceIp 203.0.113.7"),
        ("StringEquals aws:SourceArn arn:x", "ArnLike aws:SourceArn arn:*"),  # which never matches
        ("StringEquals aws:username ⟦…⟧", "StringEquals aws:username ⟦…⟧"),
        ("StringLike aws:username ${aws:PrincipalTag/x}", "StringLike aws:username team-*"),
    ],
)
def test_what_is_not_stricter_is_not_proved(one, other):
    assert not implies((leaf(one),), (leaf(other),))


def test_what_is_not_known_is_never_implied_and_implies_nothing():
    hidden, shown = Unknown("it is hidden"), leaf("Bool aws:SecureTransport true")

    assert not implies((hidden,), (shown,))
    assert not implies((shown,), (hidden,))
    assert not excludes((hidden,), (shown,))
    assert implies((hidden, shown), (shown,))


def test_a_leaf_that_demands_the_key_makes_if_exists_as_good():
    demanded = (leaf("Null aws:SourceVpc false"), leaf("StringEqualsIfExists aws:SourceVpc vpc-1"))

    assert implies(demanded, (leaf("StringEquals aws:SourceVpc vpc-1"),))


def as_leaves(block):
    return tuple(
        Condition(operator, key, tuple([values] if isinstance(values, str) else values))
        for operator, keys in block.items()
        for key, values in keys.items()
    )


def lowered(context):
    return {key.lower(): held for key, held in context.items()}


KEYS = st.sampled_from(
    ("aws:SourceIp", "aws:SourceVpce", "aws:PrincipalTag/team", "aws:TagKeys", "aws:MultiFactorAuthAge", "aws:CurrentTime",
     "aws:SourceArn", "aws:MultiFactorAuthPresent")
)  # fmt: skip


@st.composite
def rivals(draw):
    """Two leaves on the same key, so that they often have to do with each other."""
    key = (draw(KEYS),)
    pair = draw(st.tuples(leaves(key), leaves(key)))
    return tuple(
        Condition(op, name, tuple([values] if isinstance(values, str) else values)) for op, name, values in pair
    )


@given(rivals(), st.lists(contexts(), min_size=4, max_size=4))
@LAWS
def test_evaluation_never_contradicts_a_proof(pair, sample):
    one, other = pair
    for context in map(lowered, sample):
        first, second = satisfied((one,), context), satisfied((other,), context)
        if implies((one,), (other,)) and first is Truth.YES:
            assert second is not Truth.NO
        if excludes((one,), (other,)) and first is Truth.YES:
            assert second is not Truth.YES


@given(leaves(), st.lists(contexts(), min_size=4, max_size=4))
@LAWS
def test_the_negation_of_a_leaf_is_true_exactly_where_it_is_false(drawn, sample):
    operator, key, values = drawn
    given_leaf = Condition(operator, key, tuple([values] if isinstance(values, str) else values))
    opposite = negation(given_leaf)
    for context in map(lowered, sample):
        if opposite:
            answers = satisfied((given_leaf,), context), satisfied(opposite, context)
            if Truth.UNKNOWN not in answers:
                assert answers[0] is not answers[1]


@given(conditions())
@LAWS
def test_a_block_implies_itself_and_whatever_it_is_a_part_of(block):
    everything = as_leaves(block)

    assert implies(everything, everything)
    assert implies(everything, everything[:1])
