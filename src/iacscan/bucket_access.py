"""One verdict per bucket: who on the internet reaches it, by which grant, and what stands in between.

Policy, ACLs, object ownership, the public access blocks of the bucket and of the account and the organization's S3 policy
are judged together (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html).
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from .finding import Origin
from .graph import Companions, Graph
from .model import s3
from .policy.action import ActionSet
from .policy.describe import describe
from .policy.document import Statement
from .policy.grant import possible_actions, statement_actions
from .policy.principal import Kind, classify
from .policy.public import ACCESS_POINT, S3, Level, Reach, public_statements
from .value import Maybe, Truth, Unknown, any_of

Status: TypeAlias = Literal["open", "open-if-it-exists", "apply-fails-or-open", "neutralised", "unknown"]
Access: TypeAlias = Literal["read", "list", "write", "control"]


class Flag(Struct, frozen=True):
    """One public access block flag as it takes effect: on if any block that applies has it on.

    `declared` is False where no block says anything; then new buckets have it on by default and old ones do not.
    `blocks` are the blocks that switch it on, or that say it is off.
    """

    name: str
    value: Truth
    declared: bool
    blocks: tuple[Origin, ...] = ()


class Way(Struct, frozen=True, kw_only=True):
    """One way in for callers whom nobody named.

    `kind` is policy, acl, object-acl or access-point. `level` is ANYONE or AUTHENTICATED (any AWS account). `status`:

    * open: it is, once applied;
    * open-if-it-exists: the block refuses to set it anew, but does not stop what is already there;
    * apply-fails-or-open: nothing is declared; new buckets refuse it, old ones are open;
    * neutralised: something stops it (`saved_by`, empty if it is object ownership's default);
    * unknown: `because` says what decides.

    `evidence` are lines that can be shown, `subject` the block that grants.
    """

    kind: Literal["policy", "acl", "object-acl", "access-point"]
    access: tuple[Access, ...]
    level: Level
    status: Status
    because: str
    subject: Origin
    evidence: tuple[str, ...] = ()
    saved_by: tuple[Origin, ...] = ()
    statement: Statement | None = None


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
    return tuple(kind for kind, actions_ in _action_sets() if asked.overlaps(actions_))


@cache
def _action_sets() -> tuple[tuple[Access, ActionSet], ...]:
    return tuple((kind, ActionSet.of(patterns)) for kind, patterns in _KINDS)


def exposure(graph: Graph, bucket: s3.Bucket) -> Exposure:
    """Judge one bucket."""
    return judge(graph, bucket, graph.companions(bucket))


def judge(graph: Graph, bucket: s3.Bucket, companions: Companions) -> Exposure:
    """Judge a bucket by companions that are given."""
    flags = _flags(graph, bucket, companions)
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


# -- what stands in between -----------------------------------------------------------------------------------------


def _flags(graph: Graph, bucket: s3.Bucket, companions: Companions) -> tuple[Flag, ...]:
    blocks = companions.blocks + companions.account_blocks
    loose = graph.blocks_adrift if companions.uncertain else ()
    adrift = [block for block in loose if block.origin.account == bucket.origin.account]
    organization = _organization_block(graph)
    found = []
    for name in ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"):
        answers = [_applies(block, name) for block in blocks]
        # A block of a bucket that is not known may be this one's.
        answers += [Truth.UNKNOWN for block in adrift if _applies(block, name) is not Truth.NO]
        answers += [organization] if organization is not Truth.NO else []
        value = any_of(answers)
        deciding = tuple(block.origin for block in blocks if _applies(block, name) is value)
        found.append(Flag(name, value, bool(answers), deciding))
    return tuple(found)


def _applies(block: s3.PublicAccessBlock, name: str) -> Truth:
    value: Maybe[bool] = dict(block.flags)[name]
    if isinstance(value, Unknown) or (value and block.origin.possible):
        return Truth.UNKNOWN
    return Truth.of(known=value)


def _organization_block(graph: Graph) -> Truth:
    """Whether an S3 policy of the organization switches all four flags on: yes if it is attached to the root."""
    answers = []
    for policy in graph.estate.organization_policies:
        if policy.kind != "S3_POLICY":
            continue
        targets = [target.target for target in graph.targets_of(policy)]
        if not targets:
            continue
        if isinstance(policy.content, Unknown):
            answers.append(Truth.UNKNOWN)
        elif '"all"' in policy.content:
            account = policy.origin.account
            roots = any(isinstance(target, str) and graph.is_root(target, account) for target in targets)
            answers.append(Truth.YES if roots else Truth.UNKNOWN)
    return any_of(answers)


def _enforced(companions: Companions) -> tuple[Truth, bool]:
    """Whether ACLs are off by object ownership, and whether the input says so at all."""
    answers = []
    for item in companions.ownerships:
        if isinstance(item.setting, Unknown) or item.origin.possible:
            answers.append(Truth.UNKNOWN)
        else:
            answers.append(Truth.of(known=item.setting == "BucketOwnerEnforced"))
    return any_of(answers), bool(answers)


# -- policies -------------------------------------------------------------------------------------------------------


def _policy_ways(bucket: s3.Bucket, companions: Companions, flags: dict[str, Flag]) -> Iterator[Way]:
    for policy in companions.policies:
        for found in public_statements(policy.document, S3):
            status, because, saved_by = _policy_status(found, bucket, flags, policy.origin)
            yield _policy_way("policy", found, policy.origin, (status, because, saved_by))


def _policy_way(
    kind: Literal["policy", "access-point"],
    found: Reach,
    subject: Origin,
    verdict: tuple[Status, str, tuple[Origin, ...]],
) -> Way:
    status, because, saved_by = verdict
    return Way(
        kind=kind,
        access=statement_access(found.statement),
        level=found.level,
        status=status,
        because=because,
        subject=subject,
        evidence=describe(found.statement) if found.statement else (found.because,),
        saved_by=saved_by,
        statement=found.statement,
    )


def _policy_status(  # noqa: PLR0911  # one return for each row of the matrix
    found: Reach, bucket: s3.Bucket, flags: dict[str, Flag], grant: Origin
) -> tuple[Status, str, tuple[Origin, ...]]:
    restrict, refuse = flags["restrict_public_buckets"], flags["block_public_policy"]
    if restrict.value is Truth.YES:
        return "neutralised", f"{found.because}; restrict_public_buckets keeps strangers out", restrict.blocks
    if found.truth is Truth.UNKNOWN:
        return "unknown", found.because, ()
    if restrict.value is Truth.UNKNOWN:
        return "unknown", f"{found.because}; whether restrict_public_buckets is on is not known", ()
    if refuse.value is Truth.YES and bucket.existed and grant.action in _STANDING:
        return "open", f"{found.because}; it is there already, which block_public_policy does not stop", refuse.blocks
    if refuse.value is Truth.YES:
        text = "block_public_policy refuses to set it, but does not stop a policy that is already there"
        return "open-if-it-exists", f"{found.because}; {text}", refuse.blocks
    if refuse.value is Truth.UNKNOWN:
        return "unknown", f"{found.because}; whether block_public_policy is on is not known", ()
    if restrict.declared or bucket.existed:
        return "open", found.because, ()
    text = "no public access block is declared: new buckets refuse the policy, buckets from before April 2023 do not"
    return "apply-fails-or-open", f"{found.because}; {text}", ()


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
    verdict: tuple[Status, str, tuple[Origin, ...]],
) -> Iterator[Way]:
    """One way for each group that the grants open the bucket or object to."""
    status, clause, saved_by = verdict
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
            status=status,
            because=f"its ACL names {who}{clause}",
            subject=subject,
            evidence=(f"{shown} ({who}: {', '.join(dict.fromkeys(kinds))})",),
            saved_by=saved_by,
        )
    if unknown and status != "neutralised":
        yield Way(
            kind=kind,
            access=tuple(dict.fromkeys(item for kinds in permissions.values() for item in kinds)),
            level=Level.ANYONE,
            status="unknown",
            because=f"its ACL is {unknown[0]}",
            subject=subject,
        )


def _acl_status(  # noqa: PLR0911  # one return for each row of the matrix
    bucket: s3.Bucket, companions: Companions, flags: dict[str, Flag], grant: Origin
) -> tuple[Status, str, tuple[Origin, ...]]:
    ignore, refuse = flags["ignore_public_acls"], flags["block_public_acls"]
    enforced, said = _enforced(companions)
    if ignore.value is Truth.YES:
        return "neutralised", "; ignore_public_acls makes S3 ignore it", ignore.blocks
    if enforced is Truth.YES:
        text = "; BucketOwnerEnforced switches ACLs off, and setting one fails (AccessControlListNotSupported)"
        return "neutralised", text, tuple(item.origin for item in companions.ownerships)
    if ignore.value is Truth.UNKNOWN:
        return "unknown", "; whether ignore_public_acls is on is not known", ()
    if enforced is Truth.UNKNOWN:
        return "unknown", "; whether ACLs are switched off by object ownership is not known", ()
    if refuse.value is Truth.YES and bucket.existed and grant.action in _STANDING:
        return "open", "; it is there already, which block_public_acls does not stop", refuse.blocks
    if refuse.value is Truth.YES:
        text = "; block_public_acls refuses to set it, but does not stop an ACL that is already there"
        return "open-if-it-exists", text, refuse.blocks
    if refuse.value is Truth.UNKNOWN:
        return "unknown", "; whether block_public_acls is on is not known", ()
    if bucket.existed or (said and refuse.declared):
        return "open", "", ()
    lacking = "public access block" if said else "object ownership"
    return "apply-fails-or-open", f"; no {lacking} is declared: new buckets refuse it, older ones do not", ()


# -- access points --------------------------------------------------------------------------------------------------


def _access_point_ways(companions: Companions, flags: dict[str, Flag]) -> Iterator[Way]:
    """An access point's policy opens nothing by itself: the bucket's own policy must let it through."""
    for point in companions.access_points:
        if point.vpc_only or point.document is None:
            continue
        own = Truth.YES if point.block is None else _applies(point.block, "restrict_public_buckets")
        restrict = any_of((own, flags["restrict_public_buckets"].value))
        for found in public_statements(point.document, ACCESS_POINT):
            yield _policy_way("access-point", found, point.origin, _point_status(found, restrict, companions))


def _point_status(found: Reach, restrict: Truth, companions: Companions) -> tuple[Status, str, tuple[Origin, ...]]:
    if restrict is Truth.YES:
        return "neutralised", f"{found.because}; its public access block keeps strangers out", ()
    if found.truth is Truth.UNKNOWN or restrict is Truth.UNKNOWN:
        return "unknown", found.because, ()
    if any(_lets_through(policy) for policy in companions.policies):
        return "open", found.because, ()
    return "unknown", f"{found.because}; whether the bucket's own policy lets it through is not known", ()


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
