"""How much one policy grants: everything, whole services, and what a statement still grants after the document's Denies."""

import enum
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ..value import Maybe, Truth, Unknown, all_of
from .action import ActionSet, of_level
from .action_data import services
from .document import PolicyDocument, Statement
from .grant import Answer, allows, is_admin, is_power_user, possible_actions, statement_actions
from .pattern import covers, covers_arn, has_wildcard, overlaps_arn
from .resources import EVERY_ARN, covers_resource, statement_resources_everything

_SHARE: Final = 0.8  # of a service's write actions; who has these has the service


class Power(enum.IntEnum):
    """What makes the holder of a policy mighty beyond any service, ordered."""

    IAM = 1  # all of IAM, by which anything else can be had
    ALL_BUT_A_FEW = 2  # whatever AWS will ever add, as PowerUserAccess
    ADMIN = 3


class Might(Struct, frozen=True):
    """The power that a policy has for certain, and the statements that give it."""

    power: Power
    answer: Answer


@lru_cache(maxsize=8192)
def might(document: PolicyDocument) -> Might | None:
    """The greatest power that a document has by itself; None if it has none for certain."""
    documents = (document,)
    admin = is_admin(documents)
    if admin.truth is Truth.YES:
        return Might(Power.ADMIN, admin)
    power_user = is_power_user(documents)
    if power_user.truth is Truth.YES:
        return Might(Power.ALL_BUT_A_FEW, power_user)
    iam = allows(documents, "iam:*")
    return Might(Power.IAM, iam) if iam.truth is Truth.YES else None


def may_be_admin(document: PolicyDocument) -> Answer | None:
    """The answer about a document that names something which may make it an administrator's; None for all others.

    A document of which whole statements are missing may grant anything, and is no more suspect than the next.
    """
    if document.unknown:
        return None
    answer = is_admin((document,))
    return answer if answer.truth is Truth.UNKNOWN and answer.statements else None


def effective_actions(statement: Statement, document: PolicyDocument) -> ActionSet:
    """The actions that an Allow certainly names, without those that the document's Denies take away on all its resources."""
    actions = statement_actions(statement)[0]
    for deny in document.statements:
        if deny.effect == "Deny" and not deny.conditions and _is_about_all_of(deny, statement) is Truth.YES:
            actions -= statement_actions(deny)[0]
    return actions


def left_over(statement: Statement, document: PolicyDocument) -> Statement:
    """An Allow on the resources that the document's Denies leave it: those that "everything but these" spares.

    Only Denies without conditions that are about all of its actions count; of two patterns that overlap, the Allow's stays.
    """
    for deny in document.statements:
        spared = deny.not_resources or ()
        if deny.effect != "Deny" or deny.conditions or not spared or any(isinstance(text, Unknown) for text in spared):
            continue
        if statement_actions(deny)[0].covers(possible_actions(statement)):
            texts = ("*",) if statement.resources is None else statement.resources
            left = (part for text in texts for part in _common(text, tuple(map(str, spared))))
            statement = replace(statement, resources=tuple(dict.fromkeys(left)), not_resources=None)
    return statement


def _common(text: Maybe[str], spared: tuple[str, ...]) -> tuple[Maybe[str], ...]:
    """What a resource of an Allow and those that a Deny spares have in common."""
    if isinstance(text, Unknown):
        return (text,)
    if covers(text, EVERY_ARN):
        return spared
    if any(covers_arn(item, text) is Truth.YES for item in spared):
        return (text,)
    inside = tuple(item for item in spared if covers_arn(text, item) is Truth.YES)
    named = any(mark in text or mark in item for item in spared for mark in ("⟦", "${"))
    others = [item for item in spared if item not in inside and (named or overlaps_arn(text, item) is not Truth.NO)]
    return (text,) if others else inside


def _is_about_all_of(deny: Statement, allow: Statement) -> Truth:
    texts = allow.resources or ()
    if allow.not_resources is not None or not all(isinstance(text, str) for text in texts):
        return statement_resources_everything(deny)
    return all_of(covers_resource(deny, str(text)) for text in texts or ("*",))


@lru_cache(maxsize=8192)  # several rules ask
def whole_services(statement: Statement, document: PolicyDocument) -> tuple[str, ...]:
    """The services of which the wildcards of an Allow mean everything, or nearly: 80 % of what changes anything.

    Lists that spell the actions out do not count, nor do services that nothing can be changed in.
    """
    patterns = [text for text in statement.actions or () if isinstance(text, str) and has_wildcard(text)]
    if not patterns:
        return ()
    granted = ActionSet.of(patterns) & effective_actions(statement, document)
    writes = of_level("Write")
    found: list[str] = []
    for prefix in granted.services():
        service = services()[prefix]
        ones = (1 << service.count) - 1
        all_writes = writes.bits >> service.first & ones
        part = granted.bits >> service.first & all_writes
        if all_writes and part.bit_count() >= _SHARE * all_writes.bit_count():
            found.append(prefix)
    return tuple(found)
