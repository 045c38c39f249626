"""Condition compares a key that holds a list as if it held one value.

## Why it matters

What AWS makes of `StringEquals` on a list is not defined: the statement may apply to some requests with the value, or to none. AWS asks for
`ForAnyValue` or `ForAllValues` before the operator, which say what is meant.

## How to fix it

Say before the operator whether one value is enough or each must match:

```hcl
condition {
  test     = "ForAnyValue:StringLike" # one value is enough
  variable = "aws:PrincipalOrgPaths"
  values   = ["o-exampleorg1/r-ab12/ou-ab12-11111111/*"]
}
```

In an Allow, `ForAllValues` needs the condition `Null ... false` beside it.

## How to fix it in CloudFormation

Say before the operator whether one value is enough or each must match:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ForAnyValue:StringLike: # one value is enough
      aws:PrincipalOrgPaths: o-exampleorg1/r-ab12/ou-ab12-11111111/*
```

In an Allow, `ForAllValues` needs the condition `Null ... false` beside it.

## What it leaves alone

`Null`, which asks only whether there is a list, and `events:source`, `events:detail-type` and the keys of Identity Store, which AWS's own guides
compare without a prefix.

## When it cannot tell

The rule is always certain: it speaks of keys that AWS lists as lists, and of no others.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Violation
from ...policy.condition.keys import key_info
from ...policy.condition.operators import Family, parse_operator
from ...policy.condition.presence import is_multivalued
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import leaves

_COMPARED_SO: Final = ("events:", "identitystore:")

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "*"
      Condition = { "%s" = { "%s" = "%s" } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "StringEquals", "aws:CalledVia", "athena.amazonaws.com"))
BAD_PATHS = Example(_POLICY % ("  # bad", "StringLike", "aws:PrincipalOrgPaths", "o-exampleorg1/r-ab12/*"))
GOOD = Example(_POLICY % ("", "ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com"))
GOOD_FIRST = Example(_POLICY % ("", "StringEquals", "aws:CalledViaFirst", "athena.amazonaws.com"), "one value")
GOOD_NULL = Example(_POLICY % ("", "Null", "aws:CalledVia", "false"), "asks whether there is a list")


@rule(
    code="IAM510",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("Access Analyzer MISSING_QUALIFIER",),
    examples=(BAD, BAD_PATHS, GOOD, GOOD_FIRST, GOOD_NULL),
)
def multivalued_key_without_set_operator(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition on a list that says neither ForAnyValue nor ForAllValues."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        key = leaf.condition.key
        if operator is None or operator.quantifier or operator.family is Family.NULL:
            continue
        if is_multivalued(key) is not Truth.YES or key.lower().startswith(_COMPARED_SO):
            continue
        written = leaf.condition.operator
        yield Violation(
            subject=leaf.place.origin,
            message=f"{key} holds a list, and {written} compares one value: whether it ever holds is not defined",
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            confidence=None if key_info(key) else Confidence.MEDIUM,
            remedy=f"Write ForAnyValue:{written} if one value of the list is enough, ForAllValues:{written} if each must match.",
            key=leaf.key,
        )
