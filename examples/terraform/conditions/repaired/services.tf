# Buckets, queues and topics that AWS services use on our behalf. The public gets the press photos from CloudFront, which is
# set up elsewhere.

module "press" {
  source   = "./modules/private_bucket"
  prefix   = "kestrel-press-"
  policies = [data.aws_iam_policy_document.press.json]
}

data "aws_iam_policy_document" "press" {
  statement {
    sid       = "ReadVersionsInTheOffice"
    actions   = ["s3:GetObjectVersion"]
    resources = ["${module.press.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24"]
    }
  }

  statement {
    sid       = "ReadVersionsThroughTheEndpoint"
    actions   = ["s3:GetObjectVersion"]
    resources = ["${module.press.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = ["vpce-0f1e2d3c4b5a69788"]
    }
  }

  # The values of a negated operator are excepted together.
  statement {
    sid       = "DeleteInsideOnly"
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["${module.press.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-0a1b2c3d4e5f60718", "vpc-08f7e6d5c4b3a2910"]
    }

    condition {
      test     = "BoolIfExists"
      variable = "aws:ViaAWSService"
      values   = ["false"]
    }

    condition {
      test     = "BoolIfExists"
      variable = "aws:PrincipalIsAWSService"
      values   = ["false"]
    }
  }

  statement {
    sid       = "Trail"
    actions   = ["s3:PutObject"]
    resources = ["${module.press.arn}/trail/*"]

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
    resources = ["${module.press.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEqualsIfExists"
      variable = "aws:PrincipalOrgID"
      values   = ["o-k3str3lbik"]
    }

    condition {
      test     = "BoolIfExists"
      variable = "aws:PrincipalIsAWSService"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue" "uploads" {
  name                    = "press-uploads"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "uploads" {
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

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["210987654321"]
    }
  }

  statement {
    sid       = "FromOurNetwork"
    actions   = ["sqs:ReceiveMessage"]
    resources = [aws_sqs_queue.uploads.arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-0a1b2c3d4e5f60718"]
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
  statement {
    sid       = "EventsOfCloudFormation"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.incidents.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:events:eu-central-1:210987654321:rule/cloudformation-*"]
    }
  }

  statement {
    sid       = "WholeOrganization"
    actions   = ["sns:Subscribe"]
    resources = [aws_sns_topic.incidents.arn]

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

resource "aws_sns_topic_policy" "incidents" {
  arn    = aws_sns_topic.incidents.arn
  policy = data.aws_iam_policy_document.incidents.json
}

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
      Condition = { StringEquals = { "aws:PrincipalTag/team" = ["press", "legal"] } }
    }]
  })
}
