"""S3: buckets and everything that decides who reaches them.

Companions name their bucket in `bucket` (name or symbol, see `model.iam`); `graph` joins them.
"""

from msgspec import Struct

from ..finding import Origin
from ..policy.document import PolicyDocument
from ..value import Maybe


class Bucket(Struct, frozen=True, kw_only=True):
    """`aws_s3_bucket`. `existed` is True if the bucket is there before the change (new ones are closed by default)."""

    origin: Origin
    name: Maybe[str]
    arn: Maybe[str]
    existed: bool = False
    tags: tuple[tuple[str, Maybe[str]], ...] = ()


class Grant(Struct, frozen=True):
    """One ACL grant: `grantee` is a group URI, a canonical id or an e-mail; `permission` READ, WRITE, ..."""

    grantee: Maybe[str]
    permission: Maybe[str]


class BucketAcl(Struct, frozen=True, kw_only=True):
    """An ACL from `aws_s3_bucket_acl` or the legacy arguments of the bucket; `canned` or `grants`."""

    origin: Origin
    bucket: Maybe[str]
    canned: Maybe[str] | None = None
    grants: tuple[Maybe[Grant], ...] = ()


class ObjectAcl(Struct, frozen=True, kw_only=True):
    """The canned ACL of an object that the configuration uploads."""

    origin: Origin
    bucket: Maybe[str]
    canned: Maybe[str]


class BucketPolicy(Struct, frozen=True, kw_only=True):
    """`aws_s3_bucket_policy`, or the legacy `policy` argument.

    `waits_for` are addresses of what is made before it, as far as the block itself says so: what it refers to, and its
    `depends_on`.
    """

    origin: Origin
    bucket: Maybe[str]
    document: Maybe[PolicyDocument]
    waits_for: frozenset[str] = frozenset()


class PublicAccessBlock(Struct, frozen=True, kw_only=True):
    """The four flags. Unset flags are False: that is the provider's default, and the trap.

    `bucket` is None for the account-level resource. `waits_for`: as in `BucketPolicy`.
    """

    origin: Origin
    bucket: Maybe[str] | None
    block_public_acls: Maybe[bool] = False
    ignore_public_acls: Maybe[bool] = False
    block_public_policy: Maybe[bool] = False
    restrict_public_buckets: Maybe[bool] = False
    waits_for: frozenset[str] = frozenset()

    @property
    def flags(self) -> tuple[tuple[str, Maybe[bool]], ...]:
        """The flags by name, in AWS's order."""
        return (
            ("block_public_acls", self.block_public_acls),
            ("ignore_public_acls", self.ignore_public_acls),
            ("block_public_policy", self.block_public_policy),
            ("restrict_public_buckets", self.restrict_public_buckets),
        )


class Ownership(Struct, frozen=True, kw_only=True):
    """`aws_s3_bucket_ownership_controls`: BucketOwnerEnforced (ACLs off), BucketOwnerPreferred or ObjectWriter."""

    origin: Origin
    bucket: Maybe[str]
    setting: Maybe[str]


class Website(Struct, frozen=True, kw_only=True):
    """Static website hosting is on."""

    origin: Origin
    bucket: Maybe[str]


class AccessPoint(Struct, frozen=True, kw_only=True):
    """`aws_s3_access_point`. `vpc_only` is True with a VPC origin; an absent block means all four flags are on."""

    origin: Origin
    bucket: Maybe[str]
    name: Maybe[str]
    document: Maybe[PolicyDocument] | None
    block: PublicAccessBlock | None
    vpc_only: bool


class BucketUse(Struct, frozen=True, kw_only=True):
    """What else a bucket is good for: another resource reads its code there, or writes its logs or results.

    `use` is a key of the table in `normalise.bucket_uses`, e.g. "function-code", "trail-log", "build-artifact".
    """

    origin: Origin
    bucket: Maybe[str]
    use: str
