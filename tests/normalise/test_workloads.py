import base64
import json

import pytest

from iacscan.graph import Graph
from iacscan.normalise.workloads import ROWS
from iacscan.value import Unknown

ROLE = "arn:aws:iam::⟦account⟧:role/⟦aws_iam_role.r⟧"
KEY = "AKIAZ7K3QW5XN2RT4UVB"


def nested(path, value):
    """Attributes with a value at a path of nested blocks."""
    name, _, rest = path.partition(".")
    if name.endswith("*"):
        return {name.rstrip("*"): json.dumps(nested(rest, value))}
    return {name: [nested(rest, value)] if rest else value}


@pytest.mark.parametrize(("type_", "path"), [(type_, path) for type_, row in ROWS.items() for path in row.roles])
def test_every_way_to_name_a_role_is_found(estate, block, type_, path):
    found = estate(block(f"{type_}.x", nested(path, "arn:aws:iam::111122223333:role/app")))
    (workload,) = found.workloads
    assert workload.roles == ("arn:aws:iam::111122223333:role/app",)
    assert workload.kind == type_.removeprefix("aws_")


@pytest.mark.parametrize(("type_", "path"), [(type_, path) for type_, row in ROWS.items() for path in row.profiles])
def test_every_way_to_name_an_instance_profile_is_found(estate, block, unknown, type_, path):
    found = estate(
        block(f"{type_}.x", nested(path, unknown("aws_iam_instance_profile.p name"))),
        block("aws_iam_instance_profile.p", {"role": unknown("aws_iam_role.r name")}),
        block("aws_iam_role.r", {"assume_role_policy": "{}"}),
    )
    assert [role.origin.address for role in Graph(found).roles_of(found.workloads[0])] == ["aws_iam_role.r"]


@pytest.mark.parametrize(("type_", "path"), [(type_, path) for type_, row in ROWS.items() for path in row.maps])
def test_names_of_variables_are_kept_and_values_are_not(estate, block, type_, path):
    (found,) = estate(block(f"{type_}.x", nested(path, {"AWS_ACCESS_KEY_ID": KEY}))).workloads
    assert found.environment == ("AWS_ACCESS_KEY_ID",)


@pytest.mark.parametrize(("type_", "path"), [(type_, path) for type_, row in ROWS.items() for path in row.lists])
def test_names_in_lists_are_found(estate, block, type_, path):
    (found,) = estate(block(f"{type_}.x", nested(path, [{"name": "AWS_ACCESS_KEY_ID", "value": KEY}]))).workloads
    assert found.environment == ("AWS_ACCESS_KEY_ID",)


def test_names_in_start_up_scripts_are_found(estate, block):
    script = "#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY=$(cat /run/key)\naws s3 ls\n"
    encoded = base64.b64encode(script.encode()).decode()
    found = estate(
        block("aws_instance.x", {"user_data": script}),
        block("aws_launch_template.t", {"user_data": encoded}),
        block("aws_instance.y", {"user_data_base64": encoded}),
    )
    assert [item.environment for item in found.workloads] == [("AWS_SECRET_ACCESS_KEY",)] * 3


def test_a_constant_that_cannot_be_a_credential_is_none(estate, block):
    """Emulators of AWS want the variables to be set, to whatever it be."""
    found = estate(
        block("aws_instance.x", {"user_data": "export AWS_ACCESS_KEY_ID=test\nAWS_SECRET_ACCESS_KEY='test'\n"}),
        block("aws_lambda_function.f", {"environment": [{"variables": {"AWS_ACCESS_KEY_ID": "test", "TABLE": "t"}}]}),
        block("aws_codebuild_project.p", {"environment": [{"environment_variable": [
            {"name": "AWS_ACCESS_KEY_ID", "value": "/ci/key", "type": "PARAMETER_STORE"},
        ]}]}),
    )  # fmt: skip
    assert {item.kind: item.environment for item in found.workloads} == {
        "instance": (),
        "lambda_function": ("TABLE",),
        "codebuild_project": ("AWS_ACCESS_KEY_ID",),  # the name of a parameter, in which a key lies
    }


CALLS = [
    ("aws s3 cp s3://b/x .", ("aws s3 cp",)),
    (
        "/usr/bin/aws --region eu-west-1 ssm get-parameter --name x | aws s3 cp - s3://b/x",
        ("aws ssm get-parameter", "aws s3 cp"),
    ),
    ("KEY=$(aws secretsmanager get-secret-value --secret-id x)", ("aws secretsmanager get-secret-value",)),
    ("aws \\\n  s3 sync s3://b /srv", ("aws s3 sync",)),
    ("# aws s3 cp s3://b/x .", ()),
    ("aws s3 cp --no-sign-request s3://open/x .", ()),
    ("apt-get install -y awscli && aws --version", ()),
]


@pytest.mark.parametrize(("script", "calls"), CALLS, ids=[script for script, _ in CALLS])
def test_calls_of_a_start_up_script_are_found(estate, block, script, calls):
    (found,) = estate(block("aws_instance.x", {"user_data": f"#!/bin/sh\n{script}\n"})).workloads
    assert found.calls == calls


def test_a_long_script_is_searched_in_linear_time(estate, block):
    script = "\n" * 40_000 + " " * 20_000 + "aws " * 5_000 + "aws" + " " * 20_000
    (found,) = estate(block("aws_instance.x", {"user_data": script})).workloads
    assert found.calls == ()


def test_a_launch_template_may_say_what_an_instance_does_not(estate, block):
    found = estate(
        block("aws_instance.x", {"launch_template": [{"id": "lt-1"}]}),
        block("aws_instance.y", {"launch_template": []}),
    )
    assert [item.template for item in found.workloads] == [True, False]


def test_an_unknown_role_is_not_no_role(estate, block, unknown):
    found = estate(block("aws_lambda_function.f", {"role": unknown("local.role")}))
    assert [type(item) for item in found.workloads[0].roles] == [Unknown]


def test_a_role_that_aws_fills_in_is_none(estate, block, unknown):
    found = estate(block("aws_instance.x", {"iam_instance_profile": unknown()}, unset=("iam_instance_profile",)))
    assert found.workloads[0].profiles == ()


def test_lambda_permissions_and_urls(estate, block, unknown):
    found = estate(
        block("aws_lambda_function.f", {"function_name": "f", "role": "r"}),
        block(
            "aws_lambda_permission.p",
            {
                "principal": "s3.amazonaws.com",
                "action": "lambda:InvokeFunction",
                "function_name": unknown("aws_lambda_function.f arn"),
                "source_arn": "arn:aws:s3:::b",
            },
        ),
        block("aws_lambda_layer_version_permission.l", {"principal": "*", "layer_name": "y", "organization_id": "o-1"}),
        block("aws_lambda_function_url.u", {"function_name": "f", "authorization_type": "NONE"}),
    )
    function, layer = found.lambda_permissions
    assert (function.function, function.source_arn, function.source_account, function.layer) == (
        "arn:aws:lambda:⟦region⟧:⟦account⟧:function:f", "arn:aws:s3:::b", None, False,
    )  # fmt: skip
    assert (layer.function, layer.organization, layer.layer) == ("y", "o-1", True)
    assert (found.function_urls[0].function, found.function_urls[0].authorization) == ("f", "NONE")
