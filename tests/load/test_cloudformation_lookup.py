"""Lookups in mappings of which parts stand in other files, or are made by macros."""

import pytest

from iacscan.load.cloudformation import load_template
from iacscan.value import Unknown

MAPPINGS = """
  Whole: {a: {x: one}, b: {x: two}}
  Row: {a: {x: one}, Fn::Transform: {Name: Maker}}
  Cell: {a: {x: one, Fn::Transform: {Name: Maker}}}
"""


def value_of(written, mappings=MAPPINGS):
    text = f"Parameters: {{P: {{Type: String}}}}\nMappings:{mappings}\nResources: {{U: {{Type: AWS::IAM::User, Properties: {{Path: {written}}}}}}}"
    (block,) = load_template("t.yaml", text.encode()).after.blocks
    return block.get("Path")


@pytest.mark.parametrize("table", ["Whole", "Row", "Cell"])
def test_what_is_written_is_found_whatever_stands_beside_it(table):
    assert value_of(f"!FindInMap [{table}, a, x]") == "one"


@pytest.mark.parametrize(
    "written",
    [
        "[Row, b, x]",
        "[Row, !Ref P, x]",
        "[Cell, a, y]",
        "[Cell, a, !Ref P]",
        "[Cell, a, y, {DefaultValue: none}]",
    ],
)
def test_a_macro_in_a_mapping_may_make_the_entry(written):
    value = value_of(f"!FindInMap {written}")
    assert isinstance(value, Unknown)
    assert value.because.endswith("which has what Maker makes in it")


def test_a_mapping_may_stand_in_a_file_that_is_not_here():
    included = "\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/maps.yaml'}}"
    value = value_of("!FindInMap [Elsewhere, a, x]", included)
    assert value == Unknown("looked up in Elsewhere, which may be in what AWS::Include of s3://b/maps.yaml makes")


def test_a_mapping_that_is_nowhere_is_said_to_be_none():
    assert value_of("!FindInMap [Nothing, a, x]") == Unknown(
        "looked up in Nothing, which is no mapping of the template"
    )
