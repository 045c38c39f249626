# An organization whose one service control policy looks after the bill, and not after itself. iacscan reports: IAM713, IAM714.

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

# IAM713: whoever gets hold of an administrator's session takes the account out of the organization, and is rid of the policy below.
# IAM714: or stops the trail first, so that nobody sees it.
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
}

resource "aws_organizations_policy" "guardrails" {
  name    = "guardrails"
  content = data.aws_iam_policy_document.guardrails.json
}

resource "aws_organizations_policy_attachment" "guardrails" {
  policy_id = aws_organizations_policy.guardrails.id
  target_id = aws_organizations_organizational_unit.shops.id
}
