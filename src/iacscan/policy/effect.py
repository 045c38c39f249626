"""Whether statements and documents can ever do anything: allow or deny some request that somebody could make."""

import enum
from functools import lru_cache
from typing import Final

from ..value import Maybe, Truth
from .action import ActionSet
from .action_data import services
from .applies import applies_to
from .condition.values import ask_for_the_impossible
from .document import PolicyDocument, Statement
from .grant import possible_actions
from .sets import allowed, is_never

_FEW: Final = 64  # actions of which each is asked whether it can be about a resource


class Idle(enum.Enum):
    """Why a statement is about no request, as a clause."""

    CONDITIONS = "no request satisfies its conditions"
    VALUES = "no request has the values that its conditions ask for"
    ACTIONS = "AWS has none of its actions"
    NO_ACTION = "its NotAction leaves no action"
    MISMATCH = "its actions work on none of its resources"
    NO_RESOURCE = "it names no resource"
    NOWHERE = "its NotResource leaves no resource"


def applies(statement: Statement) -> bool:
    """Whether a statement may be about some request: no only if that is certain."""
    return idle_because(statement) is None


@lru_cache(maxsize=8192)
def idle_because(statement: Statement) -> Idle | None:
    """Why a statement is certainly about no request; None if it may be about some."""
    if is_never(statement.conditions):
        return Idle.CONDITIONS
    if ask_for_the_impossible(statement.conditions):
        return Idle.VALUES
    actions = possible_actions(statement)
    if not actions.bits and all(name.partition(":")[0] in services() for name in actions.unknown):
        return Idle.ACTIONS if statement.not_actions is None else Idle.NO_ACTION
    if "*" in (statement.not_resources or ()):
        return Idle.NOWHERE
    return _idle_by_resources(statement.resources, actions)


def _idle_by_resources(resources: tuple[Maybe[str], ...] | None, actions: ActionSet) -> Idle | None:
    texts = [text for text in resources or () if isinstance(text, str)]
    if resources is None or len(texts) < len(resources):
        return None
    if not resources:
        return Idle.NO_RESOURCE
    names = actions.names() if 0 < len(actions) <= _FEW else ()
    mismatch = names and all(applies_to(name, text) is Truth.NO for name in names for text in texts)
    return Idle.MISMATCH if mismatch else None


@lru_cache(maxsize=4096)
def allows_nothing(document: PolicyDocument) -> bool:
    """Whether the Denies of a document certainly take away all that its Allows allow."""
    if all(statement.effect == "Allow" for statement in document.statements):
        return False
    grants = [statement for statement in document.statements if statement.effect != "Deny" and applies(statement)]
    return bool(grants) and not document.unknown and not allowed((document,))
