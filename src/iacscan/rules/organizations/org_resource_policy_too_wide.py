"""Delegation of the organization's policies reaches further than it must.

## Why it matters

The resource policy of an organization lets member accounts manage it. Who may attach, detach or change policies of every type may also take the service control policies
off, which are the one limit that no administrator of an account can lift.

## How to fix it

Delegate single types of policies to single accounts:

```hcl
statement {
  actions   = ["organizations:CreatePolicy", "organizations:UpdatePolicy", "organizations:AttachPolicy"]
  resources = ["*"]

  principals {
    type        = "AWS"
    identifiers = ["arn:aws:iam::111122223333:root"]
  }

  condition {
    test     = "StringLikeIfExists"
    variable = "organizations:PolicyType"
    values   = ["BACKUP_POLICY"]
  }
}
```

## How to fix it in CloudFormation

Delegate single types of policies to single accounts:

```yaml
Delegation:
  Type: AWS::Organizations::ResourcePolicy
  Properties:
    Content:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            AWS: arn:aws:iam::111122223333:root
          Action: [organizations:CreatePolicy, organizations:UpdatePolicy, organizations:AttachPolicy]
          Resource: "*"
          Condition:
            StringLikeIfExists:
              organizations:PolicyType: BACKUP_POLICY
```

## What it leaves alone

Reading; statements that name the policies or their types.

## When it cannot tell

A principal or a condition of the statement is not known.
"""

from collections.abc import Iterator
from functools import cache

from ...finding import Severity, Undecided, Violation
from ...model.workload import ResourcePolicy
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.grant import statement_actions, statement_resources_everything
from ...policy.public import public_statements, surface_of
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule

_KIND = "organizations"
_TYPE = "organizations:policytype"

_POLICY = """
resource "aws_organizations_resource_policy" "delegation" {%s
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Delegate"
      Effect    = "Allow"
      Principal = { AWS = %s }
      Action    = %s
      Resource  = "*"
      Condition = %s
    }]
  })
}
"""
_ACCOUNT = '"arn:aws:iam::111122223333:root"'
_CHANGE = '["organizations:AttachPolicy", "organizations:DetachPolicy"]'
_BACKUP = '{ StringLikeIfExists = { "organizations:PolicyType" = ["BACKUP_POLICY"] } }'

BAD = Example(_POLICY % ("  # bad", _ACCOUNT, _CHANGE, "{}"), "policies of every type")
BAD_PUBLIC = Example(_POLICY % ("  # bad", '"*"', '"organizations:Describe*"', "{}"), "every AWS account")
BAD_MANAGER = Example(
    """
resource "aws_organizations_organization" "own" {
  feature_set = "ALL"
}

resource "aws_organizations_delegated_administrator" "security" {  # bad
  account_id        = aws_organizations_organization.own.master_account_id
  service_principal = "guardduty.amazonaws.com"
}
""",
    "the management account cannot be delegated to",
)
GOOD = Example(_POLICY % ("", _ACCOUNT, _CHANGE, _BACKUP), "backup policies only")
READING = Example(_POLICY % ("", _ACCOUNT, '["organizations:Describe*", "organizations:List*"]', "{}"), "reading")
UNDECIDED = Example(
    'variable "delegate" {}\n' + _POLICY % ("  # undecided", "var.delegate", '"organizations:List*"', "{}"),
    "who it is, nobody says",
)


@rule(
    code="IAM719",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html",
    ),
    controls=("CWE-269",),
    examples=(BAD, BAD_PUBLIC, BAD_MANAGER, GOOD, READING, UNDECIDED),
)
def org_resource_policy_too_wide(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each wide statement of the organization's policy, and for each delegation to the manager itself."""
    for policy in world.estate.resource_policies:
        if policy.kind == _KIND and isinstance(policy.document, PolicyDocument):
            yield from _judged(policy, policy.document)
    managers = {item.management_account for item in world.estate.organizations if item.management_account is not None}
    for item in world.estate.delegated_administrators:
        if isinstance(item.account, str) and item.account in managers:
            yield Violation(
                subject=item.origin,
                message="the apply fails: the management account cannot be a delegated administrator of its own organization",
                evidence=(f"account_id = {item.account}",),
                severity=Severity.MEDIUM,
                remedy="name a member account",
            )


def _judged(policy: ResourcePolicy, document: PolicyDocument) -> Iterator[Verdict]:
    public = {item.statement: item for item in public_statements(document, surface_of(_KIND)) if item.statement}
    for statement in document.statements:
        stranger = public.get(statement)
        if stranger is not None and stranger.is_public is Truth.YES:
            yield Violation(
                subject=policy.origin,
                message=f"any AWS account in the world may use this delegation: {stranger.because}",
                evidence=describe(statement),
                severity=Severity.CRITICAL,
                key=statement.label,
            )
            continue
        changed = statement_actions(statement)[0] & _changing()
        wide = _is_wide(statement) if statement.effect == "Allow" and changed else Truth.NO
        if wide is Truth.YES:
            yield Violation(
                subject=policy.origin,
                message=f"the delegate may call {', '.join(changed.compressed(5))} on policies of every type, service control policies included",
                evidence=describe(statement),
                key=statement.label,
            )
        elif wide is Truth.UNKNOWN or stranger is not None:
            because = stranger.because if stranger is not None else "its condition is not known"
            yield Undecided(
                subject=policy.origin,
                message=f"how far the delegation reaches is not known: {because}",
                evidence=describe(statement),
                key=statement.label,
            )


def _is_wide(statement: Statement) -> Truth:
    """Whether a statement is about policies of every type."""
    if any(isinstance(item, Condition) and item.key.lower() == _TYPE for item in statement.conditions):
        return Truth.NO
    everything = statement_resources_everything(statement)
    unknown = any(isinstance(item, Unknown) for item in statement.conditions)
    return Truth.UNKNOWN if everything is Truth.YES and unknown else everything


@cache
def _changing() -> ActionSet:
    verbs = ("Attach", "Detach", "Update", "Delete", "Create")
    return ActionSet.of(f"organizations:{verb}Policy" for verb in verbs)
