"""AWS workload gets a permanent access key, though AWS would give it a role.

## Why it matters

Every AWS compute service hands its workloads temporary credentials of a role. A permanent key in their place is readable in the service's
console and API (`lambda:GetFunctionConfiguration`, `ec2:DescribeInstanceAttribute`, `ecs:DescribeTaskDefinition`), in Terraform's state and in logs, and
works from anywhere.

## How to fix it

Attach the policies of the user to the role that the workload runs as, take the variables out, and delete the key and the user:

```hcl
resource "aws_iam_role_policy_attachment" "orders" {
  role       = aws_iam_role.orders.name
  policy_arn = aws_iam_policy.orders_table.arn
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.orders.arn
}
```

SDKs find the role's credentials without any setting.

## How to fix it in CloudFormation

Attach the policies of the user to the role that the workload runs as, take the variables out, and delete the key and the user:

```yaml
OrdersRole:
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
      - !Ref OrdersTablePolicy
OrdersFunction:
  Type: AWS::Lambda::Function
  Properties:
    Role: !GetAtt OrdersRole.Arn
```

SDKs find the role's credentials without any setting.

## What it leaves alone

Keys that are switched off, and the id of a key alone, which opens nothing. Where a variable for another endpoint stands beside the key, it
is probably for a store outside AWS; that is reported as low.

## When it cannot tell

It always can: where a key goes stands in the references of the configuration, not in values that are known later. A path through a local
value, which a plan does not describe, is reported with less confidence.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Related, Severity, Violation
from ...model.workload import Workload
from .. import _machine_users
from .._rule import Example, Verdict, World, rule

# Attributes whose text the service shows to whoever may describe the workload.
_OPEN: Final = (
    "environment",
    "user_data",
    "container_definitions",
    "container_properties",
    "setting",
    "default_arguments",
)
_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_ENDPOINTS: Final = ("S3_ENDPOINT", "AWS_ENDPOINT_URL")

_USER = """
resource "aws_iam_user" "orders" {
  name = "orders"
}

resource "aws_iam_access_key" "orders" {
  user = aws_iam_user.orders.name
}
"""
_FUNCTION = """
resource "aws_lambda_function" "orders" {%s
  function_name = "orders"
  role          = "arn:aws:iam::111122223333:role/orders"
  runtime       = "python3.13"
  handler       = "main.handler"
  filename      = "orders.zip"

  environment {
    variables = {
      %s
    }
  }
}
"""

BAD = Example(
    _USER + _FUNCTION % ("  # bad", "KEY = aws_iam_access_key.orders.secret"),
    "the secret stands in the function's environment",
)

USER_DATA = Example(
    _USER
    + """
resource "aws_instance" "orders" {  # bad
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  user_data     = "KEY=${aws_iam_access_key.orders.secret}"
}
""",
    "the secret stands in the script that starts the instance",
)

PASSED_IN = Example(
    """
resource "aws_codebuild_project" "site" {  # bad
  name         = "site"
  service_role = "arn:aws:iam::111122223333:role/site"

  artifacts {
    type = "NO_ARTIFACTS"
  }
  source {
    type     = "GITHUB"
    location = "https://github.com/acme/site.git"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"

    environment_variable {
      name  = "AWS_SECRET_ACCESS_KEY"
      value = var.secret
    }
  }
}

variable "secret" {}
""",
    "static credentials from elsewhere, though the project has a role",
)

GOOD = Example(_FUNCTION % ("", 'TABLE = "orders"'), "the function uses its role")


@rule(
    code="IAM202",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    ),
    controls=("CIS 1.17 (v3: 1.18)", "Security Hub CodeBuild.2", "Security Hub ECS.8", "CWE-798", "CWE-526"),
    examples=(BAD, USER_DATA, PASSED_IN, GOOD),
    tells=("IAM811",),
)
def access_key_given_to_aws_compute(world: World) -> Iterator[Verdict]:
    """Yield one violation for each workload and key that reaches it, and for each that gets credentials from elsewhere."""
    reported: set[str] = set()
    for key, flows in _machine_users.deliveries(world, "compute"):
        if not _machine_users.carries_secret(flows):
            continue
        subject = flows[0].origin
        reported.add(subject.address)
        user = world.graph.user_of(key)
        shown = any(part in (flow.attribute or flow.path) for flow in flows for part in _OPEN)
        yield Violation(
            subject=subject,
            message=f"the permanent access key {key.origin.address} is handed to this workload, which can have a role instead",
            evidence=tuple(f"{flow.path} <- {key.origin.address}.{flow.part}" for flow in flows[:6]),
            related=(
                Related(key.origin, "the key"),
                *([Related(user.origin, "the user that it belongs to")] if user else []),
            ),
            severity=Severity.CRITICAL if shown else None,
            confidence=Confidence.MEDIUM if all(flow.through for flow in flows) else None,
            key=key.origin.address,
        )
    for workload in world.estate.workloads:
        names = [name for name in workload.environment if name in _CREDENTIALS]
        if names and workload.origin.address not in reported:
            yield _passed_in(workload, names)


def _passed_in(workload: Workload, names: list[str]) -> Violation:
    message = "static AWS credentials are set in the environment, though the service provides those of a role"
    if workload.kind == "lambda_function":
        message += "; Lambda reserves these names, so the change fails when it is applied"
    elsewhere = [name for name in workload.environment if name.startswith(_ENDPOINTS)]
    return Violation(
        subject=workload.origin,
        message=message,
        evidence=(f"environment: {', '.join(sorted({*names, *elsewhere}))}",),
        severity=Severity.LOW if elsewhere else None,
        confidence=Confidence.LOW if elsewhere else None,
        key="environment",
    )
