"""What the rules about the keys and values of conditions say, and which of them speaks where several could."""

from datetime import date

import pytest
from msgspec.structs import replace

from iacscan.finding import Severity, Undecided, Violation
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
from iacscan.testing import world_of

# Those in the order of `rules/conditions/_order.py`.
ORDERED = (
    "IAM516", "IAM521", "IAM520", "IAM524", "IAM535", "IAM518", "IAM503", "IAM504", "IAM519", "IAM522", "IAM527", "IAM506",
    "IAM505", "IAM526", "IAM507",
)  # fmt: skip


def run(code, terraform):
    return list(find_rule(code).check(world_of(terraform)))


def policy(effect, condition, action="s3:GetObject", more=""):
    return f"""
resource "aws_iam_policy" "p" {{
  name   = "p"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [
      {{ Effect = "{effect}", Action = {action if action[0] == "[" else f'"{action}"'}, Resource = "*", Condition = {{ {condition} }} }},
      {more}
    ]
  }})
}}
"""


def guardrail(kind, statement):
    return f"""
resource "aws_organizations_policy" "g" {{
  name    = "g"
  type    = "{kind}"
  content = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Deny", {statement} }}] }})
}}
"""


def bucket(*statements):
    return f"""
resource "aws_s3_bucket" "b" {{
  bucket = "b"
}}

resource "aws_s3_bucket_policy" "b" {{
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(f"{{ {item} }}" for item in statements)}] }})
}}
"""


@pytest.mark.parametrize(
    ("effect", "action", "condition", "speaks"),
    [
        ("Allow", "s3:GetObject", 'StringIs = { "aws:SourceIPs" = "10.*" }', {"IAM516"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "aws:SourceIPs" = "10.*" }', {"IAM521"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "s3:x-amz-acl" = "pub*" }', {"IAM520"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "s3:max-keys" = "ten" }', {"IAM535"}),
        ("Allow", "s3:DeleteObject", 'StringEquals = { "aws:RequestTag/team" = "a*" }', {"IAM524"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "aws:SourceIp" = "10.*" }', {"IAM518"}),
        ("Allow", "s3:GetObject", 'StringEquals = { "aws:PrincipalArn" = "arn:aws:iam::*:role/a" }', {"IAM503"}),
        ("Allow", "s3:GetObject", 'IpAddress = { "aws:SourceIp" = "203.0.113.*" }', {"IAM503"}),
        ("Allow", "s3:GetObject", 'DateLessThan = { "aws:CurrentTime" = "2020-*" }', {"IAM503"}),
        ("Allow", "s3:GetObject", 'DateLessThan = { "aws:CurrentTime" = "June" }', {"IAM519"}),
        ("Allow", "s3:GetObject", 'Bool = { "aws:SecureTransport" = "yes" }', {"IAM522"}),
        ("Allow", "s3:GetObject", 'IpAddress = { "aws:SourceIp" = "203.0.113.0/240" }', {"IAM522"}),
        (
            "Allow",
            "s3:GetObject",
            'IpAddress = { "aws:SourceIp" = "10.0.0.0/8" }, StringEquals = { "aws:SourceVpce" = "vpce-1a2b3c4d" }',
            {"IAM504"},
        ),
        (
            "Allow",
            "s3:GetObject",
            'IpAddress = { "aws:SourceIp" = "0.0.0.0/0" }, StringEquals = { "aws:SourceVpce" = "vpce-1a2b3c4d" }',
            {"IAM527"},
        ),
        (
            "Allow",
            "s3:GetObject",
            'IpAddress = { "aws:SourceIp" = "203.0.113.0/24" }, StringEquals = { "aws:SourceVpce" = "vpc-1a2b3c4d" }',
            {"IAM522"},
        ),
        ("Deny", "s3:*", 'NotIpAddress = { "aws:SourceIp" = "10.0.0.0/8" }', {"IAM504"}),
        ("Deny", "s3:*", 'NotIpAddress = { "aws:SourceIp" = "0.0.0.0/0" }', {"IAM506"}),
        ("Deny", "s3:*", 'NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" }', {"IAM505"}),
        (
            "Deny",
            "s3:*",
            'NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" }, Bool = { "aws:ViaAWSService" = "false" }',
            {"IAM507"},
        ),
    ],
)
def test_one_rule_speaks_of_a_condition_with_several_faults(effect, action, condition, speaks):
    world = world_of(policy(effect, condition, action))
    assert {code for code in ORDERED if list(find_rule(code).check(world))} == speaks


@pytest.mark.parametrize(
    ("effect", "operator", "severity", "says"),
    [
        ("Allow", "StringEquals", Severity.HIGH, "allows nothing"),
        ("Allow", "StringLike", Severity.MEDIUM, "allows nothing"),
        ("Deny", "StringLike", Severity.HIGH, "denies nothing"),
        ("Allow", "StringNotEquals", Severity.HIGH, "keeps nobody out"),
        ("Deny", "StringNotLike", Severity.MEDIUM, "denies whether"),
    ],
)
def test_what_an_address_compared_as_text_does_depends_on_the_statement(effect, operator, severity, says):
    (found,) = run("IAM518", policy(effect, f'{operator} = {{ "aws:SourceIp" = "203.0.113.0/24" }}'))
    assert (found.severity, says in found.message) == (severity, True)


@pytest.mark.parametrize(("value", "severity"), [("false", Severity.LOW), ("False", Severity.HIGH)])
def test_a_boolean_compared_as_text_works_for_one_spelling(value, severity):
    (found,) = run("IAM518", policy("Deny", f'StringEquals = {{ "aws:SecureTransport" = "{value}" }}'))
    assert found.severity is severity


@pytest.mark.parametrize(
    ("effect", "severity"), [("Allow", Severity.LOW), ("Deny", None)]
)  # None: the rule's own, which is medium
def test_whether_a_date_is_past_depends_on_the_day_of_the_scan(effect, severity):
    world = world_of(policy(effect, 'DateLessThan = { "aws:CurrentTime" = "2030-06-30T12:00:00Z" }'))
    check = find_rule("IAM519").check
    assert list(check(replace(world, today=date(2030, 6, 30)))) == []
    (found,) = check(replace(world, today=date(2030, 7, 1)))
    assert found.severity is severity


def test_seconds_are_dates_too():
    terraform = policy("Allow", 'NumericLessThan = { "aws:EpochTime" = "1593561599" }')
    assert len(run("IAM519", terraform)) == 1


def test_a_world_is_judged_by_the_day_it_is_unless_told_otherwise():
    world = world_of(policy("Allow", 'DateLessThan = { "aws:CurrentTime" = "2199" }'))
    assert World(world.estate, world.graph, world.access).today.year < 2199


@pytest.mark.parametrize(
    ("effect", "condition", "severity", "says"),
    [
        ("Allow", 'StringEquals = { "s3:x-amz-acl" = "private" }', None, "allows nothing"),
        ("Deny", 'StringEquals = { "s3:x-amz-acl" = "private" }', Severity.HIGH, "denies nothing"),
        ("Deny", 'StringNotEquals = { "s3:x-amz-acl" = "private" }', None, "denies whether"),
        ("Allow", 'StringEqualsIfExists = { "s3:x-amz-acl" = "private" }', None, "keeps nobody out"),
        ("Allow", 'Null = { "s3:x-amz-acl" = "false" }', None, "allows nothing"),
    ],
)
def test_what_a_key_that_no_action_carries_does_depends_on_the_statement(effect, condition, severity, says):
    (found,) = run("IAM520", policy(effect, condition))
    assert (found.severity, says in found.message) == (severity, True)


def test_an_allow_may_ask_for_the_absence_of_a_key_that_is_always_absent():
    assert run("IAM520", policy("Allow", 'Null = { "s3:x-amz-acl" = "true" }')) == []


@pytest.mark.parametrize(
    ("effect", "action", "condition", "found"),
    [
        ("Allow", '["s3:PutObject", "s3:DeleteObject"]', 'StringEquals = { "s3:x-amz-acl" = "private" }', 1),
        ("Deny", '["s3:PutObject", "s3:DeleteObject"]', 'StringEquals = { "s3:x-amz-acl" = "private" }', 1),
        ("Deny", '["s3:PutObject", "s3:DeleteObject"]', 'StringNotEquals = { "s3:x-amz-acl" = "private" }', 1),
        ("Allow", '["s3:PutObject", "s3:DeleteObject"]', 'StringEqualsIfExists = { "s3:x-amz-acl" = "private" }', 0),
        ("Deny", '["s3:PutObject*", "s3:Delete*"]', 'StringEquals = { "s3:x-amz-acl" = "private" }', 0),
        ("Deny", "s3:*", 'StringEquals = { "s3:x-amz-acl" = "private" }', 0),
    ],
)
def test_actions_without_the_key_beside_others_are_a_small_matter_and_only_if_named(effect, action, condition, found):
    verdicts = run("IAM520", policy(effect, condition, action))
    assert [item.severity for item in verdicts] == [Severity.LOW] * found


def test_what_another_statement_allows_is_not_missed():
    condition = 'StringEquals = { "aws:ResourceTag/team" = "a" }'
    actions = '["ec2:StopInstances", "ec2:DescribeInstances"]'
    besides = '{ Effect = "Allow", Action = "ec2:Describe*", Resource = "*" }'
    assert len(run("IAM524", policy("Allow", condition, actions))) == 1
    assert run("IAM524", policy("Allow", condition, actions, besides)) == []


def test_two_conditions_on_one_key_that_no_action_carries_are_one_fault():
    condition = 'StringEquals = { "s3:x-amz-acl" = "private" }, Null = { "s3:x-amz-acl" = "false" }'
    assert len(run("IAM520", policy("Allow", condition))) == 1


def test_one_wrong_value_in_several_statements_of_a_policy_is_one_fault():
    condition = 'StringEquals = { "aws:ResourceAccount" = 12345678901 }'
    again = f'{{ Effect = "Allow", Action = "sqs:*", Resource = "*", Condition = {{ {condition} }} }}'
    (found,) = run("IAM522", policy("Allow", condition, more=again))
    assert len(found.evidence) == 3
    assert '"012345678901"' in found.remedy


def test_one_wrong_value_among_others_does_nothing_by_itself():
    (found,) = run("IAM522", policy("Deny", 'StringNotEquals = { "aws:SourceVpc" = ["vpc-1a2b3c4d", "main"] }'))
    assert found.severity is Severity.LOW


SERVICE_LINE = (
    'Effect = "Allow", Principal = { Service = "%s" }, Action = "s3:PutObject", Resource = "arn:aws:s3:::b/*"'
)
OUTSIDERS = 'Effect = "Deny", Principal = "*", Action = "%s", Resource = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], Condition = { %s }'
NOT_OURS = 'StringNotEquals = { "aws:PrincipalOrgID" = "o-exampleorg1" }'
NOT_HERE = 'StringNotEquals = { "aws:SourceVpce" = "vpce-1a2b3c4d" }'


@pytest.mark.parametrize(
    ("statements", "severities"),
    [
        ((SERVICE_LINE % "cloudtrail.amazonaws.com", OUTSIDERS % ("s3:*", NOT_OURS)), [None]),
        ((SERVICE_LINE % "cloudtrail.amazonaws.com", OUTSIDERS % ("s3:*", NOT_HERE)), [None]),
        ((SERVICE_LINE % "cloudtrail.amazonaws.com", OUTSIDERS % ("s3:GetObject", NOT_OURS)), []),
        ((OUTSIDERS % ("s3:*", NOT_OURS),), []),
        ((OUTSIDERS % ("s3:*", NOT_HERE),), [Severity.LOW]),
        ((OUTSIDERS % ("s3:*", f"{NOT_HERE}, {NOT_OURS.replace('Equals', 'EqualsIfExists')}"),), []),
        (
            (
                SERVICE_LINE % "cloudtrail.amazonaws.com",
                OUTSIDERS % ("s3:*", f'{NOT_OURS}, BoolIfExists = {{ "aws:PrincipalIsAWSService" = "false" }}'),
            ),
            [],
        ),
        ((OUTSIDERS.replace('"*"', '{ AWS = "111122223333" }', 1) % ("s3:*", NOT_HERE),), []),
    ],
)
def test_a_bucket_policy_stops_only_services_that_come_at_all(statements, severities):
    """None: the rule's own severity, which is high."""
    assert [item.severity for item in run("IAM526", bucket(*statements))] == severities


def test_all_denies_of_one_policy_that_stop_services_are_one_finding_and_the_worst_speaks_first():
    uploads = SERVICE_LINE % "cloudtrail.amazonaws.com"
    denies = (
        OUTSIDERS % ("s3:GetObject", NOT_HERE),
        OUTSIDERS % ("s3:PutObject", NOT_OURS),
        OUTSIDERS % ("s3:List*", NOT_HERE),
    )
    (found,) = run("IAM526", bucket(uploads, *denies))
    assert found.severity is None
    grave, _, slight = found.message.partition("; ")
    assert grave.startswith("cloudtrail.amazonaws.com, which the policy lets in, is denied again")
    assert slight.startswith("requests that AWS services make for your own people")
    assert len(found.evidence) == len(denies)
    assert "aws:PrincipalIsAWSService" in found.remedy
    assert "aws:ViaAWSService" in found.remedy


@pytest.mark.parametrize(
    ("kind", "statement", "found"),
    [
        ("RESOURCE_CONTROL_POLICY", f'Principal = "*", Action = "s3:*", Resource = "*", Condition = {{ {NOT_OURS} }}', 1),
        ("SERVICE_CONTROL_POLICY", f'Action = "s3:*", Resource = "*", Condition = {{ {NOT_OURS} }}', 0),
        ("SERVICE_CONTROL_POLICY", f'Action = "s3:*", Resource = "*", Condition = {{ {NOT_HERE} }}', 1),
        (
            "SERVICE_CONTROL_POLICY",
            'Action = "s3:*", Resource = "*", Condition = { StringNotEquals = { "aws:ResourceOrgID" = "o-exampleorg1" } }',
            1,
        ),
        (
            "SERVICE_CONTROL_POLICY",
            'NotAction = "ec2:*", Resource = "*", Condition = { StringNotEquals = { "aws:ResourceOrgID" = "o-exampleorg1" } }',
            0,
        ),
    ],
)  # fmt: skip
def test_which_guardrails_stop_services(kind, statement, found):
    assert len(run("IAM526", guardrail(kind, statement))) == found


def test_a_statement_with_two_borders_is_reported_once():
    condition = f'{NOT_HERE}, NotIpAddress = {{ "aws:SourceIp" = "203.0.113.0/24" }}'
    assert len(run("IAM505", policy("Deny", condition, "s3:*"))) == 1


HOLDER = """
resource "aws_iam_%(kind)s" "h" {
  name = "h"
  %(trust)s
}

resource "aws_iam_%(kind)s_policy" "p" {
  name   = "p"
  %(kind)s = aws_iam_%(kind)s.h.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "%(action)s", Resource = "%(resource)s", Condition = { StringEquals = { "%(key)s" = "%(value)s" } } },
      %(more)s
    ]
  })
}
"""
TRUST = """assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }]
  })"""


def holder(kind, more, action="kms:Decrypt", resource="*", key="aws:PrincipalTag/team", value="a"):
    trust = TRUST if kind == "role" else ""
    return HOLDER % {
        "kind": kind, "trust": trust, "more": more, "action": action, "resource": resource, "key": key, "value": value,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "setter", "found"),
    [("user", "iam:TagUser", 1), ("role", "iam:TagRole", 1), ("role", "iam:TagUser", 0), ("user", "iam:TagRole", 0)],
)
def test_who_may_tag_himself_joins_every_team(kind, setter, found):
    more = f'{{ Effect = "Allow", Action = "{setter}", Resource = "*" }}'
    verdicts = run("IAM523", holder(kind, more))
    assert [(type(item), item.severity) for item in verdicts] == [(Violation, Severity.HIGH)] * found
    by_resource = run(
        "IAM523", holder(kind, more, "s3:GetObject", key="s3:ExistingObjectTag/a", value="$${aws:PrincipalTag/a}")
    )
    assert len(by_resource) == found


@pytest.mark.parametrize(
    "more",
    [
        '{ Effect = "Allow", Action = "kms:TagResource", Resource = "arn:aws:kms:eu-west-1:111122223333:key/other" }',
        '{ Effect = "Allow", Action = "kms:*", Resource = "*" }',  # then the condition limits nothing anyhow
        '{ Effect = "Allow", Action = "kms:UntagResource", Resource = "*" }',
    ],
)
def test_tagging_elsewhere_or_of_what_one_has_anyhow_is_no_fault(more):
    terraform = holder("role", more, resource="arn:aws:kms:eu-west-1:111122223333:key/one", key="aws:ResourceTag/team")
    assert run("IAM523", terraform) == []


def test_a_holder_may_have_the_tagging_from_another_policy():
    terraform = (
        holder("user", "", "ec2:StartInstances", key="aws:ResourceTag/team")
        + """
resource "aws_iam_user_policy" "tagging" {
  name   = "tagging"
  user   = aws_iam_user.h.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ec2:CreateTags", Resource = "*" }] })
}
"""
    )
    (found,) = run("IAM523", terraform)
    assert found.subject.address == "aws_iam_user_policy.p"


TOPIC = """
resource "aws_sns_topic_policy" "t" {
  arn    = "arn:aws:sns:eu-west-1:111122223333:t"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*", Principal = { %s }, Condition = { %s } }]
  })
}
"""


@pytest.mark.parametrize(
    ("principal", "condition", "severities"),
    [
        ('Service = "s3.amazonaws.com"', 'ArnLike = { "aws:SourceArn" = "arn:aws:s3:::other" }', [None]),
        ('Service = "s3.amazonaws.com"', 'ArnLike = { "aws:SourceArn" = aws_s3_bucket.b.arn }', [Severity.LOW]),
        ('AWS = "*"', 'ArnLike = { "aws:SourceArn" = "arn:aws:s3:::other" }', [None]),
        ('Service = "s3.amazonaws.com"', 'ArnLike = { "aws:SourceArn" = "arn:aws:s3:*:*:other" }', []),  # IAM608
        ('Service = "lambda.amazonaws.com"', 'ArnLike = { "aws:SourceArn" = "arn:aws:lambda:*:*:function:f" }', [None]),
        ('Service = "events.amazonaws.com"', 'ArnLike = { "aws:SourceArn" = "arn:aws:events:eu-west-1:111122223333:rule/a" }', []),
        ('AWS = "111122223333"', 'ArnLike = { "aws:SourceArn" = "arn:aws:events:eu-west-1:111122223333:rule/a" }', [None]),
        ('AWS = ["111122223333", "*"]', 'ArnLike = { "aws:SourceArn" = "arn:aws:events:eu-west-1:111122223333:rule/a" }', []),
    ],
)  # fmt: skip
def test_whose_source_it_is(principal, condition, severities):
    """None: the rule's own severity, which is medium."""
    own = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    assert [item.severity for item in run("IAM525", own + TOPIC % (principal, condition))] == severities


def test_only_services_have_a_source():
    assert len(run("IAM525", policy("Allow", 'ArnLike = { "aws:SourceArn" = "arn:aws:s3:::b" }'))) == 1
    assert run("IAM525", policy("Deny", 'ArnLike = { "aws:SourceArn" = "arn:aws:s3:::b" }')) == []


def test_tls_and_headers_are_no_protection_unless_strangers_are_denied():
    allow = (
        'Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*", Condition = { %s }'
    )
    tls = 'Bool = { "aws:SecureTransport" = "true" }'
    header = 'StringEquals = { "aws:UserAgent" = "ours" }'
    assert len(run("IAM502", bucket(allow % f"{tls}, {header}"))) == 1
    assert run("IAM502", bucket(allow % tls, OUTSIDERS % ("s3:*", NOT_OURS))) == []
    assert run("IAM502", bucket(allow.replace('"*"', '{ AWS = "111122223333" }', 1) % tls)) == []
    assert run("IAM502", policy("Allow", tls)) == []


def test_trust_for_anybody_over_tls_is_trust_for_any_account():
    terraform = """
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = "*", Action = "sts:AssumeRole", Condition = { Bool = { "aws:SecureTransport" = "true" } }
    }]
  })
}
"""
    (found,) = run("IAM502", terraform)
    assert found.message.startswith("any AWS account")


def test_two_exceptions_that_may_be_the_same_are_undecided():
    other = bucket(
        OUTSIDERS % ("s3:*", 'StringNotEquals = { "aws:SourceVpc" = aws_vpc.v.id }'),
        OUTSIDERS % ("s3:*", 'StringNotEquals = { "aws:SourceVpc" = "vpc-1a2b3c4d" }'),
    )
    (found,) = run("IAM528", other + 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    assert isinstance(found, Undecided)
