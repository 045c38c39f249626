"""What the rules about slips in conditions say, by where a policy stands and who has it; and that one of them speaks."""

import pytest

from iacscan.finding import Severity
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

CODES = (
    "IAM515", "IAM516", "IAM521", "IAM520", "IAM524", "IAM535", "IAM533", "IAM539", "IAM543", "IAM544", "IAM518", "IAM503", "IAM504",
    "IAM519", "IAM537", "IAM522", "IAM529", "IAM534", "IAM538", "IAM527", "IAM530", "IAM536", "IAM545", "IAM531", "IAM542", "IAM506",
    "IAM505", "IAM526", "IAM507",
)  # fmt: skip
TRUST = '{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "111122223333" } }'


def run(code, terraform):
    return list(find_rule(code).check(world_of(terraform)))


def policy(effect, condition, action="s3:GetObject", more=""):
    return f"""
resource "aws_iam_policy" "p" {{
  name   = "p"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [
      {{ Effect = "{effect}", Action = "{action}", Resource = "*", Condition = {{ {condition} }} }},
      {more}
    ]
  }})
}}
"""


def holders(*kinds):
    """Attachments of the policy `p` to one holder of each kind."""
    blocks = {
        "user": "",
        "group": "",
        "role": f'assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{TRUST}] }})',
    }
    return "\n".join(
        f"""
resource "aws_iam_{kind}" "h" {{
  name = "h"
  {blocks[kind]}
}}

resource "aws_iam_{kind}_policy_attachment" "h" {{
  {kind}     = aws_iam_{kind}.h.name
  policy_arn = aws_iam_policy.p.arn
}}
"""
        for kind in kinds
    )


@pytest.mark.parametrize(
    ("effect", "action", "condition", "speaks"),
    [
        ("Allow", "s3:GetObject", 'StringEquals = { "s3:prefix" = [] }', {"IAM535"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "aws:RequestedRegion" = "EU-*" }', {"IAM503"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "aws:RequestedRegion" = "EU-WEST-1" }', {"IAM529"}),
        ("Allow", "iam:GetRole", 'StringEquals = { "aws:RequestedRegion" = "EU-WEST-1" }', {"IAM529"}),
        ("Allow", "iam:GetRole", 'StringEquals = { "aws:RequestedRegion" = "eu-west-1" }', {"IAM542"}),
        ("Allow", "iam:PassRole", 'StringLike = { "iam:PassedToService" = "*" }', {"IAM545"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "aws:PrincipalTag/a" = "$${aws:nobody}" }', {"IAM537"}),
        ("Allow", "s3:GetObject", 'Null = { "aws:MultiFactorAuthAge" = "true" }', {"IAM515"}),
        ("Deny", "s3:GetObject", 'NotIpAddress = { "aws:VpcSourceIp" = "10.0.0.0/8" }', {"IAM543"}),
        ("Deny", "s3:GetObject", 'Null = { "aws:PrincipalOrgID" = "false" }', {"IAM536"}),
        (
            "Allow",
            "s3:GetObject",
            'StringEquals = { "aws:RequestedRegion" = "eu-west-1" }, StringLike = { "aws:RequestedRegion" = "us-*" }',
            {"IAM530"},
        ),
    ],
)
def test_one_rule_speaks_of_a_condition_with_several_faults(effect, action, condition, speaks):
    world = world_of(policy(effect, condition, action))
    assert {code for code in CODES if list(find_rule(code).check(world))} == speaks


@pytest.mark.parametrize(
    ("kinds", "found"), [((), 0), (("role",), 1), (("user",), 0), (("group",), 0), (("role", "group"), 0)]
)
def test_a_user_name_is_missed_only_where_nobody_has_one(kinds, found):
    terraform = policy("Allow", 'StringEquals = { "aws:username" = "mira" }') + holders(*kinds)
    assert len(run("IAM539", terraform)) == found


@pytest.mark.parametrize(("kinds", "found"), [((), 0), (("role",), 0), (("user",), 1), (("user", "role"), 0)])
def test_a_source_identity_is_missed_only_where_nobody_has_a_session(kinds, found):
    terraform = policy("Deny", 'StringLike = { "aws:SourceIdentity" = "x" }') + holders(*kinds)
    assert [item.severity for item in run("IAM544", terraform)] == [Severity.HIGH] * found


@pytest.mark.parametrize(
    ("kinds", "condition", "found"),
    [
        (("role",), 'BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" }', 0),
        (("role",), 'Bool = { "aws:MultiFactorAuthPresent" = "false" }', 1),
        (("role",), 'Null = { "aws:MultiFactorAuthPresent" = "true" }', 0),
        (("user",), 'Null = { "aws:MultiFactorAuthPresent" = "true" }', 1),
        ((), 'Bool = { "aws:MultiFactorAuthPresent" = "false" }, Null = { "aws:MultiFactorAuthPresent" = "false" }', 1),
        ((), 'Null = { "aws:MultiFactorAuthPresent" = "false" }, Bool = { "aws:MultiFactorAuthPresent" = "true" }', 0),
    ],
)
def test_roles_have_no_access_keys_but_sessions_without_mfa(kinds, condition, found):
    assert len(run("IAM515", policy("Allow", condition) + holders(*kinds))) == found


def test_an_allow_of_what_leads_to_mfa_may_be_for_those_without():
    before = 'BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" }'
    assert run("IAM515", policy("Allow", before, "iam:EnableMFADevice")) == []


def test_a_deny_beside_it_makes_up_for_an_allow_without_mfa():
    deny = '{ Effect = "Deny", Action = "*", Resource = "*", Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }'
    assert run("IAM515", policy("Allow", 'Null = { "aws:MultiFactorAuthPresent" = "false" }', more=deny)) == []


@pytest.mark.parametrize(
    ("values", "severity"),
    [
        ('"arn:aws:iam::*:role/AWSReservedSSO_*"', None),  # the rule's own, which is high
        ('["arn:aws:iam::*:role/AWSReservedSSO_*", "arn:aws:iam::*:role/admin"]', Severity.MEDIUM),
        ('["arn:aws:iam::*:role/AWSReservedSSO_*", "arn:aws:iam::*:role/aws-reserved/*"]', Severity.LOW),
    ],
)
def test_a_wrong_arn_matters_less_beside_the_right_one(values, severity):
    (found,) = run("IAM538", policy("Deny", f'ArnNotLike = {{ "aws:PrincipalArn" = {values} }}'))
    assert found.severity is severity


def test_two_allows_with_and_without_encryption_are_meant():
    other = '{ Effect = "Allow", Action = "s3:PutObject", Resource = "*", Condition = { StringEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" } } }'
    without = 'Null = { "s3:x-amz-server-side-encryption" = "true" }'
    assert run("IAM536", policy("Allow", without, "s3:PutObject", other)) == []
    assert len(run("IAM536", policy("Allow", without, "s3:PutObject"))) == 1


def test_global_actions_that_another_statement_allows_are_not_missed():
    other = '{ Effect = "Allow", Action = "iam:Get*", Resource = "*" }'
    europe = 'StringEquals = { "aws:RequestedRegion" = "eu-west-1" }'
    assert run("IAM542", policy("Allow", europe, "iam:GetRole", other)) == []
    assert len(run("IAM542", policy("Allow", europe, "iam:GetRole"))) == 1


def test_claims_in_policies_that_trust_nobody_are_left_alone():
    claim = 'StringEquals = { "https://token.actions.githubusercontent.com:sub" = "x" }'
    assert run("IAM532", policy("Allow", claim)) == []
