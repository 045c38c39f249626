"""IoT policies, actions of trust policies, and statements that lock out or name nobody: what is too long for the rules' own examples."""

import json

import pytest

from iacscan.finding import Severity
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

IOT = "arn:aws:iot:eu-central-1:111122223333:"


def run(code, source):
    rule = find_rule(code)
    return [
        (type(verdict).__name__, verdict.severity or rule.severity, verdict.message)
        for verdict in rule.check(world_of(source))
    ]


def policy(type_, attribute, *statements, more=""):
    document = json.dumps({"Version": "2012-10-17", "Statement": statements}).replace("${", "$${")
    return f'resource "{type_}" "x" {{\n{more}\n{attribute} = jsonencode({document})\n}}\n'


def iot(**statement):
    return policy("aws_iot_policy", "policy", {"Effect": "Allow", **statement}, more='name = "x"')


WIDE = [
    ({"Action": "iot:Connect", "Resource": "*"}, "connect as any other device"),
    ({"Action": "iot:Publish", "Resource": IOT + "topic/*"}, "publish to every topic"),
    ({"Action": ["iot:Pub*"], "Resource": "arn:aws:iot:*:*:*"}, "publish to every topic"),
    ({"Action": "iot:Subscribe", "NotResource": IOT + "topicfilter/admin/*"}, "subscribe to every topic"),
    (
        {"Action": ["iot:Connect", "iot:Subscribe"], "Resource": [IOT + "client/*", IOT + "topicfilter/a/*"]},
        "connect as any other device",
    ),
    (
        {"Action": "iot:AssumeRoleWithCertificate", "Resource": IOT + "rolealias/*"},
        "take the credentials of every role alias",
    ),
]


@pytest.mark.parametrize(("statement", "can"), WIDE, ids=[can for _, can in WIDE])
def test_a_device_that_may_speak_for_others_is_high(statement, can):
    message = f"whoever holds a certificate with this policy may {can}"
    assert run("IAM425", iot(**statement)) == [("Violation", Severity.HIGH, message)]


def test_under_a_condition_it_is_medium():
    attached = {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    ((_, severity, _),) = run("IAM425", iot(Action="iot:Connect", Resource="*", Condition=attached))
    assert severity is Severity.MEDIUM


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "iot:Connect", "Resource": IOT + "client/${iot:Connection.Thing.ThingName}"},
        {"Action": "iot:Publish", "Resource": IOT + "topic/sensors/*"},
        {"Action": "iot:Publish", "Resource": IOT + "client/*"},
        {"Action": "iot:Receive", "Resource": "*"},
        {"Effect": "Deny", "Action": "iot:*", "Resource": "*"},
    ],
    ids=str,
)
def test_a_device_that_speaks_for_itself_is_fine(statement):
    assert run("IAM425", iot(**statement)) == []


@pytest.mark.parametrize(
    ("action", "severity"),
    [("*", Severity.MEDIUM), ("s3:*", Severity.MEDIUM), ("sts:*", Severity.LOW), ("sts:TagSessions", Severity.LOW)],
)
def test_actions_of_a_trust_policy_that_are_not_about_the_session(action, severity):
    statement = {"Effect": "Allow", "Action": ["sts:AssumeRole", action], "Principal": {"Service": "ec2.amazonaws.com"}}
    found = run("IAM220", policy("aws_iam_role", "assume_role_policy", statement))
    assert [(kind, level) for kind, level, _ in found] == [("Violation", severity)]


@pytest.mark.parametrize(
    "action", ["sts:AssumeRole", "sts:AssumeRole*", "STS:assumerolewithsaml", "sts:SetSourceIdentity", "sts:SetContext"]
)
def test_actions_of_a_trust_policy_that_are(action):
    statement = {"Effect": "Allow", "Action": action, "Principal": {"Service": "ec2.amazonaws.com"}}
    assert run("IAM220", policy("aws_iam_role", "assume_role_policy", statement)) == []


BUCKET = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]


def bucket(**statement):
    return policy(
        "aws_s3_bucket_policy", "policy", {"Effect": "Deny", "Principal": "*", **statement}, more='bucket = "b"'
    )


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "*", "Resource": "*"},
        {"Action": ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"], "Resource": "arn:aws:s3:::b"},
        {"Action": "s3:*", "Resource": BUCKET, "Principal": {"AWS": ["*"]}},
        {"NotAction": "s3:GetObject", "Resource": BUCKET},
    ],
    ids=str,
)
def test_a_deny_for_everybody_of_the_policy_itself_locks_out(statement):
    assert [kind for kind, _, _ in run("IAM618", bucket(**statement))] == ["Violation"]


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
        {"Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::b"},  # it can still be deleted
        {"Action": "s3:*", "Resource": BUCKET, "Principal": {"AWS": "arn:aws:iam::111122223333:role/intern"}},
        {
            "Action": "s3:*",
            "Resource": BUCKET,
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}},
        },
        {"Action": "s3:*", "Resource": BUCKET, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
    ids=str,
)
def test_a_way_that_remains_is_no_lockout(statement):
    assert run("IAM618", bucket(**statement)) == []


def test_a_statement_without_a_principal_counts_by_what_was_meant():
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": BUCKET}
    allow = {**deny, "Effect": "Allow"}
    for statements, severity in (
        ((deny,), Severity.MEDIUM),
        ((allow,), Severity.LOW),
        ((allow, deny), Severity.MEDIUM),
    ):
        source = policy("aws_s3_bucket_policy", "policy", *statements, more='bucket = "b"')
        assert [level for _, level, _ in run("IAM619", source)] == [severity]


def test_not_action_in_a_resource_policy_is_left_to_others_where_strangers_come_in():
    statement = {"Effect": "Allow", "NotAction": "sqs:DeleteQueue", "Resource": "*"}
    queue = 'queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/q"'
    named = policy("aws_sqs_queue_policy", "policy", {**statement, "Principal": {"AWS": "111122223333"}}, more=queue)
    strangers = policy("aws_sqs_queue_policy", "policy", {**statement, "Principal": "*"}, more=queue)
    assert [level for _, level, _ in run("IAM406", named)] == [Severity.MEDIUM]
    assert run("IAM406", strangers) == []
    assert run("IAM605", strangers) != []


USER = 'resource "aws_iam_user" "ada" {\n  name = "%s"\n}\n'


@pytest.mark.parametrize(
    ("name", "more", "found"),
    [
        ("ada", "", ["Violation"]),
        ("svc-deploy", "", []),  # IAM201 speaks of it
        ("break-glass", "", []),
        (
            "ada",
            'resource "aws_iam_user_policy_attachment" "a" {\n  user = var.user\n  policy_arn = "p"\n}\nvariable "user" {}',
            ["Undecided"],
        ),
        ("ada", 'output "user" {\n  value = aws_iam_user.ada.name\n}', []),
        ("ada", 'module "team" {\n  source = "./not-here"\n  members = ["ada"]\n}', []),
    ],
)
def test_a_user_is_alone_only_if_the_input_shows_all_of_it(name, more, found):
    assert [kind for kind, _, _ in run("IAM309", USER % name + more)] == found
