"""Function URL answers everybody.

## Why it matters

Without authorization (`NONE`) the function is an open endpoint on the internet: every check is up to its code, and every call is paid for and runs
with the function's role.

## How to fix it

Have callers sign their calls:

```hcl
resource "aws_lambda_function_url" "api" {
  function_name      = aws_lambda_function.api.function_name
  authorization_type = "AWS_IAM"
}
```

Put CloudFront with origin access control, or an API with an authorizer, in front of it for callers without AWS credentials.

## How to fix it in CloudFormation

Have callers sign their calls:

```yaml
ApiUrl:
  Type: AWS::Lambda::Url
  Properties:
    TargetFunctionArn: !Ref ApiFunction
    AuthType: AWS_IAM
```

In SAM it is `FunctionUrlConfig: {AuthType: AWS_IAM}`. Put CloudFront with origin access control, or an API with an authorizer, in front of it for callers
without AWS credentials.

## What it leaves alone

URLs with `AWS_IAM`. A function that its name shows to be a webhook checks signatures itself, as a rule; then the severity is medium.

## When it cannot tell

The type of authorization is not known.
"""

import re
from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...lazy import regex
from ...model.workload import LambdaPermission
from ...value import Maybe, Unknown
from .._rule import Example, Verdict, World, rule

_WEBHOOK: Final = regex(r"webhook|slack|stripe|github", re.IGNORECASE)

_URL = """
resource "aws_lambda_function" "%s" {
  function_name = "%s"
  role          = "arn:aws:iam::111122223333:role/api"
}

resource "aws_lambda_function_url" "this" {%s
  function_name      = aws_lambda_function.%s.function_name
  authorization_type = %s
}
"""

OPEN = Example(_URL % ("api", "api", "  # bad", "api", '"NONE"'), "an open endpoint")
WEBHOOK = Example(_URL % ("hook", "slack-webhook", "  # bad", "hook", '"NONE"'), "a webhook, of medium severity")
SIGNED = Example(_URL % ("api", "api", "", "api", '"AWS_IAM"'), "calls are signed")
UNDECIDED = Example('variable "auth" {}\n' + _URL % ("api", "api", "  # undecided", "api", "var.auth"), "a variable")


@rule(
    code="IAM607",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",),
    controls=("CWE-306",),
    examples=(OPEN, WEBHOOK, SIGNED, UNDECIDED),
)
def lambda_url_without_auth(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each function URL that asks for no signature, or may not."""
    for url in world.estate.function_urls:
        if isinstance(url.authorization, Unknown):
            yield Undecided(
                subject=url.origin,
                message=f"whether the function URL asks for signed calls is not known: {url.authorization.because}",
            )
        elif url.authorization == "NONE":
            function = "" if isinstance(url.function, Unknown) else url.function
            webhook = _WEBHOOK.search(f"{function} {url.origin.address}") is not None
            grants = [
                permission.origin
                for permission in world.estate.lambda_permissions
                if _admits(permission) and _same(permission.function, url.function)
            ]
            yield Violation(
                subject=url.origin,
                message="anyone on the internet may call the function by its URL, without credentials",
                evidence=("authorization_type = NONE",),
                related=tuple(Related(origin, "permits it") for origin in grants),
                severity=Severity.MEDIUM if webhook else None,
            )


def _admits(permission: LambdaPermission) -> bool:
    """Whether a permission lets everybody call by URL: two are needed, for the URL and for the call through it."""
    limits = (permission.source_arn, permission.source_account, permission.organization)
    return (
        permission.principal == "*"
        and all(limit is None for limit in limits)
        and permission.url_auth_type in {None, "NONE"}
        and (permission.action == "lambda:InvokeFunctionUrl" or permission.by_url is True)
    )


def _same(one: Maybe[str] | None, other: Maybe[str]) -> bool:
    """Whether two links certainly mean one function."""
    return isinstance(one, str) and one == other
