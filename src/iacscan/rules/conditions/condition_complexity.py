"""Statement has more conditions than a reader can foresee the effect of.

## Why it matters

Conditions fail silently: when a request is refused, nothing says which of them refused it, and when one lets everything pass, nothing says so either. Each more
makes both likelier. Keep the ones that you test.

## How to fix it

Say as much as possible with actions, resources and principals, and split the rest, so that each statement has one thing to say:

```hcl
statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.reports.arn}/${local.team}/*"] # instead of a condition on a tag
}
```

## How to fix it in CloudFormation

Say as much as possible with actions, resources and principals, and split the rest, so that each statement has one thing to say:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/controlling/* # instead of a condition on a tag
```

## What it leaves alone

Up to three keys of up to two kinds, as long as AWS explains them in the IAM guide or the service's own. `Null`, which belongs beside `ForAllValues`. Denies that
keep outsiders away and spare AWS services, for which AWS's own samples need as many.

## When it cannot tell

The rule is always certain about the conditions that it sees. More of them could only add to it.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.complexity import families, is_explained, keys
from ...policy.condition.known import exists
from ...policy.condition.perimeter import border, makes_exceptions
from ...policy.describe import describe
from ...policy.document import Statement
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import places

_KEYS: Final = 3
_FAMILIES: Final = 2

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Resource  = "*"
      Condition = { %s }
    }]
  })
}
"""

_TEAM: Final = '"aws:PrincipalTag/team" = "a", "aws:ResourceTag/team" = "a"'
_ROLES: Final = 'StringLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/a-*" }'
_OUTSIDE: Final = 'NotIpAddressIfExists = { "aws:SourceIp" = "198.51.100.0/24" }'
_EXEMPT: Final = (
    'StringNotEqualsIfExists = { "aws:SourceVpc" = "vpc-0123456789abcdef0", "aws:PrincipalTag/exempt" = "true" }'
)
_DIRECT: Final = 'BoolIfExists = { "aws:ViaAWSService" = "false" }'

BAD = Example(
    _POLICY % ("  # bad", "Allow", f'StringEquals = {{ {_TEAM}, "aws:ResourceAccount" = "111122223333" }}, {_ROLES}'),
    "four keys",
)
BAD_KEY = Example(
    _POLICY % ("  # bad", "Allow", 'StringEquals = { "s3:signatureversion" = "AWS4-HMAC-SHA256" }'),
    "a key that few policies use",
)
GOOD = Example(_POLICY % ("", "Allow", f"StringEquals = {{ {_TEAM} }}"))
GOOD_PERIMETER = Example(_POLICY % ("", "Deny", f"{_OUTSIDE}, {_EXEMPT}, {_DIRECT}"), "as AWS's samples write it")


@rule(
    code="IAM501",
    severity=Severity.INFO,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    ),
    examples=(BAD, BAD_KEY, GOOD, GOOD_PERIMETER),
)
def condition_complexity(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such statement."""
    for place in places(world):
        for statement in place.document.statements:
            found = tuple(_reasons(statement))
            if found:
                yield Violation(
                    subject=place.origin,
                    message=f"{statement.label} {' and '.join(found)}: when a request is refused, nothing says by which condition",
                    evidence=describe(statement),
                    related=place.related,
                    key=statement.sid or str(statement.index + 1),
                )


def _reasons(statement: Statement) -> Iterator[str]:
    asked = keys(statement.conditions)
    if any(map(border, statement.conditions)) and makes_exceptions(statement.conditions) is Truth.YES:
        return
    if len(asked) > _KEYS:
        yield f"asks for {len(asked)} condition keys"
    kinds = families(statement.conditions)
    if len(kinds) > _FAMILIES:
        yield f"compares {len(kinds)} kinds of values"
    rare = [key for key in asked if not is_explained(key) and exists(key) is Truth.YES]
    if rare:
        yield f"rests on {', '.join(rare[:_KEYS])}, which few policies use"
