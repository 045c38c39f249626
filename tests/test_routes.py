"""Ways to administration over several principals."""

import itertools

from iacscan.escalation import Escalation
from iacscan.finding import Confidence, Severity
from iacscan.routes import MOST_STEPS, Routes
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

ADMIN = '{ Effect = "Allow", Action = "*", Resource = "*" }'
ATTACH = '{ Effect = "Allow", Action = "iam:AttachRolePolicy", Resource = "*" }'
ACCOUNT = 'AWS = "arn:aws:iam::111122223333:root"'


def user(name, *statements, more=""):
    block = f'resource "aws_iam_user" "{name}" {{\n  name = "{name}"\n  {more}\n}}\n'
    return block + policy("user", name, *statements)


def role(name, principal, *statements, condition="{}"):
    return f"""
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ {principal} }}, Condition = {condition}
    }}]
  }})
}}
""" + policy("role", name, *statements)


def policy(kind, name, *statements):
    if not statements:
        return ""
    return f"""
resource "aws_iam_{kind}_policy" "{name}" {{
  {kind} = aws_iam_{kind}.{name}.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})
}}
"""


def function(name, runs_as):
    return f"""
resource "aws_lambda_function" "{name}" {{
  function_name = "{name}"
  role          = aws_iam_role.{runs_as}.arn
}}
"""


def allow(action, resource="*"):
    return f'{{ Effect = "Allow", Action = "{action}", Resource = "{resource}" }}'


def assume(name):
    return allow("sts:AssumeRole", f"arn:aws:iam::111122223333:role/{name}")


def routes(terraform):
    found = Routes(Escalation(world_of(terraform).access)).all()
    return {route.holder.origin.address: route for route in found}


def way(route):
    return [f"{step.who.origin.address} {step.path.opening.row.id}" for step in route.steps]


CHAIN = user("ada", assume("deployer")) + role("deployer", ACCOUNT, ATTACH)


def test_who_may_assume_a_role_that_can_make_itself_an_administrator_has_a_way():
    route = routes(CHAIN)["aws_iam_user.ada"]
    assert way(route) == ["aws_iam_user.ada PE-STS-01", "aws_iam_role.deployer PE-IAM-10"]
    assert (route.severity, route.confidence) == (Severity.CRITICAL, Confidence.HIGH)


def test_the_step_to_cut_is_the_one_that_is_no_plain_assuming():
    assert routes(CHAIN)["aws_iam_user.ada"].cut == 2


def test_a_taken_over_workload_leads_on():
    terraform = (
        user("ada", allow("lambda:UpdateFunctionCode", "arn:aws:lambda:*:111122223333:function:job"))
        + role("job", 'Service = "lambda.amazonaws.com"', assume("root"))
        + function("job", "job")
        + role("root", ACCOUNT, ADMIN)
    )
    route = routes(terraform)["aws_iam_user.ada"]
    assert way(route) == ["aws_iam_user.ada PE-LAM-04", "aws_iam_role.job PE-STS-01"]
    assert route.cut == 1


def test_a_role_poorer_than_its_holder_may_still_lead_on():
    """What counts is where the role leads, not that it has more actions than the holder."""
    terraform = (
        user(
            "ada", allow("iam:PassRole", "arn:aws:iam::111122223333:role/nothing"), assume("passer"), allow("lambda:*")
        )
        + role("passer", ACCOUNT, allow("iam:PassRole", "arn:aws:iam::111122223333:role/root"), allow("lambda:*"))
        + role("root", 'Service = "lambda.amazonaws.com"', ADMIN)
    )
    assert way(routes(terraform)["aws_iam_user.ada"]) == ["aws_iam_user.ada PE-STS-01", "aws_iam_role.passer PE-LAM-01"]


def test_only_assuming_is_medium_and_its_last_trust_is_the_one_to_cut():
    terraform = user("ada", assume("ops")) + role("ops", ACCOUNT, assume("root")) + role("root", ACCOUNT, ADMIN)
    route = routes(terraform)["aws_iam_user.ada"]
    assert route.severity is Severity.MEDIUM
    assert route.cut == 2


def test_who_may_become_an_administrator_in_one_step_has_no_route():
    direct = user("ada", assume("root")) + role("root", ACCOUNT, ADMIN)
    itself = user("ada", allow("iam:AttachUserPolicy"), assume("deployer")) + role("deployer", ACCOUNT, ATTACH)
    admin = user("ada", ADMIN) + role("deployer", ACCOUNT, ATTACH)
    assert routes(direct) == {}
    assert routes(itself) == {}
    assert routes(admin) == {}


def test_a_trust_policy_must_admit_the_holder():
    other = 'AWS = "arn:aws:iam::111122223333:user/bob"'
    assert routes(user("ada", assume("deployer")) + role("deployer", other, ATTACH)) == {}


def test_conditions_of_a_trust_policy_count_where_they_are_about_the_caller():
    def trusted(condition):
        return routes(user("ada", assume("deployer")) + role("deployer", ACCOUNT, ATTACH, condition=condition))

    assert trusted('{ StringEquals = { "aws:username" = "bob" } }') == {}
    assert trusted('{ ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:user/b*" } }') == {}
    assert trusted('{ StringEquals = { "aws:PrincipalTag/team" = "ops" } }') == {}
    assert trusted('{ ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:user/a*" } }')
    assert trusted('{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }')


def test_a_principal_that_a_trust_policy_names_needs_no_permission():
    named = 'AWS = "arn:aws:iam::111122223333:user/ada"'
    route = routes(user("ada", allow("s3:GetObject")) + role("deployer", named, ATTACH))["aws_iam_user.ada"]
    assert route.steps[0].path.blocks[0].origin.address == "aws_iam_role.deployer"
    refused = '{ Effect = "Deny", Action = "sts:*", Resource = "*" }'
    assert routes(user("ada", refused) + role("deployer", named, ATTACH)) == {}


def test_a_condition_on_a_tag_that_the_holder_sets_is_no_obstacle():
    keys = """{
      Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "arn:aws:iam::111122223333:user/bob"
      Condition = { StringEquals = { "aws:ResourceTag/open" = "true" } }
    }"""
    bob = user("bob", assume("deployer")) + role("deployer", ACCOUNT, ATTACH)
    assert "aws_iam_user.ada" not in routes(user("ada", keys) + bob)
    assert "aws_iam_user.ada" in routes(user("ada", keys, allow("iam:TagUser")) + bob)


def test_a_way_is_no_longer_than_the_limit():
    names = [f"hop{number}" for number in range(6)]
    terraform = user("ada", assume(names[0])) + role(names[-1], ACCOUNT, ATTACH)
    for here, there in itertools.pairwise(names):
        terraform += role(here, ACCOUNT, assume(there))
    found = routes(terraform)
    assert max(len(route.steps) for route in found.values()) == MOST_STEPS
    assert "aws_iam_user.ada" not in found


def test_circles_end():
    terraform = user("ada", assume("one")) + role("one", ACCOUNT, assume("two")) + role("two", ACCOUNT, assume("one"))
    assert routes(terraform) == {}


def test_the_shortest_way_is_told_and_one_for_each_holder():
    terraform = (
        user("ada", assume("far"), assume("near"))
        + role("far", ACCOUNT, assume("near"))
        + role("near", ACCOUNT, ATTACH)
    )
    found = routes(terraform)
    assert [step.who.origin.address for step in found["aws_iam_user.ada"].steps] == [
        "aws_iam_user.ada",
        "aws_iam_role.near",
    ]
    assert found.keys() == {"aws_iam_user.ada", "aws_iam_role.far"}


# -- as findings --------------------------------------------------------------------------------------------------------


def verdicts(terraform):
    return list(find_rule("IAM408").check(world_of(terraform)))


def test_a_route_is_told_step_by_step_with_the_place_to_cut_it():
    (found,) = [verdict for verdict in verdicts(CHAIN) if "steps" in verdict.message]
    assert found.subject.address == "aws_iam_user_policy.ada"
    assert (
        found.message
        == "the user aws_iam_user.ada may become an administrator in 2 steps, by way of aws_iam_role.deployer"
    )
    assert [line[:2] for line in found.evidence if not line.startswith("{")] == ["1.", "2."]
    assert found.remedy.startswith("Cut it at step 2, in aws_iam_role_policy.deployer.")
    assert {related.origin.address for related in found.related} >= {"aws_iam_user.ada", "aws_iam_role.deployer"}


def test_a_first_step_that_leads_on_is_told_once():
    terraform = (
        user("ada", allow("lambda:UpdateFunctionCode", "arn:aws:lambda:*:111122223333:function:job"))
        + role("job", 'Service = "lambda.amazonaws.com"', assume("root"))
        + function("job", "job")
        + role("root", ACCOUNT, ADMIN)
    )
    (found,) = verdicts(terraform)
    assert "in 2 steps" in found.message


def test_members_have_no_route_beside_that_of_their_group():
    group = """
resource "aws_iam_group" "devs" {
  name = "devs"
}

resource "aws_iam_group_policy" "devs" {
  group  = aws_iam_group.devs.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::111122223333:role/deployer" }]
  })
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.devs.name]
}
"""
    told = [
        found for found in verdicts(user("ada") + group + role("deployer", ACCOUNT, ATTACH)) if "steps" in found.message
    ]
    assert [found.subject.address for found in told] == ["aws_iam_group_policy.devs"]
