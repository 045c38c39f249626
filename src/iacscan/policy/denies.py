"""What policies refuse, and whether they still do after a change.

A Deny refuses the requests that an Allow with the same words would allow, so that one is within others if the Allows made of them are
(`containment`). https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from msgspec.structs import replace

from ..value import Maybe, Truth, Unknown
from .containment import contains
from .document import PolicyDocument, Statement
from .effect import applies

Policies: TypeAlias = Iterable[Maybe[PolicyDocument] | None]


def lost(before: Policies, after: Policies) -> tuple[tuple[Statement, Truth], ...]:
    """The Deny statements of some policies of which others do not refuse everything, each with the answer to whether it is lost.

    Yes means that some request was refused and is not any more; unknown, that this is not proved. Statements that are about no
    request, and those whose effect is not known, are left out.
    """
    old = [document for document in before if isinstance(document, PolicyDocument)]
    new = tuple(dict.fromkeys(document for document in after if document is not None))
    kept = {_meaning(statement) for document in new for statement in _denies(document)}
    return tuple(
        (statement, truth)
        for document in old
        for statement in _denies(document)
        if _meaning(statement) not in kept and applies(statement)
        if (truth := ~_refused(statement, document.version, new)) is not Truth.NO
    )


def denies(document: Maybe[PolicyDocument] | None) -> tuple[Statement, ...]:
    """The Deny statements of a document, as far as they are known."""
    return () if document is None else _denies(document)


def _denies(document: Maybe[PolicyDocument]) -> tuple[Statement, ...]:
    if isinstance(document, Unknown):
        return ()
    return tuple(statement for statement in document.statements if statement.effect == "Deny")


def _meaning(statement: Statement) -> Statement:
    return replace(statement, sid=None, index=0, span=None, hidden=False)


@lru_cache(maxsize=1024)
def _refused(statement: Statement, version: str | None, by: tuple[Maybe[PolicyDocument], ...]) -> Truth:
    """Whether documents refuse every request that a Deny statement refuses."""
    asked = PolicyDocument(version=version, statements=(_as_allow(statement),))
    known = tuple(
        replace(document, statements=tuple(map(_as_allow, found)), unknown=(), text=None)
        for document in by
        if not isinstance(document, Unknown) and (found := _denies(document))
    )
    truth = contains(known, asked).truth if known else Truth.NO
    # What is not known of the policies may hold the Deny.
    hidden = any(isinstance(document, Unknown) or document.unknown for document in by)
    return Truth.UNKNOWN if hidden and truth is Truth.NO else truth


def _as_allow(statement: Statement) -> Statement:
    return replace(statement, effect="Allow")
