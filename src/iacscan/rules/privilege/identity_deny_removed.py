"""Change takes a Deny away from a user, group, role or permission set that has use for what it refused.

## Why it matters

A Deny in a policy of an identity holds back what its other policies allow, also those that are attached later, such as AWS's own. When it goes, rights come back that no Allow
in the change names: the policy that gives them stands as it stood.

## How to fix it

Keep the Deny. Where it refuses too much, narrow it to what has to be refused:

```hcl
statement {
  sid       = "NoUsersOfTheirOwn"
  effect    = "Deny"
  actions   = ["iam:CreateUser", "iam:CreateAccessKey"]
  resources = ["*"]
}
```

## How to fix it in CloudFormation

Keep the Deny. Where it refuses too much, narrow it to what has to be refused:

```yaml
- Sid: NoUsersOfTheirOwn
  Effect: Deny
  Action:
    - iam:CreateUser
    - iam:CreateAccessKey
  Resource: "*"
```

## What it leaves alone

Denies that stand in another policy of the same identity afterwards, in whatever words; identities that the change deletes; Denies of what nothing allows the
identity anyway, before its boundary and service control policies.

## When it cannot tell

A policy that the identity has after the change is not known, or it is not proved that the same is refused.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...access import Held
from ...finding import Origin, Related, Severity, Undecided, Violation
from ...model.iam import Principal
from ...policy.denies import denies, lost
from ...policy.describe import describe
from ...policy.document import Statement
from ...policy.grant import allowed_actions, possible_actions
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule

_SHOWN: Final = 10  # identities of one policy that are named

_ROLE = """
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
"""
_POLICY = """
resource "aws_iam_role_policy" "%s" {%s
  role   = aws_iam_role.deploy.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [%s]
  })
}
"""
_ALLOW = '{ Effect = "Allow", Action = "s3:*", Resource = "*" }'
_DENY = '{ Effect = "Deny", Action = "s3:DeleteBucket", Resource = "*" }'
_BEFORE = _ROLE + _POLICY % ("main", "", f"{_ALLOW}, {_DENY}")

BAD = Example(_ROLE + _POLICY % ("main", "  # bad", _ALLOW), "the role may delete buckets again", before=_BEFORE)
BAD_GONE = Example(
    _ROLE + _POLICY % ("main", "", _ALLOW),
    "the policy that denied goes",
    before=_ROLE + _POLICY % ("main", "", _ALLOW) + _POLICY % ("guard", "  # bad", _DENY),
)
GOOD = Example(
    _ROLE + _POLICY % ("main", "", _ALLOW) + _POLICY % ("guard", "", _DENY.replace("DeleteBucket", "Delete*")),
    "another policy of the role denies it, and more",
    before=_BEFORE,
)
GOOD_IDLE = Example(
    _ROLE + _POLICY % ("main", "", _ALLOW.replace("s3:*", "s3:GetObject")),
    "nothing allows it",
    before=_ROLE + _POLICY % ("main", "", f"{_ALLOW.replace('s3:*', 's3:GetObject')}, {_DENY}"),
)
UNDECIDED = Example(
    'variable "guard" {}\n'
    + _ROLE
    + _POLICY % ("main", "  # undecided", _ALLOW)
    + 'resource "aws_iam_role_policy_attachment" "guard" {\n  role       = aws_iam_role.deploy.name\n  policy_arn = var.guard\n}\n',
    "the policy that is attached instead is not known",
    before=_BEFORE,
)


@rule(
    code="IAM424",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html",
    ),
    controls=("CWE-269",),
    examples=(BAD, BAD_GONE, GOOD, GOOD_IDLE, UNDECIDED),
)
def identity_deny_removed(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that refused something to somebody who may do it now."""
    if world.before is None:
        return
    places = _places(world)
    found: dict[tuple[Origin, Truth], _Lost] = {}
    for was, now in _persisting(world, world.before):
        after = world.access.documents(now)
        allowed = allowed_actions(after, on_everything=False)
        hidden = any(isinstance(document, Unknown) or document.unknown for document in after)
        for held in world.before.access.held(was):
            for statement, truth in lost([held.document], after):
                if hidden or possible_actions(statement).overlaps(allowed):
                    one = found.setdefault((_place(held, places), truth), _Lost({}, {}))
                    one.statements[statement] = None
                    one.principals[now.origin] = None
    for (origin, truth), one in found.items():
        yield _verdict(origin, truth, one)


class _Lost(Struct, frozen=True):
    """Denies of one policy that are lost, and who lost them; each once, in order."""

    statements: dict[Statement, None]
    principals: dict[Origin, None]


def _persisting(world: World, before: World) -> Iterator[tuple[Principal, Principal]]:
    """Identities with a Deny that are there before and after the change."""
    after = {item.origin.address: item for item in _identities(world)}
    for was in _identities(before):
        now = after.get(was.origin.address)
        if now is not None and any(denies(document) for document in before.access.documents(was)):
            yield was, now


def _identities(world: World) -> tuple[Principal, ...]:
    estate = world.estate
    return (*estate.users, *estate.groups, *estate.roles, *estate.permission_sets)


def _places(world: World) -> dict[str, Origin]:
    """The blocks of policies and attachments after the change, by address."""
    estate = world.estate
    origins = [item.origin for item in estate.inline_policies]
    origins += [item.origin for item in estate.attachments]
    origins += [item.origin for item in estate.managed_policies]
    return {origin.address: origin for origin in origins}


def _place(held: Held, places: dict[str, Origin]) -> Origin:
    """The block to blame: the policy where it is still attached, else what attached it."""
    if held.policy is not None and held.origin.address in places:
        return places.get(held.policy.origin.address, held.policy.origin)
    return places.get(held.origin.address, held.origin)


def _verdict(origin: Origin, truth: Truth, one: _Lost) -> Verdict:
    evidence = tuple(dict.fromkeys(line for statement in one.statements for line in describe(statement)))
    related = tuple(
        Related(principal, "was refused it until now")
        for principal in list(one.principals)[:_SHOWN]
        if principal.address != origin.address
    )
    if truth is Truth.YES:
        message = "the change takes a Deny away, and what it refused is allowed again"
        return Violation(subject=origin, message=message, evidence=evidence, related=related)
    message = "whether what this policy refused before is still refused is not known"
    return Undecided(subject=origin, message=message, evidence=evidence, related=related)
