# The pipelines of the workshop and the roles that they start: claims under their own names, one service, roles by their ARNs.

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

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
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:kestrel-bikes/workshop:ref:refs/heads/main"]
    }
  }
}

resource "aws_iam_role" "release" {
  name               = "workshop-release"
  assume_role_policy = data.aws_iam_policy_document.release_trust.json
}

data "aws_iam_policy_document" "release" {
  statement {
    sid       = "StartTheWorker"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.worker.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid       = "KeysAreThePlatformTeams"
    effect    = "Deny"
    actions   = ["kms:ScheduleKeyDeletion"]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::210987654321:role/platform"]
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

# The account is the principal, and the condition chooses among its roles.
data "aws_iam_policy_document" "fitting_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::210987654321:role/workshop-*"]
    }
  }
}

resource "aws_iam_role" "fitting" {
  name               = "fitting"
  assume_role_policy = data.aws_iam_policy_document.fitting_trust.json
}

data "aws_iam_policy_document" "worker_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "worker" {
  name               = "workshop-worker"
  assume_role_policy = data.aws_iam_policy_document.worker_trust.json
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid       = "DecryptFramePlans"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:eu-central-1:210987654321:key/5f0e1d2c-3b4a-4958-8776-655443322110"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.eu-central-1.amazonaws.com"]
    }
  }

  statement {
    sid       = "ReadFramePlans"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-frames/plans/*"]
  }

  statement {
    sid       = "ReadManualsOfTheTeam"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-manuals/&{aws:PrincipalTag/team}/*"]
  }

  statement {
    sid       = "WriteOwnNotes"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::kestrel-notes/&{aws:PrincipalTag/login}/*"]
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
