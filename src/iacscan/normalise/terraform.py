"""Terraform's blocks, from a plan or from source, as estates before and after the change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from ..finding import Origin
from ..load.block import Block, CredentialLeaf, Loaded
from ..model import iam, s3, workload
from ..model import organizations as orgs
from ..model.estate import Estate
from . import bucket_uses, cognito, flows, identity_center, organizations, policy_attributes, sharing, workloads
from . import iam as identities
from . import s3 as storage
from .policy_documents import Policies
from .reader import Reader
from .scene import Accounted, Handler, Scene


def _joined(*tables: Mapping[str, Handler]) -> dict[str, Handler]:
    """One handler for each type; a type that says several things, such as a function with its role and its code, has several."""
    found: defaultdict[str, list[Handler]] = defaultdict(list)
    for table in tables:
        for type_, handler in table.items():
            found[type_].append(handler)
    return {type_: handlers[0] if len(handlers) == 1 else _chained(handlers) for type_, handlers in found.items()}


def _chained(handlers: Iterable[Handler]) -> Handler:
    chain = tuple(handlers)

    def read(scene: Scene, block: Block) -> Iterator[Struct]:
        for handler in chain:
            yield from handler(scene, block)

    return read


HANDLERS: Final[dict[str, Handler]] = _joined(
    identities.HANDLERS,
    identity_center.HANDLERS,
    storage.HANDLERS,
    organizations.HANDLERS,
    workloads.HANDLERS,
    policy_attributes.HANDLERS,
    cognito.HANDLERS,
    sharing.HANDLERS,
    bucket_uses.HANDLERS,
)
# Data sources that stand for something that an estate without them would lack.
DATA_HANDLERS: Final[dict[str, Handler]] = {organizations.ORGANIZATION: organizations.organization}

# Where each kind of record goes.
_FIELDS: Final[dict[type[Struct], str]] = {
    iam.User: "users",
    iam.Group: "groups",
    iam.Role: "roles",
    iam.PermissionSet: "permission_sets",
    iam.InstanceProfile: "instance_profiles",
    iam.ManagedPolicy: "managed_policies",
    iam.InlinePolicy: "inline_policies",
    iam.Attachment: "attachments",
    iam.ExclusiveAttachment: "exclusive_attachments",
    iam.ExclusiveList: "exclusive_lists",
    iam.Membership: "memberships",
    iam.AccessKey: "access_keys",
    iam.LoginProfile: "login_profiles",
    iam.ServiceCredential: "service_credentials",
    iam.PasswordPolicy: "password_policies",
    iam.IdentityProvider: "identity_providers",
    iam.Assignment: "assignments",
    s3.Bucket: "buckets",
    s3.BucketAcl: "bucket_acls",
    s3.ObjectAcl: "object_acls",
    s3.BucketPolicy: "bucket_policies",
    s3.PublicAccessBlock: "public_access_blocks",
    s3.Ownership: "ownerships",
    s3.Website: "websites",
    s3.AccessPoint: "access_points",
    s3.BucketUse: "bucket_uses",
    orgs.Organization: "organizations",
    orgs.OrganizationalUnit: "organizational_units",
    orgs.Account: "accounts_in_organization",
    orgs.OrganizationPolicy: "organization_policies",
    orgs.PolicyTarget: "policy_targets",
    orgs.Guardrail: "guardrails",
    orgs.DelegatedAdministrator: "delegated_administrators",
    workload.Workload: "workloads",
    workload.LambdaPermission: "lambda_permissions",
    workload.FunctionUrl: "function_urls",
    workload.ResourcePolicy: "resource_policies",
    workload.IdentityPool: "identity_pools",
    workload.IdentityPoolRoles: "identity_pool_roles",
    workload.Share: "shares",
}

# Companions whose text AWS also shows in the object itself (see `Scene.is_accounted`): the attribute that names the
# object, what it can mean, and the attribute that tells several companions of one object apart.
_COMPANIONS: Final[dict[str, tuple[str, tuple[str, ...], str]]] = {
    "aws_iam_role_policy": ("role", identities.ROLE, "name"),
    "aws_iam_role_policy_attachment": ("role", identities.ROLE, "policy_arn"),
    "aws_s3_bucket_policy": ("bucket", storage.BUCKET, ""),
    "aws_s3_bucket_acl": ("bucket", storage.BUCKET, ""),
    "aws_s3_bucket_website_configuration": ("bucket", storage.BUCKET, ""),
    "aws_s3control_access_point_policy": ("access_point_arn", ("aws_s3_access_point",), ""),
    **{
        row.companion: (other.target, other.types, "")
        for row in policy_attributes.ROWS.values()
        if row.companion and (other := policy_attributes.ROWS[row.companion])
    },
}

# Blocks that only tie objects of the model together: `graph` knows what they say, so they do not count as mentions.
_TIES: Final = frozenset((*identities.HANDLERS, *identity_center.HANDLERS, *organizations.HANDLERS))


_DOCUMENT: Final = "aws_iam_policy_document"


def normalise(loaded: Loaded) -> tuple[Estate, Estate]:
    """The estates before and after the change."""
    before, after = Reader(loaded.path, loaded.before.blocks), Reader(loaded.path, loaded.after.blocks)
    accounted = _accounted((before, after))
    existed = frozenset(block.address for block in before.blocks)
    was = _estate(loaded, Scene(before, Policies(before), accounted))
    will_be = _estate(loaded, Scene(after, Policies(after, tuple(loaded.beside)), accounted, existed))
    removed, detached = _gone(was, will_be)
    gone = frozenset(_called(before.blocks, after.blocks))
    if removed or detached or gone:
        will_be = replace(will_be, removed_principals=removed, detached=detached, gone=gone)
    return was, will_be


def _called(before: Iterable[Block], after: Iterable[Block]) -> Iterator[str]:
    """What blocks that are there before and not after are called."""
    left = {block.address for block in after}
    for block in before:
        if block.mode == "managed" and block.address not in left:
            yield block.address
            yield from (text for name in ("arn", "id", "url") if isinstance(text := block.get(name), str) and text)


def _gone(was: Estate, will_be: Estate) -> tuple[tuple[iam.Principal, ...], tuple[orgs.PolicyTarget, ...]]:
    """Users and roles that the change deletes, and organization policies that it detaches.

    What gets a new address, or is made anew under its name, is not gone.
    """
    left = (*will_be.users, *will_be.roles)
    kept: set[object] = {item.arn for item in left} | {item.origin.address for item in left}
    kept |= {(type(item), item.origin.account, item.name) for item in left}
    attached = {(item.policy, item.target) for item in will_be.policy_targets}
    return (
        tuple(
            item
            for item in (*was.users, *was.roles)
            if kept.isdisjoint((item.arn, item.origin.address, (type(item), item.origin.account, item.name)))
        ),
        tuple(item for item in was.policy_targets if (item.policy, item.target) not in attached),
    )


def _estate(loaded: Loaded, scene: Scene) -> Estate:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for block in scene.read.blocks:
        handlers = HANDLERS if block.mode == "managed" else DATA_HANDLERS
        handler = handlers.get(block.type) if block.mode != "provider" else None
        if handler is not None:
            for record in handler(scene, block):
                found[_FIELDS[type(record)]].append(record)
    fields: dict[str, Any] = {name: tuple(records) for name, records in found.items()}
    is_after = scene.existed is not None
    is_template = loaded.kind == "cloudformation"
    return Estate(
        **fields,
        key_flows=tuple(
            flows.key_flows(
                scene, loaded.outputs if is_after else loaded.outputs_before, "Outputs" if is_template else "output"
            )
        ),
        credential_literals=tuple(_literals(scene, loaded.credentials if is_after else loaded.credentials_before)),
        types=frozenset(block.type for block in scene.read.blocks if block.mode == "managed"),
        mentions=frozenset(_mentions(loaded, scene, found)),
        accounts=frozenset(scene.read.names.accounts.values()),
        account_ids=tuple(scene.read.names.accounts.items()),
        coverage=scene.policies.coverage,
        secrets=frozenset(scene.policies.secrets),
        complete=loaded.complete,
        is_template=is_template,
        unseen=loaded.unevaluated,
        module_sources=loaded.module_sources,
    )


def _accounted(sides: Iterable[Reader]) -> Accounted:
    readers = tuple(sides)

    @cache
    def texts(companion: str) -> frozenset[str]:
        attribute, types, part = _COMPANIONS[companion]
        found: set[str] = set()
        for side in readers:
            for block in side.of_type(companion):
                owner = side.link(block, attribute, types)
                if isinstance(owner, str):
                    found.add(f"{owner}\n{side.link(block, part, identities.POLICY)}" if part else owner)
        return frozenset(found)

    return texts


def _mentions(loaded: Loaded, scene: Scene, found: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    """Addresses of objects that outputs refer to, or modules that are not there, or blocks whose meaning for IAM is not known.

    Following every reference of every block is the dearest thing that could be done here, so it is done only where
    an object is there that nothing ties to another one, or a group: only of these is it ever asked. A policy document
    in a block of its own means something only in the blocks that take it, so it is read as a part of these.
    """
    leaving = (loaded.given, *(output.references for output in loaded.outputs))
    for reference in (reference for references in leaving for reference in references):
        yield scene.read.shown(reference.address)
    tied = {item.policy for name in ("attachments", "exclusive_attachments", "policy_targets") for item in found[name]}
    tied |= {item.boundary for name in ("users", "roles", "permission_sets") for item in found[name]}
    tied |= {item.holder for name in ("attachments", "inline_policies") for item in found[name]}
    tied |= {item.user for item in found["memberships"]}
    loose = [
        item for name in ("managed_policies", "users") for item in found[name] if tied.isdisjoint((item.arn, item.name))
    ]
    loose += [item for item in found["organization_policies"] if item.id not in tied]
    if not loose and not found["groups"]:
        return
    documents: defaultdict[str, list[Block]] = defaultdict(list)
    todo: list[Block] = []
    for block in scene.read.blocks:
        if block.type == _DOCUMENT:
            documents[scene.read.origin(block).resource].append(block)
        elif block.type not in _TIES or block.mode != "managed":
            todo.append(block)
    while todo:
        for reference in todo.pop().references():
            yield scene.read.shown(reference.address)
            if _DOCUMENT in reference.address:
                todo += documents.pop(Origin(reference.address, _DOCUMENT).resource, ())


def _literals(scene: Scene, leaves: Iterable[CredentialLeaf]) -> Iterator[iam.CredentialLiteral]:
    """Findings of the loader, each with its block; a variable or output has no block."""
    for leaf in leaves:
        block = scene.read.names.block(leaf.address)
        yield iam.CredentialLiteral(
            origin=scene.read.origin_of(block, leaf.address, leaf.type),
            kind=leaf.kind,
            path=leaf.path,
            shown=leaf.shown,
            dummy=leaf.dummy,
            via=scene.read.origin_of(None, leaf.via, "variable" if leaf.via.startswith("var.") else "parameter")
            if leaf.via
            else None,
        )
