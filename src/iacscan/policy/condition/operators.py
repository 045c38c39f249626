"""The condition operators.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import enum
from functools import lru_cache
from typing import Final

from msgspec import Struct


class Family(enum.Enum):
    """What an operator compares."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Bool"
    BINARY = "Binary"
    IP = "IpAddress"
    ARN = "Arn"
    NULL = "Null"


class Operator(Struct, frozen=True):
    """An operator, taken apart.

    `name` is the bare operator as AWS writes it. `wildcards` says that `*` and `?` in its values are wildcards.
    `quantifier` is "ForAllValues", "ForAnyValue" or empty.
    """

    name: str
    family: Family
    negated: bool = False
    wildcards: bool = False
    ignore_case: bool = False
    if_exists: bool = False
    quantifier: str = ""

    @property
    def if_missing(self) -> bool | None:
        """What it answers for a request without the key; None where AWS's own pages contradict each other.

        Null is not among the operators that this is asked of: it is about nothing else.
        """
        if self.quantifier == "ForAllValues":
            return True
        if self.quantifier == "ForAnyValue":
            return None if self.if_exists else False
        return self.if_exists or self.negated


_BARE: Final = {
    operator.name.lower(): operator
    for operator in (
        Operator("StringEquals", Family.STRING),
        Operator("StringNotEquals", Family.STRING, negated=True),
        Operator("StringEqualsIgnoreCase", Family.STRING, ignore_case=True),
        Operator("StringNotEqualsIgnoreCase", Family.STRING, negated=True, ignore_case=True),
        Operator("StringLike", Family.STRING, wildcards=True),
        Operator("StringNotLike", Family.STRING, negated=True, wildcards=True),
        Operator("NumericEquals", Family.NUMERIC),
        Operator("NumericNotEquals", Family.NUMERIC, negated=True),
        Operator("NumericLessThan", Family.NUMERIC),
        Operator("NumericLessThanEquals", Family.NUMERIC),
        Operator("NumericGreaterThan", Family.NUMERIC),
        Operator("NumericGreaterThanEquals", Family.NUMERIC),
        Operator("DateEquals", Family.DATE),
        Operator("DateNotEquals", Family.DATE, negated=True),
        Operator("DateLessThan", Family.DATE),
        Operator("DateLessThanEquals", Family.DATE),
        Operator("DateGreaterThan", Family.DATE),
        Operator("DateGreaterThanEquals", Family.DATE),
        Operator("Bool", Family.BOOL, ignore_case=True),
        Operator("BinaryEquals", Family.BINARY),
        Operator("IpAddress", Family.IP),
        Operator("NotIpAddress", Family.IP, negated=True),
        Operator("ArnEquals", Family.ARN, wildcards=True),
        Operator("ArnNotEquals", Family.ARN, negated=True, wildcards=True),
        Operator("ArnLike", Family.ARN, wildcards=True),
        Operator("ArnNotLike", Family.ARN, negated=True, wildcards=True),
        Operator("Null", Family.NULL, ignore_case=True),
    )
}
_QUANTIFIERS: Final = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_IF_EXISTS: Final = "ifexists"


@lru_cache(maxsize=512)
def parse_operator(text: str) -> Operator | None:
    """Take an operator apart, in any case; None if AWS does not know it (`Null` takes no prefix and no suffix)."""
    prefix, colon, rest = text.lower().rpartition(":")
    quantifier = _QUANTIFIERS.get(prefix, "")
    if colon and not quantifier:
        return None
    if_exists = rest.endswith(_IF_EXISTS)
    bare = _BARE.get(rest.removesuffix(_IF_EXISTS))
    if bare is None or (bare.family is Family.NULL and (if_exists or quantifier)):
        return None
    return Operator(bare.name, bare.family, bare.negated, bare.wildcards, bare.ignore_case, if_exists, quantifier)


def names() -> tuple[str, ...]:
    """All bare operators as AWS writes them, for suggestions."""
    return tuple(operator.name for operator in _BARE.values())


# What people write for operators that AWS calls otherwise, or does not have, in lower case.
_SLIPS: Final = {
    "stringcontains": "StringLike",
    "stringstartswith": "StringLike",
    "stringendswith": "StringLike",
    "stringmatches": "StringLike",
    "ipequals": "IpAddress",
    "ipnotequals": "NotIpAddress",
    "notipaddressequals": "NotIpAddress",
    "arnmatches": "ArnLike",
    "arnnotmatches": "ArnNotLike",
    "numericlessthanorequals": "NumericLessThanEquals",
    "numericgreaterthanorequals": "NumericGreaterThanEquals",
    "dateafter": "DateGreaterThan",
    "datebefore": "DateLessThan",
    "boolequals": "Bool",
    "isnull": "Null",
}
_CLOSE: Final = 0.8  # how alike names must be (difflib's ratio) to suggest one for the other


def suggest(text: str) -> str | None:
    """The operator that was probably meant by one that AWS does not know, as AWS writes it; None if nothing comes close."""
    import difflib  # noqa: PLC0415  # slow to import, and needed only to word a finding

    prefix, colon, rest = text.lower().rpartition(":")
    quantifiers = difflib.get_close_matches(prefix, _QUANTIFIERS, n=1, cutoff=_CLOSE) if colon else []
    if_exists = "IfExists" if difflib.get_close_matches(rest[-len(_IF_EXISTS) :], (_IF_EXISTS,), cutoff=_CLOSE) else ""
    for stem in (rest, rest[: rest.rfind("ifex")] if if_exists and "ifex" in rest else rest):
        found = _SLIPS.get(stem) or next(iter(difflib.get_close_matches(stem, _BARE, n=1, cutoff=_CLOSE)), None)
        if found is not None:
            operator = _BARE[found.lower()]
            if operator.family is Family.NULL:
                return operator.name
            before = f"{_QUANTIFIERS[quantifiers[0]]}:" if quantifiers else ""
            return f"{before}{operator.name}{if_exists}"
    return None
