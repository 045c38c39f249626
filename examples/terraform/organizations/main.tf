# An organization of four accounts, with service control policies that do nothing.
# iacscan reports: IAM701, IAM702, IAM704, IAM705, IAM707, IAM711.

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

# IAM704: written, reviewed, merged, and attached to nothing.
resource "aws_organizations_policy" "regions" {
  name = "regions"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyEurope"
      Effect    = "Deny"
      NotAction = ["iam:*", "organizations:*", "route53:*", "cloudfront:*", "sts:*", "support:*"]
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
