# The same site with closed buckets: CloudFront reads the maps and the brand assets on behalf of visitors, uploads go
# through pre-signed addresses that the support backend hands out.

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

resource "aws_s3_account_public_access_block" "account" {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

module "site" {
  source = "./modules/private_bucket"

  prefix   = "kestrel-site-"
  policies = [data.aws_iam_policy_document.site.json]
}

module "internal" {
  source   = "./modules/private_bucket"
  for_each = toset(["support-uploads", "invoices", "recall-notices"])

  prefix = "kestrel-${each.key}-"
}

data "aws_iam_policy_document" "site" {
  statement {
    sid       = "CloudFrontReads"
    actions   = ["s3:GetObject"]
    resources = ["${module.site.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.site.arn]
    }
  }
}

resource "aws_cloudfront_origin_access_control" "site" {
  name                              = "kestrel-site"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "site" {
  enabled = true

  origin {
    origin_id                = "site"
    domain_name              = module.site.domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.site.id
  }

  default_cache_behavior {
    target_origin_id       = "site"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    viewer_protocol_policy = "redirect-to-https"
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# The object has the ACL of everything else: none.
resource "aws_s3_object" "logo" {
  bucket  = module.site.name
  key     = "press/logo.svg"
  content = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
}

# The dealers have accounts in our organization.
module "dealers" {
  source = "./modules/private_bucket"

  prefix   = "kestrel-dealer-prices-"
  policies = [data.aws_iam_policy_document.dealers.json]
}

data "aws_iam_policy_document" "dealers" {
  statement {
    sid       = "Dealers"
    actions   = ["s3:ListBucket"]
    resources = [module.dealers.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-k3str3lbik"]
    }
  }
}

resource "aws_ebs_snapshot_block_public_access" "account" {
  state = "block-all-sharing"
}

resource "aws_cognito_identity_pool" "visitors" {
  identity_pool_name               = "visitors"
  allow_unauthenticated_identities = false
}

# The pipeline of the agency has a role, and is the only one that writes releases.
variable "agency_pipeline" {
  description = "The role of the agency's pipeline"
  type        = string
  default     = "arn:aws:iam::345678901234:role/kestrel-releases"
}

module "releases" {
  source = "./modules/private_bucket"

  prefix   = "kestrel-releases-"
  policies = [data.aws_iam_policy_document.releases.json]
}

data "aws_iam_policy_document" "releases" {
  statement {
    sid       = "PipelineOfTheAgency"
    actions   = ["s3:PutObject"]
    resources = ["${module.releases.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = [var.agency_pipeline]
    }
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

resource "aws_iam_role" "tiles" {
  name               = "map-tiles"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_lambda_function" "tiles" {
  function_name = "map-tiles"
  role          = aws_iam_role.tiles.arn
  runtime       = "python3.13"
  handler       = "tiles.handle"
  s3_bucket     = module.releases.name
  s3_key        = "map-tiles.zip"
}
