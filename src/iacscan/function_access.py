"""Permissions of Lambda functions and layers, which are written as arguments, as the statements that Lambda makes of them."""

from typing import Final

from .model.workload import LambdaPermission
from .policy.document import Condition, Principal, Statement
from .value import Maybe, Unknown

_SERVICES: Final = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com")  # alexa-appkit.amazon.com is one, too


def statement_of(permission: LambdaPermission) -> Statement:
    """The statement that Lambda adds to the function's policy (https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html)."""
    leaves = (
        ("ArnLike", "aws:SourceArn", permission.source_arn),
        ("StringEquals", "aws:SourceAccount", permission.source_account),
        ("StringEquals", "aws:PrincipalOrgID", permission.organization),
        ("StringEquals", "lambda:EventSourceToken", permission.event_source_token),
        ("StringEquals", "lambda:FunctionUrlAuthType", permission.url_auth_type),
    )
    return Statement(
        actions=None if permission.action is None else (permission.action,),
        resources=None if permission.function is None else (permission.function,),
        principals=(_principal(permission.principal),),
        conditions=tuple(Condition(operator, key, (value,)) for operator, key, value in leaves if value is not None),
    )


def _principal(given: Maybe[str]) -> Maybe[Principal]:
    if isinstance(given, Unknown):
        return given
    if given == "*":
        return Principal("*", "*")
    return Principal("Service" if given.endswith(_SERVICES) else "AWS", given)
