"""Who gets in, for every type of resource whose policy Access Analyzer can check for public access.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoPublicAccess.html
"""

import pytest

from iacscan.policy.document import parse
from iacscan.policy.public import SURFACES, TRUST, Level, reach, surface_of
from iacscan.value import Truth

# AWS's name of the type; the kind of resource that the model calls it; an action; whether unsigned requests are answered.
TYPES = [
    ("AWS::DynamoDB::Table", "dynamodb-table", "dynamodb:GetItem", False),
    ("AWS::DynamoDB::Stream", "dynamodb-stream", "dynamodb:GetRecords", False),
    ("AWS::EFS::FileSystem", "efs-file-system", "elasticfilesystem:ClientMount", True),
    ("AWS::OpenSearchService::Domain", "opensearch-domain", "es:ESHttpGet", True),
    ("AWS::Kinesis::Stream", "kinesis-stream", "kinesis:GetRecords", False),
    ("AWS::Kinesis::StreamConsumer", "kinesis-consumer", "kinesis:SubscribeToShard", False),
    ("AWS::KMS::Key", "kms-key", "kms:Decrypt", False),
    ("AWS::Lambda::Function", "lambda-function", "lambda:InvokeFunction", False),
    ("AWS::S3::Bucket", "s3", "s3:GetObject", True),
    ("AWS::S3::AccessPoint", "s3-access-point", "s3:GetObject", True),
    ("AWS::S3Express::DirectoryBucket", "s3-directory-bucket", "s3express:CreateSession", False),
    ("AWS::S3Express::AccessPoint", "s3-directory-access-point", "s3express:CreateSession", False),
    ("AWS::S3::Glacier", "glacier-vault", "glacier:GetJobOutput", True),
    ("AWS::S3Outposts::Bucket", "s3-outposts-bucket", "s3-outposts:GetObject", False),
    ("AWS::S3Outposts::AccessPoint", "s3-outposts-access-point", "s3-outposts:GetObject", False),
    ("AWS::SecretsManager::Secret", "secret", "secretsmanager:GetSecretValue", False),
    ("AWS::SNS::Topic", "sns-topic", "sns:Publish", True),
    ("AWS::SQS::Queue", "sqs-queue", "sqs:SendMessage", True),
    ("AWS::IAM::AssumeRolePolicyDocument", "trust", "sts:AssumeRole", False),
    ("AWS::S3Tables::TableBucket", "s3-table-bucket", "s3tables:GetTableData", False),
    ("AWS::S3Tables::Table", "s3-table", "s3tables:GetTableData", False),
    ("AWS::ApiGateway::RestApi", "rest-api", "execute-api:Invoke", True),
    ("AWS::CodeArtifact::Domain", "codeartifact-domain", "codeartifact:GetAuthorizationToken", False),
    ("AWS::Backup::BackupVault", "backup-vault", "backup:CopyIntoBackupVault", False),
    ("AWS::CloudTrail::Dashboard", "cloudtrail-dashboard", "cloudtrail:StartDashboardRefresh", False),
    ("AWS::CloudTrail::EventDataStore", "cloudtrail-event-data-store", "cloudtrail:StartQuery", False),
]
every_type = pytest.mark.parametrize(
    ("kind", "action", "unsigned"), [row[1:] for row in TYPES], ids=[row[0] for row in TYPES]
)


def graded(kind, action, **elements):
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*", **elements}
    found = reach(parse({"Version": "2012-10-17", "Statement": [statement]}).statements[0], surface_of(kind))
    assert found.truth is Truth.YES
    return found.level


def when(operator, key, value):
    return {"Condition": {operator: {key: value}}}


@every_type
def test_a_star_admits_anyone_where_unsigned_requests_are_answered_and_any_account_elsewhere(kind, action, unsigned):
    expected = Level.ANYONE if unsigned else Level.AUTHENTICATED
    assert graded(kind, action) is expected
    assert graded(kind, action, Principal={"AWS": "*"}) is expected


@every_type
def test_an_organization_is_told_from_the_world(kind, action, unsigned):  # noqa: ARG001  # as far as any other
    found = graded(kind, action, **when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))
    assert found is Level.ORGANIZATION


@every_type
def test_a_network_is_told_from_the_world(kind, action, unsigned):  # noqa: ARG001  # as far as any other
    assert graded(kind, action, **when("StringEquals", "aws:SourceVpce", "vpce-0a1b2c3d")) is Level.NETWORK
    assert graded(kind, action, **when("IpAddress", "aws:SourceIp", "203.0.113.0/24")) is Level.NETWORK


@every_type
def test_named_principals_are_told_from_the_world(kind, action, unsigned):  # noqa: ARG001  # as far as any other
    assert graded(kind, action, Principal={"AWS": "111122223333"}) is Level.NAMED
    assert (
        graded(kind, action, **when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*")) is Level.NAMED
    )


@every_type
def test_a_condition_that_the_caller_chooses_limits_nobody(kind, action, unsigned):
    expected = Level.ANYONE if unsigned else Level.AUTHENTICATED
    assert graded(kind, action, **when("Bool", "aws:SecureTransport", "true")) is expected
    assert graded(kind, action, **when("StringNotEquals", "aws:SourceVpce", "vpce-0a1b2c3d")) is expected


@pytest.mark.parametrize(
    ("kind", "condition", "level"),
    [
        ("kms-key", ("StringEquals", "kms:CallerAccount", "111122223333"), Level.NAMED),
        ("kms-key", ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"), Level.AUTHENTICATED),
        ("kms-key", ("StringEquals", "kms:EncryptionContext:app", "orders"), Level.AUTHENTICATED),
        ("sns-topic", ("StringEquals", "aws:SourceOwner", "111122223333"), Level.NAMED),
        ("sns-topic", ("StringEquals", "aws:SourceAccount", "111122223333"), Level.NAMED),
        ("sns-topic", ("StringEquals", "sns:Protocol", "https"), Level.ANYONE),
        ("sns-topic", ("StringLike", "sns:Endpoint", "*@example.com"), Level.ANYONE),
        ("lambda-function", ("StringEquals", "lambda:FunctionUrlAuthType", "NONE"), Level.AUTHENTICATED),
        ("lambda-function", ("StringEquals", "lambda:EventSourceToken", "amzn1.ask.skill.x"), Level.NAMED),
        ("lambda-function", ("ArnLike", "aws:SourceArn", "arn:aws:events:eu-west-1:111122223333:rule/x"), Level.NAMED),
        ("s3", ("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:111122223333:accesspoint/*"), Level.NAMED),
        ("s3-access-point", ("StringEquals", "s3:DataAccessPointAccount", "111122223333"), Level.ANYONE),
        ("s3-multi-region-access-point", ("StringEquals", "s3:DataAccessPointAccount", "111122223333"), Level.ANYONE),
        ("trust", ("StringEquals", "sts:ExternalId", "b7f1c9e2a4"), Level.AUTHENTICATED),
        ("efs-file-system", ("Bool", "elasticfilesystem:AccessedViaMountTarget", "true"), Level.ANYONE),
    ],
)
def test_keys_that_limit_callers_on_one_type_only(kind, condition, level):
    assert graded(kind, "*", **when(*condition)) is level


def test_what_is_reached_from_a_vpc_only_is_never_open_to_the_world():
    star = parse({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}).statements[0]
    for kind in ("opensearch-domain", "rest-api", "s3-outposts-bucket"):
        assert reach(star, surface_of(kind), network_bound=True).level is Level.NETWORK


def test_the_trust_policy_is_its_own_surface():
    assert surface_of("trust") is SURFACES["trust"] is TRUST
