"""Service control policy is attached to nothing.

## Why it matters

A service control policy has no effect until it is attached to a root, an organizational unit or an account. One that only exists looks
like protection in a review and protects nobody.

## How to fix it

Attach it, or delete it:

```hcl
resource "aws_organizations_policy_attachment" "baseline" {
  policy_id = aws_organizations_policy.baseline.id
  target_id = aws_organizations_organizational_unit.workloads.id
}
```

Or delete the policy.

## How to fix it in CloudFormation

Attach it, or delete it:

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
        - Effect: Deny
          Action: organizations:LeaveOrganization
          Resource: "*"
```

## What it leaves alone

Other types of policy. Where the id of the policy is an output or goes into a resource of another kind, it may be attached elsewhere: the finding is then only informative.

## When it cannot tell

Some attachment does not say which policy it attaches, or only a part of the configuration was planned.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from .._doubt import by_doubt, is_passed_on
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_POLICY = """
resource "aws_organizations_policy" "stay" {
  name    = "stay"%s
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}
"""

BAD = Example(_POLICY % "  # bad")

GOOD = Example(
    _POLICY % ""
    + """
resource "aws_organizations_policy_attachment" "stay" {
  policy_id = aws_organizations_policy.stay.id
  target_id = "ou-ab12-11111111"
}
"""
)

EXPORTED = Example(
    _POLICY % "  # bad"
    + """
output "policy" {
  value = aws_organizations_policy.stay.id
}
""",
    "only informative: whoever reads the output may attach it",
)

UNDECIDED = Example(
    _POLICY % "  # undecided"
    + """
resource "aws_organizations_policy_attachment" "some" {
  policy_id = var.policy
  target_id = "ou-ab12-11111111"
}

variable "policy" {}
"""
)


@rule(
    code="IAM704",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/organizations/latest/userguide/orgs_policies_attach.html",),
    examples=(BAD, EXPORTED, GOOD, UNDECIDED),
)
def scp_not_attached(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each SCP without an attachment."""
    estate = world.estate
    idle = [
        policy.origin for policy in _guardrails.service_control_policies(world) if not world.graph.targets_of(policy)
    ]
    sure, unsure = by_doubt(idle, ((target.origin, target.policy) for target in estate.policy_targets))
    for attachment, policies in unsure.items():
        message = f"whether this policy is attached is not known: {attachment.address} does not say what it attaches"
        related = tuple(Related(policy, "likewise") for policy in policies[1:])
        yield Undecided(subject=policies[0], message=message, related=related)
    for origin in sure:
        if not estate.complete:
            message = "nothing here attaches this policy, but the input does not show all that there is"
            yield Undecided(subject=origin, message=message)
        elif is_passed_on(estate, origin):
            message = "nothing here attaches this service control policy; other code may, since its id is passed on"
            yield Violation(subject=origin, message=message, severity=Severity.INFO)
        else:
            message = "this service control policy is attached to nothing, so it binds nobody"
            yield Violation(subject=origin, message=message)
