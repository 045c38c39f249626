"""What a document says twice: values that another value of the same element means too, statements that lie within another one.

IAM Access Analyzer calls these REDUNDANT_ACTION, REDUNDANT_RESOURCE and REDUNDANT_STATEMENT
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html).
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ..value import Maybe, Truth
from .arn import REST
from .callers import Callers
from .containment import is_within, may_be_within
from .document import PolicyDocument, Principal, Statement
from .effect import applies
from .grant import possible_actions
from .pattern import covers, has_wildcard
from .principal import Kind, classify
from .resource_patterns import covered, meets, prepared

MAX_COMPARED: Final = (
    300  # statements; in the 10,240 characters that a role's policies may have, 230 of the shortest fit
)
_DELEGATING: Final = frozenset((Kind.ACCOUNT,))
_WITHOUT_POLICY: Final = frozenset((Kind.USER, Kind.ROLE, Kind.SESSION))  # whom an Allow that names them suffices


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
    """Everything in a document that certainly could be left out without changing what it means, each thing by itself.

    Statements are compared with each other where there are at most `MAX_COMPARED` of them.
    """
    expands = document.version == "2012-10-17"
    found = [item for statement in document.statements for item in _values(statement, expands=expands)]
    return (*found, *(_statements(document) if len(document.statements) <= MAX_COMPARED else ()))


def _values(statement: Statement, *, expands: bool) -> Iterator[Redundant]:
    def resource_within(wide: str, narrow: str) -> bool:
        return covered(prepared(wide, expands=expands), prepared(narrow, expands=expands)) is Truth.YES

    for element, texts, within in (
        ("Action", statement.actions, _action_within),
        ("NotAction", statement.not_actions, _action_within),
        ("Resource", statement.resources, resource_within),
        ("NotResource", statement.not_resources, resource_within),
    ):
        if texts is not None and len(texts) > 1:
            for text, by in _doubles(texts, within):
                yield Redundant(statement, by, None, element, text)


def _action_within(wide: str, narrow: str) -> bool:
    return covers(wide.lower(), narrow.lower())


def _doubles(texts: tuple[Maybe[str], ...], within: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
    """Values with another that means the same or more; of two that mean the same, the later."""
    known = [text for text in texts if isinstance(text, str) and REST not in text]
    first = {text.lower(): position for position, text in reversed(list(enumerate(known)))}
    wide = [(position, text) for position, text in enumerate(known) if has_wildcard(text)]
    if not wide and len(first) == len(known):
        return
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
    if not _has_near(document.statements):
        return
    alone = [(statement, _as_document(statement, document)) for statement in document.statements]
    gone: set[int] = set()
    for narrow, (statement, own) in enumerate(alone):
        if own is None:
            continue
        for wide, (other, theirs) in enumerate(alone):
            if theirs is None or wide == narrow or wide in gone or statement.effect != other.effect:
                continue
            if not may_be_within(own, theirs) or not _is_near(statement, other):
                continue
            if _names_callers_itself(statement, other) and is_within(own, theirs):
                gone.add(narrow)
                yield Redundant(statement, other.label, other)
                break


def _has_near(statements: tuple[Statement, ...]) -> bool:
    """Whether any two statements of the same effect may be about the same action: a quick look that settles most policies."""
    return any(
        one.effect == other.effect and possible_actions(one).overlaps(possible_actions(other))
        for one, other in combinations(statements, 2)
    )


def _is_near(statement: Statement, other: Statement) -> bool:
    """Whether the first resource of one statement may be one of the other's: a quick look that settles most pairs."""
    if not statement.resources or other.resources is None:
        return True
    first = statement.resources[0]
    return any(meets(str(text), str(first)) is not Truth.NO for text in other.resources)


def _names_callers_itself(statement: Statement, other: Statement) -> bool:
    """Whether an Allow names the users and roles of a statement itself, and not only their account.

    An Allow to an account leaves it to the policies of its users and roles whether they may; one to a role needs no other
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). A Deny means them all.
    """
    if statement.effect == "Deny":
        return True
    callers = Callers.of(other)
    named = [item for item in callers.parts() if not _is(item, _DELEGATING)]
    themselves = Callers(tuple(item for item in named if item is not None), callers.excluded)
    return all(
        themselves.cover(item) is Truth.YES for item in Callers.of(statement).parts() if _is(item, _WITHOUT_POLICY)
    )


def _is(item: Maybe[Principal] | None, kinds: frozenset[Kind]) -> bool:
    return isinstance(item, Principal) and classify(item).kind in kinds


def _as_document(statement: Statement, document: PolicyDocument) -> PolicyDocument | None:
    """A statement alone, as an Allow; None if something in it is not known, or if it applies to nothing anyway."""
    if statement.unknowns or not applies(statement):
        return None
    return PolicyDocument(version=document.version, statements=(replace(statement, effect="Allow", index=0, sid=None),))
