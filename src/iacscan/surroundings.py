"""What is known of the account around a holder of policies, as `policy.escalation` asks for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Final

from msgspec import Struct

from .access import Access, Held
from .finding import Origin
from .model import iam, workload
from .policy.action import ActionSet, of_level
from .policy.arn import ACCOUNT, REST
from .policy.document import PolicyDocument
from .policy.escalation import Candidate, Gain
from .policy.escalation_table import Row
from .policy.grant import allowed_actions
from .policy.pattern import matches
from .policy.power import Power
from .policy.principal import Kind
from .value import Truth, Unknown

# What every workload has, and who gains only this gains nothing.
_HARMLESS: Final = (
    "*:Describe*", "*:List*", "cloudwatch:PutMetricData", "ec2:*NetworkInterface*", "ec2messages:*", "ecr:BatchCheck*",
    "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "logs:CreateLog*", "logs:PutLogEvents",
    "logs:PutRetentionPolicy", "ssm:UpdateInstanceInformation", "ssmmessages:*", "sts:GetCallerIdentity", "xray:Get*", "xray:Put*",
)  # fmt: skip
_OUTSIDERS: Final = {"user": "self-user", "role": "self-role", "group": "own-group"}


class Holder(Struct, frozen=True, kw_only=True):
    """Somebody who has policies. `kind` is user, group, role, permission-set, or empty for whoever gets `policy`."""

    kind: str
    label: str
    origin: Origin
    held: tuple[Held, ...]
    principal: iam.Principal | None = None
    policy: iam.ManagedPolicy | None = None


class Account:
    """Who there is, what they have, and what they run; shared by all holders of an estate."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.graph = access.graph
        self.estate = access.estate
        self._rights: dict[str, ActionSet] = {}

    def rights(self, principal: iam.Principal) -> ActionSet:
        """The actions that a principal certainly has on any resource; those that every workload has left out."""
        key = principal.origin.address
        if key not in self._rights:
            known = allowed_actions(self.access.documents(principal), on_everything=False)
            self._rights[key] = known - _harmless()
        return self._rights[key]

    @cached_property
    def roles_by_service(self) -> dict[str, tuple[tuple[iam.Role, Truth], ...]]:
        """Roles by the first part and by the whole name of each service that may assume them; "" if that is not known."""
        found: defaultdict[str, dict[str, tuple[iam.Role, Truth]]] = defaultdict(dict)
        for role in self.estate.roles:
            for trusted in self.access.trust(role):
                if trusted.kind is Kind.SERVICE:
                    for name in (trusted.service, trusted.service.partition(".")[0]):
                        found[name][role.origin.address] = (role, Truth.YES)
                elif trusted.kind is Kind.UNKNOWN:
                    found[""][role.origin.address] = (role, Truth.UNKNOWN)
        return {service: tuple(roles.values()) for service, roles in found.items()}

    @cached_property
    def workloads_by_kind(self) -> dict[str, list[workload.Workload]]:
        """Workloads by kind."""
        found: defaultdict[str, list[workload.Workload]] = defaultdict(list)
        for item in self.estate.workloads:
            found[item.kind].append(item)
        return found

    @cached_property
    def foreign(self) -> frozenset[str]:
        """Account ids in trusts and organizations that are known to be other accounts than the one that is changed."""
        others = {account.id for account in self.estate.accounts_in_organization if isinstance(account.id, str)}
        return frozenset(others - self.estate.accounts)

    @cached_property
    def manages_organization(self) -> bool:
        """Whether the input shows the account to be one that manages an organization or its Identity Center."""
        estate = self.estate
        return bool(
            estate.organizations
            or estate.organizational_units
            or estate.organization_policies
            or estate.accounts_in_organization
            or estate.permission_sets
            or estate.assignments
        )


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
        return Power(documents, username=self._username, foreign=self._account.foreign)

    def selves(self, target: str) -> Sequence[str]:
        """ARNs of the holder, of its groups or of its policies."""
        if target == "own-policy":
            return tuple(self._arn(item.policy) for item in self._holder.held if item.policy is not None)
        principal = self._holder.principal
        if principal is None:
            return self._stranger(target)
        match target, principal:
            case ("self-user", iam.User()) | ("self-role", iam.Role()) | ("own-group", iam.Group()):
                return (self._arn(principal),)
            case "own-group", iam.User():
                return tuple(self._arn(group) for group in self._account.graph.groups_of(principal))
            case "self-user", iam.Group():
                members = self._account.graph.members_of(principal)
                return (*(self._arn(user) for user in members), f"arn:aws:iam::{ACCOUNT}:user/⟦holder⟧")
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

    def others(self, row: Row, kind: str, *, assumed: bool) -> Sequence[Candidate]:
        """Users, groups or roles of the same account that its policies may name, those with most to gain first."""
        key = (kind, row.service if kind == "role" else "", assumed)
        if key not in self._others:
            found = self._candidates(row, kind, assumed=assumed)
            self._others[key] = sorted(found, key=lambda candidate: -candidate.gain)
        return self._others[key]

    def _candidates(self, row: Row, kind: str, *, assumed: bool) -> Iterator[Candidate]:
        own = self._holder.principal
        for principal, fits in self._principals(row, kind):
            if principal.origin.account != self._provider or principal is own:
                continue
            arn = self._arn(principal)
            if not self.power.may_name(arn):
                continue
            attached = (item.policy for item in self._account.access.held(principal) if item.policy is not None)
            yield Candidate(
                arn=arn,
                label=principal.origin.address,
                gain=self._gain(principal),
                truth=self._admits(principal) if assumed and isinstance(principal, iam.Role) else fits,
                policies=tuple(self._arn(policy) for policy in attached),
            )

    def _principals(self, row: Row, kind: str) -> Iterator[tuple[iam.Principal, Truth]]:
        estate = self._account.estate
        if kind == "role" and row.service:
            by_service = self._account.roles_by_service
            yield from (*by_service.get(row.service, ()), *by_service.get("", ()))
            return
        found: Sequence[iam.Principal]
        match kind:
            case "user":
                found = estate.users
            case "group":
                found = estate.groups
            case _:
                found = estate.roles
        yield from ((principal, Truth.YES) for principal in found)

    def _admits(self, role: iam.Role) -> Truth:
        """Whether the trust policy of a role lets the holder in, or its whole account."""
        answer = Truth.NO
        for trusted in self._account.access.trust(role):
            match trusted.kind:
                case Kind.ANYONE:
                    return Truth.YES
                case Kind.UNKNOWN:
                    if self._is_mentioned(role):
                        return Truth.YES
                    answer = Truth.UNKNOWN
                case Kind.ACCOUNT:
                    if trusted.account not in self._account.foreign:
                        return Truth.YES
                case Kind.USER | Kind.ROLE | Kind.SESSION | Kind.OTHER:
                    if self._is_holder(trusted.value):
                        return Truth.YES
                case _:
                    pass
        return answer

    def _is_mentioned(self, role: iam.Role) -> bool:
        """Whether a trust policy that is not known as a whole is computed from the holder's ARN."""
        unknown = (role.trust,) if isinstance(role.trust, Unknown) else role.trust.unknowns
        own = (self._holder.origin.address, self._holder.origin.resource)
        return any(reference.address in own for item in unknown for reference in item.references)

    def _is_holder(self, value: str) -> bool:
        principal = self._holder.principal
        if not isinstance(principal, iam.User | iam.Role):
            return principal is None or isinstance(principal, iam.Group)
        kind = "user" if isinstance(principal, iam.User) else "role"
        return self._account.graph.principal(kind, value, self._provider) is principal

    def _gain(self, principal: iam.Principal) -> Gain:
        if self._account.access.admin(principal).truth is Truth.YES:
            return Gain.ADMIN
        return Gain.NOTHING if self._rights.covers(self._account.rights(principal)) else Gain.SOME

    def workloads(self, row: Row) -> Iterator[Candidate]:
        """Workloads of the kinds of a row, in the same account."""
        for kind in row.runs:
            for item in self._account.workloads_by_kind.get(kind, ()):
                if item.origin.account != self._provider:
                    continue
                for role in self._account.graph.roles_of(item):
                    if role is not self._holder.principal:
                        arn = self.power.localised(item.arn) if item.arn else f"⟦{item.origin.address}⟧"
                        yield Candidate(arn, role.origin.address, self._gain(role))

    def is_known(self, kind: str, pattern: str) -> bool:
        """Whether a pattern means, or may mean, a principal of the input."""
        key = (kind, pattern)
        if key not in self._known:
            estate = self._account.estate
            principals = {"user": estate.users, "group": estate.groups, "role": estate.roles}.get(kind, ())
            self._known[key] = any(matches(_open(pattern), self._arn(item)) for item in principals)
        return self._known[key]

    def _arn(self, item: iam.Principal | iam.ManagedPolicy) -> str:
        if isinstance(item.arn, str):
            return self.power.localised(item.arn)
        kind = "policy" if isinstance(item, iam.ManagedPolicy) else type(item).__name__.lower()
        return f"arn:aws:iam::{ACCOUNT}:{kind}/⟦{item.origin.address}⟧"


def _open(pattern: str) -> str:
    """A pattern with an end that is not known, as one that takes any end."""
    return pattern.replace(REST, "*")


def _username(holder: Holder) -> str | None:
    """What `${aws:username}` stands for; None for those who have no user name."""
    user = holder.principal
    if isinstance(user, iam.User):
        return user.arn.rpartition("/")[2] if isinstance(user.arn, str) else f"⟦{user.origin.address}⟧"
    return "⟦holder⟧" if holder.kind in ("", "group", "user") else None


@cache
def _harmless() -> ActionSet:
    return ActionSet.of(_HARMLESS) | of_level("List")
