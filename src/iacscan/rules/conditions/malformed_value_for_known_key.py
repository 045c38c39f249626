"""Condition compares a key with a value that the key can never have.

## Why it matters

An account id that has lost its leading zero, an organization's path without the slash at its end, `lambda` for `lambda.amazonaws.com`: AWS stores all of these, and no
request ever matches. An Allow then grants nothing; a Deny with an exception denies the exception as well.

## How to fix it

Write the value in the form that the key has:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:SourceAccount"
  values   = ["012345678901"] # in quotes: as a number it loses its zero
}
```

## How to fix it in CloudFormation

Write the value in the form that the key has, and account ids in quotes:

```yaml
- Effect: Allow
  Principal:
    Service: cloudtrail.amazonaws.com
  Action: s3:PutObject
  Resource: !Sub ${TrailBucket.Arn}/AWSLogs/*
  Condition:
    StringEquals:
      aws:SourceAccount: "012345678901" # in quotes: as a number it loses its zero
```

## What it leaves alone

Values that are not known yet, policy variables, and wildcards behind which a right value may stand. Values that are wrong only in upper and lower case, ARNs in
operators for ARNs (IAM517), wildcards that are taken literally (IAM503) and dates (IAM519).

## When it cannot tell

The rule is always certain: it speaks of keys whose form AWS documents. A value that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.operators import Operator, parse_operator
from ...policy.condition.values import impossible_values
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_SHOWN: Final = 3
_ACCOUNT: Final = 12  # digits of an account id

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "%s"
      Resource  = "*"
      Condition = { %s = { "%s" = %s } }
    }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "Deny", "s3:GetObject", "StringNotEquals", "aws:ResourceAccount", "12345678901"),
    "a digit is missing: JSON numbers have no leading zeros",
)
BAD_PATH = Example(
    _POLICY
    % (
        "  # bad", "Allow", "s3:GetObject", '"ForAnyValue:StringEquals"', "aws:PrincipalOrgPaths",
        '"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"',
    ),
    "paths end with a slash",
)  # fmt: skip
BAD_SERVICE = Example(_POLICY % ("  # bad", "Allow", "iam:PassRole", "StringEquals", "iam:PassedToService", '"lambda"'))
GOOD = Example(_POLICY % ("", "Deny", "s3:GetObject", "StringNotEquals", "aws:ResourceAccount", '"012345678901"'))
GOOD_PATH = Example(
    _POLICY
    % (
        "", "Allow", "s3:GetObject", '"ForAnyValue:StringLike"', "aws:PrincipalOrgPaths",
        '"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"',
    )
)  # fmt: skip
GOOD_SERVICE = Example(
    _POLICY % ("", "Allow", "iam:PassRole", "StringLike", "iam:PassedToService", '"lambda.amazonaws.com*"')
)


@rule(
    code="IAM522",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html#access_policies_last-accessed-viewing-orgs-entity-path",
    ),
    examples=(BAD, BAD_PATH, BAD_SERVICE, GOOD, GOOD_PATH, GOOD_SERVICE),
)
def malformed_value_for_known_key(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition with such a value; one for all statements of a policy with the same condition."""
    alike: dict[tuple[str, object, Truth], list[Leaf]] = {}
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if operator is None or not impossible_values(operator, leaf.condition) or is_told_by_another(leaf, "IAM522"):
            continue
        alike.setdefault((leaf.place.origin.address, leaf.condition, leaf.denies), []).append(leaf)
    for found in alike.values():
        yield from _verdict(found)


def _verdict(alike: list[Leaf]) -> Iterator[Verdict]:
    leaf = alike[0]
    operator = parse_operator(leaf.condition.operator)
    if operator is None:
        return
    found = impossible_values(operator, leaf.condition)
    whole = len(found) == len(leaf.condition.values)
    shown = " or ".join(f'"{value}"' for value in list(found)[:_SHOWN])
    then = leaf.consequence(operator.negated) if whole else "so that part of the condition does nothing"
    yield Violation(
        subject=leaf.place.origin,
        message=f"{leaf.condition.key} is never {shown}, {then}",
        evidence=(leaf.text, *(line for item in alike for line in describe(item.statement))),
        related=leaf.place.related,
        severity=_severity(leaf, operator) if whole else Severity.LOW,
        remedy=_remedy(found),
        key=leaf.key,
    )


def _severity(leaf: Leaf, operator: Operator) -> Severity:
    """An Allow that grants nothing is noticed; the rest is not."""
    return Severity.HIGH if leaf.denies is Truth.YES or operator.negated else Severity.MEDIUM


def _remedy(found: dict[str, str]) -> str:
    value, words = next(iter(found.items()))
    if value.isdecimal() and len(value) < _ACCOUNT and "account id" in words:
        return f'Write "{value.zfill(_ACCOUNT)}", in quotes, if that is the account: a number loses its leading zeros.'
    return f"Write {words}."
