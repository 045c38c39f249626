# Buckets that the marketing site, the station maps and the support form use. All of them are open, each in another way.
# iacscan reports: IAM901, IAM902, IAM903, IAM904, IAM905, IAM906, IAM907, IAM908, IAM912.

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

# IAM902: everybody reads the maps, and lists what else lies there.
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
