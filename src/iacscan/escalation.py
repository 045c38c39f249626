"""Who may become more than it is: the paths of `policy.escalation`, asked over the graph.

A holder is a principal of the input with all that it has, a principal outside of it that policies of the input are attached
to, or whoever gets a managed policy that is attached to nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from typing import Final

import msgspec
from msgspec import Struct

from .access import Access, Held
from .finding import Confidence, Origin, Severity
from .model import iam, workload
from .policy.action import ActionSet, of_level
from .policy.arn import ACCOUNT
from .policy.document import PolicyDocument, Statement
from .policy.escalation import Candidate, Gain, How, Opening, openings
from .policy.escalation_table import Row, starts
from .policy.grant import allowed_actions, is_admin
from .policy.pattern import overlaps_arn
from .policy.power import Power, named_actions
from .policy.principal import Kind
from .value import Maybe, Truth, Unknown

# What every workload has, and who gains only this gains nothing.
_HARMLESS: Final = (
    "*:Describe*", "*:List*", "cloudwatch:PutMetricData", "ec2:*NetworkInterface*", "ec2messages:*", "ecr:BatchCheck*",
    "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "logs:CreateLog*", "logs:PutLogEvents",
    "logs:PutRetentionPolicy", "ssm:UpdateInstanceInformation", "ssmmessages:*", "sts:GetCallerIdentity", "xray:Get*", "xray:Put*",
)  # fmt: skip
_SERVICE_ROLE: Final = ":iam::aws:policy/service-role/"
_OUTSIDERS: Final = {"user": "self-user", "role": "self-role", "group": "own-group"}


class Holder(Struct, frozen=True, kw_only=True):
    """Somebody who has policies. `kind` is user, group, role, permission-set, or empty for whoever gets `policy`."""

    kind: str
    label: str
    origin: Origin
    held: tuple[Held, ...]
    principal: iam.Principal | None = None
    policy: iam.ManagedPolicy | None = None


class Path(Struct, frozen=True, kw_only=True):
    """A way for a holder to gain rights, graded; `blocks` hold the deciding statements, the first deciding first."""

    opening: Opening
    severity: Severity
    confidence: Confidence
    blocks: tuple[Held, ...]

    @property
    def rank(self) -> tuple[bool, int, int, int, int, str]:
        """Findings by themselves first; of these the worst, then the surest, then the shortest, then the best known."""
        row = self.opening.row
        return (not row.alone, -self.severity, -self.confidence, len(row.needs), -len(row.sources), row.id)


class Escalation:
    """Answers about the holders of one estate."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.graph = access.graph
        self.estate = access.estate
        self._rights: dict[str, ActionSet] = {}

    # -- holders ----------------------------------------------------------------------------------------------------

    def holders(self) -> Iterator[Holder]:
        """Groups, users, roles, permission sets; principals that are not in the input; whoever gets an unattached policy."""
        estate = self.estate
        kinds: tuple[tuple[str, Sequence[iam.Principal]], ...] = (
            ("group", estate.groups),
            ("user", estate.users),
            ("role", estate.roles),
            ("permission-set", estate.permission_sets),
        )
        for kind, principals in kinds:
            for principal in principals:
                yield Holder(
                    kind=kind,
                    label=f"the {kind.replace('-', ' ')} {principal.origin.address}",
                    origin=principal.origin,
                    held=self.access.held(principal),
                    principal=principal,
                )
        yield from self._outsiders()
        for policy in estate.managed_policies:
            if not self.graph.attachments_of(policy) and not self.graph.bounded_by(policy):
                held = Held(
                    document=policy.document,
                    label=policy.origin.address,
                    origin=policy.origin,
                    via="attached",
                    policy=policy,
                )
                yield Holder(
                    kind="", label="whoever gets this policy", origin=policy.origin, held=(held,), policy=policy
                )

    def _outsiders(self) -> Iterator[Holder]:
        """Principals that are not in the input, or not known, with what the input gives them."""
        found: defaultdict[tuple[str, str, str], list[Held]] = defaultdict(list)
        links: tuple[iam.InlinePolicy | iam.Attachment, ...] = (*self.estate.inline_policies, *self.estate.attachments)
        for item in links:
            if self.graph.holder(item) is None:
                name = item.holder if isinstance(item.holder, str) else f"⟦{item.origin.address}⟧"
                found[item.holder_kind, name, item.origin.account].append(self.access.as_held(item))
        for (kind, name, _), held in found.items():
            shown = f"the {kind.replace('-', ' ')} of {held[0].origin.address}" if "⟦" in name else f"the {kind} {name}"
            yield Holder(kind=kind, label=shown, origin=held[0].origin, held=tuple(held))

    # -- paths ------------------------------------------------------------------------------------------------------

    def paths(self, holder: Holder) -> tuple[Path, ...]:
        """Every path of a holder, the worst first; none for administrators."""
        held = tuple(item for item in holder.held if not self._is_for_services(holder, item))
        documents = tuple(item.document for item in held if isinstance(item.document, PolicyDocument))
        actions = _actions(documents)
        if not starts(actions):
            return ()
        if holder.principal is not None and self.access.admin(holder.principal).truth is Truth.YES:
            return ()
        if holder.principal is None and is_admin(documents).truth is Truth.YES:
            return ()
        around = _Around(self, holder, documents)
        boundary = self.access.boundary(holder.principal) if holder.principal is not None else None
        cap = self._cap(boundary, around)
        found = [
            self._graded(holder, opening, held, boundary) for opening in openings(around.power, cap, around, actions)
        ]
        return tuple(sorted(_without_supersets(found), key=lambda path: path.rank))

    def _cap(self, boundary: Maybe[PolicyDocument] | None, around: "_Around") -> Power | None:
        return around.power_of((boundary,)) if isinstance(boundary, PolicyDocument) else None

    def _is_for_services(self, holder: Holder, held: Held) -> bool:
        """Whether a policy is one that AWS made for a service, and only services may become the role that has it."""
        if not isinstance(holder.principal, iam.Role) or _SERVICE_ROLE not in held.name:
            return False
        trust = self.access.trust(holder.principal)
        return all(trusted.kind is Kind.SERVICE for trusted in trust)

    def _graded(
        self, holder: Holder, opening: Opening, held: Sequence[Held], boundary: Maybe[PolicyDocument] | None
    ) -> Path:
        if isinstance(boundary, Unknown):
            because = f"its permissions boundary is not known: {boundary.because}"
            opening = msgspec.structs.replace(opening, truth=Truth.UNKNOWN, because=because)
        severity, confidence = self._grade(holder, opening)
        blocks = dict.fromkeys(_block(held, statement) for statement in opening.statements)
        return Path(opening=opening, severity=severity, confidence=confidence, blocks=tuple(blocks))

    def _grade(self, holder: Holder, opening: Opening) -> tuple[Severity, Confidence]:
        """How bad a path is in the hands of its holder, and how sure it is that there is something to gain."""
        severity = Severity[opening.row.severity.upper()]
        confidence = Confidence.HIGH if opening.how is How.PROVEN else Confidence.MEDIUM
        loose = opening.how in (How.LOOSE, How.OUTSIDE)
        if opening.row.kind == "org":
            # These calls work in the account that manages the organization only; its administrators are meant to make them.
            severity, loose = min(severity, Severity.HIGH), not self._manages_organization
        elif (
            severity is Severity.HIGH
            and (opening.how, opening.gain) == (How.PROVEN, Gain.ADMIN)
            and self._exposed(holder)
        ):
            severity = Severity.CRITICAL
        if opening.gain is Gain.SOME or loose:
            severity = Severity(max(severity - 1, Severity.LOW))
        if opening.how is not How.OUTSIDE and loose:
            confidence = Confidence.LOW
        if holder.policy is not None:
            return min(severity, Severity.MEDIUM), min(confidence, Confidence.MEDIUM)
        return severity, confidence

    @cached_property
    def _manages_organization(self) -> bool:
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

    def _exposed(self, holder: Holder) -> bool:
        """Whether a holder's credentials are long-lived, or lie where code runs or strangers come from."""
        if holder.kind == "user":
            return True
        role = holder.principal
        if not isinstance(role, iam.Role):
            return False
        trusted = self.access.trust(role)
        outside = any(item.kind in (Kind.ANYONE, Kind.OIDC, Kind.SAML, Kind.COGNITO) for item in trusted)
        return outside or self.access.is_compute_role(role) is Truth.YES

    # -- rights -----------------------------------------------------------------------------------------------------

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


class _Around:
    """What is known around one holder (`policy.escalation.Surroundings`)."""

    def __init__(self, whole: Escalation, holder: Holder, documents: tuple[PolicyDocument, ...]) -> None:
        self._whole = whole
        self._holder = holder
        self._account = holder.origin.account
        name = holder.principal.name if isinstance(holder.principal, iam.User) else None
        self._username = name if isinstance(name, str) else "⟦holder⟧" if holder.kind in ("", "group", "user") else None
        self._documents = documents
        self.power = self.power_of(documents)

    @cached_property
    def _rights(self) -> ActionSet:
        return allowed_actions(self._documents, on_everything=False)

    def power_of(self, documents: Iterable[PolicyDocument]) -> Power:
        """What documents let the holder do."""
        return Power(documents, username=self._username, foreign=self._whole.foreign)

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
                return tuple(self._arn(group) for group in self._whole.graph.groups_of(principal))
            case "self-user", iam.Group():
                members = self._whole.graph.members_of(principal)
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

    def others(self, row: Row, kind: str, *, assumed: bool) -> Iterator[Candidate]:
        """Users, groups or roles of the same account, with what they have that the holder has not."""
        own = self._holder.principal
        for principal, truth in self._principals(row, kind):
            if principal.origin.account != self._account or principal is own:
                continue
            if assumed and isinstance(principal, iam.Role):
                truth = self._admits(principal)  # noqa: PLW2901  # who may assume it is what counts here
            attached = (item.policy for item in self._whole.access.held(principal) if item.policy is not None)
            yield Candidate(
                arn=self._arn(principal),
                label=principal.origin.address,
                gain=self._gain(principal),
                truth=truth,
                policies=tuple(self._arn(policy) for policy in attached),
            )

    def _principals(self, row: Row, kind: str) -> Iterator[tuple[iam.Principal, Truth]]:
        estate = self._whole.estate
        if kind == "role" and row.service:
            by_service = self._whole.roles_by_service
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
        for trusted in self._whole.access.trust(role):
            match trusted.kind:
                case Kind.ANYONE:
                    return Truth.YES
                case Kind.UNKNOWN:
                    if self._is_mentioned(role):
                        return Truth.YES
                    answer = Truth.UNKNOWN
                case Kind.ACCOUNT:
                    if trusted.account not in self._whole.foreign:
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
        return self._whole.graph.principal(kind, value, self._account) is principal

    def _gain(self, principal: iam.Principal) -> Gain:
        if self._whole.access.admin(principal).truth is Truth.YES:
            return Gain.ADMIN
        return Gain.SOME if self._whole.rights(principal) - self._rights else Gain.NOTHING

    def workloads(self, row: Row) -> Iterator[Candidate]:
        """Workloads of the kinds of a row, in the same account."""
        for kind in row.runs:
            for item in self._whole.workloads_by_kind.get(kind, ()):
                if item.origin.account != self._account:
                    continue
                for role in self._whole.graph.roles_of(item):
                    if role is not self._holder.principal:
                        arn = self.power.localised(item.arn) if item.arn else f"⟦{item.origin.address}⟧"
                        yield Candidate(arn, role.origin.address, self._gain(role))

    def is_known(self, kind: str, pattern: str) -> bool:
        """Whether a pattern means a principal of the input."""
        rows = {"user": self._whole.estate.users, "group": self._whole.estate.groups, "role": self._whole.estate.roles}
        return any(overlaps_arn(pattern, self._arn(item)) is not Truth.NO for item in rows.get(kind, ()))

    def _arn(self, item: iam.Principal | iam.ManagedPolicy) -> str:
        if isinstance(item.arn, str):
            return self.power.localised(item.arn)
        kind = "policy" if isinstance(item, iam.ManagedPolicy) else type(item).__name__.lower()
        return f"arn:aws:iam::{ACCOUNT}:{kind}/⟦{item.origin.address}⟧"


@cache
def _harmless() -> ActionSet:
    return ActionSet.of(_HARMLESS) | of_level("List")


@lru_cache(maxsize=1024)
def _actions(documents: tuple[PolicyDocument, ...]) -> ActionSet:
    return named_actions(statement for document in documents for statement in document.statements)


def _block(held: Iterable[Held], statement: Statement) -> Held:
    """The policy that a deciding statement stands in."""
    return next(
        item for item in held if isinstance(item.document, PolicyDocument) and statement in item.document.statements
    )


def _without_supersets(paths: list[Path]) -> Iterator[Path]:
    """Leave out a path that only adds actions to another one that is as bad and as sure."""
    needed = [(frozenset(path.opening.row.needs), path) for path in paths]
    for actions, path in needed:
        if not any(
            smaller < actions
            and other.opening.truth is path.opening.truth
            and (other.severity, other.confidence) >= (path.severity, path.confidence)
            for smaller, other in needed
        ):
            yield path
