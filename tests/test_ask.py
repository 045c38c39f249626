"""Questions about an estate, and the command that asks them: each test is a fact of how AWS decides."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from iacscan import answers
from iacscan.errors import UsageError
from iacscan.may import Given
from iacscan.names import NotHereError
from iacscan.questions import Question, answer
from iacscan.testing import world_of
from iacscan.value import Truth

ROOT = Path(__file__).parents[1]
PLAN = "examples/terraform/all-nine-tips/plan.json"

USER = """
resource "aws_iam_user" "ada" {
  name = "ada"
  tags = { team = "mills" }
}
"""
ROLE = """
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
"""
BUCKET = """
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
"""


def own(*statements, name="ada"):
    return f"""
resource "aws_iam_user_policy" "{name}" {{
  user   = aws_iam_user.ada.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})
}}
"""


def policy(*statements):
    return f"""
resource "aws_s3_bucket_policy" "logs" {{
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})
}}
"""


READ = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::logs/*" }'
WITH_MFA = (
    '{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::logs/*",'
    ' Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }'
)
NO_SECRETS = '{ Effect = "Deny", Action = "s3:*", Resource = "arn:aws:s3:::logs/secret/*" }'
CLOSED = '{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "arn:aws:s3:::logs/secret/*" }'
PARTNER = (
    '{ Sid = "Partner", Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" },'
    ' Action = "s3:GetObject", Resource = "arn:aws:s3:::logs/*" }'
)
EVERYBODY = '{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::logs/*" }'


def asked(terraform, ask, *words, **given):
    names = {"can": ("principal", "action", "resource"), "who": ("action", "resource"), "escalates": ("principal",)}
    parts = dict(zip(names.get(ask.replace("cannot", "can"), ()), words, strict=False))
    held = {key.replace("__", ":").lower(): (value,) for key, value in given.items() if value is not None}
    absent = frozenset(key.replace("__", ":").lower() for key, value in given.items() if value is None)
    return answer(world_of(terraform).access, Question(ask=ask, **parts, given=Given(held, absent)))


def truth(terraform, ask, *words, **given):
    return asked(terraform, ask, *words, **given).truth


# -- one request ----------------------------------------------------------------------------------------------------


def test_yes_names_the_statement_and_the_block_that_it_stands_in():
    found = asked(USER + own(READ), "can", "user/ada", "s3:GetObject", "bucket/logs/x")

    assert found.truth is Truth.YES
    assert [(item.layer, item.origin.address) for item in found.said] == [
        ("identity policies", "aws_iam_user_policy.ada")
    ]


def test_what_nothing_allows_is_no_and_cannot_is_its_contrary():
    assert truth(USER + own(READ), "can", "user/ada", "s3:PutObject", "bucket/logs/x") is Truth.NO
    assert truth(USER + own(READ), "cannot", "user/ada", "s3:PutObject", "bucket/logs/x") is Truth.YES


@pytest.mark.parametrize("name", ["user/ada", "aws_iam_user.ada", "USER/Ada", "arn:aws:iam::111122223333:user/ada"])
def test_a_principal_is_found_by_name_address_and_arn(name):
    assert truth(USER + own(READ), "can", name, "s3:GetObject", "bucket/logs/x") is Truth.YES


@pytest.mark.parametrize("resource", ["aws_s3_bucket.logs/x", "bucket/logs/x", "arn:aws:s3:::logs/x"])
def test_a_resource_is_found_by_address_name_and_arn(resource):
    source = USER + BUCKET + own(READ) + policy(CLOSED)
    assert truth(source, "can", "user/ada", "s3:GetObject", resource) is Truth.YES
    assert truth(source, "can", "user/ada", "s3:GetObject", resource.replace("/x", "/secret/x")) is Truth.NO


def test_a_condition_key_that_is_not_given_leaves_it_open_and_is_named():
    found = asked(USER + own(WITH_MFA), "can", "user/ada", "s3:GetObject", "bucket/logs/x")

    assert found.truth is Truth.UNKNOWN
    assert found.keys == ("aws:MultiFactorAuthPresent",)


@pytest.mark.parametrize(("value", "expected"), [("true", Truth.YES), ("false", Truth.NO), (None, Truth.NO)])
def test_a_condition_key_that_is_given_decides(value, expected):
    given = {"aws__MultiFactorAuthPresent": value}
    assert truth(USER + own(WITH_MFA), "can", "user/ada", "s3:GetObject", "bucket/logs/x", **given) is expected


def test_the_tags_of_a_user_are_known():
    tagged = READ.replace(" }", ', Condition = { StringEquals = { "aws:PrincipalTag/team" = "%s" } } }')
    for team, expected in (("mills", Truth.YES), ("other", Truth.NO)):
        assert truth(USER + own(tagged % team), "can", "user/ada", "s3:GetObject", "bucket/logs/x") is expected


def test_a_key_that_every_request_has_cannot_be_taken_away():
    with pytest.raises(UsageError, match="aws:username"):
        asked(USER + own(READ), "can", "user/ada", "s3:GetObject", "bucket/logs/x", aws__username=None)


def test_a_policy_whose_holder_is_not_known_may_be_the_askers():
    adrift = """
variable "holder" { type = string }
resource "aws_iam_user_policy" "adrift" {
  user   = var.holder
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
"""
    assert truth(USER + adrift, "can", "user/ada", "s3:PutObject", "bucket/logs/x") is Truth.UNKNOWN
    assert (
        truth(USER + adrift, "can", "user/ada", "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q") is Truth.NO
    )


# -- questions that make no sense -----------------------------------------------------------------------------------


def test_a_name_that_is_not_there_is_an_error_that_offers_others():
    with pytest.raises(NotHereError, match="user/ada"):
        asked(USER, "cannot", "user/adda", "s3:GetObject", "bucket/logs/x")


def test_an_action_that_does_not_work_on_the_resource_is_an_error():
    """Nothing ever allows to get a bucket as an object: `cannot` would hold for the wrong reason."""
    with pytest.raises(UsageError, match="does not work on"):
        asked(USER, "cannot", "user/ada", "s3:GetObject", "bucket/logs")


@pytest.mark.parametrize("action", ["s3:GetObjec", "s3:Gte*", "nothing:Do"])
def test_an_action_that_there_is_not_is_an_error(action):
    with pytest.raises(UsageError, match="action"):
        asked(USER, "cannot", "user/ada", action, "bucket/logs/x")


def test_a_name_that_two_have_is_an_error():
    two = USER + ROLE + ROLE.replace('"deploy" {', '"other" {')
    with pytest.raises(UsageError, match=r"aws_iam_role\.deploy or aws_iam_role\.other"):
        asked(two, "can", "role/deploy", "s3:GetObject", "bucket/logs/x")


# -- wildcards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "all_of_it", "some_of_it"),
    [
        ((READ,), Truth.YES, Truth.YES),
        ((READ, NO_SECRETS), Truth.NO, Truth.YES),
        ((NO_SECRETS,), Truth.NO, Truth.NO),
        ((WITH_MFA,), Truth.UNKNOWN, Truth.UNKNOWN),
    ],
)
def test_can_asks_for_all_that_a_wildcard_matches_and_cannot_for_any(statements, all_of_it, some_of_it):
    source = USER + own(*statements)
    assert truth(source, "can", "user/ada", "s3:GetObject", "bucket/logs/*") is all_of_it
    assert truth(source, "cannot", "user/ada", "s3:GetObject", "bucket/logs/*") is ~some_of_it


def test_no_for_all_of_it_shows_a_request_that_is_refused():
    found = asked(USER + own(READ, NO_SECRETS), "can", "user/ada", "s3:GetObject", "bucket/logs/*")

    action, resource = found.example
    assert action == "s3:GetObject"
    assert resource.startswith("arn:aws:s3:::logs/secret/")


def test_a_deny_in_the_policy_of_the_bucket_counts_for_all_of_it():
    source = USER + BUCKET + own(READ) + policy(CLOSED)
    assert truth(source, "can", "user/ada", "s3:GetObject", "bucket/logs/*") is Truth.NO
    assert truth(source, "can", "user/ada", "s3:GetObject", "bucket/logs/public/*") is Truth.YES


def test_a_boundary_counts_for_all_of_it_and_for_any():
    bounded = USER.replace("tags", 'permissions_boundary = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"\n  tags')
    assert truth(bounded + own(READ), "can", "user/ada", "s3:GetObject", "bucket/logs/*") is Truth.NO
    assert truth(bounded + own(READ), "cannot", "user/ada", "s3:*", "bucket/logs/*") is Truth.YES


def test_a_key_that_is_given_counts_for_all_of_it():
    given = {"aws__MultiFactorAuthPresent": "true"}
    assert truth(USER + own(WITH_MFA), "can", "user/ada", "s3:GetObject", "bucket/logs/*", **given) is Truth.YES


def test_a_condition_on_the_account_of_the_resource_is_not_lost():
    elsewhere = READ.replace(" }", ', Condition = { StringEquals = { "aws:ResourceAccount" = "444455556666" } } }')
    every = elsewhere.replace("arn:aws:s3:::logs/*", "*")
    assert truth(USER + own(every), "cannot", "user/ada", "s3:GetObject", "*") is Truth.UNKNOWN
    given = {"aws__ResourceAccount": "444455556666"}
    assert truth(USER + own(every), "cannot", "user/ada", "s3:GetObject", "*", **given) is Truth.NO


def test_variables_stand_for_the_asker():
    home = READ.replace("logs/*", "logs/$${aws:username}/*")
    assert truth(USER + own(home), "can", "user/ada", "s3:GetObject", "bucket/logs/ada/*") is Truth.YES
    assert truth(USER + own(home), "cannot", "user/ada", "s3:GetObject", "bucket/logs/bob/*") is Truth.YES


# -- those from outside ---------------------------------------------------------------------------------------------


def test_an_account_that_the_bucket_names_may_read_and_others_may_not():
    source = BUCKET + policy(PARTNER)
    assert truth(source, "can", "444455556666", "s3:GetObject", "bucket/logs/x") is Truth.YES
    assert truth(source, "can", "777788889999", "s3:GetObject", "bucket/logs/x") is Truth.NO
    assert truth(source, "can", "anyone", "s3:GetObject", "bucket/logs/x") is Truth.NO


def test_a_service_is_let_in_by_the_trust_policy_alone():
    assert truth(ROLE, "can", "lambda.amazonaws.com", "sts:AssumeRole", "role/deploy") is Truth.YES
    assert truth(ROLE, "can", "ec2.amazonaws.com", "sts:AssumeRole", "role/deploy") is Truth.NO


def test_an_account_stands_for_all_its_principals():
    """The policy lets one of its roles in: which, the question does not say."""
    one = PARTNER.replace(
        "Action =", 'Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::444455556666:role/x" } }, Action ='
    )
    found = asked(BUCKET + policy(one), "can", "444455556666", "s3:GetObject", "bucket/logs/x")
    assert (found.truth, found.keys) == (Truth.UNKNOWN, ("aws:PrincipalArn",))
    role = "arn:aws:iam::444455556666:role/x"
    assert truth(BUCKET + policy(one), "can", role, "s3:GetObject", "bucket/logs/x") is Truth.YES


def test_a_group_stands_for_all_its_members():
    home = READ.replace("logs/*", "logs/$${aws:username}/*")
    group = """
resource "aws_iam_group" "all" {
  name = "all"
}
resource "aws_iam_group_policy" "all" {
  group  = aws_iam_group.all.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
"""
    found = asked(group % home, "can", "group/all", "s3:GetObject", "bucket/logs/bob/x")
    assert (found.truth, found.keys) == (Truth.UNKNOWN, ("aws:username",))


def test_who_lists_those_in_the_input_and_those_whom_the_bucket_names():
    found = asked(USER + BUCKET + own(READ) + policy(PARTNER), "who", "s3:GetObject", "bucket/logs/x")

    assert [(item.name, item.truth) for item in found.found] == [
        ("aws_iam_user.ada", Truth.YES),
        ("account 444455556666", Truth.YES),
    ]


BLOCK = """
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = %(on)s
  ignore_public_acls      = %(on)s
  block_public_policy     = %(on)s
  restrict_public_buckets = %(on)s
}
"""


@pytest.mark.parametrize(("on", "expected"), [("false", Truth.YES), ("true", Truth.NO)])
def test_a_public_access_block_decides_about_strangers(on, expected):
    source = BUCKET + policy(EVERYBODY) + BLOCK % {"on": on}
    assert truth(source, "can", "anyone", "s3:GetObject", "bucket/logs/x") is expected
    assert truth(source, "public") is expected


def test_an_acl_lets_strangers_list():
    open_ = """
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "ObjectWriter" }
}
resource "aws_s3_bucket_acl" "logs" {
  bucket = aws_s3_bucket.logs.id
  acl    = "public-read"
}
"""
    source = BUCKET + BLOCK % {"on": "false"} + open_
    assert truth(source, "can", "anyone", "s3:ListBucket", "bucket/logs") is Truth.YES
    assert truth(source, "can", "anyone", "s3:PutObject", "bucket/logs/x") is Truth.NO


def test_who_is_unknown_where_a_module_could_not_be_read():
    missing = 'module "more" { source = "./nowhere" }\n'
    assert truth(USER, "who", "s3:PutObject", "bucket/logs/x") is Truth.NO
    assert truth(USER + missing, "who", "s3:PutObject", "bucket/logs/x") is Truth.UNKNOWN
    assert truth(USER + missing, "can", "user/ada", "s3:PutObject", "bucket/logs/x") is Truth.UNKNOWN


# -- escalation -----------------------------------------------------------------------------------------------------


def test_escalates_tells_the_way_and_the_statement():
    attach = '{ Effect = "Allow", Action = "iam:AttachUserPolicy", Resource = "*" }'
    found = asked(USER + own(attach), "escalates", "user/ada")

    assert found.truth is Truth.YES
    assert "iam:AttachUserPolicy" in found.found[0].because
    assert found.found[0].said[0].origin.address == "aws_iam_user_policy.ada"
    assert truth(USER + own(READ), "escalates") is Truth.NO


# -- templates ------------------------------------------------------------------------------------------------------

TEMPLATE = """
Parameters:
  Stage: { Type: String }
Conditions:
  IsTest: !Equals [!Ref Stage, test]
Resources:
  Reader:
    Type: AWS::IAM::User
    Properties:
      UserName: ada
      Policies:
        - PolicyName: always
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{ Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::logs/*" }]
  Writer:
    Type: AWS::IAM::UserPolicy
    Condition: IsTest
    Properties:
      UserName: !Ref Reader
      PolicyName: sometimes
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::logs/*" }]
"""


@pytest.mark.parametrize(
    ("action", "expected"), [("s3:GetObject", Truth.YES), ("s3:PutObject", Truth.UNKNOWN), ("s3:ListBucket", Truth.NO)]
)
def test_the_answer_about_a_template_holds_however_its_conditions_turn_out(tmp_path, action, expected):
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    resource = "bucket/logs" if action == "s3:ListBucket" else "bucket/logs/x"
    question = Question(ask="can", principal="Reader", action=action, resource=resource)
    assert answers.ask(answers.read([str(template)]), question).truth is expected


# -- the command ----------------------------------------------------------------------------------------------------


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "iacscan", "ask", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


CAN = ("--can", "user/newsletter-bot", "s3:GetObject")


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ((*CAN, "bucket/harbor-newsletter/bounces/x"), 0),
        ((*CAN, "bucket/harbor-newsletter/x"), 1),
        ((*CAN, "bucket/harbor-newsletter"), 2),
        (("--can", "user/nobody", "s3:GetObject", "bucket/harbor-newsletter/x"), 2),
        ((*CAN, "aws_s3_bucket.catalogue/x", "--no-source"), 4),
        ((*CAN, "aws_s3_bucket.catalogue/x"), 0),
        (("--public",), 0),
        ((), 2),
        (("--public", "--escalates"), 2),
    ],
)
def test_the_exit_code_is_the_answer(question, code):
    done = run(PLAN, *question)
    assert done.returncode == code, done.stderr
    assert bool(done.stdout) is (code != 2)


def test_what_the_configuration_tells_of_the_account_counts(tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("assume: {account-public-access-block: true}\n")
    who = ("--who", "s3:GetObject", "aws_s3_bucket.catalogue/x", "--format", "json")
    public = run(PLAN, "--public").stdout
    blocked = run(PLAN, "--public", "--config", str(settings)).stdout
    assert "aws_s3_bucket.catalogue (bucket)" in public
    assert "aws_s3_bucket.catalogue (bucket)" not in blocked
    assert "aws_sqs_queue_policy.orders" in blocked
    assert run(PLAN, *who, "--config", str(tmp_path / "none.yaml")).returncode == 2


def test_an_input_that_cannot_be_read_is_no_answer(tmp_path):
    broken = tmp_path / "plan.json"
    broken.write_text('{"format_version": "1.2", ')
    done = run(str(broken), "--public")
    assert (done.returncode, done.stdout) == (3, "")
    assert str(broken) in done.stderr


def test_the_json_holds_what_the_text_says():
    done = run(PLAN, *CAN, "bucket/harbor-newsletter/bounces/x", "--format", "json")
    found = json.loads(done.stdout)

    assert (found["schema"], found["answer"]) == ("urn:iacscan:answer:1", "yes")
    (said,) = found["inputs"][0]["statements"]
    assert said["address"] == 'aws_iam_user_policy.newsletter["bounces"]'
    assert json.loads(said["text"])["Action"] == "s3:GetObject"


def test_context_is_given_as_key_and_value():
    assert run(PLAN, "--public", "--context", "aws:SourceIp").returncode == 2
    both = ("--context", "aws:SourceIp=192.0.2.1", "--without", "AWS:SOURCEIP")
    assert run(PLAN, *CAN, "bucket/harbor-newsletter/bounces/x", *both).returncode == 2
