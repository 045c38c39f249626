"""Which conditions of a template can hold at once; held against trying every value by hand."""

from itertools import product

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iacscan.load.cloudformation_decode import decode
from iacscan.load.cloudformation_exclusion import Exclusion


def exclusion(conditions):
    root = decode(yaml.safe_dump({"Conditions": conditions}).encode())
    return Exclusion(root.get("Conditions").value, lambda node: node.value)


def equals(name, text):
    return {"Fn::Equals": [{"Ref": name}, text]}


@pytest.mark.parametrize(
    ("first", "second", "never"),
    [
        (equals("Env", "prod"), equals("Env", "dev"), True),
        (equals("Env", "prod"), equals("Env", "prod"), False),
        (equals("Env", "prod"), equals("Stage", "dev"), False),
        (equals("Env", "prod"), {"Fn::Not": [equals("Env", "prod")]}, True),
        ({"Fn::Equals": ["prod", {"Ref": "Env"}]}, {"Fn::Not": [equals("Env", "prod")]}, True),
        # Both are so in "stage", which neither compares alone.
        (
            {"Fn::Or": [equals("Env", "prod"), equals("Env", "stage")]},
            {"Fn::Or": [equals("Env", "dev"), equals("Env", "stage")]},
            False,
        ),
        # Something else than all that is compared.
        ({"Fn::Not": [equals("Env", "prod")]}, {"Fn::Not": [equals("Env", "dev")]}, False),
        # What cannot be worked out is equal to itself, and to nothing else.
        (
            {"Fn::Equals": [{"Ref": "A"}, {"Ref": "B"}]},
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "A"}, {"Ref": "B"}]}]},
            True,
        ),
        (
            {"Fn::Equals": [{"Ref": "A"}, {"Ref": "B"}]},
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "A"}, {"Ref": "C"}]}]},
            False,
        ),
        ({"Fn::Equals": [{"Ref": "A"}]}, equals("A", "x"), False),
    ],
)
def test_two_conditions(first, second, never):
    assert exclusion({"One": first, "Other": second}).between("One", "Other") is never
    assert exclusion({"One": first, "Other": second}).between("Other", "One") is never


def test_conditions_are_followed_by_name():
    found = exclusion(
        {
            "Prod": equals("Env", "prod"),
            "Big": {"Fn::And": [{"Condition": "Prod"}, equals("Size", "big")]},
            "Test": {"Fn::Not": [{"Condition": "Prod"}]},
        }
    )
    assert found.between("Big", "Test")
    assert not found.between("Big", "Prod")


def test_a_circle_of_conditions_and_one_that_is_not_there_exclude_nothing():
    found = exclusion({"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}, "C": equals("Env", "x")})
    assert not found.between("A", "C")
    assert not found.between("C", "Nowhere")


def test_too_many_ways_exclude_nothing():
    many = {"Fn::And": [equals(f"P{number}", "x") for number in range(11)]}
    assert not exclusion({"One": many, "Other": {"Fn::Not": [many]}}).between("One", "Other")


LEAVES = st.builds(equals, st.sampled_from(("A", "B")), st.sampled_from(("x", "y")))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"Fn::And": parts}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: {"Fn::Or": parts}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda part: {"Fn::Not": [part]}, inner),
    ),
    max_leaves=6,
)


def holds(tree, values):
    ((name, parts),) = tree.items()
    match name:
        case "Fn::Equals":
            return values[parts[0]["Ref"]] == parts[1]
        case "Fn::And":
            return all(holds(part, values) for part in parts)
        case "Fn::Or":
            return any(holds(part, values) for part in parts)
        case _:
            return not holds(parts[0], values)


@given(TREES, TREES)
def test_it_is_what_trying_every_value_says(first, second):
    worlds = [dict(zip("AB", values, strict=True)) for values in product(("x", "y", "z"), repeat=2)]
    both = any(holds(first, world) and holds(second, world) for world in worlds)
    assert exclusion({"One": first, "Other": second}).between("One", "Other") is not both
