"""`AWS::Serverless::GraphQLApi`: an API of AppSync, with the roles that its data sources and its logs are used by.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
"""

from collections.abc import Iterator
from typing import Final

from .cloudformation_decode import Node
from .cloudformation_made import Written, get_att, ref, resource, sub
from .cloudformation_sam_connectors import End, connect
from .cloudformation_sam_policies import aws_policy, trust
from .cloudformation_sam_queues import text_of

_SERVICE: Final = "appsync.amazonaws.com"
_LOGS: Final = "service-role/AWSAppSyncPushToCloudWatchLogs"
_BOTH: Final = ("Read", "Write")
# What SAM calls the settings of a way to sign in, and what AppSync calls them.
_SETTINGS: Final = {
    "LambdaAuthorizer": "LambdaAuthorizerConfig",
    "OpenIDConnect": "OpenIDConnectConfig",
    "UserPool": "UserPoolConfig",
}
_PASSED_ON: Final = (
    "IntrospectionConfig",
    "OwnerContact",
    "QueryDepthLimit",
    "ResolverCountLimit",
    "Visibility",
    "XrayEnabled",
)


def graphql_api(name: str, node: Node, written: Node) -> Iterator[tuple[str, Node]]:
    """The resources that it is made into, by logical id; the API itself comes first."""
    auth = written.get("Auth") or Node({})
    more = auth.get("Additional")
    ways = [auth, *(more.value if more is not None and isinstance(more.value, list) else [])]
    logging, role = _logging(name, written.get("Logging"))
    first, *others = (_provider(way) for way in ways)
    properties: dict[str, Written] = {
        "Name": written.get("Name") or name,
        **{key: written.get(key) for key in _PASSED_ON},
        **first,
        "AdditionalAuthenticationProviders": others or None,
        "LogConfig": logging,
    }
    yield name, resource("AWS::AppSync::GraphQLApi", properties, node)
    if role:
        body: dict[str, Written] = {
            "AssumeRolePolicyDocument": trust(_SERVICE),
            "ManagedPolicyArns": [aws_policy(_LOGS)],
        }
        yield role, resource("AWS::IAM::Role", body, node)
    yield from _authorizers(name, ways, node)
    for key, item in (written.get("ApiKeys") or Node({})).items.items():
        found: dict[str, Written] = {"ApiId": get_att(name, "ApiId"), "Expires": item.get("ExpiresOn")}
        yield f"{name}{key}", resource("AWS::AppSync::ApiKey", found, item)
    sources = written.get("DataSources") or Node({})
    for key, item in (sources.get("DynamoDb") or Node({})).items.items():
        yield from _table(name, key, item, node)
    for key, item in (sources.get("Lambda") or Node({})).items.items():
        yield from _function(name, key, item, node)


def _logging(name: str, written: Node | None) -> tuple[Written, str]:
    """How an API logs, and the logical id of the role that SAM makes for that: it logs unless it is told not to."""
    if written is not None and written.value is False:
        return None, ""
    given = written if written is not None else Node({})
    role = given.get("CloudWatchLogsRoleArn")
    own = "" if role is not None else f"{name}CloudWatchRole"
    level: Written = given.get("FieldLogLevel") or "ALL"
    return {"FieldLogLevel": level, "CloudWatchLogsRoleArn": role or get_att(own, "Arn")}, own


def _provider(way: Node) -> dict[str, Written]:
    found: dict[str, Written] = {"AuthenticationType": way.get("Type")}
    return found | {theirs: way.get(ours) for ours, theirs in _SETTINGS.items() if way.get(ours) is not None}


def _authorizers(name: str, ways: list[Node], node: Node) -> Iterator[tuple[str, Node]]:
    """The permissions by which the API may ask functions who somebody is."""
    uris = [uri for way in ways if (uri := (way.get("LambdaAuthorizer") or Node({})).get("AuthorizerUri")) is not None]
    api = End("AWS::AppSync::GraphQLApi", name, ref(name), None)
    for number, uri in enumerate(uris, 1):
        asked = End("AWS::Lambda::Function", "", uri, None)
        yield from connect(f"{name}ToLambdaAuthConnector{number}", api, asked, ("Write",), node)


def _table(name: str, key: str, item: Node, node: Node) -> Iterator[tuple[str, Node]]:
    place: Written = item.get("TableArn")
    if place is None:
        region: Written = item.get("Region") or ref("AWS::Region")
        text = "arn:${AWS::Partition}:dynamodb:${region}:${AWS::AccountId}:table/${table}"
        place = sub(text, region=region, table=item.get("TableName"))
    permissions = item.get("Permissions")
    wanted = permissions.texts if permissions is not None else _BOTH
    id_ = f"{name}{key}DynamoDBDataSource"
    end = End("AWS::DynamoDB::Table", "", place, None)
    yield from _source(name, id_, "AMAZON_DYNAMODB", item, node)
    if item.get("ServiceRoleArn") is None:
        yield from connect(f"{id_}ToTableConnector", _user(id_), end, wanted, node)


def _function(name: str, key: str, item: Node, node: Node) -> Iterator[tuple[str, Node]]:
    id_ = f"{name}{key}LambdaDataSource"
    end = End("AWS::Lambda::Function", "", item.get("FunctionArn"), None)
    yield from _source(name, id_, "AWS_LAMBDA", item, node)
    if item.get("ServiceRoleArn") is None:
        yield from connect(f"{id_}ToLambdaConnector", _user(id_), end, ("Write",), node)


def _user(id_: str) -> End:
    """A data source as one end of a connector."""
    return End("AWS::AppSync::DataSource", id_, get_att(id_, "DataSourceArn"), ref(f"{id_}Role"))


def _source(name: str, id_: str, kind: str, item: Node, node: Node) -> Iterator[tuple[str, Node]]:
    role: Written = item.get("ServiceRoleArn")
    if role is None:
        yield f"{id_}Role", resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust(_SERVICE)}, node)
        role = get_att(f"{id_}Role", "Arn")
    own = text_of(item.get("Name")) or id_.removeprefix(name)
    body: dict[str, Written] = {"ApiId": get_att(name, "ApiId"), "Name": own, "Type": kind, "ServiceRoleArn": role}
    yield id_, resource("AWS::AppSync::DataSource", body, node)
