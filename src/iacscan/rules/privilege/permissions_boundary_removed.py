"""Change removes a permissions boundary, or makes it wider.

## Why it matters

A boundary caps whatever its principal is granted, now and later. Who may create roles is often allowed to do so only under a boundary; once it is gone, every
policy that stands behind it takes full effect at once, and no policy has to be changed for that.

## How to fix it

Keep the boundary, and grant less instead where it is in the way:

```hcl
resource "aws_iam_role" "deploy" {
  name                 = "deploy"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
}
```

To widen it on purpose, change the policy of the boundary, so that the change is seen for what it is.

## How to fix it in CloudFormation

Keep the boundary, and grant less instead where it is in the way:

```yaml
DeployRole:
  Type: AWS::IAM::Role
  Properties:
    PermissionsBoundary: !Ref DeployBoundary
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: codebuild.amazonaws.com
          Action: sts:AssumeRole
```

To widen it on purpose, change the policy of the boundary, so that the change is seen for what it is.

## What it leaves alone

Principals that the change deletes, and boundaries that are exchanged for others which allow no more.

## When it cannot tell

One of the two boundaries is not known, or it is not proved that the new one allows no more.
"""

from collections.abc import Iterator

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...model.iam import Principal
from ...policy.containment import contains
from ...policy.document import PolicyDocument
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule

_SHOWN = 10  # principals of one boundary that are named

_ROLE = """
resource "aws_iam_role" "deploy" {%s
  name = "deploy"
  %s
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
"""
_POLICY = """
resource "aws_iam_policy" "boundary" {%s
  name   = "boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %s, Resource = "*" }]
  })
}
"""
_SET = "permissions_boundary = aws_iam_policy.boundary.arn"

BAD = Example(
    _ROLE % ("  # bad", "") + _POLICY % ("", '"s3:*"'),
    "the role had one",
    before=_ROLE % ("", _SET) + _POLICY % ("", '"s3:*"'),
)
BAD_WIDER = Example(
    _ROLE % ("", _SET) + _POLICY % ("  # bad", '["s3:*", "iam:*"]'),
    "the boundary itself allows more than before",
    before=_ROLE % ("", _SET) + _POLICY % ("", '"s3:*"'),
)
GOOD = Example(
    _ROLE % ("", _SET) + _POLICY % ("", '"s3:GetObject"'),
    "it allows less than before",
    before=_ROLE % ("", _SET) + _POLICY % ("", '"s3:*"'),
)
UNDECIDED = Example(
    'variable "boundary" {}\n' + _ROLE % ("  # undecided", "permissions_boundary = var.boundary"),
    "what the new boundary allows is not known",
    before=_ROLE % ("", _SET) + _POLICY % ("", '"s3:*"'),
)


@rule(
    code="IAM423",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html",
    ),
    controls=("CWE-269",),
    examples=(BAD, BAD_WIDER, GOOD, UNDECIDED),
)
def permissions_boundary_removed(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each principal that loses its boundary, and one for each boundary that allows more."""
    if world.before is None:
        return
    after = {item.origin.address: item for item in _bounded(world)}
    widened: dict[Origin, tuple[Verdict, list[Principal]]] = {}
    for was in _bounded(world.before):
        now = after.get(was.origin.address)
        if now is None or was.boundary is None:
            continue
        if now.boundary is None:
            yield Violation(
                subject=now.origin,
                message="the change takes its permissions boundary away, so that all of its policies take full effect",
                evidence=(f"permissions boundary until now: {was.boundary}",) if isinstance(was.boundary, str) else (),
            )
            continue
        found = _exchanged(world, world.before, was, now)
        if found is not None:
            widened.setdefault(found.subject, (found, []))[1].append(now)
    for verdict, principals in widened.values():
        yield _with(verdict, principals)


def _bounded(world: World) -> Iterator[Principal]:
    estate = world.estate
    yield from (*estate.users, *estate.roles, *estate.permission_sets)


def _exchanged(world: World, before: World, was: Principal, now: Principal) -> Violation | Undecided | None:
    """The verdict on a boundary that is another one, or says something else, than before."""
    old, new = before.access.boundary(was), world.access.boundary(now)
    if old == new:
        return None
    policy = world.graph.managed_policy(now.boundary, now.origin.account)
    same = policy is not None and before.graph.managed_policy(was.boundary, was.origin.account) is not None
    subject = policy.origin if policy is not None and same else now.origin
    if not isinstance(old, PolicyDocument) or not isinstance(new, PolicyDocument):
        if was.boundary == now.boundary:
            return None  # as far as is known, nothing changes
        unknown = next((item for item in (new, old) if isinstance(item, Unknown)), None)
        because = f": {unknown.because}" if unknown else ""
        message = f"whether its new permissions boundary allows more than the old one is not known{because}"
        return Undecided(subject=now.origin, message=message)
    answer = contains(old, new)
    if answer.truth is Truth.YES:
        return None
    actions = tuple(dict.fromkeys(action for item in answer.differences for action in item.patterns))
    if answer.truth is Truth.NO:
        message = "the change makes this permissions boundary wider"
        return Violation(
            subject=subject,
            message=message,
            evidence=tuple(f"allowed besides: {action}" for action in actions),
            severity=Severity.MEDIUM,
        )
    message = "whether this permissions boundary allows more after the change is not known"
    return Undecided(subject=subject, message=message, evidence=tuple(f"perhaps: {action}" for action in actions))


def _with(verdict: Violation | Undecided, principals: list[Principal]) -> Verdict:
    related = tuple(
        Related(item.origin, "is capped by it")
        for item in principals[:_SHOWN]
        if item.origin.address != verdict.subject.address
    )
    if isinstance(verdict, Violation):
        return Violation(
            subject=verdict.subject,
            message=verdict.message,
            evidence=verdict.evidence,
            severity=verdict.severity,
            related=related,
        )
    return Undecided(subject=verdict.subject, message=verdict.message, evidence=verdict.evidence, related=related)
