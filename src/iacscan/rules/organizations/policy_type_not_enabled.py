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

## How to fix it in CloudFormation

CloudFormation cannot switch a policy type on. Do it once in the management account, for each type that the templates use, with
`aws organizations enable-policy-type --root-id ROOT --policy-type TYPE`, before the stack with the policies is deployed.

## What it leaves alone

Policies of an organization that this input neither manages nor reads.

## When it cannot tell

The organization is managed here, but its `enabled_policy_types` are not known. That is said once for each type.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...model.organizations import Organization
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _guardrails

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
    related = (Related(organization.origin, "says which types are enabled"),)
    unclear: set[str] = set()
    for policy in world.estate.organization_policies:
        if isinstance(policy.kind, Unknown):
            continue
        match _guardrails.is_enabled(organization, policy.kind):
            case Truth.NO:
                yield Violation(
                    subject=policy.origin,
                    message=f"this policy cannot be attached: {policy.kind} is not enabled in the organization",
                    evidence=(f"enabled_policy_types = {_listed(organization)}",),
                    related=related,
                    remedy=f'Add "{policy.kind}" to enabled_policy_types of {organization.origin.address}.',
                )
            case Truth.UNKNOWN if organization.managed and policy.kind not in unclear:
                unclear.add(policy.kind)
                yield Undecided(
                    subject=policy.origin,
                    message=f"whether {policy.kind} is enabled in the organization is not known: {_because(organization)}",
                    related=related,
                )


def _listed(organization: Organization) -> str:
    types = organization.enabled_policy_types
    return "" if isinstance(types, Unknown) else f"[{', '.join(sorted(map(str, types)))}]"


def _because(organization: Organization) -> str:
    types = organization.enabled_policy_types
    gaps = [types] if isinstance(types, Unknown) else [item for item in types if isinstance(item, Unknown)]
    return gaps[0].because
