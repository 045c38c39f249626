"""Condition compares an ARN with a text that is no ARN, so it never matches.

## Why it matters

`ArnLike` and `ArnEquals` compare part by part, and an ARN has six parts. A role's name, an account's number or an ARN with a colon too few matches
nothing: an Allow grants nothing, and a Deny with an exception for a role denies that role as well.

## How to fix it

Compare with a whole ARN, of six parts:

```hcl
condition {
  test     = "ArnLike"
  variable = "aws:PrincipalArn"
  values   = ["arn:aws:iam::111122223333:role/deploy-*"]
}
```

## How to fix it in CloudFormation

Compare with a whole ARN, of six parts:

```yaml
- Effect: Deny
  Principal: "*"
  Action: s3:DeleteObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ArnNotLike:
      aws:PrincipalArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/deploy-*
```

## What it leaves alone

Values with policy variables, and values of which a part is not known.

## When it cannot tell

The last part is a star that may have to stand for several, as in `*` or `arn:aws:s3:*`: AWS does not say what it makes of them.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.arn import REST, parse_arn
from ...policy.condition.operators import Family, parse_operator
from ...policy.describe import describe
from ...policy.pattern import has_wildcard
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

_PARTITIONS: Final = frozenset((
    "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
))  # fmt: skip
_PARTS: Final = 6
_SHOWN: Final = 3
# Keys that hold the ARN of a principal, and the services that principals' ARNs name.
_PRINCIPAL: Final = "aws:principalarn"
_PRINCIPAL_SERVICES: Final = frozenset(("iam", "sts"))

_POLICY = """
resource "aws_iam_policy" "guard" {%s
  name   = "guard"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "kms:ScheduleKeyDeletion"
      Resource  = "*"
      Condition = { %s = { "aws:PrincipalArn" = "%s" } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "ArnNotLike", "key-admin"), "the name of the role: nobody is excepted")
BAD_COLON = Example(
    _POLICY % ("  # bad", "ArnNotEquals", "arn:aws:iam:111122223333:role/key-admin"), "a colon is missing"
)
BAD_SERVICE = Example(
    _POLICY % ("  # bad", "ArnLike", "arn:aws:s3:::contractor-*"), "no principal is a bucket: nothing is denied"
)
GOOD = Example(_POLICY % ("", "ArnNotLike", "arn:aws:iam::111122223333:role/key-admin"))
GOOD_TEXT = Example(
    _POLICY % ("", "StringNotLike", "*key-admin"), "an operator for texts, in which a star may be anything"
)
UNDECIDED = Example(_POLICY % ("  # undecided", "ArnNotLike", "arn:aws:iam::*"), "five parts, of which one is a star")


@rule(
    code="IAM517",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    ),
    examples=(BAD, BAD_COLON, BAD_SERVICE, GOOD, GOOD_TEXT, UNDECIDED),
)
def malformed_arn_in_arn_operator(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each condition with such a value."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if operator is None or operator.family is not Family.ARN:
            continue
        judged = {value: _is_arn(value, leaf) for value in leaf.condition.values if isinstance(value, str)}
        dead = [value for value, answer in judged.items() if answer is Truth.NO]
        evidence = (leaf.text, *describe(leaf.statement))
        if dead:
            shown = " and ".join(f'"{value}"' for value in dead[:_SHOWN])
            whole = len(dead) == len(leaf.condition.values)
            consequence = leaf.consequence(operator.negated) if whole else "so that part of the condition does nothing"
            grave = leaf.denies is Truth.YES or operator.negated
            yield Violation(
                subject=leaf.place.origin,
                message=f"{leaf.condition.key} is never {shown}, {consequence}",
                evidence=evidence,
                related=leaf.place.related,
                severity=Severity.HIGH if grave else Severity.MEDIUM,
                key=leaf.key,
            )
        elif Truth.UNKNOWN in judged.values():
            yield Undecided(
                subject=leaf.place.origin,
                message=f"what AWS makes of a value of {leaf.condition.key} with fewer than six parts and a star is not documented",
                evidence=evidence,
                related=leaf.place.related,
                key=leaf.key,
            )


def _is_arn(value: str, leaf: Leaf) -> Truth:
    """Whether some ARN that the key may hold matches a value."""
    if "${" in value or REST in value or value.startswith("⟦"):
        return Truth.YES
    arn = parse_arn(value)
    if arn is None:
        parts = value.split(":")
        open_ended = len(parts) < _PARTS and parts[-1] == "*" and (parts[0] == "arn" or len(parts) == 1)
        return Truth.UNKNOWN if open_ended else Truth.NO
    fixed = {"partition": arn.partition, "service": arn.service}
    literal = {name: text for name, text in fixed.items() if text and not has_wildcard(text) and "⟦" not in text}
    if literal.get("partition", "aws") not in _PARTITIONS or not arn.partition:
        return Truth.NO
    if leaf.condition.key.lower() == _PRINCIPAL:
        return Truth.of(known=literal.get("service", "iam") in _PRINCIPAL_SERVICES)
    return Truth.YES
