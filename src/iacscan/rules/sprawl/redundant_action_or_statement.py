"""Policy says something twice: an action or resource that a wildcard beside it means too, or a statement within another one.

## Why it matters

It looks as if it could be taken away, and it cannot: whoever deletes `s3:GetObject` from beside `s3:*` has changed nothing. And it counts
against the size of the policy.

## How to fix it

Leave out what is said already, or the wildcard if the list is what was meant:

```hcl
statement {
  actions   = ["s3:GetObject", "s3:PutObject"] # not also s3:*
  resources = ["${aws_s3_bucket.orders.arn}/*"]
}
```

## How to fix it in CloudFormation

Leave out what is said already, or the wildcard if the list is what was meant:

```yaml
- Effect: Allow
  Action: # not also s3:*
    - s3:GetObject
    - s3:PutObject
  Resource: !Sub ${OrdersBucket.Arn}/*
```

## What it leaves alone

Equal permissions in different policies: for these see IAM304 and IAM305.

## When it cannot tell

Nothing is reported: an element that is not known may make the difference. Statements of documents with more than 300 of them are not compared with each other.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.describe import describe
from ...policy.redundancy import Redundant, redundant
from .._documents import texts
from .._rule import Example, Verdict, World, rule

_NAMED: Final = 3
_SHOWN: Final = 4

_POLICY = """
resource "aws_iam_policy" "orders" {%s
  name   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %s, Resource = "arn:aws:s3:::orders/*" }%s]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", '["s3:Get*", "s3:GetObject"]', ""), "s3:Get* means s3:GetObject too")
BAD_STATEMENT = Example(
    _POLICY
    % (
        "  # bad",
        '"s3:GetObject"',
        ', { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "*" }',
    ),
    "the second statement allows all that the first does",
)
GOOD = Example(_POLICY % ("", '["s3:Get*", "s3:PutObject"]', ""))
CONDITIONAL = Example(
    _POLICY
    % (
        "",
        '"s3:GetObject"',
        ', { Effect = "Allow", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }',
    ),
    "the wider statement asks for more",
)


@rule(
    code="IAM316",
    severity=Severity.INFO,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-suggestion-redundant-action",
    ),
    examples=(BAD, BAD_STATEMENT, GOOD, CONDITIONAL),
)
def redundant_action_or_statement(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that says something twice."""
    for text in texts(world):
        found = redundant(text.document)
        if not found:
            continue
        named = "; ".join(map(_clause, found[:_NAMED]))
        more = f"; {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        statements = dict.fromkeys(given for item in found for given in (item.statement, item.other) if given)
        yield Violation(
            subject=text.origin,
            message=f"{named}{more}",
            evidence=tuple(line for statement in list(statements)[:_SHOWN] for line in describe(statement)),
            related=text.related,
            key=text.kind,
        )


def _clause(item: Redundant) -> str:
    if item.statement.hidden:
        return f"{item.statement.label} says something twice"
    if not item.element:
        return f"all that {item.statement.label} is about is in {item.by} already"
    if item.text.lower() == item.by.lower():
        return f"{item.statement.label} names {item.text} twice"
    return f"{item.text} in {item.statement.label} is meant by {item.by} already"
