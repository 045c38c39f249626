import pytest
from load.sam import expand

GET = "secretsmanager:GetSecretValue"


def rights(kind, properties):
    """Actions of the policies that a source brings into the role, with their resources."""
    _, blocks = expand(
        f"F: {{Type: AWS::Serverless::Function, Properties: {{Events: {{E: {{Type: {kind}, Properties: {{{properties}}}}}}}}}}}"
    )
    found = [policy["PolicyDocument"]["Statement"] for policy in blocks["FRole"].get("Policies")]
    return [(item["Action"], item["Resource"]) for statements in found for item in statements]


def access(*pairs):
    return "SourceAccessConfigurations: [" + ", ".join(f"{{Type: {kind}, URI: {uri}}}" for kind, uri in pairs) + "]"


def test_a_broker_is_described_and_its_secret_read():
    found = rights("MQ", f"Broker: b, {access(('BASIC_AUTH', 's'), ('VIRTUAL_HOST', '/'))}, SecretsManagerKmsKeyId: k")
    key = "arn:⟦AWS::Partition⟧:kms:⟦AWS::Region⟧:⟦AWS::AccountId⟧:key/k"
    assert found == [(GET, "s"), ("mq:DescribeBroker", "b"), ("kms:Decrypt", key)]


@pytest.mark.parametrize(
    ("configured", "found"),
    [
        ([("SASL_SCRAM_512_AUTH", "s"), ("SERVER_ROOT_CA_CERTIFICATE", "c")], [(GET, "s"), (GET, "c")]),
        ([("VPC_SUBNET", "a")], []),
    ],
)
def test_kafkas_secrets_are_read(configured, found):
    assert rights("SelfManagedKafka", access(*configured)) == found


def test_kafka_in_a_network_takes_interfaces():
    ((actions, resource),) = rights("SelfManagedKafka", access(("VPC_SUBNET", "a"), ("VPC_SECURITY_GROUP", "b")))
    assert ("ec2:CreateNetworkInterface" in actions, resource) == (True, "*")


def test_a_schema_registry_is_read():
    where = "arn:aws:glue:us-east-1:123456789012:registry/r"
    found = rights(
        "MSK",
        f"Stream: s, SchemaRegistryConfig: {{AccessConfigs: [{{Type: BASIC_AUTH, URI: s}}], SchemaRegistryURI: '{where}'}}",
    )
    schemas = "arn:⟦AWS::Partition⟧:glue:⟦AWS::Region⟧:⟦AWS::AccountId⟧:schema/r/*"
    assert found == [(GET, "s"), ("glue:GetRegistry", where), ("glue:GetSchemaVersion", schemas)]


def test_a_registry_that_is_none_of_glues_takes_nothing():
    assert rights("MSK", "Stream: s, SchemaRegistryConfig: {SchemaRegistryURI: 'https://example.com'}") == []


def test_a_cluster_of_documents_is_described():
    actions = [action for action, _ in rights("DocumentDB", f"Cluster: c, {access(('BASIC_AUTH', 's'))}")]
    assert actions[:4] == [
        GET,
        "rds:DescribeDBClusterParameters",
        "rds:DescribeDBSubnetGroups",
        "rds:DescribeDBClusters",
    ]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("SQS", [("sqs:SendMessage", "d")]),
        ("SNS", [("sns:Publish", "d")]),
        ("S3", [("s3:ListBucket", "d"), ("s3:PutObject", "d/*")]),
        ("Kafka", []),
    ],
)
def test_what_fails_is_delivered_by_the_functions_role(kind, found):
    assert rights("Kinesis", f"Stream: s, DestinationConfig: {{OnFailure: {{Type: {kind}, Destination: d}}}}") == found
