"""What runs code or acts with a role, with the names of its environment variables; Lambda permissions and URLs."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from ..lazy import regex
from ..load.block import Block
from ..model import workload
from ..value import Maybe, Unknown, Value
from .iam import ROLE
from .reader import Types, keys_of, parts
from .scene import Handler, Scene

_PROFILE: Final[Types] = ("aws_iam_instance_profile",)
_TARGET: Final = "aws_cloudwatch_event_target"  # it has no ARN: its `arn` is that of what it starts
_FUNCTION: Final[Types] = ("aws_lambda_function", "aws_lambda_alias")
# `export AWS_ACCESS_KEY_ID=…` in a start-up script. Only the name is kept.
_EXPORT: Final = regex(r"\b(AWS_[A-Z_]{3,40})\s*[=:][ \t]*[\"']?([^\s\"';]*)")
# What a credential looks like. A constant of another shape is for an emulator, or for show, and opens nothing.
_SHAPES: Final = {
    "AWS_ACCESS_KEY_ID": regex(r"(?:AKIA|ASIA)[A-Z2-7]{16}"),
    "AWS_SECRET_ACCESS_KEY": regex(r"[A-Za-z0-9/+=]{40}"),
}
_STORES: Final = ("PARAMETER_STORE", "SECRETS_MANAGER")  # where CodeBuild finds a variable; its value is a name there
_COMPUTED: Final = ("$", "`", "{", "⟦")
# `aws --region eu-west-1 s3 cp …`: the service and the operation of a call that is signed, hence needs credentials.
_CALL: Final = regex(
    r"(?<![\w.-])aws(?:\s+--[a-z][\w-]*(?:[= ][^\s-]\S*)?)*\s+"
    r"(s3|s3api|ssm|secretsmanager|ecr|sts|dynamodb|sqs|sns|kms|ec2|autoscaling|elbv2?|route53|logs|cloudwatch|lambda|ecs|eks|rds"
    r"|cloudformation|iam|events|kinesis|codedeploy|codeartifact)\s+([a-z][a-z0-9-]+)([^\n;|&]*)"
)
_UNSIGNED: Final = "--no-sign-request"
_COMMENT: Final = regex(r"^[ \t]*#.*$", re.MULTILINE)
_MAX_SCRIPT: Final = 100_000  # characters; EC2 takes 16 KB


class Row(NamedTuple):
    """One type. Paths go through nested blocks by dots; a step that ends with `*` decodes JSON.

    `roles` and `profiles` are where roles and instance profiles are named. `maps` are where names of variables are keys,
    `lists` where they stand as `name` (or `key`) in a list, `scripts` where a text sets them.
    """

    roles: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


_INSTANCE: Final = Row(profiles=("iam_instance_profile",), scripts=("user_data", "user_data_base64"))
_APPRUNNER: Final = "source_configuration.{}.runtime_environment_variables"

ROWS: Final[dict[str, Row]] = {
    "aws_lambda_function": Row(("role",), maps=("environment.variables",)),
    "aws_instance": _INSTANCE,
    "aws_spot_instance_request": _INSTANCE,
    "aws_launch_configuration": _INSTANCE,
    "aws_launch_template": Row(
        profiles=("iam_instance_profile.name", "iam_instance_profile.arn"), scripts=("user_data",)
    ),
    "aws_spot_fleet_request": Row(("iam_fleet_role",)),
    "aws_ecs_task_definition": Row(
        ("task_role_arn", "execution_role_arn"),
        lists=("container_definitions*.environment", "container_definitions*.secrets"),
    ),
    "aws_batch_job_definition": Row(
        ("container_properties*.jobRoleArn", "container_properties*.executionRoleArn"),
        lists=("container_properties*.environment", "container_properties*.secrets"),
    ),
    "aws_codebuild_project": Row(("service_role",), lists=("environment.environment_variable",)),
    "aws_apprunner_service": Row(
        ("instance_configuration.instance_role_arn",),
        maps=(
            _APPRUNNER.format("image_repository.image_configuration"),
            _APPRUNNER.format("code_repository.code_configuration.code_configuration_values"),
        ),
    ),
    "aws_elastic_beanstalk_environment": Row(lists=("setting",)),
    "aws_sfn_state_machine": Row(("role_arn",)),
    "aws_glue_job": Row(("role_arn",), maps=("default_arguments",)),
    "aws_glue_crawler": Row(("role",)),
    "aws_sagemaker_notebook_instance": Row(("role_arn",)),
    "aws_sagemaker_model": Row(
        ("execution_role_arn",), maps=("primary_container.environment", "container.environment")
    ),
    "aws_sagemaker_domain": Row(("default_user_settings.execution_role",)),
    "aws_emr_cluster": Row(("service_role",), ("ec2_attributes.instance_profile",)),
    "aws_eks_pod_identity_association": Row(("role_arn",)),
    "aws_eks_cluster": Row(("role_arn",)),
    "aws_eks_node_group": Row(("node_role_arn",)),
    "aws_eks_fargate_profile": Row(("pod_execution_role_arn",)),
    "aws_codepipeline": Row(("role_arn",)),
    "aws_codedeploy_deployment_group": Row(("service_role_arn",)),
    "aws_cloudformation_stack": Row(("iam_role_arn",)),
    "aws_scheduler_schedule": Row(("target.role_arn",)),
    "aws_pipes_pipe": Row(("role_arn",)),
    "aws_cloudwatch_event_target": Row(("role_arn",)),
    "aws_mwaa_environment": Row(("execution_role_arn",), maps=("airflow_configuration_options",)),
    "aws_amplify_app": Row(("iam_service_role_arn",), maps=("environment_variables",)),
    "aws_bedrockagent_agent": Row(("agent_resource_role_arn",)),
    "aws_bedrockagentcore_agent_runtime": Row(("role_arn",), maps=("environment_variables",)),
    "aws_bedrockagentcore_code_interpreter": Row(("execution_role_arn",)),
    "aws_bedrockagentcore_browser": Row(("execution_role_arn",)),
    "aws_bedrockagentcore_gateway": Row(("role_arn",)),
    "aws_cognito_identity_pool_roles_attachment": Row(("roles.authenticated", "roles.unauthenticated")),
    "aws_kinesis_firehose_delivery_stream": Row(
        ("extended_s3_configuration.role_arn", "s3_configuration.role_arn", "redshift_configuration.role_arn")
    ),
    "aws_lightsail_instance": Row(scripts=("user_data",)),
    "aws_lightsail_container_service_deployment_version": Row(maps=("container.environment",)),
}  # fmt: skip


def _workload(scene: Scene, block: Block) -> Iterator[Struct]:
    row = ROWS[block.type]
    yield workload.Workload(
        origin=scene.origin(block),
        kind=block.type.removeprefix("aws_"),
        roles=tuple(_links(scene, block, row.roles, ROLE)),
        profiles=tuple(_links(scene, block, row.profiles, _PROFILE)),
        environment=tuple(dict.fromkeys(_environment(block, row))),
        arn="" if block.type == _TARGET else scene.read.names.arn(block),
        calls=tuple(dict.fromkeys(_calls(block, row))),
        template=_has_template(block),
    )


def _links(scene: Scene, block: Block, paths: tuple[str, ...], types: Types) -> Iterator[Maybe[str]]:
    for path in paths:
        for value in _at(block, path):
            if isinstance(value, Unknown) and block.configured(path.partition(".")[0].rstrip("*")) is False:
                continue  # AWS fills it in, or leaves it out
            link = scene.read.link_of(value, block, types)
            if link is not None:
                yield link


def _environment(block: Block, row: Row) -> Iterator[str]:
    for name, value in _variables(block, row):
        if not _is_no_credential(name, value):
            yield name


def _variables(block: Block, row: Row) -> Iterator[tuple[str, Value]]:
    for path in row.maps:
        for value in _at(block, path):
            for name in keys_of(value):
                yield name, value.get(name) if isinstance(value, Mapping) else None
    for path in row.lists:
        for value in _at(block, path):
            for item in parts(value):
                called = item.get("name") or item.get("key")
                if isinstance(called, str):
                    yield called, None if item.get("type") in _STORES else item.get("value")
    for script in _scripts(block, row):
        yield from _EXPORT.findall(script)


def _is_no_credential(name: str, value: Value) -> bool:
    """Whether a variable that is called like an AWS credential has a constant in it that cannot be one."""
    shape = _SHAPES.get(name)
    if shape is None or not isinstance(value, str) or any(mark in value for mark in _COMPUTED):
        return False
    return shape.match(value) is None


def _calls(block: Block, row: Row) -> Iterator[str]:
    """Commands of a start-up script that call AWS; comments do not, nor requests that are not signed."""
    for script in _scripts(block, row):
        for service, operation, rest in _CALL.findall(_COMMENT.sub("", script).replace("\\\n", " ")):
            if _UNSIGNED not in rest:
                yield f"aws {service} {operation}"


def _has_template(block: Block) -> bool:
    value = block.get("launch_template")
    return block.configured("launch_template") is not False if isinstance(value, Unknown) else bool(value)


def _scripts(block: Block, row: Row) -> Iterator[str]:
    for path in row.scripts:
        # Of user data the provider keeps a hash; the text, if it is constant, stands in the configuration.
        for value in (block.literal(path), *_at(block, path)):
            if isinstance(value, str):
                yield _script(value[:_MAX_SCRIPT])


def _script(text: str) -> str:
    """The text of a start-up script, which launch templates want in base64."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return text


def _at(block: Block, path: str) -> list[Value]:
    """Every value at a path. What is unknown on the way there is the answer, for it may hold one."""
    name, *steps = path.split(".")
    values = [_decoded(block.get(name.rstrip("*")))] if name.endswith("*") else [block.get(name)]
    for step in steps:
        values = [inner for value in values for inner in _below(value, step)]
    return values


def _below(value: Value, step: str) -> Iterator[Value]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Unknown):
            yield item
        elif isinstance(item, Mapping) and item.get(step) is not None:
            yield item[step]


def _decoded(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        tree: Value = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return Unknown("it is not JSON")
    return tree


def _permission(scene: Scene, block: Block) -> Iterator[Struct]:
    def given(attribute: str, *types: str) -> Maybe[str] | None:
        value = scene.read.link(block, attribute, types)
        return None if isinstance(value, Unknown) and block.configured(attribute) is False else value

    layer = block.type == "aws_lambda_layer_version_permission"
    principal = given("principal", *ROLE)
    yield workload.LambdaPermission(
        origin=scene.origin(block),
        principal=Unknown("principal is not set") if principal is None else principal,
        action=given("action"),
        function=given("layer_name", "aws_lambda_layer_version") if layer else given("function_name", *_FUNCTION),
        source_arn=given("source_arn"),
        source_account=given("source_account"),
        organization=given("organization_id" if layer else "principal_org_id"),
        event_source_token=given("event_source_token"),
        url_auth_type=given("function_url_auth_type"),
        by_url=scene.read.flag(block, "invoked_via_function_url", default=False),
        layer=layer,
    )


def _url(scene: Scene, block: Block) -> Iterator[Struct]:
    yield workload.FunctionUrl(
        origin=scene.origin(block),
        function=scene.read.required(block, "function_name", _FUNCTION),
        authorization=scene.read.required(block, "authorization_type", ()),
    )


HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(ROWS, _workload),
    "aws_lambda_permission": _permission,
    "aws_lambda_layer_version_permission": _permission,
    "aws_lambda_function_url": _url,
}
