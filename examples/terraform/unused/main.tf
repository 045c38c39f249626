# The backup of the workshop, where nothing is ever thrown away. The plan starts from state.json: the user, its first key,
# a policy for tapes and a role are there already. iacscan reports what this change adds: IAM807, IAM811.

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

data "aws_iam_policy_document" "backup" {
  statement {
    sid       = "WriteBackups"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-workshop-backup/*"]
  }
}

resource "aws_iam_user" "workshop_backup" {
  name = "workshop-nas-backup"
  path = "/machines/"
}

resource "aws_iam_user_policy" "workshop_backup" {
  name   = "write-backups"
  user   = aws_iam_user.workshop_backup.name
  policy = data.aws_iam_policy_document.backup.json
}

# IAM807: switched off, and kept "in case": whoever switches it on again has it. Delete it.
resource "aws_iam_access_key" "workshop_backup_2023" {
  user   = aws_iam_user.workshop_backup.name
  status = "Inactive"
}

# IAM811: nothing will ever replace this one either.
resource "aws_iam_access_key" "workshop_backup_2026" {
  user = aws_iam_user.workshop_backup.name
}

resource "aws_iam_role" "inventory" {
  name = "workshop-inventory"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "inventory" {
  name = "parts"
  role = aws_iam_role.inventory.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
      Resource = "arn:aws:dynamodb:eu-central-1:210987654321:table/parts"
    }]
  })
}
