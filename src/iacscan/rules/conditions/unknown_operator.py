"""Condition uses an operator that AWS does not have.

## Why it matters

Most services refuse the policy, and the deployment stops half-way. Where it is stored all the same, the condition never holds: an Allow grants
nothing, and a Deny that was to protect something denies nothing.

## How to fix it

Write the prefix first, then the operator, then `IfExists`:

```hcl
condition {
  test     = "ForAnyValue:StringLike" # quantifier first, then the operator, then IfExists
  variable = "aws:PrincipalOrgPaths"
  values   = ["o-exampleorg1/r-ab12/*"]
}
```

## How to fix it in CloudFormation

Write the prefix first, then the operator, then `IfExists`:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ForAnyValue:StringLike:
      aws:PrincipalOrgPaths: o-exampleorg1/r-ab12/*
```

## What it leaves alone

Every operator that AWS documents, in any case, with `IfExists` behind it or `ForAllValues:` and `ForAnyValue:` before it; `Null` takes neither.

## When it cannot tell

The rule is always certain: the list of operators is complete. An operator that is not known makes the whole condition unknown, which the
report's coverage counts.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.condition.operators import names, parse_operator, suggest
from ...policy.describe import describe
from .._rule import Example, Verdict, World, rule
from ._leaves import leaves

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::reports/*"
      Condition = { "%s" = { "aws:PrincipalTag/team" = "reports" } }
    }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", "StringContains"))
BAD_ORDER = Example(_POLICY % (" # bad", "StringEqualsIfExist"), "a letter is missing")
BAD_PREFIX = Example(_POLICY % (" # bad", "ForAnyValues:StringEquals"), "a letter too many")
GOOD = Example(_POLICY % ("", "StringEqualsIfExists"))
GOOD_CASE = Example(_POLICY % ("", "forAnyValue:stringlike"), "case does not matter")


@rule(
    code="IAM516",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    controls=("Access Analyzer INVALID_CONDITION_OPERATOR",),
    examples=(BAD, BAD_ORDER, BAD_PREFIX, GOOD, GOOD_CASE),
)
def unknown_operator(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition with such an operator."""
    for leaf in leaves(world):
        operator = leaf.condition.operator
        if parse_operator(operator) is not None or "⟦" in operator:
            continue
        meant = suggest(operator)
        yield Violation(
            subject=leaf.place.origin,
            message=f'"{operator}" is no condition operator: AWS refuses the policy, or never applies {leaf.statement.label}',
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            remedy=f"Did you mean {meant}?" if meant else f"Use one of {', '.join(names())}.",
            key=leaf.key,
        )
