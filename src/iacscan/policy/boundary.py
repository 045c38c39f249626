"""What a permissions boundary is good for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: a boundary grants nothing, and a principal may do only what
the boundary allows as well.
"""

from ..value import Truth, Unknown, all_of, any_of
from .action import ActionSet
from .document import PolicyDocument, Statement
from .grant import allows, possible_actions, statement_actions, statement_resources_everything


def limits_nothing(document: PolicyDocument) -> Truth:
    """Whether a boundary allows everything on everything, always, and denies nothing."""
    if any(statement.effect == "Deny" for statement in document.statements):
        return Truth.NO
    everything = any_of(_everything(statement) for statement in document.statements)
    # A statement that is missing may deny something; one whose effect is not known may be that Deny.
    doubt = document.unknown or any(isinstance(statement.effect, Unknown) for statement in document.statements)
    return Truth.UNKNOWN if everything is Truth.YES and doubt else everything


def _everything(statement: Statement) -> Truth:
    if statement.effect != "Allow" or statement.conditions:
        return Truth.NO
    actions = Truth.of(known=possible_actions(statement).is_everything)
    if actions is Truth.YES and not statement_actions(statement)[0].is_everything:
        actions = Truth.UNKNOWN
    return all_of((actions, statement_resources_everything(statement)))


def lets_remove(document: PolicyDocument, action: str, holder: str) -> bool:
    """Whether a boundary certainly allows an action that takes boundaries away, on its holder's ARN.

    A Deny that may be about the action settles it, whatever its conditions: somebody has thought of it.
    """
    wanted = ActionSet.of((action,))
    denied = any(
        statement.effect != "Allow" and possible_actions(statement).overlaps(wanted)
        for statement in document.statements
    )
    return not denied and not document.unknown and allows((document,), action, holder).truth is Truth.YES
