import json
import re
from textwrap import dedent, indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.engine import Options, exit_code, scan
from iacscan.errors import ExitCode, InputError
from iacscan.load import load
from iacscan.load.cloudformation import load_template
from iacscan.load.cloudformation_template import _TAME, read_parameters
from iacscan.load.detect import is_template
from iacscan.source import Span
from iacscan.value import Reference, Unknown

HEAD = """
Parameters:
  Env: {Type: String, Default: dev}
  Free: {Type: String}
  Tame: {Type: String, AllowedPattern: '[a-z0-9-]+'}
  Wild: {Type: String, AllowedPattern: '[a-z*]+'}
  Choice: {Type: String, AllowedValues: [a, b]}
  Only: {Type: String, AllowedValues: [a]}
  Vpc: {Type: 'AWS::EC2::VPC::Id'}
  Count: {Type: Number}
  Account: {Type: String, AllowedPattern: '^[0-9]{12}$'}
  Names: {Type: CommaDelimitedList, Default: 'x, y'}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
  Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /ami}
  Secret: {Type: String, NoEcho: true, Default: hunter2}
  Hidden: {Type: String, NoEcho: true}
Mappings:
  Table:
    dev: {Acl: Private, Size: 1}
    prod: {Acl: Private, Size: 2}
Conditions:
  IsDev: !Equals [!Ref Env, dev]
  Here: !Equals [!Ref AWS::Region, eu-west-1]
"""


def template(resources, head=HEAD):
    return (head + "Resources:\n" + indent(dedent(resources), "  ")).encode()


def load_text(data, path="template.yaml", parameters=None):
    return load_template(path, data, parameters)


def block(loaded, address):
    return next(item for item in loaded.after.blocks if item.address == address)


def value_of(written, parameters=None):
    """The value of a property in a template that also has a bucket, a custom resource and one that is not created."""
    body = f"""
    Bucket: {{Type: AWS::S3::Bucket}}
    Maker: {{Type: 'Custom::Maker'}}
    Gone: {{Type: AWS::S3::Bucket, Condition: Never}}
    Here:
      Type: AWS::IAM::User
      Properties:
        Path: {written}
    """
    head = HEAD + "  Never: !Equals [a, b]\n"
    return block(load_text(template(body, head), parameters=parameters), "Here").get("Path")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!Ref Env", "dev"),
        ("!Ref Only", "a"),
        ("!Ref Vpc", "⟦Vpc⟧"),
        ("!Ref Image", "⟦Image⟧"),
        ("!Ref Names", ["x", "y"]),
        ("!Ref Bucket", "⟦Bucket.Ref⟧"),
        ("!GetAtt Bucket.Arn", "⟦Bucket.Arn⟧"),
        ("!Ref AWS::AccountId", "⟦AWS::AccountId⟧"),
        ("!Sub '${Bucket}/${Bucket.Arn}/${AWS::Region}/${!aws:username}'", "⟦Bucket.Ref⟧/⟦Bucket.Arn⟧/⟦AWS::Region⟧/${aws:username}"),
        ("!Sub ['${A}-${Env}', {A: !Ref Bucket}]", "⟦Bucket.Ref⟧-dev"),
        ("!Join [':', [arn, !Ref AWS::Partition, !Ref AWS::NoValue, 1, true]]", "arn:⟦AWS::Partition⟧:1:true"),
        ("!Join ['-', !Ref Names]", "x-y"),
        ("!Select [1, !Ref Names]", "y"),
        ("!Select [1, !Split [':', 'a:b']]", "b"),
        ("!Split [':', !Sub 'x:${AWS::AccountId}']", ["x", "⟦AWS::AccountId⟧"]),
        ("!Select [1, !Split [/, !Ref AWS::StackId]]", "⟦AWS::StackName⟧"),
        ("!Select [4, !Split ['-', !Select [2, !Split [/, !Ref AWS::StackId]]]]", "⟦AWS::StackId.uuid.4⟧"),
        ("!FindInMap [Table, !Ref Env, Size]", 1),
        ("!FindInMap [Table, !Ref AWS::Region, Acl]", "Private"),
        ("!FindInMap [Table, none, Acl, {DefaultValue: Other}]", "Other"),
        ("!If [IsDev, 1, 2]", 1),
        ("!If [Here, 1, 1]", 1),
        ("!If [IsDev, aws, aws-cn]", "⟦AWS::Partition⟧"),
        ("!If [Here, amazonaws.com, amazonaws.com.cn]", "⟦AWS::URLSuffix⟧"),
        ("!If [Here, ec2.amazonaws.com.cn, ec2.amazonaws.com]", "ec2.⟦AWS::URLSuffix⟧"),
        ("!If [IsDev, !Ref AWS::NoValue, 2]", None),
        ("!Base64 text", "text"),
        ("{'Fn::Length': !Ref Names}", 2),
        ("{'Fn::ToJsonString': {A: [1, !Ref Env]}}", '{"A":[1,"dev"]}'),
        ("{A: !If [IsDev, !Ref AWS::NoValue, 2], B: [!Ref AWS::NoValue, 3]}", {"B": [3]}),
        ("'{{resolve:ssm:/a/b:1}}'", Unknown("kept in Systems Manager and read at deployment ({{resolve:ssm:/a/b:1}})", (Reference("resolve:ssm", "/a/b:1"),))),
    ],
)  # fmt: skip
def test_a_function_is_worked_out(written, value):
    assert value_of(written) == value


@pytest.mark.parametrize(
    ("written", "because"),
    [
        ("!Ref Free", "depends on the parameter Free"),
        ("!Ref Tame", "depends on the parameter Tame"),
        ("!Sub '${Tame}'", "depends on the parameter Tame"),
        ("!Ref Choice", "depends on the parameter Choice, which may be a, b"),
        ("!Ref Count", "depends on the parameter Count"),
        ("!Ref Hidden", "depends on the parameter Hidden, which is given at deployment and not shown"),
        ("!Ref Stored", "depends on the parameter Stored, which is read from Systems Manager"),
        ("!Ref AWS::NotificationARNs", "AWS::NotificationARNs, which is known at deployment"),
        ("!Ref Nothing", "refers to Nothing, which the template does not have"),
        ("!GetAtt Gone.Arn", "refers to Gone, which is not created, as its condition Never does not hold"),
        ("!GetAtt Maker.Name", "made by the custom resource Maker"),
        ("!GetAtt Bucket", "a GetAtt without a logical id and an attribute"),
        ("!Sub '${Free}-x'", "depends on the parameter Free"),
        ("!Sub '${aws:username}'", "refers to aws:username, which the template does not have"),
        ("!If [Here, 1, 2]", "depends on the condition Here, which is not decided"),
        ("!If [Here, s3.amazonaws.com, ec2.amazonaws.com]", "depends on the condition Here, which is not decided"),
        ("!If [Here, a.cn, a]", "depends on the condition Here, which is not decided"),
        ("!If [Here, aws, other]", "depends on the condition Here, which is not decided"),
        ("!If [Nowhere, 1, 2]", "depends on the condition Nowhere, which is not decided"),
        ("!FindInMap [Table, !Ref AWS::Region, Size]", "looked up in the mapping Table by ⟦AWS::Region⟧"),
        ("!FindInMap [Table, !Ref Free, Size]", "depends on the parameter Free"),
        ("!FindInMap [Table, none, Size]", "looked up in the mapping Table, which has no such key"),
        ("!FindInMap [None, a, b]", "looked up in None, which is no mapping of the template"),
        ("!ImportValue net-vpc", "what another stack exports as net-vpc"),
        ("!Select [5, !Ref Names]", "item 5 of a list that has 2"),
        ("!Select [0, !Split [':', !GetAtt Bucket.Arn]]", "a part of a text that is known at deployment"),
        ("!Select [0, !GetAZs '']", "the list of availability zones, which depends on the region"),
        ("!Cidr [10.0.0.0/8, 4]", "a block of addresses that is worked out at deployment"),
        ("!Transform {Name: Hash, Parameters: {A: !Ref Env}}", "made by the macro Hash"),
        ("{'Fn::New': 1}", "made by Fn::New, which is not known here"),
        ("{'Fn::Transform': {Name: AWS::Include}, A: 1}", "holds what Fn::Transform makes at deployment"),
        (
            "!Sub '{{resolve:secretsmanager:${Bucket}:SecretString:password}}'",
            "kept in Secrets Manager and read at deployment ({{resolve:secretsmanager:⟦Bucket.Ref⟧:SecretString:password}})",
        ),
    ],
)
def test_what_cannot_be_known_says_why(written, because):
    value = value_of(written)
    assert isinstance(value, Unknown)
    assert value.because == because


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("!Sub 'arn:aws:s3:::x-${Free}/*'", "arn:aws:s3:::x-⟦…⟧"),
        ("!Sub 'arn:aws:s3:::x-${Wild}/*'", "arn:aws:s3:::x-⟦…⟧"),
        ("!Sub 'arn:aws:s3:::x-${Tame}/*'", "arn:aws:s3:::x-⟦Tame⟧/*"),
        ("!Sub 'arn:aws:s3:::x-${Choice}/*'", "arn:aws:s3:::x-⟦Choice⟧/*"),
        ("!Sub 'arn:aws:iam::${Count}:root'", "arn:aws:iam::⟦Count⟧:root"),
        ("!Join ['', ['arn:aws:ec2:::vpc/', !Ref Vpc]]", "arn:aws:ec2:::vpc/⟦Vpc⟧"),
        ("!Join ['-', [!Ref Tame, logs]]", "⟦Tame⟧-logs"),
        ("!Sub ['arn:aws:s3:::x-${A}/*', {A: !If [Here, a, b]}]", "arn:aws:s3:::x-⟦Hereab⟧/*"),
        ("!Sub ['arn:aws:s3:::x-${A}/*', {A: !If [Here, a, '*']}]", "arn:aws:s3:::x-⟦…⟧"),
        ("!Sub ['x:${A}:y', {A: !If [Here, '111122223333', '444455556666']}]", "x:⟦…⟧"),
    ],
)
def test_a_parameter_inside_of_a_text_is_a_symbol_only_if_it_can_hold_no_wildcard(written, text):
    assert value_of(written) == text


def test_where_one_thing_is_named_a_parameter_that_can_hold_no_wildcard_is_its_name():
    statement = """
    {Principal: {AWS: [!Ref Tame, !Ref Account, !Ref Free, !Ref Wild, !Sub 'a:${Account}:b']}, Resource: !Ref Tame,
     Condition: {StringLike: {'aws:PrincipalOrgID': !Ref Tame, 'aws:PrincipalTag/x': !Ref Tame}}, Action: !Ref Tame}
    """
    found = value_of(" ".join(statement.split()))
    tame, account, free, wild, longer = found["Principal"]["AWS"]
    assert (tame, account, longer) == ("⟦Tame⟧", "arn:⟦AWS::Partition⟧:iam::⟦Account⟧:root", "a:⟦Account⟧:b")
    assert isinstance(free, Unknown)
    assert isinstance(wild, Unknown)
    assert found["Resource"] == found["Condition"]["StringLike"]["aws:PrincipalOrgID"] == "⟦Tame⟧"
    assert isinstance(found["Condition"]["StringLike"]["aws:PrincipalTag/x"], Unknown)
    assert isinstance(found["Action"], Unknown)


def test_in_an_action_a_parameter_may_be_any_word():
    statement = (
        "{Effect: Allow, Action: [!Sub 's3:${Tame}Object', !Sub '${Tame}:*'], Resource: !Sub 'arn:aws:s3:::${Tame}'}"
    )
    found = value_of(statement)
    assert found["Action"][0] == "s3:⟦…⟧"
    assert isinstance(found["Action"][1], Unknown)
    assert found["Resource"] == "arn:aws:s3:::⟦Tame⟧"


@given(
    st.text(alphabet="abz09-_.", max_size=8),
    st.sampled_from(["[a-z]+", "[a-z0-9_.-]{1,8}", r"\d{12}", "ab?c", "(a|b)+"]),
)
def test_a_pattern_that_is_called_tame_lets_no_wildcard_through(rest, pattern):
    assert _TAME.fullmatch(pattern)
    assert not re.fullmatch(pattern, f"{rest}*")
    assert not re.fullmatch(pattern, f"?{rest}")


@pytest.mark.parametrize(
    "pattern", [".*", "[^/]+", r"\S+", r"[\x20-\x7E]*", "[a-z*]+", r"a\*", r"[\w*]", "[ -~]+", "[!-z]+"]
)
def test_a_pattern_that_may_let_a_wildcard_through_is_not_tame(pattern):
    assert not _TAME.fullmatch(pattern)


def test_values_given_from_outside_count():
    assert value_of("!Sub '${Free}-${Env}'", {"Free": "f", "Env": "prod"}) == "f-prod"
    assert value_of("!Ref Names", {"Names": "p,q"}) == ["p", "q"]
    with pytest.raises(InputError) as error:
        value_of("x", {"Fre": "f"})
    assert "it has no parameter Fre, for which a value is given" in str(error.value)


def test_defaults_are_an_assumption_that_is_named_and_never_shows_a_secret():
    loaded = load_text(template("A: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: !Ref Secret}}}"))
    assert loaded.notes == ("parameters are taken to have their defaults: Env, Names, Secret",)
    user = block(loaded, "A")
    assert user.sensitive("LoginProfile")
    assert user.references("LoginProfile", "Password") == (Reference("var.Secret"),)


def test_a_block_says_what_it_is_and_where():
    text = template("""
    Role:
      Type: AWS::IAM::Role
      DeletionPolicy: Retain
      DependsOn: Bucket
      Metadata: {a: !Ref Env}
      Properties:
        RoleName: r
        Policies:
          - PolicyName: p
            PolicyDocument:
              Statement:
                - {Effect: Allow, Action: '*', Resource: !GetAtt Bucket.Arn}
        Tags: !Ref AWS::NoValue
    Bucket: {Type: AWS::S3::Bucket}
    """)
    loaded = load_text(text)
    role = block(loaded, "Role")
    lines = text.decode().splitlines()
    first = lines.index("  Role:") + 1
    assert (role.type, role.name, role.mode, role.account, role.action) == (
        "AWS::IAM::Role",
        "Role",
        "managed",
        "aws",
        "create",
    )
    assert role.span == Span("template.yaml", first, first + 12)
    assert role.span_of("Policies", 0, "PolicyDocument", "Statement", 0).line == first + 11
    assert role.span_of("Nothing") == Span("template.yaml", first + 5, first + 12)
    assert role.get("@DeletionPolicy") == "Retain"
    assert role.get("@DependsOn") == "Bucket"
    assert role.get("@Metadata") == {"a": "dev"}
    assert role.configured("RoleName") is True
    assert role.configured("Tags") is False
    assert role.configured("Path") is False
    assert role.references("Policies") == (Reference("Bucket", "Arn"),)
    assert role.references("Policies", 0, "PolicyDocument", "Statement", 0, "Resource") == (Reference("Bucket", "Arn"),)
    assert role.references("Policies", 0, "PolicyName") == ()
    assert loaded.before.blocks == ()
    assert loaded.kind == "cloudformation"


def test_outputs_say_what_they_refer_to():
    loaded = load_text(template("B: {Type: AWS::S3::Bucket}\n") + b"Outputs:\n  O: {Value: !GetAtt B.Arn}\n")
    assert [(item.name, item.references) for item in loaded.outputs] == [("O", (Reference("B", "Arn"),))]


def test_loops_are_written_out():
    loaded = load_text(
        template("""
    Fn::ForEach::Queues:
      - Name
      - !Ref Names
      - Queue${Name}:
          Type: AWS::SQS::Queue
          Properties:
            QueueName: !Sub 'q-${Name}'
            Fn::ForEach::Tags:
              - Key
              - [a.b, c]
              - '&{Key}': !Ref Name
    Fn::ForEach::Unclear:
      - Name
      - !Ref Free
      - R${Name}: {Type: AWS::SQS::Queue}
    """)
    )
    assert [(item.address, item.get("QueueName"), item.get("ab"), item.get("c")) for item in loaded.after.blocks] == [
        ("Queuex", "q-x", "x", "x"),
        ("Queuey", "q-y", "y", "y"),
    ]
    assert len(loaded.unevaluated) == 1
    assert loaded.unevaluated[0].startswith("Fn::ForEach::Unclear (line ")


def test_a_loop_of_loops_has_a_limit():
    items = "[" + ",".join(f"i{at}" for at in range(1000)) + "]"
    text = template(f"""
    Fn::ForEach::A:
      - A
      - {items}
      - 'Fn::ForEach::B':
        - B
        - {items}
        - R${{A}}${{B}}: {{Type: AWS::SQS::Queue}}
    """)
    with pytest.raises(InputError, match=r"its loops make more than 500,000 values"):
        load_text(text)


def test_what_changes_resources_unseen_is_named():
    loaded = load_text(b"""
Transform: [AWS::LanguageExtensions, {Name: MyMacro}]
Resources:
  A: {Type: Acme::Net::Thing::MODULE}
  B: {Type: AWS::S3::Bucket, Properties: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://a/b}}, BucketName: b}}
""")
    assert loaded.unevaluated == (
        "the macro MyMacro (it may change any resource)",
        "A (the module Acme::Net::Thing::MODULE)",
        "B (what AWS::Include of s3://a/b makes of it, line 5)",
    )
    assert block(loaded, "B").get("BucketName") == "b"


def test_credentials_that_stand_in_the_template_are_found_where_they_are_written():
    key = "AKIA" + "QWERTYUIOPASDFGH"
    credential = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz"
    loaded = load_text(
        f"""
Parameters:
  Key: {{Type: String, Default: {key}}}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Image: !Ref Key
          Environment: [{{Name: AWS_SECRET_ACCESS_KEY, Value: {credential}}}]
  Server:
    Type: AWS::EC2::Instance
    Metadata: {{'AWS::CloudFormation::Init': {{config: {{files: {{/etc/boto.cfg: {{content: 'aws_access_key_id={key}'}}}}}}}}}}
    Properties:
      UserData: {{'Fn::Base64': !Sub 'export AWS_ACCESS_KEY_ID={key} # ${{AWS::Region}}'}}
""".encode()
    )
    assert {(item.address, item.path, item.kind, item.shown) for item in loaded.credentials} == {
        ("var.Key", "Key", "access-key-id", "AKIA"),
        ("Task", "ContainerDefinitions[0].Environment[0].Value", "secret-access-key", "wJal"),
        ("Server", "Metadata.AWS::CloudFormation::Init.config.files./etc/boto.cfg.content", "access-key-id", "AKIA"),
        ("Server", "UserData", "access-key-id", "AKIA"),
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Resources:\n  A:\n    Properties: {}\n", "line 2: a resource has no Type"),
        ("Resources:\n  A: x\n", "line 2: the resource A must be a mapping with a Type"),
        ("Resources: [a]\n", "line 1: Resources must be a mapping"),
        (
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: [x]\n",
            "line 4: the properties of A must be a mapping",
        ),
        ("Parameters: {A: x}\nResources: {}\n", "line 1: the parameter A must be a mapping"),
        ("Outputs: {}\n", "has no section Resources"),
        ("[1]", "line 1: a template is a mapping with a section Resources"),
    ],
)
def test_a_template_that_aws_would_refuse_is_refused_with_its_line(text, what):
    with pytest.raises(InputError) as error:
        load_text(text.encode())
    assert error.value.what == what


def test_a_template_without_resources_has_nothing_to_scan():
    assert load_text(b"Resources: {}").after.blocks == ()


def test_circles_end():
    head = "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n"
    loaded = load_text(template("X: {Type: AWS::S3::Bucket, Condition: A}", head))
    assert block(loaded, "X").possible


# -- stacks within stacks -----------------------------------------------------------------------------------------------


CHILD = """
Parameters: {Name: {Type: String}, Free: {Type: String, Default: f}}
Conditions: {IsFree: !Equals [!Ref Free, f]}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref Name}
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: IsFree
    Properties: {Bucket: !Ref Bucket}
Outputs: {Arn: {Value: !GetAtt Bucket.Arn}, Name: {Value: !Ref Name}}
"""


def test_a_nested_template_that_is_here_is_read_with_its_parameters(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "child.yaml").write_text(CHILD)
    main = tmp_path / "main.yaml"
    main.write_text("""
Resources:
  Net:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: sub/child.yaml, Parameters: {Name: !Sub 'x-${AWS::Region}'}}
  User:
    Type: AWS::IAM::User
    Properties: {UserName: !GetAtt Net.Outputs.Name, Path: !GetAtt Net.Outputs.Arn, Tags: !GetAtt Net.Outputs.None}
""")
    loaded = load(str(main))
    assert [item.address for item in loaded.after.blocks] == ["Net", "Net/Bucket", "Net/Policy", "User"]
    bucket = block(loaded, "Net/Bucket")
    assert bucket.get("BucketName") == "x-⟦AWS::Region⟧"
    assert bucket.module == "Net"
    assert bucket.span == Span(str(tmp_path / "sub" / "child.yaml"), 5, 7)
    user = block(loaded, "User")
    assert user.get("UserName") == "x-⟦AWS::Region⟧"
    assert user.get("Path") == "⟦Net/Bucket.Arn⟧"
    assert user.get("Tags").because == "the output None of the nested stack Net"
    assert [item.label for item in loaded.variants] == ["when condition Net/IsFree is false"]
    assert [item.address for item in loaded.variants[0].side.blocks] == ["Net", "Net/Bucket", "User"]
    assert loaded.notes == ("parameters in Net are taken to have their defaults: Free",)


@pytest.mark.parametrize(
    "url", ["https://s3.amazonaws.com/b/t.yaml", "missing.yaml", "!Ref Bucket", "/etc/hostname", "main.yaml"]
)
def test_a_nested_template_that_is_not_here_is_named(tmp_path, url):
    main = tmp_path / "main.yaml"
    main.write_text(f"""
Resources:
  Bucket: {{Type: AWS::S3::Bucket}}
  Net: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {url}}}}}
  User: {{Type: AWS::IAM::User, Properties: {{UserName: !GetAtt Net.Outputs.Name}}}}
""")
    loaded = load(str(main))
    assert len(loaded.unevaluated) == 1
    assert loaded.unevaluated[0].startswith("Net (its template is ")
    assert isinstance(block(loaded, "User").get("UserName"), Unknown)


def test_a_nested_file_that_is_no_template_is_never_shown(tmp_path):
    (tmp_path / "notes.txt").write_text("password: a\npassword: b\n")
    main = tmp_path / "main.yaml"
    main.write_text("Resources: {Net: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: notes.txt}}}")
    loaded = load_template(str(main), main.read_bytes())
    assert loaded.faults == (
        (str(tmp_path / "notes.txt"), "the template of Net: is no CloudFormation template; look at the file"),
    )
    assert loaded.unevaluated == ("Net (its template cannot be read)",)


@pytest.mark.parametrize("nested", ["{TemplateURL: notes.txt}", "{TemplateBody: 'Resources: ['}"])
def test_a_nested_template_that_cannot_be_read_stops_nothing_but_the_run_is_not_whole(tmp_path, nested):
    (tmp_path / "notes.txt").write_text("nothing")
    main = tmp_path / "main.yaml"
    main.write_text(f"""
Resources:
  Net: {{Type: AWS::CloudFormation::StackSet, Properties: {nested}}}
  User: {{Type: AWS::IAM::User, Properties: {{ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}}}}
""")
    report = scan([str(main)], Options())
    assert [item.status for item in report.inputs] == ["scanned", "unreadable"]
    assert report.inputs[1].error.startswith("the template of Net: ")
    assert {item.subject.address for item in report.findings} == {"User"}
    assert exit_code(report, Options()) is ExitCode.INPUT


def test_a_nested_template_of_cdk_is_found_by_its_asset(tmp_path):
    (tmp_path / "Net.nested.template.json").write_text(json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}))
    net = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}]]}},
        "Metadata": {"aws:asset:path": "Net.nested.template.json", "aws:asset:property": "TemplateURL"},
    }
    main = tmp_path / "main.template.json"
    main.write_text(json.dumps({"Resources": {"Net": net}}))
    assert [item.address for item in load(str(main)).after.blocks] == ["Net", "Net/B"]


def test_the_stacks_of_a_stack_set_stand_in_other_accounts():
    loaded = load_text(
        template("""
    Set:
      Type: AWS::CloudFormation::StackSet
      Properties:
        Parameters: [{ParameterKey: Name, ParameterValue: n}]
        TemplateBody: |
          Parameters: {Name: {Type: String}}
          Resources:
            Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Name}}
    """)
    )
    role = block(loaded, "Set/Role")
    assert role.get("RoleName") == "n"
    assert role.account == "aws.Set"
    assert role.span == block(loaded, "Set").span


def test_stacks_that_hold_each_other_end(tmp_path):
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{one}.yaml").write_text(
            f"Resources: {{S: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {other}.yaml, "
            "Parameters: {P: !GetAtt S.Outputs.O}}}}"
        )
    loaded = load(str(tmp_path / "a.yaml"))
    assert [item.address for item in loaded.after.blocks] == ["S", "S/S"]
    assert loaded.unevaluated == ("S/S (its template is the one that it stands in)",)


# -- values from a file, and what is a template ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tree",
    [
        [{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "ParameterValue": "true"}],
        {"Parameters": {"A": "1", "B": "true"}, "Tags": {}},
        {"A": 1, "B": True},
        ["A=1", "B=true"],
    ],
)
def test_parameters_are_read_in_the_forms_that_aws_takes(tmp_path, tree):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(tree))
    assert read_parameters(path) == {"A": "1", "B": "true"}


@pytest.mark.parametrize("text", ["", "[1]", '{"A": [1]}', '[{"ParameterKey": "A"}]', '"x"', "A=b", "\udcff"])
def test_parameters_of_no_known_form_are_refused(tmp_path, text):
    path = tmp_path / "p.json"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(InputError, match="the parameters in"):
        read_parameters(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_parameters(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}', True),
        ('{"Description": "x","Resources":{"A":{"Type":"AWS::S3::Bucket"}}}', True),
        ('{"AWSTemplateFormatVersion": "2010-09-09"}', True),
        ('{"Resources": {"A": {"Type": "AWS::S3::Bucket"}', True),
        ("Resources:\n  A:\n    Type: 'AWS::S3::Bucket'\n", True),
        ("---\nAWSTemplateFormatVersion: 2010-09-09\n", True),
        ("Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: AWS::Serverless::Function}\n", True),
        ('{"Resources": {}}', False),
        ('{"Resources": {"A": {"Type": "table"}}}', False),
        ('{"format_version":"1.2","planned_values":{},"body":"{\\"Resources\\": {\\"A\\": {\\"Type\\": \\"AWS::S3::Bucket\\"}}}"}', False),
        ('{"body":"\\"Resources\\": {\\"A\\": {\\"Type\\": \\"AWS::S3::Bucket\\"}}"}', False),
        ("spec:\n  Resources:\n    Type: AWS::S3::Bucket\n", False),
        ("Resources:\n  cpu: 1\n", False),
        ("", False),
    ],
)  # fmt: skip
def test_a_template_is_known_by_its_own_words(text, answer):
    assert is_template(text.encode()) is answer


def test_a_broken_template_is_refused_with_its_line_and_not_as_something_else(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('{"Resources": {\n"A": {"Type": "AWS::S3::Bucket"}')
    with pytest.raises(InputError, match="line 2: the JSON is cut off"):
        load(str(path))


NAMES = st.sampled_from(
    ["A", "B", "P", "Q", "C", "D", "M", "N", "AWS::Region", "AWS::NoValue", "x", "", "A.Arn", "Net.Outputs.O"]
)
FUNCTIONS = st.sampled_from(
    ["Ref", *(f"Fn::{name}" for name in (
        "And", "Base64", "Cidr", "Equals", "FindInMap", "ForEach::L", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Length",
        "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform", "Unheard",
    ))]
)  # fmt: skip
LEAVES = (
    NAMES
    | st.integers(0, 3)
    | st.booleans()
    | st.none()
    | st.sampled_from(["${A}", "a${P}b${!c}", "{{resolve:ssm:x}}"])
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES, inner, max_size=3)
        | st.dictionaries(FUNCTIONS, inner, min_size=1, max_size=1)
        | st.builds(lambda name, items: {name: items}, FUNCTIONS, st.lists(inner, min_size=2, max_size=4))
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(
    ["AWS::S3::Bucket", "AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet", "Custom::X",
     *(f"AWS::Serverless::{name}" for name in ("Api", "Application", "Connector", "Function", "HttpApi", "StateMachine"))]
)  # fmt: skip
PROPERTIES = st.dictionaries(
    st.sampled_from(["Policies", "Events", "Role", "Source", "Destination", "Permissions", "Parameters", "TemplateBody",
                     "Tracing", "DeadLetterQueue", "FunctionUrlConfig", "Auth", "Location", "Name"]),
    TREES,
    max_size=4,
)  # fmt: skip
RESOURCES = st.fixed_dictionaries(
    {"Type": KINDS},
    optional={"Properties": PROPERTIES | TREES, "Condition": NAMES, "Connectors": TREES, "Metadata": TREES},
)


@given(
    st.fixed_dictionaries(
        {"Resources": st.dictionaries(st.sampled_from(["A", "B", "Net"]), RESOURCES, max_size=3)},
        optional={
            "Conditions": st.dictionaries(st.sampled_from(["C", "D"]), TREES, max_size=2),
            "Mappings": st.dictionaries(st.sampled_from(["M", "N"]), TREES, max_size=2),
            "Parameters": st.just({"P": {"Type": "String"}, "Q": {"Type": "List<String>", "Default": "a,b"}}),
            "Outputs": st.dictionaries(NAMES, TREES, max_size=2),
            "Globals": st.just({"Function": {"Tracing": "Active"}}) | TREES,
            "Transform": st.just("AWS::Serverless-2016-10-31") | TREES,
        },
    )
)
def test_whatever_a_template_says_there_are_blocks_or_one_line(tree):
    try:
        loaded = load_text(json.dumps(tree).encode())
    except InputError as error:
        line = str(error)
    else:
        line = ""
        for side in (loaded.after, *(variant.side for variant in loaded.variants)):
            for item in side.blocks:
                for name in item.names():
                    assert isinstance(item.get(name), Unknown | str | int | float | bool | list | dict)
                    assert item.span_of(name).line >= 0
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('{"a": "x-${Free}-y", "b": "z"}', {"a": "x-⟦…⟧", "b": "z"}),
        ('{"a": "${Free}"}', {"a": Unknown("depends on the parameter Free", (Reference("var.Free"),))}),
        ('{"a": {"${Free}:b": 1}, "c": [2]}', {"a": Unknown("depends on the parameter Free", (Reference("var.Free"),)), "c": [2]}),
        ('{"a": ${Count}, "b": "${Free}", "c": 1', '{"a": ⟦Count⟧, "b": "⟦…⟧'),
    ],
)  # fmt: skip
def test_a_text_in_json_is_known_but_for_the_parts_that_are_not(text, tree):
    assert value_of(f"!Sub '{text}'") == tree


REGIONS = """
Parameters: {Free: {Type: String}}
Mappings:
  Of:
    us-east-1: {Id: '111122223333', Bad: '*', Acl: Private, Elb: '127311923021', Part: aws}
    eu-west-1: {Id: '444455556666', Bad: b, Acl: PublicRead, Elb: '156460612806', Part: aws-eusc}
"""
BY_REGION = "looked up in the mapping Of by ⟦AWS::Region⟧"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!Sub ['a/${X}/b', {X: !FindInMap [Of, !Ref AWS::Region, Id]}]", "a/⟦OfAWSRegionId⟧/b"),
        ("!Sub ['a/${X}/b', {X: !FindInMap [Of, !Ref AWS::Region, Bad]}]", "a/⟦…⟧"),
        ("!Sub ['${X}', {X: !FindInMap [Of, !Ref AWS::Region, Acl]}]", Unknown(BY_REGION)),
        ("!FindInMap [Of, !Ref AWS::Region, Acl]", Unknown(BY_REGION)),
        ("!FindInMap [Of, !Ref AWS::Region, Id]", Unknown(BY_REGION)),
        (
            "{Principal: {AWS: !FindInMap [Of, !Ref AWS::Region, Id]}}",
            {"Principal": {"AWS": "arn:⟦AWS::Partition⟧:iam::⟦OfAWSRegionId⟧:root"}},
        ),
        (
            "{Principal: {AWS: !FindInMap [Of, !Ref AWS::Region, Elb]}}",
            {"Principal": {"AWS": "arn:⟦AWS::Partition⟧:iam::⟦aws_service_account.OfAWSRegionElb⟧:root"}},
        ),
        (
            "{Principal: {AWS: !Sub ['a:${X}:b', {X: !FindInMap [Of, !Ref AWS::Region, Id]}]}}",
            {"Principal": {"AWS": "a:⟦OfAWSRegionId⟧:b"}},
        ),
        ("!FindInMap [Of, !Ref AWS::Region, Part]", "⟦AWS::Partition⟧"),
        (
            "!Sub ['a/${X}/${Y}', {X: !FindInMap [Of, !Ref Free, Id], Y: !Select [0, [!Ref Free]]}]",
            "a/⟦OfvarFreeId⟧/⟦…⟧",
        ),
        ("{Action: !Sub ['s3:${X}', {X: !FindInMap [Of, !Ref AWS::Region, Acl]}]}", {"Action": "s3:⟦…⟧"}),
    ],
)
def test_one_of_several_texts_without_wildcards_is_fixed_inside_of_a_text(written, value):
    body = f"Here: {{Type: AWS::IAM::User, Properties: {{Path: {written}}}}}"
    assert block(load_text(template(body, REGIONS)), "Here").get("Path") == value
