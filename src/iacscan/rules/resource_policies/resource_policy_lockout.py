"""Resource policy denies everybody the right to change it again.

## Why it matters

A Deny for everybody without a condition also denies the administrators and the pipeline that wrote it. The next apply cannot mend it: for a
bucket, only the root user of the account can still delete the policy, and for other resources that may take AWS Support. Until then nobody
uses what the statement denies.

## How to fix it

Deny what must not happen, and leave the policy itself to those who manage it:

```hcl
resource "aws_s3_bucket_policy" "ledger" {
  bucket = aws_s3_bucket.ledger.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:DeleteObject*"
      Resource  = "${aws_s3_bucket.ledger.arn}/*"
    }]
  })
}
```

To lock out everybody but some, compare `aws:PrincipalArn` with `ArnNotLike`, and name who manages the resource among them.

## How to fix it in CloudFormation

Deny what must not happen, and leave the policy itself to those who manage it:

```yaml
- Effect: Deny
  Principal: "*"
  Action:
    - s3:DeleteObject
    - s3:DeleteObjectVersion
  Resource: !Sub ${LedgerBucket.Arn}/*
```

To lock out everybody but some, compare `aws:PrincipalArn` with `ArnNotLike`, and name who manages the resource among them.

## What it leaves alone

Denials under a condition that some requests do not meet, `NotPrincipal` (IAM610), keys of KMS (IAM604), and vaults of Backup and
Glacier, whose policies are often meant to be final.

## When it cannot tell

What the statement denies, or whether it denies, is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Severity, Undecided, Violation
from ...lazy import regex
from ...policy.action import ActionSet
from ...policy.arn import REST
from ...policy.condition.judge import TOP, holds
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Principal, Statement
from ...policy.grant import possible_actions, statement_actions
from ...value import Maybe, Truth, Unknown, all_of, any_of
from .._rule import Example, Verdict, World, rule

# By kind of resource, what takes a policy away or replaces it.
_CHANGES: Final = {
    "bucket": ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    "sqs-queue": ("sqs:SetQueueAttributes",),
    "sns-topic": ("sns:SetTopicAttributes",),
    "secret": ("secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"),
    "ecr-repository": ("ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy"),
    "efs-file-system": ("elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:DeleteFileSystemPolicy"),
    "dynamodb-table": ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
    "event-bus": ("events:PutPermission", "events:RemovePermission"),
}

_SYMBOL: Final = regex(r"⟦[^⟧]*⟧")

_POLICY = """
resource "aws_s3_bucket_policy" "ledger" {%s
  bucket = "ledger-210987654321"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = %s, Principal = "*", Action = %s, Resource = %s%s }]
  })
}
"""
_BUCKET = '["arn:aws:s3:::ledger-210987654321", "arn:aws:s3:::ledger-210987654321/*"]'
_TLS = ', Condition = { Bool = { "aws:SecureTransport" = "false" } }'

BAD = Example(_POLICY % ("  # bad", '"Deny"', '"s3:*"', _BUCKET, ""))
BAD_QUEUE = Example(
    """
resource "aws_sqs_queue_policy" "jobs" {  # bad
  queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = { AWS = "*" }, NotAction = "sqs:SendMessage", Resource = "*" }]
  })
}
""",
    "everything but to send",
)
GOOD = Example(_POLICY % ("", '"Deny"', '"s3:*"', _BUCKET, _TLS), "only requests without encryption")
GOOD_OBJECTS = Example(
    _POLICY % ("", '"Deny"', '"s3:*"', '"arn:aws:s3:::ledger-210987654321/*"', ""), "objects, not the bucket's policy"
)
UNDECIDED = Example(_POLICY % ("  # undecided", '"Deny"', "var.actions", _BUCKET, "") + '\nvariable "actions" {}\n')


@rule(
    code="IAM618",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html",
        "https://repost.aws/knowledge-center/s3-accidentally-denied-access",
    ),
    examples=(BAD, BAD_QUEUE, GOOD, GOOD_OBJECTS, UNDECIDED),
)
def resource_policy_lockout(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy with such a statement."""
    for kind, origin, document in _policies(world):
        if isinstance(document, Unknown) or kind not in _CHANGES:
            continue
        graded = [(statement, _locks_out(statement, kind)) for statement in document.statements]
        certain = [statement for statement, answer in graded if answer is Truth.YES]
        doubtful = [statement for statement, answer in graded if answer is Truth.UNKNOWN]
        told = certain or doubtful
        evidence = tuple(line for statement in told for line in describe(statement))
        if certain:
            changes = " and ".join(_CHANGES[kind])
            yield Violation(
                subject=origin,
                message=f"the policy denies {changes} to everybody, its own administrators included",
                evidence=evidence,
            )
        elif doubtful:
            yield Undecided(
                subject=origin,
                message="whether the policy lets anybody change it again is not known",
                evidence=evidence,
            )


def _policies(world: World) -> Iterator[tuple[str, Origin, Maybe[PolicyDocument]]]:
    for bucket in world.estate.bucket_policies:
        yield "bucket", bucket.origin, bucket.document
    for policy in world.estate.resource_policies:
        yield policy.kind, policy.origin, policy.document


def _locks_out(statement: Statement, kind: str) -> Truth:
    """Whether a statement denies everybody, whatever the request, to change the policy."""
    everybody = any(isinstance(item, Principal) and item.value == "*" for item in statement.principals or ())
    # A condition that is not known is as good as any other: it was written to spare somebody.
    always = holds(statement.conditions, TOP, of_all=True) is Truth.YES
    if statement.effect == "Allow" or not everybody or not always:
        return Truth.NO
    effect = Truth.UNKNOWN if isinstance(statement.effect, Unknown) else Truth.YES
    return all_of((_names(statement, kind), _is_about_it(statement, kind), effect))


def _names(statement: Statement, kind: str) -> Truth:
    wanted = ActionSet.of(_CHANGES[kind])
    if statement_actions(statement)[0].covers(wanted):
        return Truth.YES
    return Truth.UNKNOWN if possible_actions(statement).covers(wanted) else Truth.NO


def _is_about_it(statement: Statement, kind: str) -> Truth:
    """Whether a statement is about the resource itself; the policy of a bucket is often about its objects only."""
    if kind != "bucket":
        return Truth.YES
    if statement.not_resources is not None:
        return Truth.UNKNOWN
    return any_of(_is_bucket(text) for text in statement.resources or ())


def _is_bucket(text: Maybe[str]) -> Truth:
    if isinstance(text, Unknown) or REST in text:
        return Truth.UNKNOWN
    return Truth.of(known="/" not in _SYMBOL.sub("", text))
