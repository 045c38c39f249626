"""IAM: users, groups, roles, policies, attachments, credentials, identity providers."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import Struct

from ..load.block import Block
from ..model import iam
from ..value import Maybe, Unknown
from .reader import Types, missing, parts
from .scene import Handler, Scene
from .written import written

USER: Final[Types] = ("aws_iam_user",)
GROUP: Final[Types] = ("aws_iam_group",)
ROLE: Final[Types] = ("aws_iam_role", "aws_iam_service_linked_role")
POLICY: Final[Types] = ("aws_iam_policy",)
HOLDERS: Final[dict[str, Types]] = {"user": USER, "group": GROUP, "role": ROLE}


def _principal(scene: Scene, block: Block) -> dict[str, Any]:
    path = scene.read.text(block, "path")
    return {
        "origin": scene.origin(block),
        "name": scene.read.name(block),
        "arn": scene.read.names.arn(block),
        "path": path if isinstance(path, str) else "/",
        "boundary": scene.read.link(block, "permissions_boundary", POLICY),
        "tags": scene.read.tags(block),
    }


def _user(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.User(**_principal(scene, block))


def _group(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.Group(**_principal(scene, block))


def _role(scene: Scene, block: Block) -> Iterator[Struct]:
    trust = scene.policies.needed(block, "assume_role_policy")
    session = scene.read.number(block, "max_session_duration")
    yield iam.Role(
        **_principal(scene, block),
        trust=trust,
        max_session=3600 if session is None else session,
        emptied=tuple(_emptied(scene, block)),
    )
    yield from _inline_arguments(scene, block)
    yield from _attachment_arguments(scene, block)


def _emptied(scene: Scene, block: Block) -> Iterator[str]:
    """The arguments that are set to nothing. An empty list that a variable gives may be AWS's own answer to one that is null."""
    value = block.get("inline_policy")
    if block.configured("inline_policy") and not tuple(missing(value)):
        given = tuple(parts(value))
        if given and all(item.get("policy") in (None, "") for item in given):
            yield "inline_policy"
    arns = "managed_policy_arns"
    certain = scene.is_new(block) or not block.references(arns)
    if block.configured(arns) and block.get(arns) == [] and certain:
        yield arns


def _inline_arguments(scene: Scene, block: Block) -> Iterator[Struct]:
    origin, holder = scene.origin(block), scene.read.names.name(block)
    value = block.get("inline_policy")
    argument = scene.is_argument(block, "inline_policy")
    for at, item in enumerate(parts(value)):
        name = scene.read.text_of(item.get("name"))
        if not argument and scene.is_accounted(block, "aws_iam_role_policy", str(name)):
            continue
        place = f"{block.address}.inline_policy[{at}].policy"
        document = scene.policies.read_value(item.get("policy"), place, "inline_policy")
        if document is not None:  # an empty block says that there are to be none
            given = Unknown("it has no name") if name is None else name
            yield iam.InlinePolicy(
                origin=origin, name=given, holder_kind="role", holder=holder, document=document, argument=argument
            )
    if argument:
        for unknown in missing(value):
            scene.policies.read_value(unknown, f"{block.address}.inline_policy", "inline_policy")
            yield iam.InlinePolicy(
                origin=origin, name=unknown, holder_kind="role", holder=holder, document=unknown, argument=True
            )


def _attachment_arguments(scene: Scene, block: Block) -> Iterator[Struct]:
    argument = scene.is_argument(block, "managed_policy_arns")
    if not argument and isinstance(block.get("managed_policy_arns"), Unknown):
        return
    for policy in scene.read.links(block, "managed_policy_arns", POLICY):
        if argument or not scene.is_accounted(block, "aws_iam_role_policy_attachment", str(policy)):
            yield iam.Attachment(
                origin=scene.origin(block),
                holder_kind="role",
                holder=scene.read.names.name(block),
                policy=policy,
                via="argument" if argument else "observed",
            )


def _policy(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.ManagedPolicy(
        origin=scene.origin(block),
        name=scene.read.name(block),
        arn=scene.read.names.arn(block),
        document=scene.policies.needed(block, "policy"),
    )


def _instance_profile(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.InstanceProfile(
        origin=scene.origin(block),
        name=scene.read.name(block),
        arn=scene.read.names.arn(block),
        role=scene.read.link(block, "role", ROLE),
    )


def _inline(kind: str) -> Handler:
    def read(scene: Scene, block: Block) -> Iterator[Struct]:
        yield iam.InlinePolicy(
            origin=scene.origin(block),
            name=scene.read.name(block),
            holder_kind=kind,
            holder=scene.read.required(block, kind, HOLDERS[kind]),
            document=scene.policies.needed(block, "policy"),
        )

    return read


def _attachment(kind: str) -> Handler:
    def read(scene: Scene, block: Block) -> Iterator[Struct]:
        yield iam.Attachment(
            origin=scene.origin(block),
            holder_kind=kind,
            holder=scene.read.required(block, kind, HOLDERS[kind]),
            policy=scene.read.required(block, "policy_arn", POLICY),
        )

    return read


def _exclusive_attachment(scene: Scene, block: Block) -> Iterator[Struct]:
    origin, policy = scene.origin(block), scene.read.required(block, "policy_arn", POLICY)
    holders = tuple(
        (kind, holder) for kind, types in HOLDERS.items() for holder in scene.read.links(block, f"{kind}s", types)
    )
    yield iam.ExclusiveAttachment(origin=origin, policy=policy, holders=holders)
    for kind, holder in holders:
        yield iam.Attachment(origin=origin, holder_kind=kind, holder=holder, policy=policy, via="exclusive")


def _exclusive_names(kind: str) -> Handler:
    def read(scene: Scene, block: Block) -> Iterator[Struct]:
        yield iam.ExclusiveList(
            origin=scene.origin(block),
            holder_kind=kind,
            holder=scene.read.required(block, f"{kind}_name", HOLDERS[kind]),
            kind="inline",
            items=scene.read.links(block, "policy_names", (f"aws_iam_{kind}_policy",)),
        )

    return read


def _exclusive_arns(kind: str) -> Handler:
    def read(scene: Scene, block: Block) -> Iterator[Struct]:
        origin, holder = scene.origin(block), scene.read.required(block, f"{kind}_name", HOLDERS[kind])
        items = scene.read.links(block, "policy_arns", POLICY)
        yield iam.ExclusiveList(origin=origin, holder_kind=kind, holder=holder, kind="attached", items=items)
        for policy in items:
            yield iam.Attachment(origin=origin, holder_kind=kind, holder=holder, policy=policy, via="exclusive-list")

    return read


def _memberships_of_user(scene: Scene, block: Block) -> Iterator[Struct]:
    user = scene.read.required(block, "user", USER)
    for group in scene.read.links(block, "groups", GROUP):
        yield iam.Membership(origin=scene.origin(block), user=user, group=group)


def _memberships_of_group(scene: Scene, block: Block) -> Iterator[Struct]:
    group = scene.read.required(block, "group", GROUP)
    for user in scene.read.links(block, "users", USER):
        yield iam.Membership(origin=scene.origin(block), user=user, group=group, exclusive=True)


def _access_key(scene: Scene, block: Block) -> Iterator[Struct]:
    timed = any(".time_" in f".{reference.address}" for reference in block.references())
    status = scene.read.text(block, "status")
    if status is None or (isinstance(status, Unknown) and block.configured("status") is False):
        status = "Active"
    yield iam.AccessKey(
        origin=scene.origin(block),
        user=scene.read.required(block, "user", USER),
        status=status,
        encrypted=block.get("pgp_key") is not None,
        # A plan does not show `lifecycle`; a template numbers the keys that follow each other.
        rotated=True if timed or block.get("serial") is not None else None,
    )


def _login_profile(scene: Scene, block: Block) -> Iterator[Struct]:
    password = scene.read.text(block, "initial_password")
    sources = {item.address for item in password.references} if isinstance(password, Unknown) else set()
    yield iam.LoginProfile(
        origin=scene.origin(block),
        user=scene.read.required(block, "user", USER),
        encrypted=_is_kept_out(block, password),
        shown=any(address.startswith("var.") for address in sources),
        plain=_PLAIN in sources,
        reset_required=scene.read.flag(block, "password_reset_required", default=True),
    )


def _is_kept_out(block: Block, password: Maybe[str] | None) -> bool:
    """Whether nobody can read the password in the input or in what is kept of it.

    In a template it is written, referred to where it is kept (`{{resolve:...}}`), or given as a parameter: one without NoEcho
    is shown to everybody who may describe the stack, and plain parameters of Systems Manager are no secrets.
    """
    if written(block) is block:
        return block.get("pgp_key") is not None
    if not isinstance(password, Unknown):
        return password is None
    shown = any(
        reference.address.startswith("var.") or reference.address == _PLAIN for reference in password.references
    )
    return block.sensitive("initial_password") or not shown


def _service_credential(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.ServiceCredential(
        origin=scene.origin(block),
        kind=block.type,
        user=scene.read.required(block, "user_name" if block.type in _BY_USER_NAME else "username", USER),
        service=scene.read.text(block, "service_name"),
        age_days=scene.read.number(block, "credential_age_days"),
        status=scene.read.text(block, "status"),
    )


_PLAIN: Final = "resolve:ssm"  # a parameter that is not encrypted
_BY_USER_NAME: Final = ("aws_iam_service_specific_credential", "aws_iam_signing_certificate")


def _password_policy(scene: Scene, block: Block) -> Iterator[Struct]:
    def given(attribute: str) -> Maybe[int] | None:
        value = scene.read.number(block, attribute)
        # Computed by AWS where the configuration is silent: then it is not set.
        return None if isinstance(value, Unknown) and block.configured(attribute) is False else value

    yield iam.PasswordPolicy(
        origin=scene.origin(block),
        minimum_length=given("minimum_password_length"),
        reuse_prevention=given("password_reuse_prevention"),
        max_age=given("max_password_age"),
    )


def _oidc(scene: Scene, block: Block) -> Iterator[Struct]:
    url = scene.read.text(block, "url")
    if isinstance(url, str):
        url = url.removeprefix("https://")
    yield iam.IdentityProvider(
        origin=scene.origin(block),
        kind="oidc",
        url=Unknown("url is not set") if url is None else url,
        arn=scene.read.names.arn(block),
        client_ids=scene.read.links(block, "client_id_list", ()),
    )


def _saml(scene: Scene, block: Block) -> Iterator[Struct]:
    yield iam.IdentityProvider(
        origin=scene.origin(block), kind="saml", url=scene.read.name(block), arn=scene.read.names.arn(block)
    )


def _each(make: Callable[[str], Handler], pattern: str) -> dict[str, Handler]:
    return {pattern.format(kind): make(kind) for kind in HOLDERS}


HANDLERS: Final[dict[str, Handler]] = {
    "aws_iam_user": _user,
    "aws_iam_group": _group,
    "aws_iam_role": _role,
    "aws_iam_policy": _policy,
    "aws_iam_instance_profile": _instance_profile,
    **_each(_inline, "aws_iam_{}_policy"),
    **_each(_attachment, "aws_iam_{}_policy_attachment"),
    **_each(_exclusive_names, "aws_iam_{}_policies_exclusive"),
    **_each(_exclusive_arns, "aws_iam_{}_policy_attachments_exclusive"),
    "aws_iam_policy_attachment": _exclusive_attachment,
    "aws_iam_user_group_membership": _memberships_of_user,
    "aws_iam_group_membership": _memberships_of_group,
    "aws_iam_access_key": _access_key,
    "aws_iam_user_login_profile": _login_profile,
    "aws_iam_service_specific_credential": _service_credential,
    "aws_iam_user_ssh_key": _service_credential,
    "aws_iam_signing_certificate": _service_credential,
    "aws_iam_account_password_policy": _password_policy,
    "aws_iam_openid_connect_provider": _oidc,
    "aws_iam_saml_provider": _saml,
}
