"""What stands in a policy's text, compared with what a request holds.

A text of a policy may have wildcards, policy variables, escaped characters, symbols, and an end that is not known. Here it
becomes a `Pattern` for one request, in which each variable is replaced by what the request holds
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html). A star that comes out of a request, or is
escaped, is a character like any other.
"""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ..lazy import regex
from ..value import Maybe, Truth, Unknown
from .arn import ACCOUNT, REGION, REST
from .pattern import covers, covers_arn, has_wildcard, overlaps, overlaps_arn
from .request import Held

_VARIABLE: Final = regex(r"\$\{([^}]*)\}")
_NAMED: Final = regex(r"\s*([^\s,]+)\s*(?:,\s*'([^']*)'\s*)?")
_ESCAPED: Final = frozenset("*?$")
_SYMBOL: Final = regex(r"⟦[^⟧]*⟧")
_PLACE: Final = regex(f"{re.escape(ACCOUNT)}|{re.escape(REGION)}|{re.escape(REST)}")
# Code points that no text may hold (Unicode calls them noncharacters) stand for a star and a question mark that are not wildcards.
_LITERAL: Final = str.maketrans({"*": "\ufdd0", "?": "\ufdd1"})


class Pattern(Struct, frozen=True):
    """A text of a policy for one request: only its wildcards are `*` and `?`, see `literal`.

    If it is not `certain`, stars stand in the place of what is not known too: what it does not match is not matched for
    certain, what it matches may be.
    """

    text: str
    certain: bool = True


def literal(text: str) -> str:
    """A text in which `*` and `?` are no wildcards, for comparison with a `Pattern`."""
    return text.translate(_LITERAL) if has_wildcard(text) else text


def expand(
    text: Maybe[str], context: Mapping[str, Held], *, variables: Truth = Truth.YES, wildcards: bool = True
) -> Pattern | None:
    """Make a pattern of a text. None if it matches nothing: a variable in it has no value in the request.

    `variables` says whether the policy's version replaces variables, `wildcards` whether `*` and `?` are some.
    """
    if isinstance(text, Unknown):
        return Pattern("*", certain=False)
    if "${" not in text or variables is Truth.NO:
        return Pattern(text if wildcards else literal(text))
    if variables is Truth.UNKNOWN:
        return Pattern("*", certain=False)
    parts: list[str] = []
    certain = True
    end = 0
    for found in _VARIABLE.finditer(text):
        between = text[end : found.start()]
        parts.append(between if wildcards else literal(between))
        end = found.end()
        value = _value(found[1], context)
        if value is None:
            return None
        certain = certain and isinstance(value, str)
        parts.append(literal(value) if isinstance(value, str) else "*")
    parts.append(text[end:] if wildcards else literal(text[end:]))
    return Pattern("".join(parts), certain)


def _value(inside: str, context: Mapping[str, Held]) -> Maybe[str] | None:
    """What the inside of `${…}` stands for; None if it has no value."""
    if inside in _ESCAPED:
        return inside
    named = _NAMED.fullmatch(inside)
    if named is None:
        return Unknown(f"${{{inside}}} is not a policy variable")
    key, default = named[1].lower(), named[2]
    held = context.get(key, ())
    if isinstance(held, Unknown):
        return held
    if not held:
        return default
    return held[0] if len(held) == 1 else Unknown(f"{key} holds several values, which variables cannot")


def same(pattern: Pattern, text: Maybe[str], *, by_name: bool = False) -> Truth:
    """Whether a pattern matches a text of the request.

    A symbol is certainly itself; of a text without symbols it may be any. With `by_name` it never is: symbols in names of
    resources and principals stand for what the change creates, which has no other name. Those of the account and the
    region, which have names already, may be any in either case.
    """
    return _same(pattern, text, by_name=by_name, arns=False)


def same_arn(pattern: Pattern, text: Maybe[str]) -> Truth:
    """The same for the ARN of a resource; unknown where it matters whether a star reaches over colons, see `covers_arn`."""
    return _same(pattern, text, by_name=True, arns=True)


def _same(pattern: Pattern, text: Maybe[str], *, by_name: bool, arns: bool) -> Truth:
    if isinstance(text, Unknown):
        everything = pattern.certain and pattern.text != "" and not pattern.text.strip("*")
        return Truth.YES if everything else Truth.UNKNOWN
    given = literal(text)
    closed = pattern.certain and REST not in pattern.text
    if closed:
        whole = given.replace(REST, "*")
        found = covers_arn(pattern.text, given) if arns else Truth.of(known=covers(pattern.text, whole))
        if found is not Truth.NO or not ("⟦" in pattern.text or "⟦" in given):
            return found
    one = _opened(pattern.text, given, by_name=by_name)
    other = _opened(given, pattern.text, by_name=by_name)
    meet = overlaps_arn(one, other) if arns else Truth.of(known=overlaps(one, other))
    exact = closed and (one, other) == (pattern.text, given)
    return Truth.NO if exact or meet is Truth.NO else Truth.UNKNOWN


def _opened(text: str, other: str, *, by_name: bool) -> str:
    """A text with stars for all that it leaves open beside another text."""
    named = by_name or _SYMBOL.search(other.replace(REST, "")) is not None
    open_ = _PLACE if named else _SYMBOL
    return open_.sub(lambda found: found[0] if found[0] != REST and found[0] in other else "*", text)
