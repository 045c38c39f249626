"""Organization shares bills only, so that no policy can bind its accounts.

## Why it matters

With the feature set `CONSOLIDATED_BILLING` service control policies, resource control policies and every other kind of organization
policy do not exist. Nothing limits what the administrators of a member account may do.

## How to fix it

Ask for all features:

```hcl
resource "aws_organizations_organization" "this" {
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}
```

Accounts that were invited must approve the change once.

## How to fix it in CloudFormation

Ask for all features:

```yaml
Organization:
  Type: AWS::Organizations::Organization
  Properties:
    FeatureSet: ALL
```

Accounts that were invited must approve the change once.

## What it leaves alone

Organizations that are only read through a data source.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

BAD = Example(
    """
resource "aws_organizations_organization" "this" {
  feature_set = "CONSOLIDATED_BILLING"  # bad
}
"""
)

GOOD = Example(
    """
resource "aws_organizations_organization" "this" {
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}
""",
    "ALL is the provider's default",
)

UNDECIDED = Example(
    """
resource "aws_organizations_organization" "this" {
  feature_set = var.features  # undecided
}

variable "features" {}
"""
)


@rule(
    code="IAM703",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html",
    ),
    examples=(BAD, GOOD, UNDECIDED),
    tells=("IAM701",),
)
def feature_set_not_all(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each organization that the input manages."""
    for organization in world.estate.organizations:
        if not organization.managed:
            continue
        if isinstance(organization.feature_set, Unknown):
            yield Undecided(
                subject=organization.origin,
                message=f"whether organization policies can exist here is not known: {organization.feature_set.because}",
            )
        elif organization.feature_set != "ALL":
            yield Violation(
                subject=organization.origin,
                message="no service control policy can exist in this organization, because it only consolidates billing",
                evidence=(f'feature_set = "{organization.feature_set}"',),
            )
