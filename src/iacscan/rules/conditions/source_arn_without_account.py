"""Service is let in for a source whose account the condition leaves open, or rules out.

## Why it matters

A bucket's ARN names no account. If the bucket is deleted, whoever takes its name next has the service act for him: his uploads reach your queue. A star in the
account says the same of everybody at once. And an account that is not the ARN's lets nobody in.

## How to fix it

Ask for the account of the source as well as for its ARN:

```hcl
condition {
  test     = "ArnEquals"
  variable = "aws:SourceArn"
  values   = [aws_s3_bucket.uploads.arn]
}

condition {
  test     = "StringEquals"
  variable = "aws:SourceAccount"
  values   = [data.aws_caller_identity.current.account_id]
}
```

## How to fix it in CloudFormation

Ask for the account of the source as well as for its ARN:

```yaml
- Effect: Allow
  Principal:
    Service: s3.amazonaws.com
  Action: sqs:SendMessage
  Resource: !GetAtt UploadsQueue.Arn
  Condition:
    ArnEquals:
      aws:SourceArn: arn:aws:s3:::acme-uploads # by its name: !GetAtt of a bucket that notifies the queue is circular
    StringEquals:
      aws:SourceAccount: !Ref AWS::AccountId
```

## What it leaves alone

ARNs with an account of their own, and statements that ask for `aws:SourceAccount`, `aws:SourceOrgID` or `aws:SourceOrgPaths`. What IAM217 and IAM608 report, and Lambda
permissions, which IAM606 is about.

## When it cannot tell

The rule is always certain about the ARNs that it sees. One that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Violation
from ...policy.arn import parse_arn
from ...policy.condition.judge import SERVICE, is_positive_guard
from ...policy.deputy import services_for_anyone
from ...policy.describe import describe
from ...policy.document import Condition, Principal, Statement
from ...policy.pattern import has_wildcard
from ...policy.principal import Kind, classify
from ...value import Maybe, Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

_ARN: Final = "aws:sourcearn"
_ACCOUNT: Final = "aws:sourceaccount"
_OWNERS: Final = frozenset((_ACCOUNT, "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"))
_CALLERS: Final = frozenset((Kind.ACCOUNT, Kind.ROLE, Kind.USER, Kind.SESSION))  # who calls for himself

_QUEUE = """
resource "aws_sqs_queue" "uploads" {
  name = "uploads"
}

resource "aws_sqs_queue_policy" "uploads" {%s
  queue_url = aws_sqs_queue.uploads.id
  policy    = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Principal = { %s }
      Resource  = aws_sqs_queue.uploads.arn
      Condition = { %s }
    }]
  })
}
"""
_S3: Final = 'Service = "s3.amazonaws.com"'
_BUCKET: Final = 'ArnEquals = { "aws:SourceArn" = "arn:aws:s3:::uploads" }'
_TOPIC: Final = 'ArnEquals = { "aws:SourceArn" = "arn:aws:sns:eu-west-1:111122223333:uploads" }'

BAD = Example(_QUEUE % ("  # bad", _S3, _BUCKET), "whose bucket?")
BAD_ACCOUNT = Example(
    _QUEUE
    % (
        "  # bad",
        'Service = "sns.amazonaws.com"',
        f'{_TOPIC}, StringEquals = {{ "aws:SourceAccount" = "444455556666" }}',
    ),
    "high: the topic is of another account, so nothing is let in",
)
BAD_CALLER = Example(
    _QUEUE % ("  # bad", 'AWS = "arn:aws:iam::111122223333:root"', _TOPIC), "who calls for himself has no source"
)
GOOD = Example(_QUEUE % ("", _S3, f'{_BUCKET}, StringEquals = {{ "aws:SourceAccount" = "111122223333" }}'))
GOOD_TOPIC = Example(_QUEUE % ("", 'Service = "sns.amazonaws.com"', _TOPIC), "the ARN has an account")


@rule(
    code="IAM525",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn",
    ),
    controls=("CWE-441",),
    examples=(BAD, BAD_ACCOUNT, BAD_CALLER, GOOD, GOOD_TOPIC),
)
def source_arn_without_account(world: World) -> Iterator[Verdict]:
    """Yield a violation for each Allow with such a source."""
    for leaf in leaves(world):
        if leaf.denies is not Truth.NO or leaf.condition.key.lower() != _ARN or not is_positive_guard(leaf.condition):
            continue
        if leaf.place.is_guardrail:
            continue
        yield from _of_callers(leaf) if _calls_for_himself(leaf) else _of_services(world, leaf)


def _of_callers(leaf: Leaf) -> Iterator[Verdict]:
    """Only services say for which resource they act."""
    yield Violation(
        subject=leaf.place.origin,
        message=f"only AWS services carry {leaf.condition.key}, and the statement is about other callers, {leaf.consequence(holds=False)}",
        evidence=describe(leaf.statement),
        related=leaf.place.related,
        confidence=Confidence.MEDIUM,
        remedy="Name the service as principal, or leave the condition out.",
        key=leaf.key,
    )


def _of_services(world: World, leaf: Leaf) -> Iterator[Verdict]:
    values = [value for value in leaf.condition.values if isinstance(value, str)]
    accounts = {arn.account for value in values if (arn := parse_arn(value)) is not None}
    named = {value for item in _asked(leaf.statement, _ACCOUNT) for value in item.values}
    evidence, related = describe(leaf.statement), leaf.place.related
    if named and len(values) == len(leaf.condition.values) and _exclude_each_other(accounts, named):
        yield Violation(
            subject=leaf.place.origin,
            message=f"the source is of account {', '.join(sorted(accounts))}, and aws:SourceAccount is another, {leaf.consequence(holds=False)}",
            evidence=evidence,
            related=related,
            severity=Severity.HIGH,
            remedy="Name the account of the source.",
            key=leaf.key,
        )
        return
    owned = any(item for key in _OWNERS for item in _asked(leaf.statement, key))
    open_ = [value for value in values if _leaves_account_open(value)]
    if owned or not open_ or leaf.is_denied_elsewhere(SERVICE):
        return
    if services_for_anyone(leaf.statement, leaf.place.document.statements, leaf.place.kind):
        return  # which is worse, and has a rule of its own
    ours = all(world.graph.bucket(value, leaf.place.origin.account) is not None for value in open_)
    yield Violation(
        subject=leaf.place.origin,
        message=f"{open_[0]} does not say whose it is: {_risk(open_[0])}",
        evidence=evidence,
        related=related,
        severity=Severity.LOW if ours else None,
        remedy="Add the condition StringEquals aws:SourceAccount with your account.",
        key=leaf.key,
    )


def _calls_for_himself(leaf: Leaf) -> bool:
    """Whether no service is among those that a statement is about."""
    named = leaf.statement.principals
    if leaf.place.is_identity:
        return True
    return bool(named) and all(isinstance(item, Principal) and classify(item).kind in _CALLERS for item in named or ())


def _asked(statement: Statement, key: str) -> list[Condition]:
    """Conditions of a statement that demand a value of a key."""
    return [
        item
        for item in statement.conditions
        if isinstance(item, Condition) and item.key.lower() == key and is_positive_guard(item)
    ]


def _exclude_each_other(accounts: set[str], named: set[Maybe[str]]) -> bool:
    """Whether both are account ids, and none is the same."""
    ids = all(isinstance(item, str) and item.isdecimal() for item in (*accounts, *named))
    return bool(accounts) and ids and named.isdisjoint(accounts)


def _leaves_account_open(value: str) -> bool:
    arn = parse_arn(value)
    if arn is None:
        return False
    return has_wildcard(arn.account) or (arn.service == "s3" and not arn.account and not has_wildcard(arn.resource))


def _risk(value: str) -> str:
    if value.startswith("arn:aws:s3:::"):
        return "if the bucket is deleted, the service acts for whoever takes its name"
    return "the service acts for such a resource of anybody"
