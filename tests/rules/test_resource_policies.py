"""Deeper cases of the rules on resource policies."""

import json

import pytest

from iacscan.finding import Severity, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of


def policy(type_, argument, *statements, attribute="policy"):
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return f'resource "{type_}" "x" {{\n  {argument} = "x"\n  {attribute} = <<E\n{document}\nE\n}}\n'


def verdicts(code, terraform):
    return list(find_rule(code).check(world_of(terraform)))


def severity(code, terraform):
    rule = find_rule(code)
    (verdict,) = rule.check(world_of(terraform))
    assert isinstance(verdict, Violation)
    return rule.severity if verdict.severity is None else verdict.severity


EVERYONE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*"}


@pytest.mark.parametrize(
    ("type_", "argument", "action", "expected"),
    [
        ("aws_ecr_repository_policy", "repository", "ecr:BatchGetImage", Severity.HIGH),
        ("aws_ecr_repository_policy", "repository", "ecr:PutImage", Severity.CRITICAL),
        ("aws_dynamodb_resource_policy", "resource_arn", "dynamodb:GetItem", Severity.HIGH),
        ("aws_dynamodb_resource_policy", "resource_arn", "dynamodb:PutItem", Severity.CRITICAL),
        ("aws_backup_vault_policy", "backup_vault_name", "backup:CopyIntoBackupVault", Severity.CRITICAL),
        ("aws_cloudwatch_event_bus_policy", "event_bus_name", "events:PutEvents", Severity.CRITICAL),
    ],
)
def test_what_can_be_written_weighs_more(type_, argument, action, expected):
    assert severity("IAM611", policy(type_, argument, EVERYONE | {"Action": action})) is expected


def test_a_file_system_that_asks_for_a_mount_target_is_of_medium_severity():
    mounted = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    statement = EVERYONE | {"Action": "elasticfilesystem:ClientMount", "Condition": mounted}
    assert severity("IAM611", policy("aws_efs_file_system_policy", "file_system_id", statement)) is Severity.MEDIUM


@pytest.mark.parametrize("type_", ["aws_api_gateway_rest_api", "aws_vpc_endpoint"])
def test_what_is_expected_to_admit_everybody_is_left_alone(type_):
    assert verdicts("IAM611", policy(type_, "service_name", EVERYONE | {"Action": "execute-api:Invoke"})) == []


def test_a_deny_of_every_other_organization_closes_a_topic():
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*", "Condition": outside}
    assert verdicts("IAM605", policy("aws_sns_topic_policy", "arn", EVERYONE | {"Action": "sns:Publish"}, deny)) == []


def test_the_case_of_actions_and_keys_does_not_matter():
    own = {"stringequals": {"AWS:principalorgid": "o-a1b2c3d4e5"}}
    closed = EVERYONE | {"Action": "SNS:PUBLISH", "Condition": own}
    assert verdicts("IAM605", policy("aws_sns_topic_policy", "arn", closed)) == []


def test_notprincipal_is_told_once():
    statement = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "sqs:*",
        "Resource": "*",
    }
    terraform = policy("aws_sqs_queue_policy", "queue_url", statement)
    assert len(verdicts("IAM610", terraform)) == 1
    assert verdicts("IAM605", terraform) == []


def test_notprincipal_within_an_organization_is_of_medium_severity():
    statement = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    }
    assert severity("IAM610", policy("aws_sqs_queue_policy", "queue_url", statement)) is Severity.MEDIUM


@pytest.mark.parametrize(
    "provider",
    [
        'allowed_account_ids = ["111122223333"]',
        'assume_role {\n role_arn = "arn:aws:iam::111122223333:role/deploy"\n }',
    ],
)
def test_the_provider_says_which_account_is_the_own(provider):
    terraform = f'provider "aws" {{\n{provider}\n}}\n'
    grant = {"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::x"}
    own = grant | {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
    other = grant | {"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}
    assert verdicts("IAM615", terraform + policy("aws_s3_bucket_policy", "bucket", own)) == []
    assert severity("IAM615", terraform + policy("aws_s3_bucket_policy", "bucket", other)) is Severity.HIGH


CLOUDFRONT = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::x/*",
}


def test_any_distribution_may_read_without_a_source():
    assert severity("IAM608", policy("aws_s3_bucket_policy", "bucket", CLOUDFRONT)) is Severity.HIGH


def test_origin_access_control_is_neither_public_nor_for_anyone():
    distribution = "arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE"
    statement = CLOUDFRONT | {"Condition": {"StringEquals": {"aws:SourceArn": distribution}}}
    terraform = policy("aws_s3_bucket_policy", "bucket", statement)
    assert verdicts("IAM608", terraform) == []
    assert verdicts("IAM902", terraform) == []


PERMISSION = """
resource "aws_lambda_permission" "x" {
  function_name = "x"
  action        = "lambda:InvokeFunction"
  principal     = "s3.amazonaws.com"
  source_arn    = "arn:aws:s3:::uploads"
%s}
"""


def test_a_permission_for_calls_by_url_is_left_to_the_url():
    by_url = PERMISSION.replace('"s3.amazonaws.com"', '"*"') % "  invoked_via_function_url = true\n"
    assert verdicts("IAM606", by_url.replace('source_arn    = "arn:aws:s3:::uploads"', "")) == []


def test_a_bucket_alone_does_not_say_whose_it_is():
    assert severity("IAM606", PERMISSION % "") is Severity.LOW
    assert verdicts("IAM606", PERMISSION % '  source_account = "111122223333"\n') == []


def key(*statements):
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return f'resource "aws_kms_key" "x" {{\n  policy = <<E\n{document}\nE\n}}\n'


MANAGE = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "locked"),
    [
        ([MANAGE], False),
        ([{**MANAGE, "Action": ["kms:Decrypt", "kms:PutKeyPolicy"]}], False),
        ([{**MANAGE, "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}}], True),
        ([{**MANAGE, "Action": "kms:Decrypt"}], True),
        ([MANAGE, {**MANAGE, "Effect": "Deny", "Principal": "*", "Action": "kms:Put*"}], True),
        ([MANAGE, {**MANAGE, "Effect": "Deny", "Principal": "*",
                   "Condition": {"ArnNotLike": {"aws:PrincipalArn": "*:role/admin"}}}], False),
    ],
)  # fmt: skip
def test_a_key_is_lost_if_nobody_may_put_its_policy(statements, locked):
    assert bool(verdicts("IAM604", key(*statements))) is locked


def test_the_policy_of_a_bucket_is_about_this_bucket():
    def found(resource):
        statement = {**EVERYONE, "Action": "s3:GetObject", "Resource": resource}
        return verdicts("IAM616", policy("aws_s3_bucket_policy", "bucket", statement))

    assert found(["arn:aws:s3:::x/*", "arn:aws:s3:::x"]) == []
    assert found("*") == []
    assert [type(verdict) for verdict in found(["arn:aws:s3:::x/*", "arn:aws:s3:::y/*"])] == [Violation]


@pytest.mark.parametrize(("blocked", "expected"), [("true", Severity.MEDIUM), ("false", Severity.CRITICAL)])
def test_a_public_secret_policy_that_aws_is_asked_to_refuse_fails_the_apply(blocked, expected):
    public = policy(
        "aws_secretsmanager_secret_policy", "secret_arn", EVERYONE | {"Action": "secretsmanager:GetSecretValue"}
    )
    terraform = public.replace('secret_arn = "x"', f'secret_arn = "x"\n  block_public_policy = {blocked}')

    assert severity("IAM611", terraform) is expected


ADMITTING = """
resource "aws_lambda_permission" "%s" {
  function_name = "hook"
  action        = "lambda:%s"
  principal     = "*"
%s}
"""


def test_only_permissions_that_admit_everybody_by_url_are_named_beside_it():
    url = 'resource "aws_lambda_function_url" "hook" {\n  function_name = "hook"\n  authorization_type = "NONE"\n}\n'
    terraform = (
        url
        + ADMITTING % ("url", "InvokeFunctionUrl", '  function_url_auth_type = "NONE"\n')
        + ADMITTING % ("signed", "InvokeFunctionUrl", '  function_url_auth_type = "AWS_IAM"\n')
        + ADMITTING % ("topic", "InvokeFunction", '  source_arn = "arn:aws:sns:eu-west-1:111122223333:t"\n')
    )

    (verdict,) = verdicts("IAM607", terraform)

    assert [item.origin.address for item in verdict.related] == ["aws_lambda_permission.url"]
