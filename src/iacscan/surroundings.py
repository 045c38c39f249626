"""What is known of the account around a holder of policies, as `policy.escalation` asks for it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from .access import Held, Trusted
from .account import KINDS, Account
from .finding import Origin
from .model import iam
from .policy.action import ActionSet
from .policy.arn import ACCOUNT, REST
from .policy.condition.judge import Context, Facts, Nature, holds
from .policy.document import Condition, PolicyDocument, Statement
from .policy.escalation_table import Row
from .policy.grant import allowed_actions, possible_actions
from .policy.pattern import matches
from .policy.power import Power
from .policy.principal import Kind, classify
from .policy.tagging import Tags, is_about_principal, judge
from .policy.targets import Candidate, Gain
from .value import Maybe, Truth, Unknown, all_of, any_of

_OUTSIDERS: Final = {"user": "self-user", "role": "self-role", "group": "own-group"}


class Holder(Struct, frozen=True, kw_only=True):
    """Somebody who has policies. `kind` is user, group, role, permission-set, or empty for whoever gets `policy`."""

    kind: str
    label: str
    origin: Origin
    held: tuple[Held, ...]
    principal: iam.Principal | None = None
    policy: iam.ManagedPolicy | None = None


class Around:
    """What is known around one holder (`policy.escalation.Surroundings`)."""

    def __init__(self, account: Account, holder: Holder, documents: tuple[PolicyDocument, ...]) -> None:
        self._account = account
        self._holder = holder
        self._provider = holder.origin.account
        self._username = _username(holder)
        self._documents = documents
        self._known: dict[tuple[str, str], bool] = {}
        self._others: dict[tuple[str, str, bool], Sequence[Candidate]] = {}
        self.power = self.power_of(documents)

    @cached_property
    def _rights(self) -> ActionSet:
        return allowed_actions(self._documents, on_everything=False)

    def power_of(self, documents: Iterable[PolicyDocument]) -> Power:
        """What documents let the holder do."""
        account = self._account
        return Power(documents, username=self._username, foreign=account.foreign, home=account.home, tags=self._tags)

    @cached_property
    def _tags(self) -> Tags | None:
        """The holder's own tags, if it is a user: sessions of roles may bring tags of their own."""
        principal = self._holder.principal
        return self._account.tags(principal) if isinstance(principal, iam.User) else None

    def selves(self, target: str) -> Sequence[str]:
        """ARNs of the holder, of its groups or of its policies."""
        if target == "own-policy":
            return tuple(self._account.arn(item.policy) for item in self._holder.held if item.policy is not None)
        principal = self._holder.principal
        if principal is None:
            return self._stranger(target)
        match target, principal:
            case ("self-user", iam.User()) | ("self-role", iam.Role()) | ("own-group", iam.Group()):
                return (self._account.arn(principal),)
            case "own-group", iam.User():
                return tuple(self._account.arn(group) for group in self._account.graph.groups_of(principal))
            case "self-user", iam.Group():
                members = self._account.graph.members_of(principal)
                return (*(self._account.arn(user) for user in members), f"arn:aws:iam::{ACCOUNT}:user/⟦holder⟧")
            case _:
                return ()

    def _stranger(self, target: str) -> Sequence[str]:
        """The holder itself, where it is not in the input."""
        kind = self._holder.kind
        if kind and _OUTSIDERS.get(kind) != target:
            return ()
        return (f"arn:aws:iam::{ACCOUNT}:{target.partition('-')[2]}/⟦holder⟧",)

    def has(self, given: str) -> bool:
        """Whether the holder has a boundary or a Deny."""
        if given == "deny":
            return self.power.restricted
        return self._holder.principal is not None and self._holder.principal.boundary is not None

    def others(self, row: Row, kind: str, *, assumed: bool, among: Sequence[str] | None = None) -> Iterable[Candidate]:
        """Users, groups or roles of the same account that its policies may name, those with most to gain first."""
        if among is not None:
            return self._candidates(self._among(row, kind, among), assumed=assumed)
        key = (kind, row.service if kind == "role" else "", assumed)
        if key not in self._others:
            found = self._candidates(self._principals(row, kind), assumed=assumed)
            self._others[key] = sorted(found, key=lambda candidate: -candidate.gain)
        return self._others[key]

    def _candidates(self, principals: Iterable[tuple[iam.Principal, Truth]], *, assumed: bool) -> Iterator[Candidate]:
        own = self._holder.principal
        for principal, fits in principals:
            if principal.origin.account != self._provider or principal is own:
                continue
            arn = self._account.arn(principal)
            if not self.power.may_name(arn):
                continue
            yield Candidate(
                arn=arn,
                label=principal.origin.address,
                gain=self._gain(principal),
                truth=self.admits(principal) if assumed and isinstance(principal, iam.Role) else fits,
                policies=self._account.own_policies(principal),
                tags=self._account.tags(principal),
                doubt=self._account.doubt(principal),
            )

    def _principals(self, row: Row, kind: str) -> Iterator[tuple[iam.Principal, Truth]]:
        if kind == "role" and row.service:
            by_service = self._account.roles_by_service
            yield from by_service.get(row.service, {}).values()
            yield from by_service.get("", {}).values()
        else:
            yield from ((principal, Truth.YES) for principal in self._account.by_kind(kind))

    def _among(self, row: Row, kind: str, addresses: Iterable[str]) -> Iterator[tuple[iam.Principal, Truth]]:
        """Those of several principals that are of a kind, and that the row's service may run as."""
        fitting = self._account.roles_by_service.get(row.service, {}) if row.service else None
        for address in addresses:
            principal = self._account.principals.get(address)
            if isinstance(principal, KINDS[kind]) and (fitting is None or address in fitting):
                yield principal, Truth.YES

    def admits(self, role: iam.Role) -> Truth:
        """Whether the trust policy of a role lets the holder in, or its whole account."""
        if self._account.lets_all_in(role):
            return Truth.YES
        answer = any_of(self._is_let_in(trusted, role) for trusted in self._account.access.trust(role))
        if answer is Truth.NO or isinstance(role.trust, Unknown):
            return answer
        return all_of((answer, ~any_of(self._is_refused(statement) for statement in role.trust.statements)))

    def _is_let_in(self, trusted: Trusted, role: iam.Role) -> Truth:
        """Whether one principal of a trust policy means the holder, and the statement's conditions are true of it."""
        match trusted.kind:
            case Kind.UNKNOWN:
                return Truth.YES if self._is_mentioned(role) else Truth.UNKNOWN
            case Kind.ANYONE:
                named = True
            case Kind.ACCOUNT:
                named = trusted.account not in self._account.foreign
            case Kind.USER | Kind.ROLE | Kind.SESSION | Kind.OTHER:
                named = self._is_holder(trusted.value)
            case _:
                named = False
        if not named:
            return Truth.NO
        return self._is_true(trusted.statement.conditions if trusted.statement is not None else (), of_all=False)

    def _is_refused(self, statement: Statement) -> Truth:
        """Whether a Deny of a trust policy keeps the holder out, whatever it does."""
        if statement.effect != "Deny" or not possible_actions(statement).covers(ActionSet.of(("sts:AssumeRole",))):
            return Truth.NO
        named = statement.not_principals is not None or any(
            isinstance(item, Unknown)
            or (kind := classify(item).kind) in (Kind.ANYONE, Kind.ACCOUNT)
            or (kind in (Kind.USER, Kind.ROLE) and self._is_holder(item.value))
            for item in statement.principals or ()
        )
        return self._is_true(statement.conditions, of_all=True) if named else Truth.NO

    def _is_true(self, conditions: Iterable[Maybe[Condition]], *, of_all: bool) -> Truth:
        """Whether conditions are true of the holder: its name, ARN and tags; MFA, addresses and external ids are its own affair."""
        labels = self.power.labels
        return all_of(
            judge(item, "sts:AssumeRole", labels)
            if isinstance(item, Condition) and labels.own is not None and is_about_principal(item)
            else holds((self._seen(item),), self._context, of_all=of_all)
            for item in conditions
        )

    def _seen(self, condition: Maybe[Condition]) -> Maybe[Condition]:
        if isinstance(condition, Unknown):
            return condition
        values = tuple(self.power.localised(text) if isinstance(text, str) else text for text in condition.values)
        return Condition(condition.operator, condition.key, values)

    @cached_property
    def _context(self) -> Context:
        """The holder, as a trust policy sees it."""
        principal = self._holder.principal
        facts = {"aws:principalisawsservice": Facts(Truth.YES, Nature.FIXED, ("false",))}
        if isinstance(principal, iam.User | iam.Role):
            facts["aws:principalarn"] = Facts(Truth.YES, Nature.FIXED, (self._account.arn(principal),))
            is_user = isinstance(principal, iam.User)
            facts["aws:principaltype"] = Facts(Truth.YES, Nature.FIXED, ("User" if is_user else "AssumedRole",))
            facts["aws:username"] = Facts(Truth.of(known=is_user), Nature.FIXED, (self._username or "",))
        return Context("the holder", facts)

    def _is_mentioned(self, role: iam.Role) -> bool:
        """Whether a trust policy that is not known as a whole is computed from the holder's ARN."""
        unknown = (role.trust,) if isinstance(role.trust, Unknown) else role.trust.unknowns
        own = (self._holder.origin.address, self._holder.origin.resource)
        return any(reference.address in own for item in unknown for reference in item.references)

    def _is_holder(self, value: str) -> bool:
        """Whether a principal of a trust policy is the holder; of a group, one of its members; of nobody known, perhaps."""
        principal = self._holder.principal
        find = self._account.graph.principal
        match principal:
            case iam.User():
                return find("user", value, self._provider) is principal
            case iam.Role():
                return find("role", value, self._provider) is principal
            case iam.Group():
                members = self._account.graph.members_of(principal)
                return not members or find("user", value, self._provider) in members
            case _:
                return principal is None

    def _gain(self, principal: iam.Principal) -> Gain:
        if self._account.access.admin(principal).truth is Truth.YES:
            return Gain.ADMIN
        return Gain.NOTHING if self._rights.covers(self._account.rights(principal)) else Gain.SOME

    def workloads(self, row: Row, among: Sequence[str] | None = None) -> Iterator[Candidate]:
        """Workloads of the kinds of a row, in the same account."""
        running = self._account.running(row.runs) if among is None else self._account.running_as(row.runs, among)
        for item, role in running:
            if item.origin.account == self._provider and role is not self._holder.principal:
                arn = self.power.localised(item.arn) if item.arn else f"⟦{item.origin.identity}⟧"
                yield Candidate(arn, role.origin.address, self._gain(role), doubt=self._account.doubt(role))

    def is_known(self, kind: str, pattern: str) -> bool:
        """Whether a pattern means, or may mean, a principal of the input."""
        key = (kind, pattern)
        if key not in self._known:
            principals = self._account.by_kind(kind)
            self._known[key] = any(matches(_open(pattern), self._account.arn(item)) for item in principals)
        return self._known[key]


def _open(pattern: str) -> str:
    """A pattern with an end that is not known, as one that takes any end."""
    return pattern.replace(REST, "*")


def _username(holder: Holder) -> str | None:
    """What `${aws:username}` stands for; None for those who have no user name."""
    user = holder.principal
    if isinstance(user, iam.User):
        return user.arn.rpartition("/")[2] if isinstance(user.arn, str) else f"⟦{user.origin.identity}⟧"
    return "⟦holder⟧" if holder.kind in ("", "group", "user") else None
