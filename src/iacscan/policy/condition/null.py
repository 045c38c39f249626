"""`Null`, which reads the wrong way round: "true" asks for requests without the key, "false" for requests with it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
"""

import enum
from typing import Final

from ...value import Truth
from ..document import Condition, Statement
from .operators import Family, parse_operator
from .presence import may_be_missing

_VALUES: Final = frozenset(("true", "false"))
# Keys by which requests say that they are safe. A policy demands them; to refuse requests because of them makes no sense.
_SAFETY: Final = frozenset((
    "aws:multifactorauthage", "aws:principalorgid", "aws:principalorgpaths", "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
))  # fmt: skip


class Misreading(enum.Enum):
    """What is wrong with a `Null`."""

    NO_BOOLEAN = "neither true nor false"
    BOTH = "true and false"
    ALWAYS_THERE = "asks about a key that each request carries"
    REVERSED = "the wrong way round"


def is_null(condition: Condition) -> bool:
    """Whether a condition asks only whether a key is there."""
    operator = parse_operator(condition.operator)
    return operator is not None and operator.family is Family.NULL


def misreading(condition: Condition, statement: Statement) -> Misreading | None:
    """What is wrong with a `Null` of a statement; None if nothing is, or its values are not all known."""
    values = {value.lower() for value in condition.values if isinstance(value, str)}
    plain = all(isinstance(value, str) and "${" not in value and "⟦" not in value for value in condition.values)
    if not is_null(condition) or not plain or not values:
        return None
    if not values <= _VALUES:
        return Misreading.NO_BOOLEAN
    if values == _VALUES:
        return Misreading.BOTH
    if condition.key.lower().startswith("aws:") and may_be_missing(condition.key, statement) is Truth.NO:
        return Misreading.ALWAYS_THERE
    return Misreading.REVERSED if _is_reversed(condition, statement, absent=values == {"true"}) else None


def _is_reversed(condition: Condition, statement: Statement, *, absent: bool) -> bool:
    """Whether an Allow is for requests that lack what makes them safe, or a Deny for those that have it, and asks nothing else of it."""
    key = condition.key.lower()
    if key not in _SAFETY or statement.effect != ("Allow" if absent else "Deny"):
        return False
    stem = key.removesuffix("-aws-kms-key-id")
    others = (item for item in statement.conditions if isinstance(item, Condition) and item is not condition)
    return not any(other.key.lower().startswith(stem) for other in others)
