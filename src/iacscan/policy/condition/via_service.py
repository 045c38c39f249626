"""Regions in `kms:ViaService`.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service: its values are `service.region.amazonaws.com`, and a service uses the keys
of the region that it runs in.
"""

import re
from typing import Final

from ...lazy import regex
from ..arn import parse_arn
from ..document import Condition, Statement
from ..pattern import has_wildcard, overlaps
from .judge import is_positive_guard

KEY: Final = "kms:viaservice"
_VALUE: Final = regex(r"[^.]+(?:\.[^.]+)*?\.([a-z]{2,4}(?:-[a-z]+)+-\d{1,2}|\*)\.amazonaws\.com(?:\.cn)?", re.ASCII)


def region_of(value: str) -> str | None:
    """The region in a value, or the star in its place; None if none can be made out."""
    found = _VALUE.fullmatch(value)
    return found[1] if found is not None else None


def regions_of_keys(statement: Statement) -> frozenset[str] | None:
    """The regions of the keys that a statement names; None if one of them may be anywhere."""
    found: set[str] = set()
    for text in statement.resources or ("*",):
        arn = parse_arn(text) if isinstance(text, str) else None
        if arn is None or not arn.region or has_wildcard(arn.region) or "⟦" in arn.region or "$" in arn.region:
            return None
        found.add(arn.region)
    return frozenset(found)


def strangers(condition: Condition, regions: frozenset[str]) -> list[str]:
    """The values of a condition that name a service in a region which has none of the keys."""
    if condition.key.lower() != KEY or not is_positive_guard(condition):
        return []
    located = ((value, region_of(value)) for value in condition.values if isinstance(value, str))
    return [value for value, where in located if where and not any(overlaps(where, region) for region in regions)]
