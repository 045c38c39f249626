"""Member account may switch off its CloudTrail trails: no service control policy denies it.

## Why it matters

The first thing that an intruder with an administrator's rights does is to stop what records them. Inside of the account nothing can prevent that; a service
control policy can, and costs nothing.

## How to fix it

Deny to stop or delete trails above all member accounts, but for the role that looks after them:

```hcl
data "aws_iam_policy_document" "baseline" {
  statement {
    sid       = "KeepTheAuditTrail"
    effect    = "Deny"
    actions   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/platform-audit"]
    }
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

Deny to stop or delete trails above all member accounts, but for the role that looks after them:

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
        - Sid: KeepTheAuditTrail
          Effect: Deny
          Action: [cloudtrail:StopLogging, cloudtrail:DeleteTrail]
          Resource: "*"
          Condition:
            ArnNotLike:
              aws:PrincipalArn: arn:aws:iam::*:role/platform-audit
```

## What it leaves alone

Organizations without any service control policy (IAM701), those that Control Tower governs, those to which policies are attached by an id from elsewhere, and
those whose configuration says that guardrails come from elsewhere; the management account, which no such policy binds. A Deny with exceptions counts. Only CloudTrail is asked
about: whether an account uses AWS Config or GuardDuty, no policy tells. A trail of the organization itself cannot be stopped by its members in any case.

## When it cannot tell

A policy on an account, or on a unit or root above it, is not known, or the account's place in the organization is not.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from .._rule import Example, Verdict, World, rule
from . import _coverage

_ACTIONS: Final = ("cloudtrail:StopLogging", "cloudtrail:DeleteTrail")

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

BAD = Example(
    _ORGANIZATION % ("  # bad", '"organizations:LeaveOrganization"', _ROOT), "the policy denies something else"
)
BAD_ELSEWHERE = Example(
    _ORGANIZATION % ("  # bad", '["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]', '"444455556666"'),
    "the policy is attached to another account",
)
GOOD = Example(_ORGANIZATION % ("", '["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]', _ROOT))
UNDECIDED = Example(_ORGANIZATION % ("  # undecided", "var.denied", _ROOT) + '\nvariable "denied" {}\n')


@rule(
    code="IAM714",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
    ),
    controls=("CWE-778", "MITRE T1562.008"),
    examples=(BAD, BAD_ELSEWHERE, GOOD, UNDECIDED),
)
def audit_not_protected_by_scp(world: World) -> Iterator[Verdict]:
    """Yield one verdict for all member accounts together, on the first that is not protected."""
    found = _coverage.gap(world, _ACTIONS)
    if found is None:
        return
    if found.certain:
        yield Violation(
            subject=found.first,
            message=f"{found.who} may stop or delete trails there: no service control policy denies both cloudtrail:StopLogging and cloudtrail:DeleteTrail",
            related=found.others,
        )
    else:
        yield Undecided(
            subject=found.first,
            message=f"whether a service control policy keeps {found.who} from switching off trails is not known",
            related=found.others,
        )
