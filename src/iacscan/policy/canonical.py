"""One form for documents that are only written differently, and what several documents are as one.

Order, duplication and spelling never matter: statements and values are sets, the names of actions, condition operators and
keys are compared without case, Sid and Id mean nothing. Nothing is expanded: `s3:*` is not the list of its actions
(whether one policy allows what another does is a question for the evaluation, not for this module). Symbols are texts
like any other, so two documents about two buckets are different even if they look alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from ..value import Maybe, Reference, Unknown
from .arn import REST
from .document import Condition, PolicyDocument, Principal, Statement

_CURRENT: Final = "2012-10-17"
_OLDEST: Final = "2008-10-17"  # what a document without Version is; only then are variables plain text

# What stands for a value that is not known: where it comes from. Nothing is known about one that comes from nowhere.
_Hole: TypeAlias = tuple[Reference, ...]
_Leaf: TypeAlias = "str | Principal | _Hole | tuple[str, str, frozenset[str | _Hole]]"
_Form: TypeAlias = "tuple[tuple[str, frozenset[_Leaf]], ...]"


class Canonical(Struct, frozen=True, cache_hash=True):
    """The canonical form of a document: equal and hashable whatever way the document is written.

    Where `certain` is False, something in it is not known, and two equal forms may stand for different documents:
    they agree on all that is known, and on where the rest comes from. `same` takes that into account.
    """

    version: str
    statements: frozenset[_Form]
    certain: bool = True


@lru_cache(maxsize=4096)
def canonical(document: PolicyDocument) -> Canonical:
    """Return the canonical form of a document.

    `"Principal": "*"` and `{"AWS": "*"}` are one: they are where duplicates are looked for, though not everywhere else.
    """
    statements = {_statement(statement) for statement in document.statements}
    statements.update((("", frozenset((item.references,))),) for item in document.unknown)
    version = document.version or _OLDEST
    if version != _CURRENT and not any("${" in text for text in _texts(document)):
        version = _CURRENT  # the version decides on policy variables only, and there are none
    certain = not document.unknowns and not any(REST in text for text in _texts(document))
    return Canonical(version, frozenset(statements), certain)


def merged(documents: Iterable[PolicyDocument]) -> tuple[Statement, ...]:
    """The statements of one document that grants and denies exactly what these do together.

    Statements that differ in nothing but their actions become one; equal ones are said once. Those with a part that
    is not known stay as they are. Sids are dropped, as they must be unique in a document.
    """
    groups: defaultdict[object, list[Statement]] = defaultdict(list)
    for statement in (statement for document in documents for statement in document.statements):
        form = _statement(statement)
        mergeable = statement.actions is not None and not statement.unknowns
        groups[tuple(part for part in form if part[0] != "Action") if mergeable else (form, statement.unknowns)].append(
            statement
        )
    return tuple(_united(group, index) for index, group in enumerate(groups.values()))


def _united(group: list[Statement], index: int) -> Statement:
    first = msgspec.structs.replace(group[0], sid=None, index=index, span=None)
    if len(group) == 1 or first.actions is None:
        return first
    spelt = {action.lower(): action for item in group for action in item.actions or () if isinstance(action, str)}
    return msgspec.structs.replace(first, actions=tuple(spelt[key] for key in sorted(spelt)))


def _texts(document: PolicyDocument) -> Iterator[str]:
    """Every text that may hold a policy variable or break off."""
    for statement in document.statements:
        for texts in (statement.actions, statement.not_actions, statement.resources, statement.not_resources):
            yield from (text for text in texts or () if isinstance(text, str))
        for principals in (statement.principals, statement.not_principals):
            yield from (item.value for item in principals or () if isinstance(item, Principal))
        for condition in statement.conditions:
            if isinstance(condition, Condition):
                yield from (value for value in condition.values if isinstance(value, str))


def _statement(statement: Statement) -> _Form:
    parts: list[tuple[str, frozenset[_Leaf]]] = [("Effect", frozenset((_text(statement.effect),)))]
    for name, actions in (("Action", statement.actions), ("NotAction", statement.not_actions)):
        if actions is not None:
            parts.append((name, frozenset(_folded(action) for action in actions)))
    for name, texts in (("Resource", statement.resources), ("NotResource", statement.not_resources)):
        if texts is not None:
            parts.append((name, frozenset(_text(text) for text in texts)))
    for name, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if principals is not None:
            parts.append((name, frozenset(_principal(item) for item in principals)))
    if statement.conditions:
        parts.append(("Condition", frozenset(_condition(item) for item in statement.conditions)))
    return tuple(parts)


def _text(text: Maybe[str]) -> str | _Hole:
    return text.references if isinstance(text, Unknown) else text


def _folded(text: Maybe[str]) -> str | _Hole:
    return text.references if isinstance(text, Unknown) else text.lower()


def _principal(item: Maybe[Principal]) -> Principal | _Hole:
    if isinstance(item, Unknown):
        return item.references
    return Principal("*", "*") if item == Principal("AWS", "*") else item


def _condition(item: Maybe[Condition]) -> tuple[str, str, frozenset[str | _Hole]] | _Hole:
    if isinstance(item, Unknown):
        return item.references
    return (item.operator.lower(), item.key.lower(), frozenset(_text(value) for value in item.values))
