"""Role that code runs with is an administrator of the account, or can make itself one.

## Why it matters

Code takes orders from its input. A flaw in one function, a dependency that turns hostile or a forged request to the instance's metadata
hands out the role's credentials, and with them everything: all data, all other roles, the account itself. A function that was made to
write to one table needs none of that.

## How to fix it

Allow what the code does, on what it does it to:

```hcl
resource "aws_iam_role_policy" "worker" {
  role   = aws_iam_role.worker.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"]
      Resource = [aws_dynamodb_table.orders.arn, "${aws_dynamodb_table.orders.arn}/index/*"]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "worker_logs" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
```

A build or deployment role that must create almost anything gets a permissions boundary, and is assumed by few.

## How to fix it in CloudFormation

Allow what the code does, on what it does it to:

```yaml
WorkerRole:
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
    Policies:
      - PolicyName: orders
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem, dynamodb:Query]
              Resource:
                - !GetAtt OrdersTable.Arn
                - !Sub ${OrdersTable.Arn}/index/*
```

In SAM, a policy template such as `DynamoDBCrudPolicy` with the name of the table is shorter. A build or deployment role that must create almost
anything gets a permissions boundary, and is assumed by few.

## What it leaves alone

Roles whose permissions boundary allows less, and administrators that no code runs as: IAM401 speaks of those. `PowerUserAccess` and
`iam:*` count as high, roles that only build and deploy as high too; rights that ask for a second factor as low, because credentials of
code never have one. All else is critical.

## When it cannot tell

What the role's policies allow depends on an element that is not known. A role whose trust policy is not known is judged by IAM401.
"""

from collections.abc import Iterator

from ...access import Held
from ...finding import Related, Severity, Undecided, Violation
from ...model.iam import Role
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.excess import Power, may_be_admin
from ...policy.grant import Answer
from ...value import Truth
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

# Build and deployment services: to create almost anything is what their roles are for.
_DEPLOYERS = frozenset({"codebuild", "codedeploy", "codepipeline"})
_WORKLOADS_SHOWN = 5
_NO_MFA = ", which credentials of code never meet"

_ROLE = """
resource "aws_iam_role" "worker" {%s
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "%s" } }]
  })
}
"""
_ATTACHMENT = """
resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/%s"
}
"""
_INLINE = """
resource "aws_iam_role_policy" "worker" {
  role   = aws_iam_role.worker.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [%s]
  })
}
"""
_LAMBDA = "lambda.amazonaws.com"

BAD = Example(
    _ROLE % (" # bad", _LAMBDA) + _ATTACHMENT % "AdministratorAccess",
    "a Lambda function that is an administrator",
)
BAD_POWER_USER = Example(_ROLE % (" # bad", "ec2.amazonaws.com") + _ATTACHMENT % "PowerUserAccess")
BAD_TWO = Example(
    _ROLE % (" # bad", "ecs-tasks.amazonaws.com")
    + _INLINE % '{ Effect = "Allow", NotAction = ["s3:DeleteBucket"], Resource = "*" }',
    "all but one action",
)
GOOD = Example(
    _ROLE % ("", _LAMBDA)
    + _INLINE
    % '{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders" }',
)
GOOD_HUMAN = Example(
    _ROLE % ("", "cloudformation.amazonaws.com") + _ATTACHMENT % "AdministratorAccess",
    "no code runs with the role: see IAM401",
)
UNDECIDED = Example(
    _ROLE % (" # undecided", _LAMBDA)
    + _INLINE % '{ Effect = "Allow", Action = [var.action], Resource = "*" }'
    + '\nvariable "action" {}\n',
)


@rule(
    code="IAM402",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    ),
    controls=("CIS 1.15 (v3: 1.16)", "Security Hub IAM.1", "CWE-250", "CWE-269"),
    includes=("IAM401", *_power.LESSER),
    examples=(BAD, BAD_POWER_USER, BAD_TWO, GOOD, GOOD_HUMAN, UNDECIDED),
)
def admin_on_compute_role(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each role that code runs with."""
    for role in world.estate.roles:
        found = _power.role_power(world, role)
        if found is not None:
            yield _violation(world, role, *found)
        elif world.access.is_compute_role(role) is Truth.YES:
            yield from _doubts(world, role)


def _violation(world: World, role: Role, power: Power, answer: Answer) -> Violation:
    services = world.access.workload_services(role)
    only = f", under conditions on {' and '.join(answer.conditions)}" if answer.conditions else ""
    never = bool(answer.statements) and all(map(_asks_for_mfa, answer.statements))
    deploys = bool(services) and _DEPLOYERS.issuperset(services)
    return Violation(
        subject=role.origin,
        message=f"{_code(world, role, services)} runs with {_identity.called(role)}, which {_power.role_can(world, role, power)}{only}{_NO_MFA if never else ''}",
        evidence=tuple(line for statement in _power.shown(answer) for line in describe(statement)),
        related=_related(world, role, answer),
        severity=Severity.LOW
        if never
        else Severity.CRITICAL
        if power is Power.ADMIN and not deploys
        else Severity.HIGH,
        remedy=(
            "Set a permissions boundary on the role, and let only the pipelines of protected branches start it."
            if deploys
            else None
        ),
    )


def _asks_for_mfa(statement: Statement) -> bool:
    """Whether a statement applies only to who has signed in with a second factor, which no code has.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
    """
    return any(
        isinstance(item, Condition)
        and (item.operator.lower(), item.key.lower(), item.values) == ("bool", "aws:multifactorauthpresent", ("true",))
        for item in statement.conditions
    )


def _code(world: World, role: Role, services: tuple[str, ...]) -> str:
    """What runs with the role."""
    workloads = world.graph.workloads_of(role)
    if workloads:
        others = len(workloads) - 1
        return f"{workloads[0].origin.address}{f' and {others} more' if others else ''}"
    return f"code of {' and '.join(services)}"


def _related(world: World, role: Role, answer: Answer) -> tuple[Related, ...]:
    found: dict[str, Related] = {}
    for held in world.access.held(role):
        if _takes_part(held, answer):
            found.setdefault(held.origin.address, Related(held.origin, "gives the role this power"))
            if held.policy is not None:
                found.setdefault(held.policy.origin.address, Related(held.policy.origin, "the policy that allows it"))
    for workload in world.graph.workloads_of(role)[:_WORKLOADS_SHOWN]:
        found.setdefault(workload.origin.address, Related(workload.origin, "runs with the role"))
    found.pop(role.origin.address, None)
    return tuple(found.values())


def _takes_part(held: Held, answer: Answer) -> bool:
    document = held.document
    return isinstance(document, PolicyDocument) and any(item in answer.statements for item in document.statements)


def _doubts(world: World, role: Role) -> Iterator[Undecided]:
    """What in the role's policies may make it an administrator; one answer for all."""
    if world.access.admin(role).truth is Truth.NO:
        return
    for held in world.access.held(role):
        doubt = may_be_admin(held.document) if isinstance(held.document, PolicyDocument) else None
        if doubt is not None:
            yield Undecided(
                subject=role.origin,
                message=f"code runs with {_identity.called(role)}, which may be an administrator, depending on what is not known: {doubt.because}",
                evidence=tuple(line for statement in _power.shown(doubt) for line in describe(statement)),
                related=(Related(held.origin, "may give the role this power"),) if held.origin != role.origin else (),
            )
            return
