"""IAM as the account will hold it: users, groups, roles, policies, credentials and identity providers.

Links to other objects (`role`, `policy_arn`, ...) are texts: a name, an ARN, or one of these with a symbol
`⟦address⟧` in the place of what is not known yet. `graph` resolves them; nothing else does.
"""

from msgspec import Struct

from ..finding import Origin
from ..policy.document import PolicyDocument
from ..value import Maybe


class Principal(Struct, frozen=True, kw_only=True):
    """What users, groups, roles and permission sets have in common.

    `path` is the IAM path with both slashes. `boundary` is the ARN of the permissions boundary, None if there is none.
    Among the `tags`, the key REST (`policy.arn`) stands for tags of which nothing is known.
    """

    origin: Origin
    name: Maybe[str]
    arn: Maybe[str]
    path: str = "/"
    boundary: Maybe[str] | None = None
    tags: tuple[tuple[str, Maybe[str]], ...] = ()


class User(Principal, frozen=True, kw_only=True):
    """`aws_iam_user`."""


class Group(Principal, frozen=True, kw_only=True):
    """`aws_iam_group`."""


class Role(Principal, frozen=True, kw_only=True):
    """`aws_iam_role`; `trust` is its trust policy. `max_session` is in seconds (default 3600).

    `emptied` are arguments of the block that say that it has no such policies: `managed_policy_arns = []`, `inline_policy {}`. What other
    blocks give it all the same it has after one apply and not after the next, so they count, as what an exclusive list leaves out does.
    """

    trust: Maybe[PolicyDocument]
    max_session: Maybe[int] = 3600
    emptied: tuple[str, ...] = ()


class PermissionSet(Principal, frozen=True, kw_only=True):
    """`aws_ssoadmin_permission_set`: a role that Identity Center makes in each account it is assigned to."""

    session_duration: Maybe[str] | None = None


class InstanceProfile(Struct, frozen=True, kw_only=True):
    """`aws_iam_instance_profile`."""

    origin: Origin
    name: Maybe[str]
    arn: Maybe[str]
    role: Maybe[str] | None


class ManagedPolicy(Struct, frozen=True, kw_only=True):
    """A customer managed policy (`aws_iam_policy`)."""

    origin: Origin
    name: Maybe[str]
    arn: Maybe[str]
    document: Maybe[PolicyDocument]


class InlinePolicy(Struct, frozen=True, kw_only=True):
    """A policy embedded in one principal.

    `holder_kind` is user, group, role or permission-set; `holder` its name, ARN or symbol. `argument` is True where it is
    written as an argument of the principal itself (`aws_iam_role.inline_policy`).
    """

    origin: Origin
    name: Maybe[str]
    holder_kind: str
    holder: Maybe[str]
    document: Maybe[PolicyDocument]
    argument: bool = False


class Attachment(Struct, frozen=True, kw_only=True):
    """A managed policy attached to one principal.

    `via` tells how: "attachment" (`aws_iam_*_policy_attachment`), "exclusive" (`aws_iam_policy_attachment`, which detaches
    the policy everywhere else), "argument" (`managed_policy_arns`), "exclusive-list" (`*_attachments_exclusive`),
    "observed" (a computed copy in the state that no block of the plan accounts for) or "permission-set".
    A customer managed policy of a permission set is named, not identified by ARN: `by_name` is True.
    """

    origin: Origin
    holder_kind: str
    holder: Maybe[str]
    policy: Maybe[str]
    via: str = "attachment"
    by_name: bool = False


class ExclusiveAttachment(Struct, frozen=True, kw_only=True):
    """`aws_iam_policy_attachment` as a whole: the policy and everything that it names."""

    origin: Origin
    policy: Maybe[str]
    holders: tuple[tuple[str, Maybe[str]], ...]  # (kind, name)


class ExclusiveList(Struct, frozen=True, kw_only=True):
    """`aws_iam_*_policies_exclusive` and `*_policy_attachments_exclusive`: what is not listed is removed."""

    origin: Origin
    holder_kind: str
    holder: Maybe[str]
    kind: str  # "inline" (names) or "attached" (ARNs)
    items: tuple[Maybe[str], ...]


class Membership(Struct, frozen=True, kw_only=True):
    """A user in a group. `exclusive` marks `aws_iam_group_membership`, which removes everyone it does not name."""

    origin: Origin
    user: Maybe[str]
    group: Maybe[str]
    exclusive: bool = False


class AccessKey(Struct, frozen=True, kw_only=True):
    """`aws_iam_access_key`. `status` is Active (the default) or Inactive. `encrypted` is True with a PGP key.

    `rotated` tells whether something in the configuration replaces it in time; None if the input does not say.
    """

    origin: Origin
    user: Maybe[str]
    status: Maybe[str] = "Active"
    encrypted: bool = False
    rotated: bool | None = None


class LoginProfile(Struct, frozen=True, kw_only=True):
    """A console password (`aws_iam_user_login_profile`).

    `encrypted` is True where nobody can read it in the input or in what is kept of it. Of those that somebody can, `shown` marks those that
    come from a parameter without NoEcho, `plain` those kept in a plain parameter of Systems Manager.
    """

    origin: Origin
    user: Maybe[str]
    encrypted: bool = False
    shown: bool = False
    plain: bool = False
    reset_required: Maybe[bool] = True


class ServiceCredential(Struct, frozen=True, kw_only=True):
    """`aws_iam_service_specific_credential`, `aws_iam_user_ssh_key`, `aws_iam_signing_certificate`.

    `kind` is the resource type; `service` the service name where there is one; `age_days` its lifetime in days.
    """

    origin: Origin
    kind: str
    user: Maybe[str]
    service: Maybe[str] | None = None
    age_days: Maybe[int] | None = None
    status: Maybe[str] | None = None


class PasswordPolicy(Struct, frozen=True, kw_only=True):
    """`aws_iam_account_password_policy`; lengths in characters, reuse in passwords, age in days. None: not set."""

    origin: Origin
    minimum_length: Maybe[int] | None
    reuse_prevention: Maybe[int] | None
    max_age: Maybe[int] | None


class IdentityProvider(Struct, frozen=True, kw_only=True):
    """An OIDC provider (`kind` "oidc", `url` without scheme, `client_ids`) or a SAML provider (`kind` "saml")."""

    origin: Origin
    kind: str
    url: Maybe[str]
    arn: Maybe[str]
    client_ids: tuple[Maybe[str], ...] = ()


class Assignment(Struct, frozen=True, kw_only=True):
    """`aws_ssoadmin_account_assignment`: a permission set for a user or group (`principal_type`) in an account."""

    origin: Origin
    permission_set: Maybe[str]
    principal_type: Maybe[str]
    principal_id: Maybe[str]
    target: Maybe[str]


class KeyFlow(Struct, frozen=True, kw_only=True):
    """The secret of an access key, seen on its way into something else.

    `key` is the address of the `aws_iam_access_key`. `part` is the attribute (`secret`, `id`, `ses_smtp_password_v4`,
    `encrypted_secret`). `sink` is where it arrives: "compute", "ci", "store", "output" (not sensitive), "sensitive-output",
    "file", or "other". `through` names what could not be followed exactly (a local), which lowers the confidence.
    `path` is where it stands, as written; `attribute` the attribute of the sink by Terraform's name, empty for an output.
    """

    origin: Origin
    key: str
    part: str
    sink: str
    path: str
    through: str = ""
    attribute: str = ""


class CredentialLiteral(Struct, frozen=True, kw_only=True):
    """Something that looks like an AWS credential, written in the configuration.

    `kind` is "access-key-id" or "secret-access-key", or says how the secret of one resource is given away: "written", "preset" (the
    default of the parameter or variable `via`), "shown" (that parameter lacks NoEcho), "plain" (kept unencrypted), "given" (a password in the environment
    or the start-up script of a workload). A secret that is "written" as the name of a parameter has that in `via`. `shown` its first characters (at most 4); `dummy` marks documented
    examples and values for local emulators. `path` is the attribute.
    """

    origin: Origin
    kind: str
    path: str
    shown: str
    dummy: bool = False
    via: Origin | None = None
