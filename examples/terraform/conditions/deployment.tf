# The pipelines of the workshop and the roles that they start. iacscan reports: IAM532, IAM534, IAM535, IAM537, IAM538, IAM539,
# IAM540, IAM545.

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# IAM532: claims are named without the scheme. With it the key is in no token, and the pipeline gets no role.
data "aws_iam_policy_document" "release_trust" {
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
      variable = "https://token.actions.githubusercontent.com:sub"
      values   = ["repo:kestrel-bikes/workshop:ref:refs/heads/main"]
    }
  }
}

resource "aws_iam_role" "release" {
  name               = "workshop-release"
  assume_role_policy = data.aws_iam_policy_document.release_trust.json
}

data "aws_iam_policy_document" "release" {
  # IAM545: the star is every service, also one that would run the caller's own code.
  statement {
    sid       = "StartTheWorker"
    actions   = ["iam:PassRole"]
    resources = ["arn:aws:iam::210987654321:role/workshop-worker"]

    condition {
      test     = "StringLike"
      variable = "iam:PassedToService"
      values   = ["*.amazonaws.com"]
    }
  }

  # IAM538: the ARN of a session is in CloudTrail, not in this key. The team itself may not schedule deletions either.
  statement {
    sid       = "KeysAreThePlatformTeams"
    effect    = "Deny"
    actions   = ["kms:ScheduleKeyDeletion"]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:sts::210987654321:assumed-role/platform/*"]
    }
  }
}

resource "aws_iam_policy" "release" {
  name   = "workshop-release"
  policy = data.aws_iam_policy_document.release.json
}

resource "aws_iam_role_policy_attachment" "release" {
  role       = aws_iam_role.release.name
  policy_arn = aws_iam_policy.release.arn
}

# IAM540: a principal is no pattern; IAM refuses the role.
data "aws_iam_policy_document" "fitting_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:role/workshop-*"]
    }
  }
}

resource "aws_iam_role" "fitting" {
  name               = "fitting"
  assume_role_policy = data.aws_iam_policy_document.fitting_trust.json
}

resource "aws_iam_role" "worker" {
  name               = "workshop-worker"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

data "aws_iam_policy_document" "worker" {
  # IAM534: S3 in Virginia uses no key of Frankfurt, so no plan of a frame can be decrypted.
  statement {
    sid       = "DecryptFramePlans"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:eu-central-1:210987654321:key/5f0e1d2c-3b4a-4958-8776-655443322110"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.us-east-1.amazonaws.com"]
    }
  }

  # IAM535: an object is read by its key; a prefix is in the listing of a bucket only.
  statement {
    sid       = "ReadFramePlans"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-frames/*"]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["plans/*"]
    }
  }

  # IAM537: there is no aws:team, so the folder is literally called that.
  statement {
    sid       = "ReadManualsOfTheTeam"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-manuals/&{aws:team}/*"]
  }

  # IAM539: a role has no user name.
  statement {
    sid       = "WriteOwnNotes"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-notes/&{aws:username}/*"]
  }
}

resource "aws_iam_policy" "worker" {
  name   = "workshop-worker"
  policy = data.aws_iam_policy_document.worker.json
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = aws_iam_policy.worker.arn
}
