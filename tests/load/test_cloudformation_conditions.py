from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.load.cloudformation import MAX_VARIANTS, load_template
from iacscan.load.cloudformation_conditions import Conditions
from iacscan.load.cloudformation_decode import Node
from iacscan.value import Reference, Unknown

PARAMETERS = """
Parameters:
  Env: {Type: String, Default: dev}
  Flag: {Type: String, Default: 'false', AllowedValues: ['true', 'false']}
  Free: {Type: String}
"""


def load_text(text, parameters=None):
    return load_template("t.yaml", (PARAMETERS + dedent(text)).encode(), parameters)


def written(condition):
    """A template with a condition C, and a resource that there is only if it holds."""
    return f"""
Conditions:
  C: {condition}
Resources:
  R: {{Type: AWS::S3::Bucket, Condition: C}}
"""


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("!Equals [a, a]", True),
        ("!Equals [a, A]", False),
        ("!Equals [true, 'true']", True),
        ("!Equals [!Ref Env, dev]", True),
        ("!Equals [!Ref Env, prod]", False),
        ("!Equals [!Ref Free, a]", None),
        ("!Equals [!Ref AWS::Region, a]", None),
        ("!Equals [!Ref AWS::Region, !Ref AWS::Region]", True),
        ("!Not [!Equals [!Ref Env, prod]]", True),
        ("!And [!Equals [a, b], !Equals [!Ref Free, a]]", False),
        ("!And [!Equals [a, a], !Equals [!Ref Free, a]]", None),
        ("!Or [!Equals [a, a], !Equals [!Ref Free, a]]", True),
        ("!Or [!Equals [a, b], !Equals [!Ref Free, a]]", None),
        ("!Condition Nowhere", None),
        ("!Equals [a]", None),
        ("!Ref Flag", False),
    ],
)
def test_a_condition_holds_or_not_or_is_not_decided(condition, holds):
    blocks = load_text(written(condition)).after.blocks
    found = [block.possible for block in blocks]
    assert found == {True: [False], False: [], None: [True]}[holds]


TRUTHS = st.sampled_from([True, False, None])


@given(st.lists(TRUTHS, min_size=1, max_size=4))
def test_not_of_and_is_or_of_nots(truths):
    leaves = [Node({"Condition": Node(str(at))}) for at in range(len(truths))]
    known = {str(at): truth for at, truth in enumerate(truths) if truth is not None}
    nots = [Node({"Fn::Not": Node([leaf])}) for leaf in leaves]
    nodes = {
        "one": Node({"Fn::Not": Node([Node({"Fn::And": Node(leaves)})])}),
        "other": Node({"Fn::Or": Node(nots)}),
    }
    conditions = Conditions(nodes, lambda node: node.value, known)
    assert conditions.holds("one") is conditions.holds("other")


def labels(text, parameters=None):
    return [variant.label for variant in load_text(text, parameters).variants]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("!Equals [!Ref Env, prod]", ["when condition C is true"]),
        ("!Equals [!Ref Env, dev]", ["when condition C is false"]),
        ("!Equals [!Ref Free, a]", ["when condition C is true", "when condition C is false"]),
        ("!Equals [!Ref AWS::Region, a]", ["when condition C is true", "when condition C is false"]),
        ("!Equals [a, b]", []),
    ],
)
def test_a_condition_that_something_outside_decides_is_a_switch(condition, found):
    assert labels(written(condition)) == found


def test_a_condition_that_given_values_decide_is_none():
    assert labels(written("!Equals [!Ref Env, prod]"), {"Env": "prod"}) == []


def test_a_condition_that_nothing_uses_is_none():
    assert labels("Conditions: {C: !Equals [!Ref Env, prod]}\nResources: {R: {Type: AWS::S3::Bucket}}") == []


def test_a_condition_that_only_cdks_own_metadata_uses_is_none():
    text = "Conditions: {C: !Equals [!Ref AWS::Region, a]}\nResources: {M: {Type: AWS::CDK::Metadata, Condition: C}}"
    assert labels(text) == []


def test_conditions_of_one_parameter_turn_together():
    loaded = load_text("""
    Conditions:
      IsDev: !Equals [!Ref Env, dev]
      IsProd: !Equals [!Ref Env, prod]
      NotDev: !Not [!Condition IsDev]
    Resources:
      A: {Type: AWS::S3::Bucket, Condition: IsDev}
      B: {Type: AWS::S3::Bucket, Condition: IsProd}
      C: {Type: AWS::S3::Bucket, Condition: NotDev}
    """)
    assert [block.address for block in loaded.after.blocks] == ["A"]
    worlds = {variant.label: [block.address for block in variant.side.blocks] for variant in loaded.variants}
    assert worlds == {"when condition IsDev is false": ["C"], "when condition IsProd is true": ["B", "C"]}


def test_a_condition_that_no_single_value_turns_is_turned_alone_and_its_parameters_have_no_defaults():
    loaded = load_text("""
    Conditions:
      C: !And [!Equals [!Ref Env, prod], !Equals [!Ref Flag, 'true']]
    Resources:
      A: {Type: AWS::S3::Bucket, Properties: {BucketName: !If [C, !Ref Env, b]}}
    """)
    assert [variant.label for variant in loaded.variants] == ["when condition C is true"]
    assert loaded.after.blocks[0].get("BucketName") == "b"
    assert loaded.variants[0].side.blocks[0].get("BucketName") == Unknown(
        "depends on the parameter Env", (Reference("var.Env"),)
    )


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        ("!Equals [!Ref Env, prod]", "prod"),
        ("!Not [!Equals [!Ref Env, dev]]", ""),
        ("!Not [!Or [!Equals [!Ref Env, dev], !Equals [!Ref Env, '']]]", None),
    ],
)
def test_a_parameter_has_a_value_by_which_the_condition_is_as_it_is_said_to_be(condition, name):
    loaded = load_text(f"""
    Conditions:
      C: {condition}
    Resources:
      A: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !If [C, !Ref Env, b], Tags: [!Ref Env]}}}}
    """)
    assert loaded.after.blocks[0].get("Tags") == ["dev"]
    found = loaded.variants[0].side.blocks[0].get("BucketName")
    assert found == (Unknown("depends on the parameter Env", (Reference("var.Env"),)) if name is None else name)


def test_there_are_no_more_worlds_than_can_be_looked_at():
    many = range(MAX_VARIANTS + 4)
    text = "Conditions:\n" + "".join(f"  C{at}: !Equals [!Ref Env, v{at}]\n" for at in many)
    text += "Resources:\n" + "".join(f"  R{at}: {{Type: AWS::S3::Bucket, Condition: C{at}}}\n" for at in many)
    loaded = load_template("t.yaml", (PARAMETERS + text).encode())
    assert len(loaded.variants) == MAX_VARIANTS
    assert f"not all of its conditions are tried both ways: {MAX_VARIANTS} of them are" in loaded.notes
