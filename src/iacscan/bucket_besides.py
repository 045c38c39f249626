"""What decides about a bucket besides policies: ACLs that let somebody in, public access blocks that keep strangers out."""

from collections.abc import Iterable
from typing import Final

from .access import Access
from .bucket_access import Way
from .names import ANYONE, Asker
from .policy.arn import parse_arn
from .policy.public import Level
from .policy.request import CallerKind
from .value import Truth, all_of, any_of

# What ACLs open, by the words of `bucket_access`.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
_BY_ACL: Final = {
    "s3:getobject": "read", "s3:listbucket": "list", "s3:putobject": "write", "s3:deleteobject": "write",
    "s3:putbucketacl": "control", "s3:putobjectacl": "control",
}  # fmt: skip
_STATUSES: Final = {"open": Truth.YES, "neutralised": Truth.NO}


def besides_policies(
    access: Access, asker: Asker, action: str, resource: str, truth: Truth
) -> tuple[Truth, str] | None:
    """What becomes of the answer that policies give to a request, with the reason; None if nothing does.

    An explicit Deny is not to be asked about: no ACL stands against it. Grants to single canonical users are not looked at.
    """
    arn = parse_arn(resource)
    if arn is None:
        return None
    account = "" if asker.principal is None else asker.principal.origin.account
    bucket = access.graph.bucket(f"arn:{arn.partition}:s3:::{arn.resource.partition('/')[0]}", account)
    if bucket is None:
        return None
    ways = access.exposure(bucket).ways
    blocked = _blocked(asker, ways, truth)
    opened = _opened(asker, action, ways, truth if blocked is None else blocked[0])
    return opened or blocked


def _blocked(asker: Asker, ways: Iterable[Way], truth: Truth) -> tuple[Truth, str] | None:
    """What a public access block does to those from outside, if the policy is public: services are let through.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    by_policy = [way for way in ways if way.kind == "policy"]
    if asker.principal is not None or asker.caller.kind is CallerKind.SERVICE or not by_policy:
        return None
    through = any_of(_STATUSES.get(way.status, Truth.UNKNOWN) for way in by_policy)
    left = all_of((truth, through))
    return None if left is truth else (left, by_policy[0].because)


def _opened(asker: Asker, action: str, ways: Iterable[Way], truth: Truth) -> tuple[Truth, str] | None:
    """What an ACL for everybody, or for everybody with an AWS account, does."""
    wanted = _BY_ACL.get(action.lower())
    level = Level.ANYONE if asker == ANYONE else Level.AUTHENTICATED
    for way in ways:
        if way.kind in ("acl", "object-acl") and wanted in way.access and way.level >= level:
            found = any_of((truth, _STATUSES.get(way.status, Truth.UNKNOWN)))
            if found is not truth:
                return found, way.because
    return None
