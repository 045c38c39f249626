"""Buckets, and everything else that carries a resource policy: CloudFormation's types as Terraform spells them."""

from collections.abc import Mapping
from typing import Final

from ..policy_attributes import WITHOUT_TERRAFORM
from .row import Companion, Row
from .shapes import Spec, constant, document, kebab, nested

_FLAGS: Final[Mapping[str, Spec]] = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}

STORAGE: Final[dict[str, Row]] = {
    "AWS::S3::Bucket": Row(
        "aws_s3_bucket",
        {"bucket": "BucketName", "acl": kebab("AccessControl"), "website": "WebsiteConfiguration"},
        (
            Companion("aws_s3_bucket_public_access_block", "PublicAccessBlockConfiguration", _FLAGS, "bucket"),
            Companion(
                "aws_s3_bucket_ownership_controls",
                "OwnershipControls",
                {"rule": nested("Rules", {"object_ownership": "ObjectOwnership"})},
                "bucket",
            ),
            Companion(
                "aws_s3_bucket_logging", "LoggingConfiguration", {"target_bucket": "DestinationBucketName"}, "bucket"
            ),
        ),
        attributes={"DomainName": "bucket_domain_name", "RegionalDomainName": "bucket_regional_domain_name"},
    ),
    "AWS::S3::BucketPolicy": Row("aws_s3_bucket_policy", {"bucket": "Bucket", "policy": "PolicyDocument"}),
    "AWS::S3::AccessPoint": Row(
        "aws_s3_access_point",
        {
            "name": "Name",
            "bucket": "Bucket",
            "policy": "Policy",
            "public_access_block_configuration": nested("PublicAccessBlockConfiguration", _FLAGS),
            "vpc_configuration": nested("VpcConfiguration", {"vpc_id": "VpcId"}),
        },
    ),
    "AWS::S3::MultiRegionAccessPointPolicy": Row(
        "aws_s3control_multi_region_access_point_policy",
        {"details": nested("", {"name": "MrapName", "policy": "Policy"})},
    ),
    "AWS::S3Express::BucketPolicy": Row(
        "aws_s3_directory_bucket_policy", {"bucket": "Bucket", "policy": "PolicyDocument"}
    ),
    "AWS::S3ObjectLambda::AccessPointPolicy": Row(
        "aws_s3control_object_lambda_access_point_policy",
        {"name": "ObjectLambdaAccessPoint", "policy": "PolicyDocument"},
    ),
    "AWS::S3Outposts::AccessPoint": Row(
        companions=(
            Companion("aws_s3control_access_point_policy", "Policy", {"policy": ""}, "access_point_arn", "arn"),
        ),
        bare=True,
    ),
    "AWS::S3Outposts::BucketPolicy": Row(
        "aws_s3control_bucket_policy", {"bucket": "Bucket", "policy": "PolicyDocument"}
    ),
    "AWS::S3Tables::TableBucketPolicy": Row(
        "aws_s3tables_table_bucket_policy", {"table_bucket_arn": "TableBucketARN", "resource_policy": "ResourcePolicy"}
    ),
    "AWS::S3Tables::TablePolicy": Row(
        "aws_s3tables_table_policy", {"table_bucket_arn": "TableARN", "resource_policy": "ResourcePolicy"}
    ),
    "AWS::S3Vectors::VectorBucketPolicy": Row(
        "aws_s3vectors_vector_bucket_policy", {"vector_bucket_arn": "VectorBucketArn", "policy": "Policy"}
    ),
}

_BUS: Final = "event_bus_name"
RESOURCE_POLICIES: Final[dict[str, Row]] = {
    "AWS::SQS::QueuePolicy": Row(
        companions=(Companion("aws_sqs_queue_policy", "Queues", {"queue_url": "", "policy": "^PolicyDocument"}),)
    ),
    "AWS::SQS::QueueInlinePolicy": Row("aws_sqs_queue_policy", {"queue_url": "Queue", "policy": "PolicyDocument"}),
    "AWS::SNS::TopicPolicy": Row(
        companions=(Companion("aws_sns_topic_policy", "Topics", {"arn": "", "policy": "^PolicyDocument"}),)
    ),
    "AWS::SNS::TopicInlinePolicy": Row("aws_sns_topic_policy", {"arn": "TopicArn", "policy": "PolicyDocument"}),
    "AWS::KMS::Key": Row("aws_kms_key", {"policy": "KeyPolicy"}),
    "AWS::KMS::ReplicaKey": Row("aws_kms_replica_key", {"policy": "KeyPolicy"}),
    "AWS::SecretsManager::ResourcePolicy": Row(
        "aws_secretsmanager_secret_policy",
        {"secret_arn": "SecretId", "policy": "ResourcePolicy", "block_public_policy": "BlockPublicPolicy"},
    ),
    "AWS::ECR::Repository": Row(
        "aws_ecr_repository",
        {"name": "RepositoryName"},
        (Companion("aws_ecr_repository_policy", "RepositoryPolicyText", {"policy": ""}, "repository"),),
    ),
    "AWS::ECR::PublicRepository": Row(
        "aws_ecrpublic_repository",
        {"repository_name": "RepositoryName"},
        (Companion("aws_ecrpublic_repository_policy", "RepositoryPolicyText", {"policy": ""}, "repository_name"),),
    ),
    "AWS::ECR::RegistryPolicy": Row("aws_ecr_registry_policy", {"policy": "PolicyText"}),
    "AWS::ECR::RepositoryCreationTemplate": Row(
        "aws_ecr_repository_creation_template", {"repository_policy": "RepositoryPolicy"}
    ),
    "AWS::EFS::FileSystem": Row(
        "aws_efs_file_system",
        {},
        (Companion("aws_efs_file_system_policy", "FileSystemPolicy", {"policy": ""}, "file_system_id"),),
    ),
    **dict.fromkeys(
        ("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"),
        Row(
            "aws_opensearch_domain",
            {
                "domain_name": "DomainName",
                "access_policies": "AccessPolicies",
                "vpc_options": nested("VPCOptions", {"subnet_ids": "SubnetIds"}),
                "advanced_security_options": nested(
                    "AdvancedSecurityOptions",
                    {"enabled": "Enabled", "anonymous_auth_enabled": "AnonymousAuthEnabled"},
                ),
            },
        ),
    ),
    "AWS::ApiGateway::RestApi": Row(
        "aws_api_gateway_rest_api",
        {
            "name": "Name",
            "policy": "Policy",
            "body": "Body",
            "endpoint_configuration": nested("EndpointConfiguration", {"types": "Types"}),
        },
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html
        (
            Companion(
                "aws_api_gateway_rest_api_policy",
                "Body.x-amazon-apigateway-policy",
                {"policy": ""},
                "rest_api_id",
                unless="Policy",
            ),
        ),
    ),
    "AWS::ApiGateway::DomainNameV2": Row(
        "aws_api_gateway_domain_name", {"policy": "Policy"}, attributes={"DomainNameArn": "arn"}
    ),
    **dict.fromkeys(
        ("AWS::Backup::BackupVault", "AWS::Backup::LogicallyAirGappedBackupVault"),
        Row(
            "aws_backup_vault",
            {"name": "BackupVaultName"},
            (Companion("aws_backup_vault_policy", "AccessPolicy", {"policy": ""}, "backup_vault_name"),),
            attributes={"BackupVaultArn": "arn"},
        ),
    ),
    "AWS::Events::EventBus": Row(
        "aws_cloudwatch_event_bus",
        {"name": "Name"},
        (Companion("aws_cloudwatch_event_bus_policy", "Policy", {"policy": ""}, _BUS),),
    ),
    # The older form, with the parts of one statement as properties, has no Statement.
    "AWS::Events::EventBusPolicy": Row(
        companions=(
            Companion("aws_cloudwatch_event_bus_policy", "Statement", {_BUS: "^EventBusName", "policy": document("")}),
            Companion(
                "aws_cloudwatch_event_permission",
                "Principal",
                {
                    _BUS: "^EventBusName",
                    "action": "^Action",
                    "principal": "",
                    "condition": nested("^Condition", {"type": "Type", "key": "Key", "value": "Value"}),
                },
            ),
        )
    ),
    "AWS::EventSchemas::RegistryPolicy": Row(
        "aws_schemas_registry_policy", {"registry_name": "RegistryName", "policy": "Policy"}
    ),
    "AWS::Logs::ResourcePolicy": Row("aws_cloudwatch_log_resource_policy", {"policy_document": "PolicyDocument"}),
    "AWS::Logs::LogGroup": Row(
        "aws_cloudwatch_log_group",
        {"name": "LogGroupName"},
        (Companion("aws_cloudwatch_log_resource_policy", "ResourcePolicyDocument", {"policy_document": ""}),),
    ),
    "AWS::Logs::Destination": Row(
        "aws_cloudwatch_log_destination",
        {"name": "DestinationName"},
        (
            Companion(
                "aws_cloudwatch_log_destination_policy", "DestinationPolicy", {"access_policy": ""}, "destination_name"
            ),
        ),
    ),
    "AWS::Logs::DeliveryDestination": Row(
        "aws_cloudwatch_log_delivery_destination",
        {"name": "Name"},
        (
            Companion(
                "aws_cloudwatch_log_delivery_destination_policy",
                "DeliveryDestinationPolicy.DeliveryDestinationPolicy",
                {"delivery_destination_policy": ""},
                "delivery_destination_name",
                "name",
            ),
        ),
    ),
    "AWS::CodeArtifact::Domain": Row(
        "aws_codeartifact_domain",
        {"domain": "DomainName"},
        (
            Companion(
                "aws_codeartifact_domain_permissions_policy",
                "PermissionsPolicyDocument",
                {"policy_document": ""},
                "domain",
                "domain",
            ),
        ),
        ref="arn",
        attributes={"Name": "domain"},
    ),
    "AWS::CodeArtifact::Repository": Row(
        "aws_codeartifact_repository",
        {"repository": "RepositoryName"},
        (
            Companion(
                "aws_codeartifact_repository_permissions_policy",
                "PermissionsPolicyDocument",
                {"policy_document": ""},
                "repository",
                "repository",
            ),
        ),
        ref="arn",
        attributes={"Name": "repository"},
    ),
    "AWS::DynamoDB::Table": Row(
        "aws_dynamodb_table",
        {"name": "TableName"},
        (
            Companion(
                "aws_dynamodb_resource_policy", "ResourcePolicy.PolicyDocument", {"policy": ""}, "resource_arn", "arn"
            ),
            Companion(
                "aws_dynamodb_resource_policy",
                "StreamSpecification.ResourcePolicy.PolicyDocument",
                {"policy": ""},
                "resource_arn",
                "stream_arn",
            ),
        ),
    ),
    "AWS::DynamoDB::GlobalTable": Row(
        "aws_dynamodb_table",
        {"name": "TableName"},
        (
            Companion(
                "aws_dynamodb_resource_policy",
                "Replicas.ResourcePolicy.PolicyDocument",
                {"policy": ""},
                "resource_arn",
                "arn",
            ),
            Companion(
                "aws_dynamodb_resource_policy",
                "Replicas.ReplicaStreamSpecification.ResourcePolicy.PolicyDocument",
                {"policy": ""},
                "resource_arn",
                "stream_arn",
            ),
        ),
    ),
    "AWS::Kinesis::ResourcePolicy": Row(
        "aws_kinesis_resource_policy", {"resource_arn": "ResourceArn", "policy": "ResourcePolicy"}
    ),
    "AWS::MSK::ClusterPolicy": Row("aws_msk_cluster_policy", {"cluster_arn": "ClusterArn", "policy": "Policy"}),
    "AWS::MediaStore::Container": Row(
        "aws_media_store_container",
        {"name": "ContainerName"},
        (Companion("aws_media_store_container_policy", "Policy", {"policy": ""}, "container_name"),),
    ),
    "AWS::SageMaker::ModelPackageGroup": Row(
        "aws_sagemaker_model_package_group",
        {"model_package_group_name": "ModelPackageGroupName"},
        (
            Companion(
                "aws_sagemaker_model_package_group_policy",
                "ModelPackageGroupPolicy",
                {"resource_policy": ""},
                "model_package_group_name",
            ),
        ),
        ref="arn",
    ),
    "AWS::VpcLattice::AuthPolicy": Row(
        "aws_vpclattice_auth_policy", {"resource_identifier": "ResourceIdentifier", "policy": "Policy"}
    ),
    "AWS::VpcLattice::ResourcePolicy": Row(
        "aws_vpclattice_resource_policy", {"resource_arn": "ResourceArn", "policy": "Policy"}
    ),
    "AWS::EC2::VPCEndpoint": Row("aws_vpc_endpoint", {"policy": "PolicyDocument"}),
    "AWS::Redshift::Cluster": Row(
        "aws_redshift_cluster",
        {"cluster_identifier": "ClusterIdentifier"},
        (Companion("aws_redshift_resource_policy", "NamespaceResourcePolicy", {"policy": ""}, "resource_arn", "arn"),),
    ),
    "AWS::RedshiftServerless::Namespace": Row(
        "aws_redshiftserverless_namespace",
        {},
        (
            Companion(
                "aws_redshiftserverless_resource_policy",
                "NamespaceResourcePolicy",
                {"policy": ""},
                "resource_arn",
                "arn",
            ),
        ),
    ),
    "AWS::IoT::Policy": Row("aws_iot_policy", {"name": "PolicyName", "policy": "PolicyDocument"}),
    "AWS::XRay::ResourcePolicy": Row("aws_xray_resource_policy", {"policy_document": "PolicyDocument"}),
    "AWS::Lex::ResourcePolicy": Row("aws_lex_resource_policy", {"resource_arn": "ResourceArn", "policy": "Policy"}),
    "AWS::CloudTrail::ResourcePolicy": Row(
        "aws_cloudtrail_resource_policy", {"resource_arn": "ResourceArn", "resource_policy": "ResourcePolicy"}
    ),
    "AWS::BedrockAgentCore::ResourcePolicy": Row(
        "aws_bedrockagentcore_resource_policy", {"resource_arn": "ResourceArn", "policy": "Policy"}
    ),
}


def _apart(kind: str, policy: str, target: str) -> Row:
    """A resource that is a policy on another one, for which Terraform has no type."""
    return Row(WITHOUT_TERRAFORM, {"kind": constant(kind), "policy": policy, "resource_arn": target})


def _within(kind: str, policy: str) -> Row:
    """A resource with a policy in it, for which Terraform has no type."""
    companion = Companion(WITHOUT_TERRAFORM, policy, {"kind": constant(kind), "policy": ""}, "resource_arn", "arn")
    return Row(companions=(companion,), bare=True)


ONLY_HERE: Final[dict[str, Row]] = {
    "AWS::APS::ResourcePolicy": _apart("prometheus-workspace", "PolicyDocument", "WorkspaceArn"),
    "AWS::Bedrock::ResourcePolicy": _apart("bedrock", "PolicyDocument", "ResourceArn"),
    "AWS::EventsV2::ResourcePolicy": _apart("event-bus", "PolicyDocument", "EventBusArn"),
    "AWS::Lambda::ResourcePolicy": _apart("lambda-function", "PolicyDocument", "ResourceArn"),
    "AWS::Bedrock::KnowledgeBasePolicy": _apart("bedrock", "PolicyDocument", "KnowledgeBaseId"),
    "AWS::MediaPackageV2::ChannelPolicy": _apart("media-package-channel", "Policy", "ChannelName"),
    "AWS::MediaPackageV2::OriginEndpointPolicy": _apart("media-package-endpoint", "Policy", "OriginEndpointName"),
    "AWS::MediaTailor::ChannelPolicy": _apart("media-tailor-channel", "Policy", "ChannelName"),
    "AWS::S3Files::FileSystemPolicy": _apart("s3-file-system", "Policy", "FileSystemId"),
    "AWS::SMSVOICE::ResourcePolicy": _apart("sms-voice", "PolicyDocument", "ResourceArn"),
    "AWS::SSM::ResourcePolicy": _apart("ssm-parameter", "Policy", "ResourceArn"),
    "AWS::AIOps::InvestigationGroup": _within("investigation-group", "InvestigationGroupPolicy"),
    "AWS::Comprehend::DocumentClassifier": _within("comprehend-model", "ModelPolicy"),
    "AWS::Comprehend::EntityRecognizer": _within("comprehend-model", "ModelPolicy"),
    "AWS::DSQL::Cluster": _within("dsql-cluster", "PolicyDocument"),
    "AWS::FSx::S3AccessPointAttachment": _within("s3-access-point", "S3AccessPoint.Policy"),
    "AWS::OSIS::Pipeline": _within("ingestion-pipeline", "ResourcePolicy.Policy"),
    "AWS::Oam::Sink": _within("monitoring-sink", "Policy"),
    "AWS::Omics::SequenceStore": _within("omics-sequence-store", "S3AccessPolicy"),
    "AWS::PaymentCryptography::Key": _within("payment-key", "Policy"),
    "AWS::RUM::AppMonitor": _within("rum-monitor", "ResourcePolicy.PolicyDocument"),
    "AWS::S3Express::AccessPoint": _within("s3-directory-access-point", "Policy"),
}
