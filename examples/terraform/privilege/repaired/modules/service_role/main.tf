# A role for one AWS service, with one policy.

variable "name" {
  description = "Name of the role"
  type        = string
}

variable "service" {
  description = "The service that runs as the role, e.g. lambda.amazonaws.com"
  type        = string
}

variable "policy" {
  description = "What the role may do, as JSON"
  type        = string
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [var.service]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "this" {
  name   = var.name
  role   = aws_iam_role.this.id
  policy = var.policy
}

output "arn" {
  value = aws_iam_role.this.arn
}

output "name" {
  value = aws_iam_role.this.name
}
