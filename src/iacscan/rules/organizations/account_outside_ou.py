"""Account stands in the root of the organization, outside every organizational unit.

## Why it matters

Guardrails belong on organizational units. An account that stays in the root gets only what is attached to the root, where every change
meets all accounts at once, so in practice such an account has no guardrail.

## How to fix it

Put the account into an organizational unit:

```hcl
resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "aws-shop@example.com"
  parent_id = aws_organizations_organizational_unit.workloads.id
}
```

## How to fix it in CloudFormation

Put the account into an organizational unit:

```yaml
ShopAccount:
  Type: AWS::Organizations::Account
  Properties:
    AccountName: shop
    Email: aws-shop@example.com
    ParentIds:
      - !Ref WorkloadsUnit
```

## What it leaves alone

Accounts whose parent is a unit, also one that is named by its id.

## When it cannot tell

The parent is not known and does not come from an organizational unit.
"""

from collections import defaultdict
from collections.abc import Iterator

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

BAD = Example(
    """
resource "aws_organizations_account" "shop" {  # bad
  name  = "shop"
  email = "aws-shop@example.com"
}
""",
    "without parent_id an account stays in the root",
)

IN_ROOT = Example(
    """
resource "aws_organizations_organization" "this" {
  feature_set = "ALL"
}

resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "aws-shop@example.com"
  parent_id = aws_organizations_organization.this.roots[0].id  # bad
}
"""
)

GOOD = Example(
    """
resource "aws_organizations_organizational_unit" "workloads" {
  name      = "workloads"
  parent_id = "r-ab12"
}

resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "aws-shop@example.com"
  parent_id = aws_organizations_organizational_unit.workloads.id
}
"""
)

UNDECIDED = Example(
    """
resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "aws-shop@example.com"
  parent_id = var.parent  # undecided
}

variable "parent" {}
"""
)


@rule(
    code="IAM711",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_ous_best_practices.html",),
    examples=(BAD, IN_ROOT, GOOD, UNDECIDED),
)
def account_outside_ou(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each account in the root."""
    unclear: defaultdict[str, list[Origin]] = defaultdict(list)
    for account in world.estate.accounts_in_organization:
        parent = account.parent
        if isinstance(parent, Unknown):
            unclear[parent.because].append(account.origin)
        elif parent is None:
            yield Violation(
                subject=account.origin,
                message="the account stays in the root of the organization: it has no parent_id",
                evidence=("parent_id is not set",),
            )
        elif world.graph.is_root(parent, account.origin.account):
            yield Violation(
                subject=account.origin,
                message="the account is placed in the root of the organization",
                evidence=(f"parent_id = {parent}",),
            )
    for because, accounts in unclear.items():
        yield Undecided(
            subject=accounts[0],
            message=f"whether the account is in a unit is not known: {because}",
            related=tuple(Related(account, "likewise") for account in accounts[1:]),
        )
