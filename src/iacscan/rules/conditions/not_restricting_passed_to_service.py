"""Condition on the service that a role may be passed to admits every service.

## Why it matters

`iam:PassedToService` keeps a role for Lambda from being started on a machine that the caller controls. `*` or `*.amazonaws.com` is every service there is: the
condition is there to be seen, and limits nothing.

## How to fix it

Name the service:

```hcl
condition {
  test     = "StringEquals"
  variable = "iam:PassedToService"
  values   = ["lambda.amazonaws.com"]
}
```

## How to fix it in CloudFormation

Name the service:

```yaml
- Effect: Allow
  Action: iam:PassRole
  Resource: !GetAtt WorkerRole.Arn
  Condition:
    StringEquals:
      iam:PassedToService: lambda.amazonaws.com
```

## What it leaves alone

Patterns for one service in its regions, such as `lambda.amazonaws.com*`. PassRole without the condition: IAM409.

## When it cannot tell

The rule is always certain about the values that it sees. One that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.judge import restricts
from ...policy.condition.operators import Family, parse_operator
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_KEY: Final = "iam:passedtoservice"

_POLICY = """
resource "aws_iam_policy" "deployer" {%s
  name   = "deployer"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111122223333:role/worker"
      Condition = { StringLike = { "iam:PassedToService" = "%s" } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "*.amazonaws.com"), "every service has such a name")
BAD_STAR = Example(_POLICY % ("  # bad", "*"))
GOOD = Example(_POLICY % ("", "lambda.amazonaws.com*"))


@rule(
    code="IAM545",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    ),
    controls=("CWE-269",),
    examples=(BAD, BAD_STAR, GOOD),
)
def not_restricting_passed_to_service(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such condition of an Allow."""
    for leaf in leaves(world):
        if leaf.condition.key.lower() != _KEY or not _admits_all(leaf) or is_told_by_another(leaf, "IAM545"):
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=f"the roles may be passed to any service: {leaf.text} is every service of AWS",
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            key=leaf.key,
        )


def _admits_all(leaf: Leaf) -> bool:
    operator = parse_operator(leaf.condition.operator)
    asks = operator is not None and operator.family is Family.STRING and not operator.negated
    return asks and leaf.denies is Truth.NO and restricts(leaf.condition) is Truth.NO
