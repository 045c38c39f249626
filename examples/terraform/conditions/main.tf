# Conditions that read well and do not work. Each was meant as a safeguard; IAM sees something else.
# iacscan reports: IAM503, IAM504, IAM506, IAM508, IAM509, IAM510, IAM511, IAM512, IAM513, IAM514, IAM515, IAM516, IAM517, IAM521,
# and IAM426, where a variable does not end.

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

resource "aws_iam_group" "operators" {
  name = "operators"
}

resource "aws_iam_user" "mira_lang" {
  name = "mira.lang"
}

resource "aws_iam_user_group_membership" "mira_lang" {
  user   = aws_iam_user.mira_lang.name
  groups = [aws_iam_group.operators.name]
}

# IAM514: requests that are signed with an access key carry no MFA key at all, so this Deny does not meet them.
data "aws_iam_policy_document" "require_mfa" {
  statement {
    sid         = "DenyAllExceptSelfServiceWithoutMfa"
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
    resources   = ["*"]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "require_mfa" {
  name   = "require-mfa"
  policy = data.aws_iam_policy_document.require_mfa.json
}

resource "aws_iam_group_policy_attachment" "require_mfa" {
  group      = aws_iam_group.operators.name
  policy_arn = aws_iam_policy.require_mfa.arn
}

resource "aws_s3_bucket" "reports" {
  bucket_prefix = "kestrel-reports-"
}

data "aws_iam_policy_document" "reports" {
  # IAM503: StringEquals takes the star literally; no role is called "report-*", so nobody may list.
  statement {
    sid       = "ListMonthly"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.reports.arn]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::210987654321:role/report-*"]
    }
  }

  # IAM516: there is no such operator; IAM refuses the policy.
  statement {
    sid       = "ReadOwnDepartment"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]

    condition {
      test     = "StringStartsWith"
      variable = "aws:PrincipalTag/department"
      values   = ["finance"]
    }
  }

  # IAM521: the key is aws:SourceIp. With this one the Deny never applies, and reports are read from everywhere.
  statement {
    sid       = "OnlyFromTheOffice"
    effect    = "Deny"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIPs"
      values   = ["198.51.100.0/24"]
    }
  }
}

data "aws_iam_policy_document" "ecs_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "reports" {
  name               = "report-reader"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

resource "aws_iam_role_policy" "reports" {
  name   = "report-reader"
  role   = aws_iam_role.reports.id
  policy = data.aws_iam_policy_document.reports.json
}

# IAM515: with IfExists, a request that is signed with an access key may assume the role without MFA.
data "aws_iam_policy_document" "workshop_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "workshop" {
  name               = "workshop"
  assume_role_policy = data.aws_iam_policy_document.workshop_trust.json
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "shop"

  attribute {
    name = "shop"
    type = "S"
  }
}

data "aws_iam_policy_document" "workshop" {
  # IAM508: a scan carries no leading key, which ForAllValues takes for a match: it returns the rows of all shops.
  statement {
    sid       = "OwnShop"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
    resources = [aws_dynamodb_table.orders.arn]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "dynamodb:LeadingKeys"
      values   = ["&{aws:PrincipalTag/shop}"]
    }
  }

  # IAM513: a request over the internet carries no VPC, and passes.
  statement {
    sid       = "WriteFromOurNetwork"
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.orders.arn]

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:SourceVpc"
      values   = ["vpc-0a1b2c3d4e5f60718"]
    }
  }

  # IAM510: aws:CalledVia is a list; StringEquals compares one value.
  statement {
    sid       = "ReportsThroughAthena"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:CalledVia"
      values   = ["athena.amazonaws.com"]
    }
  }

  # IAM506: "for the sales tour, until we know the addresses": one entry undoes the other.
  statement {
    sid       = "PriceListsFromTheOffice"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.reports.arn}/prices/*"]

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24", "0.0.0.0/0"]
    }
  }

  # IAM511: not from the showroom, and so from everywhere else, home and hotel included.
  statement {
    sid       = "UploadNotFromTheShowroom"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.reports.arn}/inventory/*"]

    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpce"
      values   = ["vpce-0f1e2d3c4b5a69788"]
    }
  }

  # IAM504: AWS never sees a private address; whoever has this policy can delete nothing, from the depot either.
  statement {
    sid       = "DeleteInTheDepotOnly"
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]

    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = ["10.20.0.0/16"]
    }
  }

  # IAM517: a name is no ARN; the archivist is denied like all others.
  statement {
    sid       = "ArchivistOnly"
    effect    = "Deny"
    actions   = ["s3:PutObjectRetention"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["archivist"]
    }
  }
}

resource "aws_iam_role_policy" "workshop" {
  name   = "workshop"
  role   = aws_iam_role.workshop.id
  policy = data.aws_iam_policy_document.workshop.json
}

# IAM509: callers of no organization have no organization's id, and ForAllValues is content with that.
data "aws_iam_policy_document" "exchange" {
  statement {
    sid       = "Owner"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }
  }

  statement {
    sid       = "WholeOrganization"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-k3str3lbik"]
    }
  }
}

resource "aws_kms_key" "exchange" {
  description         = "Files that the companies of the group exchange"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.exchange.json
}

# IAM512: who has never used MFA has no age of MFA to compare, and is not denied.
data "aws_iam_policy_document" "fresh_mfa" {
  statement {
    sid       = "DeleteWithFreshMfaOnly"
    effect    = "Deny"
    actions   = ["dynamodb:DeleteTable", "s3:DeleteBucket"]
    resources = ["*"]

    condition {
      test     = "NumericGreaterThan"
      variable = "aws:MultiFactorAuthAge"
      values   = ["3600"]
    }
  }
}

resource "aws_iam_group_policy" "fresh_mfa" {
  name   = "fresh-mfa"
  group  = aws_iam_group.operators.name
  policy = data.aws_iam_policy_document.fresh_mfa.json
}

# IAM426: "mira" also gets the folder of "mira-lang", for nothing stands between the name and the star.
resource "aws_iam_group_policy" "folders" {
  name  = "own-folder"
  group = aws_iam_group.operators.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::kestrel-operator-folders/$${aws:username}*"
    }]
  })
}
