# Conditions that read well and do not work. Each was meant as a safeguard; IAM sees something else.
# iacscan reports: IAM503, IAM514, IAM516, IAM521.

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

# IAM514: requests that are signed with an access key carry no MFA key at all, so this Deny does not meet them.
data "aws_iam_policy_document" "require_mfa" {
  statement {
    sid         = "DenyAllExceptSelfServiceWithoutMfa"
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
    resources   = ["*"]

    condition {
      test     = "Bool"
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

resource "aws_s3_bucket" "reports" {
  bucket_prefix = "kestrel-reports-"
}

data "aws_iam_policy_document" "reports" {
  # IAM503: StringEquals takes the star literally; no role is called "report-*", so nobody may list.
  statement {
    sid       = "ListMonthly"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.reports.arn]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::210987654321:role/report-*"]
    }
  }

  # IAM516: there is no such operator; IAM refuses the policy.
  statement {
    sid       = "ReadOwnDepartment"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]

    condition {
      test     = "StringStartsWith"
      variable = "aws:PrincipalTag/department"
      values   = ["finance"]
    }
  }

  # IAM521: the key is aws:SourceIp. With this one the Deny never applies, and reports are read from everywhere.
  statement {
    sid       = "OnlyFromTheOffice"
    effect    = "Deny"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIPs"
      values   = ["198.51.100.0/24"]
    }
  }
}

data "aws_iam_policy_document" "ecs_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "reports" {
  name               = "report-reader"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

resource "aws_iam_role_policy" "reports" {
  name   = "report-reader"
  role   = aws_iam_role.reports.id
  policy = data.aws_iam_policy_document.reports.json
}
