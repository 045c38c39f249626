"""Condition asks through which AWS service a request came, where none does, or where any will do.

## Why it matters

`aws:CalledVia` and `aws:ViaAWSService` tell of requests that a service makes with the credentials of its caller. A service that acts in its own name forwards
nothing, so that a statement about services never applies with such a condition. And `aws:ViaAWSService` alone says nothing about the service: whoever finds
one that passes his request on, has what was meant for one purpose.

## How to fix it

Name the service that the request must come through:

```hcl
condition {
  test     = "ForAnyValue:StringEquals"
  variable = "aws:CalledVia"
  values   = ["cloudformation.amazonaws.com"]
}
```

For a service that acts in its own name, ask for `aws:SourceArn`.

## How to fix it in CloudFormation

Name the service that the request must come through:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ForAnyValue:StringEquals:
      aws:CalledVia: athena.amazonaws.com
```

For a service that acts in its own name, ask for `aws:SourceArn`.

## What it leaves alone

`aws:ViaAWSService` on Allows of single actions or single resources, and Denies, which it spares what services do.

## When it cannot tell

The rule is always certain: what it needs is in the statement. A value that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.condition.forwarded import VIA, is_only_guard, wants_any_service
from ...policy.condition.lacking import FORWARDED, Group
from ...policy.describe import describe
from ...policy.excess import whole_services
from ...policy.grant import statement_resources_everything
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._callers import callers, lacking
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_TOPIC = """
resource "aws_sns_topic_policy" "alerts" {%s
  arn    = "arn:aws:sns:eu-west-1:111122223333:alerts"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sns:Publish"
      Principal = { %s }
      Resource  = "arn:aws:sns:eu-west-1:111122223333:alerts"
      Condition = { %s }
    }]
  })
}
"""
_POLICY = """
resource "aws_iam_policy" "builders" {%s
  name   = "builders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ec2:*", Resource = "*", Condition = { %s } }]
  })
}
"""
_CALLED = '"ForAnyValue:StringEquals" = { "aws:CalledVia" = "cloudformation.amazonaws.com" }'

BAD = Example(
    _TOPIC % ("  # bad", 'Service = "events.amazonaws.com"', _CALLED), "EventBridge publishes in its own name"
)
BAD_VIA = Example(
    _TOPIC % ("  # bad", 'Service = "events.amazonaws.com"', 'Bool = { "aws:ViaAWSService" = "true" }'),
    "which is false for a service itself",
)
BAD_ANY = Example(
    _POLICY % ("  # bad", 'Bool = { "aws:ViaAWSService" = "true" }'), "low: all of EC2, through whichever service"
)
GOOD = Example(_TOPIC % ("", 'AWS = "arn:aws:iam::111122223333:root"', _CALLED))
GOOD_ONE = Example(_POLICY % ("", _CALLED), "one service")


@rule(
    code="IAM533",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia",
    ),
    examples=(BAD, BAD_VIA, BAD_ANY, GOOD, GOOD_ONE),
)
def calledvia_misuse(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such condition."""
    for leaf in leaves(world):
        key = leaf.condition.key.lower()
        if key not in FORWARDED and key != VIA:
            continue
        said = _said(leaf)
        if said is None or is_told_by_another(leaf, "IAM533"):
            continue
        message, severity = said
        yield Violation(
            subject=leaf.place.origin,
            message=message,
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            severity=severity,
            key=leaf.key,
        )


def _said(leaf: Leaf) -> tuple[str, Severity | None] | None:
    """What is wrong with a condition, and how bad it is."""
    forwards_nothing = "AWS services act in their own name here, and no request of theirs"
    if lacking(leaf) is Group.SERVICES:
        return f"{forwards_nothing} carries {leaf.condition.key}, {leaf.consequence(leaf.holds_without_key)}", None
    if not wants_any_service(leaf.condition):
        return None
    if callers(leaf.place, leaf.statement) is Group.SERVICES:
        return f"{forwards_nothing} was forwarded, {leaf.consequence(holds=False)}", None
    wide = whole_services(leaf.statement, leaf.place.document)
    everywhere = statement_resources_everything(leaf.statement) is Truth.YES
    if leaf.denies is Truth.NO and wide and everywhere and is_only_guard(leaf.condition, leaf.statement):
        return (
            f"any AWS service that passes the caller's requests on will do to use all of {', '.join(sorted(wide))}",
            Severity.LOW,
        )
    return None
