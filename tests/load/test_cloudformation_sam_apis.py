import pytest
from load.sam import expand

from iacscan.value import Unknown

CALL = "execute-api:Invoke"
EVERYONE = {"Effect": "Allow", "Action": CALL, "Principal": "*"}
LISTED = {"Effect": "Deny", "Action": CALL, "Principal": "*"}
ROUTE = "{E: {Type: Api, Properties: {RestApiId: !Ref A, Path: '/x/{id}/', Method: get}}}"


def policy_of(auth, more="", events=ROUTE, api="A"):
    _, blocks = expand(f"""
    A:
      Type: AWS::Serverless::Api
      Properties: {{StageName: prod, {more} Auth: {auth}}}
    F: {{Type: AWS::Serverless::Function, Properties: {{Events: {events}}}}}
    """)
    return blocks[api].get("Policy")


def statements(auth, more="", events=ROUTE, api="A"):
    found = policy_of(auth, more, events, api)["Statement"]
    return [{key: item for key, item in statement.items() if key != "Resource"} for statement in found]


@pytest.mark.parametrize(
    ("lists", "made"),
    [
        (
            "AwsAccountWhitelist: ['111111111111']",
            [{"Effect": "Allow", "Action": CALL, "Principal": {"AWS": ["111111111111"]}}],
        ),
        (
            "AwsAccountBlacklist: '222222222222'",
            [{"Effect": "Deny", "Action": CALL, "Principal": {"AWS": "222222222222"}}],
        ),
        (
            "IpRangeWhitelist: [10.0.0.0/8]",
            [EVERYONE, LISTED | {"Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}}}],
        ),
        (
            "IpRangeBlacklist: [10.0.0.0/8]",
            [EVERYONE, LISTED | {"Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}}}],
        ),
        (
            "SourceVpcWhitelist: [vpc-1, vpce-2, other]",
            [
                EVERYONE,
                LISTED | {"Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-2"], "aws:SourceVpc": ["vpc-1"]}}},
            ],
        ),
        (
            "SourceVpcBlacklist: [vpc-1], IntrinsicVpcBlacklist: [!GetAtt V.VpcId], IntrinsicVpceBlacklist: [vpce-3]",
            [
                EVERYONE,
                LISTED
                | {
                    "Condition": {
                        "StringEquals": {
                            "aws:SourceVpc": ["vpc-1", Unknown("refers to V, which the template does not have")],
                            "aws:SourceVpce": ["vpce-3"],
                        }
                    }
                },
            ],
        ),
        ("CustomStatements: {Effect: Deny}", [{"Effect": "Deny"}]),
    ],
)
def test_lists_become_statements(lists, made):
    assert statements(f"{{ResourcePolicy: {{{lists}}}}}") == made


def test_a_statement_that_several_lists_make_stands_there_once():
    found = statements("{ResourcePolicy: {IpRangeWhitelist: [1.1.1.1], IpRangeBlacklist: [2.2.2.2]}}")
    assert found.count(EVERYONE) == 1
    assert len(found) == 3


def test_a_list_speaks_of_the_routes_that_there_are():
    policy = policy_of("{ResourcePolicy: {IpRangeBlacklist: [10.0.0.0/8]}}")
    assert {str(item["Resource"]) for item in policy["Statement"]} == {"['execute-api:/prod/GET/x/*/']"}
    assert policy_of("{ResourcePolicy: {IpRangeBlacklist: [10.0.0.0/8]}}", events="{}") is None


def test_cors_adds_a_method_to_each_route():
    policy = policy_of("{ResourcePolicy: {IpRangeBlacklist: [10.0.0.0/8]}}", "Cors: '*',")
    assert policy["Statement"][0]["Resource"] == ["execute-api:/prod/GET/x/*/", "execute-api:/prod/OPTIONS/x/*/"]


def test_the_policy_of_a_definition_comes_first():
    body = (
        "DefinitionBody: {paths: {/a: {any: {}, parameters: []}}, x-amazon-apigateway-policy: "
        "{Version: '2012-10-17', Statement: {Effect: Allow}}},"
    )
    policy = policy_of("{ResourcePolicy: {AwsAccountWhitelist: '111111111111'}}", body)
    assert policy["Statement"] == [
        {"Effect": "Allow"},
        {
            "Effect": "Allow",
            "Action": CALL,
            "Resource": ["execute-api:/prod/*/a"],
            "Principal": {"AWS": "111111111111"},
        },
    ]
    assert policy_of("{}", body)["Statement"] == {"Effect": "Allow"}


def test_the_property_policy_is_the_policy():
    assert policy_of("{}", "Policy: {Statement: [{Effect: Deny}]},") == {"Statement": [{"Effect": "Deny"}]}


@pytest.mark.parametrize(
    "more",
    [
        "DefinitionUri: s3://b/k,",
        "DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/k'}}},",
    ],
)
def test_the_policy_of_a_definition_that_is_not_here_is_not_known(more):
    assert policy_of("{}", more).because.startswith("part of the definition of the API, which is ")


def test_an_event_brings_a_policy_for_its_own_route():
    events = (
        "{E: {Type: Api, Properties: {Path: /x, Method: get, Auth: {ResourcePolicy: {IpRangeWhitelist: [1.1.1.1]}}}}}"
    )
    found = policy_of("{}", events=events, api="ServerlessRestApi")["Statement"]
    assert [item["Resource"] for item in found] == [["execute-api:/Prod/GET/x"]] * 2


def test_globals_give_a_policy_to_the_api_that_nobody_wrote():
    _, blocks = expand(
        "F: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: Api, Properties: {Path: /x, Method: get}}}}}",
        "Globals: {Api: {Auth: {ResourcePolicy: {IpRangeWhitelist: [1.1.1.1]}}}}",
    )
    assert len(blocks["ServerlessRestApi"].get("Policy")["Statement"]) == 2


ASKED = "arn:⟦AWS::Partition⟧:execute-api:⟦AWS::Region⟧:⟦AWS::AccountId⟧:⟦A.Ref⟧/authorizers/*"


@pytest.mark.parametrize(
    ("kind", "more", "made"),
    [
        ("Api", "", True),
        ("Api", ", DisableFunctionDefaultPermissions: true", False),
        ("HttpApi", "", False),
        ("HttpApi", ", EnableFunctionDefaultPermissions: true", True),
    ],
)
def test_an_authorizer_may_be_asked(kind, more, made):
    _, blocks = expand(f"""
    A: {{Type: AWS::Serverless::{kind}, Properties: {{StageName: p, Auth: {{Authorizers: {{L: {{FunctionArn: f{more}}}}}}}}}}}
    """)
    found = blocks.get("ALAuthorizerPermission")
    assert (found is not None) == made
    assert found is None or (found.get("SourceArn"), found.get("FunctionName")) == (ASKED, "f")


def test_the_default_route_of_an_http_api_has_the_permission_for_all():
    _, blocks = expand("""
    F:
      Type: AWS::Serverless::Function
      Properties: {Events: {All: {Type: HttpApi}, One: {Type: HttpApi, Properties: {Path: /x, Method: get}}}}
    """)
    (found,) = (block for block in blocks.values() if block.type == "AWS::Lambda::Permission")
    assert found.get("SourceArn").endswith("⟦ServerlessHttpApi.Ref⟧/*/*")


def test_the_permission_of_a_route_is_called_after_the_stage():
    _, blocks = expand("""
    A: {Type: AWS::Serverless::Api, Properties: {StageName: dev}}
    B: {Type: AWS::Serverless::Api, Properties: {StageName: !Ref AWS::Region}}
    F:
      Type: AWS::Serverless::Function
      Properties:
        Events:
          A: {Type: Api, Properties: {RestApiId: !Ref A, Path: '/a/{rest+}', Method: get}}
          B: {Type: Api, Properties: {RestApiId: !Ref B, Path: /b, Method: get}}
          C: {Type: Api, Properties: {RestApiId: !ImportValue api, Path: /c, Method: get}}
    """)
    assert {"FAPermissiondev", "FBPermissionStage", "FCPermissionAllStages"} <= set(blocks)
    assert blocks["FAPermissiondev"].get("SourceArn").endswith("/*/GET/a/*")


def test_the_routes_of_a_websocket_api_may_call_their_functions():
    _, blocks = expand("""
    W:
      Type: AWS::Serverless::WebSocketApi
      Properties:
        Auth: {AuthType: CUSTOM, AuthArn: a}
        Routes: {$connect: {FunctionArn: f}}
    """)
    assert blocks["WConnectPermission"].get("FunctionName") == "f"
    assert blocks["WConnectPermission"].get("SourceArn").endswith("⟦W.Ref⟧/default/$connect")
    assert blocks["WAuthorizerPermission"].get("FunctionName") == "a"
