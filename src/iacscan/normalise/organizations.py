"""AWS Organizations and Control Tower."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from ..load.block import Block
from ..model import organizations as orgs
from ..value import Maybe, Reference, Unknown, Value
from .reader import Types, parts
from .scene import Handler, Scene

ORGANIZATION: Final = "aws_organizations_organization"
_PARENTS: Final[Types] = (ORGANIZATION, "aws_organizations_organizational_unit")
_TARGETS: Final[Types] = (*_PARENTS, "aws_organizations_account")
_POLICY: Final[Types] = ("aws_organizations_policy",)
_DEFAULT_KIND: Final = "SERVICE_CONTROL_POLICY"
_IN_IAM_LANGUAGE: Final = (_DEFAULT_KIND, "RESOURCE_CONTROL_POLICY")  # the other kinds have languages of their own


def organization(scene: Scene, block: Block) -> Iterator[Struct]:
    """The organization, managed or only read. Where it is both, what manages it says more."""
    if block.mode == "data" and scene.read.of_type(ORGANIZATION):
        return
    roots = list(parts(block.get("roots")))
    kinds = block.get("enabled_policy_types")
    enabled: Maybe[tuple[Maybe[str], ...]]
    if isinstance(kinds, Unknown):
        enabled = kinds
    elif kinds is None and block.mode == "data":
        enabled = _enabled(roots)
    else:
        enabled = scene.read.links_of(kinds, ())
    account = scene.read.names.text(Reference(block.address, "master_account_id"))
    feature_set = scene.read.text(block, "feature_set")
    yield orgs.Organization(
        origin=scene.origin(block),
        enabled_policy_types=enabled,
        feature_set="ALL" if feature_set is None else feature_set,
        root_ids=tuple(text for root in roots if isinstance(text := root.get("id"), str)),
        management_account=account,
        managed=block.mode == "managed",
        members=_members(block),
    )


def _members(block: Block) -> Maybe[tuple[str, ...]]:
    """Account ids in the list that AWS fills in; the management account is one of them."""
    listed = block.get("accounts")
    if listed is None or isinstance(listed, Unknown):
        return Unknown("its accounts are not listed") if listed is None else listed
    return tuple(text for item in parts(listed) if isinstance(text := item.get("id"), str))


def _enabled(roots: Iterable[Mapping[str, Value]]) -> tuple[str, ...]:
    """Policy types that are switched on, which the data source tells of each root."""
    kinds = (kind for root in roots for kind in parts(root.get("policy_types")) if kind.get("status") == "ENABLED")
    return tuple(dict.fromkeys(name for kind in kinds if isinstance(name := kind.get("type"), str)))


def _id(scene: Scene, block: Block) -> Maybe[str]:
    found = scene.read.names.text(Reference(block.address, "id"))
    return Unknown("it has no id yet") if found is None else found


def _unit(scene: Scene, block: Block) -> Iterator[Struct]:
    yield orgs.OrganizationalUnit(
        origin=scene.origin(block),
        name=scene.read.name(block),
        id=_id(scene, block),
        parent=scene.read.required(block, "parent_id", _PARENTS),
    )


def _account(scene: Scene, block: Block) -> Iterator[Struct]:
    parent = scene.read.link(block, "parent_id", _PARENTS)
    if isinstance(parent, Unknown) and block.configured("parent_id") is False:
        parent = None
    yield orgs.Account(origin=scene.origin(block), name=scene.read.name(block), id=_id(scene, block), parent=parent)


def _policy(scene: Scene, block: Block) -> Iterator[Struct]:
    kind = scene.read.text(block, "type")
    if kind is None or (isinstance(kind, Unknown) and block.configured("type") is False):
        kind = _DEFAULT_KIND
    value = block.get("content")
    content: Maybe[str] = Unknown("parts of the content are known only after apply")
    if isinstance(value, Unknown):
        content = value
    elif isinstance(value, str):
        content = scene.read.names.expand(value)
    document = scene.policies.needed(block, "content") if kind in _IN_IAM_LANGUAGE else None
    yield orgs.OrganizationPolicy(
        origin=scene.origin(block),
        name=scene.read.name(block),
        id=_id(scene, block),
        kind=kind,
        content=content,
        document=document,
    )


def _attachment(scene: Scene, block: Block) -> Iterator[Struct]:
    yield orgs.PolicyTarget(
        origin=scene.origin(block),
        policy=scene.read.required(block, "policy_id", _POLICY),
        target=scene.read.required(block, "target_id", _TARGETS),
    )


def _delegated(scene: Scene, block: Block) -> Iterator[Struct]:
    yield orgs.DelegatedAdministrator(
        origin=scene.origin(block),
        account=scene.read.required(block, "account_id", (*_TARGETS, "aws_caller_identity")),
        service=scene.read.required(block, "service_principal", ()),
    )


def _guardrail(scene: Scene, block: Block) -> Iterator[Struct]:
    yield orgs.Guardrail(origin=scene.origin(block))


HANDLERS: Final[dict[str, Handler]] = {
    ORGANIZATION: organization,
    "aws_organizations_organizational_unit": _unit,
    "aws_organizations_account": _account,
    "aws_organizations_policy": _policy,
    "aws_organizations_policy_attachment": _attachment,
    "aws_organizations_delegated_administrator": _delegated,
    "aws_controltower_landing_zone": _guardrail,
    "aws_controltower_control": _guardrail,
    "aws_controltower_baseline": _guardrail,
}
