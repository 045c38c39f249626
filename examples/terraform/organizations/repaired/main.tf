# The same organization with policies that hold: the type is enabled, every account is in a unit, and each unit is under
# a policy that denies something.

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

resource "aws_organizations_organization" "kestrel" {
  feature_set                   = "ALL"
  enabled_policy_types          = ["RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY"]
  aws_service_access_principals = ["cloudtrail.amazonaws.com", "iam.amazonaws.com", "sso.amazonaws.com"]
}

resource "aws_organizations_organizational_unit" "unit" {
  for_each = toset(["production", "sandbox"])

  name      = each.key
  parent_id = aws_organizations_organization.kestrel.roots[0].id
}

resource "aws_organizations_account" "production" {
  for_each = toset(["shop", "telemetry", "archive"])

  name      = each.key
  email     = "aws+${each.key}@kestrel-bikes.example"
  parent_id = aws_organizations_organizational_unit.unit["production"].id
}

resource "aws_organizations_account" "playground" {
  name      = "playground"
  email     = "aws+playground@kestrel-bikes.example"
  parent_id = aws_organizations_organizational_unit.unit["sandbox"].id
}

data "aws_iam_policy_document" "baseline" {
  statement {
    sid       = "StayInTheOrganization"
    effect    = "Deny"
    actions   = ["organizations:LeaveOrganization"]
    resources = ["*"]
  }

  statement {
    sid       = "KeepTheAuditTrail"
    effect    = "Deny"
    actions   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"]
    resources = ["*"]
  }

  statement {
    sid       = "OnlyEurope"
    effect    = "Deny"
    resources = ["*"]

    # Services with one endpoint for the whole world, which is not in Europe.
    not_actions = [
      "account:*", "acm:*", "budgets:*", "ce:*", "cloudfront:*", "globalaccelerator:*", "health:*", "iam:*", "kms:*",
      "organizations:*", "route53:*", "route53domains:*", "shield:*", "sts:*", "support:*", "trustedadvisor:*", "waf:*",
      "wafv2:*",
    ]

    condition {
      test     = "StringNotEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-central-1", "eu-west-1"]
    }
  }

  statement {
    sid       = "KeepTelemetry"
    effect    = "Deny"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["arn:aws:s3:::kestrel-station-*-telemetry/*"]
  }
}

resource "aws_organizations_policy" "baseline" {
  name    = "baseline"
  content = data.aws_iam_policy_document.baseline.minified_json
}

resource "aws_organizations_policy_attachment" "baseline" {
  for_each = aws_organizations_organizational_unit.unit

  policy_id = aws_organizations_policy.baseline.id
  target_id = each.value.id
}

# What nobody needs in the sandbox, in one policy.
resource "aws_organizations_policy" "unneeded" {
  name = "unneeded-services"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "NotNeededHere"
      Effect = "Deny"
      Action = [
        "appstream:*", "braket:*", "connect:*", "devicefarm:*", "gamelift:*", "groundstation:*", "iotfleetwise:*",
        "managedblockchain:*", "outposts:*", "snowball:*", "workspaces:*",
      ]
      Resource = "*"
    }]
  })
}

resource "aws_organizations_policy_attachment" "unneeded" {
  policy_id = aws_organizations_policy.unneeded.id
  target_id = aws_organizations_organizational_unit.unit["sandbox"].id
}

# Services that resource control policies apply to; functions are protected by their own policies.
resource "aws_organizations_policy" "perimeter" {
  name = "perimeter"
  type = "RESOURCE_CONTROL_POLICY"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOurselves"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:*", "sqs:*", "kms:*", "secretsmanager:*"]
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-kestrel001" }
        BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}

resource "aws_organizations_policy_attachment" "perimeter" {
  policy_id = aws_organizations_policy.perimeter.id
  target_id = aws_organizations_organizational_unit.unit["production"].id
}

# What production does not need is denied; FullAWSAccess stays where AWS put it.
data "aws_iam_policy_document" "production" {
  statement {
    sid       = "WhatTheShopNeeds"
    effect    = "Deny"
    resources = ["*"]
    not_actions = [
      "account:*", "acm:*", "cloudfront:*", "cloudtrail:*", "dynamodb:*", "guardduty:*", "health:*", "iam:*", "kms:*",
      "lambda:*", "logs:*", "organizations:*", "route53:*", "s3:*", "sqs:*", "sts:*", "support:*", "trustedadvisor:*",
    ]
  }

  # One role, by its full name, and nobody but itself may make or change it.
  statement {
    sid       = "KeepTheDetectors"
    effect    = "Deny"
    actions   = ["guardduty:DeleteDetector", "guardduty:UpdateDetector"]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/platform-admin"]
    }
  }

  statement {
    sid       = "KeepThePlatformRole"
    effect    = "Deny"
    actions   = ["iam:*Role", "iam:*RolePolicy"]
    resources = ["arn:aws:iam::*:role/platform-admin"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/platform-admin"]
    }
  }
}

resource "aws_organizations_policy" "production" {
  name    = "production"
  content = data.aws_iam_policy_document.production.minified_json
}

resource "aws_organizations_policy_attachment" "production" {
  policy_id = aws_organizations_policy.production.id
  target_id = aws_organizations_organizational_unit.unit["production"].id
}

# The archive looks after backup policies, and after no others.
data "aws_iam_policy_document" "delegation" {
  statement {
    sid       = "BackupsAreTheArchives"
    actions   = ["organizations:AttachPolicy", "organizations:DetachPolicy"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_organizations_account.production["archive"].id]
    }

    condition {
      test     = "StringLikeIfExists"
      variable = "organizations:PolicyType"
      values   = ["BACKUP_POLICY"]
    }
  }
}

resource "aws_organizations_resource_policy" "delegation" {
  content = data.aws_iam_policy_document.delegation.json
}

# Whoever belongs to the organization may send its findings, as long as it does.
resource "aws_sqs_queue" "findings" {
  name                    = "security-findings"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "findings" {
  statement {
    sid       = "Accounts"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.findings.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [aws_organizations_organization.kestrel.id]
    }
  }
}

resource "aws_sqs_queue_policy" "findings" {
  queue_url = aws_sqs_queue.findings.id
  policy    = data.aws_iam_policy_document.findings.json
}
