"""Passwords in the environment and the start-up scripts of workloads, in plans and in templates."""

import json
from pathlib import Path

import pytest

from iacscan.load.cloudformation import load_template
from iacscan.load.given_passwords import GIVEN, gives_password
from iacscan.load.terraform_source import load_source

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


FUNCTION = """
variable "password" {{
  default   = {default}
  sensitive = {sensitive}
}}
variable "user" {{ default = "admin" }}
resource "aws_db_instance" "d" {{}}
resource "aws_lambda_function" "f" {{
  environment {{
    variables = {{
      HOST   = aws_db_instance.d.address
      USER   = var.user
      {name} = {value}
    }}
  }}
}}
"""


def in_source(tmp_path: Path, name: str, default: str, sensitive: str = "false", value: str = "var.password"):
    text = FUNCTION.format(default=default, sensitive=sensitive, name=name, value=value)
    (tmp_path / "main.tf").write_text(text)
    return [(leaf.path, leaf.kind, leaf.via, leaf.shown) for leaf in load_source(tmp_path).credentials]


def test_a_password_that_is_the_default_of_a_variable_is_found_where_a_workload_is_given_it(tmp_path: Path) -> None:
    (leaf,) = in_source(tmp_path, "DB_PASSWORD", '"hunter2"')
    assert leaf == ("environment[0].variables.DB_PASSWORD", GIVEN, "var.password", "")


def test_what_is_declared_sensitive_need_not_be_called_a_password(tmp_path: Path) -> None:
    (leaf,) = in_source(tmp_path, "API", '"hunter2"', sensitive="true")
    assert leaf == ("environment[0].variables.API", GIVEN, "var.password", "")
    assert in_source(tmp_path, "API", '"hunter2"') == []


@pytest.mark.parametrize("default", ['""', "null", '"changeme"', '"<password>"', '"prod/db/password"', '"true"'])
@pytest.mark.parametrize("sensitive", ["true", "false"])
def test_a_default_that_is_empty_a_placeholder_or_a_path_is_none(tmp_path: Path, default: str, sensitive: str) -> None:
    assert in_source(tmp_path, "DB_PASSWORD", default, sensitive) == []


def test_a_default_that_is_not_what_is_used_is_none(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars").write_text('password = "from-elsewhere"\n')
    assert in_source(tmp_path, "DB_PASSWORD", '"hunter2"') == []


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ('user_data = "#!/bin/sh\\nexport DB_PASSWORD=${var.password}\\n"', "user_data"),
        ("user_data = <<-EOF\n  #!/bin/sh\n  export DB_PASSWORD=${var.password} USER=x\n  EOF", "user_data"),
        (
            'container_definitions = jsonencode([{ environment = [{ name = "DB_PASSWORD", value = var.password }] }])',
            "container_definitions",
        ),
    ],
)
def test_it_is_found_in_scripts_and_in_json(tmp_path: Path, argument: str, path: str) -> None:
    text = f'variable "password" {{ default = "hunter2" }}\nresource "aws_x" "x" {{\n{argument}\n}}\n'
    (tmp_path / "main.tf").write_text(text)
    (leaf,) = load_source(tmp_path).credentials
    assert (leaf.address, leaf.path, leaf.kind, leaf.via) == ("aws_x.x", path, GIVEN, "var.password")


@pytest.mark.parametrize(("default", "found"), [("hunter2", [("var.password", GIVEN)]), ("other", [])])
def test_it_is_found_in_a_plan_if_it_is_the_default(load_plan, default: str, found: list[tuple[str, str]]) -> None:
    row = {
        "address": "aws_lambda_function.f",
        "mode": "managed",
        "type": "aws_lambda_function",
        "name": "f",
        "change": {
            "actions": ["create"],
            "after": {"environment": [{"variables": {"DB_PASSWORD": "hunter2"}}]},
            "after_unknown": {},
        },
    }
    expressions = {"environment": [{"variables": {"references": ["var.password"]}}]}
    root = {
        "resources": [{"address": "aws_lambda_function.f", "expressions": expressions}],
        "variables": {"password": {"default": default}},
    }
    assert [(leaf.via, leaf.kind) for leaf in load_plan([row], root).credentials] == found
