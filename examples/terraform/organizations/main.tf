# An organization of four accounts, with service control policies that do nothing.
# iacscan reports: IAM609, IAM701, IAM702, IAM704, IAM705, IAM706, IAM707, IAM708, IAM711, IAM712, IAM715, IAM716, IAM717,
# IAM719, IAM724.

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

# IAM702: SERVICE_CONTROL_POLICY is not among the enabled types, so no SCP can be attached. IAM701 follows from it.
resource "aws_organizations_organization" "kestrel" {
  feature_set                   = "ALL"
  enabled_policy_types          = ["TAG_POLICY"]
  aws_service_access_principals = ["cloudtrail.amazonaws.com", "sso.amazonaws.com"]
}

resource "aws_organizations_organizational_unit" "unit" {
  for_each = toset(["production", "sandbox"])

  name      = each.key
  parent_id = aws_organizations_organization.kestrel.roots[0].id
}

resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "aws+shop@kestrel-bikes.example"
  parent_id = aws_organizations_organizational_unit.unit["production"].id
}

resource "aws_organizations_account" "playground" {
  name      = "playground"
  email     = "aws+playground@kestrel-bikes.example"
  parent_id = aws_organizations_organizational_unit.unit["sandbox"].id
}

# IAM711: both stay in the root, where no policy of a unit reaches them.
resource "aws_organizations_account" "telemetry" {
  name  = "telemetry"
  email = "aws+telemetry@kestrel-bikes.example"
}

resource "aws_organizations_account" "archive" {
  name      = "archive"
  email     = "aws+archive@kestrel-bikes.example"
  parent_id = aws_organizations_organization.kestrel.roots[0].id
}

# IAM705: an SCP that allows everything denies nothing.
resource "aws_organizations_policy" "baseline" {
  name    = "baseline"
  content = data.aws_iam_policy_document.baseline.json
}

data "aws_iam_policy_document" "baseline" {
  statement {
    sid       = "Baseline"
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy_attachment" "baseline" {
  for_each = aws_organizations_organizational_unit.unit

  policy_id = aws_organizations_policy.baseline.id
  target_id = each.value.id
}

# IAM704: written, reviewed, merged, and attached to nothing. IAM708: were it attached, nobody could open a case with AWS
# Support or change a CloudFront distribution, because both are in us-east-1.
resource "aws_organizations_policy" "regions" {
  name = "regions"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyEurope"
      Effect    = "Deny"
      NotAction = ["iam:*", "organizations:*", "route53:*", "sts:*"]
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:RequestedRegion" = ["eu-central-1", "eu-west-1"] } }
    }]
  })
}

# IAM707: one line for each station; longer than Organizations accepts, since station 230 or so.
resource "aws_organizations_policy" "telemetry" {
  name    = "protect-telemetry"
  content = data.aws_iam_policy_document.telemetry.json
}

data "aws_iam_policy_document" "telemetry" {
  statement {
    sid       = "KeepTelemetry"
    effect    = "Deny"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = [for station in range(1, 241) : format("arn:aws:s3:::kestrel-station-%03d-telemetry/*", station)]
  }
}

resource "aws_organizations_policy_attachment" "telemetry" {
  policy_id = aws_organizations_policy.telemetry.id
  target_id = aws_organizations_account.telemetry.id
}

# IAM712: the one account that no service control policy binds.
resource "aws_organizations_policy" "audit" {
  name    = "keep-the-audit-trail"
  content = data.aws_iam_policy_document.audit.json
}

data "aws_iam_policy_document" "audit" {
  statement {
    sid       = "KeepTheAuditTrail"
    effect    = "Deny"
    actions   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy_attachment" "audit" {
  policy_id = aws_organizations_policy.audit.id
  target_id = aws_organizations_organization.kestrel.master_account_id
}

# IAM715: one policy for each service that the sandbox does not need; the eleventh does not fit.
resource "aws_organizations_policy" "unneeded" {
  for_each = toset([
    "appstream", "braket", "connect", "devicefarm", "gamelift", "groundstation", "iotfleetwise", "managedblockchain",
    "outposts", "snowball", "workspaces",
  ])

  name = "no-${each.key}"

  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "${each.key}:*", Resource = "*" }]
  })
}

resource "aws_organizations_policy_attachment" "unneeded" {
  for_each = aws_organizations_policy.unneeded

  policy_id = each.value.id
  target_id = aws_organizations_organizational_unit.unit["sandbox"].id
}

# IAM716: copied from a bucket policy; a service control policy has no Principal, and Organizations refuses it.
resource "aws_organizations_policy" "leave" {
  name = "stay-in-the-organization"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "StayInTheOrganization"
      Effect    = "Deny"
      Principal = "*"
      Action    = "organizations:LeaveOrganization"
      Resource  = "*"
    }]
  })
}

resource "aws_organizations_policy_attachment" "leave" {
  policy_id = aws_organizations_policy.leave.id
  target_id = aws_organizations_organizational_unit.unit["production"].id
}

# IAM717: resource control policies do not apply to Lambda, so strangers are kept out of the buckets only.
resource "aws_organizations_policy" "perimeter" {
  name = "perimeter"
  type = "RESOURCE_CONTROL_POLICY"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOurselves"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:*", "lambda:*"]
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

# IAM706: a list of what the shop needs. FullAWSAccess, which AWS attaches itself, stands beside it and allows the rest.
resource "aws_organizations_policy" "needed" {
  name    = "needed-services"
  content = data.aws_iam_policy_document.needed.json
}

data "aws_iam_policy_document" "needed" {
  statement {
    sid       = "WhatTheShopNeeds"
    actions   = ["dynamodb:*", "lambda:*", "logs:*", "s3:*", "sqs:*"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy_attachment" "needed" {
  policy_id = aws_organizations_policy.needed.id
  target_id = aws_organizations_organizational_unit.unit["production"].id
}

# IAM724: meant for the platform team. Every administrator of an account can make a role that is called so.
resource "aws_organizations_policy" "detectors" {
  name    = "keep-the-detectors"
  content = data.aws_iam_policy_document.detectors.json
}

data "aws_iam_policy_document" "detectors" {
  statement {
    sid       = "KeepTheDetectors"
    effect    = "Deny"
    actions   = ["guardduty:DeleteDetector", "guardduty:UpdateDetector"]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/*Admin*"]
    }
  }
}

resource "aws_organizations_policy_attachment" "detectors" {
  policy_id = aws_organizations_policy.detectors.id
  target_id = aws_organizations_organizational_unit.unit["production"].id
}

# IAM719: the archive looks after the backups, and for that it was handed every policy of the organization.
resource "aws_organizations_resource_policy" "delegation" {
  content = data.aws_iam_policy_document.delegation.json
}

data "aws_iam_policy_document" "delegation" {
  statement {
    sid       = "BackupsAreTheArchives"
    actions   = ["organizations:AttachPolicy", "organizations:DetachPolicy"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_organizations_account.archive.id]
    }
  }
}

# IAM609: the accounts send their security findings here. 444455556666 is the bike courier that was sold two years ago.
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
      type = "AWS"
      identifiers = [
        aws_organizations_account.shop.id,
        aws_organizations_account.playground.id,
        "arn:aws:iam::444455556666:root",
      ]
    }
  }
}

resource "aws_sqs_queue_policy" "findings" {
  queue_url = aws_sqs_queue.findings.id
  policy    = data.aws_iam_policy_document.findings.json
}
