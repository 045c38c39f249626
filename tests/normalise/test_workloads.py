import base64
import json

import pytest

from iacscan.graph import Graph
from iacscan.normalise.workloads import ROWS
from iacscan.value import Unknown

ROLE = "arn:aws:iam::⟦account⟧:role/⟦aws_iam_role.r⟧"


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
    (found,) = estate(block(f"{type_}.x", nested(path, {"AWS_ACCESS_KEY_ID": "hidden"}))).workloads
    assert found.environment == ("AWS_ACCESS_KEY_ID",)


@pytest.mark.parametrize(("type_", "path"), [(type_, path) for type_, row in ROWS.items() for path in row.lists])
def test_names_in_lists_are_found(estate, block, type_, path):
    (found,) = estate(block(f"{type_}.x", nested(path, [{"name": "AWS_ACCESS_KEY_ID", "value": "hidden"}]))).workloads
    assert found.environment == ("AWS_ACCESS_KEY_ID",)


def test_names_in_start_up_scripts_are_found(estate, block):
    script = "#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY=hidden\naws s3 ls\n"
    encoded = base64.b64encode(script.encode()).decode()
    found = estate(
        block("aws_instance.x", {"user_data": script}),
        block("aws_launch_template.t", {"user_data": encoded}),
        block("aws_instance.y", {"user_data_base64": encoded}),
    )
    assert [item.environment for item in found.workloads] == [("AWS_SECRET_ACCESS_KEY",)] * 3


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
