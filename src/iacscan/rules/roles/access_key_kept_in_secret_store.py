"""Access key of an IAM user is put into a secret store.

## Why it matters

A secret store hides the key, but does not end it: whoever has read it once keeps access until somebody deletes it, and Terraform's state still holds
the secret in clear text. Whoever may read the store could as well assume a role.

## How to fix it

Let whoever reads the secret assume a role, and grant that instead:

```hcl
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.reader.arn]
    }
  }
}
```

Then delete the secret, the key and the user. For software that knows only keys, have the store rotate them.

## How to fix it in CloudFormation

Let whoever reads the secret assume a role, and grant that instead:

```yaml
ExportRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            AWS: !GetAtt ReaderRole.Arn
          Action: sts:AssumeRole
```

Then delete the secret, the key and the user. For software that knows only keys, have the store rotate them.

## What it leaves alone

Keys that are switched off, the id of a key alone, and encrypted secrets.

## When it cannot tell

It always can: where a key goes stands in the references of the configuration.
"""

from collections.abc import Iterator

from ...finding import Confidence, Related, Severity, Violation
from .. import _machine_users
from .._rule import Example, Verdict, World, rule

_USER = """
resource "aws_iam_user" "exporter" {
  name = "exporter"
}

resource "aws_iam_access_key" "exporter" {
  user = aws_iam_user.exporter.name
}
"""

BAD = Example(
    _USER
    + """
resource "aws_ssm_parameter" "exporter" {  # bad
  name  = "/exporter/secret"
  type  = "SecureString"
  value = aws_iam_access_key.exporter.secret
}
"""
)

GOOD = Example(
    _USER
    + """
resource "aws_ssm_parameter" "exporter" {
  name  = "/exporter/key-id"
  type  = "String"
  value = aws_iam_access_key.exporter.id
}
""",
    "the id alone opens nothing",
)


@rule(
    code="IAM203",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",),
    controls=("CIS 1.17 (v3: 1.18)", "CWE-798"),
    examples=(BAD, GOOD),
    tells=("IAM811",),
)
def access_key_kept_in_secret_store(world: World) -> Iterator[Verdict]:
    """Yield one violation for each secret that holds a key's secret."""
    for key, flows in _machine_users.deliveries(world, "store"):
        if not _machine_users.carries_secret(flows):
            continue
        root = flows[0].origin.type == "vault_aws_secret_backend"
        yield Violation(
            subject=flows[0].origin,
            message=f"the permanent access key {key.origin.address} is kept here: whoever reads it once has it for good",
            evidence=tuple(f"{flow.path} <- {key.origin.address}.{flow.part}" for flow in flows[:6]),
            related=(Related(key.origin, "the key"),),
            severity=Severity.LOW if root else None,
            confidence=Confidence.MEDIUM if all(flow.through for flow in flows) else None,
            remedy="let Vault's AWS secrets engine run under a role or workload identity federation" if root else None,
            key=key.origin.address,
        )
