"""Deny of requests without MFA lets long-term access keys pass, because they do not carry the condition key.

## Why it matters

The statement is there to force MFA. `aws:MultiFactorAuthPresent` is only in requests with temporary credentials; a request that is signed with
a user's access key has no such key, `Bool` is then false, and nothing is denied. Whoever finds the access key needs no MFA.

## How to fix it

Put `IfExists` behind the operator: then requests that are signed with an access key are denied, too:

```hcl
condition {
  test     = "BoolIfExists"
  variable = "aws:MultiFactorAuthPresent"
  values   = ["false"]
}
```

## How to fix it in CloudFormation

Put `IfExists` behind the operator: then requests that are signed with an access key are denied, too:

```yaml
StaffPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Groups:
      - !Ref StaffGroup
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Action: s3:DeleteObject
          Resource: "*"
          Condition:
            BoolIfExists:
              aws:MultiFactorAuthPresent: "false"
```

## What it leaves alone

Policies that only roles or permission sets have, which have no long-term keys, and Denies beside which another one stops those keys.

## When it cannot tell

The value that is compared is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.mfa import LONG_TERM_KEY
from ...policy.condition.operators import parse_operator
from ...policy.describe import describe
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from ._leaves import leaves

_KEY: Final = "aws:multifactorauthpresent"

_POLICY = """
resource "aws_iam_group" "people" {
  name = "people"
}

resource "aws_iam_group_policy" "mfa" {%s
  group  = aws_iam_group.people.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:*MFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
      Resource  = "*"
      Condition = { %s = { "aws:MultiFactorAuthPresent" = %s } }
    }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", "Bool", '"false"'))
GOOD = Example(_POLICY % ("", "BoolIfExists", '"false"'))
UNDECIDED = Example(_POLICY % (" # undecided", "Bool", "var.value") + '\nvariable "value" {}\n')


@rule(
    code="IAM514",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html",
    ),
    controls=("CIS 1.9 (v3: 1.10)", "Security Hub IAM.19"),
    examples=(BAD, GOOD, UNDECIDED),
)
def mfa_deny_without_ifexists(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Deny that asks whether MFA is absent, and fails to see access keys."""
    for leaf in leaves(world):
        if leaf.condition.key.lower() != _KEY or leaf.denies is not Truth.YES or not leaf.has_long_term_keys:
            continue
        operator = parse_operator(leaf.condition.operator)
        if operator is None or operator.if_missing is not False or leaf.is_denied_elsewhere(LONG_TERM_KEY):
            continue
        evidence = describe(leaf.statement)
        if any(isinstance(value, Unknown) for value in leaf.condition.values):
            yield Undecided(
                subject=leaf.place.origin,
                message="the Deny may be meant for requests without MFA, and then lets long-term access keys pass: its value is not known",
                evidence=evidence,
                related=leaf.place.related,
                key=leaf.key,
            )
        elif any(isinstance(value, str) and value.lower() == "false" for value in leaf.condition.values):
            yield Violation(
                subject=leaf.place.origin,
                message="requests that are signed with a long-term access key are not denied, although they come without MFA",
                evidence=evidence,
                related=leaf.place.related,
                key=leaf.key,
            )
