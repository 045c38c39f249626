"""Dates in conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date: a date is written
as in the W3C's profile of ISO 8601 (https://www.w3.org/TR/NOTE-datetime), or as seconds since 1970.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from ...value import Maybe, Truth, Unknown

_DAY: Final = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)"
_SECONDS: Final = r"\d{5,12}"  # four digits alone are a year
_FIRST: Final = "0000-01-01"  # what a date lacks that names a year or a month


def moment(text: str) -> datetime | None:
    """The beginning of what a date names; None if it is none, or if a time of day has no zone."""
    try:
        if re.fullmatch(_SECONDS, text, re.ASCII):
            return datetime.fromtimestamp(int(text), UTC)
        if re.fullmatch(_DAY, text, re.ASCII):
            return datetime.fromisoformat(text + _FIRST[len(text) :]).replace(tzinfo=UTC)
        return datetime.fromisoformat(text) if re.fullmatch(_TIME, text, re.ASCII) else None
    except (ValueError, OverflowError, OSError):  # no such day, hour or year
        return None


def is_date(text: str) -> Truth:
    """Whether a condition can compare a text as a date; unknown for a time of day without its zone."""
    if moment(text) is not None:
        return Truth.YES
    return Truth.UNKNOWN if "T" in text and moment(f"{text}Z") is not None else Truth.NO


def are_past(values: tuple[Maybe[str], ...], today: date) -> bool:
    """Whether all of some dates are known, and before a day (of UTC)."""
    found = [None if isinstance(value, Unknown) else moment(value) for value in values]
    return bool(found) and all(item is not None and item.astimezone(UTC).date() < today for item in found)
