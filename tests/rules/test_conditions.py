"""What the rules about conditions say, by where a policy stands and what its statements do."""

import pytest

from iacscan.finding import Severity, Undecided, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of


def run(code, terraform):
    return list(find_rule(code).check(world_of(terraform)))


def policy(effect, condition):
    return f"""
resource "aws_iam_policy" "p" {{
  name   = "p"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "{effect}", Action = "s3:*", Resource = "*", Condition = {{ {condition} }} }}]
  }})
}}
"""


@pytest.mark.parametrize(
    ("effect", "operator", "severity", "says"),
    [
        ("Allow", "StringEquals", Severity.MEDIUM, "allows nothing"),
        ("Allow", "StringNotEquals", Severity.HIGH, "keeps nobody out"),
        ("Deny", "StringEquals", Severity.HIGH, "denies nothing"),
        ("Deny", "StringNotEquals", Severity.HIGH, "denies whether"),
    ],
)
def test_what_a_literal_star_does_depends_on_the_statement(effect, operator, severity, says):
    (found,) = run("IAM503", policy(effect, f'{operator} = {{ "aws:PrincipalTag/team" = "a*" }}'))
    assert found.severity is severity
    assert says in found.message


def test_one_literal_star_among_values_kills_that_value_only():
    (found,) = run("IAM503", policy("Allow", 'StringEquals = { "aws:PrincipalTag/team" = ["a", "b*"] }'))
    assert '"b*"' in found.message
    assert "allows nothing" not in found.message


def test_conditions_of_bucket_policies_and_guardrails_are_judged():
    world = """
resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*"
      Condition = { StringEquals = { "aws:OrganizationId" = "o-exampleorg1" } }
    }]
  })
}

resource "aws_organizations_policy" "p" {
  name    = "p"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "*", Resource = "*", Condition = { StringContains = { "aws:PrincipalArn" = "x" } } }]
  })
}
"""
    (bucket,) = run("IAM521", world)
    assert bucket.subject.address == "aws_s3_bucket_policy.b"
    assert [related.origin.address for related in bucket.related] == ["aws_s3_bucket.b"]
    (guardrail,) = run("IAM516", world)
    assert guardrail.subject.address == "aws_organizations_policy.p"


def test_a_key_of_a_service_that_looks_like_none_is_undecided_and_a_slip_is_not():
    (unlisted,) = run("IAM521", policy("Deny", 'StringEquals = { "rds:Zzyzx" = "all" }'))
    assert isinstance(unlisted, Undecided)
    (slip,) = run("IAM521", policy("Deny", 'StringEquals = { "s3:prefixes" = "all" }'))
    assert isinstance(slip, Violation)


def test_roles_have_no_long_term_keys_that_a_deny_could_miss():
    holder = """
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }]
  })
}

resource "aws_iam_role_policy_attachment" "r" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
"""
    deny = policy("Deny", 'Bool = { "aws:MultiFactorAuthPresent" = "false" }')
    assert len(run("IAM514", deny)) == 1
    assert run("IAM514", deny + holder) == []


def test_a_second_deny_that_stops_long_term_keys_is_enough():
    deny = """
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } } },
      { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { Null = { "aws:MultiFactorAuthPresent" = "true" } } },
    ]
  })
}
"""
    assert run("IAM514", deny) == []
