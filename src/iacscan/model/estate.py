"""Estate: everything one scan saw, on one side of the change."""

from collections.abc import Mapping

from msgspec import Struct

from . import iam, s3, workload
from . import organizations as orgs
from .settings import NOTHING_TOLD, Settings


class Coverage(Struct, frozen=True):
    """How much could be judged: every policy that was met is counted in exactly one of the three.

    `places` are those of the policies that were read, with whether all of each is known.
    """

    analysed: int = 0
    partial: int = 0
    unknown: tuple[tuple[str, str], ...] = ()  # (address.attribute, reason)
    places: Mapping[str, bool] = {}


class Estate(Struct, frozen=True, kw_only=True):
    """Objects by kind, in the order of the input.

    `complete` is False where the input says that it shows only a part (a targeted plan), `unseen` names what was met but
    not evaluated: then absence is not a fact. `accounts` are account ids known to be the reader's own.
    """

    users: tuple[iam.User, ...] = ()
    groups: tuple[iam.Group, ...] = ()
    roles: tuple[iam.Role, ...] = ()
    permission_sets: tuple[iam.PermissionSet, ...] = ()
    instance_profiles: tuple[iam.InstanceProfile, ...] = ()
    managed_policies: tuple[iam.ManagedPolicy, ...] = ()
    inline_policies: tuple[iam.InlinePolicy, ...] = ()
    attachments: tuple[iam.Attachment, ...] = ()
    exclusive_attachments: tuple[iam.ExclusiveAttachment, ...] = ()
    exclusive_lists: tuple[iam.ExclusiveList, ...] = ()
    memberships: tuple[iam.Membership, ...] = ()
    access_keys: tuple[iam.AccessKey, ...] = ()
    login_profiles: tuple[iam.LoginProfile, ...] = ()
    service_credentials: tuple[iam.ServiceCredential, ...] = ()
    password_policies: tuple[iam.PasswordPolicy, ...] = ()
    identity_providers: tuple[iam.IdentityProvider, ...] = ()
    assignments: tuple[iam.Assignment, ...] = ()
    key_flows: tuple[iam.KeyFlow, ...] = ()
    credential_literals: tuple[iam.CredentialLiteral, ...] = ()

    buckets: tuple[s3.Bucket, ...] = ()
    bucket_acls: tuple[s3.BucketAcl, ...] = ()
    object_acls: tuple[s3.ObjectAcl, ...] = ()
    bucket_policies: tuple[s3.BucketPolicy, ...] = ()
    public_access_blocks: tuple[s3.PublicAccessBlock, ...] = ()
    ownerships: tuple[s3.Ownership, ...] = ()
    websites: tuple[s3.Website, ...] = ()
    access_points: tuple[s3.AccessPoint, ...] = ()
    bucket_uses: tuple[s3.BucketUse, ...] = ()

    organizations: tuple[orgs.Organization, ...] = ()
    organizational_units: tuple[orgs.OrganizationalUnit, ...] = ()
    accounts_in_organization: tuple[orgs.Account, ...] = ()
    organization_policies: tuple[orgs.OrganizationPolicy, ...] = ()
    policy_targets: tuple[orgs.PolicyTarget, ...] = ()
    guardrails: tuple[orgs.Guardrail, ...] = ()
    delegated_administrators: tuple[orgs.DelegatedAdministrator, ...] = ()

    workloads: tuple[workload.Workload, ...] = ()
    lambda_permissions: tuple[workload.LambdaPermission, ...] = ()
    function_urls: tuple[workload.FunctionUrl, ...] = ()
    resource_policies: tuple[workload.ResourcePolicy, ...] = ()
    identity_pools: tuple[workload.IdentityPool, ...] = ()
    identity_pool_roles: tuple[workload.IdentityPoolRoles, ...] = ()
    shares: tuple[workload.Share, ...] = ()

    # What the change takes away, of that which others may still name; on the side after it.
    removed_principals: tuple[iam.Principal, ...] = ()
    detached: tuple[orgs.PolicyTarget, ...] = ()
    gone: frozenset[str] = frozenset()  # addresses of the blocks that it deletes, and their known ids, ARNs and URLs

    types: frozenset[str] = frozenset()  # every resource type met, for rules about absence
    # Addresses that outputs refer to, and blocks other than those of IAM and Organizations; complete for groups and for
    # policies that nothing attaches, which are what is asked for.
    mentions: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()  # texts that the input marks as sensitive: judged, never shown
    accounts: frozenset[str] = frozenset()
    account_ids: tuple[tuple[str, str], ...] = ()  # of each provider configuration (`Origin.account`) that shows it
    coverage: Coverage = Coverage()
    complete: bool = True
    is_template: bool = False  # of CloudFormation, whose logical ids stand behind the type in symbols
    unseen: tuple[str, ...] = ()
    settings: Settings = NOTHING_TOLD  # what the configuration tells of the account
    module_sources: tuple[str, ...] = ()
