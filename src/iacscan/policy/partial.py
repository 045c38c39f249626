"""What one request decides of a policy before the policy is compared with others: conditions, variables, whom it is about."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from ..value import Maybe, Truth, Unknown
from .arn import REST, parse_arn
from .condition.evaluate import satisfied
from .document import Condition, PolicyDocument, Statement
from .expand import expand
from .match import principal_matches, replaces_variables
from .pattern import has_wildcard
from .request import Request
from .variables import names, variables

_DOUBTFUL: Final = Unknown("whether the statement is about the caller is not known")


def asked_keys(documents: Iterable[PolicyDocument]) -> frozenset[str]:
    """The condition keys that documents ask about, in conditions and in variables."""
    found: set[str] = set()
    for document in documents:
        found.update(key for text in variables(document) for key in names(text))
        for statement in document.statements:
            found.update(leaf.key.lower() for leaf in statement.conditions if isinstance(leaf, Condition))
    return frozenset(found)


def simplified(document: PolicyDocument, request: Request) -> PolicyDocument:
    """A document without the conditions that the request fulfils, and the statements whose conditions it does not."""
    replaced = replaces_variables(document)
    kept = []
    for statement in document.statements:
        answers = [(satisfied((leaf,), request.context, variables=replaced), leaf) for leaf in statement.conditions]
        if all(answer is not Truth.NO for answer, _ in answers):
            left = tuple(leaf for answer, leaf in answers if answer is Truth.UNKNOWN)
            kept.append(_expanded(replace(statement, conditions=left), request, replaced))
    return replace(document, statements=tuple(kept), text=None)


def _expanded(statement: Statement, request: Request, replaced: Truth) -> Statement:
    """A statement with the variables in its resources replaced, as far as the request has their values."""

    def expanded(texts: tuple[Maybe[str], ...] | None) -> tuple[Maybe[str], ...] | None:
        if texts is None:
            return None
        found: list[Maybe[str]] = []
        for text in texts:
            pattern = expand(text, request.context, variables=replaced) if isinstance(text, str) else None
            found.append(text if pattern is None or not pattern.certain else pattern.text)
        return tuple(found)

    return replace(statement, resources=expanded(statement.resources), not_resources=expanded(statement.not_resources))


def for_caller(statement: Statement, request: Request) -> Statement | None:
    """A statement of a resource's policy as one of the caller's own; None if it is not about the caller."""
    about = principal_matches(statement, request.principal)
    if about is Truth.NO:
        return None
    doubt = () if about is Truth.YES else (_DOUBTFUL,)
    resources = ("*",) if statement.resources is statement.not_resources is None else statement.resources
    return replace(
        statement,
        principals=None,
        not_principals=None,
        resources=resources,
        conditions=(*statement.conditions, *doubt),
    )


def is_anywhere(resource: str) -> bool:
    """Whether a pattern leaves it open in which account a resource is; buckets have none in their ARNs."""
    arn = parse_arn(resource)
    return has_wildcard(resource if arn is None else arn.account)


def what_is_missing(statements: Iterable[Statement]) -> str:
    """What is not known in the first of several statements that has something like that; empty if all is known."""
    for statement in statements:
        for unknown in statement.unknowns:
            return unknown.because
        for text in (*(statement.resources or ()), *(statement.not_resources or ())):
            if isinstance(text, str) and REST in text:
                return f"{statement.label} is about {text}, the end of which is known only after apply"
    return ""
