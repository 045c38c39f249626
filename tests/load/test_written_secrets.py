"""Which secrets of resources a template gives away."""

from pathlib import Path

import pytest

from iacscan.load.cloudformation import load_template

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


def test_names_in_free_form_maps_are_anybodys(tmp_path: Path) -> None:
    property_ = "Environment: {Variables: {PASSWORD: hunter2}}"
    assert given_away(tmp_path, property_, "AWS::Lambda::Function") == []


def test_not_one_character_of_a_secret_is_kept(tmp_path: Path) -> None:
    text = TEMPLATE.format(type="AWS::RDS::DBInstance", property="MasterUserPassword: hunter2")
    (leaf,) = load_template(str(tmp_path / "t.yaml"), text.encode()).credentials
    assert leaf.shown == ""
