"""Key may be used through a service of another region than the key's, which never happens.

## Why it matters

A service uses the keys of the region that it runs in. A condition that asks for `s3.us-east-1.amazonaws.com` beside a key in Frankfurt never holds, and what was
encrypted under the key cannot be read.

## How to fix it

Name the service in the region of the key:

```hcl
condition {
  test     = "StringEquals"
  variable = "kms:ViaService"
  values   = ["s3.eu-central-1.amazonaws.com"]
}
```

## How to fix it in CloudFormation

Name the service in the region of the key:

```yaml
- Effect: Allow
  Action: kms:Decrypt
  Resource: !GetAtt DataKey.Arn
  Condition:
    StringEquals:
      kms:ViaService: !Sub s3.${AWS::Region}.amazonaws.com
```

## What it leaves alone

Keys whose region is not in the statement, such as `Resource = "*"`, and conditions that name the right region besides.

## When it cannot tell

The rule is always certain: both regions stand in the statement.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.condition.via_service import KEY, regions_of_keys, strangers
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import leaves
from ._order import is_told_by_another

_POLICY = """
resource "aws_iam_policy" "readers" {%s
  name   = "readers"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-0000-0000-000000000000"
      Condition = { StringEquals = { "kms:ViaService" = %s } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", '"s3.us-east-1.amazonaws.com"'), "S3 in Virginia uses no key in Frankfurt")
GOOD = Example(_POLICY % ("", '"s3.eu-central-1.amazonaws.com"'))
GOOD_BOTH = Example(
    _POLICY % ("", '["s3.us-east-1.amazonaws.com", "s3.eu-central-1.amazonaws.com"]'), "one of them is right"
)


@rule(
    code="IAM534",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service",
    ),
    examples=(BAD, GOOD, GOOD_BOTH),
)
def kms_viaservice_mismatch(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition all of whose services are in regions without the keys."""
    for leaf in leaves(world):
        if leaf.condition.key.lower() != KEY:
            continue
        regions = regions_of_keys(leaf.statement)
        elsewhere = strangers(leaf.condition, regions) if regions else []
        if len(elsewhere) < max(1, len(leaf.condition.values)) or is_told_by_another(leaf, "IAM534"):
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=f"{', '.join(elsewhere)} uses no keys of {', '.join(sorted(regions or ()))}, {leaf.consequence(holds=False)}",
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            severity=Severity.HIGH if leaf.denies is Truth.YES else None,
            key=leaf.key,
        )
