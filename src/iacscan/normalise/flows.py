"""Where the secrets of access keys go: references followed from each `aws_iam_access_key` to everything that takes them."""

from collections.abc import Iterable, Iterator
from typing import Final

from ..load.block import Block, Output, Reference
from ..model.iam import KeyFlow
from .scene import Scene
from .written import place

_KEY: Final = "aws_iam_access_key"
_PARTS: Final = frozenset(
    ("id", "secret", "encrypted_secret", "ses_smtp_password", "ses_smtp_password_v4", "encrypted_ses_smtp_password_v4")
)
_ROUNDS: Final = 6  # blocks that hand a secret on to each other

# What takes a text and gives it on.
_CARRIERS: Final = frozenset(
    (
        "template_file", "template_cloudinit_config", "cloudinit_config", "template_dir", "null_data_source",
        "external", "archive_file", "terraform_data", "time_static", "random_id", "random_pet",
    )
)  # fmt: skip

# Sinks, by the beginning of their type; the longest that fits counts.
_SINKS: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "aws_lambda_function", "aws_instance", "aws_launch_template", "aws_launch_configuration",
            "aws_spot_instance_request", "aws_spot_fleet_request", "aws_ecs_task_definition", "aws_batch_job_definition",
            "aws_codebuild_project", "aws_elastic_beanstalk_", "aws_apprunner_service", "aws_glue_job", "aws_amplify_app",
            "aws_amplify_branch", "aws_mwaa_environment", "aws_sagemaker_", "aws_lightsail_", "aws_bedrockagentcore_",
            "kubernetes_secret", "kubernetes_config_map", "helm_release",
        ),
        "compute",
    ),
    **dict.fromkeys(
        (
            "github_actions_secret", "github_actions_environment_secret", "github_actions_organization_secret",
            "github_actions_variable", "github_dependabot_", "github_codespaces_", "gitlab_project_variable",
            "gitlab_group_variable", "gitlab_instance_variable", "tfe_variable", "circleci_", "bitbucket_",
            "buildkite_", "spacelift_environment_variable", "vercel_project_environment_variable", "azuredevops_",
        ),
        "ci",
    ),
    **dict.fromkeys(
        (
            "aws_ssm_parameter", "aws_secretsmanager_secret_version", "vault_", "azurerm_key_vault_secret",
            "google_secret_manager_secret_version", "doppler_secret", "onepassword_item",
        ),
        "store",
    ),
    **dict.fromkeys(("local_file", "local_sensitive_file", "null_resource", "terraform_data"), "file"),
}  # fmt: skip


def key_flows(scene: Scene, outputs: Iterable[Output], section: str = "output") -> Iterator[KeyFlow]:
    """Every place that takes a part of an access key, on this side of the change; `section` is what outputs stand in."""
    keys = {block.address: block for block in scene.read.of_type(_KEY)}
    if not keys:
        return
    carried: dict[str, frozenset[tuple[str, str]]] = {}
    takers = [
        block for block in scene.read.blocks if not (block.mode == "managed" and block.type.startswith("aws_iam_"))
    ]
    for _ in range(_ROUNDS):
        fresh = {
            block.address: found
            for block in takers
            if block.type in _CARRIERS and (found := _taken(scene, block.references(), carried))
        }
        if fresh == carried:
            break
        carried = fresh
    for block in takers:
        if not _taken(scene, block.references(), carried):
            continue
        for attribute in sorted(block.names()):
            for key, part in sorted(_taken(scene, block.references(attribute), carried)):
                yield KeyFlow(
                    origin=scene.origin(block),
                    key=key,
                    part=part,
                    sink=_sink(block),
                    path=place(block, attribute),
                    attribute=attribute,
                )
    for output in outputs:
        address = f"{section}.{output.name}"
        for key, part in sorted(_taken(scene, output.references, carried)):
            sink = "sensitive-output" if output.sensitive else "output"
            yield KeyFlow(
                origin=scene.read.origin_of(None, address, "output"), key=key, part=part, sink=sink, path=address
            )


def _taken(
    scene: Scene, references: Iterable[Reference], carried: dict[str, frozenset[tuple[str, str]]]
) -> frozenset[tuple[str, str]]:
    """Keys, each with the part of it, that references reach. A key passed on whole includes its secret."""
    found: set[tuple[str, str]] = set()
    for reference in references:
        if reference.address in carried:
            found |= carried[reference.address]
        elif _KEY in reference.address:
            block = scene.read.names.block(reference.address)
            part = reference.attribute or "secret"
            if block is not None and block.type == _KEY and block.mode == "managed" and part in _PARTS:
                found.add((scene.origin(block).address, part))
    return frozenset(found)


def _sink(block: Block) -> str:
    if block.mode != "managed":
        return "other"
    fitting = [beginning for beginning in _SINKS if block.type.startswith(beginning)]
    return _SINKS[max(fitting, key=len)] if fitting else "other"
