"""Console users and keys: what is too long for the rules' own examples."""

import pytest
from msgspec.structs import replace

from iacscan.access import Access
from iacscan.finding import Origin, Severity, Undecided, Violation
from iacscan.graph import Graph
from iacscan.model.organizations import Account
from iacscan.model.settings import Settings
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
from iacscan.testing import world_of

MFA = '{ Bool = { "aws:MultiFactorAuthPresent" = "false" } }'
PROFILE = """
resource "aws_iam_user_login_profile" "ada" {
  user = aws_iam_user.ada.name
}
"""
KEY = """
resource "aws_iam_access_key" "%s" {
  user = %s
}
"""


def user(argument="", name='"ada"'):
    return f'resource "aws_iam_user" "ada" {{\n  name = {name}\n{argument}\n}}\n'


def inline(*statements, label="work"):
    return f"""
resource "aws_iam_user_policy" "{label}" {{
  user   = aws_iam_user.ada.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})
}}
"""


def allow(action, resource="*"):
    return f'{{ Effect = "Allow", Action = "{action}", Resource = "{resource}" }}'


def deny(condition, *, where='Resource = "*"', spared='["iam:*MFADevice", "iam:GetUser"]'):
    return f'{{ Effect = "Deny", NotAction = {spared}, {where}, Condition = {condition} }}'


def run(code, terraform, **settings):
    world = world_of(terraform)
    if settings:
        world = World(replace(world.estate, settings=Settings(**settings)), world.graph, world.access)
        world.access.estate = world.estate
    return list(find_rule(code).check(world))


# -- IAM105 -------------------------------------------------------------------------------------------------------------


def test_a_deny_without_mfa_in_any_policy_of_the_user_is_enough():
    assert not run("IAM105", user() + PROFILE + inline(allow("s3:GetObject")) + inline(deny(MFA), label="mfa"))


def test_a_deny_that_spares_the_own_user_is_enough():
    spares = deny(MFA, where='NotResource = "arn:aws:iam::*:user/$${aws:username}"', spared='"iam:ListUsers"')

    assert not run("IAM105", user() + PROFILE + inline(allow("s3:GetObject"), spares))


def test_a_deny_that_spares_other_resources_may_not_be():
    spares = deny(MFA, where='NotResource = "arn:aws:s3:::reports/*"')
    (verdict,) = run("IAM105", user() + PROFILE + inline(allow("s3:GetObject"), spares))

    assert isinstance(verdict, Undecided)


@pytest.mark.parametrize(
    "condition",
    [
        '{ NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }',
        '{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }',
        '{ BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" }, StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }',
    ],
)
def test_a_deny_that_lets_some_without_mfa_pass_is_not(condition):
    (verdict,) = run("IAM105", user() + PROFILE + inline(allow("s3:GetObject"), deny(condition)))

    assert isinstance(verdict, Violation)
    assert "s3:GetObject" in verdict.message


@pytest.mark.parametrize(("target", "count"), [('"111122223333"', 0), ('"r-ab12"', 0), ('"444455556666"', 1)])
def test_a_guardrail_over_the_account_that_denies_without_mfa_counts(target, count):
    guardrail = f"""
resource "aws_organizations_policy" "mfa" {{
  name    = "mfa"
  content = jsonencode({{ Version = "2012-10-17", Statement = [{deny(MFA)}] }})
}}

resource "aws_organizations_policy_attachment" "mfa" {{
  policy_id = aws_organizations_policy.mfa.id
  target_id = {target}
}}
"""
    estate = world_of(user() + PROFILE + inline(allow("s3:GetObject")) + guardrail).estate
    (ada,) = estate.users
    account = Account(
        origin=Origin("aws_organizations_account.a", "aws_organizations_account"),
        name="a",
        id="111122223333",
        parent=None,
    )
    ada = replace(ada, arn="arn:aws:iam::111122223333:user/ada")
    graph = Graph(replace(estate, users=(ada,), accounts_in_organization=(account,)))

    assert len(list(find_rule("IAM105").check(World(graph.estate, graph, Access(graph))))) == count


def test_a_boundary_that_denies_without_mfa_counts():
    boundary = f"""
resource "aws_iam_policy" "ceiling" {{
  name   = "ceiling"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{allow("*")}, {deny(MFA)}] }})
}}
"""
    bounded = user("  permissions_boundary = aws_iam_policy.ceiling.arn")

    assert not run("IAM105", bounded + PROFILE + boundary + inline(allow("s3:GetObject")))


def test_a_boundary_that_is_not_in_the_input_may_ask_for_mfa():
    bounded = user('  permissions_boundary = "arn:aws:iam::111122223333:policy/ceiling"')
    (verdict,) = run("IAM105", bounded + PROFILE + inline(allow("s3:GetObject")))

    assert isinstance(verdict, Undecided)


def test_who_may_do_nothing_but_care_for_the_own_user_needs_no_mfa_for_it():
    assert not run("IAM105", user() + PROFILE)
    assert not run(
        "IAM105", user() + PROFILE + inline(allow("iam:*AccessKey*", "arn:aws:iam::*:user/$${aws:username}"))
    )


def test_who_may_only_assume_roles_may_be_asked_there():
    (verdict,) = run("IAM105", user() + PROFILE + inline(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/a")))

    assert verdict.severity is Severity.LOW


def test_of_an_administrator_it_is_not_told_what_cannot_be_called():
    (verdict,) = run("IAM105", user() + PROFILE + inline(allow("*")))

    assert "nearly every action" in verdict.message


def test_the_policies_of_a_user_made_elsewhere_are_not_known():
    (verdict,) = run("IAM105", PROFILE.replace("aws_iam_user.ada.name", '"ada"'))

    assert isinstance(verdict, Undecided)


# -- IAM104, IAM108, IAM109 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["admin", "Administrator", "dev-team", "DevTeam", "test01", "office@example.com", "aws-admin"]
)
def test_these_names_name_nobody(name):
    assert [type(verdict) for verdict in run("IAM104", user(name=f'"{name}"') + PROFILE)] == [Violation]


@pytest.mark.parametrize(
    "name", ["ada", "ada.admin", "admin-ada", "kestrel-admin", "user", "break-glass", "devon", "ada@office.com"]
)
def test_these_names_may_be_a_persons(name):
    assert run("IAM104", user(name=f'"{name}"') + PROFILE) == []


def test_a_shared_name_without_a_password_is_nobodys_to_sign_in_with():
    assert run("IAM104", user(name='"admin"')) == []


def test_two_keys_may_be_a_rotation():
    keys = KEY % ("a", '"ada"') + KEY % ("b", '"ada"')
    (verdict,) = run("IAM108", keys + 'resource "time_rotating" "quarter" {\n  rotation_days = 90\n}\n')

    assert verdict.severity is Severity.INFO


def test_two_keys_of_one_user_whose_name_is_not_known_are_two():
    keys = KEY % ("a", "var.user") + KEY % ("b", "var.user") + 'variable "user" {}\n'
    other = KEY % ("a", "var.user") + KEY % ("b", "var.other") + 'variable "user" {}\nvariable "other" {}\n'

    assert [type(verdict) for verdict in run("IAM108", keys)] == [Violation]
    assert run("IAM108", other) == []


def test_password_and_key_of_a_user_made_elsewhere_are_of_one_user():
    profile = PROFILE.replace("aws_iam_user.ada.name", '"Ada"')

    assert [type(verdict) for verdict in run("IAM109", profile + KEY % ("a", '"ada"'))] == [Violation]
    assert run("IAM109", profile + KEY % ("a", '"grace"')) == []


# -- IAM207 -------------------------------------------------------------------------------------------------------------

OWN = 'provider "aws" {\n  allowed_account_ids = ["111122223333"]\n}\n'


def trust(principal, condition="{}"):
    return f"""{OWN}
resource "aws_iam_role" "audit" {{
  name               = "audit"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{principal}" }}, Condition = {condition} }}]
  }})
}}
"""


QUEUE = f"""{OWN}
resource "aws_sqs_queue" "orders" {{
  name   = "orders"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sqs:*", Principal = {{ AWS = "arn:aws:iam::444455556666:user/a" }}, Resource = "*" }}]
  }})
}}
"""


def test_with_mfa_a_user_of_another_account_is_low():
    verdicts = run(
        "IAM207", trust("arn:aws:iam::444455556666:user/a", '{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }')
    )

    assert [verdict.severity for verdict in verdicts] == [Severity.LOW]


def test_whom_a_vendor_comes_as_is_for_the_vendor_to_say():
    assert run("IAM207", trust("arn:aws:iam::464622532012:user/a")) == []
    assert run("IAM207", trust("arn:aws:iam::444455556666:user/a"), vendors=(("444455556666", "Kestrel"),)) == []


def test_a_stranger_in_a_resource_policy_is_another_rules_affair_and_ones_own_other_account_is_not():
    assert run("IAM207", QUEUE, accounts=frozenset({"111122223333"})) == []
    assert len(run("IAM207", QUEUE, accounts=frozenset({"111122223333", "444455556666"}))) == 1


def test_users_whom_a_deny_names_are_not_let_in():
    assert run("IAM207", trust("arn:aws:iam::444455556666:user/a").replace("Allow", "Deny")) == []
