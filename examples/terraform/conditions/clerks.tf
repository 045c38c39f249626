# What the clerks of the archive may do, and when. iacscan reports: IAM501, IAM505, IAM507, IAM518, IAM519, IAM520, IAM522,
# IAM523, IAM524, IAM529, IAM530, IAM536, IAM542, IAM544.

resource "aws_iam_group" "clerks" {
  name = "clerks"
}

resource "aws_iam_user" "jan_vogt" {
  name = "jan.vogt"
}

resource "aws_iam_user_group_membership" "jan_vogt" {
  user   = aws_iam_user.jan_vogt.name
  groups = [aws_iam_group.clerks.name]
}

data "aws_iam_policy_document" "archive" {
  # IAM501: five keys of four kinds; nobody can say any more who reads the archive.
  statement {
    sid       = "ReadWhenAllIsWell"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-archive/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["archive"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-central-1"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = ["3600"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::210987654321:user/*"]
    }
  }

  # IAM518: StringEquals compares letters, and no address is spelt "198.51.100.0/24". Nobody may send messages.
  statement {
    sid       = "SendFromTheOffice"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-central-1:210987654321:kestrel-orders"]

    condition {
      test     = "StringEquals"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24"]
    }
  }

  # IAM519: help that was needed for a month; the statement has allowed nothing since.
  statement {
    sid       = "MigrationInJune"
    actions   = ["dynamodb:GetItem"]
    resources = [aws_dynamodb_table.orders.arn]

    condition {
      test     = "DateLessThan"
      variable = "aws:CurrentTime"
      values   = ["2024-06-30T23:59:59Z"]
    }
  }

  # IAM520: only the reading of a secret asks for a version. Who describes one does not, and is never allowed.
  statement {
    sid       = "CurrentPasswordOfTheScanner"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = ["arn:aws:secretsmanager:eu-central-1:210987654321:secret:archive/scanner-*"]

    condition {
      test     = "StringEquals"
      variable = "secretsmanager:VersionStage"
      values   = ["AWSCURRENT"]
    }
  }

  # IAM522: a spreadsheet has eaten the leading zero of the partner's account.
  statement {
    sid       = "ReadOfThePartner"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::falcon-tyres-*/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = ["21098765432"]
    }
  }

  # IAM529: no storage class is called "glacier": AWS spells it in capitals, and objects go into it as before.
  statement {
    sid       = "NothingIntoGlacier"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-archive/*"]

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-storage-class"
      values   = ["glacier"]
    }
  }

  # IAM536: "null is false" means that the header is there. This refuses the uploads that ask for encryption.
  statement {
    sid       = "EncryptedOnly"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-archive/*"]

    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["false"]
    }
  }

  # IAM530: meant as "either"; conditions of one statement must all hold, and nobody is in two departments.
  statement {
    sid       = "ArchiveAndLegal"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-contracts/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/department"
      values   = ["archive"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:PrincipalTag/department"
      values   = ["legal*"]
    }
  }
}

resource "aws_iam_policy" "archive" {
  name   = "archive"
  policy = data.aws_iam_policy_document.archive.json
}

resource "aws_iam_group_policy_attachment" "archive" {
  group      = aws_iam_group.clerks.name
  policy_arn = aws_iam_policy.archive.arn
}

data "aws_iam_policy_document" "scanners" {
  # IAM523: whoever may set the tag of any machine may stop any machine. IAM524: what describes machines looks at no tags.
  statement {
    sid       = "StopOwnScanners"
    actions   = ["ec2:StopInstances", "ec2:DescribeInstanceStatus"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/team"
      values   = ["archive"]
    }
  }

  statement {
    sid       = "TagScanners"
    actions   = ["ec2:CreateTags"]
    resources = ["*"]
  }

  # IAM542: Route 53 is called in us-east-1, wherever the office is.
  statement {
    sid       = "LookUpNamesInEurope"
    actions   = ["route53:ListHostedZones"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-central-1"]
    }
  }
}

resource "aws_iam_policy" "scanners" {
  name   = "scanners"
  policy = data.aws_iam_policy_document.scanners.json
}

resource "aws_iam_group_policy_attachment" "scanners" {
  group      = aws_iam_group.clerks.name
  policy_arn = aws_iam_policy.scanners.arn
}

data "aws_iam_policy_document" "office_only" {
  # IAM505: what Athena reads on behalf of a clerk does not come from the office.
  statement {
    sid       = "ObjectsOnlyFromTheOffice"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]

    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24"]
    }
  }

  # IAM507: services are spared, the office's own IPv6 addresses are not.
  statement {
    sid       = "QueuesOnlyFromTheOffice"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = ["*"]

    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24"]
    }

    condition {
      test     = "Bool"
      variable = "aws:ViaAWSService"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "office_only" {
  name   = "office-only"
  policy = data.aws_iam_policy_document.office_only.json
}

resource "aws_iam_group_policy_attachment" "office_only" {
  group      = aws_iam_group.clerks.name
  policy_arn = aws_iam_policy.office_only.arn
}

# IAM544: a source identity is set when a role is assumed. Members of a group have none, and may read nothing.
data "aws_iam_policy_document" "payslips" {
  statement {
    sid       = "KnownPeopleOnly"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-payslips/*"]

    condition {
      test     = "StringLike"
      variable = "aws:SourceIdentity"
      values   = ["*@kestrel-bikes.example"]
    }
  }
}

resource "aws_iam_policy" "payslips" {
  name   = "payslips"
  policy = data.aws_iam_policy_document.payslips.json
}

resource "aws_iam_group_policy_attachment" "payslips" {
  group      = aws_iam_group.clerks.name
  policy_arn = aws_iam_policy.payslips.arn
}
