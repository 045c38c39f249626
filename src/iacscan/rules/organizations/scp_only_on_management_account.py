"""Service control policy is attached to the management account alone, which no such policy binds.

## Why it matters

Organizations exempts its management account from every service control policy. One that is attached there, and nowhere else, stands in the list of
attached policies and denies nothing to anybody.

## How to fix it

Attach it to a unit, or to the root:

```hcl
resource "aws_organizations_policy_attachment" "baseline" {
  policy_id = aws_organizations_policy.baseline.id
  target_id = aws_organizations_organization.this.roots[0].id
}
```

## How to fix it in CloudFormation

Attach it to a unit, or to the root:

```yaml
Baseline:
  Type: AWS::Organizations::Policy
  Properties:
    Name: baseline
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !GetAtt Organization.RootId
    Content:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Action: organizations:LeaveOrganization
          Resource: "*"
```

## What it leaves alone

Policies that are attached to the management account and to something else, and policies without any attachment (IAM704).

## When it cannot tell

Another attachment of the policy has a target that is not known, or some attachment does not say which policy it attaches.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...value import Unknown
from .._doubt import by_doubt
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_POLICY = """
resource "aws_organizations_organization" "this" {
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_policy" "stay" {
  name    = "stay"%s
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "stay" {
  policy_id = aws_organizations_policy.stay.id
  target_id = aws_organizations_organization.this.master_account_id
}
"""
_SECOND = """
resource "aws_organizations_policy_attachment" "more" {
  policy_id = aws_organizations_policy.stay.id
  target_id = %s
}
"""

BAD = Example(_POLICY % "  # bad")
GOOD = Example(_POLICY % "" + _SECOND % "aws_organizations_organization.this.roots[0].id", "and to the root")
UNDECIDED = Example(_POLICY % "  # undecided" + _SECOND % "var.target" + '\nvariable "target" {}\n')


@rule(
    code="IAM712",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",),
    examples=(BAD, GOOD, UNDECIDED),
)
def scp_only_on_management_account(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each SCP that is attached, and binds nobody by it."""
    links = [(target.origin, target.policy) for target in world.estate.policy_targets]
    for policy in _guardrails.service_control_policies(world):
        targets = world.graph.targets_of(policy)
        bound = _guardrails.bound_targets(world, policy)
        if len(bound) == len(targets):
            continue
        related = tuple(Related(target.origin, "attaches it") for target in targets)
        unclear = next((target.target for target in bound if isinstance(target.target, Unknown)), None)
        _, elsewhere = by_doubt((policy.origin,), links)
        if not bound and not elsewhere and world.estate.complete:
            yield Violation(
                subject=policy.origin,
                message="this service control policy is attached to the management account only, which no such policy binds",
                evidence=tuple(f"target_id = {target.target}" for target in targets[:1]),
                related=related,
            )
        elif all(isinstance(target.target, Unknown) for target in bound):
            because = unclear.because if unclear else "some attachment does not say what it attaches"
            if not world.estate.complete:
                because = "the input does not show all that there is"
            yield Undecided(
                subject=policy.origin,
                message=f"whether this policy is attached to anything but the management account is not known: {because}",
                related=related,
            )
