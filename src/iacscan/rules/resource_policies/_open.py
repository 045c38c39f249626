"""What the rules on open resource policies share: which statements let strangers in, and how to say it."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ...model.workload import ResourcePolicy
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import Statement
from ...policy.effect import Idle, idle_because
from ...policy.grant import statement_actions
from ...policy.public import Reach, public_statements, strangers, surface_of
from ...value import Truth
from .._rule import World


class Opened(Struct, frozen=True):
    """A policy with the statements that let strangers in for certain, and those that may."""

    policy: ResourcePolicy
    public: tuple[Reach, ...]
    doubtful: tuple[Reach, ...]

    @property
    def who(self) -> str:
        """The strangers, in words."""
        return who(self.public or self.doubtful)

    @property
    def because(self) -> str:
        """Why they get in, or may."""
        found = self.public or self.doubtful
        return max(found, key=lambda item: item.level).because

    @property
    def actions(self) -> ActionSet:
        """What the statements certainly allow."""
        found = ActionSet()
        for item in self.public or self.doubtful:
            if item.statement is not None:
                found |= statement_actions(item.statement)[0]
        return found

    @property
    def evidence(self) -> tuple[str, ...]:
        """The statements."""
        found = self.public or self.doubtful
        return tuple(line for item in found if item.statement is not None for line in describe(item.statement))


def who(found: Iterable[Reach]) -> str:
    """Whom statements let in, in words."""
    return strangers((item.level, item.statement) for item in found)


def openings(world: World, kinds: Iterable[str]) -> Iterator[Opened]:
    """The policies of some kinds that let strangers in, or may.

    `NotPrincipal` is left to its own rule. Of a policy that is not known at all nothing is said here: the report counts it.
    Of statements without effect neither: IAM414 and IAM522 speak of those.
    """
    wanted = frozenset(kinds)
    for policy in world.estate.resource_policies:
        if policy.kind not in wanted:
            continue
        found = [
            item
            for item in public_statements(policy.document, surface_of(policy.kind), network_bound=policy.network_bound)
            if item.statement is not None and item.statement.not_principals is None and _has_effect(item.statement)
        ]
        if found:
            public = tuple(item for item in found if item.is_public is Truth.YES)
            yield Opened(policy, public, tuple(item for item in found if item.is_public is Truth.UNKNOWN))


def _has_effect(statement: Statement) -> bool:
    """Whether a statement may be about some request. An action that AWS does not have yet counts, for it may come."""
    return idle_because(statement) in (None, Idle.ACTIONS)


def deeds(actions: ActionSet) -> str:
    """Actions in words: "call sqs:SendMessage and sqs:ReceiveMessage"; what AWS does not have is left out, unless there is nothing else."""
    patterns = (ActionSet(actions.bits) or actions).compressed(4)
    return f"call {', '.join(patterns)}" if patterns else "call it"
