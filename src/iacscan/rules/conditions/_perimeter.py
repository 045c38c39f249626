"""What Denies of outsiders do to AWS services; for the rules about them, and for those that leave the word to these."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...policy.action import ActionSet
from ...policy.condition.judge import is_positive_guard
from ...policy.condition.perimeter import Border, border, makes_exceptions
from ...policy.condition.presence import admits_anyone
from ...policy.document import Condition, PolicyDocument, Principal, Statement
from ...policy.grant import possible_actions
from ...policy.principal import Kind, classify
from ...value import Truth
from ._leaves import Place

# What people do themselves; no service does it for them.
_PERSONAL: Final = ("signin:*", "sts:*", "aws-portal:*")
_SOURCES: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceowner")
_RCP: Final = "RESOURCE_CONTROL_POLICY"
_SCP: Final = "SERVICE_CONTROL_POLICY"


class Stop(Struct, frozen=True):
    """A Deny of outsiders that stops services as well, or may: a condition of it is not known.

    `services` are those that the same policy allows what is denied here. `borders` is what callers are measured by.
    """

    borders: frozenset[Border]
    truth: Truth
    services: tuple[str, ...] = ()


def stops_services(place: Place, statement: Statement) -> Stop | None:
    """Judge one statement of a policy; None if it lets services pass, or if none comes that way."""
    borders = frozenset(found for item in statement.conditions if (found := border(item)) is not None)
    truth = ~makes_exceptions(statement.conditions)
    if statement.effect != "Deny" or not borders or truth is Truth.NO:
        return None
    if place.is_identity or place.kind == _SCP:
        return Stop(borders, truth) if _stops_forwarded(place, statement, borders) else None
    if Border.RESOURCE in borders or not admits_anyone(statement):
        return None
    services = tuple(dict.fromkeys(_allowed_services(place.document, statement)))
    # Requests that a service forwards come from elsewhere, but for a caller of the organization.
    forwarded = place.is_resource_policy and place.kind != "vpc-endpoint" and borders == {Border.NETWORK}
    return Stop(borders, truth, services) if services or forwarded or place.kind == _RCP else None


def _stops_forwarded(place: Place, statement: Statement, borders: frozenset[Border]) -> bool:
    """Whether a Deny for one's own callers stops what services do for them, or with what belongs to AWS."""
    if borders == {Border.NETWORK}:
        return not ActionSet.of(_PERSONAL).covers(possible_actions(statement))
    excepts = statement.not_actions is not None or statement.not_resources is not None
    return borders == {Border.RESOURCE} and place.kind == _SCP and not excepts


def _allowed_services(document: PolicyDocument, deny: Statement) -> Iterator[str]:
    """Services that a policy allows something of what a Deny is about."""
    for allow in document.statements:
        if allow.effect != "Allow" or not possible_actions(allow).overlaps(possible_actions(deny)):
            continue
        for principal in allow.principals or ():
            if isinstance(principal, Principal) and classify(principal).kind is Kind.SERVICE:
                yield principal.value
        if admits_anyone(allow) and any(
            isinstance(item, Condition) and item.key.lower() in _SOURCES and is_positive_guard(item)
            for item in allow.conditions
        ):
            yield "the service that acts for a source"
