"""Managed policy is attached to nothing.

## Why it matters

It grants nothing today, and is one click away from granting it tomorrow, to whom nobody has considered. Reviews get longer by policies that
do not count, and the ones that do get less attention.

## How to fix it

Attach it, or delete it:

```hcl
resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = aws_iam_policy.worker.arn
}
```

## How to fix it in CloudFormation

Attach it, or delete it:

```yaml
WorkerPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Roles:
      - !Ref WorkerRole
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: sqs:SendMessage
          Resource: !GetAtt JobsQueue.Arn
```

## What it leaves alone

Permissions boundaries, policies that a condition of another policy names, policies that permission sets use by name, and policies whose
ARN is an output or goes into a resource of another kind: they may be attached elsewhere.

## When it cannot tell

Some attachment does not say which policy it attaches, or only a part of the configuration was planned.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from .._doubt import by_doubt, is_passed_on
from .._rule import Example, Verdict, World, rule
from . import _boundaries

_POLICY = """
resource "aws_iam_policy" "worker" {%s
  name   = "worker"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
"""

BAD = Example(_POLICY % "  # bad")

GOOD = Example(
    _POLICY % ""
    + """
resource "aws_iam_role_policy_attachment" "worker" {
  role       = "worker"
  policy_arn = aws_iam_policy.worker.arn
}
"""
)

BOUNDARY = Example(
    _POLICY % ""
    + """
resource "aws_iam_user" "ada" {
  name                 = "ada"
  permissions_boundary = aws_iam_policy.worker.arn
}
""",
    "it is a permissions boundary",
)

EXPORTED = Example(
    _POLICY % ""
    + """
output "policy" {
  value = aws_iam_policy.worker.arn
}
""",
    "whoever calls the module attaches it",
)

UNDECIDED = Example(
    _POLICY % "  # undecided"
    + """
resource "aws_iam_role_policy_attachment" "worker" {
  role       = "worker"
  policy_arn = var.policy
}

variable "policy" {}
"""
)


@rule(
    code="IAM306",
    severity=Severity.LOW,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html",),
    examples=(BAD, GOOD, BOUNDARY, EXPORTED, UNDECIDED),
)
def unattached_managed_policy(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each customer managed policy that nothing uses."""
    estate, graph = world.estate, world.graph
    named = _boundaries.named_in_conditions(world)
    idle = [
        policy.origin
        for policy in estate.managed_policies
        if not graph.attachments_of(policy)
        and not graph.bounded_by(policy)
        and not is_passed_on(estate, policy.origin)
        and policy.origin.address not in named
        and policy.arn not in named
    ]
    sure, unsure = by_doubt(idle, ((item.origin, item.policy) for item in estate.attachments))
    for attachment, policies in unsure.items():
        message = f"whether this policy is attached to anything is not known: {attachment.address} does not say which policy it attaches"
        related = tuple(Related(policy, "likewise") for policy in policies[1:])
        yield Undecided(subject=policies[0], message=message, related=related)
    for origin in sure:
        if estate.complete:
            yield Violation(subject=origin, message="this policy is attached to nothing, and nothing else refers to it")
        else:
            message = "nothing here attaches this policy, but the input does not show all that there is"
            yield Undecided(subject=origin, message=message)
