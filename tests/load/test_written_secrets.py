"""Which secrets of resources a template gives away."""

from pathlib import Path

import pytest

from iacscan.load.cloudformation import load_template
from iacscan.load.terraform_source import load_source

TEMPLATE = """
Parameters:
  Given: {{Type: String, NoEcho: true}}
  Preset: {{Type: String, NoEcho: true, Default: hunter2}}
  Empty: {{Type: String, NoEcho: true, Default: ""}}
  Open: {{Type: String}}
Resources:
  It:
    Type: {type}
    Properties:
      {property}
"""


def given_away(tmp_path: Path, property_: str, type_: str = "AWS::RDS::DBInstance") -> list[tuple[str, str, str]]:
    text = TEMPLATE.format(type=type_, property=property_)
    found = load_template(str(tmp_path / "t.yaml"), text.encode()).credentials
    return [(leaf.address, leaf.path, leaf.kind) for leaf in found]


@pytest.mark.parametrize(
    ("property_", "how"),
    [
        ("MasterUserPassword: hunter2", "written"),
        ("MasterUserPassword: !Ref Preset", "preset"),
        ("MasterUserPassword: !Sub '${Preset}!'", "preset"),
        ("MasterUserPassword: !Ref Open", "shown"),
        ("MasterUserPassword: '{{resolve:ssm:/db/password:1}}'", "plain"),
    ],
)
def test_what_stands_in_the_code_or_in_plain_text_is_given_away(tmp_path: Path, property_: str, how: str) -> None:
    assert given_away(tmp_path, property_) == [("It", "MasterUserPassword", how)]


@pytest.mark.parametrize(
    "property_",
    [
        "MasterUserPassword: !Ref Given",
        "MasterUserPassword: !Ref Empty",
        "MasterUserPassword: '{{resolve:secretsmanager:db:SecretString:password}}'",
        "MasterUserPassword: '{{resolve:ssm-secure:/db/password}}'",
        "MasterUserPassword: ''",
        "MasterUserPassword: !Ref AWS::NoValue",
        "ManageMasterUserPassword: true",
        "MasterUserSecret: {KmsKeyId: alias/db}",
        "Tags: [{Key: password, Value: hunter2}]",
    ],
)
def test_what_is_kept_elsewhere_or_is_no_secret_is_not(tmp_path: Path, property_: str) -> None:
    assert given_away(tmp_path, property_) == []


def test_secrets_inside_of_a_property_are_found_by_their_own_name(tmp_path: Path) -> None:
    property_ = "AppSource: {Type: git, Password: hunter2}"
    assert given_away(tmp_path, property_, "AWS::OpsWorks::App") == [("It", "AppSource.Password", "written")]


@pytest.mark.parametrize(
    ("type_", "property_", "path"),
    [
        ("AWS::KinesisFirehose::DeliveryStream", "SplunkDestinationConfiguration: {HECToken: x1}", "HECToken"),
        ("Alexa::ASK::Skill", "AuthenticationConfiguration: {RefreshToken: x1}", "RefreshToken"),
        ("AWS::CodePipeline::Webhook", "AuthenticationConfiguration: {SecretToken: x1}", "SecretToken"),
        ("AWS::OpsWorks::Stack", "CustomCookbooksSource: {SshKey: x1}", "SshKey"),
        ("AWS::CodeBuild::SourceCredential", "Token: x1", "Token"),
        ("AWS::ElastiCache::User", "Passwords: [x1]", "Passwords[0]"),
        ("AWS::EC2::VPNConnection", "VpnTunnelOptionsSpecifications: [{PreSharedKey: x1}]", "PreSharedKey"),
    ],
)
def test_a_secret_goes_by_many_names(tmp_path: Path, type_: str, property_: str, path: str) -> None:
    ((_, shown, how),) = given_away(tmp_path, property_, type_)
    assert shown.endswith(path)
    assert how == "written"


@pytest.mark.parametrize(
    ("type_", "property_"),
    [
        ("AWS::EKS::Nodegroup", "RemoteAccess: {Ec2SshKey: bastion}"),
        ("AWS::Transfer::User", "SshPublicKeys: [ssh-rsa AAAA]"),
        ("AWS::Cognito::UserPoolClient", "TokenValidityUnits: {AccessToken: hours, RefreshToken: days}"),
        ("AWS::Lambda::Permission", "EventSourceToken: amzn1.ask.skill"),
        ("AWS::Pinpoint::APNSChannel", "TokenKeyId: x1"),
        ("AWS::AppMesh::VirtualGateway", "Spec: {TLS: {Certificate: {File: {PrivateKey: /keys/mesh.pem}}}}"),
        ("AWS::IAM::SAMLProvider", "RemovePrivateKey: x1"),
    ],
)
def test_names_that_only_sound_like_a_secret_are_none(tmp_path: Path, type_: str, property_: str) -> None:
    assert given_away(tmp_path, property_, type_) == []


def test_names_in_free_form_maps_are_anybodys(tmp_path: Path) -> None:
    property_ = "Parameters: {PASSWORD: hunter2}"
    assert given_away(tmp_path, property_, "AWS::CloudFormation::Stack") == []


def test_the_word_that_stands_for_a_value_in_the_reference_is_no_secret(tmp_path: Path) -> None:
    assert given_away(tmp_path, "MasterUserPassword: String") == []


def test_the_name_of_a_parameter_is_a_secret_that_was_meant_to_be_a_reference(tmp_path: Path) -> None:
    text = TEMPLATE.format(type="AWS::RDS::DBInstance", property="MasterUserPassword: Given")
    (leaf,) = load_template(str(tmp_path / "t.yaml"), text.encode()).credentials
    assert (leaf.kind, leaf.via) == ("written", "Given")


def test_not_one_character_of_a_secret_is_kept(tmp_path: Path) -> None:
    text = TEMPLATE.format(type="AWS::RDS::DBInstance", property="MasterUserPassword: hunter2")
    (leaf,) = load_template(str(tmp_path / "t.yaml"), text.encode()).credentials
    assert leaf.shown == ""


SOURCE = """
variable "password" {}

resource "%s" "it" {
  %s
}
"""


@pytest.mark.parametrize(
    ("type_", "argument", "found"),
    [
        ("aws_db_instance", 'password = "hunter2"', [("password", "written", False)]),
        ("aws_elasticache_replication_group", 'auth_token = "tulip-harbour-41"', [("auth_token", "written", False)]),
        (
            "aws_secretsmanager_secret_version",
            'secret_string = jsonencode({ a = "hunter2" })',
            [("secret_string", "written", False)],
        ),
        ("aws_secretsmanager_secret_version", 'secret_string = "change-me"', [("secret_string", "written", True)]),
        ("aws_db_instance", "password = var.password", []),
        ("aws_db_instance", "manage_master_user_password = true", []),
        ("aws_iam_user_login_profile", 'password = "hunter2"', []),  # IAM106 speaks of it
        ("random_thing", 'password = "hunter2"', []),
    ],
)
def test_a_constant_in_terraform_stands_in_the_code(
    tmp_path: Path, type_: str, argument: str, found: list[tuple[str, str, bool]]
) -> None:
    (tmp_path / "main.tf").write_text(SOURCE % (type_, argument), encoding="utf-8")
    assert [(leaf.path, leaf.kind, leaf.dummy) for leaf in load_source(tmp_path).credentials] == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ({"constant_value": "hunter2"}, ["password"]),
        ({}, ["password"]),  # made of constants by a function
        ({"references": ["var.password"]}, []),
        ({"references": ["random_password.db.result", "random_password.db"]}, []),
        (None, []),  # the provider's doing
    ],
)
def test_a_value_in_a_plan_stands_in_the_code_if_nothing_is_referred_to(load_plan, expression, found) -> None:
    row = {
        "address": "aws_db_instance.d",
        "mode": "managed",
        "type": "aws_db_instance",
        "name": "d",
        "change": {"actions": ["create"], "after": {"password": "hunter2"}, "after_unknown": {}},
    }
    expressions = {} if expression is None else {"password": expression}
    loaded = load_plan([row], {"resources": [{"address": "aws_db_instance.d", "expressions": expressions}]})
    assert [leaf.path for leaf in loaded.credentials] == found
    assert "hunter2" not in repr(loaded.credentials)
