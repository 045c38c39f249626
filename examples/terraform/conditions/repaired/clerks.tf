# What the clerks of the archive may do, and when. Each statement asks for what its requests carry, in AWS's spelling.

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

# The group says who reads the archive; what is left is to ask for MFA.
data "aws_iam_policy_document" "archive" {
  statement {
    sid       = "ReadWithMfa"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-archive/*"]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }

  statement {
    sid       = "SendFromTheOffice"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-central-1:210987654321:kestrel-orders"]

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24"]
    }
  }

  statement {
    sid       = "CurrentPasswordOfTheScanner"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:aws:secretsmanager:eu-central-1:210987654321:secret:archive/scanner-*"]

    condition {
      test     = "StringEquals"
      variable = "secretsmanager:VersionStage"
      values   = ["AWSCURRENT"]
    }
  }

  statement {
    sid       = "LookAtTheSecretOfTheScanner"
    actions   = ["secretsmanager:DescribeSecret"]
    resources = ["arn:aws:secretsmanager:eu-central-1:210987654321:secret:archive/scanner-*"]
  }

  statement {
    sid       = "ReadOfThePartner"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::falcon-tyres-*/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = ["021098765432"]
    }
  }

  statement {
    sid       = "NothingIntoGlacier"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-archive/*"]

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-storage-class"
      values   = ["GLACIER"]
    }
  }

  statement {
    sid       = "EncryptedOnly"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-archive/*"]

    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["true"]
    }
  }

  statement {
    sid       = "ArchiveAndLegal"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-contracts/*"]

    condition {
      test     = "StringLike"
      variable = "aws:PrincipalTag/department"
      values   = ["archive", "legal*"]
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

# Whoever tags the scanners is not the one who stops them, and what looks at no tags stands by itself.
data "aws_iam_policy_document" "scanners" {
  statement {
    sid       = "StopOwnScanners"
    actions   = ["ec2:StopInstances"]
    resources = ["arn:aws:ec2:eu-central-1:210987654321:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/team"
      values   = ["archive"]
    }
  }

  statement {
    sid       = "LookAtMachinesAndNames"
    actions   = ["ec2:DescribeInstanceStatus", "route53:ListHostedZones"]
    resources = ["*"]
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

# Both protocols of the office, and nothing about what AWS services do for the clerks.
data "aws_iam_policy_document" "office_only" {
  statement {
    sid       = "OnlyFromTheOffice"
    effect    = "Deny"
    actions   = ["s3:*", "sqs:*"]
    resources = ["*"]

    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24", "2001:db8:4b65::/48"]
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

# The people who read payslips assume a role for it, and the role asks who they are.
data "aws_iam_policy_document" "payslips_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.jan_vogt.arn]
    }

    condition {
      test     = "StringLike"
      variable = "sts:SourceIdentity"
      values   = ["*@kestrel-bikes.example"]
    }
  }
}

resource "aws_iam_role" "payslips" {
  name               = "payslips"
  assume_role_policy = data.aws_iam_policy_document.payslips_trust.json
}

data "aws_iam_policy_document" "payslips" {
  statement {
    sid       = "ReadPayslips"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-payslips/*"]
  }
}

resource "aws_iam_policy" "payslips" {
  name   = "payslips"
  policy = data.aws_iam_policy_document.payslips.json
}

resource "aws_iam_role_policy_attachment" "payslips" {
  role       = aws_iam_role.payslips.name
  policy_arn = aws_iam_policy.payslips.arn
}
