"""`Null` is used the wrong way round, with a value that is no boolean, or on a key that is always there.

## Why it matters

`Null: true` asks for requests that lack the key. Who reads it as "required" writes a Deny of uploads that are encrypted, or an Allow of those that are not: the
opposite of what the policy is for.

## How to fix it

To demand a key, deny requests in which it is null:

```hcl
statement {
  effect = "Deny"
  # ...
  condition {
    test     = "Null"
    variable = "s3:x-amz-server-side-encryption"
    values   = ["true"]
  }
}
```

## How to fix it in CloudFormation

To demand a key, deny requests in which it is null:

```yaml
- Effect: Deny
  Principal: "*"
  Action: s3:PutObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    "Null":
      s3:x-amz-server-side-encryption: "true"
```

`Null` stands in quotes: without them YAML reads it as the empty value.

## What it leaves alone

Keys that a request may well be refused for, such as tags, sources and services; `Null` beside another condition on the same key, and Allows beside one that asks for a value of it. MFA in an
Allow: IAM515.

## When it cannot tell

The rule is always certain about the values that it sees. One that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.null import Misreading, misreading
from ...policy.describe import describe
from ...policy.document import Condition
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_MFA: Final = "aws:multifactorauth"

_POLICY = """
resource "aws_iam_policy" "uploads" {%s
  name   = "uploads"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::uploads/*"
      Condition = { Null = { "%s" = "%s" } }
    }]
  })
}
"""
_ENCRYPTION: Final = "s3:x-amz-server-side-encryption"

BAD = Example(_POLICY % ("  # bad", "Deny", _ENCRYPTION, "false"), "denies uploads that ask for encryption")
BAD_ALLOW = Example(_POLICY % ("  # bad", "Allow", _ENCRYPTION, "true"), "allows uploads that ask for none")
BAD_VALUE = Example(_POLICY % ("  # bad", "Deny", _ENCRYPTION, "yes"), "no boolean")
BAD_ALWAYS = Example(_POLICY % ("  # bad", "Allow", "aws:SecureTransport", "false"), "each request carries it")
GOOD = Example(_POLICY % ("", "Deny", _ENCRYPTION, "true"), "denies uploads that ask for none")
GOOD_TAG = Example(_POLICY % ("", "Deny", "s3:ExistingObjectTag/sealed", "false"), "denies what has the tag")


@rule(
    code="IAM536",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null",
    ),
    examples=(BAD, BAD_ALLOW, BAD_VALUE, BAD_ALWAYS, GOOD, GOOD_TAG),
)
def null_misread(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such condition."""
    for leaf in leaves(world):
        found = misreading(leaf.condition, leaf.statement)
        if found is None or is_told_by_another(leaf, "IAM536") or (found is Misreading.REVERSED and _is_meant(leaf)):
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=_message(leaf, found),
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            severity=Severity.LOW
            if found in (Misreading.ALWAYS_THERE, Misreading.BOTH) and leaf.holds_without_key is None
            else None,
            remedy=_remedy(leaf) if found is Misreading.REVERSED else None,
            key=leaf.key,
        )


def _message(leaf: Leaf, found: Misreading) -> str:
    key = leaf.condition.key
    match found:
        case Misreading.NO_BOOLEAN:
            return f"the condition {leaf.text} is {found.value}, {leaf.consequence(None)}"
        case Misreading.BOTH:
            return f"the condition {leaf.text} holds for every request, {leaf.consequence(holds=True)}"
        case Misreading.ALWAYS_THERE:
            return f"the condition {leaf.text} {found.value}, {leaf.consequence(leaf.holds_without_key is False)}"
        case Misreading.REVERSED if leaf.denies is Truth.YES:
            return f"the Deny is for requests that carry {key}, and lets those pass that do not"
        case Misreading.REVERSED:
            return f"the Allow is for requests that carry no {key}, and for no others"


def _remedy(leaf: Leaf) -> str:
    return 'Write "true": a Deny of requests that lack the key.' if leaf.denies is Truth.YES else 'Write "false".'


def _is_meant(leaf: Leaf) -> bool:
    """Whether it is about MFA in an Allow (IAM515), or one of two Allows of which the other asks for a value."""
    key = leaf.condition.key.lower()
    if leaf.denies is Truth.YES:
        return False
    return key.startswith(_MFA) or any(
        isinstance(item, Condition) and item.key.lower() == key
        for other in leaf.place.document.statements
        if other.index != leaf.statement.index
        for item in other.conditions
    )
