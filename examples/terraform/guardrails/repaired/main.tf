# The same organization, whose accounts can neither leave nor stop their trails.

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

resource "aws_organizations_organization" "kestrel" {
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_organizational_unit" "shops" {
  name      = "shops"
  parent_id = aws_organizations_organization.kestrel.roots[0].id
}

resource "aws_organizations_account" "shop" {
  for_each = toset(["hamburg", "munich"])

  name      = "shop-${each.key}"
  email     = "aws-shop-${each.key}@kestrel-bikes.example"
  parent_id = aws_organizations_organizational_unit.shops.id
}

data "aws_iam_policy_document" "guardrails" {
  statement {
    sid       = "NoExpensiveMachines"
    effect    = "Deny"
    actions   = ["sagemaker:CreateTrainingJob", "redshift:CreateCluster"]
    resources = ["*"]
  }

  statement {
    sid       = "StayInTheOrganization"
    effect    = "Deny"
    actions   = ["organizations:LeaveOrganization"]
    resources = ["*"]
  }

  statement {
    sid       = "KeepTheAuditTrail"
    effect    = "Deny"
    actions   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy" "guardrails" {
  name    = "guardrails"
  content = data.aws_iam_policy_document.guardrails.json
}

resource "aws_organizations_policy_attachment" "guardrails" {
  policy_id = aws_organizations_policy.guardrails.id
  target_id = aws_organizations_organizational_unit.shops.id
}
