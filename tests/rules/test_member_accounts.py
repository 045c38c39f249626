"""What keeps member accounts in the organization and their trails running: what is too long for the rules' own examples."""

import pytest

from iacscan.finding import Undecided, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

TREE = """
resource "aws_organizations_organizational_unit" "all" {
  name      = "all"
  parent_id = "r-ab12"
}

resource "aws_organizations_organizational_unit" "shops" {
  name      = "shops"
  parent_id = aws_organizations_organizational_unit.all.id
}

resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "shop@example.com"
  parent_id = aws_organizations_organizational_unit.shops.id
}
"""
ALL = "aws_organizations_organizational_unit.all.id"


def policy(statement, target=ALL):
    return f"""
resource "aws_organizations_policy" "guard" {{
  name    = "guard"
  content = jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})
}}

resource "aws_organizations_policy_attachment" "guard" {{
  policy_id = aws_organizations_policy.guard.id
  target_id = {target}
}}
"""


def deny(action="organizations:LeaveOrganization", condition="{}"):
    return f'{{ Effect = "Deny", Action = "{action}", Resource = "*", Condition = {condition} }}'


def run(terraform, code="IAM713"):
    return list(find_rule(code).check(world_of(terraform)))


@pytest.mark.parametrize("action", ["organizations:LeaveOrganization", "organizations:Leave*", "organizations:*", "*"])
def test_a_policy_two_units_above_keeps_the_account(action):
    assert run(TREE + policy(deny(action))) == []


@pytest.mark.parametrize(
    "condition",
    [
        '{ ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/platform" } }',
        '{ StringNotEquals = { "aws:PrincipalTag/team" = "platform" } }',
        '{ StringNotEquals = { "aws:RequestedRegion" = ["eu-central-1"] } }',
    ],
)
def test_exceptions_for_single_principals_and_other_regions_change_nothing(condition):
    assert run(TREE + policy(deny("*", condition))) == []


@pytest.mark.parametrize(
    "condition",
    [
        '{ StringLike = { "aws:PrincipalArn" = "arn:aws:iam::*:root" } }',
        '{ StringNotEquals = { "aws:RequestedRegion" = ["eu-central-1", "us-east-1"] } }',
        '{ BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }',
        '{ NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }',
    ],
)
def test_a_deny_that_an_administrator_passes_keeps_nobody(condition):
    assert [type(verdict) for verdict in run(TREE + policy(deny("*", condition)))] == [Violation]


def test_a_deny_in_one_region_does_not_keep_the_trails_of_all():
    condition = '{ StringNotEquals = { "aws:RequestedRegion" = ["eu-central-1"] } }'

    assert [type(verdict) for verdict in run(TREE + policy(deny("*", condition)), "IAM714")] == [Violation]
    assert run(TREE + policy(deny("cloudtrail:*")), "IAM714") == []


def test_to_deny_one_of_the_two_is_not_enough_for_a_trail():
    assert [type(verdict) for verdict in run(TREE + policy(deny("cloudtrail:StopLogging")), "IAM714")] == [Violation]


def test_where_the_unit_of_an_account_is_elsewhere_its_policies_are_not_known():
    elsewhere = TREE.replace(f"parent_id = {ALL}", 'parent_id = "ou-ab12-12345678"')

    assert [type(verdict) for verdict in run(elsewhere + policy(deny("s3:*")))] == [Undecided]


def test_policies_from_elsewhere_may_say_it():
    foreign = 'resource "aws_organizations_policy_attachment" "other" {\n  policy_id = "p-12345678"\n  target_id = "r-ab12"\n}\n'

    assert run(TREE + policy(deny("s3:*")) + foreign) == []


def test_without_any_guardrail_another_rule_says_so():
    assert run(TREE) == []


def test_all_accounts_are_one_finding():
    second = 'resource "aws_organizations_account" "bank" {\n  name  = "bank"\n  email = "bank@example.com"\n}\n'
    (verdict,) = run(TREE + second + policy(deny("s3:*")))

    assert verdict.message.startswith("administrators of 2 accounts may take them out")
    assert [item.origin.address for item in verdict.related] == ["aws_organizations_account.shop"]
