"""Which resources a statement is about.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Final

from ..value import Maybe, Truth, Unknown, any_of
from .action_data import detail, services
from .arn import REST, parse_arn
from .document import Statement
from .pattern import covers, covers_arn, has_wildcard, overlaps_arn
from .resource_patterns import indexed

_TYPE_WORD: Final = re.compile(r"[a-zA-Z-]+(?=[/:])")

# Spelt out, but no narrower than a star for whatever has an ARN.
EVERY_ARN: Final = "arn:aws:*:*:*:*"

_MANY: Final = 8  # texts of one element, from which on they are looked up by how they begin


def statement_resources_everything(statement: Statement) -> Truth:
    """Whether a statement is about every resource there is: `*`, or a statement that needs no Resource (trust policies).

    NotResource is about everything but a few; it counts as everything unless it may name all, or all of IAM.
    """
    if statement.not_resources is not None:
        return ~any_of(
            Truth.UNKNOWN if isinstance(text, Unknown) else _names_identities(text) for text in statement.not_resources
        )
    return Truth.YES if statement.resources is None else _everything(statement.resources)


@lru_cache(maxsize=4096)
def _everything(resources: tuple[Maybe[str], ...]) -> Truth:
    return any_of(
        Truth.UNKNOWN if isinstance(text, Unknown) or text == REST else Truth.of(known=covers(text, EVERY_ARN))
        for text in resources
    )


def statement_resources_all_of(statement: Statement, service: str) -> Truth:
    """Whether a statement is about every resource of one service, by its prefix in ARNs (`s3`, `dynamodb`)."""
    everything_ = statement_resources_everything(statement)
    if everything_ is Truth.YES or statement.resources is None:
        return everything_
    whole = any(
        isinstance(text, str) and _is_whole_service(text) and text.split(":")[2] == service
        for text in statement.resources
    )
    return Truth.YES if whole else everything_


@lru_cache(maxsize=4096)
def _is_whole_service(text: str) -> bool:
    """Whether an ARN pattern leaves no name of a type of resource out, be it in one account or region."""
    arn = parse_arn(text)
    if arn is None or has_wildcard(arn.service) or "*" not in arn.resource:
        return False
    if not arn.resource.replace("*", "").strip("/:"):
        return True
    stem = arn.resource.rstrip("*/:")
    return not has_wildcard(stem) and stem != arn.resource and stem in _type_words(arn.service)


@lru_cache(maxsize=512)
def _type_words(service: str) -> frozenset[str]:
    """The words that the resources of a service begin with: `table` of `table/${TableName}`."""
    if service not in services():
        return frozenset()
    found = (parse_arn(kind.arn) for kind in detail(service).resource_types.values())
    words = (_TYPE_WORD.match(arn.resource) for arn in found if arn is not None)
    return frozenset(word[0] for word in words if word is not None)


def _names_identities(text: str) -> Truth:
    """Whether a NotResource may leave out users and roles; then what remains is no administrator's for certain."""
    if covers(text, EVERY_ARN):
        return Truth.YES
    arn = parse_arn(text)
    elsewhere = arn is not None and arn.service != "iam" and not has_wildcard(arn.service) and "⟦" not in arn.service
    return Truth.NO if elsewhere else Truth.UNKNOWN


def covers_resource(statement: Statement, resource: str) -> Truth:
    """Whether a statement is about all that a resource pattern matches (`*` means every resource)."""
    if statement.not_resources is not None:
        excluded = any_of(
            Truth.UNKNOWN if isinstance(text, Unknown) else overlaps_arn(text, resource)
            for text in _near(statement.not_resources, resource)
        )
        return ~excluded
    if statement.resources is None:
        return Truth.YES
    return any_of(
        Truth.UNKNOWN if isinstance(text, Unknown) else _covers_resource(text, resource)
        for text in _near(statement.resources, resource)
    )


def _near(texts: tuple[Maybe[str], ...], resource: str) -> Iterable[Maybe[str]]:
    """Those of an element's texts that may have to do with a resource pattern, or that may mean everything."""
    if len(texts) < _MANY:
        return texts
    index = indexed(texts)
    return chain(index.starting(EVERY_ARN), index.near(resource))


def _covers_resource(outer: str, inner: str) -> Truth:
    if outer == REST:
        return Truth.UNKNOWN
    if covers(outer, EVERY_ARN) or outer == inner:
        return Truth.YES
    return Truth.NO if inner == "*" else covers_arn(outer, inner)
