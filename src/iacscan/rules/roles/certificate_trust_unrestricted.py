"""Role trusts IAM Roles Anywhere, but names neither a trust anchor nor a certificate.

## Why it matters

IAM Roles Anywhere assumes a role for whoever has a certificate that a trust anchor of the account vouches for. A role that does not say which lets all of them in,
as soon as a profile lists it: the certificate of a printer opens the role of the payroll, and so does one of an authority that is added next year.

## How to fix it

Name the trust anchor, and the certificate's subject:

```hcl
condition {
  test     = "ArnEquals"
  variable = "aws:SourceArn"
  values   = [aws_rolesanywhere_trust_anchor.plant.arn]
}

condition {
  test     = "StringEquals"
  variable = "aws:PrincipalTag/x509Subject/CN"
  values   = ["payroll.example.com"]
}
```

## How to fix it in CloudFormation

Name the trust anchor, and the certificate's subject:

```yaml
- Effect: Allow
  Principal:
    Service: rolesanywhere.amazonaws.com
  Action: [sts:AssumeRole, sts:SetSourceIdentity, sts:TagSession]
  Condition:
    ArnEquals:
      aws:SourceArn: !GetAtt PlantAnchor.TrustAnchorArn
    StringEquals:
      aws:PrincipalTag/x509Subject/CN: payroll.example.com
```

## What it leaves alone

Roles that name a trust anchor, or ask for something of the certificate: its subject, its issuer, its alternative name, or the source identity that its common name becomes.

## When it cannot tell

A condition is not known, or what it asks for is a variable without a value.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...model.iam import Role
from ...policy.action import ActionSet
from ...policy.arn import REST, parse_arn
from ...policy.condition.judge import is_positive_guard
from ...policy.condition.operators import parse_operator
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.effect import applies
from ...policy.grant import possible_actions
from ...policy.pattern import has_wildcard
from ...value import Maybe, Truth, Unknown, all_of, any_of
from .._rule import Example, Verdict, World, rule

_SERVICE: Final = "rolesanywhere"
_ANCHOR: Final = "aws:sourcearn"
# What the service makes of the certificate; https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
_CERTIFICATE: Final = (
    "aws:principaltag/x509", "aws:requesttag/x509", "aws:sourceidentity", "sts:sourceidentity",
)  # fmt: skip

_ROLE = """
resource "aws_iam_role" "payroll" {%s
  name               = "payroll"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
      Principal = { Service = "rolesanywhere.amazonaws.com" }
      Condition = { %s }
    }]
  })
}
"""
_ARN: Final = "arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor"

BAD = Example(_ROLE % ("  # bad", ""), "any certificate of any trust anchor")
BAD_ACCOUNT = Example(
    _ROLE % ("  # bad", 'StringEquals = { "aws:SourceAccount" = "111122223333" }'),
    "all trust anchors are of the account",
)
BAD_ANCHORS = Example(_ROLE % ("  # bad", f'ArnLike = {{ "aws:SourceArn" = "{_ARN}/*" }}'), "a star is no trust anchor")
GOOD = Example(
    _ROLE % ("", f'ArnEquals = {{ "aws:SourceArn" = "{_ARN}/0a1b2c3d-4e5f-6789-abcd-ef0123456789" }}'),
    "one trust anchor",
)
GOOD_SUBJECT = Example(
    _ROLE % ("", 'StringEquals = { "aws:PrincipalTag/x509Subject/CN" = "payroll.example.com" }'), "one certificate"
)
UNDECIDED = Example(
    _ROLE % ("  # undecided", 'ArnLike = { "aws:SourceArn" = var.anchor }') + '\nvariable "anchor" {}\n',
    "the trust anchor may be a star",
)


@rule(
    code="IAM222",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html",
        "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping-and-trust-policy.html",
    ),
    controls=("CWE-295",),
    examples=(BAD, BAD_ACCOUNT, BAD_ANCHORS, GOOD, GOOD_SUBJECT, UNDECIDED),
)
def certificate_trust_unrestricted(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement that lets in all who have some certificate."""
    for role in world.estate.roles:
        for statement in _statements(world, role):
            named = any_of(_asks(item) for item in statement.conditions)
            evidence, key = describe(statement), statement.label
            if named is Truth.NO:
                yield Violation(
                    subject=role.origin,
                    message="whoever has a certificate of any trust anchor of the account can assume this role: nothing names the trust anchor or the certificate",
                    evidence=evidence,
                    severity=Severity.HIGH if world.access.admin(role).truth is Truth.YES else None,
                    key=key,
                )
            elif named is Truth.UNKNOWN:
                message = "whether only some certificates open this role is not known"
                yield Undecided(subject=role.origin, message=message, evidence=evidence, key=key)


def _statements(world: World, role: Role) -> Iterator[Statement]:
    """The statements that let the service in and that no Deny limits to some trust anchors or certificates."""
    assuming = ActionSet.of(("sts:AssumeRole",))
    if isinstance(role.trust, PolicyDocument) and any(_denies_others(item) for item in role.trust.statements):
        return
    for trusted in world.access.trust(role):
        statement = trusted.statement
        if trusted.service != _SERVICE or statement is None or not applies(statement):
            continue
        if possible_actions(statement).overlaps(assuming):
            yield statement


def _denies_others(statement: Statement) -> bool:
    """Whether a statement refuses all trust anchors, or all certificates, but some."""
    return statement.effect == "Deny" and any(
        isinstance(item, Condition)
        and (operator := parse_operator(item.operator)) is not None
        and operator.negated
        and item.key.lower().startswith((_ANCHOR, *_CERTIFICATE))
        for item in statement.conditions
    )


def _asks(condition: Maybe[Condition]) -> Truth:
    """Whether a condition asks for a trust anchor, or for something of the certificate."""
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    key = condition.key.lower()
    if not key.startswith((_ANCHOR, *_CERTIFICATE)) or not is_positive_guard(condition):
        return Truth.NO
    operator = parse_operator(condition.operator)
    wild = operator is not None and operator.wildcards
    return all_of(_narrows(value, key, wild=wild) for value in condition.values)


def _narrows(value: Maybe[str], key: str, *, wild: bool) -> Truth:
    """Whether a value leaves somebody out: the id of a trust anchor must be named, of a certificate anything."""
    if isinstance(value, Unknown):
        # What a plan does not know yet is made by the change, the ARN of a trust anchor; what a caller passes in may be a star.
        passed = any(reference.address.startswith("var.") for reference in value.references)
        return Truth.UNKNOWN if passed else Truth.YES
    if REST in value:
        return Truth.UNKNOWN
    if not wild:
        return Truth.YES
    if key != _ANCHOR:
        return Truth.of(known=bool(value.strip("*?")))
    arn = parse_arn(value)
    name = value if arn is None else arn.resource.rpartition("/")[2]
    return Truth.of(known=not has_wildcard(name) or bool(name.strip("*?")))
