"""Texts with marks in them, and lookups in mappings: what the intrinsic functions of templates share."""

import re
from collections.abc import Iterable
from typing import Final

from ..policy.arn import REST
from ..value import Reference, Unknown, Value
from .cloudformation_decode import Node

MARK: Final = re.compile("⟦[^⟧]*⟧")
_RESOLVE: Final = re.compile(r"\{\{resolve:([\w-]+):([^}]*)")
_STORES: Final = {"secretsmanager": "Secrets Manager", "ssm-secure": "Systems Manager", "ssm": "Systems Manager"}


def settled(text: str, hole: Unknown | None = None) -> Value:
    """The text, unless it is a dynamic reference: then it is what another service keeps, and never stands in the template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    found = _RESOLVE.search(text)
    if found is None:
        return text
    service, key = found[1], found[2].removesuffix(REST)
    store = _STORES.get(service, service)
    references = hole.references if hole else ()
    because = f"kept in {store} and read at deployment ({{{{resolve:{service}:{key}}}}})"
    return Unknown(because, (Reference(f"resolve:{service}", key), *references))


def has_unknown(value: Value) -> bool:
    """Whether any part of a tree is not known."""
    match value:
        case Unknown():
            return True
        case list():
            return any(has_unknown(item) for item in value)
        case dict():
            return any(has_unknown(item) for item in value.values())
        case _:
            return False


def is_open(key: Value) -> bool:
    """Whether a key of a mapping is not known as a text."""
    return not isinstance(key, str | int) or "⟦" in str(key)


def entries(tables: Iterable[Node], key: Value) -> Iterable[Node]:
    """What tables have under a key; all that they have if it is open."""
    for table in tables:
        if is_open(key):
            yield from table.items.values()
        elif (found := table.get(str(key))) is not None:
            yield found


def is_free_of(mark: str, delimiter: str) -> bool:
    """Whether what a mark stands for certainly does not hold a delimiter."""
    match mark:
        case "⟦AWS::AccountId⟧":
            return not delimiter.isdecimal()
        case "⟦AWS::Region⟧" | "⟦AWS::Partition⟧" | "⟦AWS::StackName⟧":
            return delimiter in (":", "/", ".", ",", "|", "_")
        case _:
            return False


def outside_marks(text: str, delimiter: str) -> Iterable[str]:
    """Split a text, but not inside of its marks."""
    marks = iter(MARK.findall(text))
    for part in MARK.sub("⟦⟧", text).split(delimiter):
        yield re.sub("⟦⟧", lambda _: next(marks), part)
