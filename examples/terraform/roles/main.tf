# How Kestrel Bikes deploys and runs its web shop: IAM users where roles would do, and roles that trust too many.
# iacscan reports: IAM201, IAM202, IAM203, IAM205, IAM206, IAM207, IAM208, IAM209, IAM210, IAM211, IAM212, IAM213, IAM214, IAM215, IAM216,
# IAM217, IAM218, IAM220, IAM222.

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

# IAM201: a user for a pipeline. Its key lies in the settings of the repository until somebody remembers to rotate it.
resource "aws_iam_user" "github_deploy" {
  name = "github-deploy"
  path = "/ci/"
}

resource "aws_iam_access_key" "github_deploy" {
  user = aws_iam_user.github_deploy.name
}

# IAM202: a Lambda function has a role; it needs no key of a user.
resource "aws_iam_user" "photo_resizer" {
  name = "svc-photo-resizer"
}

resource "aws_iam_access_key" "photo_resizer" {
  user = aws_iam_user.photo_resizer.name
}

resource "aws_iam_role" "photo_resizer" {
  name               = "photo-resizer"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
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

resource "aws_lambda_function" "photo_resizer" {
  function_name = "photo-resizer"
  role          = aws_iam_role.photo_resizer.arn
  package_type  = "Image"
  image_uri     = var.image

  environment {
    variables = {
      PHOTO_BUCKET      = "kestrel-photos"
      PHOTO_ACCESS_KEY  = aws_iam_access_key.photo_resizer.id
      PHOTO_SECRET_KEY  = aws_iam_access_key.photo_resizer.secret
      THUMBNAIL_QUALITY = "80"
    }
  }
}

# IAM203: a key for the stock count of the depots, kept in Parameter Store: hidden, and as permanent as before.
resource "aws_iam_user" "stock_count" {
  name = "svc-stock-count"
}

resource "aws_iam_access_key" "stock_count" {
  user = aws_iam_user.stock_count.name
}

resource "aws_ssm_parameter" "stock_count" {
  name  = "/depots/stock-count/secret-key"
  type  = "SecureString"
  value = aws_iam_access_key.stock_count.secret
}

# IAM205: a person with a key that lives until it leaks.
resource "aws_iam_group" "developers" {
  name = "developers"
}

resource "aws_iam_user" "anna_berger" {
  name = "anna.berger"
}

resource "aws_iam_user_group_membership" "anna_berger" {
  user   = aws_iam_user.anna_berger.name
  groups = [aws_iam_group.developers.name]
}

resource "aws_iam_access_key" "anna_berger" {
  user = aws_iam_user.anna_berger.name
}

# IAM207: the tax adviser has an account of their own, and comes from there as a user, with a key that nobody here can rotate.
resource "aws_iam_role" "tax_adviser" {
  name = "tax-adviser"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::345678901234:user/bookkeeping" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# IAM208: "the agency will tell us their account number later". Until then every AWS account in the world may assume it.
resource "aws_iam_role" "agency_analytics" {
  name = "agency-analytics"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  # IAM211: every repository of every organization whose name begins with "kestrel", also of one made tomorrow.
  deployers = {
    shop-deploy = { subject = "repo:kestrel*" }
    docs-deploy = { subject = "repo:kestrel-bikes/*" }
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
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [each.value.subject]
    }
  }
}

resource "aws_iam_role" "deployer" {
  for_each = local.deployers

  name               = each.key
  assume_role_policy = data.aws_iam_policy_document.deployer_trust[each.key].json
}

# IAM210: no condition on the subject at all: any workflow of anybody on GitHub gets in.
data "aws_iam_policy_document" "preview_trust" {
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
  }
}

resource "aws_iam_role" "preview" {
  name               = "preview-environments"
  assume_role_policy = data.aws_iam_policy_document.preview_trust.json
}

# IAM215: every pod of the cluster that says its service account is "orders", in whatever namespace.
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
      test     = "StringLike"
      variable = "${local.cluster}:sub"
      values   = ["system:serviceaccount:*:orders"]
    }
  }
}

resource "aws_iam_role" "orders" {
  name               = "orders-pod"
  assume_role_policy = data.aws_iam_policy_document.orders_trust.json
}

# IAM212: the provider also takes tokens for the price list tool, and the role does not ask for whom a token was made.
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
      variable = "gitlab.com:sub"
      values   = ["project_path:kestrel-bikes/catalogue:ref_type:branch:ref:main"]
    }
  }
}

resource "aws_iam_role" "catalogue" {
  name               = "catalogue-deploy"
  assume_role_policy = data.aws_iam_policy_document.catalogue_trust.json
}

# IAM213: signed in, but to which identity pool? Anybody can make one.
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

# IAM209: Datadog looks after many companies from this one account; whoever of them names this role gets our metrics.
data "aws_iam_policy_document" "datadog_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::464622532012:root"]
    }
  }
}

resource "aws_iam_role" "datadog" {
  name               = "datadog-integration"
  assume_role_policy = data.aws_iam_policy_document.datadog_trust.json
}

# IAM217: EventBridge Scheduler works for everybody, and the role does not ask for whose schedule.
data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name               = "nightly-stock-count"
  assume_role_policy = data.aws_iam_policy_document.scheduler_trust.json
}

# IAM214: an assertion that the company's directory wrote for another application opens the role as well.
data "aws_iam_policy_document" "auditors_trust" {
  statement {
    actions = ["sts:AssumeRoleWithSAML"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::210987654321:saml-provider/directory"]
    }
  }
}

resource "aws_iam_role" "auditors" {
  name               = "auditors"
  assume_role_policy = data.aws_iam_policy_document.auditors_trust.json
}

# IAM216: the import moved from a machine to a function, and the role serves both: a flaw in either has what the other needs.
data "aws_iam_policy_document" "import_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com", "lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "import" {
  name               = "price-import"
  assume_role_policy = data.aws_iam_policy_document.import_trust.json
}

# IAM218: an administrator for twelve hours, because signing in again at noon was a nuisance.
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

resource "aws_iam_role" "platform" {
  name                 = "platform"
  max_session_duration = 43200
  assume_role_policy   = data.aws_iam_policy_document.platform_trust.json
}

resource "aws_iam_role_policy_attachment" "platform" {
  role       = aws_iam_role.platform.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# IAM206: the printer of price tags fetches its settings from S3, but has no role. Somebody has put a key on the image.
resource "aws_instance" "price_tags" {
  ami           = "ami-0f2d9e4a6c1b7e358"
  instance_type = "t3.small"

  user_data = <<-EOT
    #!/bin/sh
    aws s3 cp s3://kestrel-price-tags/printer.conf /etc/price-tags/printer.conf
    systemctl start price-tags
  EOT

  metadata_options {
    http_tokens = "required"
  }
}

# IAM220: a star, because one of STS's actions was missing and nobody knew which.
resource "aws_iam_role" "photo_archive" {
  name = "photo-archive"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/photo-desk" }
      Action    = "sts:*"
    }]
  })
}

# IAM222: the machines in the shop sign in with certificates, and so does whoever holds any certificate that the account trusts.
resource "aws_iam_role" "till" {
  name = "shop-till"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "rolesanywhere.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    }]
  })
}
