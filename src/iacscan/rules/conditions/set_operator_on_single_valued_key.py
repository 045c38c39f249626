"""ForAllValues compares a condition key that has one value, and so also holds for requests without it.

## Why it matters

On a key with one value `ForAllValues` does nothing but one thing: it turns "must be this" into "must be this, or absent". An Allow that should
admit one organization then admits callers of no organization, and a trust policy tokens without the claim.

## How to fix it

Leave the prefix out:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:PrincipalOrgID"
  values   = ["o-exampleorg1"]
}
```

## How to fix it in CloudFormation

Leave the prefix out:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:PrincipalOrgID: o-exampleorg1
```

## What it leaves alone

`ForAnyValue`, which does no harm on a key with one value, and keys that another condition of the statement demands. Negated operators in a Deny
hold without the key anyhow.

## When it cannot tell

The rule is always certain about the keys that AWS describes. Claims of identity providers, of which it is not known whether they are lists, are
left to IAM508.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.operators import parse_operator
from ...policy.condition.presence import is_demanded, is_multivalued, may_be_missing
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

_SUBJECT: Final = ":sub"  # what IAM210 takes as not checked if it is compared like this

_POLICY = """
resource "aws_iam_role" "partner" {%s
  name               = "partner"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" }
      Condition = { "%s" = { "%s" = "%s" } }
    }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-exampleorg1"),
    "accounts of no organization get in",
)

BAD_DENY = Example(
    """
resource "aws_iam_policy" "guard" {  # bad
  name   = "guard"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "s3:*"
      Resource  = "*"
      Condition = { "ForAllValues:StringEquals" = { "aws:SourceVpce" = "vpce-0123456789abcdef0" } }
    }]
  })
}
""",
    "requests that come through no endpoint are denied as well",
)

GOOD = Example(_POLICY % ("", "StringEquals", "aws:PrincipalOrgID", "o-exampleorg1"))

GOOD_ANY = Example(
    _POLICY % ("", "ForAnyValue:StringEquals", "aws:PrincipalOrgID", "o-exampleorg1"), "odd, but it means the same"
)

GOOD_LIST = Example(
    _POLICY % ("", "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-exampleorg1/*"), "a key with several values"
)


@rule(
    code="IAM509",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("Access Analyzer FORALLVALUES_WITH_SINGLE_VALUED_KEY", "CWE-284"),
    examples=(BAD, BAD_DENY, GOOD, GOOD_ANY, GOOD_LIST),
)
def set_operator_on_single_valued_key(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such condition."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        key = leaf.condition.key
        if operator is None or operator.quantifier != "ForAllValues" or is_multivalued(key) is not Truth.NO:
            continue
        denies = leaf.denies is Truth.YES
        if (denies and operator.negated) or is_demanded(key, leaf.statement) is Truth.YES:
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=_message(leaf),
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            severity=Severity.LOW if denies or not _lets_in(leaf) else None,
            remedy=f"Write {leaf.condition.operator.partition(':')[2]}, without ForAllValues.",
            key=leaf.key,
        )


def _lets_in(leaf: Leaf) -> bool:
    """Whether requests without the key may come; a token's subject counts, as AWS itself demands a check on it."""
    key = leaf.condition.key
    return key.lower().endswith(_SUBJECT) or may_be_missing(key, leaf.statement) is not Truth.NO


def _message(leaf: Leaf) -> str:
    key = leaf.condition.key
    if leaf.denies is Truth.YES:
        return f"requests without {key} are denied too: ForAllValues holds for a key that is missing"
    if _lets_in(leaf):
        return f"requests without {key} are allowed too: ForAllValues holds for a key that is missing"
    return f"ForAllValues is meant for lists, and {key} has one value: were it ever missing, the check would hold"
