"""Deny asks for a value of a key that the dangerous requests do not carry, and lets them pass.

## Why it matters

A condition without `IfExists` is not met where the key is missing, and a Deny that is not met denies nothing. Unsigned requests do not say whether
they come from an AWS service; requests without MFA do not say how old it is; long-term access keys have no time of issue.

## How to fix it

Put `IfExists` behind the operator, so that requests without the key are denied, too:

```hcl
condition {
  test     = "BoolIfExists"
  variable = "aws:PrincipalIsAWSService"
  values   = ["false"]
}
```

## How to fix it in CloudFormation

Put `IfExists` behind the operator, so that requests without the key are denied, too:

```yaml
- Effect: Deny
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringNotEqualsIfExists:
      aws:PrincipalOrgID: o-exampleorg1
    BoolIfExists:
      aws:PrincipalIsAWSService: "false"
```

## What it leaves alone

Policies that let no unsigned request in anyhow, policies of roles, which have no long-term keys, the statement with which AWS revokes older sessions,
and Denies beside which another one stops requests without the key. `aws:MultiFactorAuthPresent` has a rule of its own, IAM514.

## When it cannot tell

The value that is compared is not known.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Severity, Undecided, Violation
from ...policy.condition.judge import ANONYMOUS, holds
from ...policy.condition.mfa import LONG_TERM_KEY
from ...policy.condition.operators import parse_operator
from ...policy.condition.presence import admits_anyone
from ...policy.describe import describe
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves


class _Trap(Struct, frozen=True):
    """A key that the requests which a Deny is made for lack: the operators and the value that betray it, and who passes."""

    operators: tuple[str, ...]
    passes: str
    value: str | None = None
    unsigned: bool = False


_TRAPS: Final = {
    "aws:principalisawsservice": _Trap(("Bool",), "unsigned requests of anybody", value="false", unsigned=True),
    "aws:multifactorauthage": _Trap(
        ("NumericGreaterThan", "NumericGreaterThanEquals"), "requests that come without any MFA"
    ),
    "aws:tokenissuetime": _Trap(("DateLessThan", "DateLessThanEquals"), "requests with a long-term access key"),
}
_REVOKES: Final = "revokeoldersessions"  # the Sid that AWS gives to the statement with which it revokes sessions

_POLICY = """
resource "aws_iam_group" "people" {
  name = "people"
}

resource "aws_iam_group_policy" "mfa" {%s
  group  = aws_iam_group.people.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "ec2:*", Resource = "*", Condition = { %s } }]
  })
}
"""
_GUARDRAIL = """
resource "aws_organizations_policy" "perimeter" {%s
  name    = "perimeter"
  type    = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-exampleorg1" }
        %s                      = { "aws:PrincipalIsAWSService" = %s }
      }
    }]
  })
}
"""

BAD = Example(_GUARDRAIL % ("  # bad", "Bool", '"false"'), "unsigned requests are not denied")
BAD_AGE = Example(
    _POLICY % ("  # bad", 'NumericGreaterThan = { "aws:MultiFactorAuthAge" = "3600" }'),
    "who has not used MFA at all is not denied",
)
GOOD = Example(_GUARDRAIL % ("", "BoolIfExists", '"false"'))
GOOD_AGE = Example(_POLICY % ("", 'NumericGreaterThanIfExists = { "aws:MultiFactorAuthAge" = "3600" }'))
UNDECIDED = Example(_GUARDRAIL % ("  # undecided", "Bool", "var.value") + '\nvariable "value" {}\n')


@rule(
    code="IAM512",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_AGE, GOOD, GOOD_AGE, UNDECIDED),
)
def positive_operator_in_deny_on_optional_key(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Deny that its own condition keeps from those it is made for."""
    for leaf in leaves(world):
        trap = _TRAPS.get(leaf.condition.key.lower())
        operator = parse_operator(leaf.condition.operator)
        if trap is None or leaf.denies is not Truth.YES or operator is None or operator.name not in trap.operators:
            continue
        if operator.if_missing is not False or not _passes(leaf, trap) or _is_stopped(leaf, trap):
            continue
        sought = _is_sought(leaf, trap)
        evidence, related = describe(leaf.statement), leaf.place.related
        if sought is Truth.YES:
            yield Violation(
                subject=leaf.place.origin,
                message=f"{trap.passes} are not denied: they carry no {leaf.condition.key}",
                evidence=evidence,
                related=related,
                remedy=f"Write {leaf.condition.operator}IfExists.",
                key=leaf.key,
            )
        elif sought is Truth.UNKNOWN:
            yield Undecided(
                subject=leaf.place.origin,
                message=f"{trap.passes} are not denied, which matters if the Deny is made for them: its value is not known",
                evidence=evidence,
                related=related,
                key=leaf.key,
            )


def _passes(leaf: Leaf, trap: _Trap) -> bool:
    """Whether there are such requests, and they meet the other conditions of the statement."""
    others = tuple(item for item in leaf.statement.conditions if item is not leaf.condition)
    if not trap.unsigned:
        revokes = (leaf.statement.sid or "").lower().endswith(_REVOKES)
        return leaf.has_long_term_keys and not revokes and holds(others, LONG_TERM_KEY) is Truth.YES
    allowed = leaf.place.is_guardrail or any(
        other.effect == "Allow" and admits_anyone(other) for other in leaf.place.document.statements
    )
    return allowed and admits_anyone(leaf.statement) and holds(others, ANONYMOUS) is Truth.YES


def _is_stopped(leaf: Leaf, trap: _Trap) -> bool:
    callers = ANONYMOUS if trap.unsigned else LONG_TERM_KEY
    return leaf.is_denied_without_key or leaf.is_denied_elsewhere(callers)


def _is_sought(leaf: Leaf, trap: _Trap) -> Truth:
    """Whether the value is the one that those who pass would have, if they carried the key."""
    if trap.value is None:
        return Truth.YES
    values = leaf.condition.values
    if any(isinstance(value, Unknown) for value in values):
        return Truth.UNKNOWN
    return Truth.of(known=any(isinstance(value, str) and value.lower() == trap.value for value in values))
