"""Requests that an AWS service makes with the credentials of whoever called it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html. A service that acts in its own name, or with a role that it was given, forwards nothing:
`aws:ViaAWSService` is then false.
"""

from typing import Final

from ..document import Condition, Statement
from .operators import Family, parse_operator

VIA: Final = "aws:viaawsservice"


def wants_any_service(condition: Condition) -> bool:
    """Whether a condition asks for a request that some service forwards, whichever it is."""
    operator = parse_operator(condition.operator)
    values = {value.lower() if isinstance(value, str) else "" for value in condition.values}
    boolean = operator is not None and operator.family in (Family.BOOL, Family.STRING) and not operator.negated
    return boolean and condition.key.lower() == VIA and values == {"true"}


def is_only_guard(condition: Condition, statement: Statement) -> bool:
    """Whether nothing else limits a statement."""
    return all(item == condition for item in statement.conditions)
