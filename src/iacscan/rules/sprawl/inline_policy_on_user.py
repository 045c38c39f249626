"""User has an inline policy of its own.

## Why it matters

Permissions that are written into one user are found by nobody who reviews groups or managed policies. They cannot be attached to anyone
else, so the next person gets a copy; and when the person changes teams, they stay.

## How to fix it

Give the policy to a group, and make the user a member of it:

```hcl
resource "aws_iam_policy" "reports" {
  name   = "read-reports"
  policy = data.aws_iam_policy_document.reports.json
}

resource "aws_iam_group_policy_attachment" "analysts" {
  group      = aws_iam_group.analysts.name
  policy_arn = aws_iam_policy.reports.arn
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.analysts.name]
}
```

## How to fix it in CloudFormation

Give the policy to a group, and make the user a member of it:

```yaml
ReportsPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Groups:
      - !Ref AnalystsGroup
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: !Sub ${ReportsBucket.Arn}/*
AdaUser:
  Type: AWS::IAM::User
  Properties:
    Groups:
      - !Ref AnalystsGroup
```

## What it leaves alone

Policies that only let users look after their own password, keys and MFA device (`${aws:username}`), and policies that only deny.
For a user with an access key, no console password and no group, which is probably a program, the finding is low: replace it by a role first.

## When it cannot tell

The content is not known, so it may be one of those that are left alone. A policy that is computed from the ARN of another object is not.
"""

from collections.abc import Iterator

from ...finding import Confidence, Related, Severity, Undecided, Violation
from ...model.iam import User
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...value import Maybe, Truth, Unknown
from .. import _machine_users
from .._rule import Example, Verdict, World, rule
from . import _personal

_USER = """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy" "ada" {%s
  user   = aws_iam_user.ada.name
  policy = %s
}
"""

BAD = Example(
    _USER
    % (
        "  # bad",
        """jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*" }]
  })""",
    )
)

GOOD = Example(
    """
resource "aws_iam_group" "analysts" {
  name = "analysts"
}

resource "aws_iam_group_policy" "analysts" {
  group  = aws_iam_group.analysts.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*" }]
  })
}
""",
    "the group has the policy",
)

OWN_PASSWORD = Example(
    _USER
    % (
        "",
        """jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"], Resource = "*" },
      { Effect = "Allow", Action = ["iam:ChangePassword", "iam:*MFADevice"], Resource = "arn:aws:iam::*:user/$${aws:username}" },
    ]
  })""",
    ),
    "nothing but the user's own password and MFA device",
)

COMPUTED = Example(
    """
resource "aws_sqs_queue" "orders" {}

resource "aws_iam_user_policy" "ada" {  # bad
  user   = "ada"
  policy = "${aws_sqs_queue.orders.arn}${var.rest}"
}

variable "rest" {}
""",
    "whatever it says, it is about a queue",
)

UNDECIDED = Example(_USER % ("  # undecided", "var.policy") + '\nvariable "policy" {}\n')


@rule(
    code="IAM301",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    ),
    controls=("CIS 1.14 (v3: 1.15)", "Security Hub IAM.2"),
    examples=(BAD, COMPUTED, GOOD, OWN_PASSWORD, UNDECIDED),
)
def inline_policy_on_user(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that is embedded in a user."""
    for policy in world.estate.inline_policies:
        if policy.holder_kind != "user":
            continue
        holder = world.graph.holder(policy)
        user = holder if isinstance(holder, User) else None
        own_care = _personal.is_self_service(policy.document, user)
        if own_care is Truth.YES:
            continue
        who = _personal.called(user, policy.holder)
        related = () if user is None or policy.argument else (Related(user.origin, "the user that has the policy"),)
        evidence, because = _shown(policy.document)
        if own_care is Truth.UNKNOWN:
            message = (
                f"the user {who} has an inline policy, and whether it is for self-service only is not known: {because}"
            )
            yield Undecided(subject=policy.origin, message=message, related=related, evidence=evidence)
            continue
        machine = user is not None and _machine_users.machine(world, user) is not None
        yield Violation(
            subject=policy.origin,
            message=f"the user {who} gets permissions from a policy that is embedded in this one user, not through a group",
            evidence=evidence,
            related=related,
            confidence=Confidence.MEDIUM if isinstance(policy.document, Unknown) else None,
            severity=Severity.LOW if machine else None,
            remedy="If a program signs in as this user, give it a role with this policy, and delete the user."
            if machine
            else None,
        )


def _shown(document: Maybe[PolicyDocument]) -> tuple[tuple[str, ...], str]:
    """The first statements of a policy, and what is not known of it."""
    if isinstance(document, Unknown):
        return (f"policy: {document.because}",), document.because
    evidence = tuple(line for statement in document.statements[:3] for line in describe(statement))
    return evidence, document.unknowns[0].because if document.unknowns else ""
