"""What a document says twice: values that another value of the same element means too, statements that lie within another one.

IAM Access Analyzer calls these REDUNDANT_ACTION, REDUNDANT_RESOURCE and REDUNDANT_STATEMENT
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html).
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from ..value import Maybe, Truth
from .arn import REST
from .containment import is_within, may_be_within
from .document import PolicyDocument, Statement
from .effect import applies
from .pattern import covers, has_wildcard
from .resource_patterns import covered, meets, prepared


class Redundant(Struct, frozen=True):
    """Something that could be left out.

    `element` is Action, NotAction, Resource or NotResource, and `text` the value; both are empty where the whole statement is
    redundant. `by` is the value, or the label of the statement, that says it already, `other` that statement.
    """

    statement: Statement
    by: str
    other: Statement | None = None
    element: str = ""
    text: str = ""


@lru_cache(maxsize=4096)
def redundant(document: PolicyDocument) -> tuple[Redundant, ...]:
    """Everything in a document that certainly could be left out without changing what it means, each thing by itself."""
    expands = document.version == "2012-10-17"
    found = [item for statement in document.statements for item in _values(statement, expands=expands)]
    return (*found, *_statements(document))


def _values(statement: Statement, *, expands: bool) -> Iterator[Redundant]:
    def resource_within(wide: str, narrow: str) -> bool:
        return covered(prepared(wide, expands=expands), prepared(narrow, expands=expands)) is Truth.YES

    for element, texts, within in (
        ("Action", statement.actions, _action_within),
        ("NotAction", statement.not_actions, _action_within),
        ("Resource", statement.resources, resource_within),
        ("NotResource", statement.not_resources, resource_within),
    ):
        for text, by in _doubles(texts or (), within):
            yield Redundant(statement, by, None, element, text)


def _action_within(wide: str, narrow: str) -> bool:
    return covers(wide.lower(), narrow.lower())


def _doubles(texts: tuple[Maybe[str], ...], within: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
    """Values with another that means the same or more; of two that mean the same, the later."""
    known = [text for text in texts if isinstance(text, str) and REST not in text]
    first = {text.lower(): position for position, text in reversed(list(enumerate(known)))}
    wide = [(position, text) for position, text in enumerate(known) if has_wildcard(text)]
    for position, text in enumerate(known):
        earlier = first[text.lower()]
        if earlier < position and within(known[earlier], text):
            yield text, known[earlier]
            continue
        by = next((other for place, other in wide if place != position and within(other, text)), None)
        # Patterns that mean each other are one pattern, written twice: the later one goes.
        if by is not None and (not within(text, by) or known.index(by) < position):
            yield text, by


def _statements(document: PolicyDocument) -> Iterator[Redundant]:
    """Statements that lie within another of the same effect; for a Deny as for an Allow, all that it is about counts."""
    alone = [(statement, _as_document(statement, document)) for statement in document.statements]
    gone: set[int] = set()
    for narrow, (statement, own) in enumerate(alone):
        if own is None:
            continue
        for wide, (other, theirs) in enumerate(alone):
            if theirs is None or wide == narrow or wide in gone or statement.effect != other.effect:
                continue
            if may_be_within(own, theirs) and _is_near(statement, other) and is_within(own, theirs):
                gone.add(narrow)
                yield Redundant(statement, other.label, other)
                break


def _is_near(statement: Statement, other: Statement) -> bool:
    """Whether the first resource of one statement may be one of the other's: a quick look that settles most pairs."""
    if not statement.resources or other.resources is None:
        return True
    first = statement.resources[0]
    return any(meets(str(text), str(first)) is not Truth.NO for text in other.resources)


def _as_document(statement: Statement, document: PolicyDocument) -> PolicyDocument | None:
    """A statement alone, as an Allow; None if something in it is not known, or if it applies to nothing anyway."""
    if statement.unknowns or not applies(statement):
        return None
    return PolicyDocument(version=document.version, statements=(replace(statement, effect="Allow", index=0, sid=None),))
