"""The reader of Terraform source as text, and the edits that are made with it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.errors import InputError
from iacscan.load.terraform_edits import Edits
from iacscan.load.terraform_text import scan

WORDS = st.sampled_from(
    ['resource "a" "b"', "locals", "dynamic", '"', "${", "{", "}", "[", "]", "(", ")", "=", "==", "=>", "?", ":", ",", "\n", " ",
     "for x in ", "var.x", "local.y", "aws_a.b.c", "aws_a.b[*].c", "each.value", "try", "length", "<<EOT\n", "EOT\n", "#", "/*", "*/", "x"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=60).map("".join) | st.text())
def test_any_text_can_be_read(text):
    try:
        uses = scan({"main.tf": text}).uses
    except InputError:
        return  # a block with a name that is none
    for use in uses:
        assert use.text == "" or text[use.start : use.end] == use.text


@given(
    st.recursive(
        st.none() | st.text() | st.just("${aws_a.b.c}"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_can_be_read(tree):
    text = json.dumps({"resource": {"aws_x": {"y": tree}}}, ensure_ascii=False)
    for use in scan({"main.tf.json": text}).uses:
        assert text[use.start : use.end].startswith("${")


@given(st.lists(st.sampled_from("ab\n"), min_size=1, max_size=40).map("".join), st.data())
def test_lines_are_found_again_after_any_edits(text, data):
    """Letters outside of replacements keep the line that they are said to be on."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    edits = Edits(
        {"f": text}, [("f", start, end, data.draw(st.sampled_from(["", "X", "\n", "X\nX\n"]))) for start, end in spans]
    )
    rewritten = edits.rewritten()["f"]
    kept = [i for i, letter in enumerate(text) if letter != "\n" and not any(s <= i < e for s, e in spans)]
    left = [i for i, letter in enumerate(rewritten) if letter in "ab"]
    for before, after in zip(kept, left, strict=True):
        line = rewritten.count("\n", 0, after) + 1
        assert edits.original_line("f", line) <= text.count("\n", 0, before) + 1


@pytest.mark.parametrize("text", ["x = " + "[" * 600, "x = " + '"${' * 600])
def test_brackets_without_end_are_refused(text):
    with pytest.raises(InputError, match=r"main\.tf has more than 500 brackets in each other"):
        scan({"main.tf": text})


def test_json_without_end_is_refused():
    with pytest.raises(InputError, match="more than 500 brackets"):
        scan({"main.tf.json": "[" * 600})


def test_comments_without_end_are_read_once():
    assert scan({"main.tf": "/*" * 500_000}).uses == []


def found(text):
    return {(use.text, use.attribute): use for use in scan({"main.tf": text}).uses if use.text}


def test_what_is_computed_with_is_told_from_what_is_passed_on():
    uses = found(
        'resource "a" "b" {\n  plain = aws_x.y.arn\n  text = "${aws_x.y.arn}/*"\n  json = jsonencode({ R = [aws_x.y.arn] })\n'
        "  cut = substr(aws_x.y.arn, 0, 1)\n  same = aws_x.y.arn == 1\n  either = var.a ? aws_x.y.arn : aws_x.z.arn\n}\n"
    )
    carried = {attribute for (text, attribute), use in uses.items() if use.carried and text.startswith("aws_")}
    assert carried == {"plain", "text", "json", "either"}
    assert not uses["var.a", "either"].carried


def test_what_is_only_counted_or_looked_for_is_told():
    uses = found(
        "locals {\n  a = length(var.list)\n  b = var.x != null\n  c = [for v in var.list : v.arn if v.on]\n  d = upper(var.x)\n}\n"
    )
    assert (uses["var.list", "a"].measured, uses["var.x", "b"].tested, uses["var.list", "c"].measured) == (
        True,
        True,
        True,
    )
    assert uses["v.arn", "c"].carried
    assert not uses["v.on", "c"].carried
    upper = uses["var.x", "d"]
    assert (upper.measured, upper.tested, upper.carried) == (False, False, False)


def test_what_a_loop_with_a_key_goes_over_is_seen():
    uses = found("locals {\n  a = { for k, v in var.map : k => v.arn if var.on && v.on }\n}\n")
    assert uses["var.map", "a"].measured
    assert uses["v.arn", "a"].carried
    assert (uses["var.on", "a"].carried, uses["v.on", "a"].carried) == (False, False)


def test_keywords_in_comments_texts_and_heredocs_are_not_code():
    uses = found(
        'resource "a" "b" {\n  # x = var.no\n  // var.no\n  /* var.no */\n  t = "var.no $${var.no} ${var.yes}"\n'
        "  h = <<-EOT\n    var.no ${var.also}\n  EOT\n}\n"
    )
    assert {text for text, _ in uses} == {"var.yes", "var.also"}
