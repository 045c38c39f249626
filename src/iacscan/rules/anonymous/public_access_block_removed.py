"""Change removes a public access block and leaves the bucket, or the account, without it.

## Why it matters

Policies and ACLs that the block kept from working, work from then on: a grant that was harmless for years opens the bucket at the moment the block
goes. A plan shows the deletion as one line among many, and nothing that is looked at afterwards shows what used to be there.

## How to fix it

Keep the block. Where it has moved to another place, move it there in the same state with `moved`, so that it is never gone:

```hcl
moved {
  from = aws_s3_bucket_public_access_block.data
  to   = module.data.aws_s3_bucket_public_access_block.this
}
```

A bucket that has to be public needs one with the flags that it can keep, and a suppression that says why.

## How to fix it in CloudFormation

Keep the block:

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

A bucket that has to be public needs one with the flags that it can keep, and a suppression that says why.

## What it leaves alone

Blocks of buckets that the change deletes or makes anew; flags that another block, the account's, or an S3 policy of the organization switches on
afterwards. A flag that is switched off in a block that stays is told by `public-access-block-switched-off`. A block that is replaced, or
dropped from the state without being deleted, is of low severity.

## When it cannot tell

Whether a flag is on after the change is not known, or whether it was before.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...model.s3 import PublicAccessBlock
from .. import _removal
from .._rule import Example, Verdict, World, rule
from . import _bucket

_BUCKET = """
resource "aws_s3_bucket" "data" {
  bucket = "example-data"
}
"""
_BLOCK = """
resource "%s" "%s" {%s
  %s
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = %s
}
"""
_OWN: Final = ("aws_s3_bucket_public_access_block", "data")
_LINK: Final = "bucket = aws_s3_bucket.data.id"
_OF_ACCOUNT: Final = ("aws_s3_account_public_access_block", "this")

BAD = Example(_BUCKET, "the block goes, the bucket stays", before=_BUCKET + _BLOCK % (*_OWN, "  # bad", _LINK, "true"))
BAD_ACCOUNT = Example(
    _BUCKET, "every bucket of the account loses it", before=_BUCKET + _BLOCK % (*_OF_ACCOUNT, "  # bad", "", "true")
)
GOOD_MOVED = Example(
    _BUCKET + _BLOCK % ("aws_s3_bucket_public_access_block", "other", "", _LINK, "true"),
    "another block of the same bucket takes its place",
    before=_BUCKET + _BLOCK % (*_OWN, "", _LINK, "true"),
)
GOOD_GONE = Example("\n", "the bucket goes too", before=_BUCKET + _BLOCK % (*_OWN, "", _LINK, "true"))
UNDECIDED = Example(
    _BUCKET
    + 'variable "strict" {}\n'
    + _BLOCK % ("aws_s3_bucket_public_access_block", "other", "", _LINK, "var.strict"),
    "whether the new block does the same is not known",
    before=_BUCKET + _BLOCK % (*_OWN, "  # undecided", _LINK, "true"),
)


@rule(
    code="IAM917",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.8", "CWE-284"),
    examples=(BAD, BAD_ACCOUNT, GOOD_MOVED, GOOD_GONE, UNDECIDED),
)
def public_access_block_removed(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each block that protected something before the change and does not any more."""
    for item in world.once(_bucket.earlier_blocks):
        if item.now is not None:
            yield from _let_go(item.now)
        else:
            yield from _lost(item)


def _let_go(block: PublicAccessBlock) -> Iterator[Verdict]:
    found = _removal.passing(block.origin)
    if found is not None and any(value is True for _, value in block.flags):
        happens, means = found
        yield Violation(
            subject=block.origin, message=f"the public access block {happens}: {means}", severity=Severity.LOW
        )


def _lost(item: _bucket.EarlierBlock) -> Iterator[Verdict]:
    whose = "the account" if item.block.bucket is None else "its bucket"
    related = () if item.bucket is None else (Related(item.bucket.origin, "loses its protection"),)
    if item.lost:
        yield Violation(
            subject=item.block.origin,
            message=f"the change takes this public access block away from {whose}, and nothing takes its place",
            evidence=tuple(f"{name} = true, until now" for name in item.lost),
            related=related,
        )
    elif item.doubtful:
        yield Undecided(
            subject=item.block.origin,
            message=f"the change takes this public access block away from {whose}; "
            f"whether {', '.join(item.doubtful)} stays on is not known",
            related=related,
        )
