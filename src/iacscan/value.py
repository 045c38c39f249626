"""What is known, what is not, and answers that may be either.

Three answers run through the whole program: yes, no and unknown. An `Unknown` has no value to read, so code that
forgets it does not pass the type checker; a `Truth` refuses to be used as a Python boolean for the same reason.
"""

import enum
from collections.abc import Iterable
from typing import NoReturn, TypeAlias, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Truth(enum.Enum):
    """An answer in Kleene's three-valued logic."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        """Refuse: `if truth:` would silently read unknown as yes."""
        message = "a Truth has three values; compare it with Truth.YES, Truth.NO or Truth.UNKNOWN"
        raise TypeError(message)

    def __invert__(self) -> "Truth":
        """Not: unknown stays unknown."""
        return self if self is _UNKNOWN else _NO if self is _YES else _YES

    @staticmethod
    def of(*, known: bool) -> "Truth":
        """Return the answer for a fact that is known."""
        return _YES if known else _NO


# Before Python 3.12 it is slow to ask an enumeration for a member, and these are asked for more than anything else.
_YES, _NO, _UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def all_of(answers: Iterable[Truth]) -> Truth:
    """And: no beats unknown beats yes; the empty conjunction is yes."""
    result = _YES
    for answer in answers:
        if answer is _NO:
            return _NO
        if answer is _UNKNOWN:
            result = _UNKNOWN
    return result


def any_of(answers: Iterable[Truth]) -> Truth:
    """Or: yes beats unknown beats no; the empty disjunction is no."""
    result = _NO
    for answer in answers:
        if answer is _YES:
            return _YES
        if answer is _UNKNOWN:
            result = _UNKNOWN
    return result


class Reference(Struct, frozen=True, order=True):
    """A place that a value comes from: an absolute resource address and the attribute that is read there.

    `address` is an instance address where the instance is certain (`module.a["x"].aws_s3_bucket.b[0]`), the address
    without a key where it is not, or the name of what cannot be followed (`local.arns`, `var.bucket`).
    """

    address: str
    attribute: str = ""

    def __str__(self) -> str:
        return f"{self.address}.{self.attribute}" if self.attribute else self.address


class Unknown(Struct, frozen=True):
    """A value that the input does not give. It has no value; `because` is a clause that explains it to a person."""

    because: str
    references: tuple[Reference, ...] = ()


# A value that may be unknown. `Maybe[str]` is never a string that stands for "unknown".
Maybe: TypeAlias = T | Unknown

# A decoded tree with unknown leaves. Rules never see one: it ends in `normalise`.
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | Unknown | None"
