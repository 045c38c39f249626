"""What identity policies grant: actions, on which resources, by which statement.

Everything is asked twice. What is certainly granted takes only what is known of each Allow and subtracts whatever a Deny
may take away; what may be granted does the reverse. Where both give the same answer it is yes or no, else unknown.

Two things are settled here once, for all callers:

* A condition on an Allow does not make the power smaller if it only says when or from where it can be used (MFA, network,
  region, time, who the caller is): the answer stays yes and names the keys. Conditions on what is acted upon do
  (`aws:ResourceTag/…`, `aws:RequestTag/…` and the keys of services). Likewise a Deny under conditions takes nothing away for certain.
* A document that is not known as a whole may grant anything, and is assumed not to deny: else one unreadable policy
  beside `AdministratorAccess` would hide it.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeAlias

from msgspec import Struct

from ..value import Maybe, Truth, Unknown, all_of, any_of
from .action import ActionSet, everything, of_level, union
from .arn import ACCOUNT, REST
from .condition.judge import TOP, holds, is_positive_guard
from .document import Condition, PolicyDocument, Statement
from .resources import (
    covers_resource,
    statement_resources_all_of,
    statement_resources_everything,
)
from .unpublished import with_reserves

__all__ = [
    "Answer",
    "allowed_actions",
    "allows",
    "condition_keys",
    "covers_resource",
    "denies_all_of",
    "is_admin",
    "is_narrowed",
    "is_power_user",
    "possible_actions",
    "statement_actions",
    "statement_resources_all_of",
    "statement_resources_everything",
]

_Element: TypeAlias = tuple[Maybe[str], ...] | None
_NOTHING: Final = ActionSet()
_SHARE: Final = 0.99  # of all write actions; who has these and all of IAM lacks nothing
_NAMED: Final = 128  # actions of one statement that AWS has not published; of more, only their services are looked at
_UNHEARD_OF: Final = "iacscan-no-such-service:NoSuchAction"  # stands for whatever AWS will add


class Answer(Struct, frozen=True):
    """An answer about grants, with the statements that decided it.

    `conditions` are keys of conditions under which alone the statements apply, or a Deny takes away; they do not excuse.
    """

    truth: Truth
    statements: tuple[Statement, ...] = ()
    because: str = ""
    conditions: tuple[str, ...] = ()


# -- one statement --------------------------------------------------------------------------------------------------


def statement_actions(statement: Statement) -> tuple[ActionSet, tuple[Unknown, ...]]:
    """The actions that a statement is certainly about, and what is not known of them.

    NotAction gives the complement; with an unknown element in it nothing is certain.
    """
    certain, _, unknown = _named(statement.actions, statement.not_actions)
    return certain, unknown


def _certain_actions(statement: Statement) -> ActionSet:
    return _named(statement.actions, statement.not_actions)[0]


def possible_actions(statement: Statement) -> ActionSet:
    """The actions that a statement may be about, whatever turns out to stand where it is not known."""
    return _named(statement.actions, statement.not_actions)[1]


# Kept by the elements, not by the statement: fewer of them are different.
@lru_cache(maxsize=2048)
def _named(actions: _Element, not_actions: _Element) -> tuple[ActionSet, ActionSet, tuple[Unknown, ...]]:
    """What the elements certainly mean, what they may mean, and what is not known of them."""
    texts = actions or () if not_actions is None else not_actions
    known = [text for text in texts if isinstance(text, str) and REST not in text]
    named = union(known)
    least = most = named
    unknown: tuple[Unknown, ...] = ()
    if len(known) < len(texts) or None not in (actions, not_actions):
        unknown = _unknown_texts(actions) + _unknown_texts(not_actions)
    if len(named.others) > _NAMED:
        least, most = ActionSet(named.bits), ActionSet(with_reserves(named.bits, named.others))
        unknown += (Unknown(f"it names more than {_NAMED} actions that AWS has not published"),)
    if len(known) < len(texts):
        most = everything()
    return (least, most, unknown) if not_actions is None else (most.complement(), least.complement(), unknown)


def _unknown_texts(texts: Iterable[Maybe[str]] | None) -> tuple[Unknown, ...]:
    unknown = [item if isinstance(item, Unknown) else Unknown(f"the end of {item} is not known")
               for item in texts or () if isinstance(item, Unknown) or REST in item]  # fmt: skip
    return tuple(unknown)


def denies_all_of(deny: Statement, allow: Statement) -> Truth:
    """Whether a Deny is about every action and resource of an Allow; principals and conditions apart."""
    asked = possible_actions(allow)
    actions = Truth.YES if _certain_actions(deny).covers(asked) else Truth.NO
    if actions is Truth.NO and possible_actions(deny).covers(_certain_actions(allow)):
        actions = Truth.UNKNOWN
    if allow.not_resources is not None or any(isinstance(text, Unknown) for text in allow.resources or ()):
        resources = statement_resources_everything(deny)
    else:
        resources = all_of(covers_resource(deny, str(text)) for text in allow.resources or ("*",))
    return all_of((actions, resources))


# -- conditions on grants -------------------------------------------------------------------------------------------

# Global keys that are about what is acted upon; all others are about the caller and the circumstances.
_TARGET_KEYS: Final = ("aws:resourcetag/", "aws:requesttag/", "aws:tagkeys")
_OWNER_KEYS: Final = ("aws:resourceaccount", "s3:resourceaccount")


def _narrows(condition: Maybe[Condition]) -> Truth:
    """Whether a condition makes the power itself smaller: fewer actions or resources, not other circumstances."""
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    key = condition.key.lower()
    if key in _OWNER_KEYS:  # of one's own account it is everything; what others have is only what they share
        return Truth.of(known=condition.operator.lower().startswith("stringnot") and ACCOUNT in condition.values)
    if key.startswith("aws:") and not key.startswith(_TARGET_KEYS):
        return Truth.NO
    if condition.operator.lower() == "null":
        return any_of(
            Truth.UNKNOWN if isinstance(value, Unknown) else Truth.of(known=value.lower() == "false")
            for value in condition.values
        )
    return Truth.of(known=is_positive_guard(condition))


def is_narrowed(statement: Statement) -> Truth:
    """Whether conditions make a statement's power smaller, or let it apply to no request at all."""
    if not statement.conditions:
        return Truth.NO
    never = ~holds(statement.conditions, TOP)
    return any_of((never, *(_narrows(condition) for condition in statement.conditions)))


def condition_keys(statements: Iterable[Statement]) -> tuple[str, ...]:
    """The keys of all conditions in the statements, sorted."""
    return tuple(sorted({
        item.key for statement in statements for item in statement.conditions if isinstance(item, Condition)
    }))  # fmt: skip


# -- several documents ----------------------------------------------------------------------------------------------


def _statements(documents: Iterable[Maybe[PolicyDocument]]) -> tuple[list[Statement], list[Unknown]]:
    statements: list[Statement] = []
    unknown: list[Unknown] = []
    for document in documents:
        if isinstance(document, Unknown):
            unknown.append(document)
        else:
            statements.extend(document.statements)
            unknown.extend(document.unknown)
    return statements, unknown


class _Question(Struct, frozen=True):
    """Sets of actions that are granted, and denied, on the resource in question: for certain, and perhaps."""

    granted: ActionSet
    perhaps_granted: ActionSet
    grantors: tuple[Statement, ...]
    perhaps_grantors: tuple[Statement, ...]
    unknown: tuple[Unknown, ...]


def _ask(documents: Iterable[Maybe[PolicyDocument]], about: Callable[[Statement], Truth]) -> _Question:
    """Unite and subtract the statements that are `about` a resource."""
    statements, unknown = _statements(documents)
    allowed, perhaps_allowed, denied, perhaps_denied = _NOTHING, _NOTHING, _NOTHING, _NOTHING
    grantors: list[Statement] = []
    perhaps_grantors: list[Statement] = []
    for statement in statements:
        on_resource = about(statement)
        if on_resource is Truth.NO:
            continue
        if statement.effect != "Deny":
            power = all_of((on_resource, ~is_narrowed(statement)))
            if power is not Truth.NO:
                perhaps_allowed |= possible_actions(statement)
                perhaps_grantors.append(statement)
                if power is Truth.YES and statement.effect == "Allow":
                    allowed |= _certain_actions(statement)
                    grantors.append(statement)
        if statement.effect != "Allow" and all(isinstance(item, Unknown) for item in statement.conditions):
            perhaps_denied |= possible_actions(statement)
            if on_resource is Truth.YES and statement.effect == "Deny" and not statement.conditions:
                denied |= _certain_actions(statement)
    if unknown:
        perhaps_allowed = everything()
    return _Question(
        granted=allowed - perhaps_denied,
        perhaps_granted=perhaps_allowed - denied,
        grantors=tuple(grantors),
        perhaps_grantors=tuple(perhaps_grantors),
        unknown=tuple(unknown),
    )


def _any_resource(statement: Statement) -> Truth:
    if statement.effect == "Deny":
        everything_ = statement_resources_everything(statement)
        # NotResource spares what it names: it denies much, but not on all resources.
        return Truth.UNKNOWN if statement.not_resources and everything_ is Truth.YES else everything_
    return Truth.NO if statement.resources == () else Truth.YES


def allowed_actions(
    documents: Iterable[Maybe[PolicyDocument]], *, on_everything: bool = True, certain: bool = True
) -> ActionSet:
    """The actions that documents allow together, on every resource or (not `on_everything`) on any resource at all.

    `certain` leaves out what is not sure; without it, everything that may be allowed is in.
    """
    question = _ask(documents, statement_resources_everything if on_everything else _any_resource)
    return question.granted if certain else question.perhaps_granted


def allows(documents: Iterable[Maybe[PolicyDocument]], action: str, resource: str = "*") -> Answer:
    """Whether documents allow an action (or all that an action pattern means) on a resource.

    `resource` is an ARN or a pattern, all of which must be allowed; `*` asks for every resource.
    """
    wanted = ActionSet.of((action,))

    def about(statement: Statement) -> Truth:
        return statement_resources_everything(statement) if resource == "*" else covers_resource(statement, resource)

    def granted(actions: ActionSet) -> bool:
        return actions.covers(wanted)

    return _answer(_ask(documents, about), granted, lambda actions: actions.overlaps(wanted), f"{action} on {resource}")


def is_admin(documents: Iterable[Maybe[PolicyDocument]]) -> Answer:
    """Whether documents together make an administrator: everything on everything, or all but named exceptions.

    Exceptions excuse only if they take away both IAM and Organizations (`PowerUserAccess`: see `is_power_user`). A union that
    names services one by one counts if it has all of IAM, STS and Organizations and 99 % of all write actions.
    Conditions on circumstances and Denies under conditions do not excuse; they are named in `conditions`.
    """
    return _answer(_ask(documents, statement_resources_everything), _is_admin_set, _is_admin_set, "everything")


def is_power_user(documents: Iterable[Maybe[PolicyDocument]]) -> Answer:
    """Whether documents allow whatever AWS will ever add, on every resource, as `Allow` with `NotAction` does."""
    what = "all actions but a few"
    return _answer(_ask(documents, statement_resources_everything), _is_power_set, _is_power_set, what)


@lru_cache(maxsize=512)
def _is_power_set(actions: ActionSet) -> bool:
    return _UNHEARD_OF in actions


@lru_cache(maxsize=512)
def _is_admin_set(actions: ActionSet) -> bool:
    if _is_power_set(actions):
        return "iam:NoSuchAction" in actions or "organizations:NoSuchAction" in actions
    if not actions.covers(ActionSet.of(("iam:*", "sts:*", "organizations:*"))):
        return False
    writes = of_level("Write")
    return len(actions & writes) >= _SHARE * len(writes)


def _answer(
    question: _Question, enough: Callable[[ActionSet], bool], part: Callable[[ActionSet], bool], what: str
) -> Answer:
    """Turn the two sets into an answer. `part` tells which statements take part when no single one is enough."""
    if enough(question.granted):
        deciding = _deciding(question.grantors, _certain_actions, enough, part)
        labels = ", ".join(dict.fromkeys(statement.label for statement in deciding))
        keys = condition_keys(deciding)
        only = f", only under conditions on {', '.join(keys)}" if keys else ""
        return Answer(Truth.YES, deciding, f"{labels} {_allow(deciding)} {what}{only}", keys)
    if not enough(question.perhaps_granted):
        return Answer(Truth.NO, (), f"nothing allows {what}")
    deciding = _deciding(question.perhaps_grantors, possible_actions, enough, part)
    reasons = [*question.unknown, *(unknown for statement in deciding for unknown in statement.unknowns)]
    because = reasons[0].because if reasons else "a Deny may or may not apply"
    return Answer(Truth.UNKNOWN, deciding, because, condition_keys(deciding))


def _allow(statements: tuple[Statement, ...]) -> str:
    return "allows" if len(statements) == 1 else "together allow"


def _deciding(
    statements: Iterable[Statement],
    actions: Callable[[Statement], ActionSet],
    enough: Callable[[ActionSet], bool],
    part: Callable[[ActionSet], bool],
) -> tuple[Statement, ...]:
    """The statements that are enough alone, else those that take part, else all."""
    given = tuple(statements)
    alone = tuple(statement for statement in given if enough(actions(statement)))
    return alone or tuple(statement for statement in given if part(actions(statement))) or given
