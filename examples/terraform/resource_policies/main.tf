# What the warehouse shares with its suppliers, each thing with a policy of its own, none of them closed.
# iacscan reports: IAM602, IAM603, IAM604, IAM605, IAM606, IAM607, IAM608, IAM610, IAM611, IAM613, IAM614,
# IAM615, IAM616, IAM618, IAM619.

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

# IAM602: no statement refuses plain HTTP. IAM610: "everybody but the intern" is everybody in the world.
# IAM615: the supplier "only" sets up replication; with it, and with the policy, the bucket is theirs.
# IAM616: the statement that refuses plain HTTP was copied from the bucket of the invoices, and still names that.
resource "aws_s3_bucket" "orders" {
  bucket = "kestrel-supplier-orders"
}

data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "EverybodyButTheIntern"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.orders.arn}/*"]

    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:user/intern"]
    }
  }

  statement {
    sid       = "SupplierSetsUpReplication"
    actions   = ["s3:PutReplicationConfiguration", "s3:PutBucketPolicy"]
    resources = [aws_s3_bucket.orders.arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::456789012345:role/kestrel-orders"]
    }
  }

  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::kestrel-supplier-invoices", "arn:aws:s3:::kestrel-supplier-invoices/*"]

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

resource "aws_s3_bucket_policy" "orders" {
  bucket = aws_s3_bucket.orders.id
  policy = data.aws_iam_policy_document.orders.json
}

# IAM603: kms:ViaService says through which service the key is used, not by whom.
resource "aws_kms_key" "orders" {
  description = "Orders of suppliers"

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
        Sid       = "Suppliers"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-central-1.amazonaws.com" } }
      },
    ]
  })
}

# IAM605: anyone sends, anyone receives.
resource "aws_sqs_queue" "orders" {
  name                    = "supplier-orders"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage", "sqs:ReceiveMessage"]
    resources = [aws_sqs_queue.orders.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id
  policy    = data.aws_iam_policy_document.queue.json
}

# IAM608: S3 publishes for anybody's bucket, not only for ours.
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
  }
}

resource "aws_sns_topic_policy" "uploads" {
  arn    = aws_sns_topic.uploads.arn
  policy = data.aws_iam_policy_document.uploads.json
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

resource "aws_iam_role" "intake" {
  name               = "order-intake"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_lambda_function" "intake" {
  function_name = "order-intake"
  role          = aws_iam_role.intake.arn
  package_type  = "Image"
  image_uri     = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/order-intake:0.9.4"
}

# IAM606: every account in the world may invoke it. IAM607: and everybody without one, through its address.
resource "aws_lambda_permission" "intake" {
  statement_id  = "suppliers"
  function_name = aws_lambda_function.intake.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}

resource "aws_lambda_function_url" "intake" {
  function_name      = aws_lambda_function.intake.function_name
  authorization_type = "NONE"
}

# IAM611: the price list is not a secret any more.
resource "aws_secretsmanager_secret" "prices" {
  name = "supplier-price-api"
}

resource "aws_secretsmanager_secret_policy" "prices" {
  secret_arn = aws_secretsmanager_secret.prices.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

# IAM604: the invoicing role may use the key, and nobody may ever change who may.
resource "aws_kms_key" "invoices" {
  description = "Invoices of suppliers"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "InvoicingUsesIt"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/invoicing" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
      Resource  = "*"
    }]
  })
}

# IAM613: the boundary says that Greta may send and no more. The queue says otherwise, and the queue counts.
resource "aws_iam_policy" "clerks_limit" {
  name = "clerks-limit"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = "*"
    }]
  })
}

resource "aws_iam_user" "greta_holm" {
  name                 = "greta.holm"
  permissions_boundary = aws_iam_policy.clerks_limit.arn
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
      identifiers = [aws_iam_user.greta_holm.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "returns" {
  queue_url = aws_sqs_queue.returns.id
  policy    = data.aws_iam_policy_document.returns.json
}

# IAM614: copied from the console, which shows the id of the role that was deleted in spring. Its successor is not let in.
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
      identifiers = ["AROAEXAMPLEID1234567"]
    }
  }
}

resource "aws_sns_topic_policy" "recalls" {
  arn    = aws_sns_topic.recalls.arn
  policy = data.aws_iam_policy_document.recalls.json
}

# IAM618: closed for the audit, to everybody; also to the pipeline that is to open it again.
resource "aws_sqs_queue" "inspections" {
  name                    = "inspections"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "inspections" {
  statement {
    sid       = "ClosedForTheAudit"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.inspections.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_sqs_queue_policy" "inspections" {
  queue_url = aws_sqs_queue.inspections.id
  policy    = data.aws_iam_policy_document.inspections.json
}

# IAM619: it was to refuse plain HTTP, but says to nobody that it does.
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
