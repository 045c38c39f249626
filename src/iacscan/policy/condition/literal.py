"""Wildcards that an operator takes for what they are: characters.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from typing import Final

from ...lazy import regex
from ..document import Condition
from ..pattern import has_wildcard
from .operators import Family, Operator

_VARIABLE: Final = regex(r"\$\{[^}]*\}")  # also `${*}`, the character itself
_LITERAL_KEYS: Final = ("dynamodb:leadingkeys", "kms:encryptioncontext:")  # a star may well stand in what they hold
_EXACT: Final = frozenset({Family.NUMERIC, Family.DATE, Family.BOOL, Family.IP})


def literal_wildcards(operator: Operator, condition: Condition) -> list[str]:
    """The values of a condition whose `*` or `?` is meant as a wildcard, and compared as a character."""
    exact = operator.family in _EXACT or (operator.family is Family.STRING and not operator.wildcards)
    if not exact or condition.key.lower().startswith(_LITERAL_KEYS):
        return []
    return [value for value in condition.values if isinstance(value, str) and has_wildcard(_VARIABLE.sub("", value))]
