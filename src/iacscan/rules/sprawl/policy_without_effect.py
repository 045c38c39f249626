"""Policy never does anything: none of its statements can apply, or it denies all that it allows.

## Why it matters

Somebody believes that it grants or forbids something. A grant that never applies shows as "access denied" in operation; a Deny that never applies is a
guardrail that is missing.

## How to fix it

Correct the names, or delete the policy:

```hcl
statement {
  actions   = ["s3:GetObject"]                 # AWS has no s3:ReadObject
  resources = ["${aws_s3_bucket.orders.arn}/*"] # objects, not the bucket
}
```

## How to fix it in CloudFormation

Correct the names, or delete the policy:

```yaml
- Effect: Allow
  Action: s3:GetObject # AWS has no s3:ReadObject
  Resource: !Sub ${OrdersBucket.Arn}/* # objects, not the bucket
```

## What it leaves alone

Policies of which some statement applies, and policies of a single statement whose actions are unknown or do not fit its resources, or whose
condition has an impossible value: IAM413, IAM414 and IAM522 tell what is wrong with it, and what was meant. A policy that only denies is informative, and only where it is
all that its holder has: it limits nothing, as nothing is allowed. A Deny of everything, which shuts its holder out on purpose.

## When it cannot tell

Nothing is reported: a statement of which a part is not known may apply.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Violation
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.effect import Idle, allows_nothing, applies, idle_because
from ...policy.grant import possible_actions, statement_resources_everything
from ...value import Truth, Unknown
from .._identity import called, related
from .._rule import Example, Verdict, World, rule

_SHOWN: Final = 4
_TOLD: Final = frozenset((Idle.ACTIONS, Idle.MISMATCH, Idle.VALUES))  # by IAM413, IAM414 and IAM522, of each statement

_POLICY = """
resource "aws_iam_role_policy" "orders" {%s
  role   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [%s]
  })
}
"""
_READ = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::orders/*" }'

_UNKNOWN = '{ Effect = "Allow", Action = "s3:ReadObject", Resource = "arn:aws:s3:::orders/*" }'
_MISMATCH = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::orders" }'

BAD = Example(
    _POLICY % ("  # bad", f"{_UNKNOWN}, {_MISMATCH}"), "AWS has no action s3:ReadObject, and a bucket is no object"
)
BAD_NOWHERE = Example(
    _POLICY % ("  # bad", '{ Effect = "Allow", Action = "s3:GetObject", NotResource = "*" }'),
    "every resource but all of them",
)
BAD_CONDITION = Example(
    _POLICY
    % (
        "  # bad",
        """{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = {
      StringEquals = { "aws:SourceVpc" = "vpc-1" }, StringLike = { "aws:SourceVpc" = "vpc-2*" } } }""",
    ),
    "both cannot be true",
)
BAD_DENIED = Example(_POLICY % ("  # bad", f'{_READ}, {{ Effect = "Deny", Action = "s3:*", Resource = "*" }}'))
GOOD = Example(_POLICY % ("", _READ))
GOOD_TOLD = Example(_POLICY % ("", _UNKNOWN), "one statement with one fault is another rule's")
ONLY_DENY = Example(
    """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy" "ada" {  # bad
  user   = aws_iam_user.ada.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "*" }] })
}
""",
    "informative: nothing is allowed that could be denied",
)


@rule(
    code="IAM317",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    ),
    controls=("CWE-1068",),
    examples=(BAD, BAD_NOWHERE, BAD_CONDITION, BAD_DENIED, ONLY_DENY, GOOD, GOOD_TOLD),
)
def policy_without_effect(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that does nothing, and for each that only denies and stands alone."""
    for policy in world.access.identity_policies:
        document = policy.document
        if policy.via != "aws-managed" and isinstance(document, PolicyDocument):
            because = _because(document)
            if because:
                yield Violation(
                    subject=policy.origin,
                    message=f"this policy never does anything: {because}",
                    evidence=_evidence(document),
                    related=related(policy),
                )
    yield from _alone(world)


def _because(document: PolicyDocument) -> str:
    if not document.statements or document.unknown:
        return ""
    first = document.statements[0]
    others = len(document.statements) - 1
    because = idle_because(first)
    if because is not None and not any(map(applies, document.statements)):
        if not others and because in _TOLD:
            return ""
        rest = (
            f", and {others} more statement{'s apply' if others > 1 else ' applies'} to nothing either"
            if others
            else ""
        )
        return f"{because.value}{rest}"
    return "it denies all that it allows" if allows_nothing(document) else ""


def _alone(world: World) -> Iterator[Verdict]:
    """Policies that only deny, where their holder has nothing else and nothing may be attached that we do not see."""
    estate = world.estate
    inline = any(isinstance(item.holder, Unknown) for item in estate.inline_policies)
    if not estate.complete or inline or any(isinstance(item.holder, Unknown) for item in estate.attachments):
        return
    for principal in (*estate.users, *estate.groups, *estate.roles):
        held = world.access.held(principal)
        document = held[0].document if len(held) == 1 else None
        if isinstance(document, PolicyDocument) and held[0].via != "group" and _only_denies(document):
            yield Violation(
                subject=held[0].origin,
                message=f"this policy only denies, and {called(principal)} has no other: unless the policy of some resource names it, "
                "nothing is allowed that could be taken away",
                evidence=_evidence(document),
                related=(Related(principal.origin, "has no other policy"),),
                severity=Severity.INFO,
                key=principal.origin.address,
            )


def _only_denies(document: PolicyDocument) -> bool:
    return (
        bool(document.statements)
        and not document.unknown
        and all(statement.effect == "Deny" and applies(statement) for statement in document.statements)
        and not any(map(_is_lock, document.statements))
    )


def _is_lock(statement: Statement) -> bool:
    """Whether a Deny is about everything, as somebody writes on purpose to shut a principal out."""
    return possible_actions(statement).is_everything and statement_resources_everything(statement) is not Truth.NO


def _evidence(document: PolicyDocument) -> tuple[str, ...]:
    return tuple(line for statement in document.statements[:_SHOWN] for line in describe(statement))
