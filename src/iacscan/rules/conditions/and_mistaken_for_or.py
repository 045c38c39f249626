"""Condition asks for two things that no request has at once, where one or the other was meant.

## Why it matters

All conditions of a statement must hold. A request comes over the internet, and then has `aws:SourceIp`, or through a VPC endpoint, and then has
`aws:SourceVpce`; never both. "From the office or through the endpoint", written as two conditions, lets nobody in; in a Deny it denies nobody.

## How to fix it

Write one Allow for each way in:

```hcl
statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.reports.arn}/*"]
  condition {
    test     = "IpAddress"
    variable = "aws:SourceIp"
    values   = ["198.51.100.0/24"]
  }
}

statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.reports.arn}/*"]
  condition {
    test     = "StringEquals"
    variable = "aws:SourceVpce"
    values   = ["vpce-0123456789abcdef0"]
  }
}
```

In an endpoint's network, the caller's address is `aws:VpcSourceIp`.

## How to fix it in CloudFormation

Write one Allow for each way in:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    IpAddress:
      aws:SourceIp: 198.51.100.0/24
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:SourceVpce: !Ref S3Endpoint
```

In an endpoint's network, the caller's address is `aws:VpcSourceIp`.

## What it leaves alone

Denies with negated operators: "deny what comes neither from here nor from there" is said exactly so. Conditions with `IfExists`.

## When it cannot tell

The rule is always certain: keys that exclude each other do so whatever their values are.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.condition.alternatives import excluded_by, exclusive
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, places
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
      Principal = "*"
      Resource  = "${aws_s3_bucket.reports.arn}/*"
      Condition = { %s }
    }]
  })
}
"""
_ENDPOINT = '"aws:SourceVpce" = "vpce-0123456789abcdef0"'
_OFFICE = '"aws:SourceIp" = "198.51.100.0/24"'

BAD = Example(
    _BUCKET % ("  # bad", "Allow", f"StringEquals = {{ {_ENDPOINT} }}, IpAddress = {{ {_OFFICE} }}"),
    "no request has both",
)
BAD_SERVICE = Example(
    _BUCKET
    % (
        "  # bad",
        "Allow",
        'Bool = { "aws:PrincipalIsAWSService" = "true" }, StringEquals = { "aws:PrincipalOrgID" = "o-exampleorg1" }',
    ),
    "no service belongs to an organization",
)
GOOD = Example(
    _BUCKET % ("", "Deny", f"StringNotEquals = {{ {_ENDPOINT} }}, NotIpAddress = {{ {_OFFICE} }}"),
    "denied is what comes neither way",
)
GOOD_ONE = Example(_BUCKET % ("", "Allow", f"StringEquals = {{ {_ENDPOINT} }}"))


@rule(
    code="IAM527",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    ),
    examples=(BAD, BAD_SERVICE, GOOD, GOOD_ONE),
)
def and_mistaken_for_or(world: World) -> Iterator[Verdict]:
    """Yield a violation for each statement with two such conditions."""
    for place in places(world):
        for statement in place.document.statements:
            both = exclusive(statement)
            if both is None:
                continue
            one, other = (Leaf(place, statement, item) for item in both)
            if is_told_by_another(one, "IAM527") or is_told_by_another(other, "IAM527"):
                continue
            who = excluded_by(one.condition.key, other.condition.key)
            why = f": {one.condition.key} is for {who[0]}, {other.condition.key} for {who[1]}" if who else ""
            yield Violation(
                subject=place.origin,
                message=f"no request has {one.condition.key} and {other.condition.key} at once{why}, {one.consequence(holds=False)}",
                evidence=describe(statement),
                related=place.related,
                severity=Severity.HIGH if one.denies is Truth.YES else None,
                remedy="Make two statements of it, one for each condition.",
                key=f"{one.key}&{other.condition.key}",
            )
