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
        ("arn:aws:iam::111122223333:role/orders/*", "", Severity.MEDIUM),
        ("arn:aws:iam::111122223333:role/EC2-roles-for-XYZ-*", "", Severity.LOW),  # as AWS's own page has it
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


# -- IAM413, IAM414: words and things that do not exist, or do not go together --------------------------------------


@pytest.mark.parametrize(
    ("effect", "element", "names", "expected"),
    [
        ("Allow", "Action", '"s3:ListBuckets"', [Severity.LOW]),
        ("Deny", "Action", '"s3:ListBuckets"', [Severity.MEDIUM]),
        ("Allow", "NotAction", '["iam:*", "organisations:*", "s3:HeadBucket"]', [Severity.MEDIUM]),
        ("Deny", "NotAction", '["s3:HeadBucket"]', [Severity.LOW]),
        ("Deny", "Action", '["s3:DeleteObject", "s3:DeleteObjects"]', []),
        ("Allow", "Action", '["organizations:Get*", "robomaker:*", "sns:Receive"]', []),
    ],
)
def test_a_name_that_does_not_exist_matters_most_where_it_should_have_denied(effect, element, names, expected):
    terraform = policy("p", f'{{ Effect = "{effect}", {element} = {names}, Resource = "*" }}')

    assert [verdict.severity for verdict in run("IAM413", terraform)] == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::orders"', [Severity.MEDIUM]),
        ('Effect = "Deny", Action = "s3:Get*Object", Resource = "arn:aws:s3:::orders"', [Severity.HIGH]),
        ('Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = "arn:aws:s3:::orders"', [Severity.LOW]),
        ('Effect = "Allow", Action = "s3:Get*", Resource = "arn:aws:s3:::orders"', []),
        ('Effect = "Allow", Action = ["sns:Publish", "sqs:SendMessage"], Resource = "arn:aws:sqs:*:*:orders"', []),
        ('Effect = "Allow", Action = "s3:GetObject", NotResource = "arn:aws:s3:::orders"', []),
    ],
)  # fmt: skip
def test_an_action_on_what_it_does_not_work_on_does_nothing(statement, expected):
    assert [verdict.severity for verdict in run("IAM414", policy("p", f"{{ {statement} }}"))] == expected


def test_s3_refuses_a_bucket_policy_of_which_one_action_is_about_nothing():
    (found,) = run(
        "IAM414",
        """
resource "aws_s3_bucket_policy" "orders" {
  bucket = "orders"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "111122223333" }
    Action    = ["s3:GetObject", "s3:ListBucket"]
    Resource  = "arn:aws:s3:::orders/*"
  }] })
}
""",
    )

    assert found.severity is Severity.MEDIUM
    assert "the apply fails" in found.message


# -- IAM417: boundaries ---------------------------------------------------------------------------------------------


def bounded(statements):
    trust = '{ Service = "codebuild.amazonaws.com" }'
    return policy("boundary", statements) + role("build", trust, "permissions_boundary = aws_iam_policy.boundary.arn")


def test_a_boundary_is_judged_by_what_it_still_allows_its_holder():
    iam = '{ Effect = "Allow", Action = ["iam:*", "s3:*"], Resource = "*" }'
    users = '{ Effect = "Allow", Action = ["iam:*"], Resource = "arn:aws:iam::*:user/*" }'
    kept = '{ Effect = "Deny", Action = "iam:*", Resource = "arn:aws:iam::*:role/*" }'

    assert codes(bounded(iam), "IAM417") == {("IAM417", "aws_iam_policy.boundary")}
    assert codes(bounded(users), "IAM417") == set()
    assert codes(bounded(f"{iam}, {kept}"), "IAM417") == set()


def test_a_policy_that_bounds_nobody_is_no_boundary():
    assert run("IAM417", policy("p", '{ Effect = "Allow", Action = "*", Resource = "*" }')) == []


# -- IAM418: the language of 2008 -----------------------------------------------------------------------------------


def test_old_policies_of_resources_are_worth_a_remark_unless_they_have_variables():
    def severity(resource):
        (found,) = run(
            "IAM418",
            f"""
resource "aws_sqs_queue_policy" "q" {{
  queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/q"
  policy = jsonencode({{ Version = "2008-10-17", Statement = [{{
    Effect = "Allow", Principal = {{ AWS = "111122223333" }}, Action = "sqs:SendMessage", Resource = "{resource}"
  }}] }})
}}
""",
        )
        return found.severity

    assert severity("*") is Severity.INFO
    assert severity("arn:aws:sqs:eu-west-1:111122223333:$${aws:username}") is Severity.MEDIUM


def test_a_policy_that_a_condition_demands_as_boundary_grants_nothing_by_itself():
    whole = policy("limit", '{ Effect = "Allow", Action = "s3:*", Resource = "*" }')
    demand = policy(
        "onboarding",
        '{ Effect = "Allow", Action = "iam:CreateRole", Resource = "*", '
        'Condition = { %s = { "iam:PermissionsBoundary" = aws_iam_policy.limit.arn } } }',
    )
    limit = ("IAM403", "aws_iam_policy.limit")
    assert limit in codes(whole, "IAM403")
    assert limit not in codes(whole + demand % "StringEquals", "IAM403")
    attached = whole + demand % "StringEquals" + role("worker", ACCOUNT)
    assert limit in codes(attached + attachment("w", "worker", "aws_iam_policy.limit.arn"), "IAM403")


def test_who_acts_by_the_policy_of_a_group_is_a_member_of_it():
    group = """
resource "aws_iam_group" "support" {
  name = "support"
}

resource "aws_iam_group_policy" "support" {
  group  = aws_iam_group.support.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:AttachUserPolicy", Resource = "*" }]
  })
}
"""
    (found,) = run("IAM408", group)
    assert found.message.startswith("a member of the group aws_iam_group.support may attach")


@pytest.mark.parametrize("code", ["IAM403", "IAM407", "IAM409"])
def test_a_statement_that_grants_nothing_is_not_told_as_too_wide(code):
    nothing = 'Effect = "Allow", Action = ["s3:*", "iam:PassRole"], NotResource = "*"'
    never = 'Condition = { Null = { "aws:SecureTransport" = "true" } }'
    wide = 'Effect = "Allow", Action = ["s3:*", "iam:PassRole"], Resource = "*"'

    assert run(code, policy("p", f"{{ {nothing} }}, {{ {wide}, {never} }}")) == []


WORKER = role("worker", '{ Service = "ec2.amazonaws.com" }')


@pytest.mark.parametrize(
    ("condition", "severity"),
    [
        ('{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }', Severity.LOW),
        ('{ BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" } }', Severity.CRITICAL),
        ('{ Bool = { "aws:SecureTransport" = "true" } }', Severity.CRITICAL),
    ],
)
def test_code_never_has_a_second_factor(condition, severity):
    statement = f'{{ Effect = "Allow", Action = "*", Resource = "*", Condition = {condition} }}'
    (verdict,) = run(
        "IAM402", WORKER + policy("all", statement) + attachment("all", "worker", "aws_iam_policy.all.arn")
    )
    assert verdict.severity is severity
    assert ("never meet" in verdict.message) == (severity is Severity.LOW)


@pytest.mark.parametrize(
    ("resource", "where"),
    [
        ("*", "on every resource of the account"),
        ("arn:aws:glue:*:111122223333:table/*", "on every resource of the kinds that the policy names"),
    ],
)
def test_every_table_is_not_every_resource(resource, where):
    statement = f'{{ Effect = "Allow", Action = "glue:*", Resource = "{resource}" }}'
    (verdict,) = run("IAM403", policy("tables", statement))
    assert verdict.message.endswith(where)


def test_who_may_make_one_role_may_not_make_roles():
    statement = '{ Effect = "Allow", Action = ["iam:CreateRole", "iam:PutRolePolicy"], Resource = "arn:aws:iam::111122223333:role/app" }'
    (verdict,) = run(
        "IAM410", WORKER + policy("makes", statement) + attachment("makes", "worker", "aws_iam_policy.makes.arn")
    )
    assert "may create the role app with any rights" in verdict.message


OTHERS = '{ StringNotEquals = { "%s" = data.aws_caller_identity.me.account_id } }'
OWN = '{ StringEquals = { "%s" = data.aws_caller_identity.me.account_id } }'


@pytest.mark.parametrize("key", ["aws:ResourceAccount", "s3:ResourceAccount"])
@pytest.mark.parametrize(("condition", "told"), [(OTHERS, set()), (OWN, {"IAM405", "IAM411"})])
def test_buckets_of_other_accounts_are_only_what_they_share(key, condition, told):
    statement = f'{{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "*", Condition = {condition % key} }}'
    found = codes('data "aws_caller_identity" "me" {}' + policy("copy", statement), "IAM405", "IAM411")
    assert {code for code, _ in found} == told


def test_what_a_function_in_a_network_needs_cannot_name_its_resources():
    lambda_in_a_vpc = '["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]'
    assert not run("IAM405", policy("vpc", f'{{ Effect = "Allow", Action = {lambda_in_a_vpc}, Resource = "*" }}'))
    assert run("IAM405", policy("vpc", '{ Effect = "Allow", Action = "ec2:DeleteVolume", Resource = "*" }'))


def test_the_resource_to_name_is_one_that_the_action_cannot_do_without():
    statement = '{ Effect = "Allow", Action = ["ec2:RunInstances", "ssm:SendCommand"], Resource = "*" }'
    (verdict,) = run("IAM405", policy("p", statement))
    assert ":instance/${InstanceId}" in verdict.remedy
    assert ":document/${DocumentName}" in verdict.remedy
    assert "capacity-reservation" not in verdict.remedy
    assert "s3" not in verdict.remedy


ADMIN_USER = """
resource "aws_iam_user" "boss" {
  name = "boss"
}
resource "aws_iam_user_policy_attachment" "boss" {
  user       = aws_iam_user.boss.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_user" "ada" {
  name = "ada"
}
resource "aws_iam_user_policy" "ada" {
  user   = aws_iam_user.ada.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:UpdateLoginProfile", Resource = "arn:aws:iam::111122223333:user/%s" }]
  })
}
"""


@pytest.mark.parametrize(
    ("user", "advice"),
    [
        ("boss", "Take aws_iam_user.boss out of what iam:UpdateLoginProfile may be used on"),
        ("b*", "Limit iam:UpdateLo"),
    ],
)
def test_who_names_an_administrator_is_not_told_to_name_somebody(user, advice):
    (verdict,) = run("IAM408", ADMIN_USER % user)
    assert verdict.remedy.startswith(advice)


@pytest.mark.parametrize(
    ("more", "what"),
    [("", "may do everything"), (', { Effect = "Deny", Action = "iam:*", Resource = "*" }', "nearly everything")],
)
def test_an_administrator_whom_a_deny_takes_something_is_not_told_to_do_everything(more, what):
    statements = '{ Effect = "Allow", Action = "*", Resource = "*" }' + more
    (found,) = run("IAM402", WORKER + policy("all", statements) + attachment("all", "worker", "aws_iam_policy.all.arn"))
    assert what in found.message


def test_a_batch_of_secrets_needs_the_right_to_each_of_them():
    """AWS's own example of the permission has the star for the batch alone."""
    batch = '{ Effect = "Allow", Action = "secretsmanager:BatchGetSecretValue", Resource = "*" }'
    assert (
        run("IAM411", WORKER + policy("reads", batch) + attachment("reads", "worker", "aws_iam_policy.reads.arn")) == []
    )
