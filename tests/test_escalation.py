import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.access import Access, Held
from iacscan.escalation import Escalation
from iacscan.finding import Confidence, Origin, Severity
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.policy.document import parse
from iacscan.policy.escalation_table import rows
from iacscan.surroundings import Holder
from iacscan.testing import world_of
from iacscan.value import Truth

TRUST = """
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ {principal} }} }}]
  }})
  {more}
}}
"""
POLICY = """
resource "aws_iam_{kind}_policy" "{label}" {{
  name   = "{label}"
  {kind} = aws_iam_{kind}.{name}.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{statements}]
  }})
}}
"""
DEPLOY = '{ Effect = "Allow", Action = ["lambda:CreateFunction", "lambda:InvokeFunction"], Resource = "*" }'


def role(name, service="lambda", more="", principal=""):
    return TRUST.format(name=name, principal=principal or f'Service = "{service}.amazonaws.com"', more=more)


def user(name, more=""):
    return f'resource "aws_iam_user" "{name}" {{\n  name = "{name}"\n  {more}\n}}\n'


def policy(kind, name, *statements, label=""):
    return POLICY.format(kind=kind, name=name, label=label or f"{name}_policy", statements=", ".join(statements))


def allow(action, resource='"*"'):
    return f'{{ Effect = "Allow", Action = "{action}", Resource = {resource} }}'


def found(terraform, *, of):
    """Paths of one holder by the number of their row."""
    escalation = Escalation(world_of(terraform).access)
    return {
        path.opening.row.id: path
        for holder in escalation.holders()
        if holder.origin.address == of
        for path in escalation.paths(holder)
    }


PASS_APP = user("dev") + policy("user", "dev", DEPLOY, allow("iam:PassRole", "aws_iam_role.app.arn"))


def test_passing_an_administrator_is_critical_and_certain():
    admin = role("app") + policy("role", "app", allow("*"))
    path = found(PASS_APP + admin, of="aws_iam_user.dev")["PE-LAM-01"]
    assert path.opening.target == "aws_iam_role.app"
    assert (path.severity, path.confidence) == (Severity.CRITICAL, Confidence.HIGH)


def test_passing_a_role_with_some_more_rights_is_less_bad():
    richer = role("app") + policy("role", "app", allow("s3:GetObject"))
    assert found(PASS_APP + richer, of="aws_iam_user.dev")["PE-LAM-01"].severity is Severity.MEDIUM


@pytest.mark.parametrize("action", ["logs:PutLogEvents", "lambda:InvokeFunction", "ec2:DescribeVpcs"])
def test_passing_a_role_with_nothing_to_gain_is_no_path(action):
    poorer = role("app") + policy("role", "app", allow(action))
    assert found(PASS_APP + poorer, of="aws_iam_user.dev") == {}


def test_a_role_that_trusts_another_service_cannot_be_used():
    admin = role("app", service="backup") + policy("role", "app", allow("*"))
    assert found(PASS_APP + admin, of="aws_iam_user.dev") == {}


def test_passing_any_role_is_a_path_through_roles_outside_the_input():
    dev = user("dev") + policy("user", "dev", DEPLOY, allow("iam:PassRole"))
    path = found(dev, of="aws_iam_user.dev")["PE-LAM-01"]
    assert (path.opening.truth, path.confidence, path.opening.target) == (Truth.YES, Confidence.MEDIUM, "")


def test_a_role_outside_the_input_leaves_it_open():
    dev = user("dev") + policy("user", "dev", DEPLOY, allow("iam:PassRole", '"arn:aws:iam::111122223333:role/x"'))
    assert found(dev, of="aws_iam_user.dev")["PE-LAM-01"].opening.truth is Truth.UNKNOWN


def test_administrators_have_no_path():
    assert found(user("root") + policy("user", "root", allow("*")), of="aws_iam_user.root") == {}


def test_a_boundary_of_the_input_counts_and_an_unknown_one_leaves_it_open():
    attach = policy("user", "dev", allow("iam:AttachUserPolicy"))
    boundary = """
resource "aws_iam_policy" "cap" {
  name   = "cap"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
"""
    capped = user("dev", "permissions_boundary = aws_iam_policy.cap.arn") + attach + boundary
    elsewhere = user("dev", 'permissions_boundary = "arn:aws:iam::111122223333:policy/cap"') + attach
    assert found(capped, of="aws_iam_user.dev") == {}
    assert found(elsewhere, of="aws_iam_user.dev")["PE-IAM-08"].opening.truth is Truth.UNKNOWN


def test_removing_a_boundary_is_a_path_only_for_who_has_one():
    remove = policy("user", "dev", allow("iam:DeleteUserPermissionsBoundary"))
    bound = 'permissions_boundary = "arn:aws:iam::aws:policy/{}"'.format
    assert found(user("dev") + remove, of="aws_iam_user.dev") == {}
    assert "PE-IAM-24" in found(user("dev", bound("IAMFullAccess")) + remove, of="aws_iam_user.dev")
    assert found(user("dev", bound("PowerUserAccess")) + remove, of="aws_iam_user.dev") == {}  # it does not allow it


def test_an_own_policy_can_be_rewritten_and_another_one_cannot():
    managed = """
resource "aws_iam_policy" "own" {
  name   = "own"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:CreatePolicyVersion", Resource = "arn:aws:iam::111122223333:policy/NAME" }]
  })
}

resource "aws_iam_user_policy_attachment" "own" {
  user       = aws_iam_user.dev.name
  policy_arn = aws_iam_policy.own.arn
}
"""
    assert "PE-IAM-01" in found(user("dev") + managed.replace("NAME", "own"), of="aws_iam_user.dev")
    assert found(user("dev") + managed.replace("NAME", "other"), of="aws_iam_user.dev") == {}


def test_a_role_must_admit_the_holder_to_be_armed_and_assumed():
    arm = user("dev") + policy(
        "user",
        "dev",
        allow("iam:PutRolePolicy", "aws_iam_role.app.arn"),
        allow("sts:AssumeRole", "aws_iam_role.app.arn"),
    )
    admits = role("app", principal="AWS = aws_iam_user.dev.arn")
    assert "PE-IAM-16" in found(arm + admits, of="aws_iam_user.dev")
    assert found(arm + role("app"), of="aws_iam_user.dev") == {}


@pytest.mark.parametrize("has", ["", allow("iam:GetUser")])
def test_what_a_role_has_does_not_matter_where_the_holder_writes_its_policies(has):
    arm = user("dev") + policy(
        "user",
        "dev",
        allow("iam:PutRolePolicy", "aws_iam_role.app.arn"),
        allow("sts:AssumeRole", "aws_iam_role.app.arn"),
    )
    app = role("app", principal="AWS = aws_iam_user.dev.arn") + (policy("role", "app", has) if has else "")
    path = found(arm + app, of="aws_iam_user.dev")["PE-IAM-16"]
    assert (path.severity, path.confidence) == (Severity.CRITICAL, Confidence.HIGH)


def test_a_workload_with_more_rights_can_be_taken_over():
    function = """
resource "aws_lambda_function" "job" {
  function_name = "job"
  role          = aws_iam_role.app.arn
}
"""
    dev = user("dev") + policy("user", "dev", allow("lambda:UpdateFunctionCode", "aws_lambda_function.job.arn"))
    rich = role("app") + policy("role", "app", allow("*"))
    poor = role("app") + policy("role", "app", allow("logs:PutLogEvents"))
    assert found(dev + function + rich, of="aws_iam_user.dev")["PE-LAM-04"].opening.target == "aws_iam_role.app"
    assert found(dev + function + poor, of="aws_iam_user.dev") == {}


def test_policies_of_services_are_theirs():
    """AWSGlueServiceRole has glue:* because Glue needs it; only Glue may become the role."""
    attach = """
resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
}
"""
    assert found(role("app", service="glue") + attach, of="aws_iam_role.app") == {}
    assert found(role("app", principal='AWS = "arn:aws:iam::111122223333:root"') + attach, of="aws_iam_role.app")


def test_whoever_gets_an_unattached_policy_is_judged_with_less_weight():
    policy_ = """
resource "aws_iam_policy" "spare" {
  name   = "spare"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:PutUserPolicy", Resource = "*" }] })
}
"""
    path = found(policy_, of="aws_iam_policy.spare")["PE-IAM-13"]
    assert (path.severity, path.confidence) == (Severity.MEDIUM, Confidence.MEDIUM)


def test_a_user_whose_policies_are_not_known_may_be_worth_taking_over():
    dev = user("dev") + policy("user", "dev", allow("iam:CreateAccessKey", '"arn:aws:iam::111122223333:user/bob"'))
    hidden = """
variable "policy" {}

resource "aws_iam_user_policy" "bob" {
  user   = aws_iam_user.bob.name
  policy = var.policy
}
"""
    assert found(dev + user("bob"), of="aws_iam_user.dev") == {}
    opening = found(dev + user("bob") + hidden, of="aws_iam_user.dev")["PE-IAM-03"].opening
    assert (opening.truth, opening.because) == (Truth.UNKNOWN, "what aws_iam_user.bob may do is not known")


def test_tags_that_the_target_has_open_a_path_and_others_do_not():
    dev = user("dev") + policy(
        "user",
        "dev",
        """{
          Effect = "Allow", Action = "iam:UpdateLoginProfile", Resource = "*"
          Condition = { StringEquals = { "iam:ResourceTag/open" = "true" } }
        }""",
    )
    admin = policy("user", "bob", allow("*"))
    assert "PE-IAM-07" in found(dev + user("bob", 'tags = { Open = "true" }') + admin, of="aws_iam_user.dev")
    assert found(dev + user("bob", 'tags = { Open = "false" }') + admin, of="aws_iam_user.dev") == {}
    assert found(dev + user("bob") + admin, of="aws_iam_user.dev") == {}
    later = 'variable "tags" {}\n' + user("bob", "tags = var.tags")
    opening = found(dev + later + admin, of="aws_iam_user.dev")["PE-IAM-07"].opening
    assert (opening.truth, opening.because) == (Truth.UNKNOWN, "the tag that a condition asks for is not known")


def test_a_path_that_only_adds_actions_is_left_out():
    dev = user("dev") + policy("user", "dev", allow("iam:CreateAccessKey"), allow("iam:DeleteAccessKey"))
    assert found(dev, of="aws_iam_user.dev").keys() == {"PE-IAM-03"}


ACTIONS = sorted({action for row in rows() for action in row.needs})
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@given(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=8))
def test_whoever_has_everything_has_nothing_to_gain(actions):
    origin = Origin(address="aws_iam_user_policy.x", type="aws_iam_user_policy")
    statements = [{"Effect": "Allow", "Action": actions, "Resource": "*"}, EVERYTHING]
    held = Held(document=parse({"Statement": statements}), label="x", origin=origin, via="inline")
    holder = Holder(kind="user", label="the user x", origin=origin, held=(held,))
    assert Escalation(Access(Graph(Estate()))).paths(holder) == ()
