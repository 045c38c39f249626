"""Access key is never replaced.

## Why it matters

An access key works until somebody deletes it. Without something in the configuration that replaces it, it lives as long as the user does,
and so does every copy of its secret.

## How to fix it

Best: no key at all; let the workload assume a role. Where a key cannot be avoided, tie it to the calendar:

```hcl
resource "time_rotating" "quarter" {
  rotation_days = 90
}

resource "aws_iam_access_key" "mailer" {
  user = aws_iam_user.mailer.name

  lifecycle {
    replace_triggered_by  = [time_rotating.quarter]
    create_before_destroy = true
  }
}
```

## How to fix it in CloudFormation

Best: no key at all; let the workload assume a role:

```yaml
MailerRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: ecs-tasks.amazonaws.com
          Action: sts:AssumeRole
```

Where a key cannot be avoided, raise its `Serial` every ninety days: CloudFormation then makes a new key, and deletes the old one.

## What it leaves alone

Inactive keys, and keys of a configuration that has a `time_rotating` resource.

## When it cannot tell

A plan does not show `replace_triggered_by`. A configuration with a `time_rotating` resource is therefore taken to rotate its keys;
without one there is nothing that could.
"""

from collections.abc import Iterator

from ...finding import Confidence, Severity, Violation
from .._rule import Example, Verdict, World, rule

_USER = """
resource "aws_iam_user" "mailer" {
  name = "mailer"
}
"""

BAD = Example(
    _USER
    + """
resource "aws_iam_access_key" "mailer" {  # bad
  user = aws_iam_user.mailer.name
}
"""
)

GOOD = Example(
    _USER
    + """
resource "time_rotating" "quarter" {
  rotation_days = 90
}

resource "aws_iam_access_key" "mailer" {
  user = aws_iam_user.mailer.name

  lifecycle {
    replace_triggered_by = [time_rotating.quarter]
  }
}
"""
)


@rule(
    code="IAM811",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",),
    controls=("CIS 1.13 (v3: 1.14)", "Security Hub IAM.3"),
    examples=(BAD, GOOD),
)
def key_without_rotation(world: World) -> Iterator[Verdict]:
    """Yield a violation for each active key in a configuration that has nothing to rotate it."""
    if "time_rotating" in world.estate.types:
        return
    for key in world.estate.access_keys:
        if key.status == "Active" and not key.rotated:
            yield Violation(subject=key.origin, message="nothing in this configuration ever replaces this access key")
