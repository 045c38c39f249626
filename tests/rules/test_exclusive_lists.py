"""Lists that are exclusive for one principal: what is too long for the rule's own examples."""

import pytest

from iacscan.finding import Undecided, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

POLICY = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" }] })'
ROLE_POLICY = f"""
resource "aws_iam_role_policy" "read" {{
  %s
  role   = "%s"
  policy = {POLICY}
}}
"""
MANAGED = f"""
resource "aws_iam_policy" "read" {{
  name   = "read"
  policy = {POLICY}
}}

resource "aws_iam_user_policy_attachment" "ada" {{
  user       = "ada"
  policy_arn = aws_iam_policy.read.arn
}}
"""


def names(items, role="worker"):
    return f'resource "aws_iam_role_policies_exclusive" "worker" {{\n  role_name    = "{role}"\n  policy_names = {items}\n}}\n'


def arns(items):
    return f'resource "aws_iam_user_policy_attachments_exclusive" "ada" {{\n  user_name   = "ada"\n  policy_arns = {items}\n}}\n'


def run(terraform):
    return [type(verdict) for verdict in find_rule("IAM312").check(world_of(terraform))]


def test_policies_of_other_roles_are_not_on_the_list():
    assert run(ROLE_POLICY % ('name = "read"', "reader") + names("[]")) == []


def test_a_role_is_the_same_in_whatever_case():
    assert run(ROLE_POLICY % ('name = "read"', "Worker") + names("[]")) == [Violation]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("[aws_iam_role_policy.read.name]", []),
        ('["write"]', [Undecided]),
        ("[]", [Violation]),
    ],
)
def test_a_name_that_is_made_up_on_apply_is_known_by_reference_only(items, expected):
    assert run(ROLE_POLICY % ('name_prefix = "read"', "worker") + names(items)) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("[aws_iam_policy.read.arn]", []),
        ('["arn:aws:iam::aws:policy/ReadOnlyAccess"]', [Violation]),
        ("[]", [Violation]),
        ("var.arns", [Undecided]),
    ],
)
def test_a_managed_policy_is_listed_by_its_arn(items, expected):
    assert run(MANAGED + arns(items) + 'variable "arns" {}\n') == expected


def test_a_list_of_nobody_known_is_not_decided():
    assert run(names("[]").replace('"worker"\n  policy', "var.role\n  policy") + 'variable "role" {}\n') == [Undecided]
