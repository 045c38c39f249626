# The same safeguards, written so that they hold. Where a resource in the statement says the same, the condition is gone.

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

resource "aws_iam_group" "operators" {
  name = "operators"
}

resource "aws_iam_user" "mira_lang" {
  name = "mira.lang"
}

resource "aws_iam_user_group_membership" "mira_lang" {
  user   = aws_iam_user.mira_lang.name
  groups = [aws_iam_group.operators.name]
}

data "aws_iam_policy_document" "require_mfa" {
  statement {
    sid         = "DenyAllExceptSelfServiceWithoutMfa"
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
    resources   = ["*"]

    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "require_mfa" {
  name   = "require-mfa"
  policy = data.aws_iam_policy_document.require_mfa.json
}

resource "aws_iam_group_policy_attachment" "require_mfa" {
  group      = aws_iam_group.operators.name
  policy_arn = aws_iam_policy.require_mfa.arn
}

module "reports" {
  source = "./modules/private_bucket"
  prefix = "kestrel-reports-"
}

data "aws_iam_policy_document" "reports" {
  statement {
    sid       = "ListMonthly"
    actions   = ["s3:ListBucket"]
    resources = [module.reports.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["monthly/*"]
    }
  }

  statement {
    sid       = "ReadOwnDepartment"
    actions   = ["s3:GetObject"]
    resources = ["${module.reports.arn}/finance/*"]
  }
}

module "reader" {
  source  = "./modules/service_role"
  name    = "report-reader"
  service = "ecs-tasks.amazonaws.com"
  policy  = data.aws_iam_policy_document.reports.json
}
