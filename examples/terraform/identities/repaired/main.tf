# The same exports without a single long-lived credential: the function writes to the partner's bucket as its own role,
# which the partner allows in their bucket policy; finance reads through a role; firmware is fetched with
# git-remote-codecommit and the role of the build.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "image" {
  description = "Container image of the export function"
  type        = string
  default     = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/telemetry-export:2026-10-14"
}

module "telemetry" {
  source = "./modules/private_bucket"
  prefix = "kestrel-telemetry-"
}

module "export_role" {
  source  = "./modules/service_role"
  name    = "telemetry-export"
  service = "lambda.amazonaws.com"
  policy  = data.aws_iam_policy_document.export.json
}

module "finance_role" {
  source  = "./modules/service_role"
  name    = "finance-export"
  service = "ecs-tasks.amazonaws.com"
  policy  = data.aws_iam_policy_document.finance.json
}

module "firmware_role" {
  source  = "./modules/service_role"
  name    = "firmware-build"
  service = "codebuild.amazonaws.com"
  policy  = data.aws_iam_policy_document.firmware.json
}

resource "aws_lambda_function" "export" {
  function_name = "telemetry-export"
  role          = module.export_role.arn
  package_type  = "Image"
  image_uri     = var.image

  environment {
    variables = {
      BUCKET         = module.telemetry.name
      PARTNER_BUCKET = "velodata-inbound"
    }
  }
}

data "aws_iam_policy_document" "export" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${module.telemetry.arn}/*"]
  }

  statement {
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::velodata-inbound/kestrel/*"]
  }
}

data "aws_iam_policy_document" "finance" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${module.telemetry.arn}/finance/*"]
  }
}

data "aws_iam_policy_document" "firmware" {
  statement {
    actions   = ["codecommit:GitPull"]
    resources = ["arn:aws:codecommit:eu-central-1:210987654321:bike-firmware"]
  }
}

# Each of those at the front desk signs in as who they are; the group has the permissions.
resource "aws_ssoadmin_account_assignment" "front_desk" {
  instance_arn       = "arn:aws:sso:::instance/ssoins-6987a1b2c3d4e5f6"
  permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-6987a1b2c3d4e5f6/ps-1b2c3d4e5f6a7b8c"
  principal_type     = "GROUP"
  principal_id       = "a1b2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
  target_type        = "AWS_ACCOUNT"
  target_id          = "210987654321"
}

resource "aws_iam_account_password_policy" "console" {
  minimum_password_length   = 14
  password_reuse_prevention = 24
}

resource "aws_s3_account_public_access_block" "account" {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
