"""Condition compares with something that is no date, or with a date after which the statement means nothing.

## Why it matters

A date that AWS cannot read is never met: the Allow that was to end next month has never begun. And a date that is over leaves a statement behind that only looks as if
it did something: a Deny "until June" denies nothing in July.

## How to fix it

Write the time with its zone:

```hcl
condition {
  test     = "DateLessThan"
  variable = "aws:CurrentTime"
  values   = ["2027-06-30T23:59:59Z"]
}
```

Take out grants that are over; who needs access again should ask again.

## How to fix it in CloudFormation

Write the time with its zone, and in quotes, so that YAML leaves it as it is:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    DateLessThan:
      aws:CurrentTime: "2027-06-30T23:59:59Z"
```

Take out grants that are over; who needs access again should ask again.

## What it leaves alone

Dates from which on something holds: they have done their work when they are over. `aws:TokenIssueTime`, with which sessions are revoked.

## When it cannot tell

A time of day without its zone: AWS does not say what it makes of `2027-06-30T23:59:59`.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.dates import are_past, is_date
from ...policy.condition.operators import Family, parse_operator
from ...policy.describe import describe
from ...policy.pattern import has_wildcard
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_NOW: Final = frozenset(("aws:currenttime", "aws:epochtime"))
_UNTIL: Final = ("LessThan", "LessThanEquals")
_SHOWN: Final = 3

_POLICY = """
resource "aws_iam_policy" "auditors" {%s
  name   = "auditors"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::reports/*"
      Condition = { %s = { "aws:CurrentTime" = "%s" } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "Allow", "DateLessThan", "30.06.2199"), "not a date that AWS reads")
BAD_DENY = Example(_POLICY % ("  # bad", "Deny", "DateLessThan", "2020-06-30T23:59:59Z"), "the Deny has ended")
BAD_PAST = Example(_POLICY % ("  # bad", "Allow", "DateLessThan", "2020-06-30"), "low: a grant that is over")
GOOD = Example(_POLICY % ("", "Allow", "DateLessThan", "2199-06-30T23:59:59Z"))
GOOD_FROM = Example(_POLICY % ("", "Allow", "DateGreaterThan", "2020-06-30"), "begun long ago")
UNDECIDED = Example(_POLICY % ("  # undecided", "Allow", "DateLessThan", "2199-06-30T23:59:59"), "of which zone?")


@rule(
    code="IAM519",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date",
        "https://www.w3.org/TR/NOTE-datetime",
    ),
    controls=("Access Analyzer INVALID_DATE",),
    examples=(BAD, BAD_DENY, BAD_PAST, GOOD, GOOD_FROM, UNDECIDED),
)
def bad_or_past_date(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each condition on a date that is none, or over."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if (
            operator is None
            or operator.family not in (Family.DATE, Family.NUMERIC)
            or is_told_by_another(leaf, "IAM519")
        ):
            continue
        values = [value for value in leaf.condition.values if isinstance(value, str)]
        written = values if operator.family is Family.DATE else []
        judged = {
            value: is_date(value)
            for value in written
            if "${" not in value and "⟦" not in value and not has_wildcard(value)
        }
        dead = [value for value, answer in judged.items() if answer is Truth.NO]
        evidence, related = (leaf.text, *describe(leaf.statement)), leaf.place.related
        if dead:
            shown = " and ".join(f'"{value}"' for value in dead[:_SHOWN])
            whole = len(dead) == len(leaf.condition.values)
            then = leaf.consequence(operator.negated) if whole else "so that part of the condition does nothing"
            yield Violation(
                subject=leaf.place.origin,
                message=f"{shown} is no date that AWS reads, {then}",
                evidence=evidence,
                related=related,
                severity=Severity.HIGH if whole and leaf.denies is Truth.YES else None,
                remedy="Write the date as 2027-06-30T23:59:59Z.",
                key=leaf.key,
            )
        elif Truth.UNKNOWN in judged.values():
            yield Undecided(
                subject=leaf.place.origin,
                message=f"what AWS makes of a time without zone is not documented: write Z after {next(iter(judged))} if UTC is meant",
                evidence=evidence,
                related=related,
                key=leaf.key,
            )
        elif _ends(leaf) and are_past(leaf.condition.values, world.today):
            yield Violation(
                subject=leaf.place.origin,
                message=f"the statement ended with {', '.join(values[:_SHOWN])}, {leaf.consequence(holds=False)}",
                evidence=evidence,
                related=related,
                severity=Severity.LOW if leaf.denies is Truth.NO else None,
                remedy="Take the statement out.",
                key=leaf.key,
            )


def _ends(leaf: Leaf) -> bool:
    """Whether a condition holds until a date."""
    operator = parse_operator(leaf.condition.operator)
    return operator is not None and leaf.condition.key.lower() in _NOW and operator.name.endswith(_UNTIL)
