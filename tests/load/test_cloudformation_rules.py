"""The section Rules leaves parameters only some values, and the other ones make no worlds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.load.cloudformation import load_template
from iacscan.load.cloudformation_decode import decode
from iacscan.load.cloudformation_rules import restricted
from iacscan.load.cloudformation_template import read_template

ONLY_AB = "{Assertions: [{Assert: !Contains [[a, b], !Ref P], AssertDescription: c is not allowed}]}"


def allowed(rules, parameter="P: {Type: String, Default: a}"):
    text = f"Parameters:\n  {parameter}\n  Q: {{Type: String}}\nRules:\n{rules}\nResources: {{}}\n"
    template = restricted(read_template(decode(text.encode())))
    return template.parameters["P"].allowed, template.idle_rules


def test_what_an_assertion_contains_is_what_is_allowed():
    assert allowed(f"  R: {ONLY_AB}") == (("a", "b"), ())


def test_of_allowed_values_those_are_left_that_no_rule_refuses():
    choice = "P: {Type: String, AllowedValues: [a, b, c]}"
    assert allowed(f"  R: {ONLY_AB}", choice) == (("a", "b"), ())
    assert allowed("  R: {Assertions: [{Assert: !Not [!Equals [!Ref P, b]]}]}", choice) == (("a", "c"), ())
    assert allowed("  R: {Assertions: [{Assert: !EachMemberIn [[!Ref P], [c]]}]}", choice) == (("c",), ())
    assert allowed("  R: {Assertions: [{Assert: !EachMemberEquals [[!Ref P], b]}]}", choice) == (("b",), ())


def test_several_rules_leave_what_all_of_them_allow():
    more = "  S: {Assertions: [{Assert: !Not [!Equals [!Ref P, a]]}]}"
    assert allowed(f"  R: {ONLY_AB}\n{more}")[0] == ("b",)


@pytest.mark.parametrize(
    "rule",
    [
        "{RuleCondition: !Equals [!Ref Q, x], Assertions: [{Assert: !Contains [[a], !Ref P]}]}",  # depends on another one
        "{Assertions: [{Assert: !Contains [!RefAll 'AWS::EC2::VPC::Id', !Ref P]}]}",  # AWS tells
        "{Assertions: [{Assert: !Contains [!ValueOfAll ['AWS::EC2::VPC::Id', Tags.D], !Ref P]}]}",
        "{Assertions: [{Assert: !Or [!Equals [!Ref P, a], !Equals [!Ref Q, x]]}]}",
        "{Assertions: [{Assert: !Not [!Equals [!Ref P, b]]}]}",  # anything else is allowed
        "{Assertions: []}",
        "{Assertions: nothing}",
        "[]",
    ],
)
def test_a_rule_that_leaves_one_parameter_all_of_its_values_is_named(rule):
    assert allowed(f"  R: {rule}") == ((), ("R",))


def test_a_rule_whose_condition_certainly_holds_counts():
    assert allowed("  R: {RuleCondition: !Equals [x, x], Assertions: [{Assert: !Contains [[a], !Ref P]}]}")[0] == ("a",)


def test_rules_that_contradict_each_other_say_nothing():
    assert allowed("  R: {Assertions: [{Assert: !Contains [[], !Ref P]}]}")[0] == ()


@pytest.mark.parametrize("type_", ["CommaDelimitedList", "List<String>", "AWS::SSM::Parameter::Value<String>"])
def test_lists_and_what_systems_manager_holds_are_not_restricted(type_):
    assert allowed(f"  R: {ONLY_AB}", f"P: {{Type: '{type_}', Default: a}}")[0] == ()


@given(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True), st.sets(st.sampled_from("abcdef"), min_size=1))
def test_a_rule_only_ever_takes_values_away(values, contained):
    rule = f"  R: {{Assertions: [{{Assert: !Contains [[{', '.join(sorted(contained))}], !Ref P]}}]}}"
    left, _ = allowed(rule, f"P: {{Type: String, AllowedValues: [{', '.join(values)}]}}")
    assert left == tuple(value for value in values if value in contained) or (
        contained.isdisjoint(values) and left == tuple(values)
    )


# -- worlds ------------------------------------------------------------------------------------------------------------

WORLDS = """
Parameters:
  Env: {Type: String, Default: dev}
  Size: {Type: String, Default: small}
Rules: %s
Conditions:
  IsTest: !Equals [!Ref Env, test]
  IsProd: !Equals [!Ref Env, prod]
Resources:
  T: {Type: AWS::IAM::User, Condition: IsTest}
  P: {Type: AWS::IAM::User, Condition: IsProd}
"""


def labels(rules):
    loaded = load_template("t.yaml", (WORLDS % rules).encode())
    return [variant.label for variant in loaded.variants], loaded.notes


def test_a_world_that_the_rules_exclude_is_not_looked_at():
    both = ["when condition IsTest is true", "when condition IsProd is true"]
    assert labels("{}")[0] == both
    assert labels("{R: {Assertions: [{Assert: !Contains [[dev, test], !Ref Env]}]}}")[0] == both[:1]


def test_a_value_that_is_refused_only_with_another_ones_default_makes_a_world():
    """Production may well be large: the default of the size says nothing about it."""
    found, notes = labels(
        "{R: {RuleCondition: !Equals [!Ref Env, prod], Assertions: [{Assert: !Equals [!Ref Size, large]}]}}"
    )
    assert "when condition IsProd is true" in found
    assert "rules that leave out no value of one parameter by itself are not looked at: R" in notes


def test_a_value_that_is_not_among_the_allowed_ones_makes_no_world():
    text = (WORLDS % "{}").replace("Default: dev", "Default: dev, AllowedValues: [dev, test]")
    assert [item.label for item in load_template("t.yaml", text.encode()).variants] == ["when condition IsTest is true"]


def test_a_condition_on_more_than_the_parameter_is_turned_all_the_same():
    text = (WORLDS % "{}").replace("Default: dev", "Default: dev, AllowedValues: [dev, test]")
    text = text.replace("!Equals [!Ref Env, prod]", "!And [!Equals [!Ref Env, test], !Equals [!Ref AWS::Region, x]]")
    found = [item.label for item in load_template("t.yaml", text.encode()).variants]
    assert found == ["when condition IsTest is true", "when condition IsProd is true"]
