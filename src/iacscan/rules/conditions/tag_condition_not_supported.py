"""Condition on tags stands with actions whose requests carry none.

## Why it matters

Not every action tells IAM about tags: reading an object's list of versions has no `aws:RequestTag`, and most `Describe` actions have no `aws:ResourceTag`. There the
condition is never met. An Allow "for resources of the team" grants nothing; a Deny of what lacks the tag denies everything, or nothing.

## How to fix it

Keep tag conditions to the actions that AWS lists them for, and give the others a statement of their own:

```hcl
statement {
  actions   = ["ec2:StartInstances", "ec2:StopInstances"]
  resources = ["arn:aws:ec2:*:*:instance/*"]
  condition {
    test     = "StringEquals"
    variable = "aws:ResourceTag/team"
    values   = ["reports"]
  }
}

statement {
  actions   = ["ec2:DescribeInstances"]
  resources = ["*"]
}
```

## How to fix it in CloudFormation

Keep tag conditions to the actions that AWS lists them for, and give the others a statement of their own:

```yaml
- Effect: Allow
  Action:
    - ec2:StartInstances
    - ec2:StopInstances
  Resource: arn:aws:ec2:*:*:instance/*
  Condition:
    StringEquals:
      aws:ResourceTag/team: reports
- Effect: Allow
  Action: ec2:DescribeInstances
  Resource: "*"
```

## What it leaves alone

Statements about all of AWS or a great many services, and actions that only a wildcard brings into a statement with others that do carry tags. Actions that
another statement of the policy allows.

## When it cannot tell

None of the actions is listed with the key, but the service's list is known to have gaps.
"""

from collections.abc import Iterator

from ...finding import Severity
from ...policy.condition.support import is_about_tags
from .._rule import Example, Verdict, World, rule
from ._carried import verdicts

_POLICY = """
resource "aws_iam_policy" "operators" {%s
  name   = "operators"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = %s
      Resource  = "*"
      Condition = { StringEquals = { "%s" = "reports" } }
    }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "Allow", '["ec2:DescribeInstances", "ec2:DescribeVolumes"]', "aws:ResourceTag/team"),
    "what describes has no tags to compare",
)
BAD_DENY = Example(_POLICY % ("  # bad", "Deny", '"s3:DeleteObject"', "aws:RequestTag/team"), "high: nothing is denied")
BAD_PART = Example(
    _POLICY % ("  # bad", "Allow", '["ec2:StopInstances", "ec2:DescribeInstances"]', "aws:ResourceTag/team"),
    "low: stopping works, looking does not",
)
GOOD = Example(_POLICY % ("", "Allow", '["ec2:StopInstances", "ec2:StartInstances"]', "aws:ResourceTag/team"))
GOOD_CREATE = Example(_POLICY % ("", "Allow", '"ec2:RunInstances"', "aws:RequestTag/team"))
UNDECIDED = Example(
    _POLICY % ("  # undecided", "Allow", '"sagemaker:DeleteDomain"', "aws:RequestTag/team"),
    "AWS's own policies do that, its list does not",
)


@rule(
    code="IAM524",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html",
    ),
    controls=("Access Analyzer DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",),
    examples=(BAD, BAD_DENY, BAD_PART, GOOD, GOOD_CREATE, UNDECIDED),
)
def tag_condition_not_supported(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each condition on tags that the actions do not carry."""
    yield from verdicts(world, "IAM524", is_about_tags)
