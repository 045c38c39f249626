"""KMS key's policy lets strangers use the key.

## Why it matters

The key policy is the root of all access to a key. If it names everybody, any AWS account can decrypt whatever it encrypts, as soon as it gets hold of
a snapshot, an object or a backup, or, with `kms:*`, can delete the key and all the data with it.

## How to fix it

Name the account, and leave the rest to IAM policies.

```hcl
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}
```

## How to fix it in CloudFormation

Name the account, and leave the rest to IAM policies.

```yaml
DataKey:
  Type: AWS::KMS::Key
  Properties:
    KeyPolicy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
          Action: kms:*
          Resource: "*"
```

## What it leaves alone

`Principal: "*"` limited by `kms:CallerAccount`, `aws:PrincipalOrgID` or another key that names callers: AWS writes the policies of its own keys so.
`kms:ViaService` alone does not limit: every account uses the same services.

## When it cannot tell

A principal or condition of a statement is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from .._rule import Example, Verdict, World, rule
from . import _open

_KEY = """
resource "aws_kms_key" "data" {%s
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      {
        Effect    = "Allow"
        Principal = { AWS = %s }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { %s } }
      },
    ]
  })
}
"""

BAD = Example(
    _KEY % ("  # bad", '"*"', '"kms:ViaService" = "s3.eu-west-1.amazonaws.com"'),
    "every account comes through the same service",
)
GOOD = Example(_KEY % ("", '"*"', '"kms:CallerAccount" = "111122223333"'), "one account, as in AWS's own keys")
UNDECIDED = Example(
    'variable "user" {}\n' + _KEY % ("  # undecided", "var.user", '"kms:ViaService" = "s3.eu-west-1.amazonaws.com"'),
    "a principal without a value",
)


@rule(
    code="IAM603",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
    ),
    controls=("Security Hub KMS.5", "CWE-284"),
    examples=(BAD, GOOD, UNDECIDED),
    tells=("IAM502", "IAM531", "IAM543"),
)
def kms_key_public(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each key policy that admits accounts it does not name."""
    for found in _open.openings(world, ("kms-key",)):
        if found.public:
            yield Violation(
                subject=found.policy.origin,
                message=f"{found.who} may {_open.deeds(found.actions)} with this key: {found.because}",
                evidence=found.evidence,
            )
        else:
            yield Undecided(
                subject=found.policy.origin,
                message=f"whether strangers may use this key is not known: {found.because}",
                evidence=found.evidence,
            )
