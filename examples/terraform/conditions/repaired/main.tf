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

data "aws_iam_policy_document" "workshop_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "workshop" {
  name               = "workshop"
  assume_role_policy = data.aws_iam_policy_document.workshop_trust.json
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "shop"

  attribute {
    name = "shop"
    type = "S"
  }
}

data "aws_iam_policy_document" "workshop" {
  statement {
    sid       = "OwnShop"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.orders.arn]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "dynamodb:LeadingKeys"
      values   = ["&{aws:PrincipalTag/shop}"]
    }
  }

  statement {
    sid       = "WriteFromOurNetwork"
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.orders.arn]

    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-0a1b2c3d4e5f60718"]
    }
  }

  statement {
    sid       = "ReportsThroughAthena"
    actions   = ["s3:GetObject"]
    resources = ["${module.reports.arn}/*"]

    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "aws:CalledVia"
      values   = ["athena.amazonaws.com"]
    }
  }

  statement {
    sid       = "PriceListsFromTheOffice"
    actions   = ["s3:GetObject"]
    resources = ["${module.reports.arn}/prices/*"]

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24", "203.0.113.16/28"]
    }
  }

  statement {
    sid       = "UploadFromTheDepot"
    actions   = ["s3:PutObject"]
    resources = ["${module.reports.arn}/inventory/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = ["vpce-0f1e2d3c4b5a69788"]
    }
  }

  statement {
    sid       = "DeleteInTheDepotOnly"
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["${module.reports.arn}/*"]

    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24", "2001:db8:4b65::/48"]
    }

    condition {
      test     = "Bool"
      variable = "aws:ViaAWSService"
      values   = ["false"]
    }
  }

  statement {
    sid       = "ArchivistOnly"
    effect    = "Deny"
    actions   = ["s3:PutObjectRetention"]
    resources = ["${module.reports.arn}/*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::210987654321:role/archivist"]
    }
  }
}

resource "aws_iam_role_policy" "workshop" {
  name   = "workshop"
  role   = aws_iam_role.workshop.id
  policy = data.aws_iam_policy_document.workshop.json
}

data "aws_iam_policy_document" "exchange" {
  statement {
    sid       = "Owner"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }
  }

  statement {
    sid       = "WholeOrganization"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-k3str3lbik"]
    }
  }
}

resource "aws_kms_key" "exchange" {
  description         = "Files that the companies of the group exchange"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.exchange.json
}

data "aws_iam_policy_document" "fresh_mfa" {
  statement {
    sid       = "DeleteWithFreshMfaOnly"
    effect    = "Deny"
    actions   = ["dynamodb:DeleteTable", "s3:DeleteBucket"]
    resources = ["*"]

    condition {
      test     = "NumericGreaterThanIfExists"
      variable = "aws:MultiFactorAuthAge"
      values   = ["3600"]
    }
  }
}

resource "aws_iam_group_policy" "fresh_mfa" {
  name   = "fresh-mfa"
  group  = aws_iam_group.operators.name
  policy = data.aws_iam_policy_document.fresh_mfa.json
}

resource "aws_iam_group_policy" "folders" {
  name  = "own-folder"
  group = aws_iam_group.operators.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::kestrel-operator-folders/$${aws:username}/*"
    }]
  })
}
