"""Bucket policy gives another account control over the bucket.

## Why it matters

Whoever may set the bucket's policy or ACL decides who reads it, and can take the bucket away from its owner. Whoever may set replication copies
everything elsewhere. None of this is needed to share data.

## How to fix it

Give the other account the actions on objects that it needs, and nothing that begins with `s3:PutBucket` or `s3:DeleteBucket`.

```hcl
data "aws_iam_policy_document" "partner" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.exchange.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:role/partner"]
    }
  }
}
```

## How to fix it in CloudFormation

Give the other account the actions on objects that it needs, and nothing that begins with `s3:PutBucket` or `s3:DeleteBucket`.

```yaml
- Effect: Allow
  Principal:
    AWS: arn:aws:iam::444455556666:role/partner
  Action:
    - s3:GetObject
    - s3:PutObject
  Resource: !Sub ${ExchangeBucket.Arn}/*
```

## What it leaves alone

The own account, and accounts of the own organization that are in the input; everybody, which `bucket-world-writable` reports. `s3:PutObjectAcl` alone is of
medium severity: it was long needed to hand uploaded objects over.

## When it cannot tell

No own account is known in this input, so that whose account is named cannot be said. It is known from `aws_caller_identity`, from
the provider's `allowed_account_ids`, or from the role that the provider assumes.
"""

from collections.abc import Iterator
from functools import cache

from ...finding import Related, Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.grant import statement_actions
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _outsiders

_POLICY = """
resource "aws_s3_bucket" "exchange" {
  bucket = "example-exchange"
}

resource "aws_s3_bucket_policy" "exchange" {%s
  bucket = aws_s3_bucket.exchange.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
      Action    = %s
      Resource  = [aws_s3_bucket.exchange.arn, "${aws_s3_bucket.exchange.arn}/*"]
    }]
  })
}
"""

_OWN = """
provider "aws" {
  allowed_account_ids = ["111122223333"]
}
"""
BAD = Example(_OWN + _POLICY % ("  # bad", '"s3:*"'), "another account may do everything")
GOOD = Example(_POLICY % ("", '["s3:GetObject", "s3:PutObject"]'), "data, not control")
UNDECIDED = Example(_POLICY % ("  # undecided", '"s3:*"'), "whose account it is cannot be seen")


@rule(
    code="IAM615",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html",
    ),
    controls=("Security Hub S3.6", "CWE-284"),
    examples=(BAD, GOOD, UNDECIDED),
)
def bucket_policy_gives_control_to_other_account(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each bucket policy that gives somebody else's account, or perhaps one's own, control."""
    for policy in world.estate.bucket_policies:
        if isinstance(policy.document, Unknown):
            continue
        given = [
            (statement, named, statement_actions(statement)[0] & _outsiders.control())
            for statement in policy.document.statements
            if statement.effect == "Allow" and (named := _outsiders.outsiders(world, statement))
        ]
        given = [item for item in given if item[2]]
        if not given:
            continue
        bucket = world.graph.bucket(policy.bucket, policy.origin.account)
        related = () if bucket is None or bucket.origin == policy.origin else (Related(bucket.origin, "the bucket"),)
        evidence = tuple(dict.fromkeys(line for statement, _, _ in given for line in describe(statement)))
        certain = [item for item in given if Truth.YES in item[1].values()]
        who = " and ".join(sorted({str(name) for _, names, _ in certain or given for name in names}))
        actions = ActionSet()
        for _, _, control in certain or given:
            actions |= control
        what = ", ".join(actions.compressed(4))
        if certain:
            yield Violation(
                subject=policy.origin,
                message=f"{who}, of another account, may call {what} on the bucket",
                evidence=evidence,
                related=related,
                severity=None if actions - _handing_over() else Severity.MEDIUM,
            )
        else:
            yield Undecided(
                subject=policy.origin,
                message=f"{who} may call {what} on the bucket, and whether that is another account is not known",
                evidence=evidence,
                related=related,
            )


@cache
def _handing_over() -> ActionSet:
    return ActionSet.of(("s3:PutObjectAcl",))
