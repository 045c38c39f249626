"""Access key is permanent.

## Why it matters

An access key works until somebody deletes it, from anywhere, for whoever has a copy. Most intrusions into AWS accounts begin with one
that leaked.

## How to fix it

Use credentials that end by themselves: roles for workloads, IAM Identity Center for people (`aws sso login`). Then delete the
`aws_iam_access_key`:

```hcl
resource "aws_iam_role" "reports" {
  name               = "reports"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
```

## How to fix it in CloudFormation

Use credentials that end by themselves: roles for workloads, IAM Identity Center for people (`aws sso login`). Then delete the
`AWS::IAM::AccessKey`:

```yaml
ReportsRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: ec2.amazonaws.com
          Action: sts:AssumeRole
```

## What it leaves alone

Keys that are switched off, and keys about which a rule says more: a machine's user, a key that goes to a workload, a secret store or CI.

## When it cannot tell

The status of the key is not known.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...model.iam import AccessKey, User
from ...value import Unknown
from .. import _machine_users
from .._rule import Example, Verdict, World, rule

_USER = """
resource "aws_iam_user" "ada" {
  name = "ada.lovelace"
}
"""

BAD = Example(
    _USER
    + """
resource "aws_iam_access_key" "ada" {  # bad
  user = aws_iam_user.ada.name
}
""",
    "a person's key",
)

FOREIGN = Example(
    """
resource "aws_iam_access_key" "reports" {  # bad
  user = "reports"
}
""",
    "the key of a user that is made elsewhere",
)

GOOD = Example(
    _USER
    + """
resource "aws_iam_access_key" "ada" {
  user   = aws_iam_user.ada.name
  status = "Inactive"
}
""",
    "it is switched off",
)

SAID = Example(
    """
resource "aws_iam_user" "deploy" {
  name = "github-deploy"
}

resource "aws_iam_access_key" "deploy" {
  user = aws_iam_user.deploy.name
}
""",
    "IAM201 says more about this one",
)

UNDECIDED = Example(
    _USER
    + """
resource "aws_iam_access_key" "ada" {
  user   = aws_iam_user.ada.name
  status = var.status  # undecided
}

variable "status" {}
"""
)


@rule(
    code="IAM205",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    ),
    controls=("CIS 1.13 (v3: 1.14)", "Security Hub IAM.3"),
    examples=(BAD, FOREIGN, GOOD, SAID, UNDECIDED),
    tells=("IAM811",),
)
def long_lived_access_key(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each key that no other rule of this tip speaks about."""
    for key in world.estate.access_keys:
        user = world.graph.user_of(key)
        if key.status == "Inactive" or _is_said(world, key, user):
            continue
        if isinstance(key.status, Unknown):
            yield Undecided(
                subject=key.origin, message=f"whether the access key is active is not known: {key.status.because}"
            )
            continue
        whose = f' of the user "{key.user}"' if isinstance(key.user, str) and "⟦" not in key.user else ""
        yield Violation(
            subject=key.origin,
            message=f"the access key{whose} works until somebody deletes it, for whoever has a copy",
            related=(Related(user.origin, "the user that it belongs to"),) if user else (),
        )


def _is_said(world: World, key: AccessKey, user: User | None) -> bool:
    return _machine_users.is_delivered(world, key) or (
        user is not None and _machine_users.machine(world, user) is not None
    )
