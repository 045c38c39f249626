"""Statement is limited to regions that the global services in it are never called in.

## Why it matters

IAM, Organizations, Route 53, CloudFront and Support have one endpoint for the whole world, and the region of a request to them is us-east-1, wherever the caller is. An Allow
"in Frankfurt only" never allows them, and a Deny "outside Frankfurt" always denies them.

## How to fix it

Give the global services a statement of their own:

```hcl
statement {
  actions   = ["iam:GetRole", "route53:ListHostedZones"]
  resources = ["*"]
}

statement {
  actions   = ["ec2:*"]
  resources = ["*"]
  condition {
    test     = "StringEquals"
    variable = "aws:RequestedRegion"
    values   = ["eu-central-1"]
  }
}
```

## How to fix it in CloudFormation

Give the global services a statement of their own:

```yaml
- Effect: Allow
  Action:
    - iam:GetRole
    - route53:ListHostedZones
  Resource: "*"
- Effect: Allow
  Action: ec2:Describe*
  Resource: "*"
  Condition:
    StringEquals:
      aws:RequestedRegion: eu-central-1
```

## What it leaves alone

Allows of everything, and of actions that another statement allows; regions of other partitions; policies of the organization, which IAM708 is about.

## When it cannot tell

The regions are not all known, so that us-east-1 may be among them: then it keeps silent.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.judge import holds
from ...policy.describe import describe
from ...policy.document import Statement
from ...policy.grant import possible_actions, statement_actions
from ...policy.regions import HOME, global_actions, regions_asked
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, Place, places
from ._order import is_told_by_another

_SHOWN: Final = 3

_POLICY = """
resource "aws_iam_policy" "operators" {%s
  name   = "operators"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = %s
      Resource  = "*"
      Condition = { %s = { "aws:RequestedRegion" = %s } }
    }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "Allow", '["route53:ListHostedZones"]', "StringEquals", '"eu-central-1"'), "never allowed"
)
BAD_PART = Example(
    _POLICY % ("  # bad", "Allow", '["ec2:*", "iam:GetRole"]', "StringEquals", '"eu-central-1"'), "low: one of two"
)
BAD_DENY = Example(
    _POLICY % ("  # bad", "Deny", '"*"', "StringNotEquals", '["eu-central-1"]'), "nobody may call IAM any more"
)
GOOD = Example(_POLICY % ("", "Allow", '["ec2:*"]', "StringEquals", '"eu-central-1"'))
GOOD_HOME = Example(_POLICY % ("", "Allow", '["iam:GetRole"]', "StringEquals", '["eu-central-1", "us-east-1"]'))


@rule(
    code="IAM542",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion",
        "https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints",
    ),
    examples=(BAD, BAD_PART, BAD_DENY, GOOD, GOOD_HOME),
)
def requested_region_on_global_service(world: World) -> Iterator[Verdict]:
    """Yield a violation for each statement that global services never, or always, come under."""
    for place in places(world):
        if place.is_guardrail:
            continue
        for statement in place.document.statements:
            asked = regions_asked(statement)
            if not asked or any(is_told_by_another(Leaf(place, statement, item), "IAM542") for item in asked):
                continue
            if statement.effect == "Allow" and holds(asked, HOME) is Truth.NO:
                yield from _never(place, statement)
            elif statement.effect == "Deny" and holds(statement.conditions, HOME, of_all=True) is Truth.YES:
                yield from _always(place, statement)


def _never(place: Place, statement: Statement) -> Iterator[Verdict]:
    actions = possible_actions(statement)
    stuck = actions & global_actions()
    for other in place.document.statements:
        if other.effect == "Allow" and other.index != statement.index:
            stuck -= possible_actions(other)
    if not stuck or actions.covers(global_actions()):
        return
    whole = not actions - global_actions()
    names = ", ".join(stuck.compressed(_SHOWN))
    then = "so the statement allows nothing" if whole else "so the statement never allows them"
    yield _violation(
        place, statement, f"requests for {names} are made to us-east-1, {then}", None if whole else Severity.LOW
    )


def _always(place: Place, statement: Statement) -> Iterator[Verdict]:
    stuck = statement_actions(statement)[0] & global_actions()
    if stuck:
        names = ", ".join(stuck.compressed(_SHOWN + 2))
        yield _violation(
            place, statement, f"requests for {names} are made to us-east-1, so the Deny stops them everywhere", None
        )


def _violation(place: Place, statement: Statement, message: str, severity: Severity | None) -> Violation:
    return Violation(
        subject=place.origin,
        message=message,
        evidence=describe(statement),
        related=place.related,
        severity=severity,
        key=statement.label,
    )
