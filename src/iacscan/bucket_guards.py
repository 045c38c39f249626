"""What stands between a bucket and the internet: public access blocks, the organization's S3 policy, object ownership.

The most restrictive of the bucket's and the account's block applies, and a policy of the organization takes the place of the account's
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3.html).
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from .finding import Origin
from .graph import Companions, Graph
from .model import s3
from .model.organizations import OrganizationPolicy
from .value import Maybe, Truth, Unknown, all_of, any_of

FLAGS: Final = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


class Flag(Struct, frozen=True):
    """One public access block flag as it takes effect: on if any block that applies has it on.

    `declared` is False where no block says anything; then new buckets have it on by default and old ones do not.
    `blocks` are the blocks, or policies of the organization, that switch it on, or that say it is off.
    """

    name: str
    value: Truth
    declared: bool
    blocks: tuple[Origin, ...] = ()


class _Assigned(Struct, frozen=True):
    """What one S3 policy of the organization does to the account: `on` for its four flags, and whether it applies at all."""

    origin: Origin
    on: Truth
    applies: Truth


def flags_of(graph: Graph, bucket: s3.Bucket, companions: Companions) -> tuple[Flag, ...]:
    """The four flags of a bucket, in AWS's order."""
    assigned = tuple(_assigned(graph))
    loose = graph.blocks_adrift if companions.uncertain else ()
    adrift = [block for block in loose if block.origin.account == bucket.origin.account]
    return tuple(_flag(name, companions, assigned, adrift) for name in FLAGS)


def _flag(
    name: str, companions: Companions, assigned: tuple[_Assigned, ...], adrift: list[s3.PublicAccessBlock]
) -> Flag:
    answers = [(block.origin, applies(block, name)) for block in companions.blocks]
    # A policy of the organization that switches protection off also overrules the account's block.
    overruled = any_of(all_of((item.applies, ~item.on)) for item in assigned)
    for block in companions.account_blocks:
        given = applies(block, name)
        answers.append((block.origin, all_of((given, ~overruled))))
    answers += [(item.origin, all_of((item.applies, item.on))) for item in assigned if item.on is not Truth.NO]
    # A block of a bucket that is not known may be this one's.
    doubts = [Truth.UNKNOWN for block in adrift if applies(block, name) is not Truth.NO]
    value = any_of((*(truth for _, truth in answers), *doubts))
    deciding = tuple(origin for origin, truth in answers if truth is value)
    return Flag(name, value, bool(answers or doubts), deciding)


def applies(block: s3.PublicAccessBlock, name: str) -> Truth:
    """Whether a block switches a flag on; unknown for one that may not come to be."""
    value: Maybe[bool] = dict(block.flags)[name]
    if isinstance(value, Unknown) or (value and block.origin.possible):
        return Truth.UNKNOWN
    return Truth.of(known=value)


def _assigned(graph: Graph) -> Iterator[_Assigned]:
    """S3 policies that are attached: to the root they certainly apply, to units and accounts perhaps."""
    for policy in graph.estate.organization_policies:
        targets = [target.target for target in graph.targets_of(policy)] if policy.kind == "S3_POLICY" else []
        if targets:
            account = policy.origin.account
            roots = any(isinstance(target, str) and graph.is_root(target, account) for target in targets)
            yield _Assigned(policy.origin, _switches_on(policy), Truth.YES if roots else Truth.UNKNOWN)


def _switches_on(policy: OrganizationPolicy) -> Truth:
    """Whether an S3 policy assigns `all` (the alternative is `none`)."""
    if isinstance(policy.content, Unknown):
        return Truth.UNKNOWN
    try:
        value = msgspec.json.decode(policy.content)
    except msgspec.DecodeError:
        return Truth.UNKNOWN
    for name in ("s3_attributes", "public_access_block_configuration", "@@assign"):
        value = value.get(name) if isinstance(value, dict) else None
    return {"all": Truth.YES, "none": Truth.NO}.get(str(value), Truth.UNKNOWN)


def acls_are_off(companions: Companions) -> tuple[Truth, bool]:
    """Whether object ownership switches ACLs off (`BucketOwnerEnforced`), and whether the input says so at all."""
    answers = []
    for item in companions.ownerships:
        if isinstance(item.setting, Unknown) or item.origin.possible:
            answers.append(Truth.UNKNOWN)
        else:
            answers.append(Truth.of(known=item.setting == "BucketOwnerEnforced"))
    return any_of(answers), bool(answers)
