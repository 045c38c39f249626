"""What begins a comment, and what only looks like one."""

from hypothesis import given
from hypothesis import strategies as st

from iacscan.load.comments import Comment, Written, terraform_comments, yaml_comments


def lines(found):
    return [(comment.line, comment.text) for comment in found.comments]


def test_terraform_has_three_kinds_of_comments():
    text = "# one\n// two\n/* three\n   four */ a = 1 # five\n"
    assert lines(terraform_comments(text)) == [(1, "one"), (2, "two"), (3, "three"), (4, "four"), (4, "five")]


def test_what_stands_in_texts_is_no_comment():
    text = 'a = "# no ${f("# no", {b = "}"})} // no" # yes\nb = <<-EOT\n  # no\n  ${"x"} # no\n  EOT\nc = 1 # yes\n'
    assert lines(terraform_comments(text)) == [(1, "yes"), (6, "yes")]


def test_blocks_are_known_by_header_and_lines():
    text = 'resource "aws_s3_bucket" "b" {\n  tags = { a = "}" }\n}\nlocals { x = 1 }\nmodule "m" {\n}\n'
    assert terraform_comments(text).blocks == (
        Written(("resource", "aws_s3_bucket", "b"), 1, 3),
        Written(("locals",), 4, 4),
        Written(("module", "m"), 5, 6),
    )


def test_a_comment_beside_code_is_not_alone():
    assert terraform_comments("  # alone\na = 1 # beside\n").comments == (
        Comment(1, "alone", alone=True),
        Comment(2, "beside", alone=False),
    )


def test_yaml_texts_hold_no_comments():
    text = 'A: 1 # one\n# two\nB: |\n  # no\nC: "a # no" # three\nD: a#no\nE: !Sub "${x}" # four\nF: >-\n  # no\n'
    assert lines(yaml_comments(text)) == [(1, "one"), (2, "two"), (5, "three"), (7, "four")]


def test_yaml_that_is_not_well_formed_has_no_comments():
    assert yaml_comments("a: 1 # one\nb: 'cut off").comments == ()


@given(st.text(alphabet='#/*"{}$\\\n<-EOT a='))
def test_any_text_is_read_to_its_end(text):
    found = terraform_comments(text)
    assert all(1 <= comment.line <= text.count("\n") + 1 for comment in found.comments)
    assert all(block.line <= block.end_line for block in found.blocks)


@given(st.text(alphabet="#:|\"' \n-ab[]{},!&*>"))
def test_comments_of_yaml_stand_where_a_sharp_stands(text):
    rows = text.split("\n")
    for comment in yaml_comments(text).comments:
        assert "#" in rows[comment.line - 1]
