"""Lambda permission lets strangers, or services that act for strangers, invoke the function.

## Why it matters

With the principal `*` any AWS account runs the function with input of its own, at the owner's cost and with the function's role. A service principal without a
source means the service for all of its customers: anybody's bucket, topic or rule invokes the function.

## How to fix it

Say which resource may cause the call, and for S3, whose ARNs have no account, also whose it is.

```hcl
resource "aws_lambda_permission" "upload" {
  function_name  = aws_lambda_function.thumbnails.function_name
  action         = "lambda:InvokeFunction"
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.uploads.arn
  source_account = data.aws_caller_identity.current.account_id
}
```

## How to fix it in CloudFormation

Say which resource may cause the call, and for S3, whose ARNs have no account, also whose it is.

```yaml
UploadsPermission:
  Type: AWS::Lambda::Permission
  Properties:
    FunctionName: !Ref ThumbnailsFunction
    Action: lambda:InvokeFunction
    Principal: s3.amazonaws.com
    SourceArn: arn:aws:s3:::acme-uploads # by its name: !GetAtt of a bucket that calls the function is circular
    SourceAccount: !Ref AWS::AccountId
```

## What it leaves alone

Permissions for one account or organization; Alexa skills with an event source token; function URLs without authorization, which have a rule of their own.
For S3 with the bucket's ARN but without the account the severity is low: somebody else must first get hold of the bucket's name.

## When it cannot tell

The principal is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...function_access import statement_of
from ...model.workload import LambdaPermission
from ...policy.arn import parse_arn
from ...policy.condition.judge import SERVICE, holds
from ...policy.describe import describe
from ...policy.principal import Kind, classify
from ...policy.public import SURFACES, reach
from ...value import Maybe, Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _open

_S3: Final = "s3.amazonaws.com"

_PERMISSION = """
resource "aws_lambda_function" "api" {
  function_name = "api"
  role          = "arn:aws:iam::111122223333:role/api"
}

resource "aws_lambda_permission" "call" {%s
  function_name = aws_lambda_function.api.function_name
  action        = "lambda:InvokeFunction"
  principal     = %s
%s}
"""

ANYONE = Example(_PERMISSION % ("  # bad", '"*"', ""), "every AWS account")
ANY_BUCKET = Example(_PERMISSION % ("  # bad", '"s3.amazonaws.com"', ""), "everybody's buckets")
ANY_RULE = Example(_PERMISSION % ("  # bad", '"events.amazonaws.com"', ""), "everybody's event rules")
ONE_RULE = Example(
    _PERMISSION
    % ("", '"events.amazonaws.com"', '  source_arn    = "arn:aws:events:eu-west-1:111122223333:rule/nightly"\n'),
    "one rule",
)
ORGANIZATION = Example(_PERMISSION % ("", '"*"', '  principal_org_id = "o-a1b2c3d4e5"\n'), "one organization")
ALEXA = Example(
    _PERMISSION
    % (
        "",
        '"alexa-appkit.amazon.com"',
        '  event_source_token = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"\n',
    ),
    "one skill",
)
UNDECIDED = Example(
    'variable "caller" {}\n' + _PERMISSION % ("  # undecided", "var.caller", ""), "a caller without a value"
)


@rule(
    code="IAM606",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html",
    ),
    controls=("Security Hub Lambda.1", "CWE-284", "CWE-441"),
    examples=(ANYONE, ANY_BUCKET, ANY_RULE, ONE_RULE, ORGANIZATION, ALEXA, UNDECIDED),
)
def lambda_permission_public(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each permission that does not say who may cause the call."""
    for permission in world.estate.lambda_permissions:
        if permission.url_auth_type == "NONE" or permission.by_url is True:
            continue  # the URL's own authorization decides, and has a rule of its own
        statement = statement_of(permission)
        (principal,) = statement.principals or ()
        found = reach(statement, SURFACES["lambda"])
        if isinstance(principal, Unknown):
            if found.is_public is not Truth.NO:
                yield Undecided(
                    subject=permission.origin,
                    message=f"who may invoke the function is not known: {principal.because}",
                    evidence=describe(statement),
                )
        elif found.is_public is Truth.YES:
            what = "use this layer version" if permission.layer else "invoke the function"
            yield Violation(
                subject=permission.origin,
                message=f"{_open.who((found,))} may {what}: {found.because}",
                evidence=describe(statement),
                severity=Severity.MEDIUM if permission.layer else None,
            )
        elif found.is_public is Truth.UNKNOWN:
            yield Undecided(
                subject=permission.origin,
                message=f"whether strangers may invoke the function is not known: {found.because}",
                evidence=describe(statement),
            )
        elif classify(principal).kind is Kind.SERVICE:
            yield from _of_service(permission, principal.value)


def _of_service(permission: LambdaPermission, service: str) -> Iterator[Verdict]:
    """Judge a permission for a service: for whom may it act?"""
    statement = statement_of(permission)
    if holds(statement.conditions, SERVICE) is Truth.YES:
        yield Violation(
            subject=permission.origin,
            message=f"{service} may invoke the function for any AWS account: neither source_arn nor source_account says for whom",
            evidence=describe(statement),
            severity=Severity.HIGH if service == _S3 else Severity.MEDIUM,
        )
    elif service == _S3 and permission.source_account is None and _is_arn(permission.source_arn):
        yield Violation(
            subject=permission.origin,
            message="a bucket's ARN does not say whose it is: if the bucket is deleted, whoever takes its name may invoke the function",
            evidence=describe(statement),
            severity=Severity.LOW,
            remedy="add source_account",
        )


def _is_arn(text: Maybe[str] | None) -> bool:
    """Whether a source is an ARN, or may be one; Lambda refuses a permission with anything else."""
    return text is not None and (isinstance(text, Unknown) or parse_arn(text) is not None or "⟦" in text)
