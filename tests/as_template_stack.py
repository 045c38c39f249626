"""A stack with one of everything that a template can say and no example of a rule has."""

from as_template_resources import RESOURCES

_POLICIES = {
    "aws_dynamodb_resource_policy": "resource_arn = aws_dynamodb_table.a.arn",
    "aws_ecr_repository_policy": "repository = aws_ecr_repository.a.name",
    "aws_efs_file_system_policy": "file_system_id = aws_efs_file_system.a.id",
    "aws_backup_vault_policy": "backup_vault_name = aws_backup_vault.a.name",
    "aws_cloudwatch_event_bus_policy": "event_bus_name = aws_cloudwatch_event_bus.a.name",
    "aws_schemas_registry_policy": "registry_name = aws_schemas_registry.a.name",
    "aws_kinesis_resource_policy": "resource_arn = aws_kinesis_stream.a.arn",
    "aws_msk_cluster_policy": 'cluster_arn = "arn:aws:kafka:eu-central-1:111122223333:cluster/a/b"',
    "aws_vpclattice_auth_policy": "resource_identifier = aws_vpclattice_service.a.arn",
    "aws_s3_directory_bucket_policy": "bucket = aws_s3_directory_bucket.a.bucket",
    "aws_ecr_registry_policy": "",
    "aws_kms_replica_key": "primary_key_arn = aws_kms_key.a.arn",
    "aws_vpc_endpoint": 'vpc_id = "vpc-1"\n  service_name = "com.amazonaws.eu-central-1.s3"',
    "aws_api_gateway_rest_api": 'name = "a"\n  endpoint_configuration {\n    types = ["PRIVATE"]\n  }',
    "aws_s3_access_point": 'name = "a"\n  bucket = aws_s3_bucket.a.id\n  vpc_configuration {\n    vpc_id = "vpc-1"\n  }',
    "aws_secretsmanager_secret_policy": "secret_arn = aws_secretsmanager_secret.a.arn\n  block_public_policy = true",
    "aws_iot_policy": 'name = "a"',
    "aws_sqs_queue_policy": "queue_url = aws_sqs_queue.a.url",
}
_OTHERS = {  # policies under other names
    ("aws_cloudwatch_log_resource_policy", "policy_document"): 'policy_name = "a"',
    ("aws_codeartifact_domain_permissions_policy", "policy_document"): "domain = aws_codeartifact_domain.a.domain",
    ("aws_xray_resource_policy", "policy_document"): 'policy_name = "a"',
    ("aws_cloudtrail_resource_policy", "resource_policy"): (
        'resource_arn = "arn:aws:cloudtrail:eu-central-1:111122223333:channel/a"'
    ),
    (
        "aws_opensearch_domain",
        "access_policies",
    ): 'domain_name = "a"\n  vpc_options {\n    subnet_ids = ["subnet-1"]\n  }',
    ("aws_ssoadmin_permission_set_inline_policy", "inline_policy"): (
        'permission_set_arn = aws_ssoadmin_permission_set.a.arn\n  instance_arn = "arn:aws:sso:::instance/ssoins-1"'
    ),
}
_WITH_NAMES = (
    "aws_backup_vault", "aws_cloudwatch_event_bus", "aws_dynamodb_table", "aws_ecr_repository", "aws_kinesis_stream",
    "aws_schemas_registry", "aws_secretsmanager_secret", "aws_sqs_queue", "aws_vpclattice_service",
)  # fmt: skip
_ROLES = {
    "aws_sfn_state_machine": 'name = "a"\n  definition = "{}"\n  role_arn',
    "aws_glue_crawler": 'name = "a"\n  role',
    "aws_sagemaker_notebook_instance": 'name = "a"\n  instance_type = "ml.t3.medium"\n  role_arn',
    "aws_eks_cluster": 'name = "a"\n  role_arn',
    "aws_eks_node_group": "cluster_name = aws_eks_cluster.a.name\n  node_role_arn",
    "aws_eks_fargate_profile": "cluster_name = aws_eks_cluster.a.name\n  pod_execution_role_arn",
    "aws_eks_pod_identity_association": (
        'cluster_name = aws_eks_cluster.a.name\n  namespace = "a"\n  service_account = "a"\n  role_arn'
    ),
    "aws_codedeploy_deployment_group": 'app_name = "a"\n  service_role_arn',
    "aws_pipes_pipe": 'name = "a"\n  source = aws_sqs_queue.a.arn\n  target = aws_sfn_state_machine.a.arn\n  role_arn',
    "aws_bedrockagent_agent": 'agent_name = "a"\n  agent_resource_role_arn',
}
# Whoever may read is a stranger; what it is about are the resources themselves, so that each reference is met in a policy.
_LOCALS = """
locals {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "s3:GetObject", Resource = "*" }]
  })
  about = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = [aws_iam_role.a.arn, aws_iam_user.a.arn] }, Action = "s3:GetObject", Resource = [
%s
    ] }]
  })
}
"""
_WITH_ARNS = (
    "aws_codebuild_project", "aws_ecs_task_definition", "aws_eks_cluster", "aws_iam_group", "aws_iam_instance_profile",
    "aws_iam_saml_provider", "aws_kms_key", "aws_kms_replica_key", "aws_lambda_function", "aws_lambda_layer_version",
    "aws_opensearch_domain", "aws_sfn_state_machine", "aws_ssoadmin_permission_set", "aws_cloudwatch_event_rule",
    "aws_efs_file_system", "aws_codeartifact_domain",
)  # fmt: skip


def _resource(type_: str, body: str) -> str:
    return f'resource "{type_}" "a" {{\n  {body}\n}}\n'


STACK = "".join(
    (
        _LOCALS % "\n".join(f"      {type_}.a.arn," for type_ in (*_WITH_ARNS, *_WITH_NAMES)),
        *(_resource(type_, f"{body}\n  policy = local.policy") for type_, body in _POLICIES.items()),
        *(_resource(type_, f"{body}\n  {name} = local.policy") for (type_, name), body in _OTHERS.items()),
        *(_resource(type_, 'name = "a"') for type_ in _WITH_NAMES),
        *(_resource(type_, f"{body} = aws_iam_role.a.arn") for type_, body in _ROLES.items()),
        RESOURCES,
    )
)
