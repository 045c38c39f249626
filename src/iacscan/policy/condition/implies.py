"""Whether one block of conditions is stricter than another, and whether two exclude each other.

Both questions get a yes only where it can be proved from two leaves on the same key, by rules that hold for every request; a
no means "not proved". Values with symbols or policy variables are compared as texts: the same text has the same value in
one request (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html).
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from ...value import Maybe, Truth, Unknown
from ..arn import REST, parse_arn
from ..document import Condition
from ..pattern import covers, covers_arn, has_wildcard, matches, overlaps, overlaps_arn
from .compare import number
from .dates import moment
from .network import network
from .operators import Family, Operator, parse_operator

if TYPE_CHECKING:
    from decimal import Decimal

_NOT: Final = {
    "LessThan": "GreaterThanEquals",
    "LessThanEquals": "GreaterThan",
    "GreaterThan": "LessThanEquals",
    "GreaterThanEquals": "LessThan",
}


def implies(stricter: Iterable[Maybe[Condition]], wider: Iterable[Maybe[Condition]]) -> bool:
    """Whether every request that satisfies the first block certainly satisfies the second."""
    given = tuple(leaf for leaf in stricter if isinstance(leaf, Condition))
    present = frozenset(leaf.key.lower() for leaf in given if _demands(leaf))
    return all(
        isinstance(leaf, Condition)
        and any(leaf_implies(own, leaf, present=own.key.lower() in present) for own in given)
        for leaf in wider
    )


def excludes(one: Iterable[Maybe[Condition]], other: Iterable[Maybe[Condition]]) -> bool:
    """Whether certainly no request satisfies both blocks."""
    given = tuple(one)
    for leaf in other:
        opposite = negation(leaf)
        if opposite and implies(given, opposite):
            return True
    return False


def negation(leaf: Maybe[Condition]) -> tuple[Condition, ...]:
    """The block that is true exactly when a leaf is false; empty if there is none that could be written."""
    operator = None if isinstance(leaf, Unknown) else parse_operator(leaf.operator)
    if operator is None or isinstance(leaf, Unknown) or not leaf.values:
        return ()
    if operator.family in (Family.NULL, Family.BOOL):
        return _negated_boolean(leaf, operator)
    comparison = operator.name.removeprefix("Numeric").removeprefix("Date")
    if operator.quantifier:
        name = None if comparison in _NOT or operator.family is Family.BINARY else _opposite(operator)
        other = "ForAnyValue" if operator.quantifier == "ForAllValues" else "ForAllValues"
        return () if name is None or operator.if_exists else (Condition(f"{other}:{name}", leaf.key, leaf.values),)
    if comparison in _NOT:
        if len(leaf.values) > 1:
            return ()
        name = operator.name.removesuffix(comparison) + _NOT[comparison]
        leaves = (Condition(f"{name}{'' if operator.if_exists else 'IfExists'}", leaf.key, leaf.values),)
    elif operator.family is Family.BINARY:
        return ()
    else:
        leaves = (Condition(_opposite(operator), leaf.key, leaf.values),)
    demanded = operator.if_exists and not operator.negated
    return (Condition("Null", leaf.key, ("false",)), *leaves) if demanded else leaves


def _negated_boolean(leaf: Condition, operator: Operator) -> tuple[Condition, ...]:
    value = leaf.values[0]
    if len(leaf.values) > 1 or isinstance(value, Unknown) or operator.quantifier:
        return ()
    other = {"true": "false", "false": "true"}.get(value.lower())
    if other is None:
        return ()
    if operator.family is Family.NULL:
        return (Condition("Null", leaf.key, (other,)),)
    return (Condition("Bool" if operator.if_exists else "BoolIfExists", leaf.key, (other,)),)


def _opposite(operator: Operator) -> str:
    if operator.negated:
        return operator.name.replace("Not", "", 1)
    if operator.family is Family.IP:
        return "NotIpAddress"
    family = operator.family.value
    return f"{family}Not{operator.name.removeprefix(family)}"


def _demands(leaf: Condition) -> bool:
    """Whether a leaf is false for every request without its key."""
    operator = parse_operator(leaf.operator)
    if operator is None:
        return False
    if operator.family is Family.NULL:
        return leaf.values == ("false",)
    return operator.if_missing is False


@lru_cache(maxsize=8192)
def leaf_implies(one: Condition, other: Condition, *, present: bool = False) -> bool:
    """Whether every request that satisfies one leaf satisfies the other; `present` says that it carries the key anyway."""
    values = [value for value in (*one.values, *other.values) if isinstance(value, str) and REST not in value]
    if one.key.lower() != other.key.lower() or len(values) < len(one.values) + len(other.values):
        return False
    if one.operator.lower() == other.operator.lower() and set(one.values) == set(other.values):
        return True
    first, second = parse_operator(one.operator), parse_operator(other.operator)
    if first is None or second is None:
        return False
    if first.family is Family.NULL or second.family is Family.NULL:
        return _presence_implies(one, first, other, second)
    if not present and first.if_missing is not False and second.if_missing is not True:
        return False
    return first.quantifier == second.quantifier and _accepts_no_more(
        _Side(first, values[: len(one.values)]), _Side(second, values[len(one.values) :])
    )


def _presence_implies(one: Condition, first: Operator, other: Condition, second: Operator) -> bool:
    """The rules with `Null` on either side."""
    asked = other.values[0] if second.family is Family.NULL and len(other.values) == 1 else ""
    if first.family is not Family.NULL:
        return asked == "false" and first.if_missing is False
    if len(one.values) != 1:
        return False
    if second.family is Family.NULL:
        return asked == one.values[0]
    return one.values[0] == "true" and second.if_missing is True


class _Side(Struct, frozen=True):
    """One leaf's values, all known; a value of the request is accepted if it is one of them, or if it is none (negated)."""

    operator: Operator
    values: list[str]


def _accepts_no_more(one: _Side, other: _Side) -> bool:
    """Whether each single value that the one accepts is accepted by the other."""
    if one.operator.negated and not other.operator.negated:
        return False
    if one.operator.negated:
        return _all_within(other, one)
    if other.operator.negated:
        return all(_apart(one.operator, value, other.operator, item) for value in one.values for item in other.values)
    return _all_within(one, other)


def _all_within(one: _Side, other: _Side) -> bool:
    return all(any(_within(one.operator, value, other.operator, item) for item in other.values) for value in one.values)


def _within(first: Operator, value: str, second: Operator, item: str) -> bool:
    """Whether all that one value stands for is what the other stands for."""
    question = _WITHIN.get(_kind(first))
    return _kind(first) is _kind(second) and question is not None and question(first, value, second, item)


def _apart(first: Operator, value: str, second: Operator, item: str) -> bool:
    """Whether certainly nothing is what both values stand for."""
    question = _APART.get(_kind(first))
    return _kind(first) is _kind(second) and question is not None and question(first, value, second, item)


def _kind(operator: Operator) -> Family:
    """ARN operators compare texts too."""
    return Family.STRING if operator.family is Family.ARN else operator.family


# -- texts ----------------------------------------------------------------------------------------------------------


def _text_within(first: Operator, value: str, second: Operator, item: str) -> bool:
    # `*` is a wildcard for one operator and a letter for another.
    alike = first.wildcards == second.wildcards or not has_wildcard(value + item)
    if second.wildcards and second.family is Family.STRING and item and not item.strip("*"):
        return True
    if _is_symbolic(value) or _is_symbolic(item):
        return value == item and alike and first.family is second.family and first.ignore_case == second.ignore_case
    if not second.wildcards or first.ignore_case:
        folded = second.ignore_case and value.lower() == item.lower()
        return alike and (folded or (value == item and not first.ignore_case))
    if second.family is Family.ARN or first.family is Family.ARN:
        readable = parse_arn(item) is not None or second.family is not Family.ARN  # else it never matches
        pattern = first.wildcards or not has_wildcard(value)
        return readable and pattern and covers_arn(item, value) is Truth.YES
    return covers(item, value) if first.wildcards else matches(item, value)


def _text_apart(first: Operator, value: str, second: Operator, item: str) -> bool:
    if _is_symbolic(value) or _is_symbolic(item):
        return False
    if first.ignore_case or second.ignore_case:
        value, item = value.lower(), item.lower()
    if not second.wildcards:
        first, value, second, item = second, item, first, value
    if not second.wildcards:
        return value != item
    if Family.ARN in (first.family, second.family):
        return (first.wildcards or not has_wildcard(value)) and overlaps_arn(value, item) is Truth.NO
    return not (overlaps(value, item) if first.wildcards else matches(item, value))


def _is_symbolic(text: str) -> bool:
    return "⟦" in text or "${" in text


# -- numbers, dates, addresses, the rest ----------------------------------------------------------------------------


# A number, or a moment in seconds since 1970; None is no limit, or no number.
_Measure: TypeAlias = "Decimal | float | None"


@lru_cache(maxsize=1024)
def _measure(family: Family, text: str) -> _Measure:
    if family is not Family.DATE:
        return number(text)
    found = moment(text)
    return None if found is None else found.timestamp()


class _Interval(Struct, frozen=True):
    """Numbers from `low` to `high`; None is no limit."""

    low: _Measure
    high: _Measure
    low_open: bool = False
    high_open: bool = False


def _interval(operator: Operator, text: str) -> _Interval | None:
    limit = _measure(operator.family, text)
    if limit is None:
        return None
    comparison = operator.name.removeprefix(operator.family.value)
    if comparison.startswith("LessThan"):
        return _Interval(None, limit, high_open=comparison == "LessThan")
    if comparison.startswith("GreaterThan"):
        return _Interval(limit, None, low_open=comparison == "GreaterThan")
    return _Interval(limit, limit)


def _interval_within(first: Operator, value: str, second: Operator, item: str) -> bool:
    inner, outer = _interval(first, value), _interval(second, item)
    if inner is None or outer is None:
        return False
    low = outer.low is None or (inner.low is not None and (inner.low, inner.low_open) >= (outer.low, outer.low_open))
    high = outer.high is None or (
        inner.high is not None and (inner.high, not inner.high_open) <= (outer.high, not outer.high_open)
    )
    return low and high


def _interval_apart(first: Operator, value: str, second: Operator, item: str) -> bool:
    one, other = _interval(first, value), _interval(second, item)
    return one is not None and other is not None and (_is_below(one, other) or _is_below(other, one))


def _is_below(one: _Interval, other: _Interval) -> bool:
    if one.high is None or other.low is None:
        return False
    return one.high < other.low or (one.high == other.low and (one.high_open or other.low_open))


def _address_within(_first: Operator, value: str, _second: Operator, item: str) -> bool:
    inner, outer = network(value), network(item)
    if inner is None or outer is None or inner.version != outer.version or inner.prefixlen < outer.prefixlen:
        return value == item
    return inner.supernet(new_prefix=outer.prefixlen) == outer


def _address_apart(first: Operator, value: str, second: Operator, item: str) -> bool:
    known = network(value) is not None and network(item) is not None
    return known and not _address_within(first, value, second, item) and not _address_within(second, item, first, value)


def _equal(_first: Operator, value: str, second: Operator, item: str) -> bool:
    return value.lower() == item.lower() if second.family is Family.BOOL else value == item


def _different(_first: Operator, value: str, _second: Operator, item: str) -> bool:
    return {value.lower(), item.lower()} == {"true", "false"}


_Question = Callable[[Operator, str, Operator, str], bool]
_WITHIN: Final[Mapping[Family, _Question]] = {
    Family.STRING: _text_within,
    Family.NUMERIC: _interval_within,
    Family.DATE: _interval_within,
    Family.IP: _address_within,
    Family.BOOL: _equal,
    Family.BINARY: _equal,
}
_APART: Final[Mapping[Family, _Question]] = {
    Family.STRING: _text_apart,
    Family.NUMERIC: _interval_apart,
    Family.DATE: _interval_apart,
    Family.IP: _address_apart,
    Family.BOOL: _different,
}
