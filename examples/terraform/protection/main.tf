# A change that grants nothing and takes away what held grants back (state.json shows what was there): "it was in the way".
# iacscan reports: IAM221, IAM423, IAM424, IAM617, IAM726; in the plan only, for the source does not say what was there before.

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

# IAM423: it had the ceiling as its permissions boundary. Its policy stands as it stood, and now it may delete the table.
resource "aws_iam_role" "deploy" {
  name = "orders-deploy"

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

# IAM424: a Deny of s3:DeleteObjectVersion stood here, so that what is archived stays, and s3:Delete* did no harm.
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

# IAM221: everybody who came in here had to sign in with a second factor.
resource "aws_iam_role" "rescue" {
  name = "orders-rescue"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_sqs_queue" "orders" {
  name                    = "orders"
  sqs_managed_sse_enabled = true
}

# IAM617: a Deny of sqs:DeleteQueue and sqs:PurgeQueue stood beside the Allow.
resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Shop"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/shop" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.orders.arn
    }]
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

# IAM726: "workloads" (ou-ab12-22222222) is gone from the list, and with it the policy from all accounts of that unit.
resource "aws_organizations_policy_attachment" "trail" {
  for_each = { sandbox = "ou-ab12-11111111" }

  policy_id = aws_organizations_policy.trail.id
  target_id = each.value
}
