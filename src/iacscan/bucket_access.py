"""One verdict per bucket: who on the internet reaches it, by which grant, and what stands in between.

Policy, ACLs, object ownership, the public access blocks of the bucket and of the account and the organization's S3 policy
are judged together (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html).
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from .bucket_guards import Flag, acls_are_off, applies, flags_of
from .finding import Origin
from .graph import Companions, Graph
from .model import s3
from .policy.action import ActionSet
from .policy.applies import applies_to
from .policy.describe import describe
from .policy.document import Statement
from .policy.effect import idle_because
from .policy.grant import possible_actions, statement_actions
from .policy.principal import Kind, classify
from .policy.public import ACCESS_POINT, S3, Level, Reach, public_statements
from .value import Maybe, Truth, Unknown, any_of

Status: TypeAlias = Literal["open", "open-if-it-exists", "apply-fails-or-open", "neutralised", "unknown"]
Access: TypeAlias = Literal["read", "list", "write", "control"]


class Way(Struct, frozen=True, kw_only=True):
    """One way in for callers whom nobody named.

    `kind` is policy, acl, object-acl or access-point. `level` is ANYONE or AUTHENTICATED (any AWS account). `status`:

    * open: it is, once applied;
    * open-if-it-exists: the block refuses to set it anew, but does not stop what is already there;
    * apply-fails-or-open: nothing is declared; new buckets refuse it, old ones are open;
    * neutralised: something stops it (`saved_by`, empty if it is object ownership's default);
    * unknown: `because` says what decides.

    `evidence` are lines that can be shown, `subject` the block that grants. `guard` is what keeps strangers out, or would: a
    flag of the public access block, or `object_ownership`.
    """

    kind: Literal["policy", "acl", "object-acl", "access-point"]
    access: tuple[Access, ...]
    level: Level
    status: Status
    because: str
    subject: Origin
    evidence: tuple[str, ...] = ()
    guard: str
    saved_by: tuple[Origin, ...] = ()
    statement: Statement | None = None


class _Verdict(Struct, frozen=True):
    """What becomes of one grant; see `Way`."""

    status: Status
    because: str
    guard: str
    saved_by: tuple[Origin, ...] = ()


class Exposure(Struct, frozen=True):
    """The verdict. `unknown` says what might open the bucket but cannot be read or joined to it."""

    bucket: s3.Bucket
    ways: tuple[Way, ...]
    flags: tuple[Flag, ...]
    unknown: tuple[str, ...] = ()

    @property
    def is_open(self) -> Truth:
        """Whether strangers get in: yes for the status open, unknown for all others but neutralised."""
        answers = {"open": Truth.YES, "neutralised": Truth.NO}
        known = any_of(answers.get(way.status, Truth.UNKNOWN) for way in self.ways)
        return Truth.UNKNOWN if known is Truth.NO and self.unknown else known

    def reach(self, access: Access) -> tuple[Level, Truth]:
        """How far one kind of access reaches at most, and whether it certainly does: of the openings that nothing stops."""
        answers = {"open": Truth.YES, "neutralised": Truth.NO}
        found = [(way.level, answers.get(way.status, Truth.UNKNOWN)) for way in self.ways if access in way.access]
        certain = max((level for level, truth in found if truth is Truth.YES), default=None)
        possible = max((level for level, truth in found if truth is Truth.UNKNOWN), default=None)
        if certain is not None and (possible is None or certain >= possible):
            return certain, Truth.YES
        if possible is None and self.unknown:
            possible = Level.ANYONE
        return (Level.NAMED, Truth.YES) if possible is None else (possible, Truth.UNKNOWN)

    def flag(self, name: str) -> Flag:
        """A flag by its name in Terraform (`restrict_public_buckets`)."""
        return next(flag for flag in self.flags if flag.name == name)


_READ: Final = ("s3:GetObject*", "s3:GetBucket*", "s3:Get*Configuration")
_LIST: Final = ("s3:ListBucket*", "s3:ListMultipartUploadParts")
# What changes data or the bucket; the last line is what makes somebody its owner in effect.
_WRITE: Final = (
    "s3:PutObject*", "s3:DeleteObject*", "s3:ReplicateObject", "s3:ReplicateDelete", "s3:AbortMultipartUpload",
    "s3:RestoreObject", "s3:PutBucket*", "s3:DeleteBucket*", "s3:Put*Configuration",
)  # fmt: skip
_CONTROL: Final = (
    "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl",
    "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutReplicationConfiguration",
)  # fmt: skip
_KINDS: Final[tuple[tuple[Access, tuple[str, ...]], ...]] = (
    ("read", _READ), ("list", _LIST), ("write", _WRITE), ("control", _CONTROL),
)  # fmt: skip
# What the plan does to a grant that is there already and stays as it is.
_STANDING: Final = frozenset({"no-op", "read", "forget"})
_ALL_USERS: Final = "http://acs.amazonaws.com/groups/global/AllUsers"
_AUTHENTICATED_USERS: Final = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
_GROUPS: Final = {_ALL_USERS: Level.ANYONE, _AUTHENTICATED_USERS: Level.AUTHENTICATED}
_CANNED: Final = {
    "public-read": ((_ALL_USERS, "READ"),),
    "public-read-write": ((_ALL_USERS, "READ"), (_ALL_USERS, "WRITE")),
    "authenticated-read": ((_AUTHENTICATED_USERS, "READ"),),
}
_BUCKET_PERMISSIONS: Final[dict[str, tuple[Access, ...]]] = {
    "READ": ("list",), "WRITE": ("write",), "READ_ACP": ("list",), "WRITE_ACP": ("control",),
    "FULL_CONTROL": ("list", "write", "control"),
}  # fmt: skip
_OBJECT_PERMISSIONS: Final[dict[str, tuple[Access, ...]]] = {"READ": ("read",)}


def statement_access(statement: Statement | None) -> tuple[Access, ...]:
    """What a statement of a bucket policy may allow, of read, list, write and control; all of it where nothing is known."""
    if statement is None:
        return tuple(kind for kind, _ in _KINDS)
    actions, unknowns = statement_actions(statement)
    asked = possible_actions(statement) if unknowns and not actions else actions
    return tuple(kind for kind, actions_ in _action_sets() if _takes(statement, asked & actions_))


def _takes(statement: Statement, actions: ActionSet) -> bool:
    """Whether some of the actions may work on what the statement names: to read objects it must name objects, not only the bucket."""
    texts = [text for text in statement.resources or () if isinstance(text, str)]
    if not actions or statement.resources is None or len(texts) < len(statement.resources):
        return bool(actions)
    names = actions.names()
    return not names or any(applies_to(name, text) is not Truth.NO for name in names for text in texts)


@cache
def _action_sets() -> tuple[tuple[Access, ActionSet], ...]:
    return tuple((kind, ActionSet.of(patterns)) for kind, patterns in _KINDS)


def exposure(graph: Graph, bucket: s3.Bucket) -> Exposure:
    """Judge one bucket."""
    return judge(graph, bucket, graph.companions(bucket))


def judge(graph: Graph, bucket: s3.Bucket, companions: Companions) -> Exposure:
    """Judge a bucket by companions that are given."""
    flags = flags_of(graph, bucket, companions)
    by_name = {flag.name: flag for flag in flags}
    ways = (
        *_policy_ways(bucket, companions, by_name),
        *_acl_ways(bucket, companions, by_name),
        *_access_point_ways(companions, by_name),
    )
    adrift = tuple(
        f"{origin.address} may belong to this bucket"
        for origin in companions.uncertain
        if not origin.type.endswith(("public_access_block", "ownership_controls"))
    )
    return Exposure(bucket, ways, flags, adrift)


# -- policies -------------------------------------------------------------------------------------------------------


def _policy_ways(bucket: s3.Bucket, companions: Companions, flags: dict[str, Flag]) -> Iterator[Way]:
    for policy in companions.policies:
        for found in public_statements(policy.document, S3):
            if found.statement is not None and idle_because(found.statement) is not None:
                continue  # it lets nobody do anything, and S3 refuses most such policies (IAM414)
            yield _policy_way("policy", found, policy.origin, _policy_status(found, bucket, flags, policy.origin))


def _policy_way(kind: Literal["policy", "access-point"], found: Reach, subject: Origin, verdict: _Verdict) -> Way:
    return Way(
        kind=kind,
        access=statement_access(found.statement),
        level=found.level,
        status=verdict.status,
        because=verdict.because,
        subject=subject,
        evidence=describe(found.statement) if found.statement else (found.because,),
        guard=verdict.guard,
        saved_by=verdict.saved_by,
        statement=found.statement,
    )


def _policy_status(  # noqa: PLR0911  # one return for each row of the matrix
    found: Reach, bucket: s3.Bucket, flags: dict[str, Flag], grant: Origin
) -> _Verdict:
    restrict, refuse = flags["restrict_public_buckets"], flags["block_public_policy"]

    def verdict(status: Status, because: str = "", blocks: tuple[Origin, ...] = ()) -> _Verdict:
        return _Verdict(status, f"{found.because}{because}", restrict.name, blocks)

    if restrict.value is Truth.YES:
        return verdict("neutralised", "; restrict_public_buckets keeps strangers out", restrict.blocks)
    if found.truth is Truth.UNKNOWN:
        return verdict("unknown")
    if restrict.value is Truth.UNKNOWN:
        return verdict("unknown", "; whether restrict_public_buckets is on is not known")
    if refuse.value is Truth.YES and bucket.existed and grant.action in _STANDING:
        return verdict("open", "; it is there already, which block_public_policy does not stop", refuse.blocks)
    if refuse.value is Truth.YES:
        text = "; block_public_policy refuses to set it, but does not stop a policy that is already there"
        return verdict("open-if-it-exists", text, refuse.blocks)
    if refuse.value is Truth.UNKNOWN:
        return verdict("unknown", "; whether block_public_policy is on is not known")
    if restrict.declared or bucket.existed:
        return verdict("open")
    text = "; no public access block is declared: new buckets refuse the policy, buckets from before April 2023 do not"
    return verdict("apply-fails-or-open", text)


# -- ACLs -----------------------------------------------------------------------------------------------------------


def _acl_ways(bucket: s3.Bucket, companions: Companions, flags: dict[str, Flag]) -> Iterator[Way]:
    for acl in companions.acls:
        grants: list[Maybe[s3.Grant]] = list(acl.grants)
        if isinstance(acl.canned, Unknown):
            grants.append(acl.canned)
        elif acl.canned is not None:
            grants.extend(s3.Grant(*pair) for pair in _CANNED.get(acl.canned, ()))
        shown = f"acl = {acl.canned}" if isinstance(acl.canned, str) else "grant"
        yield from _grant_ways("acl", grants, shown, acl.origin, _acl_status(bucket, companions, flags, acl.origin))
    for item in companions.object_acls:
        canned = item.canned
        listed = [canned] if isinstance(canned, Unknown) else [s3.Grant(*pair) for pair in _CANNED.get(canned, ())]
        shown = f"acl = {canned}" if isinstance(canned, str) else "acl"
        yield from _grant_ways(
            "object-acl", listed, shown, item.origin, _acl_status(bucket, companions, flags, item.origin)
        )


def _grant_ways(
    kind: Literal["acl", "object-acl"],
    grants: Iterable[Maybe[s3.Grant]],
    shown: str,
    subject: Origin,
    verdict: _Verdict,
) -> Iterator[Way]:
    """One way for each group that the grants open the bucket or object to."""
    permissions = _BUCKET_PERMISSIONS if kind == "acl" else _OBJECT_PERMISSIONS
    access: dict[Level, list[Access]] = {}
    unknown: list[str] = []
    for grant in grants:
        if isinstance(grant, Unknown):
            unknown.append(grant.because)
        elif isinstance(grant.grantee, Unknown):
            unknown.append(grant.grantee.because)
        elif grant.grantee in _GROUPS:
            level = _GROUPS[grant.grantee]
            if isinstance(grant.permission, Unknown):
                unknown.append(grant.permission.because)
            else:
                access.setdefault(level, []).extend(permissions.get(grant.permission, ()))
    for level, kinds in access.items():
        who = "everybody" if level is Level.ANYONE else "every AWS account in the world"
        yield Way(
            kind=kind,
            access=tuple(dict.fromkeys(kinds)),
            level=level,
            status=verdict.status,
            because=f"its ACL names {who}{verdict.because}",
            subject=subject,
            evidence=(f"{shown} ({who}: {', '.join(dict.fromkeys(kinds))})",),
            guard=verdict.guard,
            saved_by=verdict.saved_by,
        )
    if unknown and verdict.status != "neutralised":
        yield Way(
            kind=kind,
            access=tuple(dict.fromkeys(item for kinds in permissions.values() for item in kinds)),
            level=Level.ANYONE,
            status="unknown",
            because=unknown[0],
            subject=subject,
            guard=verdict.guard,
        )


def _acl_status(  # noqa: PLR0911  # one return for each row of the matrix
    bucket: s3.Bucket, companions: Companions, flags: dict[str, Flag], grant: Origin
) -> _Verdict:
    ignore, refuse = flags["ignore_public_acls"], flags["block_public_acls"]
    enforced, said = acls_are_off(companions)

    def verdict(status: Status, because: str = "", blocks: tuple[Origin, ...] = ()) -> _Verdict:
        return _Verdict(status, because, ignore.name, blocks)

    if ignore.value is Truth.YES:
        return verdict("neutralised", "; ignore_public_acls makes S3 ignore it", ignore.blocks)
    if enforced is Truth.YES:
        text = "; BucketOwnerEnforced switches ACLs off, and setting one fails (AccessControlListNotSupported)"
        return _Verdict("neutralised", text, "object_ownership", tuple(item.origin for item in companions.ownerships))
    if ignore.value is Truth.UNKNOWN:
        return verdict("unknown", "; whether ignore_public_acls is on is not known")
    if enforced is Truth.UNKNOWN:
        return verdict("unknown", "; whether ACLs are switched off by object ownership is not known")
    if refuse.value is Truth.YES and bucket.existed and grant.action in _STANDING:
        return verdict("open", "; it is there already, which block_public_acls does not stop", refuse.blocks)
    if refuse.value is Truth.YES:
        text = "; block_public_acls refuses to set it, but does not stop an ACL that is already there"
        return verdict("open-if-it-exists", text, refuse.blocks)
    if refuse.value is Truth.UNKNOWN:
        return verdict("unknown", "; whether block_public_acls is on is not known")
    if bucket.existed or (said and refuse.declared):
        return verdict("open")
    lacking = "public access block" if said else "object ownership"
    return verdict("apply-fails-or-open", f"; no {lacking} is declared: new buckets refuse it, older ones do not")


# -- access points --------------------------------------------------------------------------------------------------


def _access_point_ways(companions: Companions, flags: dict[str, Flag]) -> Iterator[Way]:
    """An access point's policy opens nothing by itself: the bucket's own policy must let it through."""
    for point in companions.access_points:
        if point.vpc_only or point.document is None:
            continue
        own = Truth.YES if point.block is None else applies(point.block, "restrict_public_buckets")
        restrict = flags["restrict_public_buckets"]
        guard = Flag(
            restrict.name,
            any_of((own, restrict.value)),
            declared=True,
            blocks=(point.origin,) if own is Truth.YES else restrict.blocks,
        )
        for found in public_statements(point.document, ACCESS_POINT):
            yield _policy_way("access-point", found, point.origin, _point_status(found, guard, companions))


def _point_status(found: Reach, guard: Flag, companions: Companions) -> _Verdict:
    if guard.value is Truth.YES:
        because = f"{found.because}; its public access block keeps strangers out"
        return _Verdict("neutralised", because, guard.name, guard.blocks)
    if found.truth is Truth.UNKNOWN or guard.value is Truth.UNKNOWN:
        return _Verdict("unknown", found.because, guard.name)
    if any(_lets_through(policy) for policy in companions.policies):
        return _Verdict("open", found.because, guard.name)
    because = f"{found.because}; whether the bucket's own policy lets it through is not known"
    return _Verdict("unknown", because, guard.name)


def _lets_through(policy: s3.BucketPolicy) -> bool:
    """Whether a bucket policy has an Allow for everybody, as is usual where access points decide."""
    if isinstance(policy.document, Unknown):
        return False
    return any(
        statement.effect == "Allow"
        and any(
            not isinstance(item, Unknown) and classify(item).kind is Kind.ANYONE for item in statement.principals or ()
        )
        for statement in policy.document.statements
    )
