"""Service control policy is attached to nothing.

## Why it matters

A service control policy has no effect until it is attached to a root, an organizational unit or an account. One that only exists looks
like protection in a review and protects nobody.

## How to fix it

```hcl
resource "aws_organizations_policy_attachment" "baseline" {
  policy_id = aws_organizations_policy.baseline.id
  target_id = aws_organizations_organizational_unit.workloads.id
}
```

Or delete the policy.

## What it leaves alone

Other types of policy. Where the id of the policy is an output, it may be attached elsewhere: the finding is then only informative.

## When it cannot tell

Some attachment names a policy that is not known yet.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
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
    examples=(BAD, GOOD, UNDECIDED),
)
def scp_not_attached(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each SCP without an attachment."""
    adrift = [target for target in world.estate.policy_targets if isinstance(target.policy, Unknown)]
    for policy in _guardrails.service_control_policies(world):
        if world.graph.targets_of(policy):
            continue
        if adrift:
            yield Undecided(
                subject=policy.origin,
                message=f"whether this policy is attached is not known: {adrift[0].origin.address} does not say what it attaches",
            )
            continue
        exported = policy.origin.address in world.estate.mentions
        yield Violation(
            subject=policy.origin,
            message="this service control policy is attached to nothing"
            + (" here; other code may attach it, since its id is an output" if exported else " and has no effect"),
            severity=Severity.INFO if exported else None,
        )
