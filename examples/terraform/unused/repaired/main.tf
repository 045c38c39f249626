# The same start, cleaned up: the user with its keys goes, and the backup machine shows a certificate of the company to
# IAM Roles Anywhere instead. The policy for tapes goes too.

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

variable "workshop_ca" {
  description = "Certificate of the company's own authority, PEM"
  type        = string
  default     = <<-EOT
    -----BEGIN CERTIFICATE-----
    (the certificate of the company's authority)
    -----END CERTIFICATE-----
  EOT
}

resource "aws_rolesanywhere_trust_anchor" "workshop" {
  name    = "workshop"
  enabled = true

  source {
    source_type = "CERTIFICATE_BUNDLE"

    source_data {
      x509_certificate_data = var.workshop_ca
    }
  }
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["rolesanywhere.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_rolesanywhere_trust_anchor.workshop.arn]
    }
  }
}

resource "aws_iam_role" "backup" {
  name               = "workshop-backup"
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json
}

data "aws_iam_policy_document" "backup" {
  statement {
    sid       = "WriteBackups"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-workshop-backup/*"]
  }
}

resource "aws_iam_role_policy" "backup" {
  name   = "write-backups"
  role   = aws_iam_role.backup.id
  policy = data.aws_iam_policy_document.backup.json
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
