"""Operator compares another type than the condition key holds.

## Why it matters

`StringEquals` on `aws:SourceIp` compares letters: an address never equals the range `203.0.113.0/24`. `Bool` on a VPC's id, or `NumericLessThan` on a date, compares
what cannot be compared. AWS stores the policy, and the condition never holds: an Allow grants nothing, and a Deny denies nothing.

## How to fix it

Use the operator for the type that the key holds:

```hcl
condition {
  test     = "IpAddress" # not StringEquals
  variable = "aws:SourceIp"
  values   = ["203.0.113.0/24"]
}
```

## How to fix it in CloudFormation

Use the operator for the type that the key holds:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    IpAddress: # not StringEquals
      aws:SourceIp: 203.0.113.0/24
```

## What it leaves alone

Operators for texts on ARNs, which work; operators for ARNs on texts that may hold one (IAM517 looks at the values); tags, which hold whatever is written
into them; keys of services that AWS lists as texts, as long as the value is what the operator compares: some of these hold numbers and booleans.

## When it cannot tell

The rule is always certain: it speaks of keys whose type AWS gives. Claims of identity providers have none.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.keys import Type
from ...policy.condition.operators import Family, Operator, parse_operator
from ...policy.condition.types import Fit, fit, is_number, key_type
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_HOLDS: Final = {
    Type.STRING: "a text",
    Type.ARN: "an ARN",
    Type.BOOL: "true or false",
    Type.NUMERIC: "a number",
    Type.DATE: "a date",
    Type.IP: "an address",
}
_COMPARES: Final = {
    Family.STRING: "letters",
    Family.ARN: "ARNs",
    Family.BOOL: "true and false",
    Family.NUMERIC: "numbers",
    Family.DATE: "dates",
    Family.IP: "addresses",
}
_REMEDIES: Final = {
    Type.STRING: "StringEquals or StringLike",
    Type.ARN: "ArnEquals or ArnLike",
    Type.BOOL: "Bool",
    Type.NUMERIC: "one of the Numeric operators",
    Type.DATE: "one of the Date operators",
    Type.IP: "IpAddress or NotIpAddress",
}
_BOOLEANS: Final = frozenset(("true", "false"))

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::reports/*"
      Condition = { %s = { "%s" = "%s" } }
    }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "Deny", "StringEquals", "aws:SourceIp", "203.0.113.0/24"), "high: nothing is denied"
)
BAD_PRESENCE = Example(_POLICY % ("  # bad", "Allow", "Bool", "aws:SourceVpce", "true"), "no endpoint is called true")
BAD_TEXT = Example(
    _POLICY % ("  # bad", "Deny", "StringEquals", "aws:SecureTransport", "false"),
    "low: it works as long as nobody writes False",
)
GOOD = Example(_POLICY % ("", "Deny", "IpAddress", "aws:SourceIp", "203.0.113.0/24"))
GOOD_ARN = Example(_POLICY % ("", "Allow", "StringLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"))


@rule(
    code="IAM518",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("Access Analyzer TYPE_MISMATCH",),
    examples=(BAD, BAD_PRESENCE, BAD_TEXT, GOOD, GOOD_ARN),
)
def operator_key_type_mismatch(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition whose operator and key do not go together."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        found = Fit.FITS if operator is None else fit(operator, leaf.condition)
        type_ = key_type(leaf.condition.key)
        if operator is None or type_ is None or found is Fit.FITS or is_told_by_another(leaf, "IAM518"):
            continue
        works = found is Fit.AS_TEXT and _may_equal(leaf, type_)
        pair = f"{leaf.condition.key} holds {_HOLDS[type_]}, and {leaf.condition.operator} compares {_COMPARES[operator.family]}"
        yield Violation(
            subject=leaf.place.origin,
            message=f"{pair}: {'it works for one spelling only' if works else _consequence(leaf, operator)}",
            evidence=(leaf.text, *describe(leaf.statement)),
            related=leaf.place.related,
            severity=Severity.LOW if works else _severity(leaf, operator, type_),
            remedy=f"Use {_REMEDIES[type_]}.",
            key=leaf.key,
        )


def _may_equal(leaf: Leaf, type_: Type) -> bool:
    """Whether a value written as the key writes it would be found."""
    values = [value for value in leaf.condition.values if isinstance(value, str)]
    return all(map(is_number, values)) if type_ is Type.NUMERIC else type_ is Type.BOOL and _BOOLEANS.issuperset(values)


def _consequence(leaf: Leaf, operator: Operator) -> str:
    return f"the condition {'always' if operator.negated else 'never'} holds, {leaf.consequence(operator.negated)}"


def _severity(leaf: Leaf, operator: Operator, type_: Type) -> Severity:
    """A Deny that never denies, and an Allow that keeps nobody out, are worse than an Allow that grants nothing."""
    ranges = type_ is Type.IP and operator.family is Family.STRING and not operator.wildcards
    grave = ranges or (leaf.denies is Truth.YES) != operator.negated
    return Severity.HIGH if grave else Severity.MEDIUM
