"""Bucket lets strangers write.

## Why it matters

Strangers replace what others load. In 2020 attackers added their code to Twilio's TaskRouter SDK, which every customer's page took from a bucket that
anyone could write to. They can also delete everything, or fill the bucket at the owner's cost.

## How to fix it

Name who writes. Uploads from browsers need a presigned URL, not a public bucket.

```hcl
data "aws_iam_policy_document" "uploads" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.uploads.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.uploader.arn]
    }
  }
}
```

## How to fix it in CloudFormation

Name who writes. Uploads from browsers need a presigned URL, not a public bucket.

```yaml
- Effect: Allow
  Principal:
    AWS: !GetAtt UploaderRole.Arn
  Action: s3:PutObject
  Resource: !Sub ${UploadsBucket.Arn}/*
```

## What it leaves alone

Statements limited to fixed accounts, organizations, networks or source ARNs; log delivery by S3 itself. Where a public access block makes the grant
harmless the finding is of medium severity: one flag then stands between the bucket and everybody.

## When it cannot tell

A statement that allows writing has a principal, a condition or a public access block that is not known.
"""

from collections.abc import Iterator
from typing import Final, Literal

from ...bucket_access import Exposure, Way
from ...finding import Severity, Undecided, Violation
from .._rule import Example, Verdict, World, rule
from . import _bucket

_KINDS: Final[tuple[Literal["policy", "acl"], ...]] = ("policy", "acl")

_BUCKET = """
resource "aws_s3_bucket" "cdn" {%s
  bucket = "example-cdn"
}
"""
_POLICY = """
resource "aws_s3_bucket_policy" "cdn" {
  bucket = aws_s3_bucket.cdn.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = %s }, Action = %s, Resource = "${aws_s3_bucket.cdn.arn}/*" }]
  })
}
"""
_BLOCK = """
resource "aws_s3_bucket_public_access_block" "cdn" {
  bucket                  = aws_s3_bucket.cdn.id
  block_public_acls       = false
  ignore_public_acls      = false
  block_public_policy     = false
  restrict_public_buckets = %s
}
"""

BY_POLICY = Example(
    _BUCKET % "  # bad" + _POLICY % ('"*"', '["s3:GetObject", "s3:PutObject"]') + _BLOCK % "false",
    "everybody may replace what others load",
)
BY_ACL = Example(
    _BUCKET % "  # bad"
    + """
resource "aws_s3_bucket_acl" "cdn" {
  bucket = aws_s3_bucket.cdn.id
  acl    = "public-read-write"
}

resource "aws_s3_bucket_ownership_controls" "cdn" {
  bucket = aws_s3_bucket.cdn.id
  rule {
    object_ownership = "ObjectWriter"
  }
}
"""
    + _BLOCK % "true",
    "the canned ACL lets everybody write",
)
GUARDED = Example(
    _BUCKET % "  # bad" + _POLICY % ('"*"', '"s3:*"') + _BLOCK % "true",
    "harmless as long as the block stays, which is of medium severity",
)
READ = Example(_BUCKET % "" + _POLICY % ('"*"', '"s3:GetObject"') + _BLOCK % "false", "reading is another rule's")
NAMED = Example(
    _BUCKET % "" + _POLICY % ('"arn:aws:iam::111122223333:role/uploader"', '"s3:PutObject"') + _BLOCK % "false",
    "one role",
)
UNDECIDED = Example(
    'variable "writer" {}\n' + _BUCKET % "  # undecided" + _POLICY % ("var.writer", '"s3:PutObject"'),
    "who may write is a variable without a default",
)


@rule(
    code="IAM903",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        "https://www.twilio.com/en-us/blog/incident-report-taskrouter-js-sdk-july-2020",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.3", "CWE-732"),
    examples=(BY_POLICY, BY_ACL, GUARDED, READ, NAMED, UNDECIDED),
    tells=("IAM502", "IAM531", "IAM543"),
)
def bucket_world_writable(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each bucket that strangers can write to, or may be able to."""
    for exposure in _bucket.exposures(world):
        openings = [found for kind in _KINDS if (found := _bucket.opening(exposure, kind)) and found.writes]
        for found in openings:
            website = ", and whoever loads the site runs what they put there" if found.serves_site(world) else ""
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"{found.who} may {_bucket.deeds(found)}{website}: {found.worst.because}",
                evidence=found.evidence,
                related=_bucket.places(world, found),
                key=found.kind,
            )
        if openings:
            continue
        guarded = _guarded(exposure)
        doubts = _bucket.in_doubt(exposure, "policy")
        if guarded is not None:
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"the {guarded.kind} lets strangers write; only this stops them: {guarded.because}",
                evidence=guarded.evidence,
                related=_bucket.grantors(exposure, (guarded,)),
                severity=Severity.MEDIUM,
            )
        elif _bucket.may_write(doubts):
            yield Undecided(
                subject=exposure.bucket.origin,
                message=f"whether strangers may write to the bucket is not known: {doubts[0].because}",
                evidence=doubts[0].evidence,
                related=_bucket.grantors(exposure, doubts),
            )


def _guarded(exposure: Exposure) -> Way | None:
    """A grant to write that something declared here makes harmless."""
    ways = (way for kind in _KINDS for way in _bucket.stopped(exposure, kind))
    return next((way for way in ways if set(way.access) & {"write", "control"}), None)
