# Harbor Roasters again, after one afternoon.

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

variable "shop_account" {
  description = "Account of the old shop"
  type        = string
  default     = "678901234567"
}

# Tips 1, 2 and 8: no users and no keys, so none to share, leak, rotate or forget. The old shop is reached through a role.
provider "aws" {
  alias  = "legacy"
  region = "eu-west-1"

  assume_role {
    role_arn = "arn:aws:iam::${var.shop_account}:role/terraform"
  }
}

module "legacy_orders" {
  source    = "./modules/private_bucket"
  prefix    = "harbor-legacy-orders-"
  providers = { aws = aws.legacy }
}

# Tips 3 and 4: one policy, for one role, that says what the function does.
module "lists" {
  source = "./modules/private_bucket"
  prefix = "harbor-newsletter-"
}

data "aws_iam_policy_document" "newsletter" {
  statement {
    sid       = "ReadLists"
    actions   = ["s3:GetObject"]
    resources = [for list in ["subscribers", "bounces", "campaigns"] : "${module.lists.arn}/${list}/*"]
  }

  statement {
    sid       = "TakeOrders"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.orders.arn]
  }
}

module "newsletter_role" {
  source  = "./modules/service_role"
  name    = "newsletter"
  service = "lambda.amazonaws.com"
  policy  = data.aws_iam_policy_document.newsletter.json
}

resource "aws_lambda_function" "newsletter" {
  function_name = "newsletter"
  role          = module.newsletter_role.arn
  package_type  = "Image"
  image_uri     = "987654321098.dkr.ecr.eu-central-1.amazonaws.com/newsletter:4"

  environment {
    variables = {
      LIST_BUCKET = module.lists.name
    }
  }
}

# Tips 5 and 6: no condition where none is needed. The queue is used from this account only, so it has no policy at all.
resource "aws_sqs_queue" "orders" {
  name                    = "orders"
  sqs_managed_sse_enabled = true
}

# Tip 7: all features, the account in a unit, the unit under a policy.
resource "aws_organizations_organization" "harbor" {
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_organizational_unit" "shops" {
  name      = "shops"
  parent_id = aws_organizations_organization.harbor.roots[0].id
}

resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "aws+shop@harbor-roasters.example"
  parent_id = aws_organizations_organizational_unit.shops.id
}

data "aws_iam_policy_document" "guardrails" {
  statement {
    sid       = "StayAndKeepTheAuditTrail"
    effect    = "Deny"
    actions   = ["organizations:LeaveOrganization", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]
    resources = ["*"]
  }

  statement {
    sid       = "NoUsers"
    effect    = "Deny"
    actions   = ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy" "guardrails" {
  name    = "guardrails"
  content = data.aws_iam_policy_document.guardrails.minified_json
}

resource "aws_organizations_policy_attachment" "guardrails" {
  policy_id = aws_organizations_policy.guardrails.id
  target_id = aws_organizations_organizational_unit.shops.id
}

# Tip 9: the catalogue is closed; visitors get it from the shop's own server, which reads it with its role.
module "catalogue" {
  source = "./modules/private_bucket"
  prefix = "harbor-catalogue-"
}
