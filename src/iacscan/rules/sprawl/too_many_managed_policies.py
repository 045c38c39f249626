"""Principal has more managed policies than AWS allows by default.

## Why it matters

The eleventh attachment fails unless the quota was raised, and nobody can tell what somebody with so many policies may do. Raising the quota to its end, 20, puts the
problem off; no quota goes beyond it.

## How to fix it

Merge what belongs together into policies by purpose:

```hcl
data "aws_iam_policy_document" "worker" {
  source_policy_documents = [
    data.aws_iam_policy_document.read_input.json,
    data.aws_iam_policy_document.write_output.json,
  ]
}

resource "aws_iam_policy" "worker" {
  name   = "worker"
  policy = data.aws_iam_policy_document.worker.json
}
```

## How to fix it in CloudFormation

Merge what belongs together into policies by purpose:

```yaml
WorkerPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Roles:
      - !Ref WorkerRole
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Sid: ReadInput
          Effect: Allow
          Action: s3:GetObject
          Resource: !Sub ${InputBucket.Arn}/*
        - Sid: WriteOutput
          Effect: Allow
          Action: s3:PutObject
          Resource: !Sub ${OutputBucket.Arn}/*
```

## What it leaves alone

Up to ten. The policies of a user's groups count for the groups. Permission sets have quotas of their own.

## When it cannot tell

Nothing is reported: an attachment of which the principal is not known counts for nobody.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Violation
from ...model import iam
from .._identity import called
from .._rule import Example, Verdict, World, rule

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, read 2026-11-23: for each user, group and role.
QUOTA: Final = 10
RAISED: Final = 20  # the most that AWS raises it to
_SHOWN: Final = 5

_ROLE = """
resource "aws_iam_role" "worker" {%s
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "worker" {
  count      = %d
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::111122223333:policy/part-${count.index}"
}
"""

BAD = Example(_ROLE % ("  # bad", 11), "one more than the default quota")
BAD_MANY = Example(_ROLE % ("  # bad", 21), "of high severity: AWS allows it to nobody")
GOOD = Example(_ROLE % ("", 10))


@rule(
    code="IAM314",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",),
    examples=(BAD, BAD_MANY, GOOD),
)
def too_many_managed_policies(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each user, group or role with more than ten."""
    estate = world.estate
    for principal in (*estate.users, *estate.groups, *estate.roles):
        attachments = [item for item in world.graph.attachments(principal) if not item.origin.possible]
        # A policy that is attached twice counts once; of those that are not known, no two blocks attach the same.
        policies = {item.policy if isinstance(item.policy, str) else item.origin.address: item for item in attachments}
        if len(policies) > QUOTA:
            yield _verdict(principal, tuple(policies.values()))


def _verdict(principal: iam.Principal, attachments: tuple[iam.Attachment, ...]) -> Violation:
    count = len(attachments)
    over = count > RAISED
    limit = f"AWS raises the quota to {RAISED} at most" if over else f"the quota is {QUOTA} unless it was raised"
    blocks = {item.origin.address: item.origin for item in attachments if item.origin != principal.origin}
    return Violation(
        subject=principal.origin,
        message=f"{called(principal)} has {count} managed policies: {limit}",
        evidence=(f"managed policies: {count}",),
        related=tuple(Related(origin, "attaches one of them") for origin in list(blocks.values())[:_SHOWN]),
        severity=Severity.HIGH if over else None,
    )
