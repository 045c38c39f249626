"""Member account may leave the organization: no service control policy denies it.

## Why it matters

Whoever is an administrator in a member account, or has stolen the credentials of one, can take the account out of the organization with a single call. With it
go all service control policies, the organization's trail and its delegated security tools, at the moment they are needed.

## How to fix it

Deny `organizations:LeaveOrganization` above all member accounts:

```hcl
data "aws_iam_policy_document" "baseline" {
  statement {
    sid       = "StayInTheOrganization"
    effect    = "Deny"
    actions   = ["organizations:LeaveOrganization"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy" "baseline" {
  name    = "baseline"
  content = data.aws_iam_policy_document.baseline.json
}

resource "aws_organizations_policy_attachment" "baseline" {
  policy_id = aws_organizations_policy.baseline.id
  target_id = aws_organizations_organization.this.roots[0].id
}
```

## How to fix it in CloudFormation

Deny `organizations:LeaveOrganization` above all member accounts:

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
          Action: [organizations:LeaveOrganization]
          Resource: "*"
```

## What it leaves alone

Organizations without any service control policy (IAM701), those that Control Tower governs, those to which policies are attached by an id from elsewhere, and
those whose configuration says that guardrails come from elsewhere; the management account, which no such policy binds. A Deny with exceptions counts.

## When it cannot tell

A policy on an account, or on a unit or root above it, is not known, or the account's place in the organization is not.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from .._rule import Example, Verdict, World, rule
from . import _coverage

_ORGANIZATION = """
resource "aws_organizations_account" "shop" {%s
  name  = "shop"
  email = "aws-shop@example.com"
}

resource "aws_organizations_policy" "baseline" {
  name    = "baseline"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = %s, Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "baseline" {
  policy_id = aws_organizations_policy.baseline.id
  target_id = %s
}
"""
_ROOT = '"r-ab12"'

BAD = Example(_ORGANIZATION % ("  # bad", '"cloudtrail:StopLogging"', _ROOT), "the policy denies something else")
BAD_ELSEWHERE = Example(
    _ORGANIZATION % ("  # bad", '"organizations:LeaveOrganization"', '"444455556666"'),
    "the policy is attached to another account",
)
GOOD = Example(_ORGANIZATION % ("", '"organizations:LeaveOrganization"', _ROOT))
UNDECIDED = Example(_ORGANIZATION % ("  # undecided", "var.denied", _ROOT) + '\nvariable "denied" {}\n')


@rule(
    code="IAM713",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_leave-as-member.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_ELSEWHERE, GOOD, UNDECIDED),
)
def leave_organization_not_denied(world: World) -> Iterator[Verdict]:
    """Yield one verdict for all member accounts together, on the first that is not protected."""
    found = _coverage.gap(world, ("organizations:LeaveOrganization",))
    if found is None:
        return
    if found.certain:
        yield Violation(
            subject=found.first,
            message=f"{found.who} may take {found.them} out of the organization: no service control policy denies organizations:LeaveOrganization",
            related=found.others,
        )
    else:
        yield Undecided(
            subject=found.first,
            message=f"whether a service control policy keeps {found.who} from leaving the organization with {found.them} is not known",
            related=found.others,
        )
