"""More of AWS's template reference, as `as_template_types` has it, for the types that no example of a rule uses."""

from as_template_rows import ARN, Fold, Row, Shape, block, blocks, document

_NAME_VALUE = {"name": "Name", "value": "Value"}
_CONTAINER = {
    "name": "Name",
    "image": "Image",
    "environment": blocks("Environment", _NAME_VALUE),
    "secrets": blocks("Secrets", {"name": "Name", "valueFrom": "ValueFrom"}),
}
_SET = "aws_ssoadmin_permission_set"
_FROM_LISTS = Shape("EnvironmentVariables", "pairs")


def _policy(type_: str, target: str, path: str, into: str = "", owner: str = "", name: str = "policy") -> Row | Fold:
    """A policy of its own, or one that is a property of what it is for."""
    if into:
        return Fold(owner, into, {name: document(path)})
    return Row(type_, {owner or "resource_arn": target, name: document(path)})


def _role(
    type_: str, path: str, attribute: str = "role_arn", name: str = "Name", own: str = "name", **more: object
) -> Row:
    """What works with a role; `more` are further keys."""
    keys = {own: name} if name else {}
    return Row(type_, {**keys, attribute: path, **more}, get=ARN)


MORE: dict[str, Row | Fold] = {
    "aws_iam_saml_provider": Row(
        "AWS::IAM::SAMLProvider", {"name": "Name", "saml_metadata_document": "SamlMetadataDocument"}, ("id", "arn")
    ),
    "aws_ssoadmin_permission_set_inline_policy": Fold(
        "permission_set_arn", _SET, {"inline_policy": document("InlinePolicy")}, silent=("instance_arn",)
    ),
    "aws_ssoadmin_customer_managed_policy_attachment": Fold(
        "permission_set_arn",
        _SET,
        {"customer_managed_policy_reference": block("", {"name": "Name", "path": "Path"})},
        "CustomerManagedPolicyReferences",
        silent=("instance_arn",),
    ),
    "aws_ssoadmin_permissions_boundary_attachment": Fold(
        "permission_set_arn",
        _SET,
        {"permissions_boundary": block("PermissionsBoundary", {"managed_policy_arn": "ManagedPolicyArn"})},
        silent=("instance_arn",),
    ),
    "aws_s3_bucket_website_configuration": Fold(
        "bucket", "aws_s3_bucket", {"index_document": block("WebsiteConfiguration", {"suffix": "IndexDocument"})}
    ),
    "aws_s3_bucket_logging": Fold(
        "bucket",
        "aws_s3_bucket",
        {
            "target_bucket": "LoggingConfiguration.DestinationBucketName",
            "target_prefix": "LoggingConfiguration.LogFilePrefix",
        },
    ),
    "aws_s3_directory_bucket": Row("AWS::S3Express::DirectoryBucket", {"bucket": "BucketName"}, ("id", "bucket"), ARN),
    "aws_s3_directory_bucket_policy": _policy(
        "AWS::S3Express::BucketPolicy", "Bucket", "PolicyDocument", owner="bucket"
    ),
    "aws_lambda_layer_version": Row(
        "AWS::Lambda::LayerVersion",
        {"layer_name": "LayerName", "s3_bucket": "Content.S3Bucket", "s3_key": "Content.S3Key"},
        ("id", "arn"),
    ),
    "aws_lambda_layer_version_permission": Row(
        "AWS::Lambda::LayerVersionPermission",
        {
            "layer_name": "LayerVersionArn",
            "action": "Action",
            "principal": "Principal",
            "organization_id": "OrganizationId",
        },
        silent=("statement_id", "version_number"),
    ),
    "aws_launch_configuration": Row(
        "AWS::AutoScaling::LaunchConfiguration",
        {
            "image_id": "ImageId",
            "instance_type": "InstanceType",
            "iam_instance_profile": "IamInstanceProfile",
            "user_data": Shape("UserData", "encoded"),
        },
    ),
    "aws_ecs_task_definition": Row(
        "AWS::ECS::TaskDefinition",
        {
            "family": "Family",
            "task_role_arn": "TaskRoleArn",
            "execution_role_arn": "ExecutionRoleArn",
            "container_definitions": Shape("ContainerDefinitions", "json", _CONTAINER),
        },
        ("id", "arn"),
    ),
    "aws_batch_job_definition": Row(
        "AWS::Batch::JobDefinition",
        {
            "name": "JobDefinitionName",
            "type": "Type",
            "container_properties": Shape(
                "ContainerProperties",
                "json",
                {**_CONTAINER, "jobRoleArn": "JobRoleArn", "executionRoleArn": "ExecutionRoleArn"},
            ),
        },
        ("id", "arn"),
    ),
    "aws_apprunner_service": Row(
        "AWS::AppRunner::Service",
        {
            "service_name": "ServiceName",
            "instance_configuration": block("InstanceConfiguration", {"instance_role_arn": "InstanceRoleArn"}),
            "source_configuration": block(
                "SourceConfiguration",
                {
                    "image_repository": block(
                        "ImageRepository",
                        {
                            "image_identifier": "ImageIdentifier",
                            "image_repository_type": "ImageRepositoryType",
                            "image_configuration": block(
                                "ImageConfiguration",
                                {"runtime_environment_variables": Shape("RuntimeEnvironmentVariables", "pairs")},
                            ),
                        },
                    )
                },
            ),
        },
        get={"arn": "ServiceArn"},
    ),
    "aws_elastic_beanstalk_environment": Row(
        "AWS::ElasticBeanstalk::Environment",
        {
            "name": "EnvironmentName",
            "application": "ApplicationName",
            "setting": blocks("OptionSettings", {"namespace": "Namespace", "name": "OptionName", "value": "Value"}),
        },
    ),
    "aws_sfn_state_machine": _role(
        "AWS::StepFunctions::StateMachine", "RoleArn", name="StateMachineName", definition="DefinitionString"
    ),
    "aws_glue_job": _role(
        "AWS::Glue::Job",
        "Role",
        command=block("Command", {"name": "Name", "script_location": "ScriptLocation"}),
        default_arguments="DefaultArguments",
    ),
    "aws_glue_crawler": _role("AWS::Glue::Crawler", "Role", "role"),
    "aws_sagemaker_notebook_instance": _role(
        "AWS::SageMaker::NotebookInstance", "RoleArn", name="NotebookInstanceName", instance_type="InstanceType"
    ),
    "aws_sagemaker_model": _role(
        "AWS::SageMaker::Model",
        "ExecutionRoleArn",
        "execution_role_arn",
        "ModelName",
        primary_container=block("PrimaryContainer", {"image": "Image", "environment": "Environment"}),
    ),
    "aws_emr_cluster": _role(
        "AWS::EMR::Cluster",
        "ServiceRole",
        "service_role",
        ec2_attributes=Shape("JobFlowRole", "part", {"instance_profile": ""}),
    ),
    "aws_eks_cluster": _role("AWS::EKS::Cluster", "RoleArn"),
    "aws_eks_node_group": _role("AWS::EKS::Nodegroup", "NodeRole", "node_role_arn", "ClusterName", "cluster_name"),
    "aws_eks_fargate_profile": _role(
        "AWS::EKS::FargateProfile", "PodExecutionRoleArn", "pod_execution_role_arn", "ClusterName", "cluster_name"
    ),
    "aws_eks_pod_identity_association": _role(
        "AWS::EKS::PodIdentityAssociation",
        "RoleArn",
        name="ClusterName",
        own="cluster_name",
        namespace="Namespace",
        service_account="ServiceAccount",
    ),
    "aws_codepipeline": _role(
        "AWS::CodePipeline::Pipeline",
        "RoleArn",
        artifact_store=block("ArtifactStore", {"location": "Location", "type": "Type"}),
    ),
    "aws_codedeploy_deployment_group": _role(
        "AWS::CodeDeploy::DeploymentGroup", "ServiceRoleArn", "service_role_arn", "ApplicationName", "app_name"
    ),
    "aws_scheduler_schedule": Row(
        "AWS::Scheduler::Schedule",
        {
            "name": "Name",
            "schedule_expression": "ScheduleExpression",
            "target": block("Target", {"arn": "Arn", "role_arn": "RoleArn"}),
        },
        get=ARN,
    ),
    "aws_pipes_pipe": _role("AWS::Pipes::Pipe", "RoleArn", source="Source", target="Target"),
    "aws_cloudwatch_event_rule": Row(
        "AWS::Events::Rule", {"name": "Name", "schedule_expression": "ScheduleExpression"}, ("id", "name"), ARN
    ),
    "aws_cloudwatch_event_target": Fold(
        "rule",
        "aws_cloudwatch_event_rule",
        {"target_id": "Id", "arn": "Arn", "role_arn": "RoleArn"},
        "Targets",
    ),
    "aws_mwaa_environment": _role(
        "AWS::MWAA::Environment",
        "ExecutionRoleArn",
        "execution_role_arn",
        airflow_configuration_options="AirflowConfigurationOptions",
    ),
    "aws_amplify_app": _role(
        "AWS::Amplify::App", "IAMServiceRole", "iam_service_role_arn", environment_variables=_FROM_LISTS
    ),
    "aws_bedrockagent_agent": _role(
        "AWS::Bedrock::Agent", "AgentResourceRoleArn", "agent_resource_role_arn", "AgentName", "agent_name"
    ),
    "aws_kinesis_firehose_delivery_stream": Row(
        "AWS::KinesisFirehose::DeliveryStream",
        {
            "name": "DeliveryStreamName",
            "extended_s3_configuration": block(
                "ExtendedS3DestinationConfiguration", {"role_arn": "RoleARN", "bucket_arn": "BucketARN"}
            ),
        },
        silent=("destination",),
    ),
    "aws_flow_log": Row(
        "AWS::EC2::FlowLog",
        {
            "log_destination": "LogDestination",
            "log_destination_type": "LogDestinationType",
            "vpc_id": "ResourceId",
            "traffic_type": "TrafficType",
        },
        always={"ResourceType": "VPC"},
    ),
    "aws_elb": Row(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        {"access_logs": block("AccessLoggingPolicy", {"bucket": "S3BucketName"})},
    ),
    "aws_config_delivery_channel": Row("AWS::Config::DeliveryChannel", {"s3_bucket_name": "S3BucketName"}),
    "aws_athena_workgroup": Row(
        "AWS::Athena::WorkGroup",
        {
            "name": "Name",
            "configuration": block(
                "WorkGroupConfiguration",
                {"result_configuration": block("ResultConfiguration", {"output_location": "OutputLocation"})},
            ),
        },
    ),
    "aws_kms_replica_key": Row(
        "AWS::KMS::ReplicaKey", {"primary_key_arn": "PrimaryKeyArn", "policy": document("KeyPolicy")}, get=ARN
    ),
    "aws_ecr_repository": Row("AWS::ECR::Repository", {"name": "RepositoryName"}, ("id", "name"), ARN),
    "aws_ecr_repository_policy": _policy("", "", "RepositoryPolicyText", "aws_ecr_repository", "repository"),
    "aws_ecr_registry_policy": Row("AWS::ECR::RegistryPolicy", {"policy": document("PolicyText")}),
    "aws_efs_file_system": Row("AWS::EFS::FileSystem", {"encrypted": "Encrypted"}, get=ARN),
    "aws_efs_file_system_policy": _policy("", "", "FileSystemPolicy", "aws_efs_file_system", "file_system_id"),
    "aws_opensearch_domain": Row(
        "AWS::OpenSearchService::Domain",
        {
            "domain_name": "DomainName",
            "access_policies": document("AccessPolicies"),
            "vpc_options": block("VPCOptions", {"subnet_ids": "SubnetIds"}),
            "advanced_security_options": block("AdvancedSecurityOptions", {"enabled": "Enabled"}),
        },
        get=ARN,
    ),
    "aws_api_gateway_rest_api": Row(
        "AWS::ApiGateway::RestApi",
        {
            "name": "Name",
            "policy": document("Policy"),
            "endpoint_configuration": block("EndpointConfiguration", {"types": "Types"}),
        },
    ),
    "aws_backup_vault": Row(
        "AWS::Backup::BackupVault", {"name": "BackupVaultName"}, ("id", "name"), {"arn": "BackupVaultArn"}
    ),
    "aws_backup_vault_policy": _policy("", "", "AccessPolicy", "aws_backup_vault", "backup_vault_name"),
    "aws_cloudwatch_event_bus": Row("AWS::Events::EventBus", {"name": "Name"}, ("id", "name"), ARN),
    "aws_cloudwatch_event_bus_policy": _policy("", "", "Policy", "aws_cloudwatch_event_bus", "event_bus_name"),
    "aws_cloudwatch_event_permission": Row(
        "AWS::Events::EventBusPolicy",
        {
            "event_bus_name": "EventBusName",
            "statement_id": "StatementId",
            "principal": "Principal",
            "action": "Action",
            "condition": block("Condition", {"type": "Type", "key": "Key", "value": "Value"}),
        },
        always={"Action": "events:PutEvents"},
    ),
    "aws_schemas_registry": Row(
        "AWS::EventSchemas::Registry", {"name": "RegistryName"}, ("arn",), {"name": "RegistryName"}
    ),
    "aws_schemas_registry_policy": _policy(
        "AWS::EventSchemas::RegistryPolicy", "RegistryName", "Policy", owner="registry_name"
    ),
    "aws_cloudwatch_log_resource_policy": Row(
        "AWS::Logs::ResourcePolicy", {"policy_name": "PolicyName", "policy_document": document("PolicyDocument")}
    ),
    "aws_codeartifact_domain": Row(
        "AWS::CodeArtifact::Domain", {"domain": "DomainName"}, ("id", "arn"), {"domain": "Name"}
    ),
    "aws_codeartifact_domain_permissions_policy": _policy(
        "", "", "PermissionsPolicyDocument", "aws_codeartifact_domain", "domain", "policy_document"
    ),
    "aws_dynamodb_resource_policy": _policy(
        "", "", "ResourcePolicy.PolicyDocument", "aws_dynamodb_table", "resource_arn"
    ),
    "aws_kinesis_stream": Row("AWS::Kinesis::Stream", {"name": "Name"}, ("name",), ARN),
    "aws_kinesis_resource_policy": _policy("AWS::Kinesis::ResourcePolicy", "ResourceArn", "ResourcePolicy"),
    "aws_msk_cluster_policy": _policy("AWS::MSK::ClusterPolicy", "ClusterArn", "Policy", owner="cluster_arn"),
    "aws_vpclattice_service": Row("AWS::VpcLattice::Service", {"name": "Name"}, ("id", "arn")),
    "aws_vpclattice_auth_policy": _policy(
        "AWS::VpcLattice::AuthPolicy", "ResourceIdentifier", "Policy", owner="resource_identifier"
    ),
    "aws_vpc_endpoint": Row(
        "AWS::EC2::VPCEndpoint",
        {"vpc_id": "VpcId", "service_name": "ServiceName", "policy": document("PolicyDocument")},
    ),
    "aws_xray_resource_policy": Row(
        "AWS::XRay::ResourcePolicy", {"policy_name": "PolicyName", "policy_document": "PolicyDocument"}
    ),
    "aws_cloudtrail_resource_policy": _policy(
        "AWS::CloudTrail::ResourcePolicy", "ResourceArn", "ResourcePolicy", name="resource_policy"
    ),
    "aws_lambda_alias": Row(
        "AWS::Lambda::Alias",
        {"name": "Name", "function_name": "FunctionName", "function_version": "FunctionVersion"},
        ("id", "arn"),
    ),
    "aws_kms_alias": Row("AWS::KMS::Alias", {"name": "AliasName", "target_key_id": "TargetKeyId"}, ("id", "name")),
    "aws_controltower_control": Row(
        "AWS::ControlTower::EnabledControl",
        {"control_identifier": "ControlIdentifier", "target_identifier": "TargetIdentifier"},
    ),
    "aws_iam_service_linked_role": Row("AWS::IAM::ServiceLinkedRole", {"aws_service_name": "AWSServiceName"}, get={}),
}
