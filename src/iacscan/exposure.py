"""Everything in an estate that is open to callers whom nobody named, or may be: buckets, policies, roles, functions, images.

One question, `public`, over all kinds of resources; the rules of the ninth tip and `iacscan ask` read the same answers.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from .access import Access
from .bucket_access import Exposure
from .finding import Origin
from .function_access import statement_of
from .graph import Graph
from .links import Index
from .model import iam, s3
from .model.workload import IdentityPool, IdentityPoolRoles, ResourcePolicy
from .policy.describe import describe
from .policy.document import Statement
from .policy.grant import possible_actions, statement_actions
from .policy.public import SURFACES, Level, Reach, public_statements, reach, surface_of
from .value import Truth, Unknown, all_of

# Policies that do not say who may come: what they allow is allowed to those who have got in already.
_NO_PRINCIPALS: Final = frozenset({"vpc-endpoint", "iot-policy"})
_SHOWN: Final = 4  # patterns of actions


class PublicAccess(Struct, frozen=True, kw_only=True):
    """One way into one resource for callers whom nobody named.

    `resource` is the block of the resource where it is in the input, else the block that opens it, `by`. `kind` is "bucket", "object",
    "access-point", "role", "function", "layer", "function-url", "identity-pool", the kind of a `ResourcePolicy`, or what a `Share` is.
    `level` is ANYONE or AUTHENTICATED (any AWS account in the world). `truth` says whether they get in once the change is applied:
    no where something stops them. `what` they may do: read, list, write and control for buckets, else actions. `guard` names what
    stops them, or would; `saved_by` the blocks that do.
    """

    resource: Origin
    kind: str
    level: Level
    truth: Truth
    what: tuple[str, ...]
    by: Origin
    because: str
    evidence: tuple[str, ...] = ()
    guard: str = ""
    saved_by: tuple[Origin, ...] = ()


def public(access: Access) -> Iterator[PublicAccess]:
    """Every way in, in the order of the input by kind. What is certainly open to nobody but those it names is left out."""
    for bucket in access.estate.buckets:
        yield from _of_bucket(access.exposure(bucket))
    for exposure in access.unlisted_exposures:
        yield from _of_bucket(exposure)
    for role in access.estate.roles:
        yield from _of_role(access, role)
    for policy in access.estate.resource_policies:
        yield from _of_policy(policy)
    yield from _of_functions(access)
    yield from _of_pools(access)
    yield from _of_shares(access)


def uses_of(graph: Graph, bucket: s3.Bucket) -> tuple[s3.BucketUse, ...]:
    """What other resources keep in a bucket."""
    found = []
    for use in graph.estate.bucket_uses:
        meant = graph.bucket(use.bucket, use.origin.account)
        if meant is bucket if meant is not None else use.bucket == bucket.name and isinstance(use.bucket, str):
            found.append(use)
    return tuple(found)


def guest_roles(graph: Graph, pool: IdentityPool) -> tuple[IdentityPoolRoles, ...]:
    """The blocks that give an identity pool its roles."""
    pools = Index(graph.estate.identity_pools, lambda item: (item.id,), fold=False)
    return tuple(
        roles for roles in graph.estate.identity_pool_roles if pools.find(roles.pool, roles.origin.account) is pool
    )


_STATUSES: Final = {"open": Truth.YES, "neutralised": Truth.NO}
_KINDS: Final = {"policy": "bucket", "acl": "bucket", "object-acl": "object", "access-point": "access-point"}


def _of_bucket(exposure: Exposure) -> Iterator[PublicAccess]:
    for way in exposure.ways:
        yield PublicAccess(
            resource=exposure.bucket.origin if _KINDS[way.kind] == "bucket" else way.subject,
            kind=_KINDS[way.kind],
            level=way.level,
            truth=_STATUSES.get(way.status, Truth.UNKNOWN),
            what=way.access,
            by=way.subject,
            because=way.because,
            evidence=way.evidence,
            guard=way.guard,
            saved_by=way.saved_by,
        )


def _of_role(access: Access, role: iam.Role) -> Iterator[PublicAccess]:
    seen: set[tuple[int | None, str]] = set()
    for trusted in access.trust(role):
        found = trusted.reach
        key = (None if trusted.statement is None else trusted.statement.index, found.because)
        if found.is_public is not Truth.NO and key not in seen:
            seen.add(key)
            yield _by_statement(role.origin, "role", found)


def _of_policy(policy: ResourcePolicy) -> Iterator[PublicAccess]:
    if policy.kind in _NO_PRINCIPALS:
        return
    surface = surface_of(policy.kind)
    for found in public_statements(policy.document, surface, network_bound=policy.network_bound):
        guard, saved = _guard(policy)
        yield _by_statement(policy.origin, policy.kind, found, guard, all_of((found.is_public, ~saved)))


def _guard(policy: ResourcePolicy) -> tuple[str, Truth]:
    """What keeps strangers out of a resource though its policy lets them in, and whether it does."""
    if policy.refuses_public is not False:
        known = not isinstance(policy.refuses_public, Unknown)
        return "block_public_policy", Truth.YES if known else Truth.UNKNOWN
    if isinstance(policy.asks_login, Unknown):
        return "fine-grained access control", Truth.UNKNOWN
    return ("fine-grained access control", Truth.YES) if policy.asks_login else ("", Truth.NO)


def _of_functions(access: Access) -> Iterator[PublicAccess]:
    for permission in access.estate.lambda_permissions:
        found = reach(statement_of(permission), SURFACES["lambda"])
        # A call by URL is judged with the URL, which has an authorization of its own.
        if found.is_public is not Truth.NO and permission.url_auth_type != "NONE" and permission.by_url is not True:
            kind = "layer" if permission.layer else "function"
            yield _by_statement(permission.origin, kind, found)
    for url in access.estate.function_urls:
        if url.authorization == "NONE" or isinstance(url.authorization, Unknown):
            unknown = isinstance(url.authorization, Unknown)
            yield PublicAccess(
                resource=url.origin,
                kind="function-url",
                level=Level.ANYONE,
                truth=Truth.UNKNOWN if unknown else Truth.YES,
                what=("lambda:InvokeFunctionUrl",),
                by=url.origin,
                because="its authorization is not known" if unknown else "its URL asks for no credentials",
                evidence=() if unknown else ("authorization_type = NONE",),
                guard="authorization_type",
            )


def _of_pools(access: Access) -> Iterator[PublicAccess]:
    for pool in access.estate.identity_pools:
        if pool.admits_guests is False:
            continue
        unknown = isinstance(pool.admits_guests, Unknown)
        roles = [item for item in guest_roles(access.graph, pool) if item.guest_role is not None]
        yield PublicAccess(
            resource=pool.origin,
            kind="identity-pool",
            level=Level.ANYONE,
            truth=Truth.UNKNOWN if unknown else Truth.YES,
            what=tuple(f"credentials of {item.guest_role}" for item in roles if isinstance(item.guest_role, str)),
            by=pool.origin,
            because="whether it admits guests is not known" if unknown else "it gives guests credentials",
            evidence=() if unknown else ("allow_unauthenticated_identities = true",),
            guard="allow_unauthenticated_identities",
        )


def _of_shares(access: Access) -> Iterator[PublicAccess]:
    for share in access.estate.shares:
        if share.public is False or share.what.endswith("-guard"):
            continue
        unknown = isinstance(share.public, Unknown)
        yield PublicAccess(
            resource=share.origin,
            kind=share.what,
            level=Level.ANYONE if share.what == "public-registry" else Level.AUTHENTICATED,
            truth=Truth.UNKNOWN if unknown else Truth.YES,
            what=("read",),
            by=share.origin,
            because="with whom it is shared is not known" if unknown else "it is shared with everybody",
            evidence=(share.evidence,) if share.evidence else (),
        )


def _by_statement(block: Origin, kind: str, found: Reach, guard: str = "", truth: Truth | None = None) -> PublicAccess:
    return PublicAccess(
        resource=block,
        kind=kind,
        level=found.level,
        truth=found.is_public if truth is None else truth,
        what=_actions(found.statement),
        by=block,
        because=found.because,
        evidence=() if found.statement is None else describe(found.statement),
        guard=guard,
    )


def _actions(statement: Statement | None) -> tuple[str, ...]:
    """The actions of a statement in a few patterns; none where nothing is known of them."""
    if statement is None:
        return ()
    actions, unknowns = statement_actions(statement)
    asked = possible_actions(statement) if unknowns and not actions else actions
    return asked.compressed(_SHOWN)
