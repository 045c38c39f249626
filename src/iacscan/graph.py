"""Relate: which policy belongs to whom, which companion to which bucket; built once, asked by rules."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Final, Protocol, TypeVar

from msgspec import Struct

from .finding import Origin
from .links import Index, Placed
from .model import iam, organizations, s3, workload
from .model.estate import Estate
from .value import Maybe, Unknown

ROOT: Final = "the root"  # what `Graph.place` calls the root of an organization, whatever it is called


class _OfBucket(Placed, Protocol):
    @property
    def bucket(self) -> Maybe[str] | None: ...


class _OfUser(Placed, Protocol):
    @property
    def user(self) -> Maybe[str]: ...


C = TypeVar("C", bound=_OfBucket)
U = TypeVar("U", bound=_OfUser)
H = TypeVar("H", iam.InlinePolicy, iam.Attachment)


class Companions(Struct, frozen=True):
    """Everything that decides who reaches one bucket. `uncertain` names companions whose bucket is not known."""

    policies: tuple[s3.BucketPolicy, ...]
    acls: tuple[s3.BucketAcl, ...]
    object_acls: tuple[s3.ObjectAcl, ...]
    blocks: tuple[s3.PublicAccessBlock, ...]
    ownerships: tuple[s3.Ownership, ...]
    websites: tuple[s3.Website, ...]
    access_points: tuple[s3.AccessPoint, ...]
    account_blocks: tuple[s3.PublicAccessBlock, ...]
    uncertain: tuple[Origin, ...]


class WayUp(Struct, frozen=True):
    """A unit or an account and all that is above it, the root last, by what `Graph.place` calls them.

    `missing` is a clause on the units of which the input does not tell; empty if all are there. The root is above every unit.
    """

    places: tuple[str, ...]
    missing: str = ""


class Graph:
    """Labelled edges between the objects of an estate, in both directions; each is computed when first asked for."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    # -- principals -------------------------------------------------------------------------------------------------

    @cached_property
    def _principals(self) -> dict[str, Index[iam.Principal]]:
        kinds: dict[str, tuple[iam.Principal, ...]] = {
            "user": self.estate.users,
            "group": self.estate.groups,
            "role": self.estate.roles,
            "permission-set": self.estate.permission_sets,
        }
        return {kind: Index(items, lambda p: (p.name, p.arn), fold=True) for kind, items in kinds.items()}

    def principal(self, kind: str, link: Maybe[str] | None, account: str) -> iam.Principal | None:
        """Return the user, group, role or permission set that a link means."""
        return self._principals[kind].find(link, account)

    @cached_property
    def _policies(self) -> Index[iam.ManagedPolicy]:
        return Index(self.estate.managed_policies, lambda p: (p.name, p.arn), fold=False)

    def managed_policy(self, link: Maybe[str] | None, account: str) -> iam.ManagedPolicy | None:
        """Return the customer managed policy that an ARN or symbol means; never one of AWS's own."""
        if isinstance(link, str) and ":iam::aws:policy/" in link:
            return None
        return self._policies.find(link, account)

    @cached_property
    def _inline(self) -> dict[str, list[iam.InlinePolicy]]:
        return self._held(self.estate.inline_policies)

    @cached_property
    def _attached(self) -> dict[str, list[iam.Attachment]]:
        return self._held(self.estate.attachments)

    def _held(self, items: Iterable[H]) -> dict[str, list[H]]:
        held: defaultdict[str, list[H]] = defaultdict(list)
        for item in items:
            holder = self.principal(item.holder_kind, item.holder, item.origin.account)
            if holder is not None:
                held[holder.origin.address].append(item)
        return held

    def inline_policies(self, principal: iam.Principal) -> tuple[iam.InlinePolicy, ...]:
        """Policies embedded in the principal."""
        return tuple(self._inline.get(principal.origin.address, ()))

    def attachments(self, principal: iam.Principal) -> tuple[iam.Attachment, ...]:
        """Managed policies attached to the principal itself (groups apart)."""
        return tuple(self._attached.get(principal.origin.address, ()))

    def holder(self, item: iam.InlinePolicy | iam.Attachment) -> iam.Principal | None:
        """The principal that an inline policy or attachment belongs to, if it is in the input."""
        return self.principal(item.holder_kind, item.holder, item.origin.account)

    @cached_property
    def _attachments_of_policy(self) -> dict[str, list[iam.Attachment]]:
        found: defaultdict[str, list[iam.Attachment]] = defaultdict(list)
        for item in self.estate.attachments:
            policy = self.managed_policy(item.policy, item.origin.account)
            if policy is not None:
                found[policy.origin.address].append(item)
        return found

    def attachments_of(self, policy: iam.ManagedPolicy) -> tuple[iam.Attachment, ...]:
        """Every attachment of a customer managed policy."""
        return tuple(self._attachments_of_policy.get(policy.origin.address, ()))

    @cached_property
    def _bounded(self) -> dict[str, list[iam.Principal]]:
        found: defaultdict[str, list[iam.Principal]] = defaultdict(list)
        for principal in (*self.estate.users, *self.estate.roles, *self.estate.permission_sets):
            policy = self.managed_policy(principal.boundary, principal.origin.account)
            if policy is not None:
                found[policy.origin.address].append(principal)
        return found

    def bounded_by(self, policy: iam.ManagedPolicy) -> tuple[iam.Principal, ...]:
        """Principals that the policy is a permissions boundary of."""
        return tuple(self._bounded.get(policy.origin.address, ()))

    @cached_property
    def _memberships(self) -> tuple[dict[str, list[iam.Group]], dict[str, list[iam.User]]]:
        groups: defaultdict[str, list[iam.Group]] = defaultdict(list)
        users: defaultdict[str, list[iam.User]] = defaultdict(list)
        for item in self.estate.memberships:
            user = self.principal("user", item.user, item.origin.account)
            group = self.principal("group", item.group, item.origin.account)
            if isinstance(user, iam.User) and isinstance(group, iam.Group):
                groups[user.origin.address].append(group)
                users[group.origin.address].append(user)
        return groups, users

    def groups_of(self, user: iam.User) -> tuple[iam.Group, ...]:
        """Groups that the user is a member of."""
        return tuple(self._memberships[0].get(user.origin.address, ()))

    def members_of(self, group: iam.Group) -> tuple[iam.User, ...]:
        """Users of the input that are members of the group."""
        return tuple(self._memberships[1].get(group.origin.address, ()))

    @cached_property
    def _memberships_of_group(self) -> dict[str, list[iam.Membership]]:
        found: defaultdict[str, list[iam.Membership]] = defaultdict(list)
        for item in self.estate.memberships:
            group = self.principal("group", item.group, item.origin.account)
            if group is not None:
                found[group.origin.address].append(item)
        return found

    def memberships_of(self, group: iam.Group) -> tuple[iam.Membership, ...]:
        """Memberships that name the group, also those whose user is not in the input."""
        return tuple(self._memberships_of_group.get(group.origin.address, ()))

    # -- credentials and workloads ----------------------------------------------------------------------------------

    def _of_user(self, items: Iterable[U]) -> dict[str, list[U]]:
        found: defaultdict[str, list[U]] = defaultdict(list)
        for item in items:
            user = self.principal("user", item.user, item.origin.account)
            if user is not None:
                found[user.origin.address].append(item)
        return found

    @cached_property
    def _keys(self) -> dict[str, list[iam.AccessKey]]:
        return self._of_user(self.estate.access_keys)

    @cached_property
    def _login_profiles(self) -> dict[str, list[iam.LoginProfile]]:
        return self._of_user(self.estate.login_profiles)

    def keys_of(self, user: iam.User) -> tuple[iam.AccessKey, ...]:
        """Access keys of the user."""
        return tuple(self._keys.get(user.origin.address, ()))

    def login_profiles_of(self, user: iam.User) -> tuple[iam.LoginProfile, ...]:
        """Console passwords of the user (at most one in AWS)."""
        return tuple(self._login_profiles.get(user.origin.address, ()))

    def user_of(self, item: iam.AccessKey | iam.LoginProfile | iam.ServiceCredential) -> iam.User | None:
        """The user that a credential belongs to, if it is in the input."""
        found = self.principal("user", item.user, item.origin.account)
        return found if isinstance(found, iam.User) else None

    @cached_property
    def _flows(self) -> dict[str, list[iam.KeyFlow]]:
        found: defaultdict[str, list[iam.KeyFlow]] = defaultdict(list)
        for flow in self.estate.key_flows:
            found[flow.key].append(flow)
        return found

    def flows_of(self, key: iam.AccessKey) -> tuple[iam.KeyFlow, ...]:
        """Where the secret of an access key goes."""
        return tuple(self._flows.get(key.origin.address, ()))

    @cached_property
    def _profiles(self) -> Index[iam.InstanceProfile]:
        return Index(self.estate.instance_profiles, lambda p: (p.name, p.arn), fold=True)

    def roles_of(self, item: workload.Workload) -> tuple[iam.Role, ...]:
        """Roles of the input that the workload runs as, through instance profiles too."""
        account = item.origin.account
        links = list(item.roles)
        for link in item.profiles:
            profile = self._profiles.find(link, account)
            if profile is not None and profile.role is not None:
                links.append(profile.role)
        found = (self.principal("role", link, account) for link in links)
        return tuple(role for role in found if isinstance(role, iam.Role))

    @cached_property
    def _workloads(self) -> dict[str, list[workload.Workload]]:
        found: defaultdict[str, list[workload.Workload]] = defaultdict(list)
        for item in self.estate.workloads:
            for role in self.roles_of(item):
                found[role.origin.address].append(item)
        return found

    def workloads_of(self, role: iam.Role) -> tuple[workload.Workload, ...]:
        """Workloads that run as the role."""
        return tuple(self._workloads.get(role.origin.address, ()))

    # -- buckets ----------------------------------------------------------------------------------------------------

    @cached_property
    def _buckets(self) -> Index[s3.Bucket]:
        return Index(self.estate.buckets, lambda b: (b.name, b.arn), fold=False)

    def bucket(self, link: Maybe[str] | None, account: str) -> s3.Bucket | None:
        """Return the bucket that a name, ARN or symbol means."""
        return self._buckets.find(link, account)

    def companions(self, bucket: s3.Bucket) -> Companions:
        """Everything that decides who reaches the bucket."""
        address = bucket.origin.address
        return Companions(
            policies=tuple(self._bucket_policies.get(address, ())),
            acls=tuple(self._bucket_acls.get(address, ())),
            object_acls=tuple(self._object_acls.get(address, ())),
            blocks=tuple(self._bucket_blocks.get(address, ())),
            ownerships=tuple(self._ownerships.get(address, ())),
            websites=tuple(self._websites.get(address, ())),
            access_points=tuple(self._access_points.get(address, ())),
            account_blocks=self._account_blocks.get(bucket.origin.account, ()),
            uncertain=self._adrift,
        )

    def _of_bucket(self, items: Iterable[C]) -> dict[str, list[C]]:
        joined: defaultdict[str, list[C]] = defaultdict(list)
        for item in items:
            owner = self.bucket(item.bucket, item.origin.account)
            if owner is not None:
                joined[owner.origin.address].append(item)
        return joined

    @cached_property
    def _bucket_policies(self) -> dict[str, list[s3.BucketPolicy]]:
        return self._of_bucket(self.estate.bucket_policies)

    @cached_property
    def _bucket_acls(self) -> dict[str, list[s3.BucketAcl]]:
        return self._of_bucket(self.estate.bucket_acls)

    @cached_property
    def _object_acls(self) -> dict[str, list[s3.ObjectAcl]]:
        return self._of_bucket(self.estate.object_acls)

    @cached_property
    def _bucket_blocks(self) -> dict[str, list[s3.PublicAccessBlock]]:
        return self._of_bucket(block for block in self.estate.public_access_blocks if block.bucket is not None)

    @cached_property
    def _ownerships(self) -> dict[str, list[s3.Ownership]]:
        return self._of_bucket(self.estate.ownerships)

    @cached_property
    def _websites(self) -> dict[str, list[s3.Website]]:
        return self._of_bucket(self.estate.websites)

    @cached_property
    def _access_points(self) -> dict[str, list[s3.AccessPoint]]:
        return self._of_bucket(self.estate.access_points)

    @cached_property
    def _account_blocks(self) -> dict[str, tuple[s3.PublicAccessBlock, ...]]:
        found: defaultdict[str, tuple[s3.PublicAccessBlock, ...]] = defaultdict(tuple)
        for block in self.estate.public_access_blocks:
            if block.bucket is None:
                found[block.origin.account] += (block,)
        return found

    @cached_property
    def blocks_adrift(self) -> tuple[s3.PublicAccessBlock, ...]:
        """Public access blocks that may belong to any bucket, because theirs is not known."""
        return tuple(block for block in self.estate.public_access_blocks if isinstance(block.bucket, Unknown))

    @cached_property
    def _adrift(self) -> tuple[Origin, ...]:
        """Companions that may belong to any bucket, because the one that they name is not known."""
        estate = self.estate
        companions: tuple[_OfBucket, ...] = (
            *estate.bucket_policies, *estate.bucket_acls, *estate.public_access_blocks, *estate.ownerships,
            *estate.websites, *estate.access_points,
        )  # fmt: skip
        return tuple(item.origin for item in companions if isinstance(item.bucket, Unknown))

    # -- organizations ----------------------------------------------------------------------------------------------

    @cached_property
    def _organization_policies(self) -> Index[organizations.OrganizationPolicy]:
        return Index(self.estate.organization_policies, lambda p: (p.id,), fold=False)

    def organization_policy(self, target: organizations.PolicyTarget) -> organizations.OrganizationPolicy | None:
        """The policy that an attachment attaches, if it is in the input."""
        return self._organization_policies.find(target.policy, target.origin.account)

    @cached_property
    def _targets(self) -> dict[str, list[organizations.PolicyTarget]]:
        found: defaultdict[str, list[organizations.PolicyTarget]] = defaultdict(list)
        for item in self.estate.policy_targets:
            policy = self.organization_policy(item)
            if policy is not None:
                found[policy.origin.address].append(item)
        return found

    def targets_of(self, policy: organizations.OrganizationPolicy) -> tuple[organizations.PolicyTarget, ...]:
        """Attachments of an organization policy."""
        return tuple(self._targets.get(policy.origin.address, ()))

    @cached_property
    def _organizations(self) -> Index[organizations.Organization]:
        return Index(self.estate.organizations, lambda o: o.root_ids, fold=False)

    @cached_property
    def _units(self) -> Index[organizations.OrganizationalUnit | organizations.Account]:
        estate = self.estate
        return Index(
            (*estate.organizational_units, *estate.accounts_in_organization), lambda unit: (unit.id,), fold=False
        )

    def place(self, link: str, account: str) -> str:
        """One name for a root, unit or account, however a link spells it: its block if it is in the input, else the link."""
        unit = self._units.find(link, account)
        if unit is not None:
            return unit.origin.identity
        return ROOT if self.is_root(link, account) else link

    def way_up(self, link: Maybe[str] | None, account: str) -> WayUp:
        """A unit or account and all that is above it. None, as the parent of an account, is the root."""
        places: dict[str, None] = {}
        while isinstance(link, str) and (place := self.place(link, account)) != ROOT:
            if place in places:
                return WayUp((*places, ROOT), f"{place} is inside of itself")
            places[place] = None
            unit = self._units.find(link, account)
            if unit is None:
                return WayUp((*places, ROOT), f"{place} is not in this input")
            link, account = unit.parent, unit.origin.account
        return WayUp((*places, ROOT), link.because if isinstance(link, Unknown) else "")

    @cached_property
    def _targets_at(self) -> dict[str, list[organizations.PolicyTarget]]:
        found: defaultdict[str, list[organizations.PolicyTarget]] = defaultdict(list)
        for item in self.estate.policy_targets:
            if isinstance(item.target, str):
                found[self.place(item.target, item.origin.account)].append(item)
        return found

    def targets_at(self, place: str) -> tuple[organizations.PolicyTarget, ...]:
        """Attachments of policies to what `place` calls so, whether or not the policies are in the input."""
        return tuple(self._targets_at.get(place, ()))

    def is_root(self, parent: str, account: str) -> bool:
        """Whether a parent is the root of an organization: by its id (`r-…`), or as part of one still to be made."""
        return parent.startswith("r-") or self._organizations.find(parent, account) is not None
