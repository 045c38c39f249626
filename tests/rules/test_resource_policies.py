"""Deeper cases of the rules on resource policies."""

import json

import pytest

from iacscan.access import Access
from iacscan.finding import Origin, Severity, Undecided, Violation
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.model.iam import Role
from iacscan.model.organizations import Organization
from iacscan.model.workload import ResourcePolicy
from iacscan.policy.document import parse
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
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
        ("aws_backup_vault_policy", "backup_vault_name", "backup:CopyIntoBackupVault", Severity.CRITICAL),
        ("aws_cloudwatch_event_bus_policy", "event_bus_name", "events:PutEvents", Severity.CRITICAL),
    ],
)
def test_what_can_be_written_weighs_more(type_, argument, action, expected):
    assert severity("IAM611", policy(type_, argument, EVERYONE | {"Action": action})) is expected


@pytest.mark.parametrize(
    ("type_", "argument"),
    [("aws_dynamodb_resource_policy", "resource_arn"), ("aws_s3_directory_bucket_policy", "bucket")],
)
def test_a_public_policy_that_aws_refuses_only_breaks_the_apply(type_, argument):
    terraform = policy(type_, argument, EVERYONE | {"Action": "*"})
    (verdict,) = verdicts("IAM611", terraform)
    assert verdict.severity is Severity.MEDIUM
    assert verdict.message.startswith("the apply fails")


def test_a_public_policy_of_an_access_point_that_is_elsewhere_may_be_refused():
    (found,) = verdicts(
        "IAM611", policy("aws_s3control_access_point_policy", "access_point_arn", EVERYONE | {"Action": "*"})
    )
    assert isinstance(found, Undecided)


@pytest.mark.parametrize(
    ("block", "fails"), [("", True), ("public_access_block {\n      block_public_policy = false\n    }", False)]
)
def test_a_multi_region_access_point_refuses_a_public_policy_unless_its_block_is_off(block, fails):
    terraform = """
resource "aws_s3control_multi_region_access_point" "m" {
  details {
    name = "m"
    region {
      bucket = "b"
    }
    %s
  }
}

resource "aws_s3control_multi_region_access_point_policy" "m" {
  details {
    name   = "m"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }] })
  }
}
"""
    (found,) = verdicts("IAM611", terraform % block)
    assert found.message.startswith("the apply fails") is fails


@pytest.mark.parametrize(("enabled", "expected"), [("true", Severity.HIGH), ("false", Severity.CRITICAL)])
def test_a_domain_with_users_of_its_own_is_one_level_less_severe(enabled, expected):
    terraform = policy(
        "aws_opensearch_domain_policy", "domain_name", EVERYONE | {"Action": "es:*"}, attribute="access_policies"
    )
    domain = """
resource "aws_opensearch_domain" "d" {
  domain_name = "x"
  advanced_security_options {
    enabled = %s
  }
}
"""
    assert severity("IAM611", domain % enabled + terraform) is expected


def test_a_domain_in_a_vpc_is_reached_from_there_though_its_policy_stands_apart():
    terraform = policy(
        "aws_opensearch_domain_policy", "domain_name", EVERYONE | {"Action": "es:*"}, attribute="access_policies"
    )
    domain = """
resource "aws_opensearch_domain" "d" {
  domain_name = "x"
  vpc_options {
    subnet_ids = ["subnet-1"]
  }
}
"""
    assert verdicts("IAM611", domain + terraform) == []


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


# -- IAM609: whose account it is ----------------------------------------------------------------------------------------

OWN = 'provider "aws" {\n  allowed_account_ids = ["111122223333"]\n}\n'


def queue(principal, **elements):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sqs:SendMessage", "Resource": "*"}
    return policy("aws_sqs_queue_policy", "queue_url", statement | elements)


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::127311923021:root",  # Elastic Load Balancing in us-east-1
        "arn:aws:iam::111122223333:role/own",
        "${data.aws_caller_identity.current.account_id}",
    ],
)
def test_accounts_of_aws_and_ones_own_are_no_strangers(principal):
    me = 'data "aws_caller_identity" "current" {}\n'
    assert verdicts("IAM609", OWN + me + queue(principal)) == []


def test_an_organization_whose_accounts_are_not_listed_may_have_any():
    organization = 'resource "aws_organizations_organization" "own" {}\n'
    (found,) = verdicts("IAM609", OWN + organization + queue("444455556666"))
    assert isinstance(found, Undecided)


def test_unknown_accounts_make_one_list_however_many_policies_name_them():
    first, second = queue("444455556666"), queue("777788889999").replace('"x" {', '"y" {')
    (found,) = verdicts("IAM609", first + second)
    assert found.evidence == ("444455556666", "777788889999")
    assert found.severity is Severity.INFO


def test_an_account_that_is_not_in_the_organization_is_somebody_elses():
    account = 'resource "aws_organizations_account" "shop" {\n  name = "shop"\n  email = "shop@example.com"\n}\n'
    (found,) = verdicts("IAM609", OWN + account + queue("444455556666"))
    assert isinstance(found, Violation)
    assert found.severity is Severity.HIGH


def test_the_accounts_of_an_organization_that_is_there_are_known():
    listed = Organization(
        origin=Origin("aws_organizations_organization.o", "aws_organizations_organization", account="aws"),
        members=("111122223333", "444455556666"),
    )
    sister, stranger = topic("create", "444455556666"), topic("create", "777788889999")
    assert judged("IAM609", organizations=(listed,), resource_policies=(sister,)) == []
    (found,) = judged("IAM609", organizations=(listed,), resource_policies=(stranger,))
    assert isinstance(found, Violation)


def test_control_of_a_bucket_is_told_by_the_rule_that_is_about_it():
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "444455556666"},
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::x",
    }
    terraform = OWN + policy("aws_s3_bucket_policy", "bucket", statement)
    assert verdicts("IAM609", terraform) == []
    assert len(verdicts("IAM615", terraform)) == 1


# -- IAM614: what the change does to those who are named -----------------------------------------------------------------

ROLE = "arn:aws:iam::111122223333:role/importer"


def judged(code, **objects):
    graph = Graph(Estate(**objects))
    return list(find_rule(code).check(World(graph.estate, graph, Access(graph))))


def topic(action, principal=ROLE):
    document = parse({"Statement": {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sns:Publish"}})
    origin = Origin("aws_sns_topic_policy.t", "aws_sns_topic_policy", account="aws", action=action)
    return ResourcePolicy(origin=origin, kind="sns-topic", attribute="policy", target="t", document=document)


def role(action, arn=ROLE):
    origin = Origin("aws_iam_role.importer", "aws_iam_role", account="aws", action=action)
    return Role(origin=origin, name="importer", arn=arn, trust=parse({"Statement": []}))


def test_a_role_that_the_change_deletes_must_not_stay_named():
    (found,) = judged("IAM614", resource_policies=(topic("update"),), removed_principals=(role("delete"),))
    assert found.related[0].origin.address == "aws_iam_role.importer"


@pytest.mark.parametrize(("written", "faults"), [("no-op", 1), ("update", 0), ("create", 0)])
def test_a_role_that_is_replaced_is_named_anew_only_where_the_policy_is_written(written, faults):
    assert len(judged("IAM614", resource_policies=(topic(written),), roles=(role("replace"),))) == faults


def test_a_role_of_the_same_name_in_another_account_is_another_role():
    other = role("replace", ROLE.replace("111122223333", "444455556666"))
    assert judged("IAM614", resource_policies=(topic("no-op"),), roles=(other,)) == []


# -- IAM613: sessions ---------------------------------------------------------------------------------------------------


def test_a_session_of_a_role_passes_its_boundary_and_the_role_does_not():
    base = """
resource "aws_iam_policy" "limit" {
  name   = "limit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}

resource "aws_iam_role" "importer" {
  name                 = "importer"
  permissions_boundary = aws_iam_policy.limit.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
    session = "arn:aws:sts::111122223333:assumed-role/importer/nightly"
    assert len(verdicts("IAM613", OWN + base + queue(session))) == 1
    assert verdicts("IAM613", OWN + base + queue(ROLE)) == []


@pytest.mark.parametrize(
    ("code", "terraform"),
    [
        ("IAM605", ("aws_sqs_queue_policy", "queue_url", "sqs:SendMessage")),
        ("IAM611", ("aws_media_store_container_policy", "container_name", "mediastore:GetObject")),
        ("IAM902", ("aws_s3_bucket_policy", "bucket", "s3:GetObject")),
    ],
)
def test_an_address_in_whichever_vpc_leaves_those_with_an_endpoint(code, terraform):
    type_, argument, action = terraform
    resource = "arn:aws:s3:::x/*" if code == "IAM902" else "*"
    statement = EVERYONE | {
        "Action": action,
        "Resource": resource,
        "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
    }
    (verdict,) = verdicts(code, policy(type_, argument, statement))
    assert "anyone who comes through a VPC endpoint of their own may" in verdict.message


@pytest.mark.parametrize(
    ("actions", "told"),
    [
        (["sqs:SendMessage", "sqs:SendMessageBatch"], "may call sqs:SendMessage on"),
        (["sqs:Send"], "may call sqs:send on"),
    ],
)
def test_nobody_can_call_what_aws_does_not_have(actions, told):
    (verdict,) = verdicts("IAM605", policy("aws_sqs_queue_policy", "queue_url", EVERYONE | {"Action": actions}))
    assert told in verdict.message
