"""Customer policy says exactly the same as one of AWS's own managed policies.

## Why it matters

AWS keeps its own policies up to date as services change; the copy stays as it was. It also counts against the quota of policies, and readers have to compare
it with the original to see that nothing was changed.

## How to fix it

Attach the original, or make the copy smaller than it: AWS's policies are wide.

```hcl
resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.reports.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
```

## How to fix it in CloudFormation

Attach the original, or make the copy smaller than it: AWS's policies are wide.

```yaml
ReportsRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
    ManagedPolicyArns:
      - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
```

## What it leaves alone

Permissions boundaries and policies of organizations: there a copy is kept on purpose, so that AWS cannot widen it. Policies of one or two action patterns,
such as `*`: anybody writes these, and what is wrong with them is how wide they are (`full-admin-policy`, `service-wildcard-action`).

## When it cannot tell

Nothing is reported: a policy of which a part is not known is compared with none.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...policy.managed import copy_of
from .._identity import related
from .._rule import Example, Verdict, World, rule

_SHOWN: Final = 3
_FEWEST: Final = 3  # action patterns; who writes fewer has not copied them

_POLICY = """
resource "aws_iam_policy" "logs" {%s
  name   = "logs"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:PutLogEvents", "logs:CreateLogGroup", "logs:CreateLogStream"]
      Resource = "%s"
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "*"), "it is AWSLambdaBasicExecutionRole, in another order")
GOOD = Example(_POLICY % ("", "arn:aws:logs:*:*:log-group:/aws/lambda/reports:*"), "narrower than the original")
SHORT = Example(
    _POLICY.replace('["logs:PutLogEvents", "logs:CreateLogGroup", "logs:CreateLogStream"]', '"xray:*"') % ("", "*"),
    "all of AWSXrayFullAccess, which nobody needs to copy",
)
BOUNDARY = Example(
    _POLICY % ("", "*")
    + """
resource "aws_iam_user" "ada" {
  name                 = "ada"
  permissions_boundary = aws_iam_policy.logs.arn
}
""",
    "a boundary",
)


@rule(
    code="IAM318",
    severity=Severity.INFO,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",),
    examples=(BAD, GOOD, SHORT, BOUNDARY),
)
def custom_copy_of_aws_managed_policy(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each copy."""
    boundaries = {policy.origin.address for policy in world.estate.managed_policies if world.graph.bounded_by(policy)}
    for policy in world.access.identity_policies:
        document = policy.document
        if (
            policy.via == "aws-managed"
            or policy.origin.address in boundaries
            or not isinstance(document, PolicyDocument)
            or len(_patterns(document)) < _FEWEST
        ):
            continue
        original = copy_of(document)
        if original is not None:
            yield Violation(
                subject=policy.origin,
                message=f"this policy is a copy of {original}, which AWS keeps up to date itself",
                evidence=tuple(line for statement in document.statements[:_SHOWN] for line in describe(statement)),
                related=related(policy),
                remedy=f"Attach {original} itself, or make this policy narrower.",
            )


def _patterns(document: PolicyDocument) -> set[str]:
    elements = (element for item in document.statements for element in (item.actions, item.not_actions))
    return {text.lower() for element in elements for text in element or () if isinstance(text, str)}
