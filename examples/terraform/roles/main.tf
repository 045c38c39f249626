# How Kestrel Bikes deploys and runs its web shop: IAM users where roles would do, and roles that trust too many.
# iacscan reports: IAM201, IAM202, IAM203, IAM205, IAM208, IAM210, IAM211.

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
  description = "Container image of the photo resizer"
  type        = string
  default     = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/photo-resizer:1.9.0"
}

# IAM201: a user for a pipeline. Its key lies in the settings of the repository until somebody remembers to rotate it.
resource "aws_iam_user" "github_deploy" {
  name = "github-deploy"
  path = "/ci/"
}

resource "aws_iam_access_key" "github_deploy" {
  user = aws_iam_user.github_deploy.name
}

# IAM202: a Lambda function has a role; it needs no key of a user.
resource "aws_iam_user" "photo_resizer" {
  name = "svc-photo-resizer"
}

resource "aws_iam_access_key" "photo_resizer" {
  user = aws_iam_user.photo_resizer.name
}

resource "aws_iam_role" "photo_resizer" {
  name               = "photo-resizer"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
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

resource "aws_lambda_function" "photo_resizer" {
  function_name = "photo-resizer"
  role          = aws_iam_role.photo_resizer.arn
  package_type  = "Image"
  image_uri     = var.image

  environment {
    variables = {
      PHOTO_BUCKET      = "kestrel-photos"
      PHOTO_ACCESS_KEY  = aws_iam_access_key.photo_resizer.id
      PHOTO_SECRET_KEY  = aws_iam_access_key.photo_resizer.secret
      THUMBNAIL_QUALITY = "80"
    }
  }
}

# IAM203: a key for the stock count of the depots, kept in Parameter Store: hidden, and as permanent as before.
resource "aws_iam_user" "stock_count" {
  name = "svc-stock-count"
}

resource "aws_iam_access_key" "stock_count" {
  user = aws_iam_user.stock_count.name
}

resource "aws_ssm_parameter" "stock_count" {
  name  = "/depots/stock-count/secret-key"
  type  = "SecureString"
  value = aws_iam_access_key.stock_count.secret
}

# IAM205: a person with a key that lives until it leaks.
resource "aws_iam_group" "developers" {
  name = "developers"
}

resource "aws_iam_user" "anna_berger" {
  name = "anna.berger"
}

resource "aws_iam_user_group_membership" "anna_berger" {
  user   = aws_iam_user.anna_berger.name
  groups = [aws_iam_group.developers.name]
}

resource "aws_iam_access_key" "anna_berger" {
  user = aws_iam_user.anna_berger.name
}

# IAM208: "the agency will tell us their account number later". Until then every AWS account in the world may assume it.
resource "aws_iam_role" "agency_analytics" {
  name = "agency-analytics"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  # IAM211: every repository of every organization whose name begins with "kestrel", also of one made tomorrow.
  deployers = {
    shop-deploy = { subject = "repo:kestrel*" }
    docs-deploy = { subject = "repo:kestrel-bikes/*" }
  }
}

data "aws_iam_policy_document" "deployer_trust" {
  for_each = local.deployers

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [each.value.subject]
    }
  }
}

resource "aws_iam_role" "deployer" {
  for_each = local.deployers

  name               = each.key
  assume_role_policy = data.aws_iam_policy_document.deployer_trust[each.key].json
}

# IAM210: no condition on the subject at all: any workflow of anybody on GitHub gets in.
data "aws_iam_policy_document" "preview_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "preview" {
  name               = "preview-environments"
  assume_role_policy = data.aws_iam_policy_document.preview_trust.json
}
