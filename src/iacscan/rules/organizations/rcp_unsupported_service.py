"""Resource control policy denies actions of a service that such policies do not apply to.

## Why it matters

Resource control policies apply to the resources of some services only. For all others they are never evaluated: whoever reads the policy believes that
strangers are kept out, and they are not.

## How to fix it

Take the service out, and protect its resources by their own policies:

```hcl
statement {
  effect    = "Deny"
  actions   = ["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:AssumeRole"]
  resources = ["*"]

  principals {
    type        = "*"
    identifiers = ["*"]
  }

  condition {
    test     = "StringNotEqualsIfExists"
    variable = "aws:PrincipalOrgID"
    values   = [aws_organizations_organization.this.id]
  }

  condition {
    test     = "BoolIfExists"
    variable = "aws:PrincipalIsAWSService"
    values   = ["false"]
  }
}
```

## How to fix it in CloudFormation

Take the service out, and protect its resources by their own policies:

```yaml
OnlyTheOrganization:
  Type: AWS::Organizations::Policy
  Properties:
    Name: only-the-organization
    Type: RESOURCE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Principal: "*"
          Action: [s3:*, sqs:*, kms:*, secretsmanager:*, sts:AssumeRole]
          Resource: "*"
          Condition:
            StringNotEqualsIfExists:
              aws:PrincipalOrgID: !GetAtt Organization.Id
            BoolIfExists:
              aws:PrincipalIsAWSService: "false"
```

## What it leaves alone

The Action `*` alone, which is refused (IAM716). AWS adds services to the list; the one used here is dated in `policy/data/rcp.txt`.

## When it cannot tell

The service itself is newer than the tables of this version.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...policy.action_data import resource_control_services, services
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import statement_actions
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_POLICY = """
resource "aws_organizations_policy" "perimeter" {%s
  name    = "perimeter"
  type    = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Deny"
    Principal = "*"
    Action    = %s
    Resource  = "*"
    Condition = { StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-abcde12345" }, BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }
  }] })
}
"""

BAD = Example(_POLICY % ("  # bad", '["s3:*", "lambda:InvokeFunction"]'), "Lambda is not among the services")
GOOD = Example(_POLICY % ("", '["s3:*", "sqs:*", "kms:*", "sts:AssumeRole"]'))
UNDECIDED = Example(
    _POLICY % ("  # undecided", '["s3:*", "brandnewservice:*"]'), "no service that is known has this name"
)


@rule(
    code="IAM717",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html",),
    examples=(BAD, GOOD, UNDECIDED),
)
def rcp_unsupported_service(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement about services that are left out."""
    for policy in world.estate.organization_policies:
        if policy.kind != _guardrails.RCP or not isinstance(policy.document, PolicyDocument):
            continue
        for statement in policy.document.statements:
            left_out, unheard_of = _left_out(statement)
            if left_out:
                yield Violation(
                    subject=policy.origin,
                    message=f"resource control policies do not apply to {', '.join(left_out)}, so nothing is denied there",
                    evidence=describe(statement),
                    key=statement.label,
                )
            elif unheard_of:
                yield Undecided(
                    subject=policy.origin,
                    message=f"whether resource control policies apply to {', '.join(unheard_of)} is not known: no such service is in this version's tables",
                    evidence=describe(statement),
                    key=statement.label,
                )


def _left_out(statement: Statement) -> tuple[list[str], list[str]]:
    """Services of a statement that resource control policies leave out, and names that no known service has."""
    actions = statement_actions(statement)[0]
    if statement.effect != "Deny" or statement.not_actions is not None or actions.is_everything:
        return [], []
    supported = resource_control_services()
    strange = {action.partition(":")[0] for action in actions.unknown}
    named = {*actions.services(), *(strange & services().keys())}
    return sorted(named - supported), sorted(strange - services().keys() - supported)
