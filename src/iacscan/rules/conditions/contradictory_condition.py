"""Conditions of a statement contradict each other, or name no value at all.

## Why it matters

All conditions of a statement must hold at once. Where one asks for `prod` and the other for `dev`, or a list came out empty, no request meets them: the Allow
grants nothing and the Deny denies nothing.

## How to fix it

Put values that are alternatives into one list, and things that are to be possible separately into statements of their own:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:PrincipalTag/stage"
  values   = ["prod", "dev"]
}
```

## How to fix it in CloudFormation

Put values that are alternatives into one list, and things that are to be possible separately into statements of their own:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:PrincipalTag/stage:
        - prod
        - dev
```

## What it leaves alone

Keys that no request carries together, which IAM527 is about, and empty lists under `ForAllValues`.

## When it cannot tell

The rule is always certain: it reports only what it can prove from two conditions on one key.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.condition.contradiction import contradictions, is_empty
from ...policy.condition.operators import parse_operator
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, Place, leaves, places
from ._order import is_told_by_another

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::reports/*"
      Condition = { %s }
    }]
  })
}
"""
_KEY = '"aws:PrincipalTag/stage"'

BAD = Example(
    _POLICY % ("  # bad", "Allow", f'StringEquals = {{ {_KEY} = "prod" }}, StringLike = {{ {_KEY} = "dev*" }}'),
    "nobody is of two stages",
)
BAD_NULL = Example(
    _POLICY % ("  # bad", "Deny", f'StringEquals = {{ {_KEY} = "prod" }}, Null = {{ {_KEY} = "true" }}'),
    "high: who has no tag has no stage, and nothing is denied",
)
BAD_EMPTY = Example(_POLICY % ("  # bad", "Allow", f"StringEquals = {{ {_KEY} = [] }}"), "no value will do")
GOOD = Example(_POLICY % ("", "Allow", f'StringEquals = {{ {_KEY} = ["prod", "dev"] }}'))
GOOD_PRESENT = Example(
    _POLICY % ("", "Deny", f'StringNotEquals = {{ {_KEY} = "prod" }}, Null = {{ {_KEY} = "false" }}'),
    "whoever has a stage, and not this one",
)


@rule(
    code="IAM530",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html",
    ),
    examples=(BAD, BAD_NULL, BAD_EMPTY, GOOD, GOOD_PRESENT),
)
def contradictory_condition(world: World) -> Iterator[Verdict]:
    """Yield a violation for each statement with conditions that exclude each other, and each condition without a value."""
    for place in places(world):
        for statement in place.document.statements:
            if len(statement.conditions) < 2:  # noqa: PLR2004  # it takes two to contradict
                continue
            pairs = (
                (Leaf(place, statement, one), Leaf(place, statement, two)) for one, two in contradictions(statement)
            )
            for one, other in pairs:
                if not any(is_told_by_another(leaf, "IAM530") for leaf in (one, other)):
                    yield _violation(place, one, f"no request meets both {one.text} and {other.text}", holds=False)
                    break
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if operator is not None and is_empty(operator, leaf.condition) and not is_told_by_another(leaf, "IAM530"):
            how = "always" if operator.negated else "never"
            said = f"the condition {leaf.condition.operator} {leaf.condition.key} names no value and {how} holds"
            yield _violation(leaf.place, leaf, said, holds=operator.negated)


def _violation(place: Place, leaf: Leaf, said: str, *, holds: bool) -> Violation:
    grave = leaf.denies is Truth.YES or holds
    return Violation(
        subject=place.origin,
        message=f"{said}, {leaf.consequence(holds)}",
        evidence=describe(leaf.statement),
        related=place.related,
        severity=Severity.HIGH if grave else None,
        key=leaf.key,
    )
