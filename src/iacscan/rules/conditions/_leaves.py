"""Every condition of every policy, wherever the policy stands."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Origin, Related
from ...model import iam
from ...policy.condition.judge import Context, Facts, holds
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.grant import denies_all_of
from ...value import Maybe, Truth, Unknown
from .. import _identity
from .._rule import World


class Place(Struct, frozen=True, kw_only=True):
    """A policy with the block that holds its text.

    `holders` are the identities of the input that have it, if it is theirs. A guardrail is a policy of the organization.
    """

    document: PolicyDocument
    origin: Origin
    related: tuple[Related, ...] = ()
    is_identity: bool = False
    is_guardrail: bool = False
    holders: tuple[iam.Principal, ...] = ()


class Leaf(Struct, frozen=True):
    """One condition with the statement and the policy that it stands in."""

    place: Place
    statement: Statement
    condition: Condition

    @property
    def denies(self) -> Truth:
        """Whether the statement is a Deny."""
        effect = self.statement.effect
        return Truth.UNKNOWN if isinstance(effect, Unknown) else Truth.of(known=effect == "Deny")

    @property
    def has_long_term_keys(self) -> bool:
        """Whether users may be under the policy. Roles and permission sets have temporary credentials only."""
        holders = self.place.holders
        return not holders or not all(isinstance(holder, iam.Role | iam.PermissionSet) for holder in holders)

    def is_denied_elsewhere(self, callers: Context) -> bool:
        """Whether another statement of the policy denies such callers all that this one is about."""
        return any(
            other.effect == "Deny"
            and other.index != self.statement.index
            and holds(other.conditions, callers, of_all=True) is Truth.YES
            and denies_all_of(other, self.statement) is Truth.YES
            for other in self.place.document.statements
        )

    @property
    def is_denied_without_key(self) -> bool:
        """Whether another statement of the policy denies requests that lack the key of this condition."""
        callers = Context("a request without the key", {self.condition.key.lower(): Facts(Truth.NO)})
        return self.is_denied_elsewhere(callers)

    @property
    def text(self) -> str:
        """The condition for a line of evidence."""
        values = ", ".join(
            "(not known)" if isinstance(value, Unknown) else value for value in self.condition.values[:_SHOWN]
        )
        more = len(self.condition.values) - _SHOWN
        return f"{self.condition.operator} {self.condition.key} {values}{f' ({more} more)' if more > 0 else ''}"[
            :_LINE
        ].rstrip()

    @property
    def key(self) -> str:
        """Tells the findings about several conditions of one policy apart."""
        return f"{self.statement.sid or self.statement.index + 1}/{self.condition.operator}/{self.condition.key}"

    def consequence(self, holds: bool | None) -> str:  # noqa: FBT001  # whether the condition holds is no switch, it is the question
        """What the statement comes to if the condition holds for every request, for none, or nobody knows for which."""
        match self.denies, holds:
            case (Truth.YES, False):
                return "so the statement denies nothing"
            case (Truth.YES, True):
                return "so the statement denies whether it is met or not"
            case (Truth.NO, False):
                return "so the statement allows nothing"
            case (Truth.NO, True):
                return "so it keeps nobody out"
            case _:
                return "so the statement does not do what it says"


_SHOWN: Final = 6
_LINE: Final = 290


def leaves(world: World) -> tuple[Leaf, ...]:
    """Every condition that is known, of every policy that is known and is not one of AWS's own."""
    return world.once(_leaves)


def _leaves(world: World) -> Iterator[Leaf]:
    for place in places(world):
        for statement in place.document.statements:
            for condition in statement.conditions:
                if isinstance(condition, Condition):
                    yield Leaf(place, statement, condition)


def places(world: World) -> tuple[Place, ...]:
    """Every policy that is known and is not one of AWS's own."""
    return world.once(_places)


def _places(world: World) -> Iterator[Place]:
    estate, graph = world.estate, world.graph
    identities: set[str] = set()
    for policy in world.access.identity_policies:
        identities.add(policy.origin.address)
        if policy.via != "aws-managed":
            yield from _place(
                policy.document, policy.origin, _identity.related(policy), holders=policy.holders, is_identity=True
            )
    for boundary in estate.managed_policies:
        if boundary.origin.address not in identities:
            bounded = tuple(Related(item.origin, "bounded by it") for item in graph.bounded_by(boundary))
            yield from _place(boundary.document, boundary.origin, bounded, is_identity=True)
    for role in estate.roles:
        yield from _place(role.trust, role.origin)
    for item in estate.bucket_policies:
        bucket = graph.bucket(item.bucket, item.origin.account)
        apart = bucket is not None and bucket.origin.address != item.origin.address
        related = (Related(bucket.origin, "the bucket that it belongs to"),) if bucket is not None and apart else ()
        yield from _place(item.document, item.origin, related)
    for point in estate.access_points:
        yield from _place(point.document, point.origin)
    for resource in estate.resource_policies:
        yield from _place(resource.document, resource.origin)
    for organization in estate.organization_policies:
        yield from _place(organization.document, organization.origin, is_guardrail=True)


def _place(
    document: Maybe[PolicyDocument] | None,
    origin: Origin,
    related: tuple[Related, ...] = (),
    *,
    holders: tuple[iam.Principal, ...] = (),
    is_identity: bool = False,
    is_guardrail: bool = False,
) -> Iterator[Place]:
    if isinstance(document, PolicyDocument):
        yield Place(
            document=document,
            origin=origin,
            related=related,
            holders=holders,
            is_identity=is_identity,
            is_guardrail=is_guardrail,
        )
