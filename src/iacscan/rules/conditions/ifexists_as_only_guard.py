"""Allow is limited by nothing but IfExists conditions, so that requests without the key pass.

## Why it matters

`IfExists` means "if the request carries the key". Where no other condition limits the statement, the way around it is to come without the key: from
outside the VPC, from an account of no organization, with a principal that has no such tag.

## How to fix it

Leave `IfExists` out where the key is what protects you:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:PrincipalOrgID"
  values   = ["o-exampleorg1"]
}
```

## How to fix it in CloudFormation

Leave `IfExists` out where the key is what protects you:

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

Keys that each request carries, and keys of the request's tags, of the resource and of single services: there `IfExists` is how one statement covers actions
with and without the key. Services as principals, policies of the organization, and Allows beside which a Deny stops
requests without the key. MFA has a rule of its own, IAM515.

## When it cannot tell

Another condition of the statement is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.judge import restricts
from ...policy.condition.keys import Availability, key_info
from ...policy.condition.operators import Family, parse_operator
from ...policy.condition.presence import admits_anyone, may_be_missing
from ...policy.describe import describe
from ...policy.document import Condition, Principal, Statement
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, Place, places

_LEFT: Final = frozenset((Availability.RESOURCE, Availability.REQUEST_TAGS))
_MFA: Final = "aws:multifactorauth"

_KEY = """
resource "aws_kms_key" "shared" {%s
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Principal = { AWS = "*" }
      Resource  = "*"
      Condition = { %s }
    }]
  })
}
"""
_POLICY = """
resource "aws_iam_policy" "launch" {
  name   = "launch"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "ec2:RunInstances"
      Resource  = "*"
      Condition = { StringEqualsIfExists = { "ec2:InstanceType" = "t3.micro" } }
    }]
  })
}
"""

BAD = Example(
    _KEY % ("  # bad", 'StringEqualsIfExists = { "aws:PrincipalOrgID" = "o-exampleorg1" }'),
    "callers of no organization get in",
)
BAD_NETWORK = Example(
    _KEY % ("  # bad", 'StringEqualsIfExists = { "aws:SourceVpce" = "vpce-0123456789abcdef0" }'),
    "requests over the internet carry no endpoint",
)
GOOD = Example(_KEY % ("", 'StringEquals = { "aws:PrincipalOrgID" = "o-exampleorg1" }'))
GOOD_BOTH = Example(
    _KEY
    % (
        "",
        'StringEquals = { "aws:PrincipalAccount" = "111122223333" }, StringEqualsIfExists = { "aws:SourceVpce" = "vpce-0123456789abcdef0" }',
    ),
    "another condition limits it",
)
GOOD_CREATE = Example(_POLICY, "RunInstances also asks about images and networks, which have no such key")
UNDECIDED = Example(
    _KEY
    % ("  # undecided", 'StringEqualsIfExists = { "aws:PrincipalOrgID" = "o-exampleorg1" }, StringEquals = var.more')
    + '\nvariable "more" {}\n'
)


@rule(
    code="IAM513",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_NETWORK, GOOD, GOOD_BOTH, GOOD_CREATE, UNDECIDED),
)
def ifexists_as_only_guard(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Allow that only such conditions limit."""
    for place in places(world):
        if place.is_guardrail:
            continue
        for statement in place.document.statements:
            if statement.effect == "Allow" and statement.conditions and not _only_services(statement):
                yield from _judge(place, statement)


def _judge(place: Place, statement: Statement) -> Iterator[Verdict]:
    guards = [item for item in statement.conditions if restricts(item) is not Truth.NO]
    known = [item for item in guards if isinstance(item, Condition)]
    if not known or not all(_is_weak(item, statement) for item in known):
        return
    if any(Leaf(place, statement, item).is_denied_without_key for item in known):
        return
    keys = " and ".join(sorted({item.key for item in known}))
    subject, evidence, related = place.origin, describe(statement), place.related
    if any(isinstance(item, Unknown) for item in guards):
        message = f"requests without {keys} pass, unless a condition that is not known turns them away"
        yield Undecided(subject=subject, message=message, evidence=evidence, related=related, key=statement.label)
        return
    yield Violation(
        subject=subject,
        message=f"requests without {keys} are allowed: IfExists lets them pass, and nothing else limits {statement.label}",
        evidence=evidence,
        related=related,
        severity=None if admits_anyone(statement) else Severity.MEDIUM,
        remedy=f"Write {known[0].operator[: -len('IfExists')]}, without IfExists.",
        key=statement.label,
    )


def _is_weak(condition: Condition, statement: Statement) -> bool:
    """Whether a condition says who may come or from where, and lets those pass of whom the request does not say it."""
    operator = parse_operator(condition.operator)
    info = key_info(condition.key)
    return (
        operator is not None
        and operator.if_exists
        and not operator.negated
        and operator.quantifier == ""
        and operator.family is not Family.NULL
        and info is not None
        and info.name.startswith("aws:")
        and info.availability not in _LEFT
        and not condition.key.lower().startswith(_MFA)
        and may_be_missing(condition.key, statement) is Truth.YES
    )


def _only_services(statement: Statement) -> bool:
    """Whether all principals are services; whether they name their source is for them to say, and IfExists waits for it."""
    named = statement.principals or ()
    return bool(named) and all(isinstance(item, Principal) and item.kind == "Service" for item in named)
