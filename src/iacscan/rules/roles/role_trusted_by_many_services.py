"""Role is trusted by several services that run code, so that unrelated workloads share one set of rights.

## Why it matters

A role that functions, instances and containers all use has the rights of all of them together. A flaw in any one hands out what the
others need, the log does not say which of them made a call, and no right can be taken away without asking everybody.

## How to fix it

One role for each workload, trusted by the one service that runs it:

```hcl
resource "aws_iam_role" "function" {
  name               = "orders-function"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
```

## How to fix it in CloudFormation

One role for each workload, trusted by the one service that runs it:

```yaml
OrdersFunctionRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
```

## What it leaves alone

Services that run no code of their customers, and pairs that AWS asks for: Lambda with Lambda@Edge, the two names of Managed Airflow. Services that
belong together (Batch and the tasks of ECS, CodePipeline and CodeBuild, the parts of one service) are info.

## When it cannot tell

Beside one such service the trust policy names a principal that is not known.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.principal import Kind
from .._rule import Example, Verdict, World, rule

# What AWS itself wants in one trust policy, for one workload.
_REQUIRED: Final = (frozenset(("lambda", "edgelambda")), frozenset(("airflow", "airflow-env")))
# Services that act together for one workload; a role of all of one line is common.
_TOGETHER: Final = tuple(
    frozenset(line.split())
    for line in (
        "ec2 ecs ecs-tasks",
        "ecs-tasks batch",
        "codebuild codepipeline",
        "states scheduler",
        "apprunner build.apprunner tasks.apprunner",
        "bedrock bedrock-agentcore",
        "ec2 elasticmapreduce datapipeline",
        "ec2 elasticbeanstalk",
        "ec2 imagebuilder",
        "lambda synthetics",
        "emr-containers emr-serverless elasticmapreduce",
    )
)
_SHOWN: Final = 3

_ROLE = """
resource "aws_iam_role" "worker" {%s
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = [%s] } }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", '"lambda.amazonaws.com", "ec2.amazonaws.com"'))
BAD_INFO = Example(
    _ROLE % ("  # bad", '"codebuild.amazonaws.com", "codepipeline.amazonaws.com"'), "info: the two belong together"
)
GOOD_EDGE = Example(_ROLE % ("", '"lambda.amazonaws.com", "edgelambda.amazonaws.com"'), "Lambda@Edge asks for both")
GOOD = Example(_ROLE % ("", '"lambda.amazonaws.com"'))
GOOD_NO_CODE = Example(
    _ROLE % ("", '"ec2.amazonaws.com", "backup.amazonaws.com"'), "AWS Backup runs no code of its customers"
)
UNDECIDED = Example(
    _ROLE % ("  # undecided", '"lambda.amazonaws.com", var.service') + '\nvariable "service" {}\n',
    "another service, which is not known",
)


@rule(
    code="IAM216",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html",
        "https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html",
    ),
    controls=("CWE-250",),
    examples=(BAD, BAD_INFO, GOOD, GOOD_EDGE, GOOD_NO_CODE, UNDECIDED),
)
def role_trusted_by_many_services(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each role that several such services may assume."""
    for role in world.estate.roles:
        services = world.access.workload_services(role)
        if not services or frozenset(services) in _REQUIRED:
            continue
        trusted = world.access.trust(role)
        statements = dict.fromkeys(item.statement for item in trusted if item.statement is not None)
        evidence = tuple(line for statement in tuple(statements)[:_SHOWN] for line in describe(statement))
        if len(services) > 1:
            yield Violation(
                subject=role.origin,
                message=f"{_listed(services)} may all assume this role, so whatever runs in one of them has the rights of all",
                evidence=evidence,
                severity=Severity.INFO if any(frozenset(services) <= line for line in _TOGETHER) else None,
            )
        elif any(item.kind is Kind.UNKNOWN and item.statement is not None for item in trusted):
            yield Undecided(
                subject=role.origin,
                message=f"whether services other than {services[0]} may assume this role is not known",
                evidence=evidence,
            )


def _listed(services: Iterable[str]) -> str:
    first, *rest = sorted(services)
    return ", ".join([first, *rest[:-1]]) + f" and {rest[-1]}"
