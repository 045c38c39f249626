"""Condition compares with a value that is right but for upper and lower case.

## Why it matters

`StringEquals` and `StringLike` mind case: to them `EU-WEST-1` is no region and `aes256` no algorithm. The condition never holds; a Deny with it protects
nothing, and an Allow grants nothing.

## How to fix it

Write the value as AWS does, or compare without regard to case:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:RequestedRegion"
  values   = ["eu-west-1"]
}
```

## How to fix it in CloudFormation

Write the value as AWS does, or compare without regard to case:

```yaml
- Effect: Allow
  Action: ec2:DescribeInstances
  Resource: "*"
  Condition:
    StringEquals:
      aws:RequestedRegion: eu-west-1
```

## What it leaves alone

Operators with `IgnoreCase`, values that stand beside their right spelling, and texts that everybody writes as he likes: names of people, and tags other than those
of users and roles in the input.

## When it cannot tell

The rule is always certain: it speaks of values whose spelling AWS fixes, and of tags that the input shows.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Violation
from ...policy.condition.operators import Family, Operator, parse_operator
from ...policy.condition.spelling import misspelt
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_TAG: Final = "aws:principaltag/"
_SHOWN: Final = 3

_POLICY = """
resource "aws_iam_policy" "uploads" {%s
  name   = "uploads"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:PutObject"
      Resource  = "*"
      Condition = { %s = { "%s" = %s } }
    }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "Allow", "StringEquals", "aws:RequestedRegion", '"EU-WEST-1"'), "regions are in lower case"
)
BAD_DENY = Example(
    _POLICY % ("  # bad", "Deny", "StringEquals", "s3:x-amz-storage-class", '"glacier"'), "high: nothing is denied"
)
BAD_TAG = Example(
    _POLICY % ("  # bad", "Allow", "StringEquals", "aws:PrincipalTag/team", '"Archive"')
    + """
resource "aws_iam_user" "clerk" {
  name = "clerk"
  tags = { team = "archive" }
}
""",
    "those who have the tag have it in lower case",
)
GOOD = Example(_POLICY % ("", "Allow", "StringEquals", "aws:RequestedRegion", '"eu-west-1"'))
GOOD_IGNORE = Example(_POLICY % ("", "Allow", "StringEqualsIgnoreCase", "aws:RequestedRegion", '"EU-WEST-1"'))


@rule(
    code="IAM529",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String",
    ),
    examples=(BAD, BAD_DENY, BAD_TAG, GOOD, GOOD_IGNORE),
)
def value_case_mismatch(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition with such a value."""
    tags = _tags(world)
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if operator is None:
            continue
        found = misspelt(operator, leaf.condition)
        seen = {} if found else _other_than_seen(operator, leaf, tags)
        if not (found or seen) or is_told_by_another(leaf, "IAM529"):
            continue
        wrong = found or seen
        whole = len(wrong) == len(leaf.condition.values)
        pairs = ", ".join(f'"{value}" is "{right}"' for value, right in list(wrong.items())[:_SHOWN])
        then = leaf.consequence(operator.negated) if whole else "so that part of the condition does nothing"
        of_whom = "for those in the input who have the tag" if seen else "to AWS"
        yield Violation(
            subject=leaf.place.origin,
            message=f"{pairs} {of_whom}, and {leaf.condition.operator} minds case, {then}",
            evidence=(leaf.text, *describe(leaf.statement)),
            related=leaf.place.related,
            severity=_severity(leaf, operator) if whole else Severity.LOW,
            confidence=Confidence.LOW if seen else None,
            key=leaf.key,
        )


def _severity(leaf: Leaf, operator: Operator) -> Severity | None:
    """An Allow that grants nothing is noticed; the rest is not."""
    return Severity.HIGH if (leaf.denies is Truth.YES) != operator.negated else None


def _tags(world: World) -> dict[str, set[str]]:
    """The values of tags of users and roles in the input, by the tag in lower case."""
    found: dict[str, set[str]] = {}
    for principal in (*world.estate.users, *world.estate.roles):
        for tag, value in principal.tags:
            if isinstance(value, str):
                found.setdefault(tag.lower(), set()).add(value)
    return found


def _other_than_seen(operator: Operator, leaf: Leaf, tags: dict[str, set[str]]) -> dict[str, str]:
    """Values of a tag of callers that nobody in the input has but in another case."""
    key = leaf.condition.key.lower()
    if not key.startswith(_TAG) or operator.family is not Family.STRING or operator.ignore_case:
        return {}
    held = tags.get(key.removeprefix(_TAG), set())
    folded = {value.lower(): value for value in sorted(held)}
    written = [value for value in leaf.condition.values if isinstance(value, str)]
    return {
        value: folded[value.lower()]
        for value in written
        if value not in held and value.lower() in folded and folded[value.lower()] not in written
    }
