"""Conditions that every request meets, or none, whatever it is: `*` matches all that there is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html. A star on a key that may be missing asks whether the
request carries it, which is a question of its own.
"""

from typing import Final

from ...lazy import regex
from ...value import Truth
from ..document import Condition, Statement
from ..pattern import covers
from .judge import is_positive_guard
from .keys import Availability, key_info
from .operators import Family, Operator, parse_operator
from .presence import may_be_missing

_ALL_OF_AN_ARN: Final = regex(r"(?:arn|\*):\*+:\*+:\*+:\*+:\*+")
# Every user, role and root user; only the rare sessions of GetFederationToken have another ARN.
_PRINCIPAL: Final = "aws:principalarn"
_IDENTITIES: Final = "arn:aws:iam::*:*"
_BOTH: Final = frozenset(("true", "false"))
# Keys by which a statement says who may come, or for whom; a star in their place says nobody.
_NAMES: Final = frozenset((
    Availability.ORGANIZATION, Availability.SERVICE_SOURCE, Availability.SIGNED, Availability.VPC_ENDPOINT,
))  # fmt: skip


def settled(condition: Condition, statement: Statement) -> bool | None:
    """Whether a condition holds for every request that a statement is about, or for none; None if that depends on the request.

    `Null` is not judged here (`null.py`), nor are addresses (`network.py`).
    """
    operator = parse_operator(condition.operator)
    if operator is None or not _takes_all(operator, condition):
        return None
    if may_be_missing(condition.key, statement) is not Truth.NO and operator.if_missing is operator.negated:
        return None
    return not operator.negated


def names_nobody(condition: Condition) -> bool:
    """Whether a condition demands a key that says who comes or for whom, and is content with any value of it."""
    operator = parse_operator(condition.operator)
    info = key_info(condition.key)
    return (
        operator is not None
        and info is not None
        and info.availability in _NAMES
        and is_positive_guard(condition)
        and _takes_all(operator, condition)
    )


def _takes_all(operator: Operator, condition: Condition) -> bool:
    """Whether some value equals all that a request may hold."""
    values = [value for value in condition.values if isinstance(value, str)]
    if (
        condition.key.lower() == _PRINCIPAL
        and operator.wildcards
        and any(covers(value, _IDENTITIES) for value in values)
    ):
        return True
    match operator.family:
        case Family.STRING:
            return operator.wildcards and any(value and not value.strip("*") for value in values)
        case Family.ARN:
            return any(_ALL_OF_AN_ARN.fullmatch(value) for value in values)
        case Family.BOOL:
            return {value.lower() for value in values} >= _BOTH
        case _:
            return False
