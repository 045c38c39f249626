"""Access point does not keep strangers out.

## Why it matters

An access point is a second door to a bucket, with a policy of its own. Its public access block is set once: it cannot be
switched on later, only by making the access point anew.

## How to fix it

Leave `public_access_block_configuration` out, which switches all four flags on. If the access point is for one network, say so:

```hcl
resource "aws_s3_access_point" "reports" {
  bucket = aws_s3_bucket.data.id
  name   = "reports"

  vpc_configuration {
    vpc_id = aws_vpc.main.id
  }
}
```

## How to fix it in CloudFormation

Leave `PublicAccessBlockConfiguration` out, which switches all four flags on. If the access point is for one network, say so:

```yaml
ReportsAccessPoint:
  Type: AWS::S3::AccessPoint
  Properties:
    Bucket: !Ref DataBucket
    Name: reports
    VpcConfiguration:
      VpcId: !Ref OfficeVpc
```

## What it leaves alone

Access points that answer only inside a VPC: they are never public.

## When it cannot tell

A flag of the access point's block is not known.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...model import s3
from ...policy.describe import describe
from ...policy.public import ACCESS_POINT, Reach, public_statements
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule

_BUCKET = """
resource "aws_s3_bucket" "data" {
  bucket = "example-data"
}
"""
_POINT = """
resource "aws_s3_access_point" "reports" {%s
  bucket = aws_s3_bucket.data.id
  name   = "reports"
%s}
"""
_BLOCK = """
  public_access_block_configuration {
    block_public_acls       = true
    ignore_public_acls      = true
    block_public_policy     = %s
    restrict_public_buckets = %s
  }
"""

OFF = Example(_BUCKET + _POINT % ("  # bad", _BLOCK % ("false", "false")), "two flags are off, for good")
DEFAULT = Example(_BUCKET + _POINT % ("", ""), "without a block all four are on")
NETWORK = Example(
    _BUCKET
    + _POINT % ("", _BLOCK % ("false", "false") + '\n  vpc_configuration {\n    vpc_id = "vpc-0a1b2c3d"\n  }\n'),
    "it answers only inside a VPC",
)
UNDECIDED = Example(
    'variable "restrict" {}\n' + _BUCKET + _POINT % ("  # undecided", _BLOCK % ("true", "var.restrict")),
    "a flag without a value",
)


@rule(
    code="IAM908",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html",),
    controls=("Security Hub S3.19", "CWE-284"),
    examples=(OFF, DEFAULT, NETWORK, UNDECIDED),
)
def access_point_public(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each access point on the internet whose block is not all on."""
    for point in world.estate.access_points:
        if point.vpc_only or point.block is None:
            continue
        off = [name for name, value in point.block.flags if value is False]
        unknown = [(name, value) for name, value in point.block.flags if isinstance(value, Unknown)]
        bucket = world.graph.bucket(point.bucket, point.origin.account)
        related = () if bucket is None else (Related(bucket.origin, "the bucket"),)
        if off:
            public = _public(point) if "restrict_public_buckets" in off else ()
            policy = f", and its policy is public: {public[0].because}" if public else ""
            yield Violation(
                subject=point.origin,
                message=f"the access point leaves {', '.join(off)} off, which cannot be changed later{policy}",
                evidence=tuple(line for found in public if found.statement for line in describe(found.statement))
                or tuple(f"{name} = false" for name in off),
                related=related,
            )
        elif unknown:
            name, value = unknown[0]
            yield Undecided(
                subject=point.origin,
                message=f"whether {name} of the access point is on is not known: {value.because}",
                related=related,
            )


def _public(point: s3.AccessPoint) -> tuple[Reach, ...]:
    """The statements of its policy that let strangers in for certain."""
    if point.document is None:
        return ()
    return tuple(found for found in public_statements(point.document, ACCESS_POINT) if found.is_public is Truth.YES)
