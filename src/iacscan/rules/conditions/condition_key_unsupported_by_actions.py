"""Condition asks for a key that requests for the statement's actions do not carry.

## Why it matters

Each action has its own condition keys: `ec2:InstanceType` comes with the start of a machine, never with the making of a volume. On an action without the key the
condition is never met, so an Allow grants nothing and a Deny denies nothing; with `IfExists` or a negated operator it is met by every request.

## How to fix it

Look the action up in the service authorization reference, and use a key that it lists:

```hcl
statement {
  actions   = ["ec2:RunInstances"]
  resources = ["arn:aws:ec2:*:*:instance/*"]
  condition {
    test     = "StringLike"
    variable = "ec2:InstanceType"
    values   = ["t4g.*"]
  }
}

statement {
  actions   = ["ec2:DescribeInstances"]
  resources = ["*"]
}
```

## How to fix it in CloudFormation

Look the action up in the service authorization reference, and use a key that it lists:

```yaml
- Effect: Allow
  Action: ec2:RunInstances
  Resource: arn:aws:ec2:*:*:instance/*
  Condition:
    StringLike:
      ec2:InstanceType: t4g.*
- Effect: Allow
  Action: ec2:DescribeInstances
  Resource: "*"
```

## What it leaves alone

Global keys, keys that AWS lists for no action at all, statements about all of AWS or a great many services, and actions that only a wildcard brings into a
statement with others that do carry the key. Actions that another statement of the policy allows. Tags: IAM524. The parameters of a listing of a bucket: IAM535.

## When it cannot tell

None of the actions is listed with the key, but the service's list is known to have gaps.
"""

from collections.abc import Iterator

from ...finding import Severity
from ...policy.condition.support import is_about_listing, is_about_tags
from .._rule import Example, Verdict, World, rule
from ._carried import verdicts

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = %s
      Resource  = "*"
      Condition = { %s }
    }]
  })
}
"""
_ACL = 'StringEquals = { "s3:x-amz-acl" = "private" }'
_TYPE = 'StringEquals = { "ec2:InstanceType" = "p5.48xlarge" }'

BAD = Example(_POLICY % ("  # bad", "Allow", '"s3:GetObject"', _ACL), "who reads an object sets no ACL")
BAD_DENY = Example(
    _POLICY % ("  # bad", "Deny", '"s3:DeleteObject"', 'StringEquals = { "s3:x-amz-acl" = "public-read" }'),
    "high: nothing is denied",
)
BAD_PART = Example(
    _POLICY % ("  # bad", "Allow", '["s3:PutObject", "s3:GetObject"]', _ACL), "low: writing works, reading does not"
)
GOOD = Example(_POLICY % ("", "Allow", '"s3:PutObject"', _ACL))
GOOD_DENY = Example(_POLICY % ("", "Deny", '"ec2:*"', _TYPE), "whatever carries the key")
UNDECIDED = Example(
    _POLICY
    % (
        "  # undecided",
        "Allow",
        '"aws-marketplace:Subscribe"',
        'StringEquals = { "aws-marketplace:ProductId" = "prod-1" }',
    ),
    "AWS's own policies do that, its list does not",
)


@rule(
    code="IAM520",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    ),
    controls=("Access Analyzer UNSUPPORTED_ACTION_FOR_CONDITION_KEY", "parliament RESOURCE_MISMATCH"),
    examples=(BAD, BAD_DENY, BAD_PART, GOOD, GOOD_DENY, UNDECIDED),
)
def condition_key_unsupported_by_actions(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each condition on a key of a service that the actions do not carry."""
    yield from verdicts(world, "IAM520", lambda key: not is_about_tags(key) and not is_about_listing(key))
