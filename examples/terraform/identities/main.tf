# Kestrel Bikes rents bicycles. This stack exports what the bikes report to the finance team and to a partner, and it
# does so with credentials that live for ever. iacscan reports: IAM101, IAM104, IAM105, IAM106, IAM113, IAM107, IAM108, IAM109, IAM110,
# IAM111, and the users behind them (IAM201).

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

resource "aws_s3_bucket" "telemetry" {
  bucket = "kestrel-telemetry"
}

resource "aws_iam_role" "export" {
  name = "telemetry-export"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# IAM101: the partner's access key is in the code, hence in Git and in everybody's checkout.
resource "aws_lambda_function" "export" {
  function_name = "telemetry-export"
  role          = aws_iam_role.export.arn
  package_type  = "Image"
  image_uri     = var.image

  environment {
    variables = {
      BUCKET                = aws_s3_bucket.telemetry.bucket
      PARTNER_BUCKET        = "velodata-inbound"
      PARTNER_ACCESS_KEY_ID = "AKIAQ3KESTREL7BIKE2R"
    }
  }
}

# The finance team's spreadsheet add-in reads the export with a key of its own.
resource "aws_iam_user" "finance_export" {
  name = "svc-finance-export"
}

resource "aws_iam_access_key" "finance_export" {
  user = aws_iam_user.finance_export.name
}

output "finance_access_key_id" {
  value = aws_iam_access_key.finance_export.id
}

# IAM107: whoever reads the output of the pipeline has the key. `nonsensitive` silences Terraform, not the risk.
output "finance_secret_access_key" {
  value = nonsensitive(aws_iam_access_key.finance_export.secret)
}

# IAM106, IAM113: the first password lies in the state, and nobody has to change it.
resource "aws_iam_user" "clara_voss" {
  name = "clara.voss"
}

resource "aws_iam_user_login_profile" "clara_voss" {
  user                    = aws_iam_user.clara_voss.name
  password_reset_required = false
}

# IAM108, IAM109: the key of the new laptop, and the one of the laptop that was stolen; and she signs in to the console, too.
resource "aws_iam_access_key" "clara_voss_old_laptop" {
  user = aws_iam_user.clara_voss.name
}

resource "aws_iam_access_key" "clara_voss_new_laptop" {
  user = aws_iam_user.clara_voss.name
}

# IAM104: whoever is at the front desk signs in as "office"; the password is on the inside of the cupboard door.
resource "aws_iam_user" "office" {
  name = "office"
}

resource "aws_iam_group" "front_desk" {
  name = "front-desk"
}

resource "aws_iam_user_group_membership" "office" {
  user   = aws_iam_user.office.name
  groups = [aws_iam_group.front_desk.name]
}

resource "aws_iam_group_policy" "front_desk" {
  name  = "bookings"
  group = aws_iam_group.front_desk.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource = "arn:aws:dynamodb:eu-central-1:210987654321:table/bookings"
    }]
  })
}

# IAM105: nothing makes them use a second factor, which they would have to share as well.
resource "aws_iam_user_login_profile" "office" {
  user                    = aws_iam_user.office.name
  pgp_key                 = "keybase:kestrel_office"
  password_reset_required = true
}

# IAM111: passwords that never expire, for a Git remote and for a model API.
resource "aws_iam_user" "firmware_sync" {
  name = "svc-firmware-sync"
}

resource "aws_iam_service_specific_credential" "firmware_sync" {
  for_each = toset(["codecommit.amazonaws.com", "bedrock.amazonaws.com"])

  service_name = each.value
  user_name    = aws_iam_user.firmware_sync.name
}

# IAM110: eight characters were enough in 2015, and whoever must change a password may change it back.
resource "aws_iam_account_password_policy" "console" {
  minimum_password_length   = 8
  password_reuse_prevention = 1
}

resource "aws_s3_account_public_access_block" "account" {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
