"""What each family of operators makes of two values: one in the policy, one in the request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Mapping
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Final

from ...lazy import regex
from ...value import Maybe, Truth, Unknown, all_of
from ..expand import Pattern, expand, literal, same
from ..pattern import has_wildcard
from ..request import Held
from .dates import moment
from .network import network
from .operators import Family, Operator

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal

_ARN_PARTS: Final = 6
_NUMBER: Final = regex(r"[+-]?\d+(\.\d+)?", re.ASCII)
_ORDERS: Final = {"LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}


def hits(
    operator: Operator, value: Maybe[str], given: Maybe[str], context: Mapping[str, Held], variables: Truth
) -> Truth:
    """Whether a request's value is what one value of the policy asks for; negation, sets and Null are not looked at.

    A value that its operator cannot read (text for a number, a date in another form) hits nothing. `context` and
    `variables` are those of `expand`; AWS replaces variables for text, ARNs and booleans only.
    """
    match operator.family:
        case Family.STRING | Family.BOOL:
            pattern = expand(value, context, variables=variables, wildcards=operator.wildcards)
            return Truth.NO if pattern is None else _text(operator, pattern, given)
        case Family.ARN:
            pattern = expand(value, context, variables=variables)
            return Truth.NO if pattern is None else _arn(pattern, given)
        case Family.BINARY:
            return same(Pattern("*", certain=False) if isinstance(value, Unknown) else Pattern(literal(value)), given)
        case _:
            return _measure(operator, value, given)


def _text(operator: Operator, pattern: Pattern, given: Maybe[str]) -> Truth:
    if not operator.ignore_case or isinstance(given, Unknown):
        return same(pattern, given)
    return same(Pattern(pattern.text.lower(), pattern.certain), given.lower())


def _arn(pattern: Pattern, given: Maybe[str]) -> Truth:
    """Compare the six parts one by one: a star ends at a colon, except in the last part."""
    whole = same(pattern, given)
    if whole is Truth.NO or isinstance(given, Unknown) or not pattern.certain:
        return whole if whole is Truth.NO else Truth.UNKNOWN
    if whole is Truth.YES and not has_wildcard(pattern.text):
        return Truth.YES
    parts, given_parts = pattern.text.split(":", _ARN_PARTS - 1), given.split(":", _ARN_PARTS - 1)
    if len(parts) == len(given_parts) == _ARN_PARTS:
        return all_of(same(Pattern(part), text) for part, text in zip(parts, given_parts, strict=True))
    # A symbol may stand for a whole ARN, and what AWS makes of a bare star is not documented. All else is too short.
    short = pattern.text if len(parts) < _ARN_PARTS else given
    return Truth.UNKNOWN if "⟦" in short or not short.strip("*") else Truth.NO


def _measure(operator: Operator, value: Maybe[str], given: Maybe[str]) -> Truth:
    """Compare numbers, points in time and addresses."""
    if isinstance(value, Unknown) or isinstance(given, Unknown) or "⟦" in value or "⟦" in given:
        return Truth.UNKNOWN
    if operator.family is Family.IP:
        return _within(value, given)
    order = _ORDERS.get(operator.name.removeprefix(operator.family.value), eq)
    read: Callable[[str], Decimal | datetime | None] = number if operator.family is Family.NUMERIC else moment
    wanted, found = read(value), read(given)
    return Truth.of(known=wanted is not None and found is not None and order(found, wanted))


def number(text: str) -> "Decimal | None":
    """Read a whole or decimal number, as AWS writes it; None if it is none."""
    from decimal import Decimal  # noqa: PLC0415  # costs milliseconds, and most inputs compare no numbers

    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _within(value: str, given: str) -> Truth:
    """An address of one family is in no range of the other."""
    wanted, found = network(value), network(given)
    if wanted is None or found is None or wanted.prefixlen > found.prefixlen:
        return Truth.NO
    return Truth.of(known=found.supernet(new_prefix=wanted.prefixlen) == wanted)
