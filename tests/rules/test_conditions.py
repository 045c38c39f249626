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


def test_tags_that_a_request_may_leave_out_are_a_small_matter_and_tagging_always_sends_them():
    limit = '"ForAllValues:StringEquals" = { "aws:TagKeys" = ["team"] }'
    (found,) = run("IAM508", policy("Allow", limit))
    assert found.severity is Severity.LOW
    assert run("IAM508", policy("Allow", f'{limit}, StringEquals = {{ "aws:RequestTag/team" = "a" }}')) == []
    assert run("IAM508", policy("Allow", limit).replace("s3:*", "s3:PutObjectTagging")) == []


def test_a_deny_of_requests_without_the_key_mends_an_allow():
    mended = """
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:*", Resource = "*", Condition = { %s = { "aws:SourceVpce" = "vpce-1" } } },
      { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { Null = { "aws:SourceVpce" = "true" } } },
    ]
  })
}
"""
    for code, operator in (("IAM511", "StringNotEquals"), ("IAM513", "StringEqualsIfExists")):
        assert len(run(code, policy("Allow", f'{operator} = {{ "aws:SourceVpce" = "vpce-1" }}'))) == 1
        assert run(code, mended % operator) == []


@pytest.mark.parametrize(
    ("key", "severity"),
    [
        ("token.actions.githubusercontent.com:sub", None),
        ("token.actions.githubusercontent.com:aud", Severity.LOW),
        ("aws:RequestedRegion", Severity.LOW),
        ("aws:SourceArn", None),
    ],
)
def test_forallvalues_on_one_value_is_as_bad_as_the_key_may_be_missing(key, severity):
    """None: the severity of the rule itself, which is high."""
    (found,) = run("IAM509", policy("Allow", f'"ForAllValues:StringEquals" = {{ "{key}" = "x" }}'))
    assert found.severity is severity


@pytest.mark.parametrize(
    ("effect", "operator", "severity", "says"),
    [
        ("Allow", "IpAddress", Severity.MEDIUM, "allows nothing"),
        ("Allow", "NotIpAddress", Severity.MEDIUM, "keeps nobody out"),
        ("Deny", "IpAddress", Severity.HIGH, "denies nothing"),
        ("Deny", "NotIpAddress", Severity.HIGH, "denies whether"),
    ],
)
def test_what_a_private_range_does_depends_on_the_statement(effect, operator, severity, says):
    (found,) = run("IAM504", policy(effect, f'{operator} = {{ "aws:SourceIp" = ["10.0.0.0/8", "fd00::/8"] }}'))
    assert found.severity is severity
    assert says in found.message


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("arn:aws:iam::111122223333:role/a*", None),
        ("arn:*:iam::*:role/a", None),
        ("$${aws:PrincipalArn}", None),
        ("arn:aws:iam::*role/a", Violation),
        ("arn:awss:iam::111122223333:role/a", Violation),
        ("111122223333", Violation),
        ("*", Undecided),
        ("arn:aws:*", Undecided),
    ],
)
def test_which_texts_an_arn_operator_can_never_match(value, kind):
    found = run("IAM517", policy("Deny", f'ArnNotLike = {{ "aws:PrincipalArn" = "{value}" }}'))
    assert [type(item) for item in found] == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    ("sid", "holder", "found"),
    [("DenyOld", "user", 1), ("AWSRevokeOlderSessions", "user", 0), ("DenyOld", "role", 0)],
)
def test_revoking_sessions_is_meant_for_sessions_only(sid, holder, found):
    world = f"""
resource "aws_iam_user" "user" {{
  name = "user"
}}

resource "aws_iam_role" "role" {{
  name               = "role"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ec2.amazonaws.com" }} }}]
  }})
}}

resource "aws_iam_{holder}_policy" "p" {{
  name   = "p"
  {holder}   = aws_iam_{holder}.{holder}.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Sid = "{sid}", Effect = "Deny", Action = "*", Resource = "*"
      Condition = {{ DateLessThan = {{ "aws:TokenIssueTime" = "2026-01-01T00:00:00Z" }} }}
    }}]
  }})
}}
"""
    assert len(run("IAM512", world)) == found


def test_services_have_no_access_keys_and_no_callers_of_their_own():
    trust = """
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" }, StringEqualsIfExists = { "aws:SourceAccount" = "111122223333" } }
    }]
  })
}
"""
    assert run("IAM515", trust) == []
    assert run("IAM513", trust) == []
