import pytest
from load.sam import expand

from iacscan.load.cloudformation import load_template
from iacscan.value import Unknown

AWS = "arn:⟦AWS::Partition⟧:iam::aws:policy/"
BASIC = f"{AWS}service-role/AWSLambdaBasicExecutionRole"


def role_of(policies, more=""):
    _, blocks = expand(f"""
    F:
      Type: AWS::Serverless::Function
      Properties:
        Policies: {policies}
        {more}
    Own: {{Type: AWS::IAM::ManagedPolicy}}
    Queue: {{Type: AWS::SQS::Queue}}
    """)
    return blocks["FRole"]


def test_a_function_without_a_role_gets_one():
    _, blocks = expand(
        "F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, PermissionsBoundary: b, RolePath: /p/}}"
    )
    role, function = blocks["FRole"], blocks["F"]
    assert function.type == "AWS::Lambda::Function"
    assert function.get("Role") == "⟦FRole.Arn⟧"
    assert function.get("Handler") == "a.b"
    assert role.type == "AWS::IAM::Role"
    assert role.get("ManagedPolicyArns") == [BASIC]
    assert role.get("PermissionsBoundary") == "b"
    assert role.get("Path") == "/p/"
    assert role.get("AssumeRolePolicyDocument")["Statement"][0]["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert role.span == function.span


def test_a_function_with_a_role_gets_none():
    _, blocks = expand(
        "F: {Type: AWS::Serverless::Function, Properties: {Role: arn:aws:iam::123456789012:role/r, Policies: x}}"
    )
    assert set(blocks) == {"F"}
    assert blocks["F"].get("Role") == "arn:aws:iam::123456789012:role/r"
    assert not blocks["F"].configured("Policies")


@pytest.mark.parametrize(
    ("policies", "attached"),
    [
        ("ReadOnlyAccess", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        ("[AWSLambdaSQSQueueExecutionRole]", ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]),
        ("[arn:aws:iam::123456789012:policy/p]", ["arn:aws:iam::123456789012:policy/p"]),
        ("[NoPolicyOfAws]", ["NoPolicyOfAws"]),
        ("[!Ref Own]", ["⟦Own.Ref⟧"]),
        ("[!If [Nowhere, ReadOnlyAccess, ReadOnlyAccess]]", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ],
)
def test_policies_by_name_are_attached(policies, attached):
    role = role_of(policies)
    assert role.get("ManagedPolicyArns") == [BASIC, *attached]
    assert role.get("Policies") == []


def test_policies_that_are_written_out_are_inline():
    role = role_of("[ReadOnlyAccess, {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}]")
    (policy,) = role.get("Policies")
    assert policy["PolicyName"] == "FRolePolicy1"
    assert policy["PolicyDocument"] == {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def test_policy_templates_grant_what_the_table_says():
    (policy,) = role_of("[{SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}}]").get("Policies")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["sqs:SendMessage*"]
    assert statement["Resource"] == "arn:⟦AWS::Partition⟧:sqs:⟦AWS::Region⟧:⟦AWS::AccountId⟧:⟦Queue.QueueName⟧"


@pytest.mark.parametrize(
    ("policies", "because"),
    [
        ("[{NewPolicy: {A: b}}]", "made by the policy template NewPolicy, which is not in this version's table"),
        ("[[x]]", "no policy that SAM takes"),
    ],
)
def test_a_policy_that_is_not_understood_is_unknown(policies, because):
    (policy,) = role_of(policies).get("Policies")
    assert policy["PolicyDocument"] == Unknown(because)


def test_a_policy_template_without_its_value_has_an_unknown_resource():
    (policy,) = role_of("[{SQSSendMessagePolicy: {}}]").get("Policies")
    assert policy["PolicyDocument"]["Statement"][0]["Resource"].endswith("⟦AWS::AccountId⟧:⟦…⟧")


def test_a_policy_template_under_a_condition_depends_on_it():
    (policy,) = role_of("[!If [Nowhere, {SQSPollerPolicy: {QueueName: q}}, !Ref AWS::NoValue]]").get("Policies")
    assert policy.because == "depends on the condition Nowhere, which is not decided"


@pytest.mark.parametrize(
    ("more", "attached"),
    [
        ("VpcConfig: {SubnetIds: [s]}", "service-role/AWSLambdaVPCAccessExecutionRole"),
        ("Tracing: Active", "AWSXrayWriteOnlyAccess"),
        ("Events: {E: {Type: SQS, Properties: {Queue: q}}}", "service-role/AWSLambdaSQSQueueExecutionRole"),
        ("Events: {E: {Type: DynamoDB, Properties: {Stream: s}}}", "service-role/AWSLambdaDynamoDBExecutionRole"),
    ],
)
def test_what_a_function_uses_adds_to_its_role(more, attached):
    assert role_of("[]", more).get("ManagedPolicyArns") == [BASIC, AWS + attached]


def test_a_queue_for_dead_letters_adds_to_the_role():
    (policy,) = role_of("[]", "DeadLetterQueue: {Type: SNS, TargetArn: !GetAtt Queue.Arn}").get("Policies")
    assert policy["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "sns:Publish", "Resource": "⟦Queue.Arn⟧"}
    ]


def test_globals_are_merged_and_the_functions_own_words_count_more():
    head = "Globals: {Function: {Timeout: 3, Environment: {Variables: {A: 1, B: 1}}, Layers: [one], Tracing: Active}}"
    _, blocks = expand(
        "F: {Type: AWS::Serverless::Function, Properties: {Timeout: 9, Environment: {Variables: {B: 2}}, Layers: [two]}}",
        head,
    )
    function = blocks["F"]
    assert function.get("Timeout") == 9
    assert function.get("Environment") == {"Variables": {"A": 1, "B": 2}}
    assert function.get("Layers") == ["one", "two"]
    assert function.get("TracingConfig") == {"Mode": "Active"}


EVENTS = {
    "S3": ("Bucket: !Ref B, Events: x", "s3.amazonaws.com", "SourceAccount", "⟦AWS::AccountId⟧"),
    "SNS": ("Topic: !Ref T", "sns.amazonaws.com", "SourceArn", "⟦T.Ref⟧"),
    "Schedule": ("Schedule: rate(1 day)", "events.amazonaws.com", "SourceArn", "⟦FE.Arn⟧"),
    "EventBridgeRule": ("Pattern: {source: [x]}", "events.amazonaws.com", "SourceArn", "⟦FE.Arn⟧"),
    "HttpApi": (
        "Path: /x/, Method: get",
        "apigateway.amazonaws.com",
        "SourceArn",
        "arn:⟦AWS::Partition⟧:execute-api:⟦AWS::Region⟧:⟦AWS::AccountId⟧:⟦ServerlessHttpApi.Ref⟧/*/GET/x",
    ),
    "Api": (
        "Path: /, Method: any",
        "apigateway.amazonaws.com",
        "SourceArn",
        "arn:⟦AWS::Partition⟧:execute-api:⟦AWS::Region⟧:⟦AWS::AccountId⟧:⟦ServerlessRestApi.Ref⟧/*/*/",
    ),
    "Cognito": ("UserPool: !Ref P, Trigger: x", "cognito-idp.amazonaws.com", "SourceArn", "⟦P.Arn⟧"),
    "AlexaSkill": ("SkillId: amzn1", "alexa-appkit.amazon.com", "EventSourceToken", "amzn1"),
    "CloudWatchLogs": (
        "LogGroupName: g",
        "logs.amazonaws.com",
        "SourceArn",
        "arn:⟦AWS::Partition⟧:logs:⟦AWS::Region⟧:⟦AWS::AccountId⟧:log-group:g:*",
    ),
    "IoTRule": ("Sql: x", "iot.amazonaws.com", "SourceAccount", "⟦AWS::AccountId⟧"),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_lets_its_service_invoke_the_function(kind):
    properties, service, bound, value = EVENTS[kind]
    _, blocks = expand(f"""
    F:
      Type: AWS::Serverless::Function
      Properties: {{Events: {{E: {{Type: {kind}, Properties: {{{properties}}}}}}}}}
    B: {{Type: AWS::S3::Bucket}}
    T: {{Type: AWS::SNS::Topic}}
    P: {{Type: AWS::Cognito::UserPool}}
    """)
    (permission,) = (block for block in blocks.values() if block.type == "AWS::Lambda::Permission")
    assert permission.get("Principal") == service
    assert permission.get("FunctionName") == "⟦F.Ref⟧"
    assert permission.get("Action") == "lambda:InvokeFunction"
    assert permission.get(bound) == value


@pytest.mark.parametrize(("kind", "permissions"), [("NONE", 2), ("AWS_IAM", 0)])
def test_a_url_without_authorisation_lets_everyone_in(kind, permissions):
    _, blocks = expand(
        f"F: {{Type: AWS::Serverless::Function, Properties: {{FunctionUrlConfig: {{AuthType: {kind}}}}}}}"
    )
    assert blocks["FUrl"].get("AuthType") == kind
    found = [block for block in blocks.values() if block.type == "AWS::Lambda::Permission"]
    assert [block.get("Principal") for block in found] == ["*"] * permissions


def test_what_sam_makes_stands_under_the_functions_condition():
    loaded, _ = expand("F: {Type: AWS::Serverless::Function, Condition: Never}", "Conditions: {Never: !Equals [a, b]}")
    assert loaded.after.blocks == ()


def test_a_state_machine_gets_a_role_and_its_events_roles_to_start_it():
    _, blocks = expand("""
    M:
      Type: AWS::Serverless::StateMachine
      Properties:
        Policies: [ReadOnlyAccess]
        Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}
    """)
    assert blocks["M"].get("RoleArn") == "⟦MRole.Arn⟧"
    assert blocks["MRole"].get("ManagedPolicyArns") == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    (policy,) = blocks["MERole"].get("Policies")
    assert policy["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "⟦M.Ref⟧"}
    ]


def test_connectors_become_policies():
    loaded, blocks = expand("""
    F:
      Type: AWS::Serverless::Function
      Connectors: {Write: {Properties: {Destination: {Id: T}, Permissions: [Write]}}}
    T: {Type: AWS::Serverless::SimpleTable}
    Topic: {Type: AWS::SNS::Topic}
    Q: {Type: AWS::SQS::Queue}
    C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Topic}, Destination: {Id: Q}, Permissions: [Write]}}
    Odd: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Q}, Destination: {Id: Topic}, Permissions: [Write]}}
    """)
    policy = blocks["FWritePolicy"]
    assert policy.get("Roles") == ["⟦FRole.Ref⟧"]
    (statement,) = policy.get("PolicyDocument")["Statement"]
    assert "dynamodb:PutItem" in statement["Action"]
    assert "dynamodb:GetItem" not in statement["Action"]
    assert statement["Resource"] == ["⟦T.Arn⟧", "⟦T.Arn⟧/index/*"]
    queue = blocks["CQueuePolicy"]
    assert queue.get("Queues") == ["⟦Q.Ref⟧"]
    (statement,) = queue.get("PolicyDocument")["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": "⟦Topic.Ref⟧"}}
    assert loaded.unevaluated == ("Odd (AWS::Serverless::Connector)",)


def test_types_of_sam_that_are_not_in_the_table_are_named():
    loaded, _ = expand("G: {Type: AWS::Serverless::Novelty}")
    assert loaded.unevaluated == ("G (AWS::Serverless::Novelty)",)


def test_an_application_is_a_nested_stack(tmp_path):
    (tmp_path / "child.yaml").write_text("Resources: {B: {Type: AWS::S3::Bucket}}")
    text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: AWS::Serverless::Application, Properties: {Location: child.yaml}}\n"
    loaded = load_template(str(tmp_path / "t.yaml"), text.encode())
    assert [block.address for block in loaded.after.blocks] == ["A", "A/B"]


def test_roles_that_sam_makes_have_the_tags_of_their_owner_and_one_of_sam():
    _, blocks = expand("""
    F: {Type: AWS::Serverless::Function, Properties: {Tags: {Team: a}}}
    M: {Type: AWS::Serverless::StateMachine}
    """)
    assert blocks["FRole"].get("Tags") == [{"Key": "Team", "Value": "a"}, {"Key": "lambda:createdBy", "Value": "SAM"}]
    assert blocks["MRole"].get("Tags") == [{"Key": "stateMachine:createdBy", "Value": "SAM"}]


def test_a_function_may_leave_globals_aside():
    head = "Globals: {Function: {PermissionsBoundary: b, RolePath: /g/, Tracing: Active}}"
    _, blocks = expand(
        """
    All: {Type: AWS::Serverless::Function, IgnoreGlobals: '*'}
    Some: {Type: AWS::Serverless::Function, IgnoreGlobals: [RolePath, Tracing]}
    """,
        head,
    )
    assert [blocks["AllRole"].get(key) for key in ("PermissionsBoundary", "Path")] == [None, None]
    assert [blocks["SomeRole"].get(key) for key in ("PermissionsBoundary", "Path")] == ["b", None]
    assert blocks["SomeRole"].get("ManagedPolicyArns") == [BASIC]


ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.mark.parametrize(
    ("condition", "role", "made"),
    [
        ("!Equals [a, a]", f"!If [C, {ROLE}, !Ref AWS::NoValue]", None),
        ("!Equals [a, b]", f"!If [C, {ROLE}, !Ref AWS::NoValue]", "certain"),
        ("!Equals [a, a]", f"!If [C, !Ref AWS::NoValue, {ROLE}]", "certain"),
        ("!Equals [!Ref AWS::Region, eu-west-1]", f"!If [C, {ROLE}, !Ref AWS::NoValue]", "possible"),
        ("!Equals [a, a]", f"!If [C, {ROLE}, {ROLE}]", None),
    ],
)
@pytest.mark.parametrize(("kind", "key"), [("Function", "Role"), ("StateMachine", "RoleArn")])
def test_a_role_is_made_where_a_choice_leaves_it_out(condition, role, made, kind, key):
    _, blocks = expand(
        f"F: {{Type: AWS::Serverless::{kind}, Properties: {{Role: {role}}}}}", f"Conditions: {{C: {condition}}}"
    )
    found = blocks.get("FRole")
    assert (None if found is None else "possible" if found.possible else "certain") == made
    given = blocks["F"].get(key)
    assert given == {None: ROLE, "certain": "⟦FRole.Arn⟧"}.get(made, given)
    assert isinstance(given, Unknown) == (made == "possible")


def test_one_of_awss_policies_is_attached_once():
    assert role_of("[AWSLambdaBasicExecutionRole]").get("ManagedPolicyArns") == [BASIC]


def test_a_durable_function_has_another_basic_policy():
    role = role_of("[]", "DurableConfig: {ExecutionTimeout: 1}")
    assert role.get("ManagedPolicyArns") == [f"{AWS}service-role/AWSLambdaBasicDurableExecutionRolePolicy"]


def test_an_alias_is_published_and_what_invokes_it_is_taken_to_invoke_the_function():
    _, blocks = expand("""
    F:
      Type: AWS::Serverless::Function
      Properties:
        AutoPublishAlias: to-live
        FunctionUrlConfig: {AuthType: NONE}
        Events: {E: {Type: SNS, Properties: {Topic: t}}}
    """)
    assert blocks["FAliastoDlive"].get("FunctionName") == "⟦F.Ref⟧"
    names = {block.get("FunctionName") for block in blocks.values() if block.type == "AWS::Lambda::Permission"}
    assert names == {"⟦F.Ref⟧"}
    assert blocks["FE"].get("Endpoint") == "⟦F.Arn⟧"


@pytest.mark.parametrize(
    ("preference", "made"),
    [("{Type: AllAtOnce}", True), ("{Type: AllAtOnce, Enabled: false}", False), ("{Type: AllAtOnce, Role: r}", False)],
)
def test_deployment_bit_by_bit_takes_a_role(preference, made):
    _, blocks = expand(f"F: {{Type: AWS::Serverless::Function, Properties: {{DeploymentPreference: {preference}}}}}")
    assert ("CodeDeployServiceRole" in blocks) == made


@pytest.mark.parametrize(("tracing", "count"), [("{Enabled: true}", 1), ("{Enabled: false}", 0)])
def test_a_state_machine_is_traced_only_if_it_says_so(tracing, count):
    _, blocks = expand(f"M: {{Type: AWS::Serverless::StateMachine, Properties: {{Tracing: {tracing}}}}}")
    assert len(blocks["MRole"].get("ManagedPolicyArns")) == count


def test_the_boundary_of_a_state_machine_binds_the_roles_that_start_it_but_not_those_of_schedules():
    _, blocks = expand("""
    M:
      Type: AWS::Serverless::StateMachine
      Properties:
        PermissionsBoundary: b
        Events:
          E: {Type: EventBridgeRule, Properties: {Pattern: {source: [a]}}}
          S: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
    """)
    assert blocks["MERole"].get("PermissionsBoundary") == "b"
    assert blocks["MSRole"].get("PermissionsBoundary") is None


@pytest.mark.parametrize(("given", "made"), [("{}", True), ("{OperatorRole: r}", False)])
def test_a_capacity_provider_without_a_role_gets_one(given, made):
    _, blocks = expand(f"C: {{Type: AWS::Serverless::CapacityProvider, Properties: {given}}}")
    assert ("COperatorRole" in blocks) == made
