"""Denies of "all but these", and whether two of them leave anybody.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html: the values of one negated condition are
excepted together; each statement denies by itself.
"""

from itertools import product

from ...value import Maybe, Truth, Unknown, all_of
from ..document import Condition, Statement
from ..grant import possible_actions, statement_actions
from ..pattern import has_wildcard, overlaps
from .alternatives import excluded_by
from .network import network
from .operators import Family, Operator, parse_operator


def deny_everybody(one: Statement, other: Statement) -> Truth:
    """Whether two Denies about the same leave nobody: each excepts some, and none is excepted by both.

    No where they differ in anything else than their exceptions, or are not certainly about the same.
    """
    first, second = _exception(one), _exception(other)
    if first is None or second is None or not _are_about_the_same(one, other):
        return Truth.NO
    mine, yours = {*one.conditions} - {first}, {*other.conditions} - {second}
    if mine != yours or any(isinstance(item, Unknown) for item in mine):
        return Truth.NO
    if first.key.lower() != second.key.lower():
        return Truth.of(known=excluded_by(first.key, second.key) is not None)
    how, too = parse_operator(first.operator), parse_operator(second.operator)
    if how is None or too is None or how.family is not too.family:
        return Truth.NO
    return all_of(~_meet(how, too, left, right) for left, right in product(first.values, second.values))


def _exception(statement: Statement) -> Condition | None:
    """The one condition of a statement that excepts somebody; None if there is none, or several."""
    found = [item for item in statement.conditions if isinstance(item, Condition) and _excepts(item)]
    return found[0] if len(found) == 1 else None


def _excepts(condition: Condition) -> bool:
    operator = parse_operator(condition.operator)
    return operator is not None and operator.negated and not operator.quantifier and bool(condition.values)


def _are_about_the_same(one: Statement, other: Statement) -> bool:
    """Whether something is denied by both: some action, on a resource that both name, to principals that both name."""
    mine, yours = statement_actions(one)[0], statement_actions(other)[0]
    if not (mine.covers(possible_actions(other)) or yours.covers(possible_actions(one))):
        return False
    if one.not_resources is not None or other.not_resources is not None or one.not_principals != other.not_principals:
        return False
    texts = [[text for text in item.resources or ("*",) if isinstance(text, str)] for item in (one, other)]
    everything = "*" in texts[0] or "*" in texts[1]
    same_resource = everything or not {*texts[0]}.isdisjoint(texts[1])
    return same_resource and one.principals == other.principals


def _meet(one: Operator, other: Operator, left: Maybe[str], right: Maybe[str]) -> Truth:
    """Whether some value is excepted by both."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Truth.UNKNOWN
    if left == right:
        return Truth.YES
    if any(mark in text for text in (left, right) for mark in ("⟦", "${")):
        return Truth.UNKNOWN  # two names may turn out to be of the same thing
    if one.family is Family.IP:
        mine, yours = network(left), network(right)
        if mine is None or yours is None:
            return Truth.UNKNOWN
        return Truth.of(known=mine.version == yours.version and (mine[0] in yours or yours[0] in mine))
    if one.ignore_case or other.ignore_case:
        left, right = left.lower(), right.lower()
    wild = (one.wildcards and has_wildcard(left)) or (other.wildcards and has_wildcard(right))
    return Truth.of(known=overlaps(left, right) if wild else left == right)
