"""More service control policies are attached to one root, unit or account than Organizations takes.

## Why it matters

Ten service control policies fit on one target, AWS's own FullAWSAccess among them. The attachment of the next one fails in the middle of the deployment, and which
of the guardrails are missing then depends on the order.

## How to fix it

Put the statements of several policies into one (10,240 characters fit), or attach some of them one level higher:

```hcl
data "aws_iam_policy_document" "baseline" {
  source_policy_documents = [
    data.aws_iam_policy_document.regions.json,
    data.aws_iam_policy_document.audit.json,
  ]
}
```

## How to fix it in CloudFormation

Put the statements of several policies into one (10,240 characters fit), or attach some of them one level higher:

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
        - Sid: KeepTheAuditTrail
          Effect: Deny
          Action: [cloudtrail:StopLogging, cloudtrail:DeleteTrail]
          Resource: "*"
```

## What it leaves alone

Policies that a target inherits: only those attached to it directly count. Nine or ten are reported as information.

## When it cannot tell

Attachments that may be of other types of policy would make it too many. The quota is the one of May 2026; before that it was five.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Related, Severity, Undecided, Violation
from ...model.organizations import PolicyTarget
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _guardrails

QUOTA: Final = 10  # service control policies on one target since 2026-05-15, FullAWSAccess included
_CLOSE: Final = 9

_ATTACHED = """
resource "aws_organizations_policy" "guard" {
  count   = %d
  name    = "guard-${count.index}"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "guard" {%s
  count     = %d
  policy_id = aws_organizations_policy.guard[count.index].id
  target_id = "ou-ab12-11111111"
}
"""

BAD = Example(_ATTACHED % (11, "  # bad", 11))
GOOD = Example(_ATTACHED % (4, "", 4))
UNDECIDED = Example(
    _ATTACHED % (6, "  # undecided", 6)
    + """
resource "aws_organizations_policy_attachment" "more" {
  for_each  = toset(["p-aaaaaaa1", "p-aaaaaaa2", "p-aaaaaaa3", "p-aaaaaaa4", "p-aaaaaaa5"])
  policy_id = each.key
  target_id = "ou-ab12-11111111"
}
""",
    "policies from elsewhere may be tag policies",
)


class _Load(Struct, frozen=True):
    """What is attached to one target: service control policies for certain, and what may be some; FullAWSAccess is neither."""

    certain: list[PolicyTarget]
    possible: list[PolicyTarget]


@rule(
    code="IAM715",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",),
    examples=(BAD, GOOD, UNDECIDED),
)
def too_many_scps_on_target(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each target with too many policies."""
    for target, load in _loads(world).items():
        count = len(load.certain)
        place = target.strip("⟦⟧")
        at_most = count + len(load.possible) + 1
        attachments = load.certain or load.possible
        evidence = (f"{count} attachments to {place}, and AWS's own FullAWSAccess unless it is detached",)
        related = tuple(Related(item.origin, "attaches another") for item in attachments[1:])
        subject = attachments[0].origin
        if count > QUOTA:
            message = f"the apply fails: {count} service control policies are attached to {place}, and {QUOTA} fit"
            yield Violation(subject=subject, message=message, evidence=evidence, related=related, key=target)
        elif at_most > QUOTA:
            message = f"whether the service control policies on {place} are more than {QUOTA} is not known"
            yield Undecided(subject=subject, message=message, evidence=evidence, related=related, key=target)
        elif count + 1 >= _CLOSE:
            message = (
                f"{count + 1} service control policies are attached to {place}, FullAWSAccess included, and {QUOTA} fit"
            )
            yield Violation(
                subject=subject, message=message, evidence=evidence, related=related, severity=Severity.INFO, key=target
            )


def _loads(world: World) -> dict[str, _Load]:
    """What is attached to each target that is known; each policy counts once."""
    loads: defaultdict[str, _Load] = defaultdict(lambda: _Load([], []))
    seen: set[tuple[str, str]] = set()
    for item in world.estate.policy_targets:
        if isinstance(item.target, Unknown) or item.policy == _guardrails.FULL_ACCESS:
            continue
        if isinstance(item.policy, str):
            if (item.target, item.policy) in seen:
                continue
            seen.add((item.target, item.policy))
        match _is_scp(world, item):
            case Truth.YES:
                loads[item.target].certain.append(item)
            case Truth.UNKNOWN:
                loads[item.target].possible.append(item)
            case Truth.NO:
                pass
    return loads


def _is_scp(world: World, item: PolicyTarget) -> Truth:
    policy = world.graph.organization_policy(item)
    if policy is None or isinstance(policy.kind, Unknown):
        return Truth.UNKNOWN
    return Truth.of(known=policy.kind == _guardrails.SCP)
