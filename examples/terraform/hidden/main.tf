# Policies that the plan does not show: jsonencode with an ARN that is known only after apply is unknown as a whole, stars and
# all. The source beside the plan shows them. iacscan reports from it: IAM402, IAM405, IAM408.

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

variable "environment" {
  description = "Which of the shops this is"
  type        = string
  default     = "production"
}

variable "admin_actions" {
  description = "What the checkout may do while the migration is under way"
  type        = list(string)
  default     = ["*"]
}

locals {
  workers = {
    invoice = { actions = ["dynamodb:GetItem", "dynamodb:Query"] }
    mailing = { actions = ["dynamodb:Scan"] }
  }
}

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_dynamodb_table" "orders" {
  name         = "${var.environment}-orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "order"

  attribute {
    name = "order"
    type = "S"
  }
}

# IAM402: one statement for the table, and one "for the migration" that makes the function an administrator.
resource "aws_iam_role" "checkout" {
  name               = "${var.environment}-checkout"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_policy" "checkout" {
  name = "${var.environment}-checkout"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Orders"
        Effect   = "Allow"
        Action   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
        Resource = aws_dynamodb_table.orders.arn
      },
      {
        Sid      = "Migration"
        Effect   = "Allow"
        Action   = var.admin_actions
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "checkout" {
  role       = aws_iam_role.checkout.name
  policy_arn = aws_iam_policy.checkout.arn
}

# IAM408: it may write any policy into its own role.
resource "aws_iam_role" "onboarding" {
  name               = "${var.environment}-onboarding"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_policy" "onboarding" {
  name = "${var.environment}-onboarding"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Orders"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "${aws_dynamodb_table.orders.arn}/index/*"
      },
      {
        Sid      = "RolesOfShops"
        Effect   = "Allow"
        Action   = ["iam:PutRolePolicy", "iam:AttachRolePolicy"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "onboarding" {
  role       = aws_iam_role.onboarding.name
  policy_arn = aws_iam_policy.onboarding.arn
}

# IAM405: the same text for each worker; both publish to every topic.
resource "aws_iam_role" "worker" {
  for_each = local.workers

  name               = "${var.environment}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_policy" "worker" {
  for_each = local.workers

  name = "${var.environment}-${each.key}"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Orders"
        Effect   = "Allow"
        Action   = each.value.actions
        Resource = aws_dynamodb_table.orders.arn
      },
      {
        Sid      = "Topics"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "worker" {
  for_each = local.workers

  role       = aws_iam_role.worker[each.key].name
  policy_arn = aws_iam_policy.worker[each.key].arn
}
