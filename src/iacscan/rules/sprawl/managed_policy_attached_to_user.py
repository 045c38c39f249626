"""Managed policy is attached to a user.

## Why it matters

What a person may do should follow from what the person does, which is what a group says. Attached to users one by one, the same
policy is forgotten on the third user, and taken from nobody who leaves the team.

## How to fix it

Attach the policy to a group, and make the user a member of it:

```hcl
resource "aws_iam_group_policy_attachment" "analysts" {
  group      = aws_iam_group.analysts.name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.analysts.name]
}
```

## How to fix it in CloudFormation

Attach the policy to a group, and make the user a member of it:

```yaml
AnalystsGroup:
  Type: AWS::IAM::Group
  Properties:
    ManagedPolicyArns:
      - arn:aws:iam::aws:policy/job-function/ViewOnlyAccess
AdaUser:
  Type: AWS::IAM::User
  Properties:
    Groups:
      - !Ref AnalystsGroup
```

## What it leaves alone

Policies that only let users look after their own password, keys and MFA device, such as `IAMUserChangePassword`, and policies that only
deny, such as those by which AWS quarantines a leaked key. For a user with an access key, no console password
and no group, which is probably a program, the finding is low: replace it by a role first.

## When it cannot tell

Which policy is attached is not known, or its content is not, so it may be one of those that are left alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...model.iam import Attachment, User
from ...policy.managed import managed_policy
from ...value import Maybe, Truth, Unknown
from .. import _machine_users
from .._rule import Example, Verdict, World, rule
from . import _personal

_NAMED: Final = 3  # users that a message names

_ATTACHED = """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy_attachment" "ada" {%s
  user       = aws_iam_user.ada.name
  policy_arn = %s
}
"""

BAD = Example(_ATTACHED % ("  # bad", '"arn:aws:iam::aws:policy/ReadOnlyAccess"'))

BY_POLICY = Example(
    """
resource "aws_iam_policy_attachment" "readers" {
  name       = "readers"
  users      = ["ada", "grace"]  # bad
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
""",
    "the attachment names users",
)

GOOD = Example(
    """
resource "aws_iam_group" "analysts" {
  name = "analysts"
}

resource "aws_iam_group_policy_attachment" "analysts" {
  group      = aws_iam_group.analysts.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"""
)

OWN_PASSWORD = Example(
    _ATTACHED % ("", '"arn:aws:iam::aws:policy/IAMUserChangePassword"'), "the policy is for self-service"
)

UNDECIDED = Example(_ATTACHED % ("  # undecided", "var.policy") + '\nvariable "policy" {}\n')


@rule(
    code="IAM303",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html",
    ),
    controls=("CIS 1.14 (v3: 1.15)", "Security Hub IAM.2"),
    examples=(BAD, BY_POLICY, GOOD, OWN_PASSWORD, UNDECIDED),
)
def managed_policy_attached_to_user(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each block that attaches a policy to users."""
    blocks: defaultdict[tuple[str, Maybe[str]], list[Attachment]] = defaultdict(list)
    for attachment in world.estate.attachments:
        if attachment.holder_kind == "user":
            blocks[(attachment.origin.address, attachment.policy)].append(attachment)
    for attachments in blocks.values():
        yield from _verdict(world, attachments)


def _verdict(world: World, attachments: list[Attachment]) -> Iterator[Verdict]:
    """Judge the attachments of one policy that one block makes."""
    first = attachments[0]
    users = [holder if isinstance(holder, User) else None for holder in map(world.graph.holder, attachments)]
    names = [_personal.called(user, item.holder) for user, item in zip(users, attachments, strict=True)]
    who = (
        ("the user " if len(names) == 1 else "the users ")
        + ", ".join(names[:_NAMED])
        + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    )
    related = tuple(Related(user.origin, "a user that the policy is attached to") for user in users[:10] if user)
    if isinstance(first.policy, Unknown):
        message = f"a policy is attached directly to {who}, and which one is not known: {first.policy.because}"
        yield Undecided(subject=first.origin, message=message, related=related)
        return
    own = world.graph.managed_policy(first.policy, first.origin.account)
    name = own.origin.address if own else first.policy.rpartition("/")[2]
    if own:
        related += (Related(own.origin, "the policy"),)
    document = own.document if own else managed_policy(first.policy)
    own_care = Truth.of(known="selfmanage" in name.lower().replace("-", "").replace("_", ""))
    if document is not None and own_care is Truth.NO:
        own_care = _personal.is_self_service(document, users[0])
    if own_care is Truth.YES:
        return
    if own_care is Truth.UNKNOWN:
        message = f"{name} is attached directly to {who}, and whether it is for self-service only is not known"
        yield Undecided(subject=first.origin, message=message, related=related, key=name)
        return
    machine = all(user is not None and _machine_users.machine(world, user) is not None for user in users)
    yield Violation(
        subject=first.origin,
        message=f"{who} {'gets' if len(names) == 1 else 'get'} {name} directly, not through a group",
        evidence=(f"policy {first.policy}", *(f"user {user}" for user in names[:5])),
        related=related,
        severity=Severity.LOW if machine else None,
        remedy="If a program signs in as this user, give it a role with this policy, and delete the user."
        if machine
        else None,
        key=name,
    )
