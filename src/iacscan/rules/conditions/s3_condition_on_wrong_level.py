"""Condition on a parameter of a bucket's listing stands beside actions on objects, which have no such parameter.

## Why it matters

`s3:prefix`, `s3:delimiter` and `s3:max-keys` come with the listing of a bucket. The reading of an object has a key instead of a prefix, so a condition on the prefix
is never met there: nobody can read what he may list, or a Deny that was to protect a folder protects none of its objects.

## How to fix it

Limit the listing by the condition, and objects by the resource:

```hcl
statement {
  actions   = ["s3:ListBucket"]
  resources = [aws_s3_bucket.reports.arn]
  condition {
    test     = "StringLike"
    variable = "s3:prefix"
    values   = ["2026/*"]
  }
}

statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.reports.arn}/2026/*"]
}
```

## How to fix it in CloudFormation

Limit the listing by the condition, and objects by the resource:

```yaml
- Effect: Allow
  Action: s3:ListBucket
  Resource: !GetAtt ReportsBucket.Arn
  Condition:
    StringLike:
      s3:prefix: 2026/*
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/2026/*
```

## What it leaves alone

Actions that only a wildcard brings into a statement with listings, and those that another statement of the policy allows.

## When it cannot tell

The rule is always certain: S3 documents which requests have these parameters.
"""

from collections.abc import Iterator

from ...finding import Severity
from ...policy.condition.support import is_about_listing
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
      Condition = { StringLike = { "s3:prefix" = "2026/*" } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "Allow", '"s3:GetObject"'), "objects are read without a prefix")
BAD_DENY = Example(_POLICY % ("  # bad", "Deny", '"s3:DeleteObject"'), "high: nothing is denied")
BAD_PART = Example(
    _POLICY % ("  # bad", "Allow", '["s3:ListBucket", "s3:GetObject"]'), "low: listing works, reading does not"
)
GOOD = Example(_POLICY % ("", "Allow", '"s3:ListBucket"'))


@rule(
    code="IAM535",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html",
    ),
    controls=("Access Analyzer UNSUPPORTED_ACTION_FOR_CONDITION_KEY", "parliament RESOURCE_MISMATCH"),
    examples=(BAD, BAD_DENY, BAD_PART, GOOD),
)
def s3_condition_on_wrong_level(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each condition on a listing beside actions that list nothing."""
    yield from verdicts(world, "IAM535", is_about_listing)
