"""Objects are uploaded with an ACL that lets strangers read them.

## Why it matters

An object's ACL opens it whatever the bucket's own ACL says, and no policy or listing of the bucket shows it. `authenticated-read`
is no better: it names every AWS account in the world.

## How to fix it

Leave `acl` out, and switch ACLs off for the bucket:

```hcl
resource "aws_s3_bucket_ownership_controls" "assets" {
  bucket = aws_s3_bucket.assets.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
```

What the world shall read belongs behind CloudFront with origin access control.

## What it leaves alone

ACLs that `ignore_public_acls` or `BucketOwnerEnforced` makes harmless, and buckets that are reported as public themselves.

## When it cannot tell

The ACL, or what would make it harmless, is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...bucket_access import Way
from ...finding import Confidence, Related, Severity, Undecided, Violation
from ...policy.public import Level
from .._rule import Example, Verdict, World, rule
from . import _bucket

_STATUSES: Final = ("open", "apply-fails-or-open", "open-if-it-exists")

_BUCKET = """
resource "aws_s3_bucket" "assets" {%s
  bucket = "example-assets"
}

resource "aws_s3_bucket_ownership_controls" "assets" {
  bucket = aws_s3_bucket.assets.id
  rule {
    object_ownership = "%s"
  }
}

resource "aws_s3_bucket_public_access_block" "assets" {
  bucket                  = aws_s3_bucket.assets.id
  block_public_acls       = false
  ignore_public_acls      = %s
  block_public_policy     = true
  restrict_public_buckets = true
}
"""
_OBJECT = """
resource "aws_s3_object" "logo" {
  bucket  = aws_s3_bucket.assets.id
  key     = "logo.svg"
  content = "<svg/>"
  acl     = %s
}
"""

BAD = Example(
    _BUCKET % ("  # bad", "ObjectWriter", "false") + _OBJECT % '"public-read"', "ACLs are on, nothing ignores it"
)
IGNORED = Example(_BUCKET % ("", "ObjectWriter", "true") + _OBJECT % '"public-read"', "public ACLs are ignored")
OFF = Example(_BUCKET % ("", "BucketOwnerEnforced", "false") + _OBJECT % '"public-read"', "ACLs are switched off")
PRIVATE = Example(_BUCKET % ("", "ObjectWriter", "false") + _OBJECT % '"private"')
ELSEWHERE = Example(
    """
resource "aws_s3_object" "logo" {  # bad
  bucket  = "kestrel-assets"
  key     = "logo.svg"
  content = "<svg/>"
  acl     = "public-read"
}
""",
    "medium: the bucket is made elsewhere, and may be an old one",
)
UNDECIDED = Example(
    _BUCKET % ("  # undecided", "ObjectWriter", "false") + _OBJECT % "var.acl" + '\nvariable "acl" {}\n'
)


@rule(
    code="IAM912",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",),
    controls=("CIS 2.1.4", "Security Hub S3.2", "CWE-732"),
    examples=(BAD, ELSEWHERE, IGNORED, OFF, PRIVATE, UNDECIDED),
)
def object_acl_public(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each bucket, however many of its objects are open."""
    for exposure in _bucket.exposures(world):
        if _bucket.is_open(exposure):
            continue
        ways = tuple(way for way in exposure.ways if way.kind == "object-acl")
        found = tuple(way for way in ways if way.status in _STATUSES)
        doubts = tuple(way for way in ways if way.status == "unknown")
        if found:
            worst = min(found, key=lambda way: _STATUSES.index(way.status))
            who = "anyone on the internet" if worst.level is Level.ANYONE else "any AWS account in the world"
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"{who} may read {_counted(found)}: {worst.because}",
                evidence=tuple(dict.fromkeys(line for way in found for line in way.evidence)),
                related=tuple(Related(way.subject, "is uploaded with the ACL") for way in found),
                severity=Severity.HIGH if worst.status == "open" else Severity.MEDIUM,
                confidence=None if worst.status == "open" else Confidence.MEDIUM,
            )
        elif doubts:
            yield Undecided(
                subject=exposure.bucket.origin,
                message=f"whether strangers may read objects of the bucket is not known: {doubts[0].because}",
                related=_bucket.grantors(exposure, doubts),
            )


def _counted(found: tuple[Way, ...]) -> str:
    count = len({way.subject.address for way in found})
    return "an object of the bucket" if count == 1 else f"{count} objects of the bucket"
