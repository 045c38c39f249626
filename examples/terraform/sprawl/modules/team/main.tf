# What each team gets: a role for its service, with one inline policy for each thing that was ever needed.

variable "name" {
  description = "The team"
  type        = string
}

variable "table" {
  description = "The team's DynamoDB table"
  type        = string
}

variable "queue" {
  description = "The team's queue"
  type        = string
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-service"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_sqs_queue" "this" {
  name                    = var.queue
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"]
    resources = [aws_sqs_queue.this.arn]
  }
}

resource "aws_iam_role_policy" "queue" {
  name   = "${var.name}-queue"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.queue.json
}

locals {
  grants = [
    { name = "read", actions = ["dynamodb:GetItem", "dynamodb:Query"] },
    { name = "write", actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"] },
    { name = "delete", actions = ["dynamodb:DeleteItem"] },
  ]
}

resource "aws_iam_role_policy" "table" {
  count = length(local.grants)

  name = "${var.name}-table-${local.grants[count.index].name}"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.grants[count.index].actions
      Resource = "arn:aws:dynamodb:eu-central-1:210987654321:table/${var.table}"
    }]
  })
}

output "role" {
  value = aws_iam_role.this.name
}
