# The same shop with roles only: pipelines come in through GitHub's OIDC provider, each from one repository and one
# environment; the function has its own role; developers sign in through Identity Center, which is managed elsewhere; the
# agency is named, and must show the external id that it was given.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["210987654321"]
}

variable "image" {
  description = "Container image of the photo resizer"
  type        = string
  default     = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/photo-resizer:1.9.0"
}

variable "agency_account" {
  description = "AWS account of the analytics agency"
  type        = string
  default     = "345678901234"
}

variable "agency_external_id" {
  description = "What the agency must present, so that it cannot be tricked into using our role for somebody else"
  type        = string
  default     = "kestrel-6f1d2c"
}

module "photos" {
  source = "./modules/private_bucket"
  prefix = "kestrel-photos-"
}

data "aws_iam_policy_document" "photo_resizer" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.photos.arn}/*"]
  }
}

module "photo_resizer_role" {
  source  = "./modules/service_role"
  name    = "photo-resizer"
  service = "lambda.amazonaws.com"
  policy  = data.aws_iam_policy_document.photo_resizer.json
}

resource "aws_lambda_function" "photo_resizer" {
  function_name = "photo-resizer"
  role          = module.photo_resizer_role.arn
  package_type  = "Image"
  image_uri     = var.image

  environment {
    variables = {
      PHOTO_BUCKET      = module.photos.name
      THUMBNAIL_QUALITY = "80"
    }
  }
}

data "aws_iam_policy_document" "agency_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.agency_account}:role/kestrel-reader"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.agency_external_id]
    }
  }
}

resource "aws_iam_role" "agency_analytics" {
  name               = "agency-analytics"
  assume_role_policy = data.aws_iam_policy_document.agency_trust.json
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  deployers = {
    shop-deploy          = "repo:kestrel-bikes/shop:environment:production"
    docs-deploy          = "repo:kestrel-bikes/docs:ref:refs/heads/main"
    preview-environments = "repo:kestrel-bikes/shop:environment:preview"
  }
}

data "aws_iam_policy_document" "deployer_trust" {
  for_each = local.deployers

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [each.value]
    }
  }
}

resource "aws_iam_role" "deployer" {
  for_each = local.deployers

  name               = each.key
  assume_role_policy = data.aws_iam_policy_document.deployer_trust[each.key].json
}

locals {
  cluster = "oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
}

data "aws_iam_policy_document" "orders_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::210987654321:oidc-provider/${local.cluster}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.cluster}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.cluster}:sub"
      values   = ["system:serviceaccount:shop:orders"]
    }
  }
}

resource "aws_iam_role" "orders" {
  name               = "orders-pod"
  assume_role_policy = data.aws_iam_policy_document.orders_trust.json
}

resource "aws_iam_openid_connect_provider" "gitlab" {
  url            = "https://gitlab.com"
  client_id_list = ["https://gitlab.com", "price-list"]
}

data "aws_iam_policy_document" "catalogue_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.gitlab.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "gitlab.com:aud"
      values   = ["https://gitlab.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "gitlab.com:sub"
      values   = ["project_path:kestrel-bikes/catalogue:ref_type:branch:ref:main"]
    }
  }
}

resource "aws_iam_role" "catalogue" {
  name               = "catalogue-deploy"
  assume_role_policy = data.aws_iam_policy_document.catalogue_trust.json
}

resource "aws_cognito_identity_pool" "riders" {
  identity_pool_name = "riders"
}

data "aws_iam_policy_document" "riders_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "cognito-identity.amazonaws.com:aud"
      values   = [aws_cognito_identity_pool.riders.id]
    }

    condition {
      test     = "ForAnyValue:StringLike"
      variable = "cognito-identity.amazonaws.com:amr"
      values   = ["authenticated"]
    }
  }
}

resource "aws_iam_role" "riders" {
  name               = "riders-app"
  assume_role_policy = data.aws_iam_policy_document.riders_trust.json
}

data "aws_iam_policy_document" "datadog_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::464622532012:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["3f6b9d0c7a1e4852"]
    }
  }
}

resource "aws_iam_role" "datadog" {
  name               = "datadog-integration"
  assume_role_policy = data.aws_iam_policy_document.datadog_trust.json
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["210987654321"]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name               = "nightly-stock-count"
  assume_role_policy = data.aws_iam_policy_document.scheduler_trust.json
}

data "aws_iam_policy_document" "auditors_trust" {
  statement {
    actions = ["sts:AssumeRoleWithSAML"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::210987654321:saml-provider/directory"]
    }

    condition {
      test     = "StringEquals"
      variable = "SAML:aud"
      values   = ["https://signin.aws.amazon.com/saml"]
    }
  }
}

resource "aws_iam_role" "auditors" {
  name               = "auditors"
  assume_role_policy = data.aws_iam_policy_document.auditors_trust.json
}

data "aws_iam_policy_document" "import" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-price-lists/*"]
  }
}

module "import_role" {
  source  = "./modules/service_role"
  name    = "price-import"
  service = "lambda.amazonaws.com"
  policy  = data.aws_iam_policy_document.import.json
}

data "aws_iam_policy_document" "platform_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

# For the day there is a role that looks and restarts; who must be an administrator is one through Identity Center, for an hour.
data "aws_iam_policy_document" "platform" {
  statement {
    sid       = "RestartServices"
    actions   = ["ecs:UpdateService"]
    resources = ["arn:aws:ecs:eu-central-1:210987654321:service/shop/*"]
  }
}

resource "aws_iam_policy" "platform" {
  name   = "platform"
  policy = data.aws_iam_policy_document.platform.json
}

resource "aws_iam_role" "platform" {
  name                 = "platform"
  max_session_duration = 14400
  assume_role_policy   = data.aws_iam_policy_document.platform_trust.json
}

resource "aws_iam_role_policy_attachment" "platform" {
  for_each = {
    look    = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    restart = aws_iam_policy.platform.arn
  }

  role       = aws_iam_role.platform.name
  policy_arn = each.value
}

resource "aws_iam_role" "price_tags" {
  name = "price-tags"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "price_tags" {
  name = "settings"
  role = aws_iam_role.price_tags.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::kestrel-price-tags/printer.conf"
    }]
  })
}

resource "aws_iam_instance_profile" "price_tags" {
  name = "price-tags"
  role = aws_iam_role.price_tags.name
}

resource "aws_instance" "price_tags" {
  ami                  = "ami-0f2d9e4a6c1b7e358"
  instance_type        = "t3.small"
  iam_instance_profile = aws_iam_instance_profile.price_tags.name

  user_data = <<-EOT
    #!/bin/sh
    aws s3 cp s3://kestrel-price-tags/printer.conf /etc/price-tags/printer.conf
    systemctl start price-tags
  EOT

  metadata_options {
    http_tokens = "required"
  }
}

# The tax adviser's people assume a role in their account, and from there this one.
resource "aws_iam_role" "tax_adviser" {
  name = "tax-adviser"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::345678901234:role/bookkeeping" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role" "photo_archive" {
  name = "photo-archive"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/photo-desk" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role" "till" {
  name = "shop-till"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "rolesanywhere.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
      Condition = {
        ArnEquals = {
          "aws:SourceArn" = "arn:aws:rolesanywhere:eu-central-1:210987654321:trust-anchor/6a1f8c0e-2b7d-4d15-9c3a-5e0b7f4d2a91"
        }
        StringEquals = { "aws:PrincipalTag/x509Subject/OU" = "tills" }
      }
    }]
  })
}
