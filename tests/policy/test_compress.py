"""Sets of actions, written in patterns."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacscan.policy.action import ActionSet, everything, published
from iacscan.policy.compress import Compressed, compress

PATTERNS = st.lists(
    st.sampled_from(
        ("*", "s3:*", "s3:Get*", "s3:GetObject", "S3:PUTOBJECT", "iam:*", "iam*", "*:List*", "s?:*Object", "ec2:Describe*",
         "s3:NotPublished", "s3:NotPub*", "nosuch:*", "nosuch:Action", "broken", "s3:*Tagging")
    ),
    max_size=4,
)  # fmt: skip


def of(*patterns):
    return ActionSet.of(patterns)


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        (of("s3:getobject"), ("s3:GetObject",)),
        (of("s3:*"), ("s3:*",)),
        (of("s3:Delete*", "s3:GetObject"), ("s3:Delete*", "s3:GetObject")),
        (of("s3:*") - of("s3:Delete*"), ("s3:*", "except s3:Delete*")),
        (of("iam:*").complement(), ("*", "except iam:*")),
        (everything(), ("*",)),
        (of("*") - (of("s3:*") - of("s3:GetObject")), ("*", "except s3:*", "s3:GetObject")),
        (ActionSet(), ()),
    ],
)
def test_the_fewest_patterns_are_found(actions, words):
    assert compress(actions).words == words


def test_a_pattern_that_means_one_action_more_is_not_used():
    words = compress(of("s3:Get*") - of("s3:GetObject")).words

    assert "s3:Get*" not in words
    assert "s3:GetObject" not in words
    assert ActionSet.of(words) == of("s3:Get*") - of("s3:GetObject")


def test_what_is_published_is_not_what_is_to_come():
    assert "*" not in compress(published()).words
    assert compress(published()).actions() == published()


@given(PATTERNS, PATTERNS, st.booleans())
@settings(max_examples=150)
def test_what_is_written_is_what_was_meant(some, others, inverted):
    actions = ActionSet.of(some) - ActionSet.of(others)
    if inverted:
        actions = actions.complement()
    assert compress(actions).actions() == actions


def test_three_parts_are_read_in_order():
    assert Compressed(("s3:*",), ("s3:Get*",), ("s3:GetObject",)).actions() == (of("s3:*") - of("s3:Get*")) | of(
        "s3:GetObject"
    )
