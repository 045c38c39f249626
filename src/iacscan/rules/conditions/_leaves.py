"""Every condition of every policy, wherever the policy stands."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Origin, Related
from ...model import iam
from ...policy.condition.judge import Context, Facts, holds
from ...policy.condition.operators import Family, parse_operator
from ...policy.condition.perimeter import border
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.grant import denies_all_of
from ...value import Maybe, Truth, Unknown
from .. import _identity
from .._rule import World


class Place(Struct, frozen=True, kw_only=True):
    """A policy with the block that holds its text.

    `kind` is "identity", "role" for a trust policy, "s3-bucket", "s3-access-point", the kind of another `ResourcePolicy` ("kms-key"), or the type of
    a policy of the organization ("RESOURCE_CONTROL_POLICY"; "organization" if it is not known). `holders` are the identities of the input
    that have it, if it is theirs. A guardrail is a policy of the organization. `network_bound`: the resource answers only inside a VPC.
    """

    document: PolicyDocument
    origin: Origin
    related: tuple[Related, ...] = ()
    is_identity: bool = False
    is_guardrail: bool = False
    holders: tuple[iam.Principal, ...] = ()
    kind: str = "identity"
    network_bound: bool = False

    @property
    def is_resource_policy(self) -> bool:
        """Whether it belongs to a resource: no policy of identities, of trust or of the organization."""
        return not (self.is_identity or self.is_guardrail or self.kind == "role")


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
    def holds_without_key(self) -> bool | None:
        """Whether the condition holds for requests without its key; None where that is not known."""
        operator = parse_operator(self.condition.operator)
        if operator is None:
            return None
        if operator.family is Family.NULL:
            values = {value.lower() if isinstance(value, str) else "" for value in self.condition.values}
            return values == {"true"} if values <= {"true", "false"} and len(values) == 1 else None
        return operator.if_missing

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


def bordered(world: World) -> Iterator[Leaf]:
    """Of each Deny of outsiders the condition that it measures callers by; the first, if there are several."""
    for place in places(world):
        for statement in place.document.statements:
            borders = (
                item for item in statement.conditions if isinstance(item, Condition) and border(item) is not None
            )
            first = next(borders, None)
            if first is not None and statement.effect == "Deny":
                yield Leaf(place, statement, first)


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
        yield from _place(role.trust, role.origin, kind="role")
    for item in estate.bucket_policies:
        bucket = graph.bucket(item.bucket, item.origin.account)
        apart = bucket is not None and bucket.origin.address != item.origin.address
        related = (Related(bucket.origin, "the bucket that it belongs to"),) if bucket is not None and apart else ()
        yield from _place(item.document, item.origin, related, kind="s3-bucket")
    for point in estate.access_points:
        yield from _place(point.document, point.origin, kind="s3-access-point")
    for resource in estate.resource_policies:
        yield from _place(resource.document, resource.origin, kind=resource.kind, network_bound=resource.network_bound)
    for organization in estate.organization_policies:
        kind = organization.kind if isinstance(organization.kind, str) else "organization"
        yield from _place(organization.document, organization.origin, is_guardrail=True, kind=kind)


def _place(
    document: Maybe[PolicyDocument] | None,
    origin: Origin,
    related: tuple[Related, ...] = (),
    *,
    holders: tuple[iam.Principal, ...] = (),
    is_identity: bool = False,
    is_guardrail: bool = False,
    kind: str = "identity",
    network_bound: bool = False,
) -> Iterator[Place]:
    if isinstance(document, PolicyDocument):
        yield Place(
            document=document,
            origin=origin,
            related=related,
            holders=holders,
            is_identity=is_identity,
            is_guardrail=is_guardrail,
            kind=kind,
            network_bound=network_bound,
        )
