# Harbor Roasters, a coffee roastery with one shop and one stack that makes all nine mistakes, in the order of the tips.

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

variable "legacy_secret_key" {
  description = "Secret of the key that the old shop still uses; the pipeline sets it"
  type        = string
  sensitive   = true
  default     = "unset"
}

# Tip 1, a user for everybody and no shared secrets. IAM101: an access key in the code.
provider "aws" {
  alias      = "legacy"
  region     = "eu-west-1"
  access_key = "AKIAHARBORROASTERS2A"
  secret_key = var.legacy_secret_key
}

resource "aws_s3_bucket" "legacy_orders" {
  provider = aws.legacy
  bucket   = "harbor-legacy-orders"
}

# Tip 2, roles when possible. IAM201 and IAM202: a user and its key for a function that has a role of its own.
resource "aws_iam_user" "newsletter" {
  name = "newsletter-bot"
}

resource "aws_iam_access_key" "newsletter" {
  user = aws_iam_user.newsletter.name
}

resource "aws_lambda_function" "newsletter" {
  function_name = "newsletter"
  role          = aws_iam_role.function.arn
  package_type  = "Image"
  image_uri     = "987654321098.dkr.ecr.eu-central-1.amazonaws.com/newsletter:4"

  environment {
    variables = {
      LIST_BUCKET     = "harbor-newsletter"
      LIST_KEY_ID     = aws_iam_access_key.newsletter.id
      LIST_KEY_SECRET = aws_iam_access_key.newsletter.secret
    }
  }
}

# Tip 3, few policies. IAM301 and IAM302: one inline policy for each list that the bot reads.
resource "aws_iam_user_policy" "newsletter" {
  for_each = toset(["subscribers", "bounces", "campaigns"])

  name = "read-${each.key}"
  user = aws_iam_user.newsletter.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::harbor-newsletter/${each.key}/*"
    }]
  })
}

# Tip 4, least privilege. IAM402: the function that sends e-mail is an administrator.
data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name               = "newsletter"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy_attachment" "function" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# Tip 5, conditions sparingly, and tested. IAM514: access keys slip through this Deny.
data "aws_iam_policy_document" "mfa" {
  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_group" "roasters" {
  name = "roasters"
}

resource "aws_iam_group_policy" "mfa" {
  name   = "mfa"
  group  = aws_iam_group.roasters.name
  policy = data.aws_iam_policy_document.mfa.json
}

# Tip 6, resource-based policies. IAM605: the queue of orders takes orders from everybody, and gives them to everybody.
resource "aws_sqs_queue" "orders" {
  name                    = "orders"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "orders" {
  statement {
    actions   = ["sqs:SendMessage", "sqs:ReceiveMessage"]
    resources = [aws_sqs_queue.orders.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id
  policy    = data.aws_iam_policy_document.orders.json
}

# Tip 7, several accounts and service control policies. IAM701: there are none, and IAM703: there can be none while the
# organization is only for billing. IAM711: the account of the shop is in no unit.
resource "aws_organizations_organization" "harbor" {
  feature_set = "CONSOLIDATED_BILLING"
}

resource "aws_organizations_organizational_unit" "shops" {
  name      = "shops"
  parent_id = aws_organizations_organization.harbor.roots[0].id
}

resource "aws_organizations_account" "shop" {
  name  = "shop"
  email = "aws+shop@harbor-roasters.example"
}

# Tip 8, is it still needed? IAM811: the bot's key above is never replaced. IAM807: this one is switched off, but there.
resource "aws_iam_access_key" "newsletter_old" {
  user   = aws_iam_user.newsletter.name
  status = "Inactive"
}

# Tip 9, anonymous access. IAM902: the catalogue is public, with everything else that is put beside it.
resource "aws_s3_bucket" "catalogue" {
  bucket_prefix = "harbor-catalogue-"
}

resource "aws_s3_bucket_public_access_block" "catalogue" {
  bucket                  = aws_s3_bucket.catalogue.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

data "aws_iam_policy_document" "catalogue" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.catalogue.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "catalogue" {
  bucket = aws_s3_bucket.catalogue.id
  policy = data.aws_iam_policy_document.catalogue.json
}
