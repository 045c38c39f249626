"""Whether statements and documents can ever do anything: allow or deny some request that somebody could make."""

from functools import lru_cache
from typing import Final

from ..value import Truth
from .action_data import services
from .applies import applies_to
from .document import PolicyDocument, Statement
from .grant import possible_actions
from .sets import allowed, is_never

_FEW: Final = 64  # actions of which each is asked whether it can be about a resource


@lru_cache(maxsize=8192)
def applies(statement: Statement) -> bool:
    """Whether a statement may be about some request: no only if that is certain."""
    return idle_because(statement) == ""


@lru_cache(maxsize=8192)
def idle_because(statement: Statement) -> str:
    """Why a statement is certainly about no request, as a clause; empty if it may be about some."""
    if is_never(statement.conditions):
        return "no request satisfies its conditions"
    actions = possible_actions(statement)
    if not actions.bits and all(name.partition(":")[0] in services() for name in actions.unknown):
        return "AWS has none of its actions"
    resources = statement.resources
    texts = [text for text in resources or () if isinstance(text, str)]
    if resources is None or len(texts) < len(resources):
        return ""
    if not resources:
        return "it names no resource"
    names = actions.names() if 0 < len(actions) <= _FEW else ()
    if names and all(applies_to(name, text) is Truth.NO for name in names for text in texts):
        return "its actions work on none of its resources"
    return ""


@lru_cache(maxsize=4096)
def allows_nothing(document: PolicyDocument) -> bool:
    """Whether the Denies of a document certainly take away all that its Allows allow."""
    grants = [statement for statement in document.statements if statement.effect != "Deny" and applies(statement)]
    return bool(grants) and not document.unknown and not allowed((document,))
