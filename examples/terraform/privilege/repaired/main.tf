# The same functions with what they use: named actions on named tables, topics and buckets.

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

resource "aws_dynamodb_table" "rentals" {
  name         = "rentals"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "rental"

  attribute {
    name = "rental"
    type = "S"
  }
}

resource "aws_sns_topic" "rentals" {
  name              = "rentals"
  kms_master_key_id = "alias/aws/sns"
}

module "invoices" {
  source = "./modules/private_bucket"
  prefix = "kestrel-invoices-"
}

data "aws_iam_policy_document" "unlock" {
  statement {
    actions   = ["dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.rentals.arn]
  }
}

data "aws_iam_policy_document" "invoice" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.invoices.arn}/*"]
  }

  statement {
    actions   = ["s3:ListBucket"]
    resources = [module.invoices.arn]
  }
}

data "aws_iam_policy_document" "tracker" {
  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.rentals.arn, "${aws_dynamodb_table.rentals.arn}/index/*"]
  }

  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.rentals.arn]
  }
}

module "unlock" {
  source = "./modules/function"
  name   = "rental-unlock"
  policy = data.aws_iam_policy_document.unlock.json
}

module "invoice" {
  source = "./modules/function"
  name   = "rental-invoice"
  policy = data.aws_iam_policy_document.invoice.json
}

module "tracker" {
  source = "./modules/function"
  name   = "rental-tracker"
  policy = data.aws_iam_policy_document.tracker.json
}

module "packages" {
  source = "./modules/private_bucket"
  prefix = "kestrel-packages-"
}

# Who may hand a role to a function, or replace the code that runs with it, may do all that the role may. So the build
# does neither: it uploads packages, which Terraform installs, and releases the versions.
data "aws_iam_policy_document" "deployment" {
  statement {
    sid       = "UploadPackages"
    actions   = ["s3:PutObject"]
    resources = ["${module.packages.arn}/*"]
  }

  statement {
    sid       = "ReleaseVersions"
    actions   = ["lambda:GetFunction", "lambda:PublishVersion", "lambda:UpdateAlias"]
    resources = [module.unlock.arn, module.invoice.arn, module.tracker.arn]
  }
}

module "deployment" {
  source  = "./modules/service_role"
  name    = "deployment"
  service = "codebuild.amazonaws.com"
  policy  = data.aws_iam_policy_document.deployment.json
}

# Actions that exist, on what they work on, in the current version of the language.
data "aws_iam_policy_document" "catalogue" {
  statement {
    sid       = "FindTheBucket"
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }

  statement {
    sid       = "ReadTheBikes"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-bikes/*"]
  }

  statement {
    sid       = "ManualsOfTheStation"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-manuals/&{aws:PrincipalTag/station}/*"]
  }
}

module "catalogue" {
  source  = "./modules/service_role"
  name    = "catalogue"
  service = "codebuild.amazonaws.com"
  policy  = data.aws_iam_policy_document.catalogue.json
}

# A boundary that its holder cannot take off.
data "aws_iam_policy_document" "boundary" {
  statement {
    sid       = "WhatBuildsMayEverDo"
    actions   = ["codebuild:*", "ecr:*", "iam:PassRole", "lambda:*", "logs:*"]
    resources = ["*"]
  }

  statement {
    sid       = "KeepTheBoundary"
    effect    = "Deny"
    actions   = ["iam:Delete*PermissionsBoundary", "iam:Put*PermissionsBoundary"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name   = "build-boundary"
  policy = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "build_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "build" {
  name                 = "build"
  permissions_boundary = aws_iam_policy.boundary.arn
  assume_role_policy   = data.aws_iam_policy_document.build_trust.json
}

# The team makes the roles of its functions, each with the boundary, which it cannot take off again.
data "aws_iam_policy_document" "function_boundary" {
  statement {
    sid       = "WhatFunctionsMayEverDo"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "sns:Publish"]
    resources = [aws_dynamodb_table.rentals.arn, "${aws_dynamodb_table.rentals.arn}/index/*", aws_sns_topic.rentals.arn]
  }
}

resource "aws_iam_policy" "function_boundary" {
  name   = "function-boundary"
  policy = data.aws_iam_policy_document.function_boundary.json
}

data "aws_iam_policy_document" "team" {
  statement {
    sid       = "RolesOfFunctions"
    actions   = ["iam:CreateRole", "iam:PutRolePolicy"]
    resources = ["arn:aws:iam::210987654321:role/rental-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.function_boundary.arn]
    }
  }

  statement {
    sid       = "TagThem"
    actions   = ["iam:TagRole"]
    resources = ["arn:aws:iam::210987654321:role/rental-*"]
  }
}

resource "aws_iam_policy" "team" {
  name   = "rental-team"
  policy = data.aws_iam_policy_document.team.json
}

data "aws_iam_policy_document" "team_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:role/platform"]
    }
  }
}

resource "aws_iam_role" "team" {
  name               = "team-rental"
  assume_role_policy = data.aws_iam_policy_document.team_trust.json
}

resource "aws_iam_role_policy_attachment" "team" {
  role       = aws_iam_role.team.name
  policy_arn = aws_iam_policy.team.arn
}

# It tidies up the logs of the functions, and no others.
data "aws_iam_policy_document" "janitor" {
  statement {
    sid       = "TidyUp"
    actions   = ["logs:DeleteLogGroup"]
    resources = ["arn:aws:logs:eu-central-1:210987654321:log-group:/aws/lambda/rental-*"]
  }

  statement {
    sid       = "Find"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }
}

module "janitor" {
  source  = "./modules/service_role"
  name    = "log-janitor"
  service = "lambda.amazonaws.com"
  policy  = data.aws_iam_policy_document.janitor.json
}

resource "aws_iot_policy" "bike_lock" {
  name = "bike-lock"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "iot:Connect"
        Resource = "arn:aws:iot:eu-central-1:210987654321:client/$${iot:Connection.Thing.ThingName}"
      },
      {
        Effect   = "Allow"
        Action   = ["iot:Publish", "iot:Receive"]
        Resource = "arn:aws:iot:eu-central-1:210987654321:topic/locks/$${iot:Connection.Thing.ThingName}/*"
      },
    ]
  })
}
