"""Condition compares with an operator that takes `*` and `?` literally, so the value never matches.

## Why it matters

`StringEquals` with `repo:org/*` asks for a request that holds a star. None does: an Allow then grants nothing, a Deny never denies, and with
`StringNotEquals` the exception that was meant excepts nobody. AWS accepts all of it without a word.

## How to fix it

Compare with the operator that knows wildcards, `StringLike` for texts and `ArnLike` for ARNs:

```hcl
condition {
  test     = "StringLike" # ArnLike for ARNs
  variable = "token.actions.githubusercontent.com:sub"
  values   = ["repo:ORG/REPO:ref:refs/tags/v*"]
}
```

## How to fix it in CloudFormation

Compare with the operator that knows wildcards, `StringLike` for texts and `ArnLike` for ARNs:

```yaml
- Effect: Allow
  Principal:
    Federated: !Ref GithubProvider
  Action: sts:AssumeRoleWithWebIdentity
  Condition:
    StringEquals:
      token.actions.githubusercontent.com:aud: sts.amazonaws.com
    StringLike:
      token.actions.githubusercontent.com:sub: repo:ORG/REPO:ref:refs/tags/v*
```

## What it leaves alone

`StringLike`, `ArnEquals` and `ArnLike`, in which wildcards work, the escaped `${*}`, and keys whose values may well hold a star
(`kms:EncryptionContext:...`, `dynamodb:LeadingKeys`).

## When it cannot tell

The rule is always certain: an operator and a wildcard are seen or they are not. Values that are not known are counted in the report's coverage.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.literal import literal_wildcards
from ...policy.condition.operators import Family, Operator, parse_operator
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_SHOWN: Final = 3

_TRUST = """
resource "aws_iam_role" "ci" {%s
  name               = "ci"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { %s = { "token.actions.githubusercontent.com:sub" = "repo:org/repo:*" } }
    }]
  })
}
"""
_POLICY = """
resource "aws_iam_policy" "perimeter" {%s
  name   = "perimeter"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { %s = { %s } } }]
  })
}
"""

BAD = Example(_TRUST % (" # bad", "StringEquals"), "no subject holds a star, so nobody can assume the role")
BAD_EXCEPTION = Example(
    _POLICY % (" # bad", "StringNotEquals", '"aws:PrincipalArn" = "arn:aws:iam::111122223333:role/admin-*"'),
    "the administrators are denied as well",
)
BAD_ADDRESS = Example(_POLICY % (" # bad", "NotIpAddress", '"aws:SourceIp" = "203.0.113.*"'), "not an address range")
GOOD = Example(_TRUST % ("", "StringLike"))
GOOD_ARN = Example(_POLICY % ("", "ArnNotEquals", '"aws:PrincipalArn" = "arn:aws:iam::111122223333:role/admin-*"'))
GOOD_VARIABLE = Example(
    _POLICY % ("", "StringNotEquals", '"aws:ResourceTag/owner" = "$${aws:username}$${*}"'), "an escaped star"
)


@rule(
    code="IAM503",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("Access Analyzer WILDCARD_WITHOUT_LIKE_OPERATOR",),
    examples=(BAD, BAD_EXCEPTION, BAD_ADDRESS, GOOD, GOOD_ARN, GOOD_VARIABLE),
)
def wildcard_in_exact_operator(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition with such a value."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if operator is None:
            continue
        dead = literal_wildcards(operator, leaf.condition)
        if not dead or is_told_by_another(leaf, "IAM503"):
            continue
        shown = " and ".join(f'"{value}"' for value in dead[:_SHOWN])
        yield Violation(
            subject=leaf.place.origin,
            message=f"{leaf.condition.operator} takes {shown} literally, {_consequence(leaf, operator, dead)}",
            evidence=(leaf.text,),
            related=leaf.place.related,
            severity=Severity.MEDIUM if leaf.denies is not Truth.YES and not operator.negated else Severity.HIGH,
            remedy=_remedy(operator, dead),
            key=leaf.key,
        )


def _consequence(leaf: Leaf, operator: Operator, dead: list[str]) -> str:
    if len(dead) == len(leaf.condition.values):
        return leaf.consequence(operator.negated)
    return "so nobody is excepted by it" if operator.negated else "so nothing matches it"


def _remedy(operator: Operator, dead: list[str]) -> str:
    if operator.family is not Family.STRING:
        return f"Write values of the kind that {operator.name} compares; it has no wildcards."
    like = "Like" if all(value.startswith("arn:") for value in dead) else ""
    name = f"Arn{'Not' if operator.negated else ''}Like" if like else f"String{'Not' if operator.negated else ''}Like"
    return f"Use {name}, in which wildcards work."
