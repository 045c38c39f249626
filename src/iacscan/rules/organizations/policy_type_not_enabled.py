"""Organization policy is of a type that the organization has not switched on.

## Why it matters

A policy type must be enabled in the root of the organization before policies of that type can be attached. Until then the
attachment fails with `PolicyTypeNotEnabledException`, and the guardrail that the code promises does not exist.

## How to fix it

```hcl
resource "aws_organizations_organization" "this" {
  enabled_policy_types = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
}
```

## What it leaves alone

Policies of an organization that this input does not manage and does not read.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

BAD = Example(
    """
resource "aws_organizations_organization" "this" {
  enabled_policy_types = ["TAG_POLICY"]
}

resource "aws_organizations_policy" "stay" {  # bad
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}
""",
    "the type defaults to SERVICE_CONTROL_POLICY",
)

GOOD = Example(
    """
resource "aws_organizations_organization" "this" {
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_policy" "stay" {
  name    = "stay"
  type    = "SERVICE_CONTROL_POLICY"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}
"""
)

UNDECIDED = Example(
    """
resource "aws_organizations_organization" "this" {
  enabled_policy_types = var.types
}

resource "aws_organizations_policy" "stay" {  # undecided
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}

variable "types" {}
"""
)


@rule(
    code="IAM702",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_enable-disable.html",),
    examples=(BAD, GOOD, UNDECIDED),
)
def policy_type_not_enabled(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy whose type is not among the enabled ones."""
    if len(world.estate.organizations) != 1:
        return  # without an organization to look at, or with several, nothing says what is enabled
    (organization,) = world.estate.organizations
    enabled = organization.enabled_policy_types
    for policy in world.estate.organization_policies:
        if isinstance(policy.kind, Unknown):
            continue
        related = (Related(organization.origin, "says which types are enabled"),)
        if isinstance(enabled, Unknown):
            yield Undecided(
                subject=policy.origin,
                message=f"whether {policy.kind} is enabled in the organization is not known: {enabled.because}",
                related=related,
            )
        elif policy.kind not in enabled:
            gaps = [item for item in enabled if isinstance(item, Unknown)]
            if gaps:
                yield Undecided(
                    subject=policy.origin,
                    message=f"whether {policy.kind} is enabled in the organization is not known: {gaps[0].because}",
                    related=related,
                )
                continue
            listed = ", ".join(str(item) for item in enabled) or "none"
            yield Violation(
                subject=policy.origin,
                message=f"attaching this policy fails: {policy.kind} is not enabled in the organization",
                evidence=(f"enabled_policy_types: {listed}",),
                related=related,
                remedy=f'Add "{policy.kind}" to enabled_policy_types of {organization.origin.address}.',
            )
