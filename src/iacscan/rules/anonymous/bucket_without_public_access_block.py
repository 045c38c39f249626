"""Bucket has no public access block.

## Why it matters

Nothing in this configuration keeps the next policy or ACL from opening the bucket. S3 closes new buckets by itself since April 2023, but
not older ones, and a setting that nobody declares is one that nobody notices when it goes.

## How to fix it

Switch all four flags on:

```hcl
resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
```

`aws_s3_account_public_access_block` does the same for all buckets of the account.

## How to fix it in CloudFormation

Switch all four flags on:

```yaml
DataBucket:
  Type: AWS::S3::Bucket
  Properties:
    PublicAccessBlockConfiguration:
      BlockPublicAcls: true
      IgnorePublicAcls: true
      BlockPublicPolicy: true
      RestrictPublicBuckets: true
```

## What it leaves alone

Buckets that a block for the account, or an S3 policy of the organization, covers in full. A bucket that is public already is told by the rules on
its policy and ACL, one whose block this change takes away by `public-access-block-removed`. The severity is low where the bucket is new and has no policy, ACL or ownership setting that could open it.

## When it cannot tell

Some public access block does not say which bucket it belongs to; or a targeted plan shows no block.
"""

from collections.abc import Iterator

from ...bucket_access import Exposure
from ...finding import Related, Severity, Undecided, Violation
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _bucket

_BUCKET = """
resource "aws_s3_bucket" "data" {%s
  bucket = "example-data"
}
"""
_FLAGS = """
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
"""

BARE = Example(_BUCKET % "  # bad", "a new bucket: of low severity")
ACLS_ON = Example(
    _BUCKET % "  # bad"
    + """
resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = "ObjectWriter"
  }
}
""",
    "ACLs are switched on, and nothing ignores public ones",
)
BLOCKED = Example(
    _BUCKET % ""
    + """
resource "aws_s3_bucket_public_access_block" "data" {
  bucket = aws_s3_bucket.data.id"""
    + _FLAGS,
    "its own block",
)
ACCOUNT = Example(
    _BUCKET % "" + '\nresource "aws_s3_account_public_access_block" "this" {' + _FLAGS, "the account's block covers it"
)
REMOVED = Example(
    _BUCKET % "",
    "its block goes with this change, which another rule tells",
    before=BLOCKED.terraform,
)
UNDECIDED = Example(
    _BUCKET % "  # undecided"
    + """
variable "bucket" {}

resource "aws_s3_bucket_public_access_block" "some" {
  bucket = var.bucket"""
    + _FLAGS,
    "the block may be this bucket's",
)


@rule(
    code="IAM904",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.8", "CWE-284"),
    examples=(BARE, ACLS_ON, BLOCKED, ACCOUNT, REMOVED, UNDECIDED),
)
def bucket_without_public_access_block(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each bucket that no block is joined to and no wider one covers."""
    adrift = [block for block in world.estate.public_access_blocks if isinstance(block.bucket, Unknown)]
    for bucket in world.estate.buckets:
        exposure = world.access.exposure(bucket)
        if (
            world.graph.companions(bucket).blocks
            or _bucket.is_open(exposure)
            or all(flag.value is Truth.YES for flag in exposure.flags)
            or _bucket.lost_its_block(world, bucket)
        ):
            continue
        mine = [block for block in adrift if block.origin.account == bucket.origin.account]
        doubt = f"{mine[0].origin.address} does not say which bucket it belongs to" if mine else ""
        if not world.estate.complete and not world.estate.is_template:  # a template has the block within the bucket
            doubt = "the input does not show all that there is"
        if doubt:
            yield Undecided(
                subject=bucket.origin,
                message=f"whether the bucket has a public access block is not known: {doubt}",
                related=tuple(Related(block.origin, "may belong to the bucket") for block in mine[:1]),
            )
            continue
        weakened = _weakened(world, exposure)
        existed = (
            "the bucket was there before, perhaps from a time when S3 left new buckets open" if bucket.existed else ""
        )
        reason = weakened or existed or "S3 closes it when it is made, and nothing here keeps it closed"
        yield Violation(
            subject=bucket.origin,
            message=f"no public access block is declared for the bucket or its account: {reason}",
            severity=None if weakened or existed else Severity.LOW,
        )


def _weakened(world: World, exposure: Exposure) -> str:
    """What could open the bucket as things stand, as a clause; empty if nothing does."""
    companions = world.graph.companions(exposure.bucket)
    ways = [way for way in exposure.ways if way.kind != "object-acl"]  # IAM912
    if ways:
        way = ways[0]
        return f"what its {way.kind} grants is not known" if way.status == "unknown" else way.because
    if any(item.setting != "BucketOwnerEnforced" for item in companions.ownerships):
        return "its ACLs are switched on, so that any object can be made public"
    return ""
