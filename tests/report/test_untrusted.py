import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.report._untrusted import code, code_block, command_message, command_property, markdown

HOSTILE = [
    "@security-team please approve",
    "[click](https://evil.example)",
    "![x](https://evil.example/p.png)",
    "<img src=x onerror=alert(1)>",
    "a | b | c",
    "`code` and ``more``",
    "fixes #1",
    "www.evil.example and https://evil.example",
    "**bold** _em_ ~~gone~~ $x$",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_keeps_no_character_that_markdown_reads(text: str) -> None:
    written = re.sub(r"&#\d+;", "", markdown(text))
    assert not re.search(r"[\\`*_\[\]<>&|~$@]|#\d|://|www\.", written)


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_reads_as_it_was_written(text: str) -> None:
    assert html.unescape(markdown(text)).replace("\N{ZERO WIDTH SPACE}", "") == text


@given(st.text())
def test_code_cannot_end_its_element_and_can_be_copied(text: str) -> None:
    inner = code(text).removeprefix("<code>").removesuffix("</code>")
    assert "<" not in inner
    assert "|" not in inner
    if text.isascii() and text.isprintable():
        assert html.unescape(inner) == " ".join(text.split())


@given(st.lists(st.text(alphabet="`a\n\r\u2028\x1b", max_size=8), max_size=5))
def test_a_fence_is_longer_than_any_within(lines: list[str]) -> None:
    first, *body, last = code_block(lines).split("\n")
    assert last + "text" == first
    assert len(body) == len(lines)
    assert not any(line.lstrip().startswith(last) for line in body)


@given(st.text())
def test_a_command_stays_on_one_line(text: str) -> None:
    for written in (command_message(text), command_property(text)):
        assert len(written.splitlines()) <= 1
    assert not set(":,") & set(command_property(text))


def test_a_message_keeps_its_line_breaks_and_percent_signs() -> None:
    assert command_message("50%\nof all") == "50%25%0Aof all"
