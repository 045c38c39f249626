"""Whether one request satisfies a block of conditions.

The definition, as AWS's own pages have it: keys and operators are and-ed, the values of one key or-ed (for negated
operators: none of them may be hit); what a key that is missing does is the table `Operator.if_missing`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html

`judge.py` asks about whole classes of callers; here every key has the values that one request holds.
"""

from collections.abc import Iterable, Mapping

from ...value import Maybe, Truth, Unknown, all_of, any_of
from ..document import Condition
from ..request import Held
from .compare import hits
from .keys import key_info
from .operators import Family, Operator, parse_operator

_NOT_KNOWN = (Unknown("its value is not known"),)


def satisfied(
    conditions: Iterable[Maybe[Condition]], context: Mapping[str, Held], *, variables: Truth = Truth.YES
) -> Truth:
    """Whether all conditions are true of a request that holds `context`, whose keys are in lower case.

    A key that is not in `context` is not in the request. `variables` says whether the policy's version replaces policy
    variables: 2012-10-17 does, none and 2008-10-17 do not.
    """
    return all_of(_leaf(condition, context, variables) for condition in conditions)


def _leaf(condition: Maybe[Condition], context: Mapping[str, Held], variables: Truth) -> Truth:
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    operator = parse_operator(condition.operator)
    if operator is None:
        return Truth.UNKNOWN  # AWS refuses the policy, or knows more operators than we do
    held = context.get(condition.key.lower())
    if operator.family is Family.NULL:
        return any_of(_null(value, held) for value in condition.values)
    if held is None:
        return _missing(operator)
    if isinstance(held, Unknown):
        present = _present(operator, condition, _NOT_KNOWN, context, variables)
        return present if present is _missing(operator) else Truth.UNKNOWN
    return _present(operator, condition, held, context, variables)


def _null(value: Maybe[str], held: Held | None) -> Truth:
    """`Null: true` asks that the key be missing. Whether an empty list counts as missing is not documented."""
    if isinstance(value, Unknown) or isinstance(held, Unknown) or held == () or value.lower() not in ("true", "false"):
        return Truth.UNKNOWN
    return Truth.of(known=(held is None) == (value.lower() == "true"))


def _missing(operator: Operator) -> Truth:
    answer = operator.if_missing
    return Truth.UNKNOWN if answer is None else Truth.of(known=answer)


def _present(
    operator: Operator,
    condition: Condition,
    held: tuple[Maybe[str], ...],
    context: Mapping[str, Held],
    variables: Truth,
) -> Truth:
    """Judge a key that the request has.

    What an operator without a set operator makes of several values is not defined.
    """

    def admits(given: Maybe[str]) -> Truth:
        hit = any_of(hits(operator, value, given, context, variables) for value in condition.values)
        return ~hit if operator.negated else hit

    if operator.quantifier == "ForAllValues":
        return all_of(map(admits, held))
    if operator.quantifier == "ForAnyValue":
        return any_of(map(admits, held))
    known = key_info(condition.key)
    if len(held) != 1 or (known is not None and known.multivalued):
        return Truth.UNKNOWN
    return admits(held[0])
