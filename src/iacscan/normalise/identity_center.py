"""IAM Identity Center: permission sets, what they hold, and who is assigned to them."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from ..load.block import Block
from ..model import iam
from ..value import Maybe, Unknown, Value
from .iam import POLICY
from .reader import Types, first
from .scene import Handler, Scene

_SET: Final[Types] = ("aws_ssoadmin_permission_set",)
_KIND: Final = "permission-set"
_REFERENCE: Final = "customer_managed_policy_reference"


def _permission_set(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.PermissionSet(
        origin=scene.origin(block),
        name=scene.read.name(block),
        arn=scene.read.names.arn(block),
        boundary=_boundary(scene, block),
        tags=scene.read.tags(block),
        session_duration=scene.read.text(block, "session_duration"),
    )


def _boundary(scene: Scene, block: Block) -> Maybe[str] | None:
    arn = scene.read.names.arn(block)
    for other in scene.read.of_type("aws_ssoadmin_permissions_boundary_attachment"):
        if scene.read.link(other, "permission_set_arn", _SET) == arn:
            given = first(other.get("permissions_boundary"))
            if not isinstance(given, dict):
                return given
            managed = scene.read.link_of(given.get("managed_policy_arn"), other, POLICY)
            return _named(scene, other, given) if managed is None else managed
    return None


def _named(scene: Scene, block: Block, holder: Mapping[str, Value]) -> Maybe[str] | None:
    """The customer managed policy that a block names; Identity Center looks for it in each account."""
    reference = first(holder.get(_REFERENCE))
    return scene.read.link_of(reference.get("name"), block, POLICY) if isinstance(reference, dict) else reference


def _inline(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.InlinePolicy(
        origin=scene.origin(block),
        name="inline",  # a permission set has one at most, without a name
        holder_kind=_KIND,
        holder=scene.read.required(block, "permission_set_arn", _SET),
        document=scene.policies.needed(block, "inline_policy"),
    )


def _managed(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.Attachment(
        origin=scene.origin(block),
        holder_kind=_KIND,
        holder=scene.read.required(block, "permission_set_arn", _SET),
        policy=scene.read.required(block, "managed_policy_arn", POLICY),
        via=_KIND,
    )


def _customer_managed(scene: Scene, block: Block) -> Iterator[Struct]:
    policy = _named(scene, block, {_REFERENCE: block.get(_REFERENCE)})
    yield iam.Attachment(
        origin=scene.origin(block),
        holder_kind=_KIND,
        holder=scene.read.required(block, "permission_set_arn", _SET),
        policy=Unknown("it names no policy") if policy is None else policy,
        via=_KIND,
        by_name=True,
    )


def _assignment(scene: Scene, block: Block) -> Iterator[Struct]:
    def given(attribute: str, *types: str) -> Maybe[str]:
        return scene.read.required(block, attribute, types)

    yield iam.Assignment(
        origin=scene.origin(block),
        permission_set=given("permission_set_arn", *_SET),
        principal_type=given("principal_type"),
        principal_id=given("principal_id", "aws_identitystore_group", "aws_identitystore_user"),
        target=given("target_id", "aws_organizations_account", "aws_organizations_organization"),
    )


HANDLERS: Final[dict[str, Handler]] = {
    "aws_ssoadmin_permission_set": _permission_set,
    "aws_ssoadmin_permission_set_inline_policy": _inline,
    "aws_ssoadmin_managed_policy_attachment": _managed,
    "aws_ssoadmin_customer_managed_policy_attachment": _customer_managed,
    "aws_ssoadmin_account_assignment": _assignment,
}
