"""Code runs with a role that may switch off or delete what records and detects an attack.

## Why it matters

Whoever takes over a workload stops the trail first, or deletes the logs last. After that nobody can say what was done, and alarms stay
silent. A workload has no reason to touch what watches it.

## How to fix it

Give these actions to the role of the security team alone, and deny them to everybody else with a service control policy:

```hcl
resource "aws_organizations_policy" "audit" {
  name    = "protect-audit"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors"]
      Resource = "*"
    }]
  })
}
```

## How to fix it in CloudFormation

Give these actions to the role of the security team alone, and deny them to everybody else with a service control policy:

```yaml
ProtectAudit:
  Type: AWS::Organizations::Policy
  Properties:
    Name: protect-audit
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Action: [cloudtrail:StopLogging, cloudtrail:DeleteTrail, cloudtrail:UpdateTrail, cloudtrail:PutEventSelectors]
          Resource: "*"
```

## What it leaves alone

Roles that no code runs with, and administrators (IAM402). Rights on named trails and log groups. All actions of a service (IAM403), and AWS's
own policies (IAM404). To delete any log, and nothing else of these, is low.

## When it cannot tell

The role's permissions boundary or a condition of the statement is not known.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from ...finding import Severity, Undecided, Violation
from ...identity_policies import IdentityPolicy
from ...model import iam
from ...policy.action import ActionSet
from ...policy.capped import Capped
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.excess import effective_actions, whole_services
from ...policy.grant import is_narrowed, statement_resources_all_of
from ...value import Maybe, Truth, Unknown, all_of
from .. import _escalations, _identity
from .._rule import Example, Verdict, World, rule
from . import _power

_LOGS: Final = "logs"
_SHOWN: Final = 3
# What records and detects, by service: in words, and the actions that switch it off, thin it out or delete it.
_WATCHERS: Final = {
    "cloudtrail": (
        "CloudTrail", ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "DeleteEventDataStore",
                       "StopEventDataStoreIngestion"),
    ),
    "config": (
        "AWS Config", ("StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel"),
    ),
    "guardduty": (
        "GuardDuty", ("DeleteDetector", "UpdateDetector", "DisassociateFromMasterAccount",
                      "DisassociateFromAdministratorAccount"),
    ),
    "securityhub": ("Security Hub", ("DisableSecurityHub", "DisableSecurityHubV2")),
    "access-analyzer": ("IAM Access Analyzer", ("DeleteAnalyzer",)),
    _LOGS: ("every log group of CloudWatch", ("DeleteLogGroup", "DeleteLogStream")),
}  # fmt: skip

_ROLE = """
resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "%s" } }]
  })
}

resource "aws_iam_role_policy" "worker" {%s
  role   = aws_iam_role.worker.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %s, Resource = "%s"%s }]
  })
}
"""
_TRAIL = '["s3:GetObject", "cloudtrail:StopLogging"]'
_ANY_LOG = '["logs:CreateLogGroup", "logs:DeleteLogGroup"]'

BAD = Example(_ROLE % ("lambda.amazonaws.com", "  # bad", _TRAIL, "*", ""))
BAD_LOGS = Example(_ROLE % ("ec2.amazonaws.com", "  # bad", _ANY_LOG, "*", ""), "low: any log may go")
GOOD = Example(
    _ROLE % ("lambda.amazonaws.com", "", _ANY_LOG, "arn:aws:logs:eu-west-1:111122223333:log-group:/app/*", ""),
    "its own logs",
)
GOOD_HUMAN = Example(_ROLE % ("cloudformation.amazonaws.com", "", _TRAIL, "*", ""), "no code runs with the role")
UNDECIDED = Example(
    _ROLE % ("lambda.amazonaws.com", "  # undecided", _TRAIL, "*", ", Condition = var.condition")
    + '\nvariable "condition" {}\n'
)


@rule(
    code="IAM421",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
    ),
    controls=("CWE-778", "MITRE T1562.008"),
    examples=(BAD, BAD_LOGS, GOOD, GOOD_HUMAN, UNDECIDED),
    tells=("IAM405",),
)
def can_disable_audit(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy by which code may do so."""
    for policy in world.access.identity_policies:
        graded = [
            (truth, grant)
            for document, statement in _power.all_but_admin(policy)
            for grant in _grants(document, statement)
            if (truth := _for_code(world, policy, grant)) is not Truth.NO
        ]
        certain = [grant for truth, grant in graded if truth is Truth.YES]
        told = certain or [grant for _, grant in graded]
        if not told:
            continue
        what = ", ".join(dict.fromkeys(_WATCHERS[grant.service][0] for grant in told))
        evidence = tuple(dict.fromkeys(line for grant in told for line in describe(grant.statement)))[:_SHOWN]
        related = _identity.related(policy)
        if certain:
            yield Violation(
                subject=policy.origin,
                message=f"code that runs with {_identity.who(policy)} may switch off or delete {what}",
                evidence=evidence,
                related=related,
                severity=Severity.LOW if all(grant.service == _LOGS for grant in certain) else None,
                about=tuple(action.lower() for grant in certain for action in grant.actions),
            )
        else:
            yield Undecided(
                subject=policy.origin,
                message=f"whether code that runs with {_identity.who(policy)} may switch off or delete {what} is not known",
                evidence=evidence,
                related=related,
            )


class _Grant(Struct, frozen=True):
    """A statement that allows such actions of one service on everything; `narrowed` says whether a condition limits it."""

    service: str
    actions: tuple[str, ...]
    statement: Statement
    narrowed: Truth


def _grants(document: PolicyDocument, statement: Statement) -> Iterator[_Grant]:
    if statement.not_actions is not None or statement.not_resources is not None:
        return  # IAM406 and IAM407
    actions = effective_actions(statement, document)
    if not actions.overlaps(_watched()):
        return
    narrowed = is_narrowed(statement)
    whole = whole_services(statement, document)
    for service, (_, names) in _WATCHERS.items():
        allowed = tuple(action for name in names if (action := f"{service}:{name}") in actions)
        everywhere = statement_resources_all_of(statement, service) is Truth.YES
        if allowed and everywhere and service not in whole and narrowed is not Truth.YES:
            yield _Grant(service, allowed, statement, narrowed)


@cache
def _watched() -> ActionSet:
    return ActionSet.of(f"{service}:{name}" for service, (_, names) in _WATCHERS.items() for name in names)


def _for_code(world: World, policy: IdentityPolicy, grant: _Grant) -> Truth:
    """Whether code runs with a role that has the policy, is no administrator's, and is stopped by nothing else that it has."""
    answer = Truth.NO
    for role in policy.holders:
        if not isinstance(role, iam.Role) or world.access.is_compute_role(role) is not Truth.YES:
            continue
        if world.access.admin(role).truth is Truth.YES:
            continue
        escalation = _escalations.of(world)
        left = all_of((~grant.narrowed, _left(escalation.capped(escalation.holder(role)), grant)))
        if left is Truth.YES:
            return left
        answer = Truth.UNKNOWN if left is Truth.UNKNOWN else answer
    return answer


def _left(powers: Maybe[Capped], grant: _Grant) -> Truth:
    """Whether Denies of other policies and the boundary leave any of the actions."""
    if isinstance(powers, Unknown):
        return Truth.UNKNOWN
    answers = {powers.allows(action, "*").truth for action in grant.actions}
    return next((truth for truth in (Truth.YES, Truth.UNKNOWN) if truth in answers), Truth.NO)
