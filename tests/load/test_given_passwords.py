"""Passwords in the environment and the start-up scripts of workloads, in plans and in templates."""

import json
from pathlib import Path

import pytest

from iacscan.load.cloudformation import load_template
from iacscan.load.given_passwords import GIVEN, gives_password

DEFINITIONS = json.dumps([{"name": "web", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}])
FOUND = [
    ("hunter2", "DB_PASSWORD", "environment[0].variables.DB_PASSWORD"),
    ("hunter2", "dbPassword", "Environment.Variables.dbPassword"),
    ("hunter2", "MYSQL_ROOT_PASSWORD", "ContainerDefinitions[0].Environment[0].Value"),
    ("hunter2", "KEYSTORE_PASSPHRASE", "environment_variables.KEYSTORE_PASSPHRASE"),
    (DEFINITIONS, "container_definitions", "container_definitions"),
    (
        'environment = { variables = { HOST = aws_db_instance.d.address, PASSWORD = "hunter2" } }',
        "environment",
        "environment",
    ),
    ('{ name = "DB_PASSWD", value = "hunter2" }', "container_definitions", "container_definitions"),
    ("#!/bin/sh\nexport DATABASE_PASSWORD=hunter2\n", "user_data", "user_data"),
    ("PGPASSWORD='hunter2' psql", "Fn::Base64", "LaunchTemplateData.UserData.Fn::Base64"),
]
LEFT_ALONE = [
    ("https://example.com/forgot", "FORGOT_PASSWORD", "environment[0].variables.FORGOT_PASSWORD"),
    ("optional", "REQUIRE_PASSWORD", "environment[0].variables.REQUIRE_PASSWORD"),
    ("/prod/db/password", "DB_PASSWORD", "environment[0].variables.DB_PASSWORD"),
    ("prod/db", "DB_PASSWORD", "environment[0].variables.DB_PASSWORD"),
    ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db", "DB_PASSWORD", "environment[0].variables.DB_PASSWORD"),
    ("{{resolve:secretsmanager:db}}", "DB_PASSWORD", "Environment.Variables.DB_PASSWORD"),
    ("${DB_PASSWORD}", "DB_PASSWORD", "Environment.Variables.DB_PASSWORD"),
    ("", "DB_PASSWORD", "environment[0].variables.DB_PASSWORD"),
    ("true", "ALLOW_EMPTY_PASSWORD", "environment[0].variables.ALLOW_EMPTY_PASSWORD"),
    ("hunter2", "DB_PASSWORD_SECRET_NAME", "environment[0].variables.DB_PASSWORD_SECRET_NAME"),
    ("hunter2", "password", "tags.password"),
    ("environment = { variables = { PASSWORD = var.password } }", "environment", "environment"),
    ("export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)", "user_data", "user_data"),
    ('export DB_PASSWORD="${password}"', "user_data", "user_data"),
    ("export DB_PASSWORD=$1", "user_data", "user_data"),
    ("export DB_PASSWORD_FILE=/run/secrets/db", "user_data", "user_data"),
]


@pytest.mark.parametrize(("text", "name", "path"), FOUND, ids=[path for _, _, path in FOUND])
def test_a_constant_under_the_name_of_a_password_is_one(text: str, name: str, path: str) -> None:
    assert gives_password(text, name, path)


@pytest.mark.parametrize(("text", "name", "path"), LEFT_ALONE, ids=[text for text, _, _ in LEFT_ALONE])
def test_references_and_switches_and_other_names_are_none(text: str, name: str, path: str) -> None:
    assert not gives_password(text, name, path)


@pytest.mark.parametrize("text", ["PASSWORD" * 50_000, "A_" * 200_000, 'PASSWORD"' * 50_000, "PASSWORD=" * 50_000])
def test_a_long_text_is_searched_in_a_moment(text: str) -> None:
    assert not gives_password(text, "user_data", "user_data") or text.startswith("PASSWORD=")
    assert not gives_password(text, "environment", "environment")


def test_it_is_found_in_a_template_and_not_one_character_is_kept(tmp_path: Path) -> None:
    template = "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment: {Variables: {PASSWORD: %s}}\n"
    (leaf,) = load_template(str(tmp_path / "t.yaml"), (template % "hunter2").encode()).credentials
    assert (leaf.address, leaf.path, leaf.kind, leaf.shown) == ("F", "Environment.Variables.PASSWORD", GIVEN, "")
    assert load_template(str(tmp_path / "t.yaml"), (template % "!Ref AWS::StackName").encode()).credentials == ()


def test_it_is_found_in_a_plan_and_not_one_character_is_kept(load_plan) -> None:
    row = {
        "address": "aws_ecs_task_definition.web",
        "mode": "managed",
        "type": "aws_ecs_task_definition",
        "name": "web",
        "change": {"actions": ["create"], "after": {"container_definitions": DEFINITIONS}, "after_unknown": {}},
    }
    expressions = {"container_definitions": {"constant_value": DEFINITIONS}}
    loaded = load_plan([row], {"resources": [{"address": "aws_ecs_task_definition.web", "expressions": expressions}]})
    (leaf,) = loaded.credentials
    assert (leaf.address, leaf.path, leaf.kind, leaf.shown) == (
        "aws_ecs_task_definition.web",
        "container_definitions",
        GIVEN,
        "",
    )
