"""Service control policy takes nothing away.

## Why it matters

Every root, unit and account already carries AWS's own FullAWSAccess, which allows everything. A further policy that allows
everything, or whose Deny names actions that do not exist, changes nothing, though it looks like a guardrail.

## How to fix it

Write what must not happen as `Deny`, with actions that exist:

```hcl
statement {
  sid       = "StayInTheOrganization"
  effect    = "Deny"
  actions   = ["organizations:LeaveOrganization"]
  resources = ["*"]
}
```

## How to fix it in CloudFormation

Write what must not happen as `Deny`, with actions that exist:

```yaml
Baseline:
  Type: AWS::Organizations::Policy
  Properties:
    Name: baseline
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Sid: StayInTheOrganization
          Effect: Deny
          Action: organizations:LeaveOrganization
          Resource: "*"
```

## What it leaves alone

Allow lists that leave something out: whether they restrict depends on the other policies of the same target.

## When it cannot tell

The content is not known, or its deciding statement is not; a policy that is wholly unknown is counted in the coverage instead.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...policy.effect import Idle, idle_because
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_BY_CONDITIONS: Final = frozenset((Idle.CONDITIONS, Idle.VALUES))
_ELSEWHERE: Final = frozenset((Idle.NO_ACTION, Idle.MISMATCH, Idle.NO_RESOURCE, Idle.NOWHERE))

BAD = Example(
    """
resource "aws_organizations_policy" "everything" {
  name    = "everything"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })  # bad
}
""",
    "a copy of FullAWSAccess",
)

MISSPELT = Example(
    """
resource "aws_organizations_policy" "stay" {
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganisation", Resource = "*" }] })  # bad
}
""",
    "the only action that is denied does not exist",
)

NEVER = Example(
    """
resource "aws_organizations_policy" "stay" {
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [{  # bad
    Effect    = "Deny"
    Action    = "organizations:LeaveOrganization"
    Resource  = "*"
    Condition = { IpAddress = { "aws:SourceIp" = "10.0.0.0/8" } }
  }] })
}
""",
    "no caller of AWS has such an address",
)

NOTHING = Example(
    """
resource "aws_organizations_policy" "stay" {
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", NotAction = "*", Resource = "*" }] })  # bad
}
""",
    "every action but all of them",
)

GOOD = Example(
    """
resource "aws_organizations_policy" "stay" {
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "*", Resource = "*" },
    { Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" },
  ] })
}
"""
)

UNDECIDED = Example(
    """
resource "aws_organizations_policy" "some" {
  name    = "some"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = var.denied, Resource = "*" }] })  # undecided
}

variable "denied" {}
"""
)


@rule(
    code="IAM705",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
    ),
    examples=(BAD, MISSPELT, NEVER, NOTHING, GOOD, UNDECIDED),
)
def scp_denies_nothing(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each SCP that restricts nothing."""
    for policy in _guardrails.service_control_policies(world):
        if not isinstance(policy.document, PolicyDocument):
            continue
        evidence = tuple(line for statement in policy.document.statements[:3] for line in describe(statement))
        match _guardrails.restricts(policy):
            case Truth.NO:
                yield Violation(subject=policy.origin, message=_message(policy.document), evidence=evidence)
            case Truth.UNKNOWN:
                gaps = policy.document.unknowns
                yield Undecided(
                    subject=policy.origin,
                    message=f"whether this policy denies anything is not known: {gaps[0].because if gaps else 'its statements are'}",
                    evidence=evidence,
                )
            case Truth.YES:
                pass


def _message(document: PolicyDocument) -> str:
    denies = [statement for statement in document.statements if statement.effect == "Deny"]
    because = [idle_because(statement) for statement in denies]
    if any(item in _BY_CONDITIONS for item in because):
        return "no request meets the conditions under which this service control policy denies, so it restricts nothing"
    if because and because[0] in _ELSEWHERE:
        return f"this service control policy denies nothing, as {because[0].value}: it restricts nothing"
    if denies:
        return "no action that this service control policy denies exists, so it restricts nothing"
    return "this service control policy allows everything and denies nothing, so it restricts nothing"
