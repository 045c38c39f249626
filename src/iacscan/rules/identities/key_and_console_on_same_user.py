"""User has both a console password and an access key.

## Why it matters

A password is for a person, an access key for a program. With both, nobody can tell which of them was at work, neither can be taken away without harm to the
other, and the second factor that protects the console does not protect the key.

## How to fix it

Delete the key. People get credentials for the command line that end within hours by `aws sso login`; a program gets a role:

```hcl
resource "aws_iam_role" "reports" {
  name               = "reports"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
```

## How to fix it in CloudFormation

Delete the key. People get credentials for the command line that end within hours by `aws sso login`; a program gets a role:

```yaml
ReportsRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
```

## What it leaves alone

Keys that are switched off. That the key is permanent is what IAM205 says.

## When it cannot tell

The status of the key is not known.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from .._rule import Example, Verdict, World, rule
from . import _owners

_USER = """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_login_profile" "ada" {%s
  user = aws_iam_user.ada.name
}

resource "aws_iam_access_key" "ada" {
  user   = %s
  status = %s
}
"""

BAD = Example(_USER % ("  # bad", "aws_iam_user.ada.name", '"Active"'))
GOOD = Example(_USER % ("", "aws_iam_user.ada.name", '"Inactive"'), "the key is switched off")
GOOD_OTHER = Example(_USER % ("", '"exporter"', '"Active"'), "the key is another user's")
UNDECIDED = Example(_USER % ("  # undecided", "aws_iam_user.ada.name", "var.status") + '\nvariable "status" {}\n')


@rule(
    code="IAM109",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp",
    ),
    controls=("CIS 1.10 (v3: 1.11)",),
    examples=(BAD, GOOD, GOOD_OTHER, UNDECIDED),
)
def key_and_console_on_same_user(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each console password whose user has, or may have, an active access key."""
    keys_of = _owners.by_owner(world, world.estate.access_keys)
    for owner, profiles in _owners.by_owner(world, world.estate.login_profiles).items():
        possible = [key for key in keys_of.get(owner, ()) if key.status != "Inactive"]
        certain = [key for key in possible if key.status == "Active"]
        profile = profiles[0]
        related = tuple(Related(key.origin, "the access key") for key in certain or possible)
        if certain:
            yield Violation(
                subject=profile.origin,
                message=f"{_owners.name_of(profile)} has a console password and an access key",
                related=related,
            )
        elif possible:
            yield Undecided(
                subject=profile.origin,
                message=f"whether {_owners.name_of(profile)} has an active access key beside a console password is not known",
                related=related,
            )
