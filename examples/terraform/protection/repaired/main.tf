# The same change as it should have been: what is in the way is narrowed in the open, and what protects stands where it
# stood, further up or in other words.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["210987654321"]
}

# The most that a machine may do with the orders.
resource "aws_iam_policy" "ceiling" {
  name = "machines-ceiling"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeTable", "dynamodb:UpdateTable", "s3:GetObject", "s3:PutObject", "s3:Delete*"]
      Resource = ["arn:aws:dynamodb:eu-central-1:210987654321:table/orders", "arn:aws:s3:::kestrel-order-archive*"]
    }]
  })
}

# The boundary stays.
resource "aws_iam_role" "deploy" {
  name                 = "orders-deploy"
  permissions_boundary = aws_iam_policy.ceiling.arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "210987654321" } }
    }]
  })
}

resource "aws_iam_role_policy" "deploy" {
  name = "table"
  role = aws_iam_role.deploy.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeTable", "dynamodb:UpdateTable", "dynamodb:DeleteTable"]
      Resource = "arn:aws:dynamodb:eu-central-1:210987654321:table/orders"
    }]
  })
}

resource "aws_iam_role" "archivist" {
  name                 = "orders-archivist"
  permissions_boundary = aws_iam_policy.ceiling.arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "archivist" {
  name = "archive"
  role = aws_iam_role.archivist.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:Delete*"]
      Resource = "arn:aws:s3:::kestrel-order-archive/*"
    }]
  })
}

# The Deny has moved into a policy of its own, and refuses more than before.
resource "aws_iam_role_policy" "keep" {
  name = "keep"
  role = aws_iam_role.archivist.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "KeepVersions"
      Effect   = "Deny"
      Action   = "s3:DeleteObjectVersion*"
      Resource = "*"
    }]
  })
}

# The second factor is asked for in other words, and has to be fresh.
resource "aws_iam_role" "rescue" {
  name = "orders-rescue"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = "sts:AssumeRole"
      Condition = { NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" } }
    }]
  })
}

resource "aws_sqs_queue" "orders" {
  name                    = "orders"
  sqs_managed_sse_enabled = true
}

# The Deny stays beside the Allow, written in two statements.
resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Shop"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::210987654321:role/shop" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.orders.arn
      },
      {
        Sid       = "KeepTheQueue"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:DeleteQueue"
        Resource  = aws_sqs_queue.orders.arn
      },
      {
        Sid       = "KeepTheMessages"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:PurgeQueue"
        Resource  = aws_sqs_queue.orders.arn
      },
    ]
  })
}

resource "aws_organizations_policy" "trail" {
  name = "keep-the-trail"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "KeepTheTrail"
      Effect   = "Deny"
      Action   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]
      Resource = "*"
    }]
  })
}

# Attached to the root, it holds for "workloads" (ou-ab12-22222222) as for all other units.
resource "aws_organizations_policy_attachment" "trail" {
  for_each = { sandbox = "ou-ab12-11111111", all = "r-ab12" }

  policy_id = aws_organizations_policy.trail.id
  target_id = each.value
}
