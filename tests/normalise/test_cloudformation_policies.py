"""Policies that stand where only CloudFormation has them, and what the parts of one resource refer to."""

import json

import pytest

from iacscan.access import Access
from iacscan.graph import Graph
from iacscan.load.cloudformation import load_template
from iacscan.model.estate import Estate
from iacscan.normalise import normalise
from iacscan.normalise.cloudformation.respell import respelled
from iacscan.policy.document import PolicyDocument
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
from iacscan.value import Reference

STAR = '{Version: "2012-10-17", Statement: [{Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "*"}]}'


def load(resources: str):
    text = "Resources:\n" + "\n".join(f"  {line}" for line in resources.strip("\n").splitlines())
    return load_template("template.yaml", text.encode())


def read(resources: str) -> Estate:
    return normalise(load(resources))[1]


def run(code: str, resources: str):
    estate = read(resources)
    graph = Graph(estate)
    return list(find_rule(code).check(World(estate, graph, Access(graph))))


@pytest.mark.parametrize(
    ("type_", "properties", "kind"),
    [
        ("AIOps::InvestigationGroup", f"InvestigationGroupPolicy: {STAR}", "investigation-group"),
        ("Bedrock::KnowledgeBasePolicy", f"KnowledgeBaseId: KB1, PolicyDocument: {STAR}", "bedrock"),
        ("Comprehend::DocumentClassifier", f"ModelPolicy: {STAR}", "comprehend-model"),
        ("Comprehend::EntityRecognizer", f"ModelPolicy: {STAR}", "comprehend-model"),
        (
            "Logs::DeliveryDestination",
            f"DeliveryDestinationPolicy: {{DeliveryDestinationName: d, DeliveryDestinationPolicy: {STAR}}}",
            "log-delivery-destination",
        ),
        ("ApiGateway::RestApi", f"Body: {{x-amazon-apigateway-policy: {STAR}}}", "rest-api"),
        ("MediaTailor::ChannelPolicy", f"ChannelName: c, Policy: {STAR}", "media-tailor-channel"),
        ("Omics::SequenceStore", f"S3AccessPolicy: {STAR}", "omics-sequence-store"),
        ("S3Outposts::AccessPoint", f"Policy: {STAR}", "s3-outposts-access-point"),
        (
            "DynamoDB::GlobalTable",
            f"Replicas: [{{ReplicaStreamSpecification: {{ResourcePolicy: {{PolicyDocument: {STAR}}}}}}}]",
            "dynamodb-stream",
        ),
    ],
)
def test_a_policy_of_a_resource_is_read_and_counted(type_: str, properties: str, kind: str):
    estate = read(f"It: {{Type: 'AWS::{type_}', Properties: {{{properties}}}}}")
    (policy,) = estate.resource_policies
    assert policy.kind == kind
    assert isinstance(policy.document, PolicyDocument)
    assert (estate.coverage.analysed, estate.coverage.unknown) == (1, ())


def test_a_policy_in_the_body_of_an_api_is_replaced_by_that_of_the_api():
    body = "{x-amazon-apigateway-policy: {Statement: []}}"
    api = f"It: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{Policy: {STAR}, Body: {body}}}}}"
    assert [policy.origin.address for policy in read(api).resource_policies] == ["It"]


TEXT = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}'


@pytest.mark.parametrize(
    ("type_", "properties", "place"),
    [
        ("AWS::RolesAnywhere::Profile", f"SessionPolicy: '{TEXT}'", "SessionPolicy"),
        ("Custom::BucketPolicy", f"Policies: [{{Name: a}}, {{Name: b, Policy: {STAR}}}]", "Policies[1].Policy"),
        ("Custom::AWS", f"Create: {json.dumps(json.dumps({'parameters': {'Policy': TEXT}}))}", "Create"),
        ("AWS::SQS::Queue", f"Policy: {STAR}", "Policy"),
    ],
)
def test_a_policy_that_no_table_names_is_counted_as_not_known(type_: str, properties: str, place: str):
    estate = read(f"It: {{Type: '{type_}', Properties: {{{properties}}}}}")
    assert estate.coverage.unknown == ((f"It.{place}", f"policies of {type_} are not judged"),)
    assert (estate.coverage.analysed, estate.resource_policies) == (0, ())


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::IAM::Policy", f"PolicyName: p, Roles: [r], PolicyDocument: {STAR}"),
        ("AWS::SSM::Parameter", f"Value: '{TEXT}'"),
        ("AWS::CloudFormation::StackSet", f"""TemplateBody: '{{"Resources": {{}}, "Metadata": {TEXT}}}'"""),
        ("AWS::SNS::Topic", "DataProtectionPolicy: {Statement: [{Operation: {Deny: {}}}]}"),
        ("AWS::SSM::Document", "Content: {schemaVersion: '0.3', description: 'the Effect of a Statement'}"),
        ("Custom::It", "Text: 'Statement and Effect, but not in JSON'"),
    ],
)
def test_what_is_no_policy_or_is_read_elsewhere_is_not_counted_as_unread(type_: str, properties: str):
    estate = read(f"It: {{Type: '{type_}', Properties: {{{properties}}}}}")
    assert not any("not judged" in because for _, because in estate.coverage.unknown)


def test_an_access_point_on_an_outpost_answers_only_inside_its_network():
    (policy,) = read(f"It: {{Type: 'AWS::S3Outposts::AccessPoint', Properties: {{Policy: {STAR}}}}}").resource_policies
    assert policy.network_bound


FLOOR = """
Store: {{Type: 'AWS::S3::Bucket'}}
Floor:
  Type: AWS::S3::BucketPolicy
  Properties:
    Bucket: !Ref Store
    PolicyDocument:
      Version: '2012-10-17'
      Statement:
        Effect: Deny
        Principal: '*'
        Action: 's3:*'
        Resource: [!Sub 'arn:{0}:s3:::${{Store}}', !Sub 'arn:{0}:s3:::${{Store}}/*']
        Condition: {{Bool: {{'aws:SecureTransport': false}}}}
"""


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn", "${AWS::Partition}"])
def test_a_template_that_names_one_partition_is_for_that_one(partition: str):
    assert run("IAM602", FLOOR.format(partition)) == []


def test_a_template_that_names_two_partitions_is_for_the_usual_one():
    mixed = FLOOR.format("aws-cn") + "Other: {Type: 'Custom::It', Properties: {Topic: 'arn:aws:sns:::x'}}"
    (bucket,) = read(mixed).buckets
    assert bucket.arn == "arn:aws:s3:::⟦aws_s3_bucket.Store⟧"


@pytest.mark.parametrize(("state", "public"), [("unblocked", True), ("block-all-sharing", False)])
def test_the_guard_of_snapshots_is_one_in_a_template_too(state: str, public: bool):
    (share,) = read(f"It: {{Type: 'AWS::EC2::SnapshotBlockPublicAccess', Properties: {{State: {state}}}}}").shares
    assert (share.what, share.public) == ("snapshot-guard", public)


@pytest.mark.parametrize(("groups", "public"), [("[all]", True), ("[]", False)])
def test_an_image_that_a_pipeline_gives_to_everybody_is_public(groups: str, public: bool):
    to = f"{{LaunchPermissionConfiguration: {{UserGroups: {groups}}}}}"
    places = f"[{{Region: eu-west-1}}, {{Region: eu-west-2, AmiDistributionConfiguration: {to}}}]"
    it = f"It: {{Type: 'AWS::ImageBuilder::DistributionConfiguration', Properties: {{Distributions: {places}}}}}"
    assert [(share.what, share.public) for share in read(it).shares] == [("image", public)]


KEPT = """
User: {Type: 'AWS::IAM::User'}
Key: {Type: 'AWS::IAM::AccessKey', Properties: {UserName: !Ref User}}
Store: {Type: 'AWS::SecretsManager::Secret', Properties: {SecretString: !Sub '${Key}:${Key.SecretAccessKey}'}}
"""


def test_what_a_part_belongs_to_is_all_that_its_owner_attribute_refers_to():
    (version,) = (
        block for block in respelled(load(KEPT)).after.blocks if block.type == "aws_secretsmanager_secret_version"
    )
    assert version.references("secret_id") == (Reference("aws_secretsmanager_secret.Store", "id"),)
    assert {reference.attribute for reference in version.references("secret_string")} == {"id", "secret"}


def test_a_key_that_is_kept_is_told_once():
    (verdict,) = run("IAM203", KEPT)
    assert len(verdict.evidence) == len(set(verdict.evidence)) == 2


FUNCTION = """
Role:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ManagedPolicyArns: [%s]
    Policies: [%s]
"""
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
QUEUE = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
LOGS = '{PolicyName: logs, PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "logs:PutLogEvents", Resource: "*"}]}}'


@pytest.mark.parametrize(
    ("attached", "inline", "told"),
    [
        (f"'{BASIC}', '{QUEUE}'", "", []),
        (f"'{BASIC}', '{POWER}'", "", []),
        (f"'{QUEUE}'", LOGS, ["inline policy logs"]),
    ],
)
def test_what_every_function_gets_is_not_taken_for_a_limit(attached: str, inline: str, told: list[str]):
    found = run("IAM305", FUNCTION % (attached, inline))
    assert [verdict.message.partition(" lets ")[0] for verdict in found] == told


@pytest.mark.parametrize(("tag", "told"), [("lambda:createdBy", 0), ("owner", 1)])
def test_policies_that_sam_writes_are_not_scattered_by_anybody(tag: str, told: int):
    policies = ", ".join(LOGS.replace("logs,", f"p{number},") for number in range(4))
    text = FUNCTION % ("", policies) + f"    Tags: [{{Key: '{tag}', Value: SAM}}]\n"
    assert len(run("IAM302", text)) == told


MADE = """
Json: {Type: 'Custom::AWSCDKCfnJson', Properties: {ServiceToken: x, Value: '%s'}}
Role:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - {Effect: Allow, Principal: {AWS: '*'}, Action: 'sts:AssumeRole', Condition: {StringEquals: !GetAtt Json.Value}}
"""


def test_conditions_that_the_cdk_hands_over_as_json_are_read():
    (role,) = read(MADE % '{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}').roles
    assert isinstance(role.trust, PolicyDocument)
    ((condition,),) = (statement.conditions for statement in role.trust.statements)
    assert (condition.key, condition.values) == ("aws:PrincipalOrgID", ("o-a1b2c3d4e5",))


@pytest.mark.parametrize("text", ["not JSON", '{"a": '])
def test_what_is_no_json_stays_unknown(text: str):
    estate = read(MADE % text)
    assert (estate.coverage.analysed, estate.coverage.partial) == (0, 1)
