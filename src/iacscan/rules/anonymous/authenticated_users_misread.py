"""Bucket ACL names the group of authenticated users, which is every AWS account in the world.

## Why it matters

`AuthenticatedUsers`, and `authenticated-read` which stands for it, sound like one's own users. They mean whoever has signed a request with any AWS
account, and an account is free. Scanners that find nothing as anonymous try again with an account of their own.

## How to fix it

Name who may read, by policy, and switch ACLs off:

```hcl
resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "data" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [data.aws_organizations_organization.own.id]
    }
  }
}
```

## How to fix it in CloudFormation

Name who may read, by policy, and switch ACLs off:

```yaml
DataBucket:
  Type: AWS::S3::Bucket
  Properties:
    OwnershipControls:
      Rules:
        - ObjectOwnership: BucketOwnerEnforced
DataBucketPolicy:
  Type: AWS::S3::BucketPolicy
  Properties:
    Bucket: !Ref DataBucket
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: "*"
          Action: s3:ListBucket
          Resource: !GetAtt DataBucket.Arn
          Condition:
            StringEquals:
              aws:PrincipalOrgID: o-exampleorg1
```

## What it leaves alone

How bad it is: `bucket-acl-public` says that the bucket is open. This rule tells which mistake stands behind it, and is therefore low. ACLs that also name everybody on the internet, or that let strangers write (`bucket-world-writable`); ACLs that
`ignore_public_acls` or `BucketOwnerEnforced` makes harmless.

## When it cannot tell

An ACL that is not known may name anybody: `bucket-acl-public` says so. This rule speaks only of the group itself.
"""

from collections.abc import Iterator

from ...finding import Confidence, Severity, Violation
from .._rule import Example, Verdict, World, rule
from . import _bucket

_BUCKET = """
resource "aws_s3_bucket" "data" {%s
  bucket = "example-data"
}

resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = false
  ignore_public_acls      = %s
  block_public_policy     = true
  restrict_public_buckets = true
}
"""
_CANNED = """
resource "aws_s3_bucket_acl" "data" {
  bucket = aws_s3_bucket.data.id
  acl    = "%s"
}
"""
_GRANT = """
resource "aws_s3_bucket_acl" "data" {
  bucket = aws_s3_bucket.data.id
  access_control_policy {
    grant {
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
      }
      permission = "READ"
    }
    owner {
      id = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    }
  }
}
"""

BAD = Example(_BUCKET % ("  # bad", "false") + _CANNED % "authenticated-read", "the canned ACL")
BAD_GRANT = Example(_BUCKET % ("  # bad", "false") + _GRANT, "a grant to the group")
IGNORED = Example(_BUCKET % ("", "true") + _CANNED % "authenticated-read", "public ACLs are ignored")
PUBLIC = Example(_BUCKET % ("", "false") + _CANNED % "public-read", "everybody is another rule's")


@rule(
    code="IAM911",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.2", "CWE-732"),
    examples=(BAD, BAD_GRANT, IGNORED, PUBLIC),
)
def authenticated_users_misread(world: World) -> Iterator[Verdict]:
    """Yield a violation for each bucket whose ACL names the group of authenticated users and nobody wider."""
    for exposure in _bucket.exposures(world):
        found = _bucket.opening(exposure, "acl")
        if found is not None and _bucket.misreads_groups(found):
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"any AWS account in the world, not only your own, may {_bucket.deeds(found)}: {found.worst.because}",
                evidence=found.evidence,
                related=_bucket.places(world, found),
                confidence=None if found.status == "open" else Confidence.MEDIUM,
            )
