"""S3: buckets and their companions, separate or written as arguments of the bucket (providers before 4)."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ..load.block import Block
from ..model import s3
from ..value import Maybe, Unknown, Value
from .reader import Types, first, flag_of, missing, parts
from .scene import Handler, Scene

BUCKET: Final[Types] = ("aws_s3_bucket",)
_FLAGS: Final = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


def _bucket(scene: Scene, block: Block) -> Iterator[Struct]:
    origin, name = scene.origin(block), scene.read.names.name(block)
    existed = scene.existed is None or (block.address in scene.existed and block.action != "replace")
    yield s3.Bucket(
        origin=origin,
        name=scene.read.name(block, "bucket"),
        arn=scene.read.names.arn(block),
        existed=existed,
        tags=scene.read.tags(block),
    )
    yield from _legacy_acl(scene, block, name)
    if not scene.is_copy(block, "policy", "aws_s3_bucket_policy"):
        document = scene.policies.read(block, "policy")
        if document is not None:
            yield s3.BucketPolicy(origin=origin, bucket=name, document=document)
    if not scene.is_copy(block, "website", "aws_s3_bucket_website_configuration"):
        hosting = next(parts(block.get("website")), None)
        if hosting is not None:
            yield s3.Website(origin=origin, bucket=name)


def _legacy_acl(scene: Scene, block: Block, bucket: str) -> Iterator[Struct]:
    canned = scene.read.text(block, "acl")
    if canned is not None and (isinstance(canned, str) or scene.is_argument(block, "acl")):
        yield s3.BucketAcl(origin=scene.origin(block), bucket=bucket, canned=canned)
    value = block.get("grant")
    if isinstance(value, Unknown) and not scene.is_argument(block, "grant"):
        return
    if scene.is_copy(block, "grant", "aws_s3_bucket_acl"):
        return
    grants: list[Maybe[s3.Grant]] = []
    for item in parts(value):
        grantee = _first_text(scene, item.get("uri"), item.get("id"))
        permissions = item.get("permissions")
        listed = permissions if isinstance(permissions, list) else [permissions]
        grants.extend(_grant(scene, grantee, permission) for permission in listed)
    grants.extend(missing(value))
    if grants:
        yield s3.BucketAcl(origin=scene.origin(block), bucket=bucket, grants=tuple(grants))


def _first_text(scene: Scene, *values: Value) -> Maybe[str] | None:
    return next((text for value in values if (text := scene.read.text_of(value)) is not None), None)


def _grant(scene: Scene, grantee: Maybe[str] | None, permission: Value) -> Maybe[s3.Grant]:
    given = scene.read.text_of(permission)
    if grantee is None or given is None:
        return Unknown("a grant lacks its grantee or its permission")
    return s3.Grant(grantee, given)


def _acl(scene: Scene, block: Block) -> Iterator[Struct]:
    grants: list[Maybe[s3.Grant]] = []
    canned = scene.read.text(block, "acl")
    value = block.get("access_control_policy")
    computed = isinstance(value, Unknown) and block.configured("access_control_policy") is False
    # AWS also spells out there what a canned ACL means.
    if (canned is None and not computed) or scene.is_argument(block, "access_control_policy"):
        for policy in parts(value):
            for item in parts(policy.get("grant")):
                grantee = first(item.get("grantee"))
                who = (
                    _first_text(scene, grantee.get("uri"), grantee.get("id"), grantee.get("email_address"))
                    if isinstance(grantee, dict)
                    else grantee
                )
                grants.append(_grant(scene, who, item.get("permission")))
            grants.extend(missing(policy.get("grant")))
        grants.extend(missing(value))
    yield s3.BucketAcl(
        origin=scene.origin(block),
        bucket=scene.read.required(block, "bucket", BUCKET),
        canned=canned,
        grants=tuple(grants),
    )


def _object(scene: Scene, block: Block) -> Iterator[Struct]:
    canned = scene.read.text(block, "acl")
    if canned is None or (isinstance(canned, Unknown) and block.configured("acl") is False):
        return
    yield s3.ObjectAcl(origin=scene.origin(block), bucket=scene.read.required(block, "bucket", BUCKET), canned=canned)


def _policy(scene: Scene, block: Block) -> Iterator[Struct]:
    yield s3.BucketPolicy(
        origin=scene.origin(block),
        bucket=scene.read.required(block, "bucket", BUCKET),
        document=scene.policies.needed(block, "policy"),
        waits_for=_waits_for(scene, block),
    )


def _waits_for(scene: Scene, block: Block) -> frozenset[str]:
    """What is made before a new block. Of others it is not asked: they are there."""
    if block.action not in ("create", "replace"):
        return frozenset()
    found = (*block.references("bucket"), *block.references("depends_on"))
    return frozenset(scene.read.shown(item.address) for item in found)


def _block(scene: Scene, block: Block) -> Iterator[Struct]:
    account = block.type == "aws_s3_account_public_access_block"
    switches = {flag: scene.read.flag(block, flag, default=False) for flag in _FLAGS}
    # What comes first matters only where the block leaves room for a public policy; to find it out is dear.
    leaves_room = not account and switches["restrict_public_buckets"] is not True
    yield s3.PublicAccessBlock(
        origin=scene.origin(block),
        bucket=None if account else scene.read.required(block, "bucket", BUCKET),
        waits_for=_waits_for(scene, block) if leaves_room else frozenset(),
        **switches,
    )


def _ownership(scene: Scene, block: Block) -> Iterator[Struct]:
    rule = first(block.get("rule"))
    setting = scene.read.text_of(rule.get("object_ownership")) if isinstance(rule, dict) else rule
    yield s3.Ownership(
        origin=scene.origin(block),
        bucket=scene.read.required(block, "bucket", BUCKET),
        setting=Unknown("rule.object_ownership is not set") if setting is None else setting,
    )


def _website(scene: Scene, block: Block) -> Iterator[Struct]:
    yield s3.Website(origin=scene.origin(block), bucket=scene.read.required(block, "bucket", BUCKET))


def _access_point(scene: Scene, block: Block) -> Iterator[Struct]:
    origin, bucket = scene.origin(block), scene.read.required(block, "bucket", BUCKET)
    given = first(block.get("public_access_block_configuration"))
    flags: s3.PublicAccessBlock | None = None
    if isinstance(given, dict):
        # Unlike the resource for buckets, a flag that is left out of this block is on.
        switches = {flag: flag_of(given.get(flag), default=True) for flag in _FLAGS}
        flags = s3.PublicAccessBlock(origin=origin, bucket=bucket, waits_for=frozenset(), **switches)
    elif isinstance(given, Unknown) and block.configured("public_access_block_configuration") is not False:
        switches = dict.fromkeys(_FLAGS, given)
        flags = s3.PublicAccessBlock(origin=origin, bucket=bucket, waits_for=frozenset(), **switches)
    document = None
    if not scene.is_copy(block, "policy", "aws_s3control_access_point_policy"):
        document = scene.policies.read(block, "policy")
    if document is None:
        called = scene.called(block)
        for other in scene.read.of_type("aws_s3control_access_point_policy"):
            if scene.read.link(other, "access_point_arn", ("aws_s3_access_point",)) in called:
                document = scene.policies.read(other, "policy")
    yield s3.AccessPoint(
        origin=origin,
        bucket=bucket,
        name=scene.read.name(block),
        document=document,
        block=flags,
        vpc_only=next(parts(block.get("vpc_configuration")), None) is not None,
    )


HANDLERS: Final[dict[str, Handler]] = {
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_acl": _acl,
    "aws_s3_object": _object,
    "aws_s3_bucket_object": _object,
    "aws_s3_object_copy": _object,
    "aws_s3_bucket_policy": _policy,
    "aws_s3_bucket_public_access_block": _block,
    "aws_s3_account_public_access_block": _block,
    "aws_s3_bucket_ownership_controls": _ownership,
    "aws_s3_bucket_website_configuration": _website,
    "aws_s3_access_point": _access_point,
}
