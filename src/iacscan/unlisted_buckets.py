"""Buckets that are not in the input, though their policy or ACL is, or that of an object: a module that is handed a bucket's name, for one."""

from collections.abc import Iterator

from .finding import Origin
from .graph import Companions, Graph
from .model import s3
from .value import Maybe, Unknown


def unlisted_buckets(graph: Graph) -> Iterator[tuple[s3.Bucket, Companions]]:
    """Each such bucket with all that belongs to it.

    The `Bucket` is made up for the purpose: its origin is the block of the policy, ACL or object, which is what can be changed here.
    """
    estate = graph.estate
    links = [(policy.origin, policy.bucket) for policy in estate.bucket_policies]
    links += [(acl.origin, acl.bucket) for acl in estate.bucket_acls]
    links += [(acl.origin, acl.bucket) for acl in estate.object_acls]
    found: dict[tuple[str, str], tuple[Origin, Maybe[str]]] = {}
    for origin, link in links:
        if graph.bucket(link, origin.account) is None:
            name = origin.address if isinstance(link, Unknown) else link
            found.setdefault((origin.account, name), (origin, link))
    for origin, link in found.values():
        arn = link if isinstance(link, Unknown) else f"arn:aws:s3:::{link}"
        bucket = s3.Bucket(origin=origin, name=link, arn=arn)
        yield bucket, _companions(graph, bucket)


def _companions(graph: Graph, bucket: s3.Bucket) -> Companions:
    estate = graph.estate
    first, name = bucket.origin, bucket.name
    of_account = graph.companions(bucket)

    def is_mine(origin: Origin, link: Maybe[str] | None) -> bool:
        return origin == first if isinstance(name, Unknown) else link == name and origin.account == first.account

    return Companions(
        policies=tuple(item for item in estate.bucket_policies if is_mine(item.origin, item.bucket)),
        acls=tuple(item for item in estate.bucket_acls if is_mine(item.origin, item.bucket)),
        object_acls=tuple(item for item in estate.object_acls if is_mine(item.origin, item.bucket)),
        blocks=tuple(item for item in estate.public_access_blocks if is_mine(item.origin, item.bucket)),
        ownerships=tuple(item for item in estate.ownerships if is_mine(item.origin, item.bucket)),
        websites=(),
        access_points=(),
        account_blocks=of_account.account_blocks,
        uncertain=of_account.uncertain,
    )
