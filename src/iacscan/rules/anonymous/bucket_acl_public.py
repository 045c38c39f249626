"""Bucket ACL lets strangers list the bucket.

## Why it matters

`public-read` names everybody on the internet. `authenticated-read` does not mean one's own users: it names every AWS account in the
world, and an account is free. Who can list a bucket can look for every object that is open by mistake.

## How to fix it

Switch ACLs off, and grant access by policy where it is needed.

```hcl
resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
```

## How to fix it in CloudFormation

Switch ACLs off, and grant access by policy where it is needed.

```yaml
DataBucket:
  Type: AWS::S3::Bucket
  Properties:
    OwnershipControls:
      Rules:
        - ObjectOwnership: BucketOwnerEnforced
    PublicAccessBlockConfiguration:
      BlockPublicAcls: true
      IgnorePublicAcls: true
      BlockPublicPolicy: true
      RestrictPublicBuckets: true
```

`AccessControl` goes: AWS keeps it for old templates only.

## What it leaves alone

Grants to AWS accounts and to the log delivery group; ACLs that `ignore_public_acls` or `BucketOwnerEnforced` makes harmless. An ACL that
lets strangers write as well is told by `bucket-world-writable`.

## When it cannot tell

The ACL, or what would make it harmless, is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Undecided, Violation
from .._rule import Example, Verdict, World, rule
from . import _bucket

_SEVERITIES: Final = {
    "open": Severity.HIGH,
    "apply-fails-or-open": Severity.HIGH,
    "open-if-it-exists": Severity.MEDIUM,
}

_BUCKET = """
resource "aws_s3_bucket" "data" {%s
  bucket = "example-data"
}
"""
_ACL = """
resource "aws_s3_bucket_acl" "data" {
  bucket = aws_s3_bucket.data.id
  acl    = "%s"
}
"""
_OWNERSHIP = """
resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = "%s"
  }
}
"""
_BLOCK = """
resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = %s
  ignore_public_acls      = %s
  block_public_policy     = true
  restrict_public_buckets = true
}
"""

OPEN = Example(
    _BUCKET % "  # bad" + _ACL % "public-read" + _OWNERSHIP % "ObjectWriter" + _BLOCK % ("false", "false"),
    "ACLs are on, and nothing ignores this one",
)
AUTHENTICATED = Example(
    _BUCKET % "  # bad"
    + _ACL % "authenticated-read"
    + _OWNERSHIP % "BucketOwnerPreferred"
    + _BLOCK % ("false", "false"),
    "every AWS account, not the own users",
)
BARE = Example(_BUCKET % "  # bad" + _ACL % "public-read", "a new bucket refuses the ACL, an old one is open")
IGNORED = Example(
    _BUCKET % "" + _ACL % "public-read" + _OWNERSHIP % "ObjectWriter" + _BLOCK % ("false", "true"), "ignored"
)
SWITCHED_OFF = Example(
    _BUCKET % "" + _ACL % "public-read" + _OWNERSHIP % "BucketOwnerEnforced", "ACLs are switched off"
)
LOGS = Example(_BUCKET % "" + _ACL % "log-delivery-write" + _OWNERSHIP % "ObjectWriter", "the log delivery group of S3")
UNDECIDED = Example(
    """
variable "acl" {}
"""
    + _BUCKET % "  # undecided"
    + _ACL.replace('"%s"', "var.acl")
    + _OWNERSHIP % "ObjectWriter",
    "the ACL is a variable without a default",
)


@rule(
    code="IAM901",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.2", "Security Hub S3.3", "Security Hub S3.12", "CWE-732"),
    examples=(OPEN, AUTHENTICATED, BARE, IGNORED, SWITCHED_OFF, LOGS, UNDECIDED),
    tells=("IAM911",),
)
def bucket_acl_public(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each bucket whose ACL names everybody, or may do so."""
    for exposure in _bucket.exposures(world):
        found = _bucket.opening(exposure, "acl")
        doubts = _bucket.in_doubt(exposure, "acl")
        if found is not None and not found.writes:
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"{found.who} may {_bucket.deeds(found)}: {found.worst.because}",
                evidence=found.evidence,
                related=_bucket.places(world, found),
                severity=_SEVERITIES[found.status],
                confidence=None if found.status == "open" else Confidence.MEDIUM,
            )
        elif found is None and doubts:
            yield Undecided(
                subject=exposure.bucket.origin,
                message=f"whether strangers may list the bucket or write to it is not known: {doubts[0].because}",
                evidence=doubts[0].evidence,
                related=_bucket.grantors(exposure, doubts),
                remedy="set object_ownership to BucketOwnerEnforced, which switches ACLs off whatever they say",
            )
