"""IoT policy lets one device speak for, or listen to, all others.

## Why it matters

An IoT policy says what the holder of a certificate may do. A certificate stands on a device, in somebody else's hands: whoever takes it out
of one device may, with such a policy, connect as any other, read what all of them send, and send them commands.

## How to fix it

Name what is the device's own, with the variables of IoT policies:

```hcl
resource "aws_iot_policy" "sensor" {
  name   = "sensor"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "iot:Connect"
        Resource  = "arn:aws:iot:eu-central-1:111122223333:client/$${iot:Connection.Thing.ThingName}"
      },
      {
        Effect    = "Allow"
        Action    = "iot:Publish"
        Resource  = "arn:aws:iot:eu-central-1:111122223333:topic/sensors/$${iot:Connection.Thing.ThingName}/*"
      },
    ]
  })
}
```

## How to fix it in CloudFormation

Name what is the device's own, with the variables of IoT policies:

```yaml
SensorPolicy:
  Type: AWS::IoT::Policy
  Properties:
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: iot:Connect
          Resource: !Sub arn:aws:iot:${AWS::Region}:${AWS::AccountId}:client/${!iot:Connection.Thing.ThingName}
        - Effect: Allow
          Action: iot:Publish
          Resource: !Sub arn:aws:iot:${AWS::Region}:${AWS::AccountId}:topic/sensors/${!iot:Connection.Thing.ThingName}/*
```

## What it leaves alone

`iot:Receive` on every topic: a device receives only what it could subscribe to. Patterns that begin with a name, such as `topic/sensors/*`. A
wildcard in the action with named resources is low.

## When it cannot tell

The effect, the actions or the resources are not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.arn import REST, parse_arn
from ...policy.describe import describe
from ...policy.document import Statement
from ...policy.grant import possible_actions, statement_actions
from ...policy.pattern import covers, has_wildcard
from ...value import Maybe, Truth, Unknown, any_of
from .._rule import Example, Verdict, World, rule

# What a device may do to others if the resource is every one of its kind
# (https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html).
_KINDS: Final = (
    ("iot:Connect", "client/*", "connect as any other device"),
    ("iot:Publish", "topic/*", "publish to every topic"),
    ("iot:Subscribe", "topicfilter/*", "subscribe to every topic"),
    ("iot:UpdateThingShadow", "thing/*", "change the shadow of every device"),
    ("iot:GetThingShadow", "thing/*", "read the shadow of every device"),
    ("iot:DeleteThingShadow", "thing/*", "delete the shadow of every device"),
    ("iot:GetRetainedMessage", "topic/*", "read every retained message"),
    ("iot:UpdateJobExecution", "thing/*", "change the jobs of every device"),
    ("iot:StartNextPendingJobExecution", "thing/*", "take up the jobs of every device"),
    ("iot:AssumeRoleWithCertificate", "rolealias/*", "take the credentials of every role alias"),
)
_SHOWN: Final = 3

_POLICY = """
resource "aws_iot_policy" "sensor" {%s
  name   = "sensor"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %s, Resource = %s }]
  })
}
"""
_ARN = '"arn:aws:iot:eu-central-1:111122223333:%s"'

BAD = Example(_POLICY % ("  # bad", '"iot:*"', '"*"'))
BAD_CLIENTS = Example(
    _POLICY % ("  # bad", '["iot:Connect", "iot:Receive"]', _ARN % "client/*"), "a device may say that it is another"
)
BAD_ACTION = Example(
    _POLICY % ("  # bad", '"iot:*"', _ARN % "client/sensor-17"), "low: one device, but whatever IoT will ever add"
)
GOOD = Example(_POLICY % ("", '["iot:Publish", "iot:RetainPublish"]', _ARN % "topic/sensors/$${iot:ClientId}/*"))
GOOD_RECEIVE = Example(_POLICY % ("", '"iot:Receive"', '"*"'), "only what it could subscribe to")
UNDECIDED = Example(_POLICY % ("  # undecided", '"iot:Connect"', "var.client") + '\nvariable "client" {}\n')


@rule(
    code="IAM425",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/iot-device-defender/latest/devguide/audit-chk-iot-policy-permissive.html",
        "https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html",
    ),
    controls=("CWE-250",),
    examples=(BAD, BAD_CLIENTS, BAD_ACTION, GOOD, GOOD_RECEIVE, UNDECIDED),
)
def iot_policy_too_wide(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each IoT policy with such a statement."""
    for policy in world.estate.resource_policies:
        if policy.kind != "iot-policy" or isinstance(policy.document, Unknown):
            continue
        allowed = [statement for statement in policy.document.statements if statement.effect != "Deny"]
        graded = [(statement, _powers(statement)) for statement in allowed]
        wide = [statement for statement, powers in graded if Truth.YES in powers.values()]
        can = [what for _, powers in graded for what, answer in powers.items() if answer is Truth.YES]
        loose = [statement for statement in allowed if _has_loose_action(statement)]
        doubtful = [statement for statement, powers in graded if Truth.UNKNOWN in powers.values()]
        if can:
            guarded = all(statement.conditions for statement in wide)
            yield Violation(
                subject=policy.origin,
                message=f"whoever holds a certificate with this policy may {_listed(can)}",
                evidence=tuple(line for statement in wide for line in describe(statement)),
                severity=Severity.MEDIUM if guarded else None,
            )
        elif loose:
            yield Violation(
                subject=policy.origin,
                message="whoever holds a certificate with this policy may do whatever IoT can do with the resources that it names",
                evidence=tuple(line for statement in loose for line in describe(statement)),
                severity=Severity.LOW,
            )
        elif doubtful:
            yield Undecided(
                subject=policy.origin,
                message="whether a device may speak for others is not known",
                evidence=tuple(line for statement in doubtful for line in describe(statement)),
            )


def _powers(statement: Statement) -> dict[str, Truth]:
    """For each power over other devices, whether a statement gives it; what it does not give is left out."""
    certain, possible = statement_actions(statement)[0], possible_actions(statement)
    found: dict[str, Truth] = {}
    for action, every, what in _KINDS:
        asked = ActionSet.of((action,))
        if not possible.covers(asked):
            continue
        answer = _covers_every(statement, every)
        doubt = isinstance(statement.effect, Unknown) or not certain.covers(asked)
        if answer is not Truth.NO:
            found[what] = Truth.UNKNOWN if doubt else answer
    return found


def _covers_every(statement: Statement, every: str) -> Truth:
    """Whether a statement is about every resource of a kind."""
    if statement.not_resources is not None:
        return Truth.YES  # all but a few
    return any_of(_is_every(text, every) for text in statement.resources or ())


def _is_every(text: Maybe[str], every: str) -> Truth:
    if isinstance(text, Unknown) or REST in text:
        return Truth.UNKNOWN
    arn = parse_arn(text)
    return Truth.of(known=covers(text if arn is None else arn.resource, every))


def _has_loose_action(statement: Statement) -> bool:
    """Whether the actions of an Allow are every one that IoT has."""
    if statement.effect != "Allow":
        return False
    named = [text for text in statement.actions or () if isinstance(text, str) and has_wildcard(text)]
    return statement.not_actions is not None or ActionSet.of(named).covers(ActionSet.of(("iot:*",)))


def _listed(powers: list[str]) -> str:
    told = tuple(dict.fromkeys(powers))
    more = len(told) - _SHOWN
    return f"{', '.join(told[:_SHOWN])} and {more} more" if more > 0 else " and ".join(told)
