"""Kleene's logic, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.value import Truth, all_of, any_of

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
truths = st.lists(st.sampled_from(Truth), max_size=5)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [([], YES), ([YES, YES], YES), ([YES, UNKNOWN], UNKNOWN), ([UNKNOWN, NO], NO), ([NO, YES], NO)],
)
def test_and(answers: list[Truth], expected: Truth) -> None:
    assert all_of(answers) is expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [([], NO), ([NO, NO], NO), ([NO, UNKNOWN], UNKNOWN), ([UNKNOWN, YES], YES), ([YES, NO], YES)],
)
def test_or(answers: list[Truth], expected: Truth) -> None:
    assert any_of(answers) is expected


@given(truths)
def test_de_morgan(answers: list[Truth]) -> None:
    assert ~all_of(answers) is any_of(~answer for answer in answers)


def test_a_truth_is_not_a_boolean() -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(Truth.UNKNOWN)
