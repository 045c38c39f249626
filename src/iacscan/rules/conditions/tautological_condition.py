"""Condition holds for every request, or for none, because `*` matches whatever there is.

## Why it matters

It looks like a limit and is none: `StringLike aws:RequestedRegion "*"` is every region, `aws:PrincipalOrgID "*"` every organization in the world. In a Deny the
negated form never holds, and nothing is denied.

## How to fix it

Name the values that you mean, or leave the condition out:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:PrincipalOrgID"
  values   = ["o-exampleorg1"]
}
```

To ask only whether a key is there, `Null` says so.

## How to fix it in CloudFormation

Name the values that you mean, or leave the condition out:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:PrincipalOrgID: o-exampleorg1
```

To ask only whether a key is there, `Null` says so.

## What it leaves alone

Stars on keys that a request may lack, such as tags: there the condition asks whether there is one. `aws:SecureTransport`, which says something about
services that also answer without TLS. Addresses: IAM506. `iam:PassedToService`: IAM545.

## When it cannot tell

The rule is always certain: it speaks of keys that AWS says are in each request, and of values that match everything.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.condition.presence import admits_anyone
from ...policy.condition.tautology import names_nobody, settled
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_TOPIC = """
resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

resource "aws_sns_topic_policy" "alerts" {%s
  arn    = aws_sns_topic.alerts.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "sns:Publish"
      Principal = { AWS = "%s" }
      Resource  = aws_sns_topic.alerts.arn
      Condition = { %s }
    }]
  })
}
"""
_ROOT = "arn:aws:iam::111122223333:root"

BAD = Example(
    _TOPIC % ("  # bad", "Allow", _ROOT, 'StringLike = { "aws:RequestedRegion" = "*" }'), "each request has a region"
)
BAD_ORGANIZATION = Example(
    _TOPIC % ("  # bad", "Allow", "*", 'StringLike = { "aws:PrincipalOrgID" = "*" }'), "high: whichever organization"
)
BAD_DENY = Example(
    _TOPIC % ("  # bad", "Deny", _ROOT, 'StringNotLike = { "aws:PrincipalAccount" = "*" }'), "high: never holds"
)
BAD_EXEMPTION = Example(
    """
resource "aws_organizations_policy" "trails" { # bad
  name    = "trails"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "cloudtrail:StopLogging"
      Resource  = "*"
      Condition = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:*" } }
    }]
  })
}
""",
    "high: everybody is excepted",
)
GOOD = Example(_TOPIC % ("", "Allow", "*", 'StringEquals = { "aws:PrincipalOrgID" = "o-exampleorg1" }'))
GOOD_TAG = Example(
    _TOPIC % ("", "Allow", _ROOT, 'StringLike = { "aws:PrincipalTag/team" = "*" }'), "only callers with the tag"
)


@rule(
    code="IAM531",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_ORGANIZATION, BAD_DENY, BAD_EXEMPTION, GOOD, GOOD_TAG),
)
def tautological_condition(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such condition."""
    for leaf in leaves(world):
        holds = settled(leaf.condition, leaf.statement)
        anybody = holds is None and leaf.denies is Truth.NO and names_nobody(leaf.condition)
        if (holds is None and not anybody) or is_told_by_another(leaf, "IAM531"):
            continue
        said = f"holds for {'any request that has one' if anybody else 'every request' if holds else 'no request'}"
        then = "so it does not say whose" if anybody else leaf.consequence(holds)
        yield Violation(
            subject=leaf.place.origin,
            message=f"the condition {leaf.text} {said}, {then}",
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            severity=_severity(leaf, holds=holds),
            key=leaf.key,
        )


def _severity(leaf: Leaf, *, holds: bool | None) -> Severity | None:
    """A Deny that denies nothing, and the only guard of a statement for everybody, are worse than a word too many."""
    if leaf.denies is Truth.YES:
        return Severity.HIGH if holds is False else None
    if holds is False:
        return Severity.MEDIUM
    return Severity.HIGH if admits_anyone(leaf.statement) and len(leaf.statement.conditions) == 1 else None
