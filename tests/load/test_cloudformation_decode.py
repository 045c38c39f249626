import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.errors import InputError
from iacscan.load.cloudformation_decode import MAX_DEPTH, MAX_TEMPLATE, Node, decode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=25,
)


def plain(node):
    match node.value:
        case dict():
            return {key: plain(item) for key, item in node.value.items()}
        case list():
            return [plain(item) for item in node.value]
        case other:
            return other


def at(text, *path):
    node = decode(text.encode())
    for step in path:
        node = node.value[step]
    return node


@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from([None, 1]), st.booleans())
def test_json_means_what_json_means(tree, indent, ascii_only):
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    try:
        assert plain(decode(text.encode())) == tree
    except UnicodeEncodeError:
        assert not ascii_only  # a lone surrogate cannot be written in UTF-8


def outcome(data):
    """The tree, or the one line that says why there is none."""
    try:
        return decode(data)
    except InputError as error:
        return str(error)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_the_answer_is_a_tree_or_one_line(data):
    answer = outcome(data)
    assert isinstance(answer, Node) or "\n" not in answer


@given(st.text(alphabet="{}[]&*!<:,-\n \t'\"|>#%a1?", max_size=60))
def test_whatever_the_yaml_is_the_answer_is_a_tree_or_one_line(text):
    answer = outcome(text.encode())
    assert isinstance(answer, Node) or "\n" not in answer


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("012345670123", "012345670123"),
        ("0123", "0123"),
        ("1_000", "1_000"),
        ("22:22", "22:22"),
        ("123456789012", 123456789012),
        ("1.5", 1.5),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("'true'", "true"),
        ("!!str true", "true"),
        ("! 5", "5"),
    ],
)
def test_a_plain_scalar_stays_what_its_writer_meant(written, value):
    assert at(f"a: {written}", "a").value == value
    assert type(at(f"a: {written}", "a").value) is type(value)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub 'x${A}'", {"Fn::Sub": "x${A}"}),
        ("!Join ['', [a, !Ref B]]", {"Fn::Join": ["", ["a", {"Ref": "B"}]]}),
        ("!Transform {Name: M}", {"Fn::Transform": {"Name": "M"}}),
        ("!Condition C", {"Condition": "C"}),
    ],
)
def test_a_short_form_is_its_long_form(short, long):
    assert plain(at(f"a: {short}", "a")) == long


def test_every_node_knows_its_lines():
    text = "a: 1\nb:\n  c:\n    - true\n    - x: |\n        one\n        two\n\nd: {e: 1,\n    f: 2}\ng: !Sub\n  - h\n  - {}\n"
    lines = {
        (): (1, 13),
        ("a",): (1, 1),
        ("b",): (2, 8),
        ("b", "c"): (3, 8),
        ("b", "c", 0): (4, 4),
        ("b", "c", 1, "x"): (5, 8),
        ("d",): (9, 10),
        ("d", "f"): (10, 10),
        ("g",): (11, 13),
        ("g", "Fn::Sub", 0): (12, 12),
    }
    for path, (first, last) in lines.items():
        node = at(text, *path)
        assert (node.line, node.end) == (first, last), path
    node = at('{\n "a": {\n  "b": [1,\n   2]\n },\n "c": 1}', "a", "b")
    assert (node.line, node.end) == (3, 4)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 4: the key 'c' stands twice in one mapping; only one of the two would count"),
        ('{"a": 1,\n"a": 2}', "line 2: the key 'a' stands twice in one mapping; only one of the two would count"),
        ("a:\n  b: !Foo c\n", "line 2: the tag !Foo is not a function of CloudFormation"),
        ("a: !!python/name:os.system x", "line 1: the tag tag:yaml.org,2002:python/name:os.system is not a function of CloudFormation"),
        ("a: !<tag:yaml.org,2002:timestamp> 2012-10-17", "line 1: the tag tag:yaml.org,2002:timestamp is not a function of CloudFormation"),
        ("a: 1\n---\nb: 2\n", "line 2: a second YAML document begins"),
        ("a: *b", "line 1: the alias *b means nothing that stands before it"),
        ("a: &a [*a]", "line 1: the alias *a means nothing that stands before it"),
        ("? [a]\n: b", "line 1: a key must be a text"),
        ("a:\n  <<: b\n", "line 2: << takes a mapping"),
        ("a: \x07", "line 1: has a character that YAML does not allow"),
        ('{"a": 1,\n "b": ', "line 2: the JSON is cut off"),
        ('{"a": 1\n "b": 2}', "line 2: is not valid JSON: expecting ',' delimiter"),
        ('{"a": NaN}', "line 1: has a number that is none in JSON"),
        ("", "line 1: is empty"),
        ("[" * 50_000, f"line 1: is nested more than {MAX_DEPTH} levels deep"),
        ('{"a":' * 50_000, f"line 1: is nested more than {MAX_DEPTH} levels deep"),
        ("- " * 50_000, f"line 1: is nested more than {MAX_DEPTH} levels deep"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named_with_its_line(text, what):
    with pytest.raises(InputError) as error:
        decode(text.encode())
    assert error.value.what == what


def test_aliases_count_as_what_they_stand_for():
    bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{other}: &{other} [{','.join([f'*{one}'] * 10)}]\n"
    with pytest.raises(InputError, match=r"line 5: holds more than 500,000 values"):
        decode(bomb.encode())


def test_aliases_and_merges_mean_what_stands_at_their_anchors():
    text = "a: &a {x: 1, y: 2}\nb: *a\nc:\n  y: 3\n  <<: *a\nd:\n  <<: [{x: 5}, *a]\n"
    assert plain(decode(text.encode())) == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 2},
        "c": {"x": 1, "y": 3},
        "d": {"x": 5, "y": 2},
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding):
    assert plain(decode("a: ü".encode(encoding))) == {"a": "ü"}


def test_what_is_no_text_is_named_with_its_line():
    with pytest.raises(InputError, match="line 2: is not text in UTF-8"):
        decode(b"a: 1\nb: \xe9\n")
    with pytest.raises(InputError, match="line 1: is not text in UTF-16-LE"):
        decode(codecs.BOM_UTF16_LE + b"a")


def test_a_template_has_a_greatest_size():
    with pytest.raises(InputError, match="is too large for a template"):
        decode(b" " * (MAX_TEMPLATE + 1))


def test_yaml_in_braces_may_have_comments_and_a_comma_at_the_end():
    assert plain(decode(b"{a: 1, # one\n 'b': [2,],}")) == {"a": 1, "b": [2]}
