"""Policy of a queue or topic lets strangers use it.

## Why it matters

Whoever may send makes the consumer act on messages of their own. Whoever may receive or subscribe reads every message, and what a stranger receives from a queue and
deletes, the rightful consumer never sees.

## How to fix it

Name the sender; for a service, the resource that it sends for.

```hcl
data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.jobs.arn]
    }
  }
}
```

## How to fix it in CloudFormation

Name the sender; for a service, the resource that it sends for.

```yaml
JobsQueuePolicy:
  Type: AWS::SQS::QueuePolicy
  Properties:
    Queues:
      - !Ref JobsQueue
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: sns.amazonaws.com
          Action: sqs:SendMessage
          Resource: !GetAtt JobsQueue.Arn
          Condition:
            ArnEquals:
              aws:SourceArn: !Ref JobsTopic
```

## What it leaves alone

`Principal: "*"` limited to a fixed account, organization, source ARN or network, as in the policy that SNS gives a topic by itself.

## When it cannot tell

A principal or condition of a statement is not known.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from .._rule import Example, Verdict, World, rule
from . import _open

_KINDS: Final = {"sqs-queue": "queue", "sns-topic": "topic"}

_QUEUE = """
resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue_policy" "jobs" {%s
  queue_url = aws_sqs_queue.jobs.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = %s, Action = "sqs:SendMessage", Resource = aws_sqs_queue.jobs.arn%s }]
  })
}
"""

QUEUE = Example(_QUEUE % ("  # bad", '"*"', ""), "everybody may send")
TOPIC = Example(
    """
resource "aws_sns_topic" "alerts" {  # bad
  name   = "alerts"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "sns:*", Resource = "*" }]
  })
}
""",
    "everybody may do everything, which is critical",
)
FROM_TOPIC = Example(
    _QUEUE
    % ("", '"*"', ', Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:sns:eu-west-1:111122223333:jobs" } }'),
    "only messages from one topic",
)
DEFAULT = Example(
    """
resource "aws_sns_topic" "alerts" {
  name   = "alerts"
  policy = jsonencode({
    Version   = "2008-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["SNS:Publish", "SNS:Subscribe"]
      Resource  = "*"
      Condition = { StringEquals = { "AWS:SourceOwner" = "111122223333" } }
    }]
  })
}
""",
    "what SNS writes by itself",
)
ORGANIZATION = Example(
    'variable "organization" {}\n'
    + _QUEUE % ("", '"*"', ', Condition = { StringEquals = { "aws:PrincipalOrgID" = var.organization } }'),
    "one organization, whichever it is: StringEquals knows no wildcards",
)
UNDECIDED = Example(
    'variable "sender" {}\n' + _QUEUE % ("  # undecided", "{ AWS = var.sender }", ""), "a principal without a value"
)


@rule(
    code="IAM605",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",
    ),
    controls=("Security Hub SQS.3", "Security Hub SNS.4", "CWE-284"),
    examples=(QUEUE, TOPIC, FROM_TOPIC, DEFAULT, ORGANIZATION, UNDECIDED),
    tells=("IAM502", "IAM531", "IAM543"),
)
def queue_or_topic_public(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy of a queue or topic that admits callers it does not name."""
    for found in _open.openings(world, _KINDS):
        noun = _KINDS[found.policy.kind]
        if found.public:
            both = found.actions.overlaps(_in()) and found.actions.overlaps(_out())
            yield Violation(
                subject=found.policy.origin,
                message=f"{found.who} may {_open.deeds(found.actions)} on this {noun}: {found.because}",
                evidence=found.evidence,
                severity=Severity.CRITICAL if both else None,
            )
        else:
            yield Undecided(
                subject=found.policy.origin,
                message=f"whether strangers may use this {noun} is not known: {found.because}",
                evidence=found.evidence,
            )


@cache
def _in() -> ActionSet:
    """Putting messages in."""
    return ActionSet.of(("sqs:SendMessage", "sns:Publish"))


@cache
def _out() -> ActionSet:
    """Getting messages out."""
    return ActionSet.of(("sqs:ReceiveMessage", "sns:Subscribe"))
