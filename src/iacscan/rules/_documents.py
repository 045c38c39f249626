"""Every policy text of an estate, for rules about what any policy may get wrong."""

from collections.abc import Iterator

from msgspec import Struct

from ..finding import Origin, Related
from ..policy.document import PolicyDocument
from ._rule import World


class Text(Struct, frozen=True):
    """One policy that is known, with the block that holds it.

    `kind` is "identity", "trust", "bucket", "organization", or the kind of a `ResourcePolicy` ("kms-key").
    """

    origin: Origin
    document: PolicyDocument
    kind: str
    related: tuple[Related, ...] = ()


def texts(world: World) -> tuple[Text, ...]:
    """Every policy of the input that is known, AWS's own not included."""
    return world.once(_texts)


def _texts(world: World) -> Iterator[Text]:
    estate = world.estate
    for managed in estate.managed_policies:
        if isinstance(managed.document, PolicyDocument):
            yield Text(managed.origin, managed.document, "identity")
    for inline in estate.inline_policies:
        if isinstance(inline.document, PolicyDocument):
            holder = world.graph.holder(inline)
            own = holder is None or holder.origin == inline.origin
            related = () if holder is None or own else (Related(holder.origin, "has it"),)
            yield Text(inline.origin, inline.document, "identity", related)
    for role in estate.roles:
        if isinstance(role.trust, PolicyDocument):
            yield Text(role.origin, role.trust, "trust")
    for policy in estate.bucket_policies:
        if isinstance(policy.document, PolicyDocument):
            bucket = world.graph.bucket(policy.bucket, policy.origin.account)
            own = bucket is None or bucket.origin == policy.origin
            related = () if bucket is None or own else (Related(bucket.origin, "the bucket"),)
            yield Text(policy.origin, policy.document, "bucket", related)
    for other in estate.resource_policies:
        if isinstance(other.document, PolicyDocument):
            yield Text(other.origin, other.document, other.kind)
    for guard in estate.organization_policies:
        if isinstance(guard.document, PolicyDocument):
            yield Text(guard.origin, guard.document, "organization")
