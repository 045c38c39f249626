"""Cognito identity pools, which give AWS credentials to users of applications, also to those who have not logged in."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ..load.block import Block
from ..model.workload import IdentityPool, IdentityPoolRoles
from ..value import Maybe, Unknown
from .iam import ROLE
from .reader import Types
from .scene import Handler, Scene

_POOL: Final[Types] = ("aws_cognito_identity_pool",)


def _pool(scene: Scene, block: Block) -> Iterator[Struct]:
    yield IdentityPool(
        origin=scene.origin(block),
        id=scene.read.names.name(block),
        admits_guests=scene.read.flag(block, "allow_unauthenticated_identities", default=False),
        classic=scene.read.flag(block, "allow_classic_flow", default=False),
    )


def _roles(scene: Scene, block: Block) -> Iterator[Struct]:
    roles = block.get("roles")
    guest_role: Maybe[str] | None = None
    if isinstance(roles, dict):
        guest_role = scene.read.link_of(roles.get("unauthenticated"), block, ROLE)
    elif isinstance(roles, Unknown):
        guest_role = roles  # of a map that is not known as a whole, nobody can say which role is whose
    yield IdentityPoolRoles(
        origin=scene.origin(block),
        pool=scene.read.required(block, "identity_pool_id", _POOL),
        guest_role=guest_role,
    )


HANDLERS: Final[dict[str, Handler]] = {
    "aws_cognito_identity_pool": _pool,
    "aws_cognito_identity_pool_roles_attachment": _roles,
}
