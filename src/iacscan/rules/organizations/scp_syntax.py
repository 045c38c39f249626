"""Service or resource control policy has a form that Organizations refuses.

## Why it matters

Both kinds of policy speak a smaller language than IAM policies. A service control policy has no `Principal`; a resource control policy only denies, to
everybody, and names its actions. Whatever does not fit is refused when it is deployed, and the guardrail that was reviewed never comes to be.

## How to fix it

Write the statement without a principal:

```hcl
content = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect   = "Deny"
    Action   = "organizations:LeaveOrganization"
    Resource = "*"
  }]
})
```

In a service control policy, compare `aws:PrincipalArn` in a condition instead of naming a principal.

## How to fix it in CloudFormation

Write the statement without a principal:

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
        - Effect: Deny
          Action: organizations:LeaveOrganization
          Resource: "*"
```

In a service control policy, compare `aws:PrincipalArn` in a condition instead of naming a principal. A resource control policy has `Principal: "*"`.

## What it leaves alone

Conditions, `NotAction`, `NotResource` and single resources beside `Allow` in a service control policy: they are legal since September 2025. Other types
of policy, which have languages of their own.

## When it cannot tell

The effect or the principal of a statement of a resource control policy is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...model.organizations import OrganizationPolicy
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Principal, Statement
from ...value import Maybe, Unknown
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_VERSION: Final = "2012-10-17"

_POLICY = """
resource "aws_organizations_policy" "guard" {%s
  name    = "guard"
  type    = %s
  content = jsonencode({ %sStatement = [{ %s }] })
}
"""
_DATED = 'Version = "2012-10-17", '
_SCP = '"SERVICE_CONTROL_POLICY"'
_RCP = '"RESOURCE_CONTROL_POLICY"'
_LEAVE = 'Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*"'

PRINCIPAL = Example(
    _POLICY % ("  # bad", _SCP, _DATED, _LEAVE + ', Principal = "*"'), "an SCP binds whatever it is attached to"
)
UNDATED = Example(_POLICY % ("  # bad", _SCP, "", _LEAVE), "Organizations insists on the version")
ALLOWING = Example(
    _POLICY % ("  # bad", _RCP, _DATED, 'Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*"'),
    "a resource control policy only denies",
)
STAR = Example(
    _POLICY % ("  # bad", _RCP, _DATED, 'Effect = "Deny", Principal = "*", Action = "*", Resource = "*"'),
    "a resource control policy names its services",
)
GOOD = Example(_POLICY % ("", _SCP, _DATED, _LEAVE))
GOOD_RCP = Example(
    _POLICY
    % (
        "",
        _RCP,
        _DATED,
        'Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } }',
    )
)
UNDECIDED = Example(
    _POLICY
    % ("  # undecided", _RCP, _DATED, 'Effect = "Deny", Principal = var.principal, Action = "s3:*", Resource = "*"')
    + '\nvariable "principal" {}\n'
)


@rule(
    code="IAM716",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html",
    ),
    examples=(PRINCIPAL, UNDATED, ALLOWING, STAR, GOOD, GOOD_RCP, UNDECIDED),
)
def scp_syntax(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that has faults of form."""
    for policy in world.estate.organization_policies:
        document = policy.document
        if not isinstance(document, PolicyDocument):
            continue
        faults = tuple(dict.fromkeys(_faults(policy.kind, document)))
        if faults:
            yield Violation(
                subject=policy.origin,
                message=f"the apply fails, because Organizations refuses this policy: {faults[0]}",
                evidence=faults,
            )
        elif policy.kind == _guardrails.RCP:
            yield from _unclear(policy, document)


def _unclear(policy: OrganizationPolicy, document: PolicyDocument) -> Iterator[Verdict]:
    """What a resource control policy has to say in one way only, and says in a way that is not known."""
    for statement in document.statements:
        unknown = [item for item in (statement.effect, *(statement.principals or ())) if isinstance(item, Unknown)]
        if unknown:
            yield Undecided(
                subject=policy.origin,
                message=f"whether the statement denies, and to the Principal *, is not known: {unknown[0].because}",
                evidence=describe(statement),
                key=statement.label,
            )


def _faults(kind: Maybe[str], document: PolicyDocument) -> Iterator[str]:
    """What Organizations does not take."""
    if document.version is not None and document.version != _VERSION:
        yield f'Version is "{document.version}", and must be "{_VERSION}"'
    elif document.version is None and document.unknown_version is None:
        yield f'there is no Version, which must be "{_VERSION}"'
    for problem in document.problems:
        yield f"{problem.where}: {problem.message}"
    for statement in document.statements:
        yield from _faults_of_rcp(statement) if kind == _guardrails.RCP else _faults_of_scp(statement)


def _faults_of_scp(statement: Statement) -> Iterator[str]:
    if statement.principals is not None:
        yield f"{statement.label} has a Principal"
    if statement.not_principals is not None:
        yield f"{statement.label} has a NotPrincipal"


def _faults_of_rcp(statement: Statement) -> Iterator[str]:
    if statement.effect == "Allow":
        yield f"{statement.label} allows, and a resource control policy only denies"
    if statement.not_principals is not None:
        yield f"{statement.label} has a NotPrincipal"
    elif statement.principals is None:
        yield f"{statement.label} has no Principal, which must be *"
    elif any(isinstance(item, Principal) and item.value != "*" for item in statement.principals):
        yield f"{statement.label} names a Principal other than *"
    if statement.not_actions is not None:
        yield f"{statement.label} has a NotAction"
    if "*" in (statement.actions or ()):
        yield f"{statement.label} has the Action *, and must name services"
