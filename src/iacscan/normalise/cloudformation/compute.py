"""What runs code or acts with a role, and what takes secrets: CloudFormation's types as Terraform spells them.

The Terraform side of these rows is read by `normalise.workloads`, `normalise.flows` and `normalise.bucket_uses`.
"""

from typing import Final

from .row import Companion, Row
from .shapes import either, entry, nested, pairs

# A variable with its value, which tells a credential from a word that only looks like the name of one.
_VARIABLE: Final = {"name": "Name", "value": "Value", "type": "Type"}
_CONTAINER: Final = {
    "environment": nested("Environment", _VARIABLE),
    "secrets": nested("Secrets", {"name": "Name"}),
}
_PROFILE: Final = "IamInstanceProfile"
_IMAGE: Final = nested(
    "ImageConfiguration", {"runtime_environment_variables": pairs("RuntimeEnvironmentVariables", "Name")}
)
_CODE: Final = nested(
    "CodeConfiguration",
    {
        "code_configuration_values": nested(
            "CodeConfigurationValues", {"runtime_environment_variables": pairs("RuntimeEnvironmentVariables", "Name")}
        )
    },
)
_ROLE: Final = {"role_arn": "RoleArn"}
_FIREHOSE_ROLE: Final = {"role_arn": "RoleARN"}
_LOG_BUCKET: Final = "access_logs.s3.bucket"

COMPUTE: Final[dict[str, Row]] = {
    "AWS::Lambda::Function": Row(
        "aws_lambda_function",
        {
            "function_name": "FunctionName",
            "role": "Role",
            "environment": nested("Environment", {"variables": "Variables"}),
            "s3_bucket": "Code.S3Bucket",
        },
        attributes={"Version": "qualified_arn"},  # what SAM's `!Ref Function.Version` is
    ),
    "AWS::Lambda::Permission": Row(
        "aws_lambda_permission",
        {
            "principal": "Principal",
            "action": "Action",
            "function_name": "FunctionName",
            "source_arn": "SourceArn",
            "source_account": "SourceAccount",
            "principal_org_id": "PrincipalOrgID",
            "event_source_token": "EventSourceToken",
            "function_url_auth_type": "FunctionUrlAuthType",
            "invoked_via_function_url": "InvokedViaFunctionUrl",
        },
    ),
    "AWS::Lambda::LayerVersionPermission": Row(
        "aws_lambda_layer_version_permission",
        {
            "principal": "Principal",
            "action": "Action",
            "layer_name": "LayerVersionArn",
            "organization_id": "OrganizationId",
        },
    ),
    "AWS::Lambda::Url": Row(
        "aws_lambda_function_url", {"function_name": "TargetFunctionArn", "authorization_type": "AuthType"}
    ),
    "AWS::Lambda::LayerVersion": Row(
        "aws_lambda_layer_version", {"layer_name": "LayerName", "s3_bucket": "Content.S3Bucket"}, ref="arn"
    ),
    "AWS::Lambda::Alias": Row("aws_lambda_alias", {"name": "Name", "function_name": "FunctionName"}, ref="arn"),
    "AWS::EC2::Instance": Row(
        "aws_instance", {"iam_instance_profile": _PROFILE, "user_data": "UserData", "launch_template": "LaunchTemplate"}
    ),
    "AWS::AutoScaling::LaunchConfiguration": Row(
        "aws_launch_configuration",
        {"name": "LaunchConfigurationName", "iam_instance_profile": _PROFILE, "user_data": "UserData"},
    ),
    "AWS::EC2::LaunchTemplate": Row(
        "aws_launch_template",
        {
            "name": "LaunchTemplateName",
            "user_data": "LaunchTemplateData.UserData",
            "iam_instance_profile": nested(f"LaunchTemplateData.{_PROFILE}", {"name": "Name", "arn": "Arn"}),
        },
        ref="id",
    ),
    "AWS::EC2::SpotFleet": Row("aws_spot_fleet_request", {"iam_fleet_role": "SpotFleetRequestConfigData.IamFleetRole"}),
    "AWS::ECS::TaskDefinition": Row(
        "aws_ecs_task_definition",
        {
            "family": "Family",
            "task_role_arn": "TaskRoleArn",
            "execution_role_arn": "ExecutionRoleArn",
            "container_definitions": nested("ContainerDefinitions", _CONTAINER),
        },
        ref="arn",
    ),
    "AWS::Batch::JobDefinition": Row(
        "aws_batch_job_definition",
        {
            "name": "JobDefinitionName",
            "container_properties": nested(
                "ContainerProperties",
                {"jobRoleArn": "JobRoleArn", "executionRoleArn": "ExecutionRoleArn", **_CONTAINER},
            ),
        },
        ref="arn",
    ),
    "AWS::CodeBuild::Project": Row(
        "aws_codebuild_project",
        {
            "name": "Name",
            "service_role": "ServiceRole",
            "environment": nested("Environment", {"environment_variable": nested("EnvironmentVariables", _VARIABLE)}),
            "artifacts": nested("Artifacts", {"location": "Location"}),
            "secondary_artifacts": nested("SecondaryArtifacts", {"location": "Location"}),
        },
    ),
    "AWS::AppRunner::Service": Row(
        "aws_apprunner_service",
        {
            "service_name": "ServiceName",
            "instance_configuration": nested("InstanceConfiguration", {"instance_role_arn": "InstanceRoleArn"}),
            "source_configuration": nested(
                "SourceConfiguration",
                {
                    "image_repository": nested("ImageRepository", {"image_configuration": _IMAGE}),
                    "code_repository": nested("CodeRepository", {"code_configuration": _CODE}),
                },
            ),
        },
        ref="arn",
    ),
    "AWS::ElasticBeanstalk::Environment": Row(
        "aws_elastic_beanstalk_environment",
        {"name": "EnvironmentName", "setting": nested("OptionSettings", {"name": "OptionName", "value": "Value"})},
    ),
    "AWS::ElasticBeanstalk::ApplicationVersion": Row(
        "aws_elastic_beanstalk_application_version", {"bucket": "SourceBundle.S3Bucket"}
    ),
    "AWS::StepFunctions::StateMachine": Row(
        "aws_sfn_state_machine", {"name": "StateMachineName", "role_arn": "RoleArn"}, ref="arn"
    ),
    "AWS::Glue::Job": Row(
        "aws_glue_job",
        {
            "name": "Name",
            "role_arn": "Role",
            "default_arguments": "DefaultArguments",
            "command": nested("Command", {"script_location": "ScriptLocation"}),
        },
    ),
    "AWS::Glue::Crawler": Row("aws_glue_crawler", {"name": "Name", "role": "Role"}),
    "AWS::SageMaker::NotebookInstance": Row(
        "aws_sagemaker_notebook_instance", {"name": "NotebookInstanceName", "role_arn": "RoleArn"}, ref="arn"
    ),
    "AWS::SageMaker::Model": Row(
        "aws_sagemaker_model",
        {
            "name": "ModelName",
            "execution_role_arn": "ExecutionRoleArn",
            "primary_container": nested("PrimaryContainer", {"environment": "Environment"}),
            "container": nested("Containers", {"environment": "Environment"}),
        },
        ref="arn",
    ),
    "AWS::SageMaker::Domain": Row(
        "aws_sagemaker_domain",
        {"default_user_settings": nested("DefaultUserSettings", {"execution_role": "ExecutionRole"})},
    ),
    "AWS::EMR::Cluster": Row(
        "aws_emr_cluster",
        {"service_role": "ServiceRole", "ec2_attributes": nested("", {"instance_profile": "JobFlowRole"})},
    ),
    "AWS::EKS::Cluster": Row("aws_eks_cluster", {"name": "Name", "role_arn": "RoleArn"}),
    "AWS::EKS::Nodegroup": Row("aws_eks_node_group", {"node_role_arn": "NodeRole"}),
    "AWS::EKS::FargateProfile": Row("aws_eks_fargate_profile", {"pod_execution_role_arn": "PodExecutionRoleArn"}),
    "AWS::EKS::PodIdentityAssociation": Row("aws_eks_pod_identity_association", _ROLE),
    "AWS::CodePipeline::Pipeline": Row(
        "aws_codepipeline",
        {
            "name": "Name",
            "role_arn": "RoleArn",
            "artifact_store": nested(
                "", {"location": either("ArtifactStore.Location", "ArtifactStores.ArtifactStore.Location")}
            ),
        },
    ),
    "AWS::CodeDeploy::DeploymentGroup": Row("aws_codedeploy_deployment_group", {"service_role_arn": "ServiceRoleArn"}),
    "AWS::CloudFormation::Stack": Row("aws_cloudformation_stack", {"template_url": "TemplateURL"}, ref="arn"),
    "AWS::CloudFormation::StackSet": Row("aws_cloudformation_stack_set", {"template_url": "TemplateURL"}),
    "AWS::Scheduler::Schedule": Row("aws_scheduler_schedule", {"name": "Name", "target": nested("Target", _ROLE)}),
    "AWS::Pipes::Pipe": Row("aws_pipes_pipe", {"name": "Name", "role_arn": "RoleArn"}),
    "AWS::Events::Rule": Row(
        "aws_cloudwatch_event_rule",
        {"name": "Name"},
        (Companion("aws_cloudwatch_event_target", "Targets", {"role_arn": "RoleArn", "arn": "Arn"}, "rule"),),
    ),
    "AWS::MWAA::Environment": Row(
        "aws_mwaa_environment",
        {
            "name": "Name",
            "execution_role_arn": "ExecutionRoleArn",
            "airflow_configuration_options": "AirflowConfigurationOptions",
        },
    ),
    "AWS::Amplify::App": Row(
        "aws_amplify_app",
        {
            "iam_service_role_arn": "IAMServiceRole",
            "environment_variables": pairs("EnvironmentVariables", "Name"),
        },
    ),
    "AWS::Amplify::Branch": Row("aws_amplify_branch", {"environment_variables": pairs("EnvironmentVariables", "Name")}),
    "AWS::Bedrock::Agent": Row("aws_bedrockagent_agent", {"agent_resource_role_arn": "AgentResourceRoleArn"}),
    "AWS::BedrockAgentCore::Runtime": Row(
        "aws_bedrockagentcore_agent_runtime",
        {"role_arn": "RoleArn", "environment_variables": "EnvironmentVariables"},
    ),
    "AWS::BedrockAgentCore::CodeInterpreterCustom": Row(
        "aws_bedrockagentcore_code_interpreter", {"execution_role_arn": "ExecutionRoleArn"}
    ),
    "AWS::BedrockAgentCore::BrowserCustom": Row(
        "aws_bedrockagentcore_browser", {"execution_role_arn": "ExecutionRoleArn"}
    ),
    "AWS::BedrockAgentCore::Gateway": Row("aws_bedrockagentcore_gateway", _ROLE),
    "AWS::KinesisFirehose::DeliveryStream": Row(
        "aws_kinesis_firehose_delivery_stream",
        {
            "name": "DeliveryStreamName",
            "extended_s3_configuration": nested("ExtendedS3DestinationConfiguration", _FIREHOSE_ROLE),
            "s3_configuration": nested("S3DestinationConfiguration", _FIREHOSE_ROLE),
            "redshift_configuration": nested("RedshiftDestinationConfiguration", _FIREHOSE_ROLE),
        },
    ),
    "AWS::Lightsail::Instance": Row("aws_lightsail_instance", {"name": "InstanceName", "user_data": "UserData"}),
}

# What keeps secrets, and what else names a bucket or is public by a switch.
OTHERS: Final[dict[str, Row]] = {
    "AWS::SSM::Parameter": Row("aws_ssm_parameter", {"name": "Name", "value": "Value"}),
    "AWS::SecretsManager::Secret": Row(
        "aws_secretsmanager_secret",
        {"name": "Name"},
        (Companion("aws_secretsmanager_secret_version", "SecretString", {"secret_string": ""}, "secret_id"),),
        ref="arn",
        attributes={"Id": "arn"},
    ),
    "AWS::CloudTrail::Trail": Row("aws_cloudtrail", {"name": "TrailName", "s3_bucket_name": "S3BucketName"}),
    "AWS::Config::DeliveryChannel": Row("aws_config_delivery_channel", {"s3_bucket_name": "S3BucketName"}),
    "AWS::ImageBuilder::DistributionConfiguration": Row(
        companions=(
            Companion(
                "aws_ami_launch_permission",
                "Distributions.AmiDistributionConfiguration.LaunchPermissionConfiguration.UserGroups",
                {"group": ""},
            ),
        ),
        bare=True,
    ),
    "AWS::EC2::SnapshotBlockPublicAccess": Row("aws_ebs_snapshot_block_public_access", {"state": "State"}),
    "AWS::EC2::FlowLog": Row("aws_flow_log", {"log_destination": "LogDestination"}),
    "AWS::ElasticLoadBalancing::LoadBalancer": Row(
        "aws_elb", {"access_logs": nested("AccessLoggingPolicy", {"bucket": "S3BucketName"})}
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Row(
        "aws_lb",
        {
            "name": "Name",
            "access_logs": nested("", {"bucket": entry("LoadBalancerAttributes", _LOG_BUCKET)}),
        },
        ref="arn",
    ),
    "AWS::Athena::WorkGroup": Row(
        "aws_athena_workgroup",
        {
            "name": "Name",
            "configuration": nested(
                "WorkGroupConfiguration",
                {"result_configuration": nested("ResultConfiguration", {"output_location": "OutputLocation"})},
            ),
        },
    ),
}
