"""Expressions that are compiled late behave like those that are compiled at once."""

import re

import pytest

from iacscan.lazy import regex


def test_it_finds_what_the_compiled_expression_finds() -> None:
    late, early = regex(r"(\d+)-(x)", re.IGNORECASE), re.compile(r"(\d+)-(x)", re.IGNORECASE)
    for text in ("12-X 3-x", "none", ""):
        assert late.findall(text) == early.findall(text)
        assert late.sub(r"\2\1", text) == early.sub(r"\2\1", text)
        assert bool(late.fullmatch(text)) == bool(early.fullmatch(text))
    assert (late.pattern, late.flags) == (early.pattern, early.flags)


def test_nothing_is_compiled_before_the_first_use() -> None:
    faulty = regex("(")
    with pytest.raises(re.error):
        faulty.search("")


def test_a_method_is_looked_up_once() -> None:
    late = regex("a")
    assert late.search is late.search
