# The same things, shared with the one supplier that needs them, over TLS, and with AWS services only on our behalf.

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

data "aws_caller_identity" "current" {}

variable "supplier_role" {
  description = "The role of the supplier that places orders"
  type        = string
  default     = "arn:aws:iam::456789012345:role/kestrel-orders"
}

module "orders" {
  source   = "./modules/private_bucket"
  prefix   = "kestrel-supplier-orders-"
  policies = [data.aws_iam_policy_document.orders.json]
}

data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "SupplierReads"
    actions   = ["s3:GetObject"]
    resources = ["${module.orders.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = [var.supplier_role]
    }
  }
}

resource "aws_kms_key" "orders" {
  description         = "Orders of suppliers"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Supplier"
        Effect    = "Allow"
        Principal = { AWS = var.supplier_role }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-central-1.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_sqs_queue" "orders" {
  name                    = "supplier-orders"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.orders.arn]

    principals {
      type        = "AWS"
      identifiers = [var.supplier_role]
    }
  }
}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_sns_topic" "uploads" {
  name              = "supplier-uploads"
  kms_master_key_id = "alias/aws/sns"
}

data "aws_iam_policy_document" "uploads" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.uploads.arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [module.orders.arn]
    }
  }
}

resource "aws_sns_topic_policy" "uploads" {
  arn    = aws_sns_topic.uploads.arn
  policy = data.aws_iam_policy_document.uploads.json
}

data "aws_iam_policy_document" "intake" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${module.orders.arn}/*"]
  }
}

module "intake_role" {
  source  = "./modules/service_role"
  name    = "order-intake"
  service = "lambda.amazonaws.com"
  policy  = data.aws_iam_policy_document.intake.json
}

resource "aws_lambda_function" "intake" {
  function_name = "order-intake"
  role          = module.intake_role.arn
  package_type  = "Image"
  image_uri     = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/order-intake:0.9.4"
}

resource "aws_lambda_permission" "intake" {
  statement_id   = "uploads"
  function_name  = aws_lambda_function.intake.function_name
  action         = "lambda:InvokeFunction"
  principal      = "s3.amazonaws.com"
  source_arn     = module.orders.arn
  source_account = data.aws_caller_identity.current.account_id
}

resource "aws_lambda_function_url" "intake" {
  function_name      = aws_lambda_function.intake.function_name
  authorization_type = "AWS_IAM"
}

resource "aws_secretsmanager_secret" "prices" {
  name = "supplier-price-api"
}

data "aws_iam_policy_document" "prices" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.prices.arn]

    principals {
      type        = "AWS"
      identifiers = [var.supplier_role]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "prices" {
  secret_arn          = aws_secretsmanager_secret.prices.arn
  policy              = data.aws_iam_policy_document.prices.json
  block_public_policy = true
}

# The account manages the key, the invoicing role uses it.
resource "aws_kms_key" "invoices" {
  description         = "Invoices of suppliers"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "InvoicingUsesIt"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/invoicing" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
        Resource  = "*"
      },
    ]
  })
}

# Roles, because their boundaries count here, and by their blocks, so that a new role is let in as the old one was.
data "aws_iam_policy_document" "clerks_limit" {
  statement {
    sid       = "WhatClerksMayEverDo"
    actions   = ["sqs:PurgeQueue", "sqs:SendMessage"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "clerks_limit" {
  name   = "clerks-limit"
  policy = data.aws_iam_policy_document.clerks_limit.json
}

data "aws_iam_policy_document" "clerks_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/office"]
    }
  }
}

resource "aws_iam_role" "clerks" {
  name                 = "clerks"
  permissions_boundary = aws_iam_policy.clerks_limit.arn
  assume_role_policy   = data.aws_iam_policy_document.clerks_trust.json
}

resource "aws_sqs_queue" "returns" {
  name                    = "supplier-returns"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "returns" {
  statement {
    sid       = "EmptyIt"
    actions   = ["sqs:PurgeQueue"]
    resources = [aws_sqs_queue.returns.arn]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.clerks.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "returns" {
  queue_url = aws_sqs_queue.returns.id
  policy    = data.aws_iam_policy_document.returns.json
}

resource "aws_sns_topic" "recalls" {
  name              = "recalls"
  kms_master_key_id = "alias/aws/sns"
}

data "aws_iam_policy_document" "recalls" {
  statement {
    sid       = "ReportRecalls"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.recalls.arn]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.clerks.arn]
    }
  }
}

resource "aws_sns_topic_policy" "recalls" {
  arn    = aws_sns_topic.recalls.arn
  policy = data.aws_iam_policy_document.recalls.json
}

resource "aws_sqs_queue" "inspections" {
  name                    = "inspections"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "inspections" {
  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.inspections.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "inspections" {
  queue_url = aws_sqs_queue.inspections.id
  policy    = data.aws_iam_policy_document.inspections.json
}

resource "aws_sns_topic" "inspections" {
  name              = "inspections"
  kms_master_key_id = "alias/aws/sns"
}

data "aws_iam_policy_document" "inspection_reports" {
  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.inspections.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "inspections" {
  arn    = aws_sns_topic.inspections.arn
  policy = data.aws_iam_policy_document.inspection_reports.json
}
