# The functions behind the rental app, with more power than any of them needs.
# iacscan reports: IAM401, IAM402, IAM403, IAM404, IAM405, IAM406, IAM407, IAM409, IAM410, IAM411,
# IAM412, IAM413, IAM414, IAM417, IAM418, IAM421, IAM425.

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

locals {
  functions = {
    unlock  = "lambda.amazonaws.com"
    invoice = "lambda.amazonaws.com"
    tracker = "lambda.amazonaws.com"
  }
}

resource "aws_dynamodb_table" "rentals" {
  name         = "rentals"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "rental"

  attribute {
    name = "rental"
    type = "S"
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name = "rental-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = each.value }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name = "rental-${each.key}"
  role          = aws_iam_role.function[each.key].arn
  package_type  = "Image"
  image_uri     = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/rental-${each.key}:3.2.1"
}

# IAM402: it needs to write one item. A bug in its parser now owns the account.
resource "aws_iam_role_policy_attachment" "unlock" {
  role       = aws_iam_role.function["unlock"].name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# IAM404: reads, overwrites and deletes every object of every bucket.
resource "aws_iam_role_policy_attachment" "invoice" {
  role       = aws_iam_role.function["invoice"].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

# IAM403 and IAM405: all of DynamoDB, and messages to every topic.
data "aws_iam_policy_document" "tracker" {
  statement {
    sid       = "Tables"
    actions   = ["dynamodb:*"]
    resources = ["*"]
  }

  statement {
    sid       = "Topics"
    actions   = ["sns:Publish"]
    resources = ["*"]
  }

  statement {
    sid       = "Rentals"
    actions   = ["dynamodb:Query"]
    resources = ["${aws_dynamodb_table.rentals.arn}/index/*"]
  }
}

resource "aws_iam_role_policy" "tracker" {
  name   = "tracker"
  role   = aws_iam_role.function["tracker"].id
  policy = data.aws_iam_policy_document.tracker.json
}

# IAM401: "for the migration", open to a role of the same account.
resource "aws_iam_role" "migration" {
  name = "migration"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/platform" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_policy" "migration" {
  name = "migration"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::kestrel-migration/*"},
        {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
      ]
    }
  EOT
}

resource "aws_iam_role_policy_attachment" "migration" {
  role       = aws_iam_role.migration.name
  policy_arn = aws_iam_policy.migration.arn
}

# IAM406: all but IAM: also everything that AWS will ever add.
data "aws_iam_policy_document" "on_call" {
  statement {
    sid         = "EverythingElse"
    not_actions = ["iam:*", "organizations:*"]
    resources   = ["*"]
  }
}

resource "aws_iam_role" "on_call" {
  name = "on-call"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/platform" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "on_call" {
  name   = "on-call"
  role   = aws_iam_role.on_call.id
  policy = data.aws_iam_policy_document.on_call.json
}

# IAM407: every bucket but one, also those that do not exist yet. IAM411: every secret of the account. IAM412: every role
# that lets itself be assumed, in any account.
data "aws_iam_policy_document" "reporting" {
  statement {
    sid           = "AllBucketsButSalaries"
    actions       = ["s3:GetObject"]
    not_resources = ["arn:aws:s3:::kestrel-salaries/*"]
  }

  statement {
    sid       = "DatabasePasswords"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]
  }

  statement {
    sid       = "OtherAccounts"
    actions   = ["sts:AssumeRole"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "reporting" {
  name = "reporting"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "reporting" {
  name   = "reporting"
  role   = aws_iam_role.reporting.id
  policy = data.aws_iam_policy_document.reporting.json
}

# IAM409: the build may hand any role to any service, so it has what the strongest of them has.
data "aws_iam_policy_document" "deployment" {
  statement {
    sid       = "Functions"
    actions   = ["lambda:CreateFunction", "lambda:UpdateFunctionCode"]
    resources = ["arn:aws:lambda:eu-central-1:210987654321:function:rental-*"]
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "deployment" {
  name = "deployment"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "deployment" {
  name   = "deployment"
  role   = aws_iam_role.deployment.id
  policy = data.aws_iam_policy_document.deployment.json
}

# IAM413: ListBuckets is a call, the action is s3:ListAllMyBuckets. IAM414: GetObject works on the objects of a bucket, not
# on the bucket.
data "aws_iam_policy_document" "catalogue" {
  statement {
    sid       = "FindTheBucket"
    actions   = ["s3:ListBuckets"]
    resources = ["*"]
  }

  statement {
    sid       = "ReadTheBikes"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-bikes"]
  }
}

resource "aws_iam_role" "catalogue" {
  name = "catalogue"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/platform" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "catalogue" {
  name   = "catalogue"
  role   = aws_iam_role.catalogue.id
  policy = data.aws_iam_policy_document.catalogue.json
}

# IAM418: without a Version the folder is literally called ${aws:PrincipalTag/station}.
resource "aws_iam_role_policy" "manuals" {
  name = "manuals"
  role = aws_iam_role.catalogue.id

  policy = jsonencode({
    Statement = [{
      Sid      = "ManualsOfTheStation"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::kestrel-manuals/$${aws:PrincipalTag/station}/*"
    }]
  })
}

# IAM417: the boundary leaves IAM to the build, the boundary of the build included.
data "aws_iam_policy_document" "boundary" {
  statement {
    sid       = "WhatBuildsMayEverDo"
    actions   = ["codebuild:*", "ecr:*", "iam:*", "lambda:*", "logs:*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name   = "build-boundary"
  policy = data.aws_iam_policy_document.boundary.json
}

resource "aws_iam_role" "build" {
  name                 = "build"
  permissions_boundary = aws_iam_policy.boundary.arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# IAM410: the team makes the roles of its functions itself, and may write into them what it likes.
data "aws_iam_policy_document" "team" {
  statement {
    sid       = "RolesOfFunctions"
    actions   = ["iam:CreateRole", "iam:PutRolePolicy", "iam:TagRole"]
    resources = ["arn:aws:iam::210987654321:role/rental-*"]
  }
}

resource "aws_iam_policy" "team" {
  name   = "rental-team"
  policy = data.aws_iam_policy_document.team.json
}

resource "aws_iam_role" "team" {
  name = "team-rental"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/platform" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "team" {
  role       = aws_iam_role.team.name
  policy_arn = aws_iam_policy.team.arn
}

# IAM421: it tidies up old logs. Whoever takes it over tidies up after himself, the audit trail included.
data "aws_iam_policy_document" "janitor" {
  statement {
    sid       = "TidyUp"
    actions   = ["cloudtrail:StopLogging", "logs:DeleteLogGroup", "logs:DescribeLogGroups"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "janitor" {
  name   = "log-janitor"
  policy = data.aws_iam_policy_document.janitor.json
}

resource "aws_iam_role" "janitor" {
  name = "log-janitor"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "janitor" {
  role       = aws_iam_role.janitor.name
  policy_arn = aws_iam_policy.janitor.arn
}

# IAM425: the certificate of one lock opens all of them: it publishes to every topic, and connects as any other lock.
resource "aws_iot_policy" "bike_lock" {
  name = "bike-lock"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iot:Connect", "iot:Publish", "iot:Subscribe", "iot:Receive"]
      Resource = "*"
    }]
  })
}
