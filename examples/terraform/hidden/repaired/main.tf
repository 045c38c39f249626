# The same roles with what they need, in aws_iam_policy_document: its statements stand in the plan, also while an ARN is not
# known yet.

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

variable "environment" {
  description = "Which of the shops this is"
  type        = string
  default     = "production"
}

locals {
  roles = {
    checkout   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    onboarding = ["dynamodb:Query"]
    invoice    = ["dynamodb:GetItem", "dynamodb:Query"]
    mailing    = ["dynamodb:Scan"]
  }
}

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_dynamodb_table" "orders" {
  name         = "${var.environment}-orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "order"

  attribute {
    name = "order"
    type = "S"
  }
}

resource "aws_sns_topic" "orders" {
  name              = "${var.environment}-orders"
  kms_master_key_id = "alias/aws/sns"
}

data "aws_iam_policy_document" "role" {
  for_each = local.roles

  statement {
    sid       = "Orders"
    actions   = each.value
    resources = [aws_dynamodb_table.orders.arn]
  }

  statement {
    sid       = "Topics"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.orders.arn]
  }
}

resource "aws_iam_role" "role" {
  for_each = local.roles

  name               = "${var.environment}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_policy" "role" {
  for_each = local.roles

  name   = "${var.environment}-${each.key}"
  policy = data.aws_iam_policy_document.role[each.key].json
}

resource "aws_iam_role_policy_attachment" "role" {
  for_each = local.roles

  role       = aws_iam_role.role[each.key].name
  policy_arn = aws_iam_policy.role[each.key].arn
}
