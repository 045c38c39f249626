"""Who may make principals, end the audit or stay signed in: cases that are too long for the examples of the rules."""

import pytest

from iacscan.finding import Severity, Undecided, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

APP = "arn:aws:iam::111122223333:role/app-*"
BOUNDARY = '{ StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::111122223333:policy/limit" } }'


def run(code, terraform):
    return list(find_rule(code).check(world_of(terraform)))


def allow(*actions, resource=APP, condition="{}", effect="Allow"):
    listed = ", ".join(f'"{action}"' for action in actions)
    return f'{{ Effect = "{effect}", Action = [{listed}], Resource = "{resource}", Condition = {condition} }}'


def user(*statements, name="ada"):
    return f"""
resource "aws_iam_user" "{name}" {{
  name = "{name}"
}}

resource "aws_iam_user_policy" "{name}" {{
  user   = aws_iam_user.{name}.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})
}}
"""


# -- IAM410 ---------------------------------------------------------------------------------------------------------------

CREATE = allow("iam:CreateRole", condition=BOUNDARY)
ARM = allow("iam:AttachRolePolicy", "iam:PutRolePolicy", condition=BOUNDARY)


def test_a_boundary_that_all_calls_ask_for_holds():
    assert run("IAM410", user(CREATE, ARM)) == []


def test_a_deny_unless_there_is_a_boundary_is_as_good_as_a_condition():
    unless = '{ StringNotEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::111122223333:policy/limit" } }'
    calls = ("iam:CreateRole", "iam:PutRolePolicy")
    assert run("IAM410", user(allow(*calls), allow(*calls, condition=unless, effect="Deny"))) == []
    assert run("IAM410", user(allow(*calls)))


@pytest.mark.parametrize("action", ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"])
def test_a_boundary_that_can_be_taken_off_or_replaced_does_not_hold(action):
    (found,) = run("IAM410", user(CREATE, ARM, allow(action)))
    assert action in found.message
    kept = allow(action, effect="Deny")
    assert run("IAM410", user(CREATE, ARM, allow(action), kept)) == []


def test_who_may_not_create_at_all_is_no_matter_of_boundaries():
    refused = allow("iam:CreateRole", effect="Deny")
    assert run("IAM410", user(allow("iam:CreateRole", "iam:PutRolePolicy"), refused)) == []


def test_rights_on_other_names_than_those_that_are_created_are_not_put_together():
    elsewhere = allow("iam:PutRolePolicy", resource="arn:aws:iam::111122223333:role/other-*")
    assert run("IAM410", user(allow("iam:CreateRole"), elsewhere)) == []


def test_attaching_only_a_named_policy_needs_no_boundary():
    only = '{ ArnEquals = { "iam:PolicyARN" = "arn:aws:iam::111122223333:policy/readers" } }'
    assert run("IAM410", user(allow("iam:CreateRole"), allow("iam:AttachRolePolicy", condition=only))) == []


def test_administrators_and_all_of_iam_are_told_by_other_rules():
    assert run("IAM410", user(allow("*", resource="*"))) == []
    assert run("IAM410", user(allow("iam:*", resource="*"))) == []


def test_two_policies_of_one_holder_are_put_together_and_both_named():
    second = f"""
resource "aws_iam_user_policy" "arm" {{
  user   = aws_iam_user.ada.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{allow("iam:PutRolePolicy", resource="*")}] }})
}}
"""
    (found,) = run("IAM410", user(allow("iam:CreateRole")) + second)
    assert found.subject.address == "aws_iam_user_policy.ada"
    assert "aws_iam_user_policy.arm" in {related.origin.address for related in found.related}


# -- IAM421 ---------------------------------------------------------------------------------------------------------------


def worker(*statements, more=""):
    return f"""
resource "aws_iam_role" "worker" {{
  name               = "worker"
  {more}
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "lambda.amazonaws.com" }} }}]
  }})
}}

resource "aws_iam_role_policy" "worker" {{
  role   = aws_iam_role.worker.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})
}}
"""


STOP = allow("cloudtrail:StopLogging", "guardduty:DeleteDetector", resource="*")


def test_everything_that_may_be_switched_off_is_named():
    (found,) = run("IAM421", worker(STOP))
    assert isinstance(found, Violation)
    assert "CloudTrail, GuardDuty" in found.message


@pytest.mark.parametrize(
    "other",
    [
        worker(STOP, allow("cloudtrail:*", "guardduty:*", resource="*", effect="Deny")),
        worker(STOP, more='permissions_boundary = "arn:aws:iam::aws:policy/AmazonS3FullAccess"'),
        worker(allow("*", resource="*")),
        worker(allow("cloudtrail:*", resource="*")),
        worker(allow("cloudtrail:StopLogging", resource="arn:aws:cloudtrail:eu-west-1:111122223333:trail/mine")),
        user(STOP),
    ],
    ids=["denied", "bounded", "administrator", "all of a service", "one trail", "no code"],
)
def test_it_is_silent_where_nothing_is_left_or_another_rule_speaks(other):
    assert run("IAM421", other) == []


def test_a_boundary_that_is_not_known_leaves_it_open():
    more = 'permissions_boundary = "arn:aws:iam::111122223333:policy/limit"'
    (found,) = run("IAM421", worker(STOP, more=more))
    assert isinstance(found, Undecided)


# -- IAM216, IAM218 -------------------------------------------------------------------------------------------------------


def trusted(*services):
    listed = ", ".join(f'"{service}.amazonaws.com"' for service in services)
    return f"""
resource "aws_iam_role" "shared" {{
  name               = "shared"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = [{listed}] }} }}]
  }})
}}
"""


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (("lambda", "ec2"), None),
        (("ecs-tasks", "batch"), Severity.INFO),
        (("codepipeline", "codebuild", "lambda"), None),
        (("ec2", "elasticbeanstalk"), Severity.INFO),
    ],
)
def test_services_that_belong_together_are_only_mentioned(services, expected):
    (found,) = run("IAM216", trusted(*services))
    assert found.severity is expected


@pytest.mark.parametrize("services", [("lambda", "edgelambda"), ("airflow", "airflow-env")])
def test_services_that_aws_wants_in_one_trust_policy_are_no_fault(services):
    assert run("IAM216", trusted(*services)) == []
    assert len(run("IAM216", trusted(*services, "ec2"))) == 1


@pytest.mark.parametrize(
    ("duration", "long"), [("PT8H", False), ("PT8H1M", True), ("PT12H", True), ("PT28800S", False)]
)
def test_durations_of_identity_center_are_read_as_it_reads_them(duration, long):
    terraform = f"""
resource "aws_ssoadmin_permission_set" "admin" {{
  name             = "admin"
  instance_arn     = "arn:aws:sso:::instance/ssoins-1111222233334444"
  session_duration = "{duration}"
}}

resource "aws_ssoadmin_managed_policy_attachment" "admin" {{
  instance_arn       = "arn:aws:sso:::instance/ssoins-1111222233334444"
  permission_set_arn = aws_ssoadmin_permission_set.admin.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
"""
    assert bool(run("IAM218", terraform)) is long


def test_to_take_the_boundary_off_again_is_worse_than_to_give_rights_within_it():
    (found,) = run("IAM410", user(CREATE, allow("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary")))
    assert isinstance(found, Violation)
    assert found.severity is Severity.HIGH
    assert "take off the permissions boundary" in found.message
