"""Who may become more than it is: the paths of `policy.escalation`, asked over the graph.

A holder is a principal of the input with all that it has, a principal outside of it that policies of the input are attached
to, or whoever gets a managed policy that is attached to nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Struct

from .access import Access, Held
from .account import Account
from .finding import Confidence, Severity
from .model import iam
from .policy.action import ActionSet
from .policy.capped import Capped
from .policy.document import PolicyDocument, Statement
from .policy.escalation import Opening, hops, openings
from .policy.escalation_table import starts
from .policy.grant import is_admin
from .policy.power import Power, named_actions
from .policy.principal import Kind
from .policy.targets import Gain, How
from .surroundings import Around, Holder
from .value import Maybe, Truth, Unknown

_SERVICE_ROLE: Final = ":iam::aws:policy/service-role/"
_KINDS: Final = {
    iam.Group: "group", iam.User: "user", iam.Role: "role", iam.PermissionSet: "permission-set",
}  # fmt: skip


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
        self.account = Account(access)
        self._paths: dict[tuple[str, str], tuple[Path, ...]] = {}
        self._arounds: dict[tuple[str, str], Around] = {}

    # -- holders ----------------------------------------------------------------------------------------------------

    def holders(self) -> Iterator[Holder]:
        """Groups, users, roles, permission sets; principals that are not in the input; whoever gets an unattached policy."""
        estate = self.estate
        kinds: tuple[Sequence[iam.Principal], ...] = (
            estate.groups, estate.users, estate.roles, estate.permission_sets
        )  # fmt: skip
        for principals in kinds:
            for principal in principals:
                yield self.holder(principal)
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

    def holder(self, principal: iam.Principal) -> Holder:
        """A principal of the input, with all that it has."""
        kind = _KINDS[type(principal)]
        return Holder(
            kind=kind,
            label=f"{_kind(kind)} {principal.origin.address}",
            origin=principal.origin,
            held=self.access.held(principal),
            principal=principal,
        )

    def _outsiders(self) -> Iterator[Holder]:
        """Principals that are not in the input, or not known, with what the input gives them."""
        found: defaultdict[tuple[str, str, str], list[Held]] = defaultdict(list)
        links: tuple[iam.InlinePolicy | iam.Attachment, ...] = (*self.estate.inline_policies, *self.estate.attachments)
        for item in links:
            if self.graph.holder(item) is None:
                name = item.holder if isinstance(item.holder, str) else f"⟦{item.origin.identity}⟧"
                found[item.holder_kind, name, item.origin.account].append(self.access.as_held(item))
        for (kind, name, _), held in found.items():
            shown = f"{_kind(kind)} of {held[0].origin.address}" if "⟦" in name else f"{_kind(kind)} {name}"
            yield Holder(kind=kind, label=shown, origin=held[0].origin, held=tuple(held))

    # -- paths ------------------------------------------------------------------------------------------------------

    def paths(self, holder: Holder) -> tuple[Path, ...]:
        """Every path of a holder, the worst first; none for administrators."""
        key = (holder.label, holder.origin.address)
        if key not in self._paths:
            self._paths[key] = self._sought(holder)
        return self._paths[key]

    def _sought(self, holder: Holder) -> tuple[Path, ...]:
        held, documents = self._usable(holder)
        actions = _actions(documents)
        if not starts(actions) or self.is_admin(holder):
            return ()
        around = self._around(holder)
        boundary = self._boundary(holder)
        cap = self._cap(boundary, around)
        found = [
            self._graded(holder, opening, held, boundary) for opening in openings(around.power, cap, around, actions)
        ]
        return tuple(sorted(_without_supersets(found), key=lambda path: path.rank))

    def may_hop(self, holder: Holder) -> bool:
        """Whether a holder has actions by which it may become somebody else; quick, to be asked first."""
        actions = _actions(self._usable(holder)[1])
        return starts(actions) or "sts:AssumeRole" in actions

    def hops(self, holder: Holder, goals: Sequence[str]) -> Iterator[Path]:
        """Proven ways of a holder to become one of several principals of the input, given by address."""
        boundary = self._boundary(holder)
        if isinstance(boundary, Unknown) or not goals:
            return
        held, documents = self._usable(holder)
        around = self._around(holder)
        for opening in hops(around.power, self._cap(boundary, around), around, _actions(documents), goals):
            yield self._graded(holder, opening, held, boundary)

    def _around(self, holder: Holder) -> Around:
        key = (holder.label, holder.origin.address)
        if key not in self._arounds:
            self._arounds[key] = Around(self.account, holder, self._usable(holder)[1])
        return self._arounds[key]

    def names(self, holder: Holder, action: str) -> bool:
        """Whether some Allow of a holder names an action; quick, to be asked first."""
        return action in _actions(self._usable(holder)[1])

    def power(self, holder: Holder) -> Power:
        """What a holder's policies let it do, whatever its permissions boundary."""
        return self._around(holder).power

    def capped(self, holder: Holder) -> Maybe[Capped]:
        """What a holder may do, within its permissions boundary; Unknown if that is not known."""
        boundary = self._boundary(holder)
        if isinstance(boundary, Unknown):
            return Unknown(f"its permissions boundary is not known: {boundary.because}")
        around = self._around(holder)
        return Capped(around.power, self._cap(boundary, around))

    def is_admin(self, holder: Holder) -> bool:
        """Whether a holder is certainly an administrator."""
        if holder.principal is not None:
            return self.access.admin(holder.principal).truth is Truth.YES
        return is_admin(self._usable(holder)[1]).truth is Truth.YES

    def _usable(self, holder: Holder) -> tuple[tuple[Held, ...], tuple[PolicyDocument, ...]]:
        """The policies that whoever becomes the holder may use, and their documents as far as they are known."""
        held = tuple(item for item in holder.held if not self._is_for_services(holder, item))
        return held, tuple(item.document for item in held if isinstance(item.document, PolicyDocument))

    def _boundary(self, holder: Holder) -> Maybe[PolicyDocument] | None:
        return self.access.boundary(holder.principal) if holder.principal is not None else None

    def _cap(self, boundary: Maybe[PolicyDocument] | None, around: Around) -> Power | None:
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
        severity, confidence = self.grade(holder, opening)
        blocks = dict.fromkeys(block_of(held, statement) for statement in opening.statements)
        return Path(opening=opening, severity=severity, confidence=confidence, blocks=tuple(blocks))

    def grade(self, holder: Holder, opening: Opening) -> tuple[Severity, Confidence]:
        """How bad a path is in the hands of its holder, and how sure it is that there is something to gain."""
        severity = Severity[opening.row.severity.upper()]
        confidence = Confidence.HIGH if opening.how is How.PROVEN else Confidence.MEDIUM
        loose = opening.how in (How.LOOSE, How.OUTSIDE)
        if opening.row.kind == "org":
            # These calls work in the account that manages the organization only; its administrators are meant to make them.
            severity, loose = min(severity, Severity.HIGH), not self.account.manages_organization
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


@lru_cache(maxsize=1024)
def _actions(documents: tuple[PolicyDocument, ...]) -> ActionSet:
    return named_actions(statement for document in documents for statement in document.statements)


def block_of(held: Iterable[Held], statement: Statement) -> Held:
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


def _kind(kind: str) -> str:
    """A holder's kind, as the subject of a sentence: who acts is not a group, but somebody in it."""
    return "a member of the group" if kind == "group" else f"the {kind.replace('-', ' ')}"
