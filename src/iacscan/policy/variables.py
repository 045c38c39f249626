"""Policy variables, such as `${aws:username}`, and what people write instead.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html: they stand in resources and in condition
values that are compared as texts, and are replaced only in documents of version 2012-10-17; in older ones they are plain text.
"""

import re
from collections.abc import Iterator
from typing import Final

from ..lazy import regex
from ..value import Truth
from .condition.keys import key_info
from .condition.known import exists
from .document import Condition, PolicyDocument, Statement

_VARIABLE: Final = regex(r"\$\{([^}]*)(\}?)")
_ESCAPES: Final = frozenset("*?$")
_OTHER_NOTATION: Final = regex(r"[&%#]\{\s*aws:[^}]*\}|\$\(\s*aws:[^)]*\)", re.IGNORECASE)
_WITH_DEFAULT: Final = regex(r"[^\s,]+, '[^']*'")


def variables(document: PolicyDocument) -> tuple[str, ...]:
    """The texts of a document that hold variables, each once."""
    found = (text for statement in document.statements for text in _texts(statement) if "${" in text)
    return tuple(dict.fromkeys(found))


def slip(text: str) -> str | None:
    """What is wrong with the variables of a text, as a clause; None if nothing is.

    Variables of services are not judged: there are more of them than AWS lists as condition keys.
    """
    for inside, closed in _VARIABLE.findall(text):
        found = _slip(inside, closed=bool(closed))
        if found is not None:
            return found
    other = _OTHER_NOTATION.search(text)
    return f"{other[0]} is no policy variable, which are written ${{…}}" if other is not None else None


def names(text: str) -> tuple[str, ...]:
    """The keys of the variables in a text that have no default, in lower case."""
    found = (inside.strip().lower() for inside, closed in _VARIABLE.findall(text) if closed)
    return tuple(name for name in found if "," not in name)


def _slip(inside: str, *, closed: bool) -> str | None:
    shown = f"${{{inside}}}"
    name, comma, _ = inside.partition(",")
    if inside in _ESCAPES:
        return None
    if not closed:
        return f"the brace of ${{{inside} is never closed"
    if comma and not _WITH_DEFAULT.fullmatch(inside):
        return f"the default of {shown} is not written as a comma, a space and a text in single quotes"
    if name != name.strip() or re.search(r":\s", name):
        return f"{shown} has a space in it"
    return _unknown(name.lower(), shown)


def _unknown(name: str, shown: str) -> str | None:
    if name.startswith("aws::"):
        return f"{shown} is a parameter of CloudFormation, which is replaced only inside Fn::Sub"
    if ":" in name and not name.startswith("aws:"):
        return None
    if exists(name) is not Truth.YES:
        return f"there is no policy variable {shown}"
    info = key_info(name)
    return f"{shown} is a list, and lists are no policy variables" if info is not None and info.multivalued else None


def _texts(statement: Statement) -> Iterator[str]:
    for element in (statement.resources, statement.not_resources):
        yield from (text for text in element or () if isinstance(text, str))
    for condition in statement.conditions:
        if isinstance(condition, Condition):
            yield from (value for value in condition.values if isinstance(value, str))
