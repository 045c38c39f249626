"""Public bucket holds the code, the logs or the state of other resources.

## Why it matters

What a bucket is used for decides what it means that it is public. Whoever may replace the package of a function runs code with the function's role; build artifacts and
templates likewise. Trails and access logs show attackers what is there and whether anybody looks. Terraform's state holds every password that the configuration ever set.

## How to fix it

Close the bucket; none of these uses needs strangers.

```hcl
resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
```

## How to fix it in CloudFormation

Close the bucket; none of these uses needs strangers.

```yaml
ArtifactsBucket:
  Type: AWS::S3::Bucket
  Properties:
    PublicAccessBlockConfiguration:
      BlockPublicAcls: true
      IgnorePublicAcls: true
      BlockPublicPolicy: true
      RestrictPublicBuckets: true
```

## What it leaves alone

Public buckets that nothing else in the input uses, which the rules on policies and ACLs report alone. It says in addition to these what is at stake. That a bucket keeps Terraform's
state is guessed from its name.

## When it cannot tell

Whether the bucket is public is not known: then the rules on its policy and ACLs say so.
"""

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from ...exposure import uses_of
from ...finding import Confidence, Related, Severity, Violation
from .._rule import Example, Verdict, World, rule
from . import _bucket

_KINDS: Final[tuple[Literal["policy", "acl"], ...]] = ("policy", "acl")


class _Use(Struct, frozen=True):
    """What a bucket is used for: what strangers may do who can read it, and who can write to it."""

    noun: str
    read: str
    write: str


_RUN: Final = "replace the code that it runs"
_FORGE: Final = "change and delete what would show an attack"
_USES: Final = {
    "function-code": _Use("the code of", "read the code", _RUN),
    "job-code": _Use("the script of", "read the code", _RUN),
    "build-artifact": _Use("artifacts of", "read what is built", "replace what is deployed"),
    "template": _Use("the template of", "read the template", "replace the template"),
    "trail-log": _Use("the audit log of", "read who did what in the account", _FORGE),
    "config-log": _Use("the inventory of", "read what there is in the account", _FORGE),
    "balancer-log": _Use("access logs of", "read every request", _FORGE),
    "flow-log": _Use("network logs of", "read who talks to whom", _FORGE),
    "access-log": _Use("access logs of", "read every request", _FORGE),
    "query-result": _Use("query results of", "read the results", "replace the results"),
    "state": _Use("Terraform's state, by its name:", "read every secret in it", "change what Terraform believes to be there"),
}  # fmt: skip

_BUCKET = """
resource "aws_s3_bucket" "artifacts" {%s
  bucket = "example-artifacts"
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = %s, Resource = "${aws_s3_bucket.artifacts.arn}/*" }]
  })
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = %s
}
"""
_FUNCTION = """
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::111122223333:role/orders"
  runtime       = "python3.13"
  handler       = "orders.handle"
  s3_bucket     = aws_s3_bucket.artifacts.id
  s3_key        = "orders.zip"
}
"""
_TRAIL = """
resource "aws_cloudtrail" "all" {
  name           = "all"
  s3_bucket_name = aws_s3_bucket.artifacts.id
}
"""

BAD = Example(
    _BUCKET % ("  # bad", '["s3:GetObject", "s3:PutObject"]', "false") + _FUNCTION,
    "anyone may replace a function's code",
)
BAD_TRAIL = Example(_BUCKET % ("  # bad", '"s3:GetObject"', "false") + _TRAIL, "anyone may read the audit log")
CLOSED = Example(_BUCKET % ("", '"s3:GetObject"', "true") + _FUNCTION, "the block keeps strangers out")
UNUSED = Example(_BUCKET % ("", '"s3:GetObject"', "false"), "public, but nothing uses it")


@rule(
    code="IAM916",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
    ),
    controls=("Security Hub CloudTrail.6", "CWE-284"),
    examples=(BAD, BAD_TRAIL, CLOSED, UNUSED),
)
def public_bucket_with_sensitive_role(world: World) -> Iterator[Verdict]:
    """Yield a violation for each public bucket and each kind of use that other resources make of it."""
    for exposure in _bucket.exposures(world):
        openings = [found for kind in _KINDS if (found := _bucket.opening(exposure, kind)) is not None]
        if not openings:
            continue
        worst = max(openings, key=lambda found: (found.writes, found.status == "open"))
        by_use: dict[str, list[Related]] = {}
        for use in uses_of(world.graph, exposure.bucket):
            text = _USES[use.use]
            by_use.setdefault(use.use, []).append(Related(use.origin, f"keeps {text.noun.split(' of')[0]} there"))
        for name, related in by_use.items():
            text = _USES[name]
            whose = related[0].origin.address + (f" and {len(related) - 1} more" if len(related) > 1 else "")
            deed = text.write if worst.writes else text.read
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"the bucket holds {text.noun} {whose}, and {worst.who} may {deed}",
                evidence=worst.evidence,
                related=(
                    *(item for item in related if item.origin != exposure.bucket.origin),
                    *_bucket.places(world, worst),
                ),
                severity=None if worst.status == "open" else Severity.HIGH,
                confidence=Confidence.MEDIUM if name == "state" or worst.status != "open" else None,
                key=name,
            )
