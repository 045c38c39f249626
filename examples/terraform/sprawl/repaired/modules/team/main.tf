# What each team gets: a role for its service, and one policy that says all that the service needs.

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

data "aws_iam_policy_document" "service" {
  statement {
    sid       = "Queue"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"]
    resources = [aws_sqs_queue.this.arn]
  }

  statement {
    sid = "Table"
    actions = [
      "dynamodb:GetItem",
      "dynamodb:Query",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
    ]
    resources = ["arn:aws:dynamodb:eu-central-1:210987654321:table/${var.table}"]
  }
}

resource "aws_iam_policy" "service" {
  name   = "${var.name}-service"
  policy = data.aws_iam_policy_document.service.json
}

resource "aws_iam_role_policy_attachment" "service" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.service.arn
}

output "role" {
  value = aws_iam_role.this.name
}
