"""Organization has no service control policy that takes effect.

## Why it matters

Without a service control policy, an administrator of any member account may do anything in it: leave the organization,
stop CloudTrail, work in a Region nobody watches, buy what nobody needs. An SCP is the only limit that such an administrator cannot
lift, because it is set outside the account.

## How to fix it

Start with a short deny list, attach it to an organizational unit, and widen it when it has proved itself:

```hcl
data "aws_iam_policy_document" "baseline" {
  statement {
    sid       = "StayInTheOrganization"
    effect    = "Deny"
    actions   = ["organizations:LeaveOrganization"]
    resources = ["*"]
  }
  statement {
    sid       = "KeepTheAuditTrail"
    effect    = "Deny"
    actions   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:StopConfigurationRecorder"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy" "baseline" {
  name    = "baseline"
  content = data.aws_iam_policy_document.baseline.json
}

resource "aws_organizations_policy_attachment" "baseline" {
  policy_id = aws_organizations_policy.baseline.id
  target_id = aws_organizations_organizational_unit.workloads.id
}
```

and switch the type on with `enabled_policy_types = ["SERVICE_CONTROL_POLICY"]`.

## How to fix it in CloudFormation

Start with a short deny list, attach it to an organizational unit, and widen it when it has proved itself:

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
          Action: [cloudtrail:StopLogging, cloudtrail:DeleteTrail, config:StopConfigurationRecorder]
          Resource: "*"
```

CloudFormation cannot switch the type on: do that once, with
`aws organizations enable-policy-type --root-id ROOT --policy-type SERVICE_CONTROL_POLICY`.

## What it leaves alone

Configurations that only read the organization, organizations governed by Control Tower, and policies that are attached by an id
from elsewhere. An SCP whose content is not known yet counts as a guardrail.

## When it cannot tell

A module whose name speaks of guardrails but could not be evaluated, or a plan of selected targets, may hold the SCP.
"""

import re
from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Related, Severity, Undecided, Violation
from ...lazy import regex
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_TELLING: Final = regex(r"scp|guardrail|organi[sz]ation|control.?tower|landing|\bmacro\b", re.IGNORECASE)

BAD = Example(
    """
resource "aws_organizations_organization" "this" {  # bad
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_account" "shop" {
  name  = "shop"
  email = "aws-shop@example.com"
}
""",
    "an organization with an account and no policy",
)

UNATTACHED = Example(
    """
resource "aws_organizations_organizational_unit" "workloads" {  # bad
  name      = "workloads"
  parent_id = "r-ab12"
}

resource "aws_organizations_policy" "stay" {
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}
""",
    "the policy exists, but is attached to nothing",
)

GOOD = Example(
    """
resource "aws_organizations_organization" "this" {
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = "workloads"
  parent_id = aws_organizations_organization.this.roots[0].id
}

resource "aws_organizations_policy" "stay" {
  name    = "stay"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "stay" {
  policy_id = aws_organizations_policy.stay.id
  target_id = aws_organizations_organizational_unit.workloads.id
}
""",
    "a policy that denies something is attached to a unit",
)

UNDECIDED = Example(
    """
resource "aws_organizations_organizational_unit" "workloads" {  # undecided
  name      = "workloads"
  parent_id = "r-ab12"
}

resource "aws_organizations_policy" "stay" {
  name    = "stay"
  type    = var.policy_type
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}

variable "policy_type" {}
""",
    "the only policy may or may not be an SCP",
)


@rule(
    code="IAM701",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_member-acct.html",
    ),
    controls=("CIS 1.20 (v3: 1.21)", "Security Hub Account.2"),
    examples=(BAD, UNATTACHED, GOOD, UNDECIDED),
    tells=("IAM702",),
)
def organization_without_scp(world: World) -> Iterator[Verdict]:
    """Yield one verdict for the whole organization, on its most telling resource."""
    estate = world.estate
    made = [organization for organization in estate.organizations if organization.managed]
    members = [
        *(organization.origin for organization in made),
        *(unit.origin for unit in estate.organizational_units),
        *(account.origin for account in estate.accounts_in_organization),
    ]
    if not members or estate.guardrails or _guardrails.foreign_guardrails(world):
        return
    subject = members[0]
    policies = list(_guardrails.service_control_policies(world))
    effective = [
        policy
        for policy in policies
        if _guardrails.restricts(policy) is not Truth.NO and _guardrails.bound_targets(world, policy)
    ]
    if effective and _guardrails.are_enabled(world) is not Truth.NO:
        return
    doubt = _doubt(world)
    if doubt:
        yield Undecided(
            subject=subject, message=f"no service control policy takes effect, as far as can be seen: {doubt}"
        )
        return
    alone = not estate.accounts_in_organization and not made
    yield Violation(
        subject=subject,
        message=f"no service control policy takes effect in this organization: {_why(world, len(policies))}",
        severity=Severity.MEDIUM if alone else None,
        confidence=None if made else Confidence.MEDIUM,
        related=tuple(Related(policy.origin, "restricts no member account") for policy in policies),
    )


def _why(world: World, policies: int) -> str:
    """Say which of the ways to have no guardrail this is."""
    if not policies:
        return "none is declared"
    found = list(_guardrails.service_control_policies(world))
    if all(_guardrails.restricts(policy) is Truth.NO for policy in found):
        return "those declared deny nothing"
    if not any(world.graph.targets_of(policy) for policy in found):
        return "those declared are attached to nothing"
    if _guardrails.are_enabled(world) is Truth.NO:
        return "the organization has not enabled the type SERVICE_CONTROL_POLICY"
    return "those declared deny nothing, are attached to nothing, or only to the management account"


def _doubt(world: World) -> str:
    """Return why absence may not be a fact here; empty if it is."""
    estate = world.estate
    if not estate.complete:
        return "the input does not show all that there is"
    for name in estate.unseen:
        if _TELLING.search(name):
            return f"{name} was not evaluated"
    for policy in estate.organization_policies:
        if not isinstance(policy.kind, str):
            return f"the type of {policy.origin.address} is not known"
    for target in estate.policy_targets:
        if not isinstance(target.policy, str):
            return f"the policy that {target.origin.address} attaches is not known"
    return ""
