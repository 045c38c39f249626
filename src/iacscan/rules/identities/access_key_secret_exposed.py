"""Secret of an access key is stored or printed in clear text.

## Why it matters

Whoever has the secret of an access key is its user, from anywhere. Terraform keeps the secret of an `aws_iam_access_key` in its state, readable for
everybody who can read the state file. An output that is not marked as sensitive also prints it on every run, so it ends up in the logs of
continuous integration; a file keeps it on the machine that ran it. An output of a CloudFormation stack shows it to everybody who may describe the stack.

## How to fix it

Best: no key; let the workload assume a role. Where a key cannot be avoided, have the secret encrypted before it reaches the state:

```hcl
resource "aws_iam_access_key" "mailer" {
  user    = aws_iam_user.mailer.name
  pgp_key = "keybase:alice"
}

output "mailer_secret" {
  value = aws_iam_access_key.mailer.encrypted_secret
}
```

## How to fix it in CloudFormation

Take the output away, and let the workload assume a role instead of using a key:

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

Where a key cannot be avoided, have the template put its secret into Secrets Manager, and let only its user read it there.

## What it leaves alone

Keys with a `pgp_key`. An output that is marked `sensitive` is not printed, but the secret is in the state all the same.

## When it cannot tell

It always can: a secret is never known while planning, and where it goes stands in the configuration.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Related, Severity, Violation
from .._rule import Example, Verdict, World, rule

_SHOWN: Final = {"output": "prints it", "file": "writes it to a file"}

_USER = """
resource "aws_iam_user" "mailer" {
  name = "mailer"
}
"""
_KEY = """
resource "aws_iam_access_key" "mailer" {%s
  user = aws_iam_user.mailer.name%s
}
"""

BAD = Example(_USER + _KEY % ("  # bad", ""), "the secret is in the state")

PRINTED = Example(
    _USER
    + _KEY % ("  # bad", "")
    + """
output "secret" {
  value = nonsensitive(aws_iam_access_key.mailer.secret)
}
""",
    "and it is printed on every run",
)

GOOD = Example(
    _USER
    + _KEY % ("", '\n  pgp_key = "keybase:alice"')
    + """
output "secret" {
  value = aws_iam_access_key.mailer.encrypted_secret
}
"""
)


@rule(
    code="IAM107",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        "https://developer.hashicorp.com/terraform/language/manage-sensitive-data",
    ),
    controls=("CWE-312", "CWE-532"),
    examples=(BAD, PRINTED, GOOD),
)
def access_key_secret_exposed(world: World) -> Iterator[Verdict]:
    """Yield one violation for each key whose secret Terraform can read."""
    for key in world.estate.access_keys:
        if key.encrypted:
            continue
        leaks = [
            flow
            for flow in world.graph.flows_of(key)
            if flow.sink in _SHOWN and flow.part not in ("id", "encrypted_secret")
        ]
        if leaks:
            place = "clear text:" if key.origin.is_template else "the state in clear text, and"
            ways = " and ".join(dict.fromkeys(f"{flow.origin.address} {_SHOWN[flow.sink]}" for flow in leaks))
            yield Violation(
                subject=key.origin,
                message=f"the secret of the access key is in {place} {ways}",
                evidence=tuple(f"{flow.path} <- {key.origin.address}.{flow.part}" for flow in leaks[:6]),
                related=tuple(Related(flow.origin, _SHOWN[flow.sink]) for flow in leaks),
                severity=Severity.CRITICAL,
                confidence=Confidence.MEDIUM if all(flow.through for flow in leaks) else None,
            )
        elif not key.origin.is_template:  # CloudFormation keeps no secret by itself
            yield Violation(
                subject=key.origin,
                message="the secret of the access key is in the state in clear text: whoever reads the state can use it",
                evidence=("pgp_key is not set",),
                severity=Severity.LOW if key.status == "Inactive" else None,
            )
