"""What service control policies refuse to the member accounts of an organization, from the root down to each."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from ...finding import Origin, Related
from ...model.organizations import Account
from ...policy.action import ActionSet
from ...policy.condition.judge import Context, Facts, Nature, holds
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import possible_actions, statement_actions, statement_resources_everything
from ...value import Maybe, Truth, Unknown, all_of, any_of
from .._rule import World
from . import _guardrails

_SHOWN: Final = 8  # accounts that are listed besides the first
_NOBODY: Final = "⟦account to come⟧"


class Covered(Struct, frozen=True):
    """One member account with the service control policies on it and above it. `doubt` says what of them is not seen."""

    account: Account
    documents: tuple[Maybe[PolicyDocument], ...]
    doubt: str = ""


def members(world: World) -> tuple[Covered, ...]:
    """The member accounts of the input, if guardrails are in force there and all of them come from the input.

    Where none is in force, IAM701 says so; where some come from elsewhere (Control Tower, policies by their id), nobody can tell.
    """
    return world.once(_members)


def _members(world: World) -> Iterator[Covered]:
    estate = world.estate
    if estate.guardrails or estate.settings.guardrails or _guardrails.foreign_guardrails(world):
        return
    if _guardrails.are_enabled(world) is Truth.NO or not any(
        _guardrails.restricts(policy) is not Truth.NO and _guardrails.bound_targets(world, policy)
        for policy in _guardrails.service_control_policies(world)
    ):
        return
    managers = {item.management_account for item in estate.organizations if isinstance(item.management_account, str)}
    for account in estate.accounts_in_organization:
        if account.id not in managers:
            yield _covered(world, account)


def _covered(world: World, account: Account) -> Covered:
    way = world.graph.way_up(account.id if isinstance(account.id, str) else account.parent, account.origin.account)
    doubt = way.missing
    if not world.estate.complete:
        doubt = "the input shows only a part"
    elif world.estate.unseen:
        doubt = f"{world.estate.unseen[0]} was not evaluated"
    documents: list[Maybe[PolicyDocument]] = [
        item.target for item in world.estate.policy_targets if isinstance(item.target, Unknown)
    ]
    for item in (target for place in way.places for target in world.graph.targets_at(place)):
        policy = world.graph.organization_policy(item)
        if isinstance(item.policy, Unknown):
            documents.append(item.policy)
        elif policy is not None and isinstance(policy.kind, Unknown):
            documents.append(policy.kind)
        elif policy is not None and policy.kind == _guardrails.SCP and policy.document is not None:
            documents.append(policy.document)
    return Covered(account, tuple(documents), doubt)


class Gap(Struct, frozen=True):
    """Accounts to which no policy refuses something: the first, the others that are listed, and how many there are in all.

    If it is not `certain`, nobody can tell of these, and there are no others.
    """

    first: Origin
    others: tuple[Related, ...]
    count: int
    certain: bool

    @property
    def who(self) -> str:
        """Whose requests nothing refuses."""
        return f"administrators of {self.count} accounts" if self.count > 1 else "administrators of this account"

    @property
    def them(self) -> str:
        """The accounts, once they are named."""
        return "them" if self.count > 1 else "it"


def gap(world: World, actions: Sequence[str]) -> Gap | None:
    """The accounts to which no policy refuses all of some actions; None if every account is refused them."""
    found = sorted(members(world), key=lambda item: item.account.origin.address)
    graded = [(item.account.origin, _refused(item, actions)) for item in found]
    for truth in (Truth.NO, Truth.UNKNOWN):
        origins = [origin for origin, answer in graded if answer is truth]
        if origins:
            others = tuple(Related(origin, "likewise") for origin in origins[1 : _SHOWN + 1])
            return Gap(origins[0], others, len(origins), truth is Truth.NO)
    return None


def _refused(covered: Covered, actions: Sequence[str]) -> Truth:
    """Whether the policies over an account refuse it all of some actions, be it with exceptions for single principals."""
    answers = [
        any_of(_refuses(document, action, _administrator(covered.account, action)) for document in covered.documents)
        for action in actions
    ]
    truth = all_of(answers)
    return Truth.UNKNOWN if truth is Truth.NO and covered.doubt else truth


def _administrator(account: Account, action: str) -> Context:
    """Requests of an administrator whom no policy names and who has no tag; to Organizations they go to us-east-1 alone."""
    owner = account.id if isinstance(account.id, str) else _NOBODY
    facts = {
        "aws:principalarn": _fixed(f"arn:aws:iam::{owner}:role/⟦administrator⟧"),
        "aws:principalaccount": _fixed(owner),
        "aws:principalisawsservice": _fixed("false"),
        "aws:viaawsservice": _fixed("false"),
        "aws:principaltag/": Facts(Truth.NO),
    }
    if action.startswith("organizations:"):
        facts["aws:requestedregion"] = _fixed("us-east-1")
    return Context("an administrator of a member account", facts)


def _fixed(value: str) -> Facts:
    return Facts(Truth.YES, Nature.FIXED, (value,))


def _refuses(document: Maybe[PolicyDocument], action: str, caller: Context) -> Truth:
    if isinstance(document, Unknown):
        return Truth.UNKNOWN
    answers = [_denies(statement, action, caller) for statement in document.statements]
    answers.extend(Truth.UNKNOWN for _ in document.unknown)
    if _guardrails.is_allow_list(document) is not Truth.NO and action not in _guardrails.allowed(document):
        answers.append(Truth.UNKNOWN)  # an allow list refuses what it leaves out, unless FullAWSAccess stands beside it
    return any_of(answers)


def _denies(statement: Statement, action: str, caller: Context) -> Truth:
    if statement.effect == "Allow":
        return Truth.NO
    wanted = ActionSet.of((action,))
    about = Truth.of(known=possible_actions(statement).overlaps(wanted))
    if about is Truth.YES and (
        not statement_actions(statement)[0].covers(wanted) or isinstance(statement.effect, Unknown)
    ):
        about = Truth.UNKNOWN
    return all_of((about, statement_resources_everything(statement), holds(statement.conditions, caller, of_all=True)))
