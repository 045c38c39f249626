"""Service control policy that limits regions also denies services that exist in us-east-1 only.

## Why it matters

IAM, Organizations, Route 53, CloudFront, Support and others have one endpoint for the whole world, in us-east-1, and the region of a request to them is
us-east-1. A policy that denies everything outside Europe denies them too, so nobody in the accounts can create a role or
answer an incident with AWS Support.

## How to fix it

Exempt the global services, as AWS's own example does:

```hcl
statement {
  sid    = "OnlyEurope"
  effect = "Deny"
  not_actions = [
    "account:*", "budgets:*", "ce:*", "cloudfront:*", "globalaccelerator:*", "health:*", "iam:*", "organizations:*",
    "route53:*", "route53domains:*", "shield:*", "sts:*", "support:*", "trustedadvisor:*", "waf:*",
  ]
  resources = ["*"]

  condition {
    test     = "StringNotEquals"
    variable = "aws:RequestedRegion"
    values   = ["eu-central-1", "eu-west-1"]
  }
}
```

## How to fix it in CloudFormation

Exempt the global services, as AWS's own example does:

```yaml
Regions:
  Type: AWS::Organizations::Policy
  Properties:
    Name: regions
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Sid: OnlyEurope
          Effect: Deny
          NotAction: [
            account:*, budgets:*, ce:*, cloudfront:*, globalaccelerator:*, health:*, iam:*, organizations:*,
            route53:*, route53domains:*, shield:*, sts:*, support:*, trustedadvisor:*, waf:*,
          ]
          Resource: "*"
          Condition:
            StringNotEquals:
              aws:RequestedRegion: [eu-central-1, eu-west-1]
```

## What it leaves alone

Policies that allow us-east-1, and those that deny single actions or exempt a part of a service. The severity is medium where some of the indispensable
services are exempt, and low where only lesser ones are missing.

## When it cannot tell

The regions are not all known, so us-east-1 may be among them.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.condition.judge import Context, Facts, Nature, holds
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.grant import statement_actions
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_KEY: Final = "aws:requestedregion"
_HOME: Final = Context("a request to us-east-1", {_KEY: Facts(Truth.YES, Nature.FIXED, ("us-east-1",))})
# Services with one endpoint, in us-east-1 (Global Accelerator: us-west-2). https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints
_INDISPENSABLE: Final = ("cloudfront", "iam", "organizations", "route53", "support")
_LESSER: Final = (
    "budgets", "ce", "globalaccelerator", "health", "route53domains", "shield", "sts", "trustedadvisor", "waf",
)  # fmt: skip

_POLICY = """
resource "aws_organizations_policy" "regions" {%s
  name = "regions"
  content = jsonencode({ Version = "2012-10-17", Statement = [{
    Sid       = "OnlyEurope"
    Effect    = "Deny"
    %s
    Resource  = "*"
    Condition = { StringNotEquals = { "aws:RequestedRegion" = %s } }
  }] })
}
"""
_ALL = 'Action = "*"'
_EXEMPT = (
    "NotAction = ["
    + ", ".join(f'"{service}:*"' for service in sorted((*_INDISPENSABLE, *_LESSER, "account", "kms", "acm")))
    + "]"
)

BAD = Example(_POLICY % ("  # bad", _ALL, '["eu-central-1"]'), "without exemption")
BAD_PART = Example(
    _POLICY % ("  # bad", 'NotAction = ["iam:*", "sts:*"]', '["eu-central-1"]'),
    "CloudFront, Route 53 and Support are missing",
)
GOOD = Example(_POLICY % ("", _EXEMPT, '["eu-central-1"]'), "global services are exempt")
GOOD_HOME = Example(_POLICY % ("", _ALL, '["eu-central-1", "us-east-1"]'), "us-east-1 is allowed")
UNDECIDED = Example(_POLICY % ("  # undecided", _ALL, "var.regions") + '\nvariable "regions" {}\n')


@rule(
    code="IAM708",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion",
    ),
    examples=(BAD, BAD_PART, GOOD, GOOD_HOME, UNDECIDED),
)
def region_deny_breaks_global_services(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Deny by region that takes global services away."""
    for policy in _guardrails.service_control_policies(world):
        if not isinstance(policy.document, PolicyDocument):
            continue
        for statement in policy.document.statements:
            applies = _denies_home(statement)
            lacking = [] if applies is Truth.NO else _denied(statement, _INDISPENSABLE)
            lesser = [] if applies is Truth.NO else _denied(statement, _LESSER)
            if not lacking and not lesser:
                continue
            if applies is Truth.YES:
                yield Violation(
                    subject=policy.origin,
                    message=f"the limit to some regions also denies services that exist in us-east-1 only: {', '.join(lacking + lesser)}",
                    evidence=describe(statement),
                    severity=_severity(lacking),
                    key=statement.label,
                )
            elif lacking:
                yield Undecided(
                    subject=policy.origin,
                    message="whether the limit to some regions leaves out us-east-1, and with it global services, is not known",
                    evidence=describe(statement),
                    key=statement.label,
                )


def _severity(lacking: list[str]) -> Severity:
    if not lacking:
        return Severity.LOW
    return Severity.HIGH if len(lacking) == len(_INDISPENSABLE) else Severity.MEDIUM


def _denies_home(statement: Statement) -> Truth:
    """Whether a statement denies by region, and applies to requests in us-east-1."""
    by_region = any(isinstance(item, Condition) and item.key.lower() == _KEY for item in statement.conditions)
    return holds(statement.conditions, _HOME) if by_region and statement.effect == "Deny" else Truth.NO


def _denied(statement: Statement, services: tuple[str, ...]) -> list[str]:
    """The services that are denied as a whole."""
    actions = statement_actions(statement)[0]
    return [service for service in services if actions.covers(ActionSet.of((f"{service}:*",)))]
