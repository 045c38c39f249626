# Buckets that the marketing site, the station maps and the support form use. All of them are open, each in another way.
# iacscan reports: IAM901, IAM902, IAM903, IAM904, IAM905, IAM906, IAM907, IAM908, IAM910, IAM911,
# IAM912, IAM913, IAM914, IAM915, IAM916.

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

# IAM906: two of the four are not set, and what is not set is false.
resource "aws_s3_account_public_access_block" "account" {
  block_public_acls  = true
  ignore_public_acls = false
}

# IAM901: a public ACL, and IAM907: which counts, because ACLs are switched on again.
resource "aws_s3_bucket" "brand" {
  bucket = "kestrel-brand-assets"
}

resource "aws_s3_bucket_ownership_controls" "brand" {
  bucket = aws_s3_bucket.brand.id

  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_public_access_block" "brand" {
  bucket                  = aws_s3_bucket.brand.id
  block_public_acls       = false
  ignore_public_acls      = false
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_acl" "brand" {
  bucket = aws_s3_bucket.brand.id
  acl    = "public-read"

  depends_on = [aws_s3_bucket_ownership_controls.brand, aws_s3_bucket_public_access_block.brand]
}

# IAM902: everybody reads the maps, and lists what else lies there. IAM915: whether the policy or the block comes first is left to
# chance.
resource "aws_s3_bucket" "maps" {
  bucket_prefix = "kestrel-station-maps-"
}

resource "aws_s3_bucket_public_access_block" "maps" {
  bucket                  = aws_s3_bucket.maps.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

data "aws_iam_policy_document" "maps" {
  statement {
    sid       = "Maps"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.maps.arn, "${aws_s3_bucket.maps.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "maps" {
  bucket = aws_s3_bucket.maps.id
  policy = data.aws_iam_policy_document.maps.json
}

# IAM903: the support form uploads from the browser, and so may everybody else, over what is there.
variable "upload_buckets" {
  description = "How many buckets the uploads are spread over"
  type        = number
  default     = 2
}

resource "aws_s3_bucket" "uploads" {
  count  = var.upload_buckets
  bucket = "kestrel-support-uploads-${count.index}"
}

data "aws_iam_policy_document" "uploads" {
  count = var.upload_buckets

  statement {
    sid       = "Upload"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.uploads[count.index].arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "uploads" {
  count = var.upload_buckets

  bucket = aws_s3_bucket.uploads[count.index].id
  policy = data.aws_iam_policy_document.uploads[count.index].json
}

resource "aws_s3_bucket_public_access_block" "uploads" {
  count = var.upload_buckets

  bucket                  = aws_s3_bucket.uploads[count.index].id
  block_public_acls       = false
  ignore_public_acls      = false
  block_public_policy     = false
  restrict_public_buckets = false
}

# IAM908: a second door to the maps, whose block is off for good.
resource "aws_s3_access_point" "maps" {
  bucket = aws_s3_bucket.maps.id
  name   = "station-maps"

  public_access_block_configuration {
    block_public_acls       = true
    ignore_public_acls      = true
    block_public_policy     = false
    restrict_public_buckets = false
  }
}

# IAM905: this block looks like one and blocks nothing: a flag that is not set is false.
resource "aws_s3_bucket" "press" {
  bucket = "kestrel-press-kit-drafts"
}

resource "aws_s3_bucket_public_access_block" "press" {
  bucket = aws_s3_bucket.press.id
}

# IAM904: nothing keeps this one closed but the default of new buckets.
resource "aws_s3_bucket" "invoices" {
  bucket = "kestrel-invoices"
}

# IAM912: the bucket is closed, but an object in it is not.
resource "aws_s3_bucket" "press_kit" {
  bucket = "kestrel-press-kit"
}

resource "aws_s3_bucket_ownership_controls" "press_kit" {
  bucket = aws_s3_bucket.press_kit.id

  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_public_access_block" "press_kit" {
  bucket = aws_s3_bucket.press_kit.id

  block_public_acls       = false
  ignore_public_acls      = false
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "logo" {
  bucket  = aws_s3_bucket.press_kit.id
  key     = "logo.svg"
  content = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
  acl     = "public-read"
}

# IAM910: everybody may read the recall notices, says the policy; the block says no, until somebody switches it off.
resource "aws_s3_bucket" "recalls" {
  bucket = "kestrel-recall-notices"
}

resource "aws_s3_bucket_public_access_block" "recalls" {
  bucket                  = aws_s3_bucket.recalls.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "recalls" {
  statement {
    sid       = "Recalls"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.recalls.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "recalls" {
  bucket = aws_s3_bucket.recalls.id
  policy = data.aws_iam_policy_document.recalls.json

  depends_on = [aws_s3_bucket_public_access_block.recalls]
}

# IAM911: "authenticated" sounds like colleagues, and means everybody who has an AWS account.
resource "aws_s3_bucket" "dealers" {
  bucket = "kestrel-dealer-prices"
}

resource "aws_s3_bucket_ownership_controls" "dealers" {
  bucket = aws_s3_bucket.dealers.id

  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_public_access_block" "dealers" {
  bucket                  = aws_s3_bucket.dealers.id
  block_public_acls       = false
  ignore_public_acls      = false
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_acl" "dealers" {
  bucket = aws_s3_bucket.dealers.id
  acl    = "authenticated-read"

  depends_on = [aws_s3_bucket_ownership_controls.dealers, aws_s3_bucket_public_access_block.dealers]
}

# IAM913: from now on every snapshot of a disk may be given to everybody, by one wrong click.
resource "aws_ebs_snapshot_block_public_access" "account" {
  state = "unblocked"
}

# IAM914: the app asks for credentials before it asks who is there; so may everybody else.
resource "aws_cognito_identity_pool" "visitors" {
  identity_pool_name               = "visitors"
  allow_unauthenticated_identities = true
}

# IAM916: strangers may write into the bucket that the function's code comes from, and so run what they like as its role.
resource "aws_s3_bucket" "releases" {
  bucket = "kestrel-releases"
}

resource "aws_s3_bucket_public_access_block" "releases" {
  bucket                  = aws_s3_bucket.releases.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

data "aws_iam_policy_document" "releases" {
  statement {
    sid       = "PipelineOfTheAgency"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.releases.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "releases" {
  bucket = aws_s3_bucket.releases.id
  policy = data.aws_iam_policy_document.releases.json

  depends_on = [aws_s3_bucket_public_access_block.releases]
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
  s3_bucket     = aws_s3_bucket.releases.id
  s3_key        = "map-tiles.zip"
}
