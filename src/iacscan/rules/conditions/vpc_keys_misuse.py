"""Condition on a private address names no VPC, or a condition on a VPC stands beside services, which come out of none.

## Why it matters

Everybody may have a VPC with addresses in 10.0.0.0/8. `aws:VpcSourceIp` alone admits the same address in anybody's VPC, so that it keeps out nobody who knows the range.
An AWS service that calls in its own name comes out of no VPC of its customer: a statement that lets it in through an endpoint lets it in never.

## How to fix it

Name the VPC beside the address in it:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:SourceVpc"
  values   = [aws_vpc.main.id]
}

condition {
  test     = "IpAddress"
  variable = "aws:VpcSourceIp"
  values   = ["10.20.0.0/16"]
}
```

## How to fix it in CloudFormation

Name the VPC beside the address in it:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:SourceVpc: !Ref OfficeVpc
    IpAddress:
      aws:VpcSourceIp: 10.20.0.0/16
```

## What it leaves alone

Denies of an address range, and statements that name an account, an organization or a VPC besides.

## When it cannot tell

The rule is always certain: what it needs is in the statement.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.lacking import ENDPOINT, Group
from ...policy.condition.presence import admits_anyone
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._callers import lacking, names_no_vpc
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_BUCKET = """
resource "aws_s3_bucket" "reports" {
  bucket = "reports"
}

resource "aws_s3_bucket_policy" "reports" {%s
  bucket = aws_s3_bucket.reports.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Principal = %s
      Resource  = "${aws_s3_bucket.reports.arn}/*"
      Condition = { %s }
    }]
  })
}
"""
_RANGE: Final = '{ "aws:VpcSourceIp" = "10.20.0.0/16" }'
_VPC: Final = 'StringEquals = { "aws:SourceVpc" = "vpc-0123456789abcdef0" }'

BAD = Example(_BUCKET % ("  # bad", "Allow", '"*"', f"IpAddress = {_RANGE}"), "high: in whose VPC?")
BAD_DENY = Example(_BUCKET % ("  # bad", "Deny", '"*"', f"NotIpAddress = {_RANGE}"), "spares every VPC's 10.20")
BAD_SERVICE = Example(
    _BUCKET % ("  # bad", "Allow", '{ Service = "cloudfront.amazonaws.com" }', _VPC), "CloudFront is in no VPC"
)
GOOD = Example(_BUCKET % ("", "Allow", '"*"', f"IpAddress = {_RANGE}, {_VPC}"))


@rule(
    code="IAM543",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-vpcsourceip",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcevpc",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_DENY, BAD_SERVICE, GOOD),
)
def vpc_keys_misuse(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such condition."""
    for leaf in leaves(world):
        if leaf.condition.key.lower() not in ENDPOINT or is_told_by_another(leaf, "IAM543"):
            continue
        if lacking(leaf) is Group.SERVICES and leaf.holds_without_key is False:
            said = f"AWS services come out of no VPC of yours and carry no {leaf.condition.key}, {leaf.consequence(holds=False)}"
            yield _violation(leaf, said, None)
        elif names_no_vpc(leaf):
            passes = "are spared" if leaf.denies is Truth.YES else "are let in"
            said = f"requests with such an address in anybody's VPC {passes}: nothing says which VPC is meant"
            grave = leaf.denies is Truth.NO and admits_anyone(leaf.statement)
            yield _violation(leaf, said, Severity.HIGH if grave else None)


def _violation(leaf: Leaf, message: str, severity: Severity | None) -> Violation:
    return Violation(
        subject=leaf.place.origin,
        message=message,
        evidence=describe(leaf.statement),
        related=leaf.place.related,
        severity=severity,
        key=leaf.key,
    )
