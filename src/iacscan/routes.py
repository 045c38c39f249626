"""Ways to administration over several principals: each step makes the holder somebody else, the last one an administrator.

A route is made of steps that are certain, towards principals that are known; only its last step may lead to "any role that the service may
use". It is searched breadth-first, backwards from those who are administrators or can make themselves one, so that every principal is
looked at once and every route is the shortest. Routes have at most `MOST_STEPS` steps.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from .access import Held
from .escalation import Escalation, Path
from .finding import Confidence, Severity
from .model import iam
from .policy.action import ActionSet
from .policy.document import PolicyDocument, Statement
from .policy.escalation import Opening
from .policy.escalation_table import ASSUMING, find_row
from .policy.grant import possible_actions
from .policy.principal import Kind
from .policy.targets import Gain, How
from .surroundings import Around, Holder
from .value import Truth

MOST_STEPS: Final = 4

_Key: TypeAlias = tuple[str, str]
_KINDS: Final = {Kind.USER: "user", Kind.ROLE: "role"}


class Step(Struct, frozen=True):
    """What one principal does on the way. The target of the path's opening is whom it becomes."""

    who: Holder
    path: Path

    @property
    def is_plain(self) -> bool:
        """Whether it only assumes a role, which is what roles are for."""
        return self.path.opening.row.id == ASSUMING


class Route(Struct, frozen=True):
    """The shortest way of a holder to administration, of two steps or more, graded; as sure as its least sure step."""

    holder: Holder
    steps: tuple[Step, ...]
    severity: Severity
    confidence: Confidence

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The worst first; of these the surest, then the shortest."""
        return (-self.severity, -self.confidence, len(self.steps), self.holder.origin.address)

    @property
    def cut(self) -> int:
        """The number, from 1, of the step to cut: the last one that is more than assuming a role, else the last."""
        unusual = [number for number, step in enumerate(self.steps, start=1) if not step.is_plain]
        return unusual[-1] if unusual else len(self.steps)


class Routes:
    """All routes of an estate. Those who are administrators, or can make themselves one in a single step, have none."""

    def __init__(self, escalation: Escalation) -> None:
        self._escalation = escalation
        self._holders = tuple(escalation.holders())
        self._principals = {holder.origin.address: holder for holder in self._holders if holder.principal is not None}

    def all(self) -> Iterator[Route]:
        """Every route, one for each holder, in the order of the holders."""
        for holder in self._holders:
            steps = tuple(self._steps(holder))
            if len(steps) > 1:
                yield self._graded(holder, steps)

    def _steps(self, holder: Holder) -> Iterator[Step]:
        at: Holder | None = holder
        while at is not None and (path := self._next.get(_key(at))) is not None:
            yield Step(at, path)
            at = None if _key(at) in self._finals else self._principals.get(path.opening.target)

    def _graded(self, holder: Holder, steps: tuple[Step, ...]) -> Route:
        """As bad as its least step in the hands of the holder would be; medium where all that is done is to assume roles."""
        unusual = [replace(step.path.opening, gain=Gain.ADMIN) for step in steps if not step.is_plain]
        severities = (self._escalation.grade(holder, opening)[0] for opening in unusual)
        return Route(
            holder=holder,
            steps=steps,
            severity=min(severities, default=Severity.MEDIUM),
            confidence=min(step.path.confidence for step in steps),
        )

    # -- the search -------------------------------------------------------------------------------------------------

    @cached_property
    def _next(self) -> dict[_Key, Path]:
        """The first step of the shortest way of everyone who has a way."""
        found = dict(self._finals)
        hopping = [
            holder
            for holder in self._holders
            if _key(holder) not in found and self._escalation.may_hop(holder) and not self._escalation.is_admin(holder)
        ]
        sure = {
            address: found[key].confidence
            for address, holder in self._principals.items()
            if (key := _key(holder)) in found
        }
        goals = self._arrive(dict.fromkeys(self._admins(), Confidence.HIGH), hopping, found)
        goals |= sure
        for _ in range(MOST_STEPS - 1):
            goals = self._arrive(goals, hopping, found)
        return found

    def _arrive(
        self, goals: dict[str, Confidence], hopping: list[Holder], found: dict[_Key, Path]
    ) -> dict[str, Confidence]:
        """Note the first step of everyone who becomes one of the goals, by preference a sure one; return those as goals."""
        reached: dict[str, Confidence] = {}
        for confidence in sorted(set(goals.values()), reverse=True):
            wanted = sorted(goal for goal, sure in goals.items() if sure is confidence)
            steps = [
                (holder, path)
                for holder in hopping
                if _key(holder) not in found and (path := next(self._escalation.hops(holder, wanted), None)) is not None
            ]
            for holder, path in (*steps, *self._named(wanted)):
                if _key(holder) not in found and not self._escalation.is_admin(holder):
                    found[_key(holder)] = path
                    if holder.principal is not None:
                        reached[holder.origin.address] = min(confidence, path.confidence)
        return reached

    @cached_property
    def _finals(self) -> dict[_Key, Path]:
        """The best single step to administration, of those who have one."""
        found: dict[_Key, Path] = {}
        for holder in self._holders:
            last = next((path for path in self._escalation.paths(holder) if is_final(path.opening)), None)
            if last is not None:
                found[_key(holder)] = last
        return found

    def _admins(self) -> Iterator[str]:
        """Users and roles that are administrators, if there is anybody who may become them."""
        if any(self._escalation.may_hop(holder) for holder in self._holders) or self._finals:
            for address, holder in self._principals.items():
                if self._escalation.is_admin(holder):
                    yield address

    def _named(self, goals: Iterable[str]) -> Iterator[tuple[Holder, Path]]:
        """Users and roles that the trust policy of one of the goals names: they need no permission to assume it.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
        """
        access, graph = self._escalation.access, self._escalation.graph
        for role in (self._principals[goal].principal for goal in goals):
            if not isinstance(role, iam.Role):
                continue
            for trusted in access.trust(role):
                kind = _KINDS.get(trusted.kind)
                named = None if kind is None else graph.principal(kind, trusted.value, role.origin.account)
                holder = None if named is None else self._principals.get(named.origin.address)
                if holder is not None and trusted.statement is not None and self._may_assume(holder, role):
                    yield holder, _assuming(role, trusted.statement)

    def _may_assume(self, holder: Holder, role: iam.Role) -> bool:
        """Whether a role's trust is enough for a holder that it names: no boundary and no Deny stands against it."""
        principal = holder.principal
        if principal is None or principal.boundary is not None or principal.origin.account != role.origin.account:
            return False
        documents = tuple(held.document for held in holder.held if isinstance(held.document, PolicyDocument))
        assume = ActionSet.of(("sts:AssumeRole",))
        denies = (item for document in documents for item in document.statements if item.effect != "Allow")
        if len(documents) < len(holder.held) or any(possible_actions(item).overlaps(assume) for item in denies):
            return False
        return Around(self._escalation.account, holder, documents).admits(role) is Truth.YES


def _key(holder: Holder) -> _Key:
    return (holder.label, holder.origin.address)


def is_final(opening: Opening) -> bool:
    """Whether a path ends as an administrator of the account."""
    row = opening.row
    surely = opening.truth is Truth.YES and opening.how in (How.PROVEN, How.OPEN) and opening.gain is Gain.ADMIN
    return surely and row.alone and not row.given and row.kind not in ("credential", "org")


def _assuming(role: iam.Role, statement: Statement) -> Path:
    """The step of somebody whom the trust policy of a role names."""
    opening = Opening(
        row=find_row(ASSUMING),
        truth=Truth.YES,
        how=How.PROVEN,
        gain=Gain.SOME,
        target=role.origin.address,
        statements=(statement,),
    )
    trust = Held(document=role.trust, label=f"trust policy of {role.origin.address}", origin=role.origin, via="trust")
    return Path(opening=opening, severity=Severity.MEDIUM, confidence=Confidence.HIGH, blocks=(trust,))
