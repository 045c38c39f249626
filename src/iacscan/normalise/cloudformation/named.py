"""CloudFormation's types of which only name and ARN are asked: what policies are about, and what roles are for.

Each line gives Terraform's type, the property with the name (empty if AWS makes one up), and `arn` where `Ref` gives the ARN.
"""

from typing import Final

from ..kinds import KINDS
from .row import Row

_LINES: Final = """
AWS::RolesAnywhere::TrustAnchor aws_rolesanywhere_trust_anchor - -
AWS::RolesAnywhere::Profile aws_rolesanywhere_profile - -
AWS::IdentityStore::Group aws_identitystore_group - -
AWS::AccessAnalyzer::Analyzer aws_accessanalyzer_analyzer AnalyzerName arn
AWS::IAM::ServerCertificate aws_iam_server_certificate ServerCertificateName -
AWS::IAM::VirtualMFADevice aws_iam_virtual_mfa_device VirtualMfaDeviceName arn
AWS::S3Express::DirectoryBucket aws_s3_directory_bucket BucketName -
AWS::S3ObjectLambda::AccessPoint aws_s3control_object_lambda_access_point Name -
AWS::S3::MultiRegionAccessPoint aws_s3control_multi_region_access_point - -
AWS::S3Tables::TableBucket aws_s3tables_table_bucket TableBucketName arn
AWS::S3Tables::Table aws_s3tables_table - arn
AWS::S3Vectors::VectorBucket aws_s3vectors_vector_bucket VectorBucketName arn
AWS::EFS::AccessPoint aws_efs_access_point - -
AWS::EC2::Volume aws_ebs_volume - -
AWS::Backup::BackupPlan aws_backup_plan - -
AWS::Transfer::Server aws_transfer_server - arn
AWS::SQS::Queue aws_sqs_queue QueueName url
AWS::SNS::Topic aws_sns_topic TopicName arn
AWS::Events::Archive aws_cloudwatch_event_archive ArchiveName -
AWS::Events::ApiDestination aws_cloudwatch_event_api_destination Name -
AWS::Events::Connection aws_cloudwatch_event_connection Name -
AWS::Scheduler::ScheduleGroup aws_scheduler_schedule_group Name -
AWS::EventSchemas::Registry aws_schemas_registry RegistryName arn
AWS::Kinesis::Stream aws_kinesis_stream Name -
AWS::Kinesis::StreamConsumer aws_kinesis_stream_consumer ConsumerName arn
AWS::KinesisVideo::Stream aws_kinesis_video_stream Name -
AWS::KinesisAnalyticsV2::Application aws_kinesisanalyticsv2_application ApplicationName -
AWS::MSK::Cluster aws_msk_cluster ClusterName arn
AWS::AmazonMQ::Broker aws_mq_broker - -
AWS::Pinpoint::App aws_pinpoint_app - -
AWS::SES::EmailIdentity aws_sesv2_email_identity EmailIdentity -
AWS::SES::ConfigurationSet aws_sesv2_configuration_set Name -
AWS::KMS::Alias aws_kms_alias AliasName -
AWS::SSM::Document aws_ssm_document Name -
AWS::CertificateManager::Certificate aws_acm_certificate - arn
AWS::ACMPCA::CertificateAuthority aws_acmpca_certificate_authority - arn
AWS::Signer::SigningProfile aws_signer_signing_profile ProfileName arn
AWS::EC2::KeyPair aws_key_pair KeyName -
AWS::AutoScaling::AutoScalingGroup aws_autoscaling_group AutoScalingGroupName -
AWS::ECS::Cluster aws_ecs_cluster ClusterName -
AWS::ECS::Service aws_ecs_service ServiceName arn
AWS::Batch::JobQueue aws_batch_job_queue JobQueueName arn
AWS::Batch::ComputeEnvironment aws_batch_compute_environment - arn
AWS::ElasticBeanstalk::Application aws_elastic_beanstalk_application ApplicationName -
AWS::ImageBuilder::ImagePipeline aws_imagebuilder_image_pipeline Name arn
AWS::StepFunctions::Activity aws_sfn_activity Name arn
AWS::CodeBuild::ReportGroup aws_codebuild_report_group Name arn
AWS::CodeCommit::Repository aws_codecommit_repository RepositoryName id
AWS::CodeDeploy::Application aws_codedeploy_app ApplicationName -
AWS::CodeStarConnections::Connection aws_codestarconnections_connection - arn
AWS::CodeConnections::Connection aws_codeconnections_connection - arn
AWS::RDS::DBInstance aws_db_instance DBInstanceIdentifier -
AWS::RDS::DBSubnetGroup aws_db_subnet_group DBSubnetGroupName -
AWS::RDS::DBProxy aws_db_proxy DBProxyName -
AWS::RDS::DBCluster aws_rds_cluster DBClusterIdentifier -
AWS::ElastiCache::CacheCluster aws_elasticache_cluster ClusterName -
AWS::ElastiCache::ReplicationGroup aws_elasticache_replication_group ReplicationGroupId -
AWS::MemoryDB::Cluster aws_memorydb_cluster ClusterName -
AWS::DAX::Cluster aws_dax_cluster ClusterName -
AWS::Neptune::DBCluster aws_neptune_cluster DBClusterIdentifier -
AWS::DocDB::DBCluster aws_docdb_cluster DBClusterIdentifier -
AWS::RedshiftServerless::Workgroup aws_redshiftserverless_workgroup - -
AWS::Glue::Database aws_glue_catalog_database DatabaseName -
AWS::Glue::Table aws_glue_catalog_table Name -
AWS::Glue::Registry aws_glue_registry Name arn
AWS::Athena::DataCatalog aws_athena_data_catalog Name -
AWS::OpenSearchServerless::Collection aws_opensearchserverless_collection - -
AWS::EMRServerless::Application aws_emrserverless_application - -
AWS::Timestream::Database aws_timestreamwrite_database DatabaseName -
AWS::Cassandra::Keyspace aws_keyspaces_keyspace KeyspaceName -
AWS::QLDB::Ledger aws_qldb_ledger Name -
AWS::DMS::ReplicationInstance aws_dms_replication_instance ReplicationInstanceIdentifier -
AWS::DataSync::Task aws_datasync_task - arn
AWS::SageMaker::Endpoint aws_sagemaker_endpoint EndpointName arn
AWS::Bedrock::KnowledgeBase aws_bedrockagent_knowledge_base - -
AWS::Bedrock::Guardrail aws_bedrock_guardrail - arn
AWS::Logs::LogStream aws_cloudwatch_log_stream LogStreamName -
AWS::CloudWatch::Alarm aws_cloudwatch_metric_alarm AlarmName -
AWS::CloudWatch::Dashboard aws_cloudwatch_dashboard DashboardName -
AWS::CloudTrail::EventDataStore aws_cloudtrail_event_data_store - arn
AWS::Config::ConfigRule aws_config_config_rule - -
AWS::Config::ConfigurationRecorder aws_config_configuration_recorder - -
AWS::GuardDuty::Detector aws_guardduty_detector - -
AWS::APS::Workspace aws_prometheus_workspace - arn
AWS::Grafana::Workspace aws_grafana_workspace - -
AWS::XRay::Group aws_xray_group GroupName arn
AWS::EC2::VPC aws_vpc - -
AWS::EC2::Subnet aws_subnet - -
AWS::EC2::SecurityGroup aws_security_group - -
AWS::EC2::VPCEndpointService aws_vpc_endpoint_service - -
AWS::VpcLattice::Service aws_vpclattice_service - arn
AWS::VpcLattice::ServiceNetwork aws_vpclattice_service_network - arn
AWS::ElasticLoadBalancingV2::TargetGroup aws_lb_target_group Name arn
AWS::Route53::HostedZone aws_route53_zone - -
AWS::CloudFront::Distribution aws_cloudfront_distribution - -
AWS::CloudFront::CloudFrontOriginAccessIdentity aws_cloudfront_origin_access_identity - -
AWS::WAFv2::WebACL aws_wafv2_web_acl Name -
AWS::ApiGatewayV2::Api aws_apigatewayv2_api - -
AWS::AppSync::GraphQLApi aws_appsync_graphql_api - arn
AWS::Cognito::UserPool aws_cognito_user_pool - -
AWS::IoT::Thing aws_iot_thing ThingName -
AWS::IoT::RoleAlias aws_iot_role_alias RoleAlias -
AWS::ServiceDiscovery::Service aws_service_discovery_service - -
AWS::AppConfig::Application aws_appconfig_application - -
AWS::SecretsManager::RotationSchedule aws_secretsmanager_secret_rotation - -
"""

# Attributes of `Fn::GetAtt` that go by other names in Terraform.
_ATTRIBUTES: Final[dict[str, dict[str, str]]] = {
    "AWS::ApiGatewayV2::Api": {"ExecuteApiArn": "execution_arn"},
    "AWS::CloudFront::CloudFrontOriginAccessIdentity": {"S3CanonicalUserId": "s3_canonical_user_id"},
    "AWS::Kinesis::StreamConsumer": {"ConsumerARN": "arn"},
    "AWS::SQS::Queue": {"QueueUrl": "url"},
}


def _row(line: str) -> tuple[str, Row]:
    written, type_, name, ref = line.split()
    attribute = KINDS[type_].name if name != "-" else ""
    return written, Row(
        type_,
        {attribute: name} if attribute else {},
        ref="" if ref == "-" else ref,
        attributes=_ATTRIBUTES.get(written, {}),
    )


NAMED: Final[dict[str, Row]] = dict(_row(line) for line in _LINES.split("\n") if line)
