"""What the plan knows stays, whatever the source says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.load.source_values import contradicts, filled
from iacscan.value import Reference, Unknown

LOST = Unknown("known only after apply", (Reference("aws_sqs_queue.q", "arn"),))
VAGUE = Unknown("known only after apply", (Reference("local.x"),))

scalars = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b", "⟦aws_x.y.arn⟧", '{"a": 1}', "1"])


def trees(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=8,
    )


def keeps(plan, result):
    """Whether all that the plan knows is in the result, at its place, and nothing is added where nothing was unknown."""
    match plan:
        case Unknown():
            return True
        case dict():
            return (
                isinstance(result, dict)
                and plan.keys() == result.keys()
                and all(keeps(plan[k], result[k]) for k in plan)
            )
        case list():
            return isinstance(result, list) and len(plan) == len(result) and all(map(keeps, plan, result))
        case _:
            return plan == result and type(plan) is type(result)


@given(trees(scalars | st.sampled_from([LOST, VAGUE])), trees(scalars | st.just(LOST)))
def test_what_the_plan_knows_is_never_changed(plan, source):
    assert keeps(plan, filled(plan, source))


@given(trees(scalars))
def test_nothing_contradicts_itself(value):
    assert not contradicts(value, value)


@given(trees(scalars))
def test_what_is_not_known_contradicts_nothing(value):
    assert not contradicts(LOST, value)
    assert not contradicts(value, LOST)


@pytest.mark.parametrize(
    ("plan", "source"),
    [
        ("a", "b"),
        (None, "a"),
        ("/", "/new/"),
        (True, False),
        (["a"], ["b"]),
        (["a"], ["a", "b"]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
        ([{"actions": ["a"]}], [{"actions": ["b"]}]),
        (json.dumps({"Action": "a"}), {"Action": "b"}),
        (json.dumps({"Action": "a"}), json.dumps({"Action": "b"})),
    ],
)
def test_values_that_differ_contradict_each_other(plan, source):
    assert contradicts(plan, source)


@pytest.mark.parametrize(
    ("plan", "source"),
    [
        (3600, "3600"),
        ("true", True),
        (1.0, 1),
        (["b", "a"], ["a", "b", "a"]),
        ([{"a": 1, "computed": "x"}], [{"a": 1}]),
        ("arn:aws:sqs:eu-west-1:1:q", "⟦aws_sqs_queue.q.arn⟧"),
        (None, ""),
        (json.dumps({"b": 1, "a": [2]}), {"a": [2], "b": 1}),
        (json.dumps({"a": 1}, indent=2), json.dumps({"a": 1})),
        (["a", LOST], ["b", "c"]),
    ],
)
def test_spellings_of_one_value_agree(plan, source):
    assert not contradicts(plan, source)


def test_an_argument_that_a_plan_never_shows_is_no_contradiction():
    assert not contradicts(None, "x", "password_wo")


def test_unknown_elements_of_a_set_are_what_is_left_of_the_source():
    assert filled(["c", "a", LOST], ["a", "⟦x.y⟧/*", "c"]) == ["c", "a", "⟦x.y⟧/*"]


def test_elements_that_cannot_be_told_apart_stay_unknown():
    assert filled(["c", LOST], ["a", "b"]) == ["c", LOST]
    assert filled(["c", LOST], ["c", "a", "b"]) == ["c", LOST]


def test_blocks_of_a_set_are_matched_by_what_is_known_of_them():
    plan = [{"variable": "b", "values": [LOST]}, {"variable": "a", "values": ["1"]}]
    source = [{"variable": "a", "values": ["1"]}, {"variable": "b", "values": ["⟦x.y⟧"]}]
    assert filled(plan, source) == [{"variable": "b", "values": ["⟦x.y⟧"]}, {"variable": "a", "values": ["1"]}]


def test_a_link_is_left_to_the_plan_unless_it_goes_through_a_local():
    assert filled(LOST, "⟦aws_sqs_queue.q.arn⟧") == LOST
    assert filled(VAGUE, "⟦aws_sqs_queue.q.arn⟧") == "⟦aws_sqs_queue.q.arn⟧"
    assert filled(VAGUE, LOST) == LOST
    assert filled(LOST, VAGUE) == LOST
