"""Resources of a template mean in the model what their Terraform counterparts mean, under their own names."""

import pytest

from iacscan.graph import Graph
from iacscan.load.cloudformation import load_template
from iacscan.model import s3
from iacscan.model.estate import Estate
from iacscan.normalise import normalise
from iacscan.normalise.cloudformation.respell import TYPES, attribute_of
from iacscan.normalise.cloudformation.shapes import path_of
from iacscan.normalise.terraform import HANDLERS
from iacscan.policy.document import PolicyDocument
from iacscan.value import Unknown

STAR = '{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}'


def read(resources: str, rest: str = "") -> Estate:
    text = "Resources:\n" + "\n".join(f"  {line}" for line in resources.strip("\n").splitlines()) + "\n" + rest
    return normalise(load_template("template.yaml", text.encode()))[1]


def resources_of(document: object) -> tuple[object, ...]:
    assert isinstance(document, PolicyDocument)
    return tuple(item for statement in document.statements for item in statement.resources or ())


# -- what people see ---------------------------------------------------------------------------------------------------


def test_an_origin_has_the_logical_id_the_type_and_the_lines_of_the_template():
    (bucket,) = read("Logs: {Type: 'AWS::S3::Bucket'}").buckets
    assert (bucket.origin.address, bucket.origin.type) == ("Logs", "AWS::S3::Bucket")
    assert bucket.origin.span is not None
    assert bucket.origin.span.line == 2
    assert bucket.origin.is_template


def test_parts_of_a_resource_have_its_logical_id_and_lines_of_their_own():
    estate = read(f"""
Worker:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument: {STAR}
    Policies:
      - PolicyName: a
        PolicyDocument: {STAR}
      - PolicyName: b
        PolicyDocument: {STAR}
""")
    first, second = estate.inline_policies
    assert {first.origin.address, second.origin.address} == {"Worker"}
    assert [policy.origin.span.line for policy in (first, second) if policy.origin.span] == [7, 9]


def test_what_cannot_be_read_is_named_by_its_property():
    estate = read("Key: {Type: 'AWS::KMS::Key', Properties: {KeyPolicy: !ImportValue somewhere}}")
    ((place, _),) = estate.coverage.unknown
    assert place == "Key.KeyPolicy"


# -- references --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "name", "attribute"),
    [
        ("AWS::S3::Bucket", "Ref", "bucket"),
        ("AWS::IAM::Role", "Ref", "name"),
        ("AWS::IAM::ManagedPolicy", "Ref", "arn"),
        ("AWS::SNS::Topic", "Ref", "arn"),
        ("AWS::SNS::Topic", "TopicArn", "arn"),
        ("AWS::SQS::Queue", "Ref", "url"),
        ("AWS::KMS::Key", "Ref", "id"),
        ("AWS::KMS::Key", "KeyId", "id"),
        ("AWS::Lambda::Function", "Ref", "function_name"),
        ("AWS::IAM::AccessKey", "Ref", "id"),
        ("AWS::IAM::AccessKey", "SecretAccessKey", "secret"),
        ("AWS::SecretsManager::Secret", "Ref", "arn"),
        ("AWS::EC2::LaunchTemplate", "Ref", "id"),
        ("AWS::EC2::LaunchTemplate", "LatestVersionNumber", "latest_version_number"),
        ("AWS::RDS::DBCluster", "DBClusterArn", "arn"),
        ("Custom::Thing", "Ref", "id"),
    ],
)
def test_ref_and_get_att_have_the_meaning_that_aws_gives_them_for_the_type(type_: str, name: str, attribute: str):
    assert attribute_of(type_, name) == attribute


def test_a_policy_names_resources_by_symbols_and_the_account_by_its_own():
    (policy,) = read("""
Orders: {Type: 'AWS::SQS::Queue'}
Logs: {Type: 'AWS::S3::Bucket', Properties: {BucketName: logs}}
Files: {Type: 'AWS::S3::Bucket'}
Group: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: /app}}
Read:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: "*"
          Resource:
            - !GetAtt Orders.Arn
            - !Sub "${Logs.Arn}/*"
            - !Sub "arn:${AWS::Partition}:s3:::${Files}/a"
            - !Sub "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/x"
            - !GetAtt Group.Arn
""").managed_policies
    assert resources_of(policy.document) == (
        "arn:aws:sqs:⟦region⟧:⟦account⟧:⟦aws_sqs_queue.Orders⟧",
        "arn:aws:s3:::logs/*",
        "arn:aws:s3:::⟦aws_s3_bucket.Files⟧/a",
        "arn:aws:ssm:⟦region⟧:⟦account⟧:parameter/x",
        "arn:aws:logs:⟦region⟧:⟦account⟧:log-group:/app:*",
    )


def test_a_policy_given_as_text_is_read_like_one_given_as_an_object():
    (policy,) = read("""
Files: {Type: 'AWS::S3::Bucket'}
Open:
  Type: AWS::S3::BucketPolicy
  Properties:
    Bucket: !Ref Files
    PolicyDocument: !Sub '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "${Files.Arn}"}}'
""").bucket_policies
    assert resources_of(policy.document) == ("arn:aws:s3:::⟦aws_s3_bucket.Files⟧",)


# -- IAM ---------------------------------------------------------------------------------------------------------------


def test_a_role_holds_what_it_embeds_what_it_lists_and_what_is_attached_from_elsewhere():
    estate = read(f"""
Worker:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument: {STAR}
    ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess", !Ref Listed]
    Policies: [{{PolicyName: own, PolicyDocument: {STAR}}}]
Listed: {{Type: 'AWS::IAM::ManagedPolicy', Properties: {{PolicyDocument: {STAR}}}}}
Attached: {{Type: 'AWS::IAM::ManagedPolicy', Properties: {{PolicyDocument: {STAR}, Roles: [!Ref Worker]}}}}
Inline: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: p, PolicyDocument: {STAR}, Roles: [!Ref Worker]}}}}
Single: {{Type: 'AWS::IAM::RolePolicy', Properties: {{PolicyName: q, PolicyDocument: {STAR}, RoleName: !Ref Worker}}}}
""")
    graph = Graph(estate)
    (role,) = estate.roles
    assert role.max_session == 3600
    assert {policy.origin.address for policy in graph.inline_policies(role)} == {"Worker", "Inline", "Single"}
    held = [graph.managed_policy(item.policy, "aws") for item in graph.attachments(role)]
    assert [policy.origin.address if policy else None for policy in held] == [None, "Listed", "Attached"]


def test_an_iam_policy_is_embedded_in_each_of_its_holders():
    estate = read(f"""
Ada: {{Type: 'AWS::IAM::User'}}
Team: {{Type: 'AWS::IAM::Group', Properties: {{GroupName: team}}}}
Inline: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: p, PolicyDocument: {STAR}, Users: [!Ref Ada], Groups: [team]}}}}
""")
    assert not estate.managed_policies
    holders = [Graph(estate).holder(policy) for policy in estate.inline_policies]
    assert [holder.origin.address for holder in holders if holder] == ["Ada", "Team"]


def test_an_iam_policy_that_names_nobody_is_met_all_the_same():
    estate = read(f"Inline: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: p, PolicyDocument: {STAR}}}}}")
    (policy,) = estate.inline_policies
    assert isinstance(policy.holder, Unknown)
    assert estate.coverage.analysed == 1


def test_a_list_of_policies_that_is_not_known_is_not_an_empty_one():
    (attachment,) = read("Team: {Type: 'AWS::IAM::Group', Properties: {ManagedPolicyArns: !ImportValue x}}").attachments
    assert isinstance(attachment.policy, Unknown)


def test_groups_of_a_user_and_additions_to_a_group_are_memberships():
    estate = read("""
Ada: {Type: 'AWS::IAM::User', Properties: {Groups: [!Ref One]}}
One: {Type: 'AWS::IAM::Group'}
Two: {Type: 'AWS::IAM::Group'}
More: {Type: 'AWS::IAM::UserToGroupAddition', Properties: {GroupName: !Ref Two, Users: [!Ref Ada]}}
""")
    (ada,) = estate.users
    assert {group.origin.address for group in Graph(estate).groups_of(ada)} == {"One", "Two"}
    assert not any(item.exclusive for item in estate.memberships)


@pytest.mark.parametrize(
    ("password", "kept_out"),
    [
        ("secret-word", False),
        ("'{{resolve:secretsmanager:ada:SecretString:password}}'", True),
        ("'{{resolve:ssm-secure:ada}}'", True),
        ("'{{resolve:ssm:ada}}'", False),
        ("!Ref Hidden", True),
        ("!Ref Shown", False),
        ("!Ref HiddenWithDefault", False),
    ],
)
def test_a_password_is_kept_out_of_the_template_only_by_a_reference_to_where_it_is_kept(password: str, kept_out: bool):
    (profile,) = read(
        f"Ada: {{Type: 'AWS::IAM::User', Properties: {{LoginProfile: {{Password: {password}}}}}}}",
        "Parameters:\n  Hidden: {Type: String, NoEcho: true}\n  Shown: {Type: String}\n"
        "  HiddenWithDefault: {Type: String, NoEcho: true, Default: hunter2}\n",
    ).login_profiles
    assert profile.encrypted is kept_out
    assert profile.reset_required is False
    assert profile.plain is ("ssm:" in password)
    assert (profile.shown and not profile.encrypted) is password.endswith(" Shown")


def test_an_access_key_with_a_serial_is_rotated():
    plain, numbered = read("""
Plain: {Type: 'AWS::IAM::AccessKey', Properties: {UserName: a}}
Numbered: {Type: 'AWS::IAM::AccessKey', Properties: {UserName: a, Serial: 2, Status: Inactive}}
""").access_keys
    assert (plain.rotated, plain.status) == (None, "Active")
    assert (numbered.rotated, numbered.status) == (True, "Inactive")


def test_the_secret_of_a_key_is_followed_to_outputs_and_into_workloads():
    estate = read(
        """
Key: {Type: 'AWS::IAM::AccessKey', Properties: {UserName: bot}}
Worker:
  Type: AWS::Lambda::Function
  DependsOn: Key
  Properties:
    Role: arn:aws:iam::123456789012:role/x
    Environment: {Variables: {ID: !Ref Key, SECRET: !GetAtt Key.SecretAccessKey}}
Kept: {Type: 'AWS::SecretsManager::Secret', Properties: {SecretString: !Sub "k=${Key.SecretAccessKey}"}}
""",
        "Outputs:\n  Secret: {Value: !GetAtt Key.SecretAccessKey}\n",
    )
    found = {(flow.path, flow.part, flow.sink) for flow in estate.key_flows}
    assert found == {
        ("Worker.Environment", "id", "compute"),
        ("Worker.Environment", "secret", "compute"),
        ("Kept.SecretString", "secret", "store"),
        ("Outputs.Secret", "secret", "output"),
    }
    assert {flow.key for flow in estate.key_flows} == {"Key"}


def test_a_permission_set_holds_its_policies():
    estate = read(f"""
Admins:
  Type: AWS::SSO::PermissionSet
  Properties:
    InstanceArn: arn:aws:sso:::instance/ssoins-1
    Name: admins
    InlinePolicy: {STAR}
    ManagedPolicies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    CustomerManagedPolicyReferences: [{{Name: ours}}]
    PermissionsBoundary: {{ManagedPolicyArn: "arn:aws:iam::aws:policy/PowerUserAccess"}}
""")
    (found,) = estate.permission_sets
    graph = Graph(estate)
    assert found.boundary == "arn:aws:iam::aws:policy/PowerUserAccess"
    assert len(graph.inline_policies(found)) == 1
    assert [(item.policy, item.by_name) for item in graph.attachments(found)] == [
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", False),
        ("ours", True),
    ]


# -- buckets -----------------------------------------------------------------------------------------------------------


def test_a_bucket_has_its_acl_its_flags_and_its_ownership():
    estate = read("""
Site:
  Type: AWS::S3::Bucket
  Properties:
    AccessControl: PublicRead
    WebsiteConfiguration: {IndexDocument: index.html}
    OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
    PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: "true"}
""")
    (bucket,) = estate.buckets
    companions = Graph(estate).companions(bucket)
    assert [acl.canned for acl in companions.acls] == ["public-read"]
    assert [item.setting for item in companions.ownerships] == ["ObjectWriter"]
    assert len(companions.websites) == 1
    (block,) = companions.blocks
    assert [value for _, value in block.flags] == [True, True, False, False]


def test_a_public_access_block_that_is_not_known_has_flags_that_are_not_known():
    (block,) = read(
        "Site: {Type: 'AWS::S3::Bucket', Properties: {PublicAccessBlockConfiguration: !ImportValue x}}"
    ).public_access_blocks
    assert all(isinstance(value, Unknown) for _, value in block.flags)


def test_flags_that_an_access_point_leaves_out_are_on():
    (point,) = read("""
Point:
  Type: AWS::S3::AccessPoint
  Properties: {Bucket: data, PublicAccessBlockConfiguration: {BlockPublicAcls: false}, VpcConfiguration: {VpcId: vpc-1}}
""").access_points
    assert isinstance(point.block, s3.PublicAccessBlock)
    assert [value for _, value in point.block.flags] == [False, True, True, True]
    assert point.vpc_only


def test_a_bucket_policy_waits_for_the_bucket():
    (policy,) = read(f"""
Site: {{Type: 'AWS::S3::Bucket'}}
Open: {{Type: 'AWS::S3::BucketPolicy', Properties: {{Bucket: !Ref Site, PolicyDocument: {STAR}}}}}
""").bucket_policies
    assert policy.waits_for == {"Site"}


# -- resource policies -------------------------------------------------------------------------------------------------


def test_a_policy_for_several_queues_belongs_to_each():
    estate = read(f"""
One: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: one}}}}
Open:
  Type: AWS::SQS::QueuePolicy
  Properties: {{Queues: [!Ref One, "https://sqs.eu-west-1.amazonaws.com/1/two"], PolicyDocument: {STAR}}}
""")
    assert [policy.target for policy in estate.resource_policies] == [
        "⟦aws_sqs_queue.One⟧",
        "https://sqs.eu-west-1.amazonaws.com/1/two",
    ]
    assert {policy.origin.address for policy in estate.resource_policies} == {"Open"}


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ("AWS::KMS::Key, Properties: {KeyPolicy: %s}", "kms-key"),
        ("AWS::SNS::TopicPolicy, Properties: {Topics: [a], PolicyDocument: %s}", "sns-topic"),
        ("AWS::SecretsManager::ResourcePolicy, Properties: {SecretId: a, ResourcePolicy: %s}", "secret"),
        ("AWS::ECR::Repository, Properties: {RepositoryPolicyText: %s}", "ecr-repository"),
        ("AWS::EFS::FileSystem, Properties: {FileSystemPolicy: %s}", "efs-file-system"),
        ("AWS::OpenSearchService::Domain, Properties: {AccessPolicies: %s}", "opensearch-domain"),
        ("AWS::ApiGateway::RestApi, Properties: {Policy: %s}", "rest-api"),
        ("AWS::Backup::BackupVault, Properties: {BackupVaultName: a, AccessPolicy: %s}", "backup-vault"),
        ("AWS::DynamoDB::Table, Properties: {ResourcePolicy: {PolicyDocument: %s}}", "dynamodb-table"),
        ("AWS::Kinesis::ResourcePolicy, Properties: {ResourceArn: a, ResourcePolicy: %s}", "kinesis-stream"),
        ("AWS::S3Tables::TableBucketPolicy, Properties: {TableBucketARN: a, ResourcePolicy: %s}", "s3-table-bucket"),
        (
            "AWS::S3::MultiRegionAccessPointPolicy, Properties: {MrapName: a, Policy: %s}",
            "s3-multi-region-access-point",
        ),
        ("AWS::Organizations::ResourcePolicy, Properties: {Content: %s}", "organizations"),
        ("AWS::Lambda::ResourcePolicy, Properties: {ResourceArn: a, PolicyDocument: %s}", "lambda-function"),
        ("AWS::Oam::Sink, Properties: {Name: a, Policy: %s}", "monitoring-sink"),
        ("AWS::RUM::AppMonitor, Properties: {ResourcePolicy: {PolicyDocument: %s}}", "rum-monitor"),
    ],
)
def test_the_policy_of_a_resource_is_read_wherever_its_type_keeps_it(properties: str, kind: str):
    (policy,) = read(f"It: {{Type: {properties % STAR}}}").resource_policies
    assert policy.kind == kind
    assert isinstance(policy.document, PolicyDocument)


@pytest.mark.parametrize(
    "properties",
    [
        "Statement: {Effect: Allow, Principal: {AWS: '111122223333'}, Action: 'events:PutEvents', Resource: '*'}",
        "Action: 'events:PutEvents', Principal: '111122223333'",
    ],
)
def test_both_forms_of_an_event_bus_policy_are_one_statement(properties: str):
    (policy,) = read(
        f"Bus: {{Type: 'AWS::Events::EventBusPolicy', Properties: {{StatementId: a, {properties}}}}}"
    ).resource_policies
    assert policy.kind == "event-bus"
    assert isinstance(policy.document, PolicyDocument)
    assert [statement.effect for statement in policy.document.statements] == ["Allow"]


# -- workloads and organizations ---------------------------------------------------------------------------------------


def test_workloads_run_with_their_roles():
    estate = read(f"""
Role: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: {STAR}}}}}
Profile: {{Type: 'AWS::IAM::InstanceProfile', Properties: {{Roles: [!Ref Role]}}}}
Function: {{Type: 'AWS::Lambda::Function', Properties: {{Role: !GetAtt Role.Arn, Environment: {{Variables: {{A: b}}}}}}}}
Machine: {{Type: 'AWS::EC2::Instance', Properties: {{IamInstanceProfile: !Ref Profile}}}}
Template: {{Type: 'AWS::EC2::LaunchTemplate', Properties: {{LaunchTemplateData: {{IamInstanceProfile: {{Arn: !GetAtt Profile.Arn}}}}}}}}
Task:
  Type: AWS::ECS::TaskDefinition
  Properties: {{TaskRoleArn: !GetAtt Role.Arn, ContainerDefinitions: [{{Environment: [{{Name: C, Value: d}}]}}]}}
Rule: {{Type: 'AWS::Events::Rule', Properties: {{Targets: [{{Id: a, Arn: x, RoleArn: !GetAtt Role.Arn}}]}}}}
Cluster: {{Type: 'AWS::EMR::Cluster', Properties: {{JobFlowRole: !Ref Profile, ServiceRole: other}}}}
""")
    (role,) = estate.roles
    found = {item.origin.address for item in Graph(estate).workloads_of(role)}
    assert found == {"Function", "Machine", "Template", "Task", "Rule", "Cluster"}
    assert {item.origin.address: item.environment for item in estate.workloads if item.environment} == {
        "Function": ("A",),
        "Task": ("C",),
    }


def test_an_organization_is_joined_from_root_to_policy():
    estate = read("""
Org: {Type: 'AWS::Organizations::Organization', Properties: {FeatureSet: ALL}}
Unit: {Type: 'AWS::Organizations::OrganizationalUnit', Properties: {Name: u, ParentId: !GetAtt Org.RootId}}
Member: {Type: 'AWS::Organizations::Account', Properties: {AccountName: a, Email: a@b.c, ParentIds: [!Ref Unit]}}
Loose: {Type: 'AWS::Organizations::Account', Properties: {AccountName: b, Email: b@b.c}}
Guard:
  Type: AWS::Organizations::Policy
  Properties:
    Name: g
    Type: SERVICE_CONTROL_POLICY
    TargetIds: [!Ref Unit, !GetAtt Org.RootId]
    Content: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "*", Resource: "*"}]}
""")
    graph = Graph(estate)
    (unit,) = estate.organizational_units
    assert isinstance(unit.parent, str)
    assert graph.is_root(unit.parent, "aws")
    assert [account.parent for account in estate.accounts_in_organization] == [unit.id, None]
    (policy,) = estate.organization_policies
    assert policy.content == '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
    assert [item.target for item in graph.targets_of(policy)] == [unit.id, unit.parent]
    assert isinstance(estate.organizations[0].enabled_policy_types, Unknown)


def test_control_tower_at_work_is_seen():
    (guardrail,) = read("It: {Type: 'AWS::ControlTower::EnabledControl', Properties: {TargetIdentifier: a}}").guardrails
    assert guardrail.origin.type == "AWS::ControlTower::EnabledControl"


# -- the tables --------------------------------------------------------------------------------------------------------


def test_every_companion_and_every_key_is_spelt_as_its_side_spells_it():
    for written, row in TYPES.items():
        assert written.startswith(("AWS::", "Custom::AWSCDK")), written
        for keys in (row.keys, *(companion.keys for companion in row.companions)):
            assert all(key == key.lower() for key in keys), written
            assert all(step[:1].isupper() for spec in keys.values() for step in path_of(spec).split(".") if step), (
                written
            )


def test_every_block_that_lists_a_policy_is_one_that_a_handler_reads():
    read_elsewhere = {"aws_ssoadmin_permissions_boundary_attachment", "aws_secretsmanager_secret_version"}
    made = {companion.type for row in TYPES.values() for companion in row.companions}
    assert made - read_elsewhere <= HANDLERS.keys()


def test_a_type_that_is_not_listed_keeps_its_name_and_what_it_refers_to():
    estate = read("""
Team: {Type: 'AWS::IAM::Group'}
Odd: {Type: 'Custom::Invite', Properties: {ServiceToken: x, Group: !Ref Team}}
""")
    assert "Custom::Invite" in estate.types
    assert "Team" in estate.mentions


def test_a_bucket_that_is_not_known_is_not_taken_for_the_only_one():
    estate = read(f"""
Site: {{Type: 'AWS::S3::Bucket'}}
Made: {{Type: 'Custom::Bucket', Properties: {{ServiceToken: x}}}}
Open:
  Type: AWS::S3::BucketPolicy
  Properties: {{Bucket: !GetAtt Made.Name, PolicyDocument: {STAR}}}
Other:
  Type: AWS::S3::BucketPolicy
  Properties: {{Bucket: '{{{{resolve:ssm:bucket}}}}', PolicyDocument: {STAR}}}
""")
    (bucket,) = estate.buckets
    assert all(isinstance(policy.bucket, Unknown) for policy in estate.bucket_policies)
    assert not Graph(estate).companions(bucket).policies


def test_a_policy_of_several_holders_is_one_place():
    estate = read(f"""
Inline: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: p, PolicyDocument: {STAR}, Roles: [one, two]}}}}
""")
    assert len(estate.inline_policies) == 2
    assert len({(policy.origin.address, policy.origin.span) for policy in estate.inline_policies}) == 1
