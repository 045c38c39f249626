"""Conditions of one statement that no request meets together, and conditions that name no value at all.

All conditions of a statement must hold
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html).
"""

from collections.abc import Iterator
from itertools import combinations

from ..document import Condition, Statement
from .implies import excludes
from .operators import Family, Operator


def contradictions(statement: Statement) -> Iterator[tuple[Condition, Condition]]:
    """Pairs of conditions on one key of which no request meets both."""
    known = [item for item in statement.conditions if isinstance(item, Condition)]
    for one, other in combinations(known, 2):
        if one.key.lower() == other.key.lower() and (excludes((one,), (other,)) or excludes((other,), (one,))):
            yield one, other


def is_empty(operator: Operator, condition: Condition) -> bool:
    """Whether a condition compares with an empty list: what is asked for is in none, and what is excluded in none either.

    An empty list under a set operator is left alone: "no tags but these, which are none" makes sense.
    """
    return not condition.values and not operator.quantifier and operator.family is not Family.NULL
