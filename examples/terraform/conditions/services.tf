# Buckets, queues and topics that the public and AWS services use. iacscan reports: IAM502, IAM525, IAM526, IAM527, IAM528,
# IAM531, IAM533, IAM541, IAM543.

resource "aws_s3_bucket" "press" {
  bucket_prefix = "kestrel-press-"
}

data "aws_iam_policy_document" "press" {
  # IAM502: whoever sends the request writes its Referer.
  statement {
    sid       = "ForOurPages"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.press.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:Referer"
      values   = ["https://www.kestrel-bikes.example/*"]
    }
  }

  # IAM527: a request through the endpoint has no public address. No request comes from the office and through it at once.
  statement {
    sid       = "OfficeOrEndpoint"
    actions   = ["s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.press.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = ["vpce-0f1e2d3c4b5a69788"]
    }
  }

  # IAM528: who comes from the one network does not come from the other; together they keep everybody from deleting.
  statement {
    sid       = "NotOutsideTheShop"
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["${aws_s3_bucket.press.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-0a1b2c3d4e5f60718"]
    }
  }

  statement {
    sid       = "NotOutsideTheWorkshop"
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["${aws_s3_bucket.press.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-08f7e6d5c4b3a2910"]
    }
  }

  # IAM526: the trail is let in, and then shut out again: CloudTrail belongs to no organization.
  statement {
    sid       = "Trail"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.press.arn}/trail/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["210987654321"]
    }
  }

  statement {
    sid       = "OnlyUs"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.press.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-k3str3lbik"]
    }
  }
}

resource "aws_s3_bucket_policy" "press" {
  bucket = aws_s3_bucket.press.id
  policy = data.aws_iam_policy_document.press.json
}

resource "aws_sqs_queue" "uploads" {
  name                    = "press-uploads"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "uploads" {
  # IAM525: the ARN of a bucket does not say whose it is. When ours is deleted, anybody may take its name and send.
  statement {
    sid       = "Uploads"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.uploads.arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:s3:::kestrel-press-inbox"]
    }
  }

  # IAM543: every company may have a network 10.20.0.0/16. This lets in theirs, too.
  statement {
    sid       = "FromOurNetwork"
    actions   = ["sqs:ReceiveMessage"]
    resources = [aws_sqs_queue.uploads.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "IpAddress"
      variable = "aws:VpcSourceIp"
      values   = ["10.20.0.0/16"]
    }
  }
}

resource "aws_sqs_queue_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  policy    = data.aws_iam_policy_document.uploads.json
}

resource "aws_sns_topic" "incidents" {
  name              = "incidents"
  kms_master_key_id = "alias/aws/sns"
}

data "aws_iam_policy_document" "incidents" {
  # IAM533: EventBridge publishes in its own name, so no other service has called it. No incident is ever reported.
  statement {
    sid       = "EventsOfCloudFormation"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.incidents.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "aws:CalledVia"
      values   = ["cloudformation.amazonaws.com"]
    }
  }

  # IAM531: "of some organization" is no limit: everybody may found one.
  statement {
    sid       = "WholeOrganization"
    actions   = ["sns:Subscribe"]
    resources = [aws_sns_topic.incidents.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:PrincipalOrgID"
      values   = ["*"]
    }
  }
}

resource "aws_sns_topic_policy" "incidents" {
  arn    = aws_sns_topic.incidents.arn
  policy = data.aws_iam_policy_document.incidents.json
}

# IAM541: IAM minds no capitals in the name of a key, so this is one key twice, and which of the two counts nobody says.
resource "aws_secretsmanager_secret" "press_agency" {
  name = "press-agency"
}

resource "aws_secretsmanager_secret_policy" "press_agency" {
  secret_arn          = aws_secretsmanager_secret.press_agency.arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PressTeam"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = {
        StringEquals = {
          "aws:PrincipalTag/Team" = "press"
          "aws:PrincipalTag/team" = ["press", "legal"]
        }
      }
    }]
  })
}
