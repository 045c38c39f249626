"""What the configuration tells of the account, put into the estates where rules look for it.

What is assumed stands beside what was read, as records of the model whose origin is the configuration. What the input says itself
counts for more: an account whose public access block it declares, before or after the change, gets none by assumption.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from msgspec.structs import replace

from .finding import Origin
from .model.estate import Estate
from .model.organizations import Guardrail
from .model.s3 import PublicAccessBlock
from .model.settings import NOTHING_TOLD, Settings

TYPE: Final = "configuration"  # of origins


class _Placed(Protocol):
    @property
    def origin(self) -> Origin: ...


def assume(sides: tuple[Estate, ...], settings: Settings) -> tuple[Estate, ...]:
    """The estates of one input as they are with what is told of the account."""
    if settings == NOTHING_TOLD:
        return sides
    declared = {block.origin.account for side in sides for block in side.public_access_blocks if block.bucket is None}
    return tuple(
        replace(
            side,
            settings=settings,
            public_access_blocks=(*side.public_access_blocks, *_blocks(side, settings, declared)),
            guardrails=(*side.guardrails, *_guardrails(settings)),
        )
        for side in sides
    )


def _blocks(side: Estate, settings: Settings, declared: set[str]) -> Iterator[PublicAccessBlock]:
    """One for each provider configuration that makes something which such a block bears on, or sets up an account."""
    records: tuple[_Placed, ...] = (
        *side.buckets, *side.bucket_policies, *side.bucket_acls, *side.object_acls, *side.access_points, *side.password_policies,
    )  # fmt: skip
    accounts = {item.origin.account for item in records} - declared
    for account in sorted(accounts) if settings.account_block else ():
        yield PublicAccessBlock(
            origin=Origin(settings.source, TYPE, account=account, action="no-op"),
            bucket=None,
            block_public_acls=True,
            ignore_public_acls=True,
            block_public_policy=True,
            restrict_public_buckets=True,
        )


def _guardrails(settings: Settings) -> Iterator[Guardrail]:
    if settings.guardrails:
        yield Guardrail(origin=Origin(settings.source, TYPE, action="no-op"))
