"""Somebody may make users or roles and give them rights, and no permissions boundary holds in what they may become.

## Why it matters

Whoever creates roles and writes their policies can create an administrator. A boundary stops that, but only if every one of the calls asks for
it: creating, attaching, writing inline policies. One call that does not ask, or the right to take the boundary off again, and it is gone.

## How to fix it

The same condition on all of them, and a Deny on taking boundaries off:

```hcl
data "aws_iam_policy_document" "delegated" {
  statement {
    actions   = ["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"]
    resources = ["arn:aws:iam::111122223333:role/app/*"]
    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }
  statement {
    effect    = "Deny"
    actions   = ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"]
    resources = ["*"]
  }
}
```

## How to fix it in CloudFormation

The same condition on all of them, and a Deny on taking boundaries off:

```yaml
- Effect: Allow
  Action: [iam:CreateRole, iam:AttachRolePolicy, iam:PutRolePolicy, iam:PutRolePermissionsBoundary]
  Resource: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/app/*
  Condition:
    StringEquals:
      iam:PermissionsBoundary: !Ref AppBoundary
- Effect: Deny
  Action:
    - iam:DeleteRolePermissionsBoundary
    - iam:DeleteUserPermissionsBoundary
  Resource: "*"
```

## What it leaves alone

Administrators, and who has all of IAM (IAM401 to IAM404). Who may create roles but give them no rights, or attach only policies that
`iam:PolicyARN` names. Rights on roles that the holder cannot create.

## When it cannot tell

The holder's permissions boundary is not known, or a resource of the statements is not.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ...access import Held
from ...escalation import block_of
from ...finding import Origin, Related, Severity, Undecided, Violation
from ...policy.arn import REST
from ...policy.capped import Allowed, Capped
from ...policy.describe import describe
from ...policy.document import Statement
from ...policy.pattern import has_wildcard
from ...surroundings import Holder
from ...value import Truth, Unknown
from .. import _escalations
from .._rule import Example, Verdict, World, rule
from . import _power


class _Factory(Struct, frozen=True):
    """How principals of one kind are made, given rights, and freed of their boundary."""

    kind: str
    create: str
    arm: tuple[str, ...]
    free: tuple[str, ...]


_FACTORIES: Final = tuple(
    _Factory(
        kind.lower(),
        f"iam:Create{kind}",
        (f"iam:Attach{kind}Policy", f"iam:Put{kind}Policy"),
        (f"iam:Delete{kind}PermissionsBoundary", f"iam:Put{kind}PermissionsBoundary"),
    )
    for kind in ("Role", "User")
)


class _Gap(Struct, frozen=True):
    """A way around the boundary. `truth` is yes or unknown; `says` completes "may ...". `severity` replaces the rule's."""

    truth: Truth
    says: str
    statements: tuple[Statement, ...]
    severity: Severity | None = None


_POLICY = """
resource "aws_iam_user" "delegate" {
  name = "delegate"
}

resource "aws_iam_user_policy" "delegate" {%s
  user   = aws_iam_user.delegate.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [%s]
  })
}
"""
_APP = "arn:aws:iam::111122223333:role/app-*"
_CALLS = '["iam:CreateRole", "iam:PutRolePolicy"]'
_OPEN = f'{{ Effect = "Allow", Action = {_CALLS}, Resource = "{_APP}" }}'
_BOUNDED = """
      {
        Effect    = "Allow"
        Action    = %s
        Resource  = "arn:aws:iam::111122223333:role/app-*"
        Condition = { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::111122223333:policy/boundary" } }
      }"""

BAD = Example(_POLICY % ("  # bad", _OPEN), "no boundary at all")
BAD_HALF = Example(
    _POLICY
    % (
        "  # bad",
        f'{_BOUNDED % """["iam:CreateRole"]"""}, {{ Effect = "Allow", Action = "iam:PutRolePolicy", Resource = "{_APP}" }}',
    ),
    "only the creation asks for it",
)
BAD_FREE = Example(
    _POLICY
    % (
        "  # bad",
        f'{_BOUNDED % _CALLS}, {{ Effect = "Allow", Action = "iam:DeleteRolePermissionsBoundary", Resource = "*" }}',
    ),
    "high: the boundary can be taken off again",
)
GOOD = Example(_POLICY % ("", _BOUNDED % _CALLS))
GOOD_UNARMED = Example(
    _POLICY % ("", f'{{ Effect = "Allow", Action = ["iam:CreateRole", "iam:TagRole"], Resource = "{_APP}" }}'),
    "roles without rights",
)
UNDECIDED = Example(
    (_POLICY % ("  # undecided", _OPEN)).replace(
        'name = "delegate"', 'name = "delegate"\n  permissions_boundary = var.boundary'
    )
    + '\nvariable "boundary" {}\n',
    "the holder's own boundary is not known",
)


@rule(
    code="IAM410",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-permissions-boundaries",
    ),
    controls=("CWE-269", "MITRE T1136.003"),
    examples=(BAD, BAD_HALF, BAD_FREE, GOOD, GOOD_UNARMED, UNDECIDED),
)
def iam_write_without_boundary(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that lets its holder make principals, and each kind that it makes."""
    escalation = _escalations.of(world)
    found: dict[tuple[str, str], list[tuple[Holder, Held, _Gap]]] = {}
    for holder in escalation.holders():
        factories = [item for item in _FACTORIES if escalation.names(holder, item.create)]
        if not factories or escalation.is_admin(holder) or _has_iam(holder):
            continue
        powers = escalation.capped(holder)
        for factory in factories:
            known = Capped(escalation.power(holder)) if isinstance(powers, Unknown) else powers
            gap = _gap(known, factory)
            if gap is None:
                continue
            if isinstance(powers, Unknown):
                gap = _Gap(Truth.UNKNOWN, f"{gap.says}: {powers.because}", gap.statements)
            block = block_of(holder.held, gap.statements[0])
            if block.via != "aws-managed" and (holder.kind != "user" or block.via != "group"):
                found.setdefault((_origin(block).address, factory.kind), []).append((holder, block, gap))
    for (_, kind), holders in found.items():
        yield _verdict(kind, holders)


def _gap(powers: Capped, factory: _Factory) -> _Gap | None:
    """The surest way around the boundary, in the order of the cases; None if there is none."""
    gaps = [
        gap
        for pattern in dict.fromkeys(powers.power.resources(factory.create))
        for gap in _gaps(powers, factory, pattern)
    ]
    return next((gap for gap in gaps if gap.truth is Truth.YES), gaps[0] if gaps else None)


def _gaps(powers: Capped, factory: _Factory, pattern: str) -> Iterator[_Gap]:
    """Ways around the boundary for the principals that a pattern means. What is asked is whether a call needs no approved boundary."""
    create = powers.allows(factory.create, pattern)
    statement = create.statement or powers.power.statement_of(factory.create)
    if statement is None or (create.truth is Truth.NO and not powers.power.asks_for_boundary(factory.create)):
        return  # it is refused for another reason
    kind = factory.kind
    armed = any(powers.power.statement_of(action) for action in factory.arm)
    for action in factory.free if armed and create.truth is Truth.NO else ():
        free = powers.allows(action, pattern)
        if free.truth is not Truth.NO:
            says = "take off" if action == factory.free[0] else "replace"
            gap = _seen(f"{says} the permissions boundary of the {kind}s that it creates, by {action}", statement, free)
            yield replace(gap, severity=Severity.HIGH)  # what is created may then have any rights
    one = (
        f"a {kind} of a name that is not known here" if REST in pattern else f"the {kind} {pattern.rpartition('/')[2]}"
    )
    made = f"{kind}s" if has_wildcard(pattern) else one
    for action in factory.arm:
        arm = powers.allows(action, pattern)
        if arm.truth is not Truth.NO and create.truth is not Truth.NO:
            yield _seen(f"create {made} with any rights, and without a permissions boundary", statement, create, arm)
        elif arm.truth is not Truth.NO:
            yield _seen(f"give rights to {made} without a permissions boundary, by {action}", statement, arm)


def _seen(says: str, create: Statement, *calls: Allowed) -> _Gap:
    truth = Truth.YES if all(call.truth is Truth.YES for call in calls) else Truth.UNKNOWN
    statements = dict.fromkeys((create, *(call.statement for call in calls if call.statement is not None)))
    return _Gap(truth, says, tuple(statements))


def _has_iam(holder: Holder) -> bool:
    """Whether one policy of the holder is all of IAM, of which other rules speak."""
    return any(_power.power_of(held) is not None for held in holder.held)


def _origin(held: Held) -> Origin:
    return held.origin if held.policy is None else held.policy.origin


def _verdict(kind: str, holders: list[tuple[Holder, Held, _Gap]]) -> Verdict:
    holder, block, gap = next((item for item in holders if item[2].truth is Truth.YES), holders[0])
    subject = _origin(block)
    others = len(holders) - 1
    more = f", and so may {others} other{'s' if others > 1 else ''}" if others else ""
    origins = {item.origin.address: (item.origin, "holds it") for item, _, _ in holders}
    for statement in gap.statements:
        held = block_of(holder.held, statement)
        origins.setdefault(_origin(held).address, (_origin(held), "takes part"))
        origins.setdefault(held.origin.address, (held.origin, "attaches it"))
    origins.pop(subject.address, None)
    related = tuple(Related(origin, note) for origin, note in origins.values())
    evidence = tuple(line for statement in gap.statements for line in describe(statement))
    if gap.truth is Truth.YES:
        message = f"{holder.label} may {gap.says}{more}"
        return Violation(
            subject=subject, message=message, evidence=evidence, related=related, severity=gap.severity, key=kind
        )
    message = f"{holder.label} perhaps may {gap.says}{more}"
    return Undecided(subject=subject, message=message, evidence=evidence, related=related, key=kind)
