"""The resources of `as_template_stack` that are written out."""

RESOURCES = """
resource "aws_iam_role" "a" {
  name = "a"
  path = "/work/"
  assume_role_policy = local.policy
}
resource "aws_iam_user" "a" {
  name = "a"
  path = "/people/"
}
resource "aws_iam_group" "a" {
  name = "a"
  path = "/teams/"
}
resource "aws_iam_policy" "a" {
  name = "a"
  path = "/shared/"
  policy = local.policy
}
resource "aws_iam_user_policy_attachment" "a" {
  user       = aws_iam_user.a.name
  policy_arn = aws_iam_policy.a.arn
}
resource "aws_iam_group_policy_attachment" "a" {
  group      = aws_iam_group.a.name
  policy_arn = aws_iam_policy.a.arn
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.a.name
  policy_arn = aws_iam_policy.a.arn
}
resource "aws_iam_user_policy" "a" {
  name   = "own"
  user   = aws_iam_user.a.name
  policy = local.policy
}
resource "aws_iam_group_policy" "a" {
  name   = "own"
  group  = aws_iam_group.a.name
  policy = local.policy
}
resource "aws_iam_role_policy" "a" {
  name   = "own"
  role   = aws_iam_role.a.name
  policy = local.policy
}
resource "aws_iam_role_policy" "elsewhere" {
  name   = "own"
  role   = "made-elsewhere"
  policy = local.policy
}
resource "aws_iam_instance_profile" "a" {
  name = "a"
  role = aws_iam_role.a.name
}
resource "aws_iam_saml_provider" "a" {
  name                   = "a"
  saml_metadata_document = "<xml/>"
}
resource "aws_iam_service_linked_role" "a" {
  aws_service_name = "autoscaling.amazonaws.com"
}
resource "aws_ssoadmin_permission_set" "a" {
  name         = "a"
  instance_arn = "arn:aws:sso:::instance/ssoins-1"
}
resource "aws_ssoadmin_customer_managed_policy_attachment" "a" {
  permission_set_arn = aws_ssoadmin_permission_set.a.arn
  instance_arn       = "arn:aws:sso:::instance/ssoins-1"
  customer_managed_policy_reference {
    name = aws_iam_policy.a.name
    path = "/shared/"
  }
}
resource "aws_ssoadmin_permissions_boundary_attachment" "a" {
  permission_set_arn = aws_ssoadmin_permission_set.a.arn
  instance_arn       = "arn:aws:sso:::instance/ssoins-1"
  permissions_boundary {
    managed_policy_arn = aws_iam_policy.a.arn
  }
}
resource "aws_cognito_identity_pool" "a" {
  identity_pool_name = "a"
  allow_classic_flow = true
}
resource "aws_cognito_identity_pool_roles_attachment" "a" {
  identity_pool_id = aws_cognito_identity_pool.a.id
  roles            = { authenticated = aws_iam_role.a.arn, unauthenticated = aws_iam_role.a.arn }
}
resource "aws_controltower_control" "a" {
  control_identifier = "arn:aws:controltower:eu-central-1::control/AWS-GR_A"
  target_identifier  = "arn:aws:organizations::111122223333:ou/o-abcdefghij/ou-ab12-11111111"
}
resource "aws_s3_bucket" "a" {
  bucket = "example-a"
}
resource "aws_s3_bucket" "logs" {
  bucket = "example-logs"
}
resource "aws_s3_bucket_website_configuration" "a" {
  bucket = aws_s3_bucket.a.id
  index_document {
    suffix = "index.html"
  }
}
resource "aws_s3_bucket_logging" "a" {
  bucket        = aws_s3_bucket.a.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "a/"
}
resource "aws_s3_directory_bucket" "a" {
  bucket = "example--euc1-az1--x-s3"
}
resource "aws_kms_key" "a" {
  policy = local.policy
}
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.a.key_id
}
resource "aws_efs_file_system" "a" {
  encrypted = true
}
resource "aws_codeartifact_domain" "a" {
  domain = "a"
}
resource "aws_cloudwatch_event_permission" "a" {
  event_bus_name = aws_cloudwatch_event_bus.a.name
  statement_id   = "a"
  principal      = "*"
  condition {
    type  = "StringEquals"
    key   = "aws:PrincipalOrgID"
    value = "o-abcdefghij"
  }
}
resource "aws_lambda_function" "a" {
  function_name = "a"
  role          = aws_iam_role.a.arn
  s3_bucket     = aws_s3_bucket.a.id
  s3_key        = "a.zip"
  environment {
    variables = { AWS_ACCESS_KEY_ID = "local", TABLE = aws_dynamodb_table.a.name }
  }
}
resource "aws_lambda_alias" "a" {
  name             = "live"
  function_name    = aws_lambda_function.a.function_name
  function_version = "1"
}
resource "aws_lambda_layer_version" "a" {
  layer_name = "a"
  s3_bucket  = aws_s3_bucket.a.id
  s3_key     = "a.zip"
}
resource "aws_lambda_layer_version_permission" "a" {
  layer_name      = "arn:aws:lambda:eu-central-1:111122223333:layer:a:1"
  version_number  = 1
  statement_id    = "a"
  action          = "lambda:GetLayerVersion"
  principal       = "*"
  organization_id = "o-abcdefghij"
}
resource "aws_lambda_permission" "a" {
  function_name            = aws_lambda_function.a.function_name
  action                   = "lambda:InvokeFunctionUrl"
  principal                = "*"
  source_account           = "111122223333"
  function_url_auth_type   = "NONE"
}
resource "aws_lambda_permission" "url" {
  function_name            = aws_lambda_function.a.function_name
  action                   = "lambda:InvokeFunction"
  principal                = "*"
  invoked_via_function_url = true
}
resource "aws_instance" "a" {
  ami                  = "ami-1"
  iam_instance_profile = aws_iam_instance_profile.a.name
  user_data            = "#!/bin/sh\\nexport AWS_SECRET_ACCESS_KEY=$1\\naws s3 cp s3://a/b .\\n"
}
resource "aws_launch_configuration" "a" {
  image_id             = "ami-1"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.a.name
  user_data            = "#!/bin/sh\\naws s3 cp s3://a/b .\\n"
}
resource "aws_launch_template" "a" {
  name     = "a"
  image_id = "ami-1"
  iam_instance_profile {
    arn = aws_iam_instance_profile.a.arn
  }
}
resource "aws_instance" "templated" {
  launch_template {
    id = aws_launch_template.a.id
  }
}
resource "aws_ecs_task_definition" "a" {
  family             = "a"
  task_role_arn      = aws_iam_role.a.arn
  execution_role_arn = aws_iam_role.a.arn
  container_definitions = jsonencode([{
    name        = "a"
    image       = "a"
    environment = [{ name = "AWS_ACCESS_KEY_ID", value = "local" }, { name = "AWS_REGION", value = "eu-central-1" }]
    secrets     = [{ name = "AWS_SECRET_ACCESS_KEY", valueFrom = "arn:aws:ssm:eu-central-1:111122223333:parameter/a" }]
  }])
}
resource "aws_batch_job_definition" "a" {
  name = "a"
  type = "container"
  container_properties = jsonencode({
    image            = "a"
    jobRoleArn       = "arn:aws:iam::111122223333:role/a"
    executionRoleArn = "arn:aws:iam::111122223333:role/b"
    environment      = [{ name = "AWS_ACCESS_KEY_ID", value = "AKIAQX4TPD7WLMZNR2VB" }]
  })
}
resource "aws_codebuild_project" "a" {
  name         = "a"
  service_role = aws_iam_role.a.arn
  source {
    type = "NO_SOURCE"
  }
  artifacts {
    type     = "S3"
    location = aws_s3_bucket.a.bucket
  }
  secondary_artifacts {
    artifact_identifier = "more"
    type                = "S3"
    location            = aws_s3_bucket.logs.bucket
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "a"
    type         = "LINUX_CONTAINER"
    environment_variable {
      name  = "AWS_ACCESS_KEY_ID"
      value = "local"
    }
    environment_variable {
      name  = "AWS_SECRET_ACCESS_KEY"
      type  = "SECRETS_MANAGER"
      value = "a"
    }
  }
}
resource "aws_apprunner_service" "a" {
  service_name = "a"
  instance_configuration {
    instance_role_arn = aws_iam_role.a.arn
  }
  source_configuration {
    image_repository {
      image_identifier      = "a"
      image_repository_type = "ECR"
      image_configuration {
        runtime_environment_variables = { AWS_ACCESS_KEY_ID = "local", STAGE = "a" }
      }
    }
  }
}
resource "aws_elastic_beanstalk_environment" "a" {
  name        = "a"
  application = "a"
  setting {
    namespace = "aws:elasticbeanstalk:application:environment"
    name      = "AWS_ACCESS_KEY_ID"
    value     = "local"
  }
  setting {
    namespace = "aws:elasticbeanstalk:application:environment"
    name      = "STAGE"
    value     = "a"
  }
}
resource "aws_glue_job" "a" {
  name     = "a"
  role_arn = aws_iam_role.a.arn
  command {
    script_location = "s3://example-a/job.py"
  }
  default_arguments = { "--stage" = "a" }
}
resource "aws_sagemaker_model" "a" {
  name               = "a"
  execution_role_arn = aws_iam_role.a.arn
  primary_container {
    image       = "a"
    environment = { AWS_ACCESS_KEY_ID = "local", STAGE = "a" }
  }
}
resource "aws_emr_cluster" "a" {
  name         = "a"
  service_role = aws_iam_role.a.arn
  ec2_attributes {
    instance_profile = aws_iam_instance_profile.a.name
  }
}
resource "aws_codepipeline" "a" {
  name     = "a"
  role_arn = aws_iam_role.a.arn
  artifact_store {
    location = aws_s3_bucket.a.bucket
    type     = "S3"
  }
}
resource "aws_scheduler_schedule" "a" {
  name                = "a"
  schedule_expression = "rate(1 day)"
  target {
    arn      = aws_lambda_function.a.arn
    role_arn = aws_iam_role.a.arn
  }
}
resource "aws_cloudwatch_event_rule" "a" {
  name                = "a"
  schedule_expression = "rate(1 day)"
}
resource "aws_cloudwatch_event_target" "a" {
  rule      = aws_cloudwatch_event_rule.a.name
  target_id = "a"
  arn       = aws_sfn_state_machine.a.arn
  role_arn  = aws_iam_role.a.arn
}
resource "aws_mwaa_environment" "a" {
  name                          = "a"
  execution_role_arn            = aws_iam_role.a.arn
  airflow_configuration_options = { "core.a" = "b" }
}
resource "aws_amplify_app" "a" {
  name                  = "a"
  iam_service_role_arn  = aws_iam_role.a.arn
  environment_variables = { AWS_ACCESS_KEY_ID = "local", STAGE = "a" }
}
resource "aws_kinesis_firehose_delivery_stream" "a" {
  name        = "a"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = aws_iam_role.a.arn
    bucket_arn = aws_s3_bucket.a.arn
  }
}
resource "aws_flow_log" "a" {
  log_destination      = "${aws_s3_bucket.logs.arn}/flow/"
  log_destination_type = "s3"
  vpc_id               = "vpc-1"
  traffic_type         = "ALL"
}
resource "aws_elb" "a" {
  access_logs {
    bucket = aws_s3_bucket.logs.bucket
  }
}
resource "aws_config_delivery_channel" "a" {
  s3_bucket_name = aws_s3_bucket.logs.bucket
}
resource "aws_athena_workgroup" "a" {
  name = "a"
  configuration {
    result_configuration {
      output_location = "s3://${aws_s3_bucket.logs.bucket}/results/"
    }
  }
}
resource "aws_sns_topic" "a" {
  name = "a"
}
resource "aws_sns_topic_policy" "a" {
  arn    = aws_sns_topic.a.arn
  policy = local.about
}
"""
