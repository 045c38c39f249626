"""Which attribute of which type holds a resource policy, and what it protects (rule IAM611's list).

Not every `policy` or `content` is one: lifecycle and data protection policies, SSM documents and the like are not here.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from ..load.block import Block
from ..model.workload import ResourcePolicy
from ..value import Maybe, Unknown, Value
from .reader import Types, first, flag_of
from .scene import Handler, Scene
from .written import place


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
WITHOUT_TERRAFORM: Final = "resource_policy"  # a type of ours, for the tables of other languages
UNREAD: Final = "unread_policy"  # likewise, for policies that are met and not judged
_SES: Final[Types] = ("aws_ses_domain_identity", "aws_ses_email_identity", "aws_sesv2_email_identity")
_SECRET: Final[Types] = ("aws_secretsmanager_secret",)
_EFS: Final[Types] = ("aws_efs_file_system",)
_REST_API: Final = "aws_api_gateway_rest_api"
_POINT: Final[Types] = ("aws_s3_access_point",)
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
    "aws_cloudwatch_log_delivery_destination_policy": Row(
        "delivery_destination_policy", "log-delivery-destination", "delivery_destination_name"
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
    "aws_kinesis_resource_policy": Row(
        _P, "kinesis-stream", "resource_arn", ("aws_kinesis_stream", "aws_kinesis_stream_consumer")
    ),
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
    "aws_s3vectors_vector_bucket_policy": Row(
        _P, "s3-vector-bucket", "vector_bucket_arn", ("aws_s3vectors_vector_bucket",)
    ),
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
    "aws_cloudtrail_resource_policy": Row(
        "resource_policy", "cloudtrail-channel", "resource_arn", ("aws_cloudtrail_event_data_store",)
    ),
    "aws_ecr_repository_creation_template": Row("repository_policy", "ecr-repository"),
}

# Types whose policy can be on several kinds of resources: what of the ARN, or of the block that it comes from, tells which.
_KINDS: Final = {
    "aws_s3control_access_point_policy": (
        (":s3express:", "s3-directory-access-point"), (":s3-outposts:", "s3-outposts-access-point"),
        ("aws_s3outposts_accesspoint", "s3-outposts-access-point"),
    ),
    "aws_dynamodb_resource_policy": (("/stream/", "dynamodb-stream"), ("stream_arn", "dynamodb-stream")),
    "aws_kinesis_resource_policy": (("/consumer/", "kinesis-consumer"), ("aws_kinesis_stream_consumer", "kinesis-consumer")),
    "aws_cloudtrail_resource_policy": (
        (":eventdatastore/", "cloudtrail-event-data-store"),
        ("aws_cloudtrail_event_data_store", "cloudtrail-event-data-store"),
        (":dashboard/", "cloudtrail-dashboard"),
    ),
}  # fmt: skip
# AWS refuses public policies on these, and nobody can change that:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-best-practices.html
_REFUSED: Final = frozenset({"aws_dynamodb_resource_policy", "aws_s3_directory_bucket_policy"})
# These answer only inside a network: buckets on Outposts through access points of a VPC, services of VPC Lattice likewise.
# https://docs.aws.amazon.com/AmazonS3/latest/s3-outposts/WorkingWithOutpostsAP.html
_INSIDE: Final = frozenset({"aws_s3control_bucket_policy", "aws_vpclattice_auth_policy"})


# Types that are about a policy and may have none: the endpoint has the default one then.
_OPTIONAL: Final = frozenset({"aws_vpc_endpoint_policy"})


def _read(scene: Scene, block: Block) -> Iterator[Struct]:
    row = ROWS[block.type]
    if row.companion and scene.is_copy(block, row.attribute, row.companion):
        return
    document = (
        scene.policies.needed(block, row.attribute)
        if block.type.endswith("_policy") and block.type not in _OPTIONAL
        else scene.policies.read(block, row.attribute, computed=bool(row.companion))
    )
    if document is None:
        return
    target = scene.read.link(block, row.target, row.types) if row.target else scene.read.names.arn(block)
    resource = _resource(scene, block, row, target)
    yield ResourcePolicy(
        origin=scene.origin(block),
        kind=_kind(block.type, row, target),
        attribute=row.attribute,
        target=target,
        document=document,
        network_bound=block.type in _INSIDE or _is_network_bound(resource),
        refuses_public=block.type in _REFUSED or scene.read.flag(block, "block_public_policy", default=False),
        asks_login=_asks_login(resource),
    )


def _kind(type_: str, row: Row, target: Maybe[str] | None) -> str:
    text = target if isinstance(target, str) else ""
    return next((kind for part, kind in _KINDS.get(type_, ()) if part in text), row.kind)


def _resource(scene: Scene, block: Block, row: Row, target: Maybe[str] | None) -> Block:
    """The block of the resource that a policy protects; the policy's own where that is in it, or the other is not here.

    Looked up only for types whose own arguments decide who can come.
    """
    for type_ in row.types if isinstance(target, str) else ():
        if type_ in _OPENSEARCH or type_ == _REST_API:
            for other in scene.read.of_type(type_):
                if target in scene.called(other):
                    return other
    return block


def _is_network_bound(resource: Block) -> bool:
    """OpenSearch domains in a VPC, and private REST APIs, have no public address."""
    if resource.type in _OPENSEARCH:
        return isinstance(first(resource.get("vpc_options")), dict)
    if resource.type == _REST_API:
        endpoint = first(resource.get("endpoint_configuration"))
        return isinstance(endpoint, dict) and endpoint.get("types") == ["PRIVATE"]
    return False


def _asks_login(resource: Block) -> Maybe[bool]:
    """Fine-grained access control of OpenSearch, which signed and unsigned requests must both pass.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """
    name = "advanced_security_options"
    if resource.type not in _OPENSEARCH or resource.configured(name) is False:
        return False
    options = first(resource.get(name))
    if not isinstance(options, dict):
        return False if options is None else options
    enabled = flag_of(options.get("enabled"), default=False)
    guests = flag_of(options.get("anonymous_auth_enabled"), default=False)
    return enabled if guests is False else Unknown("anonymous_auth_enabled is not off")


# The block of an access point is set once, when it is made, and on unless it was switched off then.
_ELSEWHERE: Final = Unknown("the public access block of the access point is not in this input")


def _access_point(scene: Scene, block: Block) -> Iterator[Struct]:
    """The policy of an access point that is not in the input itself; else the access point shows it."""
    point = scene.read.link(block, "access_point_arn", _POINT)
    if any(point in scene.called(other) for other in scene.read.of_type(_POINT[0])):
        return
    document = scene.policies.read(block, "policy")
    if document is not None:
        kind = _kind(block.type, Row(_P, "s3-access-point"), point)
        yield ResourcePolicy(
            origin=scene.origin(block),
            kind=kind,
            attribute="policy",
            target=point,
            document=document,
            network_bound=kind == "s3-outposts-access-point",
            refuses_public=kind == "s3-directory-access-point" or _ELSEWHERE,
        )


def _multi_region(scene: Scene, block: Block) -> Iterator[Struct]:
    """The policy of a multi-region access point stands in its `details`."""
    details = first(block.get("details"))
    value = details.get("policy") if isinstance(details, dict) else details
    document = scene.policies.read_value(value, place(block, "details"), "policy")
    if document is not None:
        yield ResourcePolicy(
            origin=scene.origin(block),
            kind="s3-multi-region-access-point",
            attribute="details",
            target=scene.read.text_of(details.get("name")) if isinstance(details, dict) else None,
            document=document,
            refuses_public=_multi_region_block(scene, details.get("name")) if isinstance(details, dict) else _ELSEWHERE,
        )


def _multi_region_block(scene: Scene, name: Value) -> Maybe[bool]:
    """Whether the public access block of a multi-region access point is on, as it is unless its block says otherwise."""
    for other in scene.read.of_type("aws_s3control_multi_region_access_point"):
        details = first(other.get("details"))
        if isinstance(details, dict) and details.get("name") == name and isinstance(name, str):
            given = first(details.get("public_access_block"))
            if isinstance(given, Unknown):
                return given
            return given is None or flag_of(given.get("block_public_policy"), default=True)
    return _ELSEWHERE


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
    document = scene.policies.read_value(tree, place(block, "principal"), "principal")
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


def _without_terraform(scene: Scene, block: Block) -> Iterator[Struct]:
    """A policy on a resource for whose policies Terraform has no type; the block itself says what it protects."""
    kind = block.get("kind")
    document = scene.policies.read(block, _P)
    if isinstance(kind, str) and document is not None:
        yield ResourcePolicy(
            origin=scene.origin(block),
            kind=kind,
            attribute=_P,
            target=scene.read.link(block, "resource_arn", ()),
            document=document,
        )


def _unread(scene: Scene, block: Block) -> Iterator[Struct]:
    """A policy of which only the place is told: it is counted."""
    scene.policies.read(block, _P)
    return iter(())


HANDLERS: Final[dict[str, Handler]] = {
    WITHOUT_TERRAFORM: _without_terraform,
    UNREAD: _unread,
    **dict.fromkeys(ROWS, _read),
    "aws_s3control_access_point_policy": _access_point,
    "aws_s3control_multi_region_access_point_policy": _multi_region,
    "aws_cloudwatch_event_permission": _event_permission,
}
