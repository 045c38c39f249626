"""Who speaks of a condition that several rules could report: the first of them in one order.

A condition on a key that no request can carry is void whatever its value is, so the rule about the key speaks and the one about the value
does not; a private range is no good for any Deny, so the rule about Denies that stop services has nothing to add. What the other rules
of the folder say (who gets in, who is not stopped) is no repetition: they are not in the order.
"""

from collections.abc import Callable
from typing import Final

from ...policy.condition.alternatives import exclusive
from ...policy.condition.contradiction import contradictions, is_empty
from ...policy.condition.dates import is_date
from ...policy.condition.judge import restricts
from ...policy.condition.known import exists
from ...policy.condition.literal import literal_wildcards
from ...policy.condition.network import is_private, names_the_internet
from ...policy.condition.null import misreading
from ...policy.condition.operators import Family, Operator, parse_operator
from ...policy.condition.perimeter import border
from ...policy.condition.spelling import misspelt
from ...policy.condition.support import support
from ...policy.condition.types import Fit, fit
from ...policy.condition.values import impossible_values
from ...policy.variables import slip
from ...value import Truth
from ._callers import lacking, names_no_vpc
from ._leaves import Leaf
from ._perimeter import stops_services


def is_told_by_another(leaf: Leaf, code: str) -> bool:
    """Whether a rule that comes before the one with this code speaks of a condition; IAM516 comes before all."""
    operator = parse_operator(leaf.condition.operator)
    return operator is None or any(has_fault(leaf, operator) for _, has_fault in _ORDER[: _PLACES[code]])


def _is_unknown_key(leaf: Leaf, _: Operator) -> bool:
    return "⟦" not in leaf.condition.key and exists(leaf.condition.key) is Truth.NO


def _is_carried_by_none(leaf: Leaf, _: Operator) -> bool:
    found = support(leaf.condition.key, leaf.statement)
    return found is not None and not found.carrying


def _is_lacked_by_callers(leaf: Leaf, _: Operator) -> bool:
    return lacking(leaf) is not None or names_no_vpc(leaf)


def _does_not_fit(leaf: Leaf, operator: Operator) -> bool:
    return fit(operator, leaf.condition) is not Fit.FITS


def _is_literal(leaf: Leaf, operator: Operator) -> bool:
    return bool(literal_wildcards(operator, leaf.condition))


def _is_private(leaf: Leaf, operator: Operator) -> bool:
    return _is_address(leaf, operator) and any(map(is_private, _texts(leaf)))


def _is_no_date(leaf: Leaf, operator: Operator) -> bool:
    return operator.family is Family.DATE and any(is_date(value) is not Truth.YES for value in _texts(leaf))


def _is_impossible(leaf: Leaf, operator: Operator) -> bool:
    return bool(impossible_values(operator, leaf.condition))


def _has_variable_slip(leaf: Leaf, operator: Operator) -> bool:
    texts = _texts(leaf)
    replaced = operator.family in (Family.STRING, Family.ARN)
    return any(map(slip, texts)) or (not replaced and any("${" in text for text in texts))


def _is_misspelt(leaf: Leaf, operator: Operator) -> bool:
    return bool(misspelt(operator, leaf.condition))


def _contradicts_another(leaf: Leaf, operator: Operator) -> bool:
    return is_empty(operator, leaf.condition) or any(leaf.condition in pair for pair in contradictions(leaf.statement))


def _is_misread_null(leaf: Leaf, _: Operator) -> bool:
    return misreading(leaf.condition, leaf.statement) is not None


def _admits_all_services(leaf: Leaf, _: Operator) -> bool:
    return leaf.condition.key.lower() == "iam:passedtoservice" and restricts(leaf.condition) is Truth.NO


def _excludes_another(leaf: Leaf, _: Operator) -> bool:
    both = exclusive(leaf.statement)
    return both is not None and leaf.condition in both


def _is_everywhere(leaf: Leaf, operator: Operator) -> bool:
    return _is_address(leaf, operator) and names_the_internet(leaf.condition.values) is Truth.YES


def _stops_services(leaf: Leaf, _: Operator) -> bool:
    return border(leaf.condition) is not None and stops_services(leaf.place, leaf.statement) is not None


def _is_address(leaf: Leaf, operator: Operator) -> bool:
    return leaf.condition.key.lower() == "aws:sourceip" and operator.family is Family.IP


def _texts(leaf: Leaf) -> list[str]:
    return [value for value in leaf.condition.values if isinstance(value, str)]


# The first that applies speaks. Where two codes stand together, each rule takes its own cases of one fault.
_ORDER: Final[tuple[tuple[tuple[str, ...], Callable[[Leaf, Operator], bool]], ...]] = (
    (("IAM521",), _is_unknown_key),  # no request carries it
    (("IAM520", "IAM524", "IAM535"), _is_carried_by_none),  # no request that the statement is about carries it
    (
        ("IAM533", "IAM539", "IAM543", "IAM544"),
        _is_lacked_by_callers,
    ),  # no caller that it is about carries it, or anybody
    (("IAM518",), _does_not_fit),  # the operator cannot compare it
    (("IAM503",), _is_literal),
    (("IAM504",), _is_private),
    (("IAM519",), _is_no_date),
    (("IAM537",), _has_variable_slip),
    (("IAM522",), _is_impossible),
    (("IAM529", "IAM534", "IAM538"), _is_misspelt),  # values of which each rule knows its own
    (("IAM527",), _excludes_another),
    (("IAM530",), _contradicts_another),
    (("IAM536",), _is_misread_null),
    (("IAM545",), _admits_all_services),
    (("IAM531", "IAM542"), lambda *_: False),
    (("IAM506",), _is_everywhere),
    (("IAM505", "IAM526"), _stops_services),
    (("IAM507",), _is_address),
)
_PLACES: Final = {code: place for place, (codes, _) in enumerate(_ORDER) for code in codes}
