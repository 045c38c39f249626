"""Which attribute of which type holds a resource policy, and what it protects (rule IAM611's list).

Not every `policy` or `content` is one: lifecycle and data protection policies, SSM documents and the like are not here.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from ..load.block import Block
from ..model.workload import ResourcePolicy
from ..value import Maybe, Unknown, Value
from .reader import Types, first
from .scene import Handler, Scene


class Row(NamedTuple):
    """One attribute.

    `target` is the attribute that names the protected resource, empty where that is the block's own; `types` are what it
    can mean. `companion` is the type whose text AWS shows in a block's own attribute as well.
    """

    attribute: str
    kind: str
    target: str = ""
    types: Types = ()
    companion: str = ""


_P: Final = "policy"
_SES: Final[Types] = ("aws_ses_domain_identity", "aws_ses_email_identity", "aws_sesv2_email_identity")
_SECRET: Final[Types] = ("aws_secretsmanager_secret",)
_EFS: Final[Types] = ("aws_efs_file_system",)
_OPENSEARCH: Final[Types] = ("aws_opensearch_domain", "aws_elasticsearch_domain")

ROWS: Final[dict[str, Row]] = {
    "aws_sqs_queue": Row(_P, "sqs-queue", companion="aws_sqs_queue_policy"),
    "aws_sqs_queue_policy": Row(_P, "sqs-queue", "queue_url", ("aws_sqs_queue",)),
    "aws_sns_topic": Row(_P, "sns-topic", companion="aws_sns_topic_policy"),
    "aws_sns_topic_policy": Row(_P, "sns-topic", "arn", ("aws_sns_topic",)),
    "aws_kms_key": Row(_P, "kms-key", companion="aws_kms_key_policy"),
    "aws_kms_key_policy": Row(_P, "kms-key", "key_id", ("aws_kms_key", "aws_kms_external_key")),
    "aws_kms_external_key": Row(_P, "kms-key", companion="aws_kms_key_policy"),
    "aws_kms_replica_key": Row(_P, "kms-key", companion="aws_kms_key_policy"),
    "aws_kms_replica_external_key": Row(_P, "kms-key", companion="aws_kms_key_policy"),
    "aws_ecr_repository_policy": Row(_P, "ecr-repository", "repository", ("aws_ecr_repository",)),
    "aws_ecr_registry_policy": Row(_P, "ecr-registry"),
    "aws_ecrpublic_repository_policy": Row(
        _P, "ecr-public-repository", "repository_name", ("aws_ecrpublic_repository",)
    ),
    "aws_secretsmanager_secret": Row(_P, "secret", companion="aws_secretsmanager_secret_policy"),
    "aws_secretsmanager_secret_policy": Row(_P, "secret", "secret_arn", _SECRET),
    "aws_elasticsearch_domain": Row(
        "access_policies", "opensearch-domain", companion="aws_elasticsearch_domain_policy"
    ),
    "aws_elasticsearch_domain_policy": Row("access_policies", "opensearch-domain", "domain_name", _OPENSEARCH),
    "aws_opensearch_domain": Row("access_policies", "opensearch-domain", companion="aws_opensearch_domain_policy"),
    "aws_opensearch_domain_policy": Row("access_policies", "opensearch-domain", "domain_name", _OPENSEARCH),
    "aws_efs_file_system_policy": Row(_P, "efs-file-system", "file_system_id", _EFS),
    "aws_api_gateway_rest_api": Row(_P, "rest-api", companion="aws_api_gateway_rest_api_policy"),
    "aws_api_gateway_rest_api_policy": Row(_P, "rest-api", "rest_api_id", ("aws_api_gateway_rest_api",)),
    "aws_api_gateway_domain_name": Row(_P, "rest-api"),
    "aws_cloudwatch_event_bus_policy": Row(_P, "event-bus", "event_bus_name", ("aws_cloudwatch_event_bus",)),
    "aws_schemas_registry_policy": Row(_P, "schema-registry", "registry_name", ("aws_schemas_registry",)),
    "aws_cloudwatch_log_resource_policy": Row("policy_document", "log-resource"),
    "aws_cloudwatch_log_destination_policy": Row(
        "access_policy", "log-destination", "destination_name", ("aws_cloudwatch_log_destination",)
    ),
    "aws_glacier_vault": Row("access_policy", "glacier-vault"),
    "aws_glacier_vault_lock": Row(_P, "glacier-vault", "vault_name", ("aws_glacier_vault",)),
    "aws_backup_vault_policy": Row(_P, "backup-vault", "backup_vault_name", ("aws_backup_vault",)),
    "aws_codeartifact_domain_permissions_policy": Row(
        "policy_document", "codeartifact-domain", "domain", ("aws_codeartifact_domain",)
    ),
    "aws_codeartifact_repository_permissions_policy": Row(
        "policy_document", "codeartifact-repository", "repository", ("aws_codeartifact_repository",)
    ),
    "aws_codebuild_resource_policy": Row(_P, "codebuild", "resource_arn", ("aws_codebuild_project",)),
    "aws_dynamodb_resource_policy": Row(_P, "dynamodb-table", "resource_arn", ("aws_dynamodb_table",)),
    "aws_kinesis_resource_policy": Row(_P, "kinesis-stream", "resource_arn", ("aws_kinesis_stream",)),
    "aws_msk_cluster_policy": Row(_P, "msk-cluster", "cluster_arn", ("aws_msk_cluster",)),
    "aws_media_store_container_policy": Row(_P, "media-store", "container_name", ("aws_media_store_container",)),
    "aws_ses_identity_policy": Row(_P, "ses-identity", "identity", _SES),
    "aws_sesv2_email_identity_policy": Row(_P, "ses-identity", "email_identity", _SES),
    "aws_glue_resource_policy": Row(_P, "glue-catalog"),
    "aws_sagemaker_model_package_group_policy": Row(
        "resource_policy", "sagemaker-model-group", "model_package_group_name", ("aws_sagemaker_model_package_group",)
    ),
    "aws_s3tables_table_bucket_policy": Row(
        "resource_policy", "s3-table-bucket", "table_bucket_arn", ("aws_s3tables_table_bucket",)
    ),
    "aws_s3tables_table_policy": Row("resource_policy", "s3-table", "table_bucket_arn", ("aws_s3tables_table_bucket",)),
    "aws_s3control_bucket_policy": Row(_P, "s3-outposts-bucket", "bucket", ("aws_s3control_bucket",)),
    "aws_s3control_object_lambda_access_point_policy": Row(
        _P, "s3-object-lambda-access-point", "name", ("aws_s3control_object_lambda_access_point",)
    ),
    "aws_s3_directory_bucket_policy": Row(_P, "s3-directory-bucket", "bucket", ("aws_s3_directory_bucket",)),
    "aws_vpclattice_auth_policy": Row(
        _P, "vpc-lattice", "resource_identifier", ("aws_vpclattice_service", "aws_vpclattice_service_network")
    ),
    "aws_vpclattice_resource_policy": Row(
        _P, "vpc-lattice", "resource_arn", ("aws_vpclattice_service", "aws_vpclattice_service_network")
    ),
    "aws_vpc_endpoint": Row(_P, "vpc-endpoint", companion="aws_vpc_endpoint_policy"),
    "aws_vpc_endpoint_policy": Row(_P, "vpc-endpoint", "vpc_endpoint_id", ("aws_vpc_endpoint",)),
    "aws_redshift_resource_policy": Row(_P, "redshift", "resource_arn", ("aws_redshift_cluster",)),
    "aws_redshiftserverless_resource_policy": Row(
        _P, "redshift", "resource_arn", ("aws_redshiftserverless_namespace",)
    ),
    "aws_iot_policy": Row(_P, "iot-policy"),
    "aws_organizations_resource_policy": Row("content", "organizations"),
    "aws_acmpca_policy": Row(_P, "certificate-authority", "resource_arn", ("aws_acmpca_certificate_authority",)),
    "aws_xray_resource_policy": Row("policy_document", "xray"),
    "aws_lex_resource_policy": Row(_P, "lex-bot", "resource_arn"),
    "aws_networkfirewall_resource_policy": Row(_P, "network-firewall", "resource_arn"),
    "aws_bedrockagentcore_resource_policy": Row(_P, "agentcore", "resource_arn"),
    "aws_cloudtrail_resource_policy": Row("resource_policy", "cloudtrail", "resource_arn"),
}


def _read(scene: Scene, block: Block) -> Iterator[Struct]:
    row = ROWS[block.type]
    if row.companion and scene.is_copy(block, row.attribute, row.companion):
        return
    document = scene.policies.read(block, row.attribute, computed=bool(row.companion))
    if document is None:
        return
    own = scene.read.names.arn(block)
    yield ResourcePolicy(
        origin=scene.origin(block),
        kind=row.kind,
        attribute=row.attribute,
        target=scene.read.link(block, row.target, row.types) if row.target else own,
        document=document,
        network_bound=_is_network_bound(block),
        refuses_public=block.type == "aws_secretsmanager_secret_policy" and block.get("block_public_policy") is True,
    )


def _is_network_bound(block: Block) -> bool:
    """OpenSearch domains in a VPC, and private REST APIs, have no public address."""
    if block.type in _OPENSEARCH:
        return isinstance(first(block.get("vpc_options")), dict)
    if block.type == "aws_api_gateway_rest_api":
        endpoint = first(block.get("endpoint_configuration"))
        return isinstance(endpoint, dict) and endpoint.get("types") == ["PRIVATE"]
    return False


def _multi_region(scene: Scene, block: Block) -> Iterator[Struct]:
    """The policy of a multi-region access point stands in its `details`."""
    details = first(block.get("details"))
    value = details.get("policy") if isinstance(details, dict) else details
    document = scene.policies.read_value(value, f"{block.address}.details[0].policy", "policy")
    if document is not None:
        yield ResourcePolicy(
            origin=scene.origin(block),
            kind="s3-multi-region-access-point",
            attribute="details",
            target=scene.read.text_of(details.get("name")) if isinstance(details, dict) else None,
            document=document,
        )


def _event_permission(scene: Scene, block: Block) -> Iterator[Struct]:
    """`aws_cloudwatch_event_permission`: one statement of an event bus's policy, as arguments."""
    action = block.get("action")
    principal = block.get("principal")
    who: Value = principal if principal == "*" or isinstance(principal, Unknown) else {"AWS": principal}
    statement: dict[str, Value] = {
        "Effect": "Allow",
        "Action": "events:PutEvents" if action is None else action,
        "Principal": who,
        "Resource": _bus_arn(scene, block),
    }
    condition = first(block.get("condition"))
    match condition:
        case dict():
            test, key = condition.get("type"), condition.get("key")
            known = isinstance(test, str) and isinstance(key, str)
            statement["Condition"] = (
                {str(test): {str(key): condition.get("value")}} if known else Unknown("its condition is computed")
            )
        case Unknown():
            statement["Condition"] = condition
        case None:
            pass
    tree: Value = {"Version": "2012-10-17", "Statement": [statement]}
    document = scene.policies.read_value(tree, f"{block.address}.principal", "principal")
    if document is not None:
        yield ResourcePolicy(
            origin=scene.origin(block),
            kind="event-bus",
            attribute="principal",
            target=scene.read.link(block, "event_bus_name", ("aws_cloudwatch_event_bus",)) or "default",
            document=document,
        )


def _bus_arn(scene: Scene, block: Block) -> Maybe[str]:
    name = scene.read.link(block, "event_bus_name", ("aws_cloudwatch_event_bus",))
    if isinstance(name, Unknown):
        return name
    return f"arn:aws:events:⟦region⟧:⟦account⟧:event-bus/{name or 'default'}"


HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(ROWS, _read),
    "aws_s3control_multi_region_access_point_policy": _multi_region,
    "aws_cloudwatch_event_permission": _event_permission,
}
