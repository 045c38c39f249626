"""What condition keys hold, and which operators can compare it.

Global keys: `keys.py`. Keys of services: the service authorization reference, which gives the type of each
(https://docs.aws.amazon.com/service-authorization/latest/reference/). Which operators go with which type:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
"""

import enum
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ...value import Truth
from ..action_data import detail, services
from ..document import Condition
from ..pattern import matches
from .dates import is_date
from .keys import Type, key_info
from .known import as_pattern
from .network import network
from .operators import Family, Operator

_TAGS: Final = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
_EPOCH: Final = "aws:epochtime"  # seconds, which dates and numbers are both written for
_TYPES: Final = {
    "String": Type.STRING,
    "ARN": Type.ARN,
    "Bool": Type.BOOL,
    "Numeric": Type.NUMERIC,
    "Date": Type.DATE,
    "IPAddress": Type.IP,
}


class Fit(enum.Enum):
    """How an operator and a key go together."""

    FITS = "fits"
    AS_TEXT = "as text"  # a number, a date or a boolean compared letter by letter
    NONE = "none"  # AWS defines no such comparison


_OF_FAMILY: Final = {
    Family.STRING: {
        Type.STRING: Fit.FITS,
        Type.ARN: Fit.FITS,
        Type.BOOL: Fit.AS_TEXT,
        Type.NUMERIC: Fit.AS_TEXT,
        Type.DATE: Fit.AS_TEXT,
    },
    Family.ARN: {Type.ARN: Fit.FITS, Type.STRING: Fit.FITS},  # the values decide: an ARN may well stand in a text
    Family.BOOL: {Type.BOOL: Fit.FITS},
    Family.NUMERIC: {Type.NUMERIC: Fit.FITS},
    Family.DATE: {Type.DATE: Fit.FITS},
    Family.IP: {Type.IP: Fit.FITS},
}


@lru_cache(maxsize=4096)
def key_type(key: str) -> Type | None:
    """What a key holds, or each item of its list; None for claims of identity providers and keys that AWS does not list."""
    known = key_info(key)
    if known is not None:
        return known.type
    folded = key.lower()
    prefix = folded.partition(":")[0]
    if prefix not in services():
        return None
    for listed, type_ in detail(prefix).key_types.items():
        if matches(as_pattern(listed), folded):
            return _TYPES.get(type_.removeprefix("ArrayOf"))
    return None


def fit(operator: Operator, condition: Condition) -> Fit:
    """How the operator of a condition goes with its key.

    Nothing is held against tags, which are texts that may be written as anything, and against keys whose type is not known. A key of a service
    that AWS lists as a text may hold numbers or booleans; there the values decide.
    """
    key = condition.key.lower()
    holds = key_type(key)
    if holds is None or operator.family not in _OF_FAMILY or key.startswith(_TAGS):
        return Fit.FITS
    if holds is Type.STRING and not key.startswith("aws:") and operator.family in _READS:
        reads = _READS[operator.family]
        written = (value for value in condition.values if isinstance(value, str) and "⟦" not in value)
        return Fit.FITS if all(map(reads, written)) else Fit.NONE
    if key == _EPOCH and operator.family is Family.NUMERIC:
        return Fit.FITS
    return _OF_FAMILY[operator.family].get(holds, Fit.NONE)


def is_number(text: str) -> bool:
    """Whether a text is a number."""
    return re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text, re.ASCII) is not None


def is_boolean(text: str) -> bool:
    """Whether a text is true or false, in any case."""
    return text.lower() in ("true", "false")


_READS: Final[dict[Family, Callable[[str], bool]]] = {
    Family.NUMERIC: is_number,
    Family.BOOL: is_boolean,
    Family.DATE: lambda text: is_date(text) is not Truth.NO,
    Family.IP: lambda text: network(text) is not None,
}
