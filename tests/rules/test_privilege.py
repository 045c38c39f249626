"""What the rules about least privilege say where several policies, holders and boundaries play together."""

import pytest

from iacscan.finding import Severity, Undecided, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def run(code, terraform):
    return list(find_rule(code).check(world_of(terraform)))


def codes(terraform, *wanted):
    """The rules that say something, with the blocks they say it of."""
    world = world_of(terraform)
    return {(code, verdict.subject.address) for code in wanted for verdict in find_rule(code).check(world)}


def role(name, principal, more=""):
    return f"""
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  {more}
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {principal} }}]
  }})
}}
"""


def policy(name, statements):
    return f"""
resource "aws_iam_policy" "{name}" {{
  name   = "{name}"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{statements}] }})
}}
"""


def attachment(name, holder, arn):
    return f"""
resource "aws_iam_role_policy_attachment" "{name}" {{
  role       = aws_iam_role.{holder}.name
  policy_arn = {arn}
}}
"""


LAMBDA = '{ Service = "lambda.amazonaws.com" }'
ACCOUNT = '{ AWS = "arn:aws:iam::111122223333:root" }'
EVERYTHING = '{ Effect = "Allow", Action = "*", Resource = "*" }'


def test_an_administrator_by_one_policy_is_one_finding():
    world = role("worker", LAMBDA) + policy("all", EVERYTHING) + attachment("all", "worker", "aws_iam_policy.all.arn")
    rules = [f"IAM4{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 9, 11, 12)]
    assert codes(world, *rules) == {("IAM402", "aws_iam_role.worker")}


def test_a_policy_of_code_and_of_a_person_is_told_for_both():
    world = (
        role("worker", LAMBDA)
        + role("ops", ACCOUNT)
        + policy("all", EVERYTHING)
        + attachment("worker", "worker", "aws_iam_policy.all.arn")
        + attachment("ops", "ops", "aws_iam_policy.all.arn")
    )
    assert codes(world, "IAM401", "IAM402") == {("IAM401", "aws_iam_policy.all"), ("IAM402", "aws_iam_role.worker")}


def test_a_policy_of_several_is_one_finding_that_names_all():
    world = (
        role("one", ACCOUNT)
        + role("two", ACCOUNT)
        + policy("all", EVERYTHING)
        + attachment("one", "one", "aws_iam_policy.all.arn")
        + attachment("two", "two", "aws_iam_policy.all.arn")
    )
    (found,) = run("IAM401", world)
    related = {related.origin.address for related in found.related}
    assert related >= {"aws_iam_role.one", "aws_iam_role.two"}


def test_power_that_only_two_policies_give_together_is_seen():
    parts = role("worker", LAMBDA)
    for name in ("PowerUserAccess", "IAMFullAccess"):
        parts += attachment(name, "worker", f'"arn:aws:iam::aws:policy/{name}"')
    parts += attachment("org", "worker", '"arn:aws:iam::aws:policy/AWSOrganizationsFullAccess"')
    (found,) = run("IAM402", parts)
    assert found.severity is Severity.CRITICAL
    assert len(found.related) >= 2


def test_a_boundary_that_allows_less_leaves_a_low_finding():
    world = (
        policy("limit", '{ Effect = "Allow", Action = "s3:*", Resource = "*" }')
        + role("worker", LAMBDA, "permissions_boundary = aws_iam_policy.limit.arn")
        + attachment("worker", "worker", f'"{ADMIN}"')
    )
    assert run("IAM402", world) == []
    (found,) = run("IAM401", world)
    assert found.severity is Severity.LOW
    assert codes(world, "IAM403") == set()  # a boundary grants nothing


@pytest.mark.parametrize(
    ("principal", "severity"),
    [
        (ACCOUNT, Severity.HIGH),
        (
            '{ Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }',
            Severity.CRITICAL,
        ),
        ('"*"', Severity.CRITICAL),
    ],
)
def test_who_may_become_administrator_decides_how_bad_it_is(principal, severity):
    action = "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"
    world = role("ci", principal).replace("sts:AssumeRole", action) + attachment("ci", "ci", f'"{ADMIN}"')
    (found,) = run("IAM401", world)
    assert found.severity is severity


@pytest.mark.parametrize(
    ("resource", "condition", "severity"),
    [
        ("*", "", Severity.HIGH),
        ("arn:aws:iam::*:role/*", "", Severity.HIGH),
        ("*", '"iam:PassedToService" = "ec2.amazonaws.com"', Severity.MEDIUM),
        ("arn:aws:iam::111122223333:role/app-*", "", Severity.MEDIUM),
        ("arn:aws:iam::111122223333:role/app-*", '"iam:PassedToService" = "*.amazonaws.com"', Severity.MEDIUM),
        ("*", '"iam:PassedToService" = "*"', Severity.HIGH),
    ],
)
def test_how_wide_a_passed_role_is(resource, condition, severity):
    guard = f", Condition = {{ StringLike = {{ {condition} }} }}" if condition else ""
    statement = f'{{ Effect = "Allow", Action = "iam:Pass*", Resource = "{resource}"{guard} }}'
    (found,) = run("IAM409", policy("p", statement))
    assert isinstance(found, Violation)
    assert found.severity is severity


def test_a_deny_of_the_same_policy_takes_passing_away():
    world = policy(
        "p",
        '{ Effect = "Allow", Action = "iam:PassRole", Resource = "*" }, { Effect = "Deny", Action = "iam:*", Resource = "*" }',
    )
    assert run("IAM409", world) == []


def test_reading_is_told_once_and_not_as_a_missing_resource_too():
    world = policy("p", '{ Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = "*" }')
    assert codes(world, "IAM403", "IAM405", "IAM411") == {("IAM411", "aws_iam_policy.p")}


def test_a_whole_service_is_not_told_as_a_missing_resource_too():
    world = policy("p", '{ Effect = "Allow", Action = ["sqs:*"], Resource = "*" }')
    assert codes(world, "IAM403", "IAM405") == {("IAM403", "aws_iam_policy.p")}


def test_a_managed_policy_that_is_not_known_may_be_one_of_awss():
    world = role("worker", LAMBDA) + attachment("any", "worker", "var.arn") + 'variable "arn" {}'
    (found,) = run("IAM404", world)
    assert isinstance(found, Undecided)
