"""Multi-factor authentication in conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
"""

from typing import Final

from ...value import Truth
from ..document import Condition, Statement
from .judge import Context, Facts, Nature, holds
from .operators import Family, parse_operator

_AGE: Final = "aws:multifactorauthage"
_PRESENT: Final = "aws:multifactorauthpresent"
_SESSION: Final = Context(
    "a session that was begun without MFA",
    {_PRESENT: Facts(Truth.YES, Nature.FIXED, ("false",)), _AGE: Facts(Truth.NO)},
)
# Requests that are signed with a user's access key carry neither key.
LONG_TERM_KEY: Final = Context("a long-term access key", {_PRESENT: Facts(Truth.NO), _AGE: Facts(Truth.NO)})


def requires_mfa(statement: Statement) -> Truth:
    """Whether a statement applies to no caller without MFA, be it a session or a long-term access key."""
    if any(holds(statement.conditions, context) is Truth.YES for context in (_SESSION, LONG_TERM_KEY)):
        return Truth.NO
    certain = all(holds(statement.conditions, context) is Truth.NO for context in (_SESSION, LONG_TERM_KEY))
    return Truth.YES if certain else Truth.UNKNOWN


def spares_access_keys(condition: Condition) -> Truth:
    """Whether a condition asks for MFA where a request tells of it, and admits long-term access keys, whose requests tell nothing."""
    key = condition.key.lower()
    operator = parse_operator(condition.operator)
    if key not in (_AGE, _PRESENT) or operator is None or operator.family is Family.NULL or not operator.if_missing:
        return Truth.NO
    if key == _AGE:
        return Truth.of(known=not operator.negated)  # its values are numbers of seconds; all of them ask for MFA
    return ~holds((condition,), _SESSION)
