"""Condition asks for a key that AWS does not have, so no request carries it.

## Why it matters

A key with a typing error is a key that is always missing. With most operators the condition is then never met, and a Deny that was to
protect something protects nothing; with `IfExists` or a negated operator it is always met, and an Allow that was limited is not.

## How to fix it

Write the key as AWS does:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:PrincipalOrgID" # not aws:OrganizationId
  values   = ["o-exampleorg1"]
}
```

## How to fix it in CloudFormation

Write the key as AWS does:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:PrincipalOrgID: o-exampleorg1 # not aws:OrganizationId
```

## What it leaves alone

Keys in any case, keys with a tag's name (`aws:PrincipalTag/team`), and claims of identity providers in trust policies.

## When it cannot tell

AWS's reference does not list the key of a service, nor one that is written alike: the reference lacks some.
"""

from collections.abc import Iterator

from ...finding import Confidence, Severity, Undecided, Violation
from ...policy.condition.known import exists, suggest
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import leaves
from ._order import is_told_by_another

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::reports/*"
      Condition = { StringEquals = { "%s" = "reports" } }
    }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", "Deny", "aws:PrincipalTags/team"), "high: nothing is denied")
BAD_TAG = Example(_POLICY % (" # bad", "Allow", "aws:PrincipalTag"), "the tag's name is missing")
BAD_SERVICE = Example(_POLICY % (" # bad", "Allow", "s3:ObjectTag/team"), "a key that S3 does not have")
GOOD = Example(_POLICY % ("", "Allow", "aws:principaltag/team"), "case does not matter")
GOOD_SERVICE = Example(_POLICY % ("", "Allow", "s3:ExistingObjectTag/team"))
UNDECIDED = Example(_POLICY % (" # undecided", "Allow", "catalog:ChangeType"))


@rule(
    code="IAM521",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    ),
    controls=("Access Analyzer INVALID_GLOBAL_CONDITION_KEY", "Access Analyzer INVALID_SERVICE_CONDITION_KEY"),
    examples=(BAD, BAD_TAG, BAD_SERVICE, GOOD, GOOD_SERVICE, UNDECIDED),
)
def unknown_condition_key(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each condition whose key is not one of AWS's."""
    for leaf in leaves(world):
        if is_told_by_another(leaf, "IAM521"):
            continue
        key = leaf.condition.key
        known = Truth.YES if "⟦" in key else exists(key)
        meant = suggest(key) if known is Truth.NO else None
        if known is Truth.NO and (meant is not None or _is_global(key)):
            holds = leaf.holds_without_key
            grave = leaf.denies is Truth.YES or holds is not False
            yield Violation(
                subject=leaf.place.origin,
                message=f'no request carries "{key}", which is no condition key of AWS, {leaf.consequence(holds)}',
                evidence=describe(leaf.statement),
                related=leaf.place.related,
                severity=Severity.HIGH if grave else Severity.MEDIUM,
                confidence=Confidence.HIGH if _is_global(key) else Confidence.MEDIUM,
                remedy=f"Did you mean {meant}?" if meant else None,
                key=leaf.key,
            )
        elif known is not Truth.YES and not _is_claim(key):
            yield Undecided(
                subject=leaf.place.origin,
                message=f'whether any request carries "{key}" is not known: AWS lists no such key',
                evidence=describe(leaf.statement),
                related=leaf.place.related,
                key=leaf.key,
            )


def _is_claim(key: str) -> bool:
    """Whether a key may be a claim of an identity provider, which begins with its host, or with SAML."""
    prefix = key.lower().rpartition(":")[0]
    return "." in prefix or "/" in prefix or prefix == "saml"


def _is_global(key: str) -> bool:
    """Whether a key is meant for one of AWS's global keys, all of which are known."""
    return key.lower().startswith("aws:") or ":" not in key
