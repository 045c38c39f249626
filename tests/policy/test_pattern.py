"""The pattern algebra agrees with the plain definition of `*` and `?`, on every short word."""

from functools import cache
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iacscan.policy.arn import REST
from iacscan.policy.pattern import (
    covers,
    covers_arn,
    covers_together,
    has_wildcard,
    matches,
    overlaps,
    overlaps_arn,
)
from iacscan.value import Truth

# `z` stands in no pattern. With patterns of at most four tokens, words of seven characters show every difference: two
# patterns with a star meet on a word that has their literals one after the other, six at most.
WORDS = tuple("".join(word) for length in range(8) for word in product("abz", repeat=length))
PATTERNS = st.text("ab*?", max_size=4)
LAWS = settings(max_examples=150)


def by_definition(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(by_definition(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and by_definition(pattern[1:], text[1:])


@cache
def language(pattern: str) -> frozenset[str]:
    return frozenset(word for word in WORDS if by_definition(pattern, word))


@LAWS
@given(PATTERNS, st.text("ab", max_size=7))
def test_matching_is_the_recursive_definition(pattern, text):
    assert matches(pattern, text) == by_definition(pattern, text)


@LAWS
@given(PATTERNS, PATTERNS)
@example("?*", "*b")
@example("*?", "?*")
@example("*a*", "a")
def test_covering_is_inclusion_of_languages(outer, inner):
    assert covers(outer, inner) == (language(inner) <= language(outer))


@LAWS
@given(PATTERNS, PATTERNS)
def test_overlapping_is_a_common_word(one, other):
    assert overlaps(one, other) == bool(language(one) & language(other))


@LAWS
@given(st.lists(PATTERNS, max_size=3), PATTERNS)
def test_covering_together_is_inclusion_in_the_union(outers, inner):
    union = frozenset().union(*(language(outer) for outer in outers))

    assert covers_together(outers, inner) is Truth.of(known=language(inner) <= union)


@LAWS
@given(PATTERNS, PATTERNS, PATTERNS)
def test_covering_is_transitive(one, two, three):
    if covers(one, two) and covers(two, three):
        assert covers(one, three)


def test_a_union_covers_what_none_of_its_members_does():
    assert not covers("a", "a*")
    assert not covers("a?*", "a*")
    assert covers_together(["a", "a?*"], "a*") is Truth.YES


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        # Rejected only where some of the inner stars are empty and others are not.
        ("*ab?*cd*", "ab*cda*bxc*d"),
        ("*a?b*", "a*b"),
        ("a*b", "a*"),
    ],
)
def test_stars_of_every_length_count(outer, inner):
    assert not covers(outer, inner)


def test_a_pattern_with_many_stars_does_not_blow_up():
    stars = "*a" * 500

    assert not matches(stars + "?c", "a" * 5_000)
    assert covers(stars + "*", "*a*" * 600)
    assert not covers(stars + "b", "*a" * 600)
    assert overlaps(stars + "*b", "*ab?*" * 300 + "*b")


def test_a_union_beyond_the_bound_is_unknown(monkeypatch):
    monkeypatch.setattr("iacscan.policy.pattern.MAX_STATES", 5)

    assert covers_together(["*a??", "*b??", "*a?b?*"], "*?a*b*") is Truth.UNKNOWN


def test_text_is_compared_with_case_and_symbols_are_literal():
    assert not matches("arn:aws:s3:::B*", "arn:aws:s3:::bucket")
    assert matches("arn:aws:s3:::⟦aws_s3_bucket.b⟧/*", "arn:aws:s3:::⟦aws_s3_bucket.b⟧/key")
    assert not overlaps("arn:aws:s3:::⟦aws_s3_bucket.b⟧/*", "arn:aws:s3:::⟦aws_s3_bucket.c⟧/*")
    assert has_wildcard("a?")
    assert not has_wildcard("⟦a⟧")


@pytest.mark.parametrize(
    ("outer", "inner", "answer"),
    [
        ("*", "arn:aws:s3:::b/k", Truth.YES),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k", Truth.YES),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b/*", Truth.YES),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", Truth.NO),
        ("arn:aws:s3:::b*", "*", Truth.NO),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", Truth.YES),
        # The star reaches over a colon in one reading of the documentation and ends there in the other.
        ("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:user/a:role/x", Truth.UNKNOWN),
        ("arn:aws:lambda:*", "arn:aws:lambda:eu-west-1:111122223333:function:f", Truth.YES),
        ("arn:aws:s3:::b/*", f"arn:aws:s3:::b/{REST}", Truth.YES),
        ("arn:aws:s3:::b/x*", f"arn:aws:s3:::b/{REST}", Truth.UNKNOWN),
        ("arn:aws:s3:::c/*", f"arn:aws:s3:::b/{REST}", Truth.NO),
        (f"arn:aws:s3:::b/{REST}", "arn:aws:s3:::b/k", Truth.UNKNOWN),
        (f"arn:aws:s3:::b/{REST}", "arn:aws:s3:::c/k", Truth.NO),
    ],
)
def test_an_arn_is_covered_where_both_readings_of_a_star_agree(outer, inner, answer):
    assert covers_arn(outer, inner) is answer


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("*", "arn:aws:sqs:eu-west-1:111122223333:q", Truth.YES),
        ("arn:aws:s3:::b*", "arn:aws:s3:::*/k", Truth.YES),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", Truth.NO),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::1:user/a:role/x", Truth.UNKNOWN),
        ("arn:aws:s3:::b/*", f"arn:aws:s3:::b/{REST}", Truth.YES),
        ("arn:aws:s3:::b/k", f"arn:aws:s3:::b/{REST}", Truth.UNKNOWN),
        (f"arn:aws:s3:::b/{REST}", f"arn:aws:s3:::b/{REST}", Truth.UNKNOWN),
        (f"arn:aws:s3:::b/{REST}", f"arn:aws:s3:::c/{REST}", Truth.NO),
    ],
)
def test_arns_meet_where_both_readings_of_a_star_agree(one, other, answer):
    assert overlaps_arn(one, other) is answer
    assert overlaps_arn(other, one) is answer
