# A change to what is there already (state.json): the photos lose their public access block, the agency's role is opened
# to everybody, one policy is narrowed, a user and its key go, the rest stays as it is. What matters is in the difference:
# iacscan reports that the protection is gone (IAM917) and that the trust is open (IAM208), and that other faults are fixed.

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

# IAM917: the "cleanup" of the module removed the block that kept the bucket closed.
module "photos" {
  source = "./modules/private_bucket"
  name   = "kestrel-customer-photos"
}

# IAM208: the agency changed its account, and somebody was in a hurry.
resource "aws_iam_role" "agency" {
  name = "agency-photos"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "sts:AssumeRole"
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
