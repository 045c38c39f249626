"""Resource policy speaks of another resource than the one it belongs to.

## Why it matters

The policy of a bucket is about this bucket and its objects. S3 refuses one that names another bucket, and the deployment fails; a queue and a topic take it, and
the statement never applies. It is what copying a policy leaves behind, and the protection that was copied is missing.

## How to fix it

Take the ARN from the block itself:

```hcl
data "aws_iam_policy_document" "orders" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.orders.arn, "${aws_s3_bucket.orders.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
```

## How to fix it in CloudFormation

Take the ARN from the resource itself:

```yaml
OrdersBucketPolicy:
  Type: AWS::S3::BucketPolicy
  Properties:
    Bucket: !Ref OrdersBucket
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Principal: "*"
          Action: s3:*
          Resource:
            - !GetAtt OrdersBucket.Arn
            - !Sub ${OrdersBucket.Arn}/*
          Condition:
            Bool:
              aws:SecureTransport: "false"
```

## What it leaves alone

`"*"`, patterns that match the resource among others, and access points. Of a queue or topic, statements that name it beside others.

## When it cannot tell

The name of the bucket is made up on apply, and the policy names one that it may become.
"""

from collections.abc import Iterator

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...policy.arn import REST
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.protects import is_about
from ...value import Truth
from .._rule import Example, Verdict, World, rule

_WORDS = {"sqs-queue": "queue", "sns-topic": "topic"}

_POLICY = """
resource "aws_s3_bucket" "orders" {
  %s
}

resource "aws_s3_bucket_policy" "orders" {%s
  bucket = aws_s3_bucket.orders.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/orders" }
      Action    = "s3:GetObject"
      Resource  = %s
    }]
  })
}
"""
_NAMED = 'bucket = "orders"'

BAD = Example(_POLICY % (_NAMED, "  # bad", '"arn:aws:s3:::invoices/*"'), "copied from another bucket")
BAD_TOPIC = Example(
    """
resource "aws_sns_topic" "orders" {
  name = "orders"
}

resource "aws_sns_topic_policy" "orders" {  # bad
  arn = aws_sns_topic.orders.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/orders" }
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:eu-west-1:111122223333:invoices"
    }]
  })
}
"""
)
GOOD = Example(_POLICY % (_NAMED, "", '"${aws_s3_bucket.orders.arn}/*"'))
UNDECIDED = Example(_POLICY % ('bucket_prefix = "orders-"', "  # undecided", '"arn:aws:s3:::orders-2026/*"'))


@rule(
    code="IAM616",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-arn-intro.html",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html",
    ),
    examples=(BAD, BAD_TOPIC, GOOD, UNDECIDED),
)
def resource_policy_references_foreign_resource(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy of a bucket, queue or topic that names another."""
    for policy in world.estate.bucket_policies:
        bucket = world.graph.bucket(policy.bucket, policy.origin.account)
        arn = bucket.arn if bucket is not None else None
        if arn is None and isinstance(policy.bucket, str):
            arn = f"arn:aws:s3:::{policy.bucket}"
        if isinstance(policy.document, PolicyDocument) and isinstance(arn, str):
            own = bucket is None or bucket.origin == policy.origin
            related = () if bucket is None or own else (Related(bucket.origin, "the bucket"),)
            yield from _of_bucket(policy.origin, policy.document, arn, related)
    for other in world.estate.resource_policies:
        word = _WORDS.get(other.kind)
        if word and isinstance(other.document, PolicyDocument) and isinstance(other.target, str):
            for statement in other.document.statements:
                if _is_elsewhere(statement, other.target):
                    yield Violation(
                        subject=other.origin,
                        message=f"the statement never applies: it names other resources than the {word} that it belongs to",
                        evidence=describe(statement),
                        key=statement.label,
                    )


def _of_bucket(origin: Origin, document: PolicyDocument, arn: str, related: tuple[Related, ...]) -> Iterator[Verdict]:
    """S3 wants every element of every statement to be about the bucket."""
    judged = [
        (is_about(text, arn), text, statement)
        for statement in document.statements
        for text in statement.resources or ()
        if isinstance(text, str) and REST not in text
    ]
    foreign = [(text, statement) for truth, text, statement in judged if truth is Truth.NO]
    unclear = [(text, statement) for truth, text, statement in judged if truth is Truth.UNKNOWN]
    if foreign:
        yield Violation(
            subject=origin,
            message=f"S3 refuses the policy and the apply fails: it belongs to {arn} and names {foreign[0][0]}",
            evidence=_evidence(foreign),
            related=related,
        )
    elif unclear:
        yield Undecided(
            subject=origin,
            message=f"whether {unclear[0][0]} is about the bucket that the policy belongs to is not known: {arn} has its full name only after apply",
            evidence=_evidence(unclear),
            related=related,
        )


def _evidence(found: list[tuple[str, Statement]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for _, statement in found for line in describe(statement)))


def _is_elsewhere(statement: Statement, target: str) -> bool:
    """Whether everything that a statement names is certainly something else."""
    return bool(statement.resources) and all(
        isinstance(text, str) and is_about(text, target) is Truth.NO for text in statement.resources or ()
    )
