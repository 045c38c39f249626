"""Permissions boundary limits nothing, or can be taken off by whoever it is meant to limit.

## Why it matters

A boundary is the most that a role may ever do, whatever its policies say. One that allows everything is no limit. One that allows
`iam:DeleteRolePermissionsBoundary` lasts until its holder calls that.

## How to fix it

Allow what is needed, and deny the change of boundaries:

```hcl
statement {
  actions   = ["s3:*", "dynamodb:*", "logs:*"]
  resources = ["*"]
}

statement {
  effect    = "Deny"
  actions   = ["iam:Delete*PermissionsBoundary", "iam:Put*PermissionsBoundary"]
  resources = ["*"]
}
```

## How to fix it in CloudFormation

Allow what is needed, and deny the change of boundaries:

```yaml
AppBoundary:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: [s3:*, dynamodb:*, logs:*]
          Resource: "*"
        - Effect: Deny
          Action:
            - iam:Delete*PermissionsBoundary
            - iam:Put*PermissionsBoundary
          Resource: "*"
AppRole:
  Type: AWS::IAM::Role
  Properties:
    PermissionsBoundary: !Ref AppBoundary
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
```

## What it leaves alone

Boundaries with a Deny, or with conditions on all that they allow. AWS's own PowerUserAccess, which leaves IAM out.

## When it cannot tell

A statement of a boundary that otherwise allows everything is not known: it may deny something.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...model import iam
from ...policy.boundary import lets_remove, limits_nothing
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...value import Truth
from .. import _identity
from .._rule import Example, Verdict, World, rule

_REMOVERS: Final = {
    iam.Role: ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
    iam.User: ("iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
}
_SHOWN: Final = 3

_BOUNDED = """
resource "aws_iam_policy" "boundary" {%s
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}

resource "aws_iam_role" "builder" {
  name                 = "builder"
  permissions_boundary = aws_iam_policy.boundary.arn
  assume_role_policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
"""
_ALL = '{ Effect = "Allow", Action = "*", Resource = "*" }'
_KEPT = '{ Effect = "Deny", Action = "iam:*PermissionsBoundary", Resource = "*" }'

BAD = Example(_BOUNDED % ("  # bad", _ALL), "allows everything")
BAD_REMOVABLE = Example(
    _BOUNDED % ("  # bad", '{ Effect = "Allow", Action = ["s3:*", "iam:*"], Resource = "*" }'),
    "the role may remove its own boundary",
)
BAD_ADMIN = Example(
    """
resource "aws_iam_role" "builder" {  # bad
  name                 = "builder"
  permissions_boundary = "arn:aws:iam::aws:policy/AdministratorAccess"
  assume_role_policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
"""
)
GOOD = Example(_BOUNDED % ("", f"{_ALL}, {_KEPT}"), "everything but changing boundaries")
UNDECIDED = Example(
    _BOUNDED
    % ("  # undecided", '{ Effect = "Allow", Action = "*", Resource = "*" }, { Effect = var.effect, Action = "iam:*", Resource = "*" }')
    + '\nvariable "effect" {}\n'
)  # fmt: skip


@rule(
    code="IAM417",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",),
    controls=("CWE-269",),
    examples=(BAD, BAD_REMOVABLE, BAD_ADMIN, GOOD, UNDECIDED),
)
def permissions_boundary_without_effect(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy of the input that is such a boundary, and for each holder of one of AWS's own."""
    for policy in world.estate.managed_policies:
        holders = world.graph.bounded_by(policy)
        if holders and isinstance(policy.document, PolicyDocument):
            related = tuple(
                Related(holder.origin, f"the {_identity.kind(holder)} that it bounds") for holder in holders
            )
            yield from _verdicts(policy.origin, policy.document, holders, related)
    for principal in (*world.estate.roles, *world.estate.users):
        if isinstance(principal.boundary, str) and ":iam::aws:policy/" in principal.boundary:
            document = world.access.boundary(principal)
            if isinstance(document, PolicyDocument):
                yield from _verdicts(principal.origin, document, (principal,), ())


def _verdicts(
    subject: Origin, document: PolicyDocument, holders: tuple[iam.Principal, ...], related: tuple[Related, ...]
) -> Iterator[Verdict]:
    evidence = tuple(line for statement in document.statements[:_SHOWN] for line in describe(statement))
    who = _identity.called(holders[0]) + (f" and {len(holders) - 1} more" if len(holders) > 1 else "")
    empty = limits_nothing(document)
    if empty is Truth.YES:
        message = f"the boundary of {who} allows everything, so it limits nothing"
        yield Violation(subject=subject, message=message, evidence=evidence, related=related)
    elif empty is Truth.UNKNOWN:
        message = f"whether the boundary of {who} limits anything is not known: a statement of it is not"
        yield Undecided(subject=subject, message=message, evidence=evidence, related=related)
    else:
        found = next(((holder, action) for holder in holders if (action := _remover(document, holder))), None)
        if found is not None:
            message = f"the boundary allows {found[1]}, so {_identity.called(found[0])} can take it off once a policy allows the same"
            yield Violation(subject=subject, message=message, evidence=evidence, related=related)


def _remover(document: PolicyDocument, holder: iam.Principal) -> str | None:
    """The action by which a holder rids itself of the boundary, if that allows one."""
    if not isinstance(holder.arn, str):
        return None
    arn = holder.arn
    return next((action for action in _REMOVERS.get(type(holder), ()) if lets_remove(document, action, arn)), None)
