"""Bucket's ACLs are switched on.

## Why it matters

With ACLs on, each object has an access list of its own, which no bucket policy shows: whoever may upload can make an object public, or keep
the bucket's owner from reading it. AWS recommends to leave them off, and new buckets have them off.

## How to fix it

Switch ACLs off:

```hcl
resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
```

## How to fix it in CloudFormation

Switch ACLs off:

```yaml
DataBucket:
  Type: AWS::S3::Bucket
  Properties:
    OwnershipControls:
      Rules:
        - ObjectOwnership: BucketOwnerEnforced
```

## What it leaves alone

Buckets that receive logs by an ACL grant, as CloudFront's standard logs and S3's server access logs may need: for them the finding is only informative.

## When it cannot tell

The setting is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...model import s3
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

_ACLS_ON: Final = {
    "ObjectWriter": "who uploads an object owns it and sets its ACL",
    "BucketOwnerPreferred": "objects may carry ACLs of their own",
}
# Grantees of log delivery: the S3 group, and the account of CloudFront's standard logs
# (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-s3-permissions.html).
_LOG_DELIVERY: Final = frozenset({
    "http://acs.amazonaws.com/groups/s3/LogDelivery",
    "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
})  # fmt: skip

_BUCKET = """
resource "aws_s3_bucket" "data" {
  bucket = "example-data"
}
"""
_OWNERSHIP = """
resource "aws_s3_bucket_ownership_controls" "data" {%s
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = %s
  }
}
"""

WRITER = Example(_BUCKET + _OWNERSHIP % ("  # bad", '"ObjectWriter"'), "the setting from before 2021")
PREFERRED = Example(_BUCKET + _OWNERSHIP % ("  # bad", '"BucketOwnerPreferred"'), "ACLs still count")
ENFORCED = Example(_BUCKET + _OWNERSHIP % ("", '"BucketOwnerEnforced"'), "ACLs are off")
UNDECIDED = Example(
    'variable "ownership" {}\n' + _BUCKET + _OWNERSHIP % ("  # undecided", "var.ownership"),
    "a variable without a default",
)


@rule(
    code="IAM907",
    severity=Severity.LOW,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",),
    controls=("Security Hub S3.12",),
    examples=(WRITER, PREFERRED, ENFORCED, UNDECIDED),
)
def bucket_acls_enabled(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each ownership setting that leaves ACLs on."""
    for ownership in world.estate.ownerships:
        bucket = world.graph.bucket(ownership.bucket, ownership.origin.account)
        related = () if bucket is None else (Related(bucket.origin, "the bucket"),)
        if isinstance(ownership.setting, Unknown):
            yield Undecided(
                subject=ownership.origin,
                message=f"whether ACLs are off is not known: {ownership.setting.because}",
                related=related,
            )
        elif ownership.setting in _ACLS_ON:
            logs = bucket is not None and any(map(_delivers_logs, world.graph.companions(bucket).acls))
            needed = "; log delivery needs them here" if logs else ""
            yield Violation(
                subject=ownership.origin,
                message=f"the bucket's ACLs are switched on: {_ACLS_ON[ownership.setting]}{needed}",
                evidence=(f"object_ownership = {ownership.setting}",),
                related=related,
                severity=Severity.INFO if logs else None,
            )


def _delivers_logs(acl: s3.BucketAcl) -> bool:
    return acl.canned == "log-delivery-write" or any(
        isinstance(grant, s3.Grant) and grant.grantee in _LOG_DELIVERY for grant in acl.grants
    )
