"""Two exceptions cancel each other, or "none of these" is written as "some other than these".

## Why it matters

One Deny for all but `vpc-a` and another for all but `vpc-b` deny everybody: who comes from `vpc-a` is not in `vpc-b`. And `ForAnyValue:StringNotEquals` in
an Allow asks for one value that is not in the list, so a request with the forbidden value and any other one passes.

## How to fix it

Put all exceptions into one condition: the values of a negated operator are excepted together.

```hcl
condition {
  test     = "StringNotEquals"
  variable = "aws:SourceVpc"
  values   = ["vpc-0123456789abcdef0", "vpc-0fedcba9876543210"]
}
```

Exceptions by different keys belong in one statement, too. For "none of these" in an Allow write `ForAllValues:StringNotEquals`, with `Null ... false` beside it.

## How to fix it in CloudFormation

Put all exceptions into one condition: the values of a negated operator are excepted together.

```yaml
- Effect: Deny
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringNotEquals:
      aws:SourceVpc:
        - vpc-0123456789abcdef0
        - vpc-0fedcba9876543210
    Bool:
      aws:ViaAWSService: "false"
```

Exceptions by different keys belong in one statement, too. For "none of these" in an Allow write `ForAllValues:StringNotEquals`, with `Null ... false` beside it.

## What it leaves alone

Negated operators with several values: they mean "none of these", as they should. `ForAnyValue:StringNotEquals` in a Deny, which stops requests with anything
that is not in a list.

## When it cannot tell

A value of one of the exceptions is not known yet, so that both may name the same.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.exceptions import deny_everybody
from ...policy.condition.operators import parse_operator
from ...policy.condition.presence import is_multivalued
from ...policy.describe import describe
from ...policy.document import Statement
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Place, leaves, places

_ANY: Final = "ForAnyValue"

_BUCKET = """
resource "aws_s3_bucket" "reports" {
  bucket = "reports"
}

resource "aws_s3_bucket_policy" "reports" {%s
  bucket = aws_s3_bucket.reports.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      {
        Effect    = "Deny"
        Action    = "s3:GetObject"
        Principal = "*"
        Resource  = "${aws_s3_bucket.reports.arn}/*"
        Condition = { StringNotEquals = { "aws:SourceVpc" = %s } }
      },
      {
        Effect    = "Deny"
        Action    = "s3:*"
        Principal = "*"
        Resource  = "${aws_s3_bucket.reports.arn}/*"
        Condition = { %s }
      },
    ]
  })
}
"""
_TAGS = """
resource "aws_iam_policy" "tags" {%s
  name   = "tags"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "ec2:CreateTags"
      Resource  = "*"
      Condition = { "%s:StringNotEquals" = { "aws:TagKeys" = ["team"] } }
    }]
  })
}
"""
_A, _B = '"vpc-0123456789abcdef0"', '"vpc-0fedcba9876543210"'

BAD = Example(_BUCKET % ("  # bad", _A, f'StringNotEquals = {{ "aws:SourceVpc" = {_B} }}'), "high: nobody may read")
BAD_KEYS = Example(
    _BUCKET % ("  # bad", _A, 'NotIpAddress = { "aws:SourceIp" = "198.51.100.0/24" }'),
    "high: who comes from the VPC has no public address, and who has one does not come from the VPC",
)
BAD_ANY = Example(_TAGS % ("  # bad", "Allow", "ForAnyValue"), "with a second tag the first may be set")
GOOD = Example(_BUCKET % ("", f"[{_A}, {_B}]", 'Bool = { "aws:SecureTransport" = "false" }'))
GOOD_ANY = Example(_TAGS % ("", "Deny", "ForAnyValue"), "any tag but team is denied")
UNDECIDED = Example(
    _BUCKET % ("  # undecided", "var.vpc", f'StringNotEquals = {{ "aws:SourceVpc" = {_B} }}') + '\nvariable "vpc" {}\n'
)


@rule(
    code="IAM528",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_KEYS, BAD_ANY, GOOD, GOOD_ANY, UNDECIDED),
)
def negated_list_misuse(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each pair of Denies that leave nobody, and for each Allow of "some other than these"."""
    for place in places(world):
        denies = [item for item in place.document.statements if item.effect == "Deny" and item.conditions]
        for one, other in combinations(denies, 2):
            yield from _pair(place, one, other)
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if operator is None or operator.quantifier != _ANY or not operator.negated or leaf.denies is not Truth.NO:
            continue
        if is_multivalued(leaf.condition.key) is not Truth.YES:
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=f"one value of {leaf.condition.key} that is not in the list is enough, whatever else the request carries",
            evidence=(leaf.text, *describe(leaf.statement)),
            related=leaf.place.related,
            remedy=f'Write ForAllValues:{operator.name}, and Null {leaf.condition.key} "false" beside it.',
            key=leaf.key,
        )


def _pair(place: Place, one: Statement, other: Statement) -> Iterator[Verdict]:
    answer = deny_everybody(one, other)
    evidence = (*describe(one), *describe(other))
    key = f"{one.sid or one.index + 1}&{other.sid or other.index + 1}"
    both = f"{one.label} and {other.label}"
    if answer is Truth.YES:
        yield Violation(
            subject=place.origin,
            message=f"{both} together deny everybody: whom the one excepts, the other does not",
            evidence=evidence,
            related=place.related,
            severity=Severity.HIGH,
            remedy="Put both exceptions into one statement.",
            key=key,
        )
    elif answer is Truth.UNKNOWN:
        yield Undecided(
            subject=place.origin,
            message=f"{both} together deny everybody, unless a value that is not known is in both exceptions",
            evidence=evidence,
            related=place.related,
            key=key,
        )
