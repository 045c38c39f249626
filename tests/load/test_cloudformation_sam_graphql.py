import pytest
from load.sam import expand

TRUSTED = {"Service": ["appsync.amazonaws.com"]}


def api(properties):
    return expand(f"G: {{Type: AWS::Serverless::GraphQLApi, Properties: {{Auth: {{Type: AWS_IAM}}, {properties}}}}}")


def test_it_is_evaluated():
    loaded, blocks = api("")
    assert loaded.unevaluated == ()
    assert blocks["G"].type == "AWS::AppSync::GraphQLApi"


@pytest.mark.parametrize(
    ("logging", "made", "role"),
    [
        ("", True, "⟦GCloudWatchRole.Arn⟧"),
        ("Logging: true", True, "⟦GCloudWatchRole.Arn⟧"),
        ("Logging: {FieldLogLevel: ERROR}", True, "⟦GCloudWatchRole.Arn⟧"),
        ("Logging: {CloudWatchLogsRoleArn: r}", False, "r"),
        ("Logging: false", False, None),
    ],
)
def test_it_logs_by_a_role_unless_it_is_told_not_to(logging, made, role):
    _, blocks = api(logging)
    assert ("GCloudWatchRole" in blocks) == made
    assert (blocks["G"].get("LogConfig") or {}).get("CloudWatchLogsRoleArn") == role


def test_the_ways_to_sign_in_are_kept_and_a_function_may_be_asked():
    _, blocks = expand("""
    G:
      Type: AWS::Serverless::GraphQLApi
      Properties:
        Auth:
          Type: API_KEY
          Additional: [{Type: AWS_IAM}, {Type: AWS_LAMBDA, LambdaAuthorizer: {AuthorizerUri: f}}]
        ApiKeys: {Key: {}}
    """)
    assert blocks["G"].get("AuthenticationType") == "API_KEY"
    assert blocks["G"].get("AdditionalAuthenticationProviders") == [
        {"AuthenticationType": "AWS_IAM"},
        {"AuthenticationType": "AWS_LAMBDA", "LambdaAuthorizerConfig": {"AuthorizerUri": "f"}},
    ]
    assert blocks["GKey"].type == "AWS::AppSync::ApiKey"
    permission = blocks["GToLambdaAuthConnector1WriteLambdaPermission"]
    assert (permission.get("FunctionName"), permission.get("Principal")) == ("f", "appsync.amazonaws.com")
    assert permission.get("SourceArn").endswith(":apis/⟦G.ApiId⟧")


def rights(blocks, connector):
    policy = blocks[f"{connector}Policy"]
    statements = policy.get("PolicyDocument")["Statement"]
    return policy.get("Roles"), {action for item in statements for action in item["Action"]}, statements[0]["Resource"]


def test_a_table_is_read_and_written_by_a_role_of_its_own():
    _, blocks = api("DataSources: {DynamoDb: {D: {TableName: t, Region: eu-west-1}}}")
    roles, actions, resources = rights(blocks, "GDDynamoDBDataSourceToTableConnector")
    assert roles == ["⟦GDDynamoDBDataSourceRole.Ref⟧"]
    assert {"dynamodb:GetItem", "dynamodb:PutItem"} <= actions
    assert resources[0] == "arn:⟦AWS::Partition⟧:dynamodb:eu-west-1:⟦AWS::AccountId⟧:table/t"
    assert blocks["GDDynamoDBDataSource"].get("ServiceRoleArn") == "⟦GDDynamoDBDataSourceRole.Arn⟧"
    (trust,) = blocks["GDDynamoDBDataSourceRole"].get("AssumeRolePolicyDocument")["Statement"]
    assert trust["Principal"] == TRUSTED


def test_permissions_that_are_named_are_all():
    _, blocks = api("DataSources: {DynamoDb: {D: {TableName: t, TableArn: a, Permissions: [Read]}}}")
    _, actions, resources = rights(blocks, "GDDynamoDBDataSourceToTableConnector")
    assert "dynamodb:GetItem" in actions
    assert "dynamodb:PutItem" not in actions
    assert resources[0] == "a"


def test_a_function_is_invoked_by_a_role_of_its_own():
    _, blocks = api("DataSources: {Lambda: {L: {FunctionArn: f}}}")
    roles, actions, resources = rights(blocks, "GLLambdaDataSourceToLambdaConnector")
    assert roles == ["⟦GLLambdaDataSourceRole.Ref⟧"]
    assert "lambda:InvokeFunction" in actions
    assert resources == ["f", "f:*"]


@pytest.mark.parametrize(
    "source", ["DynamoDb: {D: {TableName: t, ServiceRoleArn: r}}", "Lambda: {D: {FunctionArn: f, ServiceRoleArn: r}}"]
)
def test_a_data_source_with_a_role_gets_none(source):
    _, blocks = api(f"Logging: false, DataSources: {{{source}}}")
    assert not [block for block in blocks.values() if "IAM" in block.type]
