"""Allow is limited by ForAllValues, which lets requests without the condition key pass.

## Why it matters

`ForAllValues` asks that each value of the request is in the list. A request that has none meets that too: whoever leaves the key out, or calls an
action that does not carry it, is let in as if the condition were not there.

## How to fix it

Ask for the key as well:

```hcl
condition {
  test     = "ForAllValues:StringLike"
  variable = "aws:PrincipalOrgPaths"
  values   = ["o-exampleorg1/r-ab12/ou-ab12-11111111/*"]
}

condition {
  test     = "Null"
  variable = "aws:PrincipalOrgPaths"
  values   = ["false"]
}
```

## How to fix it in CloudFormation

Ask for the key as well:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ForAllValues:StringLike:
      aws:PrincipalOrgPaths: o-exampleorg1/r-ab12/ou-ab12-11111111/*
    "Null":
      aws:PrincipalOrgPaths: "false"
```

`Null` stands in quotes: without them YAML reads it as the empty value.

## What it leaves alone

Denies. Keys that another condition of the statement demands, or that the actions of the statement always carry, as
`route53:ChangeResourceRecordSets` does with the names of its records. Keys with one value, about which IAM509 speaks.

## When it cannot tell

AWS lists the key for each action of the statement, but does not say whether it is always sent.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet, of_level
from ...policy.condition.operators import parse_operator
from ...policy.condition.presence import actions_without, is_demanded, is_multivalued, may_be_missing
from ...policy.describe import describe
from ...policy.grant import possible_actions
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

_TAGS: Final = "aws:tagkeys"
_SHOWN: Final = 3

_POLICY = """
resource "aws_iam_policy" "orders" {%s
  name   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = %s
      Resource  = "*"
      Condition = { %s }
    }]
  })
}
"""
_OWN_ROWS: Final = '"ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "$${aws:PrincipalTag/customer}" }'
_PATHS: Final = '"ForAllValues:StringLike" = { "aws:PrincipalOrgPaths" = "o-exampleorg1/r-ab12/*" }'

BAD = Example(
    _POLICY % ("  # bad", '["dynamodb:GetItem", "dynamodb:Scan"]', _OWN_ROWS), "Scan has no key, and reads all rows"
)

BAD_CALLER = Example(
    _POLICY % ("  # bad", '"s3:GetObject"', _PATHS), "callers that belong to no organization have no path"
)

GOOD = Example(_POLICY % ("", '["dynamodb:GetItem", "dynamodb:Query"]', _OWN_ROWS), "both always carry the key")

GOOD_NULL = Example(
    _POLICY % ("", '"s3:GetObject"', f'{_PATHS}, Null = {{ "aws:PrincipalOrgPaths" = "false" }}'),
    "who has no path is turned away",
)

UNDECIDED = Example(
    _POLICY
    % ("  # undecided", '"kms:Decrypt"', '"ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = "order" }'),
    "a caller may well send no encryption context",
)


@rule(
    code="IAM508",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_CALLER, GOOD, GOOD_NULL, UNDECIDED),
)
def forallvalues_in_allow(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each such condition on a key that a request may come without."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if operator is None or operator.quantifier != "ForAllValues" or leaf.denies is not Truth.NO:
            continue
        key = leaf.condition.key
        missing = may_be_missing(key, leaf.statement)
        if is_multivalued(key) is Truth.NO or missing is Truth.NO or _is_held_elsewhere(leaf):
            continue
        if missing is Truth.UNKNOWN or is_demanded(key, leaf.statement) is Truth.UNKNOWN:
            yield Undecided(
                subject=leaf.place.origin,
                message=f"whether requests without {key} exist is not known; ForAllValues would let them pass",
                evidence=describe(leaf.statement),
                related=leaf.place.related,
                key=leaf.key,
            )
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=_message(leaf),
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            severity=Severity.LOW if key.lower() == _TAGS else None,
            remedy=f'Add the condition Null {key} "false" to the statement.',
            key=leaf.key,
        )


def _is_held_elsewhere(leaf: Leaf) -> bool:
    """Whether requests without the key are turned away all the same, or the statement is about nothing but tagging."""
    if is_demanded(leaf.condition.key, leaf.statement) is Truth.YES or leaf.is_denied_without_key:
        return True
    return leaf.condition.key.lower() == _TAGS and _tagging().covers(possible_actions(leaf.statement))


def _tagging() -> ActionSet:
    return of_level("Tagging")


def _message(leaf: Leaf) -> str:
    key = leaf.condition.key
    lacking = actions_without(key, leaf.statement)
    if not lacking:
        return f"requests without {key} are allowed too: ForAllValues holds where there is nothing to compare"
    more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    carry = "carries" if len(lacking) == 1 else "carry"
    return f"{', '.join(lacking[:_SHOWN])}{more} {carry} no {key}, so that ForAllValues lets every such request pass"
