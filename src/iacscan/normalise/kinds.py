"""What resources are called: for each type the attribute with its name, the form of its ARN, and what its `id` is.

The forms are those of the service authorization reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """One type.

    `name` is the attribute that holds the name, empty if AWS makes one up. `arn` is the ARN from the service on:
    `{n}` is the name, `{a}` the account, `{r}` the region, `{path}` the IAM path. `id` says what the attribute `id` holds:
    "name", "arn", or the attribute that it repeats. `leaf` marks types whose ARN never gets anything appended in a policy.
    """

    name: str
    arn: str
    id: str = "name"
    leaf: bool = False


_OPAQUE: Final = ""

KINDS: Final[dict[str, Kind]] = {
    # Identity
    "aws_iam_user": Kind("name", "iam::{a}:user{path}{n}", leaf=True),
    "aws_iam_group": Kind("name", "iam::{a}:group{path}{n}", leaf=True),
    "aws_iam_role": Kind("name", "iam::{a}:role{path}{n}", leaf=True),
    "aws_iam_service_linked_role": Kind(_OPAQUE, "iam::{a}:role/aws-service-role/{n}", "arn", leaf=True),
    "aws_iam_policy": Kind("name", "iam::{a}:policy{path}{n}", "arn", leaf=True),
    "aws_iam_instance_profile": Kind("name", "iam::{a}:instance-profile{path}{n}", leaf=True),
    "aws_iam_openid_connect_provider": Kind("url", "iam::{a}:oidc-provider/{n}", "arn", leaf=True),
    "aws_iam_saml_provider": Kind("name", "iam::{a}:saml-provider/{n}", "arn", leaf=True),
    "aws_iam_server_certificate": Kind("name", "iam::{a}:server-certificate{path}{n}", leaf=True),
    "aws_iam_virtual_mfa_device": Kind("virtual_mfa_device_name", "iam::{a}:mfa{path}{n}", "arn", leaf=True),
    "aws_iam_access_key": Kind(_OPAQUE, ""),
    "aws_rolesanywhere_trust_anchor": Kind(_OPAQUE, "rolesanywhere:{r}:{a}:trust-anchor/{n}"),
    "aws_rolesanywhere_profile": Kind(_OPAQUE, "rolesanywhere:{r}:{a}:profile/{n}"),
    "aws_ssoadmin_permission_set": Kind(_OPAQUE, "sso:::permissionSet/{n}", "arn", leaf=True),
    "aws_identitystore_group": Kind(_OPAQUE, ""),
    "aws_identitystore_user": Kind(_OPAQUE, ""),
    "aws_accessanalyzer_analyzer": Kind("analyzer_name", "access-analyzer:{r}:{a}:analyzer/{n}"),
    # Organizations
    "aws_organizations_organization": Kind(_OPAQUE, "organizations::{a}:organization/{n}"),
    "aws_organizations_organizational_unit": Kind(_OPAQUE, "organizations::{a}:ou/o-⟦organization⟧/{n}"),
    "aws_organizations_account": Kind(_OPAQUE, "organizations::{a}:account/o-⟦organization⟧/{n}"),
    "aws_organizations_policy": Kind(_OPAQUE, "organizations::{a}:policy/o-⟦organization⟧/{n}"),
    "aws_controltower_landing_zone": Kind(_OPAQUE, "controltower:{r}:{a}:landingzone/{n}"),
    # Storage
    "aws_s3_bucket": Kind("bucket", "s3:::{n}"),
    "aws_s3_directory_bucket": Kind("bucket", "s3express:{r}:{a}:bucket/{n}"),
    "aws_s3_access_point": Kind("name", "s3:{r}:{a}:accesspoint/{n}", _OPAQUE),
    "aws_s3control_bucket": Kind(_OPAQUE, "s3-outposts:{r}:{a}:outpost/{n}", "arn"),
    "aws_s3control_object_lambda_access_point": Kind("name", "s3-object-lambda:{r}:{a}:accesspoint/{n}", _OPAQUE),
    "aws_s3control_multi_region_access_point": Kind(_OPAQUE, "s3::{a}:accesspoint/{n}"),
    "aws_s3tables_table_bucket": Kind("name", "s3tables:{r}:{a}:bucket/{n}", _OPAQUE),
    "aws_s3tables_table": Kind(_OPAQUE, "s3tables:{r}:{a}:bucket/{n}"),
    "aws_s3vectors_vector_bucket": Kind("vector_bucket_name", "s3vectors:{r}:{a}:bucket/{n}", _OPAQUE),
    "aws_efs_file_system": Kind(_OPAQUE, "elasticfilesystem:{r}:{a}:file-system/{n}"),
    "aws_efs_access_point": Kind(_OPAQUE, "elasticfilesystem:{r}:{a}:access-point/{n}"),
    "aws_fsx_lustre_file_system": Kind(_OPAQUE, "fsx:{r}:{a}:file-system/{n}"),
    "aws_ebs_volume": Kind(_OPAQUE, "ec2:{r}:{a}:volume/{n}"),
    "aws_ebs_snapshot": Kind(_OPAQUE, "ec2:{r}::snapshot/{n}"),
    "aws_backup_vault": Kind("name", "backup:{r}:{a}:backup-vault:{n}"),
    "aws_backup_plan": Kind(_OPAQUE, "backup:{r}:{a}:backup-plan:{n}"),
    "aws_glacier_vault": Kind("name", "glacier:{r}:{a}:vaults/{n}"),
    "aws_media_store_container": Kind("name", "mediastore:{r}:{a}:container/{n}"),
    "aws_transfer_server": Kind(_OPAQUE, "transfer:{r}:{a}:server/{n}"),
    # Messages and events
    "aws_sqs_queue": Kind("name", "sqs:{r}:{a}:{n}", "url", leaf=True),
    "aws_sns_topic": Kind("name", "sns:{r}:{a}:{n}", "arn", leaf=True),
    "aws_cloudwatch_event_bus": Kind("name", "events:{r}:{a}:event-bus/{n}"),
    "aws_cloudwatch_event_rule": Kind("name", "events:{r}:{a}:rule/{n}"),
    "aws_cloudwatch_event_archive": Kind("name", "events:{r}:{a}:archive/{n}"),
    "aws_cloudwatch_event_api_destination": Kind("name", "events:{r}:{a}:api-destination/{n}"),
    "aws_cloudwatch_event_connection": Kind("name", "events:{r}:{a}:connection/{n}"),
    "aws_scheduler_schedule": Kind("name", "scheduler:{r}:{a}:schedule/default/{n}", _OPAQUE),
    "aws_scheduler_schedule_group": Kind("name", "scheduler:{r}:{a}:schedule-group/{n}"),
    "aws_pipes_pipe": Kind("name", "pipes:{r}:{a}:pipe/{n}"),
    "aws_schemas_registry": Kind("name", "schemas:{r}:{a}:registry/{n}"),
    "aws_kinesis_stream": Kind("name", "kinesis:{r}:{a}:stream/{n}", "arn"),
    "aws_kinesis_stream_consumer": Kind("name", "kinesis:{r}:{a}:stream/⟦stream⟧/consumer/{n}:⟦created⟧", "arn"),
    "aws_kinesis_firehose_delivery_stream": Kind("name", "firehose:{r}:{a}:deliverystream/{n}", "arn"),
    "aws_kinesis_video_stream": Kind("name", "kinesisvideo:{r}:{a}:stream/{n}", "arn"),
    "aws_kinesisanalyticsv2_application": Kind("name", "kinesisanalytics:{r}:{a}:application/{n}", "arn"),
    "aws_msk_cluster": Kind("cluster_name", "kafka:{r}:{a}:cluster/{n}", "arn"),
    "aws_mq_broker": Kind(_OPAQUE, "mq:{r}:{a}:broker:{n}"),
    "aws_pinpoint_app": Kind(_OPAQUE, "mobiletargeting:{r}:{a}:apps/{n}"),
    "aws_ses_domain_identity": Kind("domain", "ses:{r}:{a}:identity/{n}"),
    "aws_ses_email_identity": Kind("email", "ses:{r}:{a}:identity/{n}"),
    "aws_sesv2_email_identity": Kind("email_identity", "ses:{r}:{a}:identity/{n}"),
    "aws_ses_configuration_set": Kind("name", "ses:{r}:{a}:configuration-set/{n}"),
    "aws_sesv2_configuration_set": Kind("configuration_set_name", "ses:{r}:{a}:configuration-set/{n}"),
    # Keys and secrets
    "aws_kms_key": Kind(_OPAQUE, "kms:{r}:{a}:key/{n}", leaf=True),
    "aws_kms_external_key": Kind(_OPAQUE, "kms:{r}:{a}:key/{n}", leaf=True),
    "aws_kms_replica_key": Kind(_OPAQUE, "kms:{r}:{a}:key/{n}", leaf=True),
    "aws_kms_replica_external_key": Kind(_OPAQUE, "kms:{r}:{a}:key/{n}", leaf=True),
    "aws_kms_alias": Kind("name", "kms:{r}:{a}:{n}", leaf=True),
    "aws_secretsmanager_secret": Kind("name", "secretsmanager:{r}:{a}:secret:{n}-⟦suffix⟧", "arn", leaf=True),
    "aws_ssm_parameter": Kind("name", "ssm:{r}:{a}:parameter{n}"),
    "aws_ssm_document": Kind("name", "ssm:{r}:{a}:document/{n}"),
    "aws_acm_certificate": Kind(_OPAQUE, "acm:{r}:{a}:certificate/{n}", "arn"),
    "aws_acmpca_certificate_authority": Kind(_OPAQUE, "acm-pca:{r}:{a}:certificate-authority/{n}", "arn"),
    "aws_signer_signing_profile": Kind("name", "signer:{r}:{a}:/signing-profiles/{n}"),
    # Compute
    "aws_lambda_function": Kind("function_name", "lambda:{r}:{a}:function:{n}"),
    "aws_lambda_alias": Kind("name", "lambda:{r}:{a}:function:⟦function⟧:{n}", "arn"),
    "aws_lambda_layer_version": Kind("layer_name", "lambda:{r}:{a}:layer:{n}:⟦version⟧", "arn"),
    "aws_instance": Kind(_OPAQUE, "ec2:{r}:{a}:instance/{n}"),
    "aws_launch_template": Kind(_OPAQUE, "ec2:{r}:{a}:launch-template/{n}"),
    "aws_ami": Kind(_OPAQUE, "ec2:{r}::image/{n}"),
    "aws_key_pair": Kind("key_name", "ec2:{r}:{a}:key-pair/{n}"),
    "aws_autoscaling_group": Kind(
        "name", "autoscaling:{r}:{a}:autoScalingGroup:⟦autoscaling⟧:autoScalingGroupName/{n}"
    ),
    "aws_ecs_cluster": Kind("name", "ecs:{r}:{a}:cluster/{n}", "arn"),
    "aws_ecs_service": Kind("name", "ecs:{r}:{a}:service/{n}", "arn"),
    "aws_ecs_task_definition": Kind("family", "ecs:{r}:{a}:task-definition/{n}"),
    "aws_eks_cluster": Kind("name", "eks:{r}:{a}:cluster/{n}"),
    "aws_eks_node_group": Kind(_OPAQUE, "eks:{r}:{a}:nodegroup/{n}"),
    "aws_ecr_repository": Kind("name", "ecr:{r}:{a}:repository/{n}"),
    "aws_ecrpublic_repository": Kind("repository_name", "ecr-public::{a}:repository/{n}"),
    "aws_batch_job_definition": Kind("name", "batch:{r}:{a}:job-definition/{n}", "arn"),
    "aws_batch_job_queue": Kind("name", "batch:{r}:{a}:job-queue/{n}", "arn"),
    "aws_batch_compute_environment": Kind(_OPAQUE, "batch:{r}:{a}:compute-environment/{n}"),
    "aws_apprunner_service": Kind("service_name", "apprunner:{r}:{a}:service/{n}", "arn"),
    "aws_elastic_beanstalk_application": Kind("name", "elasticbeanstalk:{r}:{a}:application/{n}"),
    "aws_elastic_beanstalk_environment": Kind(_OPAQUE, "elasticbeanstalk:{r}:{a}:environment/{n}"),
    "aws_imagebuilder_image_pipeline": Kind("name", "imagebuilder:{r}:{a}:image-pipeline/{n}", "arn"),
    "aws_sfn_state_machine": Kind("name", "states:{r}:{a}:stateMachine:{n}", "arn"),
    "aws_sfn_activity": Kind("name", "states:{r}:{a}:activity:{n}", "arn"),
    # Delivery
    "aws_codebuild_project": Kind("name", "codebuild:{r}:{a}:project/{n}", "arn"),
    "aws_codebuild_report_group": Kind("name", "codebuild:{r}:{a}:report-group/{n}", "arn"),
    "aws_codepipeline": Kind("name", "codepipeline:{r}:{a}:{n}"),
    "aws_codecommit_repository": Kind("repository_name", "codecommit:{r}:{a}:{n}"),
    "aws_codedeploy_app": Kind("name", "codedeploy:{r}:{a}:application:{n}", _OPAQUE),
    "aws_codeartifact_domain": Kind("domain", "codeartifact:{r}:{a}:domain/{n}", "arn"),
    "aws_codeartifact_repository": Kind("repository", "codeartifact:{r}:{a}:repository/⟦domain⟧/{n}", "arn"),
    "aws_codestarconnections_connection": Kind(_OPAQUE, "codestar-connections:{r}:{a}:connection/{n}", "arn"),
    "aws_codeconnections_connection": Kind(_OPAQUE, "codeconnections:{r}:{a}:connection/{n}", "arn"),
    "aws_cloudformation_stack": Kind("name", "cloudformation:{r}:{a}:stack/{n}/⟦stack⟧", "arn"),
    "aws_amplify_app": Kind(_OPAQUE, "amplify:{r}:{a}:apps/{n}"),
    # Data
    "aws_dynamodb_table": Kind("name", "dynamodb:{r}:{a}:table/{n}"),
    "aws_dynamodb_global_table": Kind("name", "dynamodb::{a}:global-table/{n}"),
    "aws_db_instance": Kind("identifier", "rds:{r}:{a}:db:{n}", _OPAQUE),
    "aws_db_snapshot": Kind("db_snapshot_identifier", "rds:{r}:{a}:snapshot:{n}"),
    "aws_db_subnet_group": Kind("name", "rds:{r}:{a}:subgrp:{n}"),
    "aws_db_proxy": Kind("name", "rds:{r}:{a}:db-proxy:{n}"),
    "aws_rds_cluster": Kind("cluster_identifier", "rds:{r}:{a}:cluster:{n}"),
    "aws_elasticache_cluster": Kind("cluster_id", "elasticache:{r}:{a}:cluster:{n}"),
    "aws_elasticache_replication_group": Kind(
        "replication_group_id", "elasticache:{r}:{a}:replicationgroup:{n}"
    ),
    "aws_memorydb_cluster": Kind("name", "memorydb:{r}:{a}:cluster/{n}"),
    "aws_dax_cluster": Kind("cluster_name", "dax:{r}:{a}:cache/{n}"),
    "aws_neptune_cluster": Kind("cluster_identifier", "rds:{r}:{a}:cluster:{n}"),
    "aws_docdb_cluster": Kind("cluster_identifier", "rds:{r}:{a}:cluster:{n}"),
    "aws_redshift_cluster": Kind("cluster_identifier", "redshift:{r}:{a}:cluster:{n}"),
    "aws_redshiftserverless_workgroup": Kind(_OPAQUE, "redshift-serverless:{r}:{a}:workgroup/{n}"),
    "aws_redshiftserverless_namespace": Kind(_OPAQUE, "redshift-serverless:{r}:{a}:namespace/{n}"),
    "aws_glue_catalog_database": Kind("name", "glue:{r}:{a}:database/{n}", _OPAQUE),
    "aws_glue_catalog_table": Kind("name", "glue:{r}:{a}:table/⟦database⟧/{n}", _OPAQUE),
    "aws_glue_crawler": Kind("name", "glue:{r}:{a}:crawler/{n}"),
    "aws_glue_job": Kind("name", "glue:{r}:{a}:job/{n}"),
    "aws_glue_registry": Kind("registry_name", "glue:{r}:{a}:registry/{n}", "arn"),
    "aws_athena_workgroup": Kind("name", "athena:{r}:{a}:workgroup/{n}"),
    "aws_athena_data_catalog": Kind("name", "athena:{r}:{a}:datacatalog/{n}"),
    "aws_elasticsearch_domain": Kind("domain_name", "es:{r}:{a}:domain/{n}", "arn"),
    "aws_opensearch_domain": Kind("domain_name", "es:{r}:{a}:domain/{n}", "arn"),
    "aws_opensearchserverless_collection": Kind(_OPAQUE, "aoss:{r}:{a}:collection/{n}"),
    "aws_emr_cluster": Kind(_OPAQUE, "elasticmapreduce:{r}:{a}:cluster/{n}"),
    "aws_emrserverless_application": Kind(_OPAQUE, "emr-serverless:{r}:{a}:/applications/{n}"),
    "aws_lakeformation_resource": Kind(_OPAQUE, ""),
    "aws_timestreamwrite_database": Kind("database_name", "timestream:{r}:{a}:database/{n}"),
    "aws_keyspaces_keyspace": Kind("name", "cassandra:{r}:{a}:/keyspace/{n}/"),
    "aws_qldb_ledger": Kind("name", "qldb:{r}:{a}:ledger/{n}"),
    "aws_dms_replication_instance": Kind("replication_instance_id", "dms:{r}:{a}:rep:{n}"),
    "aws_datasync_task": Kind(_OPAQUE, "datasync:{r}:{a}:task/{n}", "arn"),
    # Machine learning
    "aws_sagemaker_notebook_instance": Kind("name", "sagemaker:{r}:{a}:notebook-instance/{n}"),
    "aws_sagemaker_model": Kind("name", "sagemaker:{r}:{a}:model/{n}"),
    "aws_sagemaker_endpoint": Kind("name", "sagemaker:{r}:{a}:endpoint/{n}"),
    "aws_sagemaker_domain": Kind(_OPAQUE, "sagemaker:{r}:{a}:domain/{n}"),
    "aws_sagemaker_model_package_group": Kind(
        "model_package_group_name", "sagemaker:{r}:{a}:model-package-group/{n}"
    ),
    "aws_bedrockagent_agent": Kind(_OPAQUE, "bedrock:{r}:{a}:agent/{n}"),
    "aws_bedrockagent_knowledge_base": Kind(_OPAQUE, "bedrock:{r}:{a}:knowledge-base/{n}"),
    "aws_bedrock_guardrail": Kind(_OPAQUE, "bedrock:{r}:{a}:guardrail/{n}"),
    # Watching
    "aws_cloudwatch_log_group": Kind("name", "logs:{r}:{a}:log-group:{n}"),
    "aws_cloudwatch_log_stream": Kind("name", "logs:{r}:{a}:log-group:⟦group⟧:log-stream:{n}"),
    "aws_cloudwatch_log_destination": Kind("name", "logs:{r}:{a}:destination:{n}"),
    "aws_cloudwatch_metric_alarm": Kind("alarm_name", "cloudwatch:{r}:{a}:alarm:{n}"),
    "aws_cloudwatch_dashboard": Kind("dashboard_name", "cloudwatch::{a}:dashboard/{n}"),
    "aws_cloudtrail": Kind("name", "cloudtrail:{r}:{a}:trail/{n}", "arn"),
    "aws_cloudtrail_event_data_store": Kind(_OPAQUE, "cloudtrail:{r}:{a}:eventdatastore/{n}", "arn"),
    "aws_config_config_rule": Kind(_OPAQUE, "config:{r}:{a}:config-rule/{n}"),
    "aws_guardduty_detector": Kind(_OPAQUE, "guardduty:{r}:{a}:detector/{n}"),
    "aws_prometheus_workspace": Kind(_OPAQUE, "aps:{r}:{a}:workspace/{n}"),
    "aws_grafana_workspace": Kind(_OPAQUE, "grafana:{r}:{a}:/workspaces/{n}"),
    "aws_xray_group": Kind("group_name", "xray:{r}:{a}:group/{n}"),
    # Networks and applications
    "aws_vpc": Kind(_OPAQUE, "ec2:{r}:{a}:vpc/{n}"),
    "aws_subnet": Kind(_OPAQUE, "ec2:{r}:{a}:subnet/{n}"),
    "aws_security_group": Kind(_OPAQUE, "ec2:{r}:{a}:security-group/{n}"),
    "aws_vpc_endpoint": Kind(_OPAQUE, "ec2:{r}:{a}:vpc-endpoint/{n}"),
    "aws_vpc_endpoint_service": Kind(_OPAQUE, "ec2:{r}:{a}:vpc-endpoint-service/{n}"),
    "aws_vpclattice_service": Kind(_OPAQUE, "vpc-lattice:{r}:{a}:service/{n}"),
    "aws_vpclattice_service_network": Kind(_OPAQUE, "vpc-lattice:{r}:{a}:servicenetwork/{n}"),
    "aws_lb": Kind("name", "elasticloadbalancing:{r}:{a}:loadbalancer/{n}", "arn"),
    "aws_lb_target_group": Kind("name", "elasticloadbalancing:{r}:{a}:targetgroup/{n}", "arn"),
    "aws_route53_zone": Kind(_OPAQUE, "route53:::hostedzone/{n}"),
    "aws_cloudfront_distribution": Kind(_OPAQUE, "cloudfront::{a}:distribution/{n}"),
    "aws_cloudfront_origin_access_identity": Kind(_OPAQUE, "cloudfront::{a}:origin-access-identity/{n}"),
    "aws_wafv2_web_acl": Kind("name", "wafv2:{r}:{a}:webacl/{n}", _OPAQUE),
    "aws_api_gateway_rest_api": Kind(_OPAQUE, "apigateway:{r}::/restapis/{n}"),
    "aws_apigatewayv2_api": Kind(_OPAQUE, "apigateway:{r}::/apis/{n}"),
    "aws_appsync_graphql_api": Kind(_OPAQUE, "appsync:{r}:{a}:apis/{n}"),
    "aws_cognito_user_pool": Kind(_OPAQUE, "cognito-idp:{r}:{a}:userpool/{n}"),
    "aws_cognito_identity_pool": Kind(_OPAQUE, "cognito-identity:{r}:{a}:identitypool/{n}"),
    "aws_iot_thing": Kind("name", "iot:{r}:{a}:thing/{n}"),
    "aws_iot_policy": Kind("name", "iot:{r}:{a}:policy/{n}"),
    "aws_iot_role_alias": Kind("alias", "iot:{r}:{a}:rolealias/{n}"),
    "aws_service_discovery_service": Kind(_OPAQUE, "servicediscovery:{r}:{a}:service/{n}"),
    "aws_appconfig_application": Kind(_OPAQUE, "appconfig:{r}:{a}:application/{n}"),
    "aws_mwaa_environment": Kind("name", "airflow:{r}:{a}:environment/{n}"),
}  # fmt: skip

# Further attributes with an ARN, in the same notation.
ARNS: Final[dict[tuple[str, str], str]] = {
    ("aws_api_gateway_rest_api", "execution_arn"): "execute-api:{r}:{a}:{n}",
    ("aws_apigatewayv2_api", "execution_arn"): "execute-api:{r}:{a}:{n}",
    ("aws_cloudfront_origin_access_identity", "iam_arn"): "iam::cloudfront:user/CloudFront Origin Access Identity {n}",
}

# Attributes of companions that repeat another of their attributes.
REPEATS: Final[dict[tuple[str, str], str]] = {
    **{
        (f"aws_s3_bucket_{name}", "id"): "bucket"
        for name in (
            "accelerate_configuration", "acl", "cors_configuration", "lifecycle_configuration", "logging", "notification",
            "ownership_controls", "policy", "public_access_block", "server_side_encryption_configuration", "versioning",
            "website_configuration",
        )
    },
    ("aws_iam_user_login_profile", "id"): "user",
    ("aws_kms_alias", "target_key_arn"): "target_key_id",
    ("aws_kms_key", "key_id"): "id",
    ("aws_sqs_queue", "url"): "id",
}  # fmt: skip

# What data sources give that hold for a whole account, where the input does not read them.
FIXED: Final[dict[tuple[str, str], str]] = {
    ("aws_caller_identity", "account_id"): "⟦account⟧",
    ("aws_caller_identity", "id"): "⟦account⟧",
    ("aws_partition", "partition"): "aws",
    ("aws_partition", "id"): "aws",
    ("aws_partition", "dns_suffix"): "amazonaws.com",
    ("aws_region", "name"): "⟦region⟧",
    ("aws_region", "id"): "⟦region⟧",
    ("aws_region", "region"): "⟦region⟧",
}
