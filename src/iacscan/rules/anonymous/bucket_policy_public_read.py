"""Bucket policy lets strangers read the bucket.

## Why it matters

Public buckets are found within hours by scanners that try names. Whatever is in this one, now or later, is published: backups, logs
and exports end up in buckets that were opened for a few images. With `s3:ListBucket` nobody even has to guess names.

## How to fix it

Let CloudFront read the bucket, and nobody else; or hand out presigned URLs.

```hcl
data "aws_iam_policy_document" "site" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.site.arn}/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.site.arn]
    }
  }
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
```

## How to fix it in CloudFormation

Let CloudFront read the bucket, and nobody else; or hand out presigned URLs.

```yaml
SiteBucket:
  Type: AWS::S3::Bucket
  Properties:
    PublicAccessBlockConfiguration:
      BlockPublicAcls: true
      IgnorePublicAcls: true
      BlockPublicPolicy: true
      RestrictPublicBuckets: true
SiteBucketPolicy:
  Type: AWS::S3::BucketPolicy
  Properties:
    Bucket: !Ref SiteBucket
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: cloudfront.amazonaws.com
          Action: s3:GetObject
          Resource: !Sub ${SiteBucket.Arn}/*
          Condition:
            StringEquals:
              aws:SourceArn: !Sub arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${SiteDistribution}
```

## What it leaves alone

Statements limited to fixed accounts, organizations, networks, VPC endpoints or source ARNs, in the sense of S3's own definition of
"public"; origin access control and identities; policies that `restrict_public_buckets` of the bucket, the account or the organization
makes harmless. A policy that lets strangers write as well is told by `bucket-world-writable`.

A bucket that is meant to be a public website is still reported: suppress it, and say why.

## When it cannot tell

The policy, its principal or a flag of the public access block is not known, and nothing that is known keeps strangers out.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Undecided, Violation
from .._rule import Example, Verdict, World, rule
from . import _bucket

_SEVERITIES: Final = {
    "open": Severity.CRITICAL,
    "apply-fails-or-open": Severity.HIGH,
    "open-if-it-exists": Severity.MEDIUM,
}

_BUCKET = """
resource "aws_s3_bucket" "site" {%s
  bucket = "example-site"
}
"""
_POLICY = """
resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.site.arn}/*"%s }]
  })
}
"""
_BLOCK = """
resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = %s
  restrict_public_buckets = %s
}
"""

OPEN = Example(_BUCKET % "  # bad" + _POLICY % "" + _BLOCK % ("false", "false"), "the block lets public policies be")
SETTINGS = Example(
    _BUCKET % "  # bad"
    + _POLICY.replace("s3:GetObject", "s3:GetBucketPolicy").replace("/*", "") % ""
    + _BLOCK % ("false", "false"),
    "medium: strangers read the policy, but no object",
)
NO_BLOCK = Example(_BUCKET % "  # bad" + _POLICY % "", "no block is declared, which only protects new buckets")
REFUSED = Example(
    _BUCKET % "  # bad" + _POLICY % "" + _BLOCK % ("true", "false"), "the block does not stop a policy that is in place"
)
RESTRICTED = Example(
    _BUCKET % "" + _POLICY % "" + _BLOCK % ("false", "true"), "restrict_public_buckets keeps strangers out"
)
ORGANIZATION = Example(
    _BUCKET % "" + _POLICY % ', Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }',
    "one organization",
)
UNDECIDED = Example(
    """
variable "reader" {}
"""
    + _BUCKET % "  # undecided"
    + _POLICY.replace('Principal = "*"', "Principal = { AWS = var.reader }") % "",
    "who may read is a variable without a default",
)


@rule(
    code="IAM902",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.2", "Security Hub S3.8", "CWE-284"),
    examples=(OPEN, SETTINGS, NO_BLOCK, REFUSED, RESTRICTED, ORGANIZATION, UNDECIDED),
    tells=("IAM502", "IAM531", "IAM543"),
)
def bucket_policy_public_read(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each bucket whose policy strangers can read by, or may be able to."""
    for exposure in _bucket.exposures(world):
        found = _bucket.opening(exposure, "policy")
        doubts = _bucket.in_doubt(exposure, "policy")
        if found is not None and not found.writes:
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"{found.who} may {_bucket.deeds(found)}: {found.worst.because}",
                evidence=found.evidence,
                related=_bucket.places(world, found),
                severity=_severity(found),
                confidence=None if found.status == "open" else Confidence.MEDIUM,
                remedy=_bucket.website_remedy(world, found),
            )
        elif found is None and doubts and not _bucket.may_write(doubts):
            yield Undecided(
                subject=exposure.bucket.origin,
                message=f"whether strangers may read the bucket is not known: {doubts[0].because}",
                evidence=doubts[0].evidence,
                related=_bucket.grantors(exposure, doubts),
                remedy="add a public access block with all four flags, which settles it whatever the policy says",
            )


def _severity(found: _bucket.Opening) -> Severity:
    """Who lists a bucket learns what to ask for; its settings alone are no data."""
    usual = _SEVERITIES[found.status]
    return usual if found.reads_data or "list" in found.access else min(usual, Severity.MEDIUM)
