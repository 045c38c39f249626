"""What the rules on public buckets share: which rule speaks of which opening, and in what words.

A bucket's openings by policy and by ACL are two faults with two repairs. One that lets strangers write is told by
`bucket-world-writable` alone; one that only lets them read by `bucket-policy-public-read` or `bucket-acl-public`. Rules on the
public access block are silent where one of these has spoken, for they name the block. That a change takes a block away is told by
`public-access-block-removed` alone.
"""

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from ...bucket_access import Access, Exposure, Way
from ...bucket_guards import FLAGS, applies
from ...finding import Origin, Related
from ...model.s3 import Bucket, PublicAccessBlock
from ...policy.action import ActionSet
from ...policy.grant import covers_resource, possible_actions
from ...policy.public import S3, Level, reach, strangers
from ...value import Truth, all_of, any_of
from .. import _removal
from .._rule import World

# From the worst to the mildest: how sure it is that strangers get in.
_STATUSES: Final = ("open", "apply-fails-or-open", "open-if-it-exists")
_DATA: Final = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent", "s3:GetObjectVersionTorrent")
_FLAGS: Final = {
    "policy": ("block_public_policy", "restrict_public_buckets"),
    "acl": ("block_public_acls", "ignore_public_acls"),
}


class Opening(Struct, frozen=True):
    """Everything in one bucket's policy, or in its ACLs, that lets strangers in, with the worst of its states."""

    exposure: Exposure
    kind: Literal["policy", "acl"]
    ways: tuple[Way, ...]
    status: str

    @property
    def access(self) -> frozenset[Access]:
        """What strangers may do."""
        return frozenset(kind for way in self.ways for kind in way.access)

    @property
    def writes(self) -> bool:
        """Whether they may change data or settings."""
        return bool(self.access & {"write", "control"})

    @property
    def reads_data(self) -> bool:
        """Whether they may read what is in objects, not only settings such as the policy, tags or ACLs."""
        return any(
            "read" in way.access
            and (way.statement is None or possible_actions(way.statement).overlaps(ActionSet.of(_DATA)))
            for way in self.ways
        )

    @property
    def worst(self) -> Way:
        """The way to quote: in the worst state, and open to most."""
        return max(self.ways, key=lambda way: (way.status == self.status, way.level))

    @property
    def who(self) -> str:
        """The strangers, in words."""
        return strangers((way.level, way.statement) for way in self.ways)

    def serves_site(self, world: World) -> bool:
        """Whether the bucket is a website."""
        return bool(world.graph.companions(self.exposure.bucket).websites)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The grants, then the flags that do not stop them."""
        grants = dict.fromkeys(line for way in self.ways for line in way.evidence)
        flags = [self.exposure.flag(name) for name in _FLAGS[self.kind]]
        off = tuple(f"{flag.name} = false" for flag in flags if flag.declared and flag.value is Truth.NO)
        return (*grants, *off)


def opening(exposure: Exposure, kind: Literal["policy", "acl"]) -> Opening | None:
    """What a bucket's policy, or its ACLs, open to strangers for certain or unless S3 refuses; None if nothing."""
    ways = tuple(way for way in exposure.ways if way.kind == kind and way.status in _STATUSES)
    if not ways:
        return None
    return Opening(exposure, kind, ways, min((way.status for way in ways), key=_STATUSES.index))


def misreads_groups(found: Opening) -> bool:
    """Whether an ACL names only the group of authenticated users, which `authenticated-users-misread` speaks of."""
    return found.kind == "acl" and not found.writes and all(way.level is Level.AUTHENTICATED for way in found.ways)


def stopped(exposure: Exposure, kind: Literal["policy", "acl"]) -> tuple[Way, ...]:
    """The ways by policy or ACL that would certainly let strangers in, but for what is declared here."""
    return tuple(way for way in exposure.ways if way.kind == kind and way.status == "neutralised" and _is_certain(way))


def _is_certain(way: Way) -> bool:
    return way.kind == "acl" or (way.statement is not None and reach(way.statement, S3).is_public is Truth.YES)


def is_open(exposure: Exposure) -> bool:
    """Whether a rule reports the bucket itself as public."""
    return any(opening(exposure, kind) is not None for kind in ("policy", "acl"))


def in_doubt(exposure: Exposure, kind: Literal["policy", "acl"]) -> tuple[Way, ...]:
    """The ways by policy or ACL of which it is not known whether they let strangers in."""
    return tuple(way for way in exposure.ways if way.kind == kind and way.status == "unknown")


def deeds(found: Opening) -> str:
    """What strangers may do, in words: "read every object and list them"."""
    access = found.access
    words: list[str] = []
    if "read" in access:
        words.append(
            "read its settings"
            if not found.reads_data
            else "read every object"
            if _reads_all(found)
            else "read objects"
        )
    if "list" in access:
        words.append("list them" if words and found.reads_data else "list its objects")
    if "write" in access:
        words.append("put and delete objects" if found.kind == "acl" else "change what is in it")
    if "control" in access:
        words.append("change who has access")
    if not words:
        words.append("call S3 on it")
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def _reads_all(found: Opening) -> bool:
    arn = found.exposure.bucket.arn
    return isinstance(arn, str) and any(
        way.statement is not None and "read" in way.access and covers_resource(way.statement, f"{arn}/*") is Truth.YES
        for way in found.ways
    )


def places(world: World, found: Opening) -> tuple[Related, ...]:
    """The blocks that take part: what grants, what does not stop it, what serves it."""
    bucket = found.exposure.bucket
    seen: dict[Origin, str] = {}
    for way in found.ways:
        seen.setdefault(way.subject, "grants it")
    flags = [found.exposure.flag(name) for name in _FLAGS[found.kind]]
    for flag in flags:
        for block in flag.blocks:
            if flag.value is not Truth.UNKNOWN:
                on = "on" if flag.value is Truth.YES else "off"
                seen[block] = f"{seen[block]}, {flag.name} is {on}" if block in seen else f"{flag.name} is {on}"
    companions = world.graph.companions(bucket)
    if found.kind == "acl":
        for ownership in companions.ownerships:
            seen.setdefault(ownership.origin, "leaves ACLs switched on")
    for website in companions.websites:
        seen.setdefault(website.origin, "serves the bucket as a website")
    return tuple(Related(origin, note) for origin, note in seen.items() if origin != bucket.origin)


def exposures(world: World) -> Iterator[Exposure]:
    """The verdict on every bucket, also on those of which only the policy or ACL is in the input."""
    for bucket in world.estate.buckets:
        yield world.access.exposure(bucket)
    yield from world.access.unlisted_exposures


def may_write(doubts: tuple[Way, ...]) -> bool:
    """Whether a statement that is in doubt is about writing; of a policy that is not known at all, nobody can say."""
    return any(way.statement is not None and set(way.access) & {"write", "control"} for way in doubts)


def grantors(exposure: Exposure, ways: tuple[Way, ...]) -> tuple[Related, ...]:
    """The blocks that ways in doubt come from."""
    subjects = dict.fromkeys(way.subject for way in ways)
    return tuple(Related(origin, "may grant it") for origin in subjects if origin != exposure.bucket.origin)


def website_remedy(world: World, found: Opening) -> str | None:
    """What to do where the bucket is public because it is a website."""
    if not found.serves_site(world):
        return None
    return (
        "serve the site through CloudFront with origin access control, and close the bucket with a public access block; "
        "if it must stay a public website, suppress this finding and say why"
    )


class EarlierBlock(Struct, frozen=True):
    """A public access block before the change, of a bucket or an account that is there after it, too.

    `now` is the block after the change, None if it is gone or is another bucket's. Then `lost` are its flags that nothing has on
    any more, `doubtful` those of which that is not known. `bucket` is as it is after the change, None for an account's block and
    for one of a bucket that is not in the input.
    """

    block: PublicAccessBlock
    bucket: Bucket | None
    now: PublicAccessBlock | None = None
    lost: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


def earlier_blocks(world: World) -> Iterator[EarlierBlock]:
    """What the change makes of the blocks that were there before; nothing where nothing was."""
    if world.before is None:
        return
    after = {block.origin.address: block for block in world.estate.public_access_blocks}
    buckets = {bucket.origin.address: bucket for bucket in world.estate.buckets}
    for block in world.before.estate.public_access_blocks:
        was = world.before.graph.bucket(block.bucket, block.origin.account) if block.bucket is not None else None
        bucket = buckets.get(was.origin.address) if was is not None else None
        if was is not None and (bucket is None or bucket.origin.action == "replace"):
            continue  # there is nothing left to protect, or something else
        if bucket is None and _removal.is_gone(world, block.bucket):
            continue
        now = after.get(block.origin.address)
        if now is not None and now.bucket == block.bucket:
            yield EarlierBlock(block, bucket, now)
            continue
        answers = {name: all_of((applies(block, name), ~_is_on(world, block, bucket, name))) for name in FLAGS}
        lost = tuple(name for name, truth in answers.items() if truth is Truth.YES)
        doubtful = tuple(name for name, truth in answers.items() if truth is Truth.UNKNOWN)
        yield EarlierBlock(block, bucket, lost=lost, doubtful=doubtful)


def _is_on(world: World, block: PublicAccessBlock, bucket: Bucket | None, name: str) -> Truth:
    """Whether a flag is on after the change, for the bucket that the block was about, or for the account."""
    if bucket is not None:
        return world.access.exposure(bucket).flag(name).value
    others = world.estate.public_access_blocks
    account = [item for item in others if item.bucket is None and item.origin.account == block.origin.account]
    same = [item for item in others if block.bucket is not None and item.bucket == block.bucket]
    return any_of(applies(item, name) for item in (*account, *same))


def lost_its_block(world: World, bucket: Bucket) -> bool:
    """Whether the change takes away what closed a bucket: its own block, or the account's where that was on in full."""
    lost = [item for item in world.once(earlier_blocks) if item.lost]
    if any(item.bucket is not None and item.bucket.origin.address == bucket.origin.address for item in lost):
        return True
    of_account = any(item.block.bucket is None and item.block.origin.account == bucket.origin.account for item in lost)
    return of_account and _was_closed(world, bucket)


def _was_closed(world: World, bucket: Bucket) -> bool:
    """Whether the bucket was there before the change, with all flags on."""
    if world.before is None:
        return False
    was = next((item for item in world.before.estate.buckets if item.origin.address == bucket.origin.address), None)
    return was is not None and all(flag.value is Truth.YES for flag in world.before.access.exposure(was).flags)
