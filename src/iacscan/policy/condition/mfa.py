"""Multi-factor authentication in conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
"""

from functools import cache
from typing import Final

from ...value import Truth
from ..action import ActionSet
from ..document import Condition, Statement
from ..grant import possible_actions
from .judge import Context, Facts, Nature, holds
from .operators import Family, parse_operator

AGE: Final = "aws:multifactorauthage"  # seconds since then
PRESENT: Final = "aws:multifactorauthpresent"
SESSION: Final = Context(
    "a session that was begun without MFA",
    {PRESENT: Facts(Truth.YES, Nature.FIXED, ("false",)), AGE: Facts(Truth.NO)},
)
# What people without MFA must be able to do to get it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html
_FIRST_STEPS: Final = (
    "iam:*MFA*", "iam:ChangePassword", "iam:Get*", "iam:List*", "sts:GetCallerIdentity", "sts:GetSessionToken",
)  # fmt: skip
# Requests that are signed with a user's access key carry neither key.
LONG_TERM_KEY: Final = Context("a long-term access key", {PRESENT: Facts(Truth.NO), AGE: Facts(Truth.NO)})


def requires_mfa(statement: Statement) -> Truth:
    """Whether a statement applies to no caller without MFA, be it a session or a long-term access key."""
    if any(holds(statement.conditions, context) is Truth.YES for context in (SESSION, LONG_TERM_KEY)):
        return Truth.NO
    certain = all(holds(statement.conditions, context) is Truth.NO for context in (SESSION, LONG_TERM_KEY))
    return Truth.YES if certain else Truth.UNKNOWN


def spares_access_keys(condition: Condition) -> Truth:
    """Whether a condition asks for MFA where a request tells of it, and admits long-term access keys, whose requests tell nothing."""
    key = condition.key.lower()
    operator = parse_operator(condition.operator)
    if key not in (AGE, PRESENT) or operator is None or operator.family is Family.NULL or not operator.if_missing:
        return Truth.NO
    if key == AGE:
        return Truth.of(known=not operator.negated)  # its values are numbers of seconds; all of them ask for MFA
    return ~holds((condition,), SESSION)


def asks_wrongly(condition: Condition) -> tuple[Context, ...]:
    """Callers without MFA whom an Allow admits by a condition about MFA that is no slip with IfExists.

    It asks for MFA to be absent, or only whether the request says anything about it. Empty if it admits none of them, or asks something else.
    """
    operator = parse_operator(condition.operator)
    if operator is None or condition.key.lower() not in (AGE, PRESENT) or spares_access_keys(condition) is not Truth.NO:
        return ()
    return tuple(context for context in (LONG_TERM_KEY, SESSION) if holds((condition,), context) is Truth.YES)


def is_first_step(statement: Statement) -> bool:
    """Whether a statement is only about what people do before they have MFA."""
    return first_steps().covers(possible_actions(statement))


@cache
def first_steps() -> ActionSet:
    """The actions that people need before they have MFA, and that give nothing else away."""
    return ActionSet.of(_FIRST_STEPS)
