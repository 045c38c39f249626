"""Public access block leaves one of its four protections off.

## Why it matters

A flag that is not set is off: a block that only names its bucket protects nothing, and replaces the protection that S3 gives a new bucket by
itself. Each flag closes another door; see the findings for what is lost.

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

Flags that the account's block, or an S3 policy of the organization, switches on. Where the bucket is public because of it, the rule on the
bucket's policy or ACL says so and names this block. With one flag off and no public grant the severity is medium.

## When it cannot tell

A flag is not known, and neither the account's block nor the organization switches it on.
"""

from collections.abc import Iterator
from typing import Final

from ...bucket_access import Exposure
from ...finding import Related, Severity, Undecided, Violation
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _bucket

# What is lost without each flag.
_LOSSES: Final = {
    "block_public_acls": "public ACLs can be set",
    "ignore_public_acls": "public ACLs take effect",
    "block_public_policy": "public policies can be set",
    "restrict_public_buckets": "public policies take effect",
}

_BUCKET = """
resource "aws_s3_bucket" "data" {
  bucket = "example-data"
}
"""
_BLOCK = """
resource "aws_s3_bucket_public_access_block" "data" {%s
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = %s
}
"""

EMPTY = Example(
    _BUCKET
    + """
resource "aws_s3_bucket_public_access_block" "data" {  # bad
  bucket = aws_s3_bucket.data.id
}
""",
    "what is not set is off",
)
ONE = Example(_BUCKET + _BLOCK % ("  # bad", "false"), "one of four, of medium severity")
ALL = Example(_BUCKET + _BLOCK % ("", "true"), "all four")
ACCOUNT = Example(
    _BUCKET
    + _BLOCK % ("", "false")
    + """
resource "aws_s3_account_public_access_block" "this" {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
""",
    "the account's block makes up for it",
)
UNDECIDED = Example(
    'variable "restrict" {}\n' + _BUCKET + _BLOCK % ("  # undecided", "var.restrict"), "a flag without a value"
)


@rule(
    code="IAM905",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_public_access_block",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.8", "CWE-284"),
    examples=(EMPTY, ONE, ALL, ACCOUNT, UNDECIDED),
)
def public_access_block_switched_off(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each block of a bucket with a flag off that nothing wider switches on."""
    for block in world.estate.public_access_blocks:
        if block.bucket is None:
            continue  # the account's block has a rule of its own
        bucket = world.graph.bucket(block.bucket, block.origin.account)
        exposure = None if bucket is None else world.access.exposure(bucket)
        if exposure is not None and _bucket.is_open(exposure):
            continue
        off = [name for name, value in block.flags if value is False and _holds(exposure, name) is not Truth.YES]
        unknown = [
            (name, value)
            for name, value in block.flags
            if isinstance(value, Unknown) and _holds(exposure, name) is not Truth.YES
        ]
        related = () if bucket is None else (Related(bucket.origin, "the bucket"),)
        if off:
            doubtful = exposure is not None and any(way.status != "neutralised" for way in exposure.ways)
            yield Violation(
                subject=block.origin,
                message=f"{_named(off)} off: {', '.join(_LOSSES[name] for name in off)}",
                evidence=tuple(f"{name} = false" for name in off),
                related=related,
                severity=Severity.MEDIUM if len(off) == 1 and not unknown and not doubtful else None,
            )
        elif unknown:
            name, value = unknown[0]
            yield Undecided(
                subject=block.origin,
                message=f"whether {name} is on is not known: {value.because}",
                related=related,
            )


def _holds(exposure: Exposure | None, name: str) -> Truth:
    """Whether the flag is on for the bucket, by whatever block or policy."""
    flag = None if exposure is None else exposure.flag(name)
    return Truth.UNKNOWN if flag is None else flag.value


def _named(names: list[str]) -> str:
    if len(names) == len(_LOSSES):
        return "all four flags are"
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
