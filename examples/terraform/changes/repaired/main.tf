# The same change as it should have been: the block stays, the agency's new account is named, the policy is narrowed, and
# the user goes with its key.

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

module "photos" {
  source = "./modules/private_bucket"
  name   = "kestrel-customer-photos"
}

# The agency changed its account; the external id stays.
resource "aws_iam_role" "agency" {
  name = "agency-photos"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::567890123456:role/kestrel-photos" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "kestrel-6f1d2c" } }
    }]
  })
}

# Narrowed: it was s3:* on the bucket.
resource "aws_iam_policy" "photos" {
  name = "customer-photos"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::kestrel-customer-photos/*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "agency" {
  role       = aws_iam_role.agency.name
  policy_arn = aws_iam_policy.photos.arn
}

resource "aws_iam_role" "thumbnails" {
  name = "thumbnails"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "thumbnails" {
  name = "thumbnails"
  role = aws_iam_role.thumbnails.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::kestrel-customer-photos/*"
    }]
  })
}
