"""One request, as AWS sees it when it decides: who asks for which action on which resource, under which circumstances.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-reqcontext.html
"""

import enum
from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

from ..lazy import regex
from ..value import Maybe, Unknown
from .arn import REST, parse_arn

# What a request says under one key. A tuple holds its values, each of which may be unknown (an empty one is an empty
# list); Unknown says that not even the presence of the key is known. A key that is not in the mapping is not in the request.
Held: TypeAlias = tuple[Maybe[str], ...] | Unknown

_OWNER: Final = regex(r"\d{12}|⟦[^⟧]*⟧")


class CallerKind(enum.Enum):
    """What kind of principal makes a request."""

    USER = "user"
    ROLE_SESSION = "role session"
    SERVICE_LINKED_ROLE = "service-linked role"  # a session of one
    FEDERATED_USER = "federated user"  # a session by sts:GetFederationToken
    ROOT = "root user"
    IDENTITY = "identity of a provider"  # whom an OIDC or SAML provider vouches for, before any role is assumed
    SERVICE = "service"  # an AWS service in its own name
    ANONYMOUS = "anonymous"


class Caller(Struct, frozen=True):
    """Who makes a request.

    `account` is the id of the caller's account, or a symbol for one; empty for services, identities and anonymous callers.
    `name` is what a policy calls the caller: the ARN of the user, of the role, of the federated user, of the provider
    (or its host), or the name of the service (`lambda.amazonaws.com`); the root user and anonymous callers need none.
    `session` is the name of the role session, empty if it is not known.
    """

    kind: CallerKind
    account: str = ""
    name: str = ""
    session: str = ""

    @property
    def session_arn(self) -> str:
        """The ARN of the session of a role; for all others their name."""
        if self.kind not in (CallerKind.ROLE_SESSION, CallerKind.SERVICE_LINKED_ROLE):
            return self.name
        role = self.name.rpartition("/")[2]
        return f"arn:{_partition(self.name)}:sts::{self.account}:assumed-role/{role}/{self.session or REST}"

    @property
    def has_identity_policies(self) -> bool:
        """Whether policies can be attached to it."""
        return self.kind in _WITH_POLICIES


_WITH_POLICIES: Final = frozenset(
    (CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.SERVICE_LINKED_ROLE, CallerKind.FEDERATED_USER)
)


def _partition(arn: str) -> str:
    found = parse_arn(arn)
    return "aws" if found is None else found.partition


ANYBODY: Final = Caller(CallerKind.ANONYMOUS)


class Request(Struct, frozen=True):
    """A request.

    `resource` is an ARN, or `*` where the action has no resource. `context` holds the condition keys, in any case; it is
    completed by the keys that follow from the caller and the resource, in lower case, unless they are given.
    """

    action: str
    resource: str
    principal: Caller
    context: Mapping[str, Held] = {}

    def __post_init__(self) -> None:
        """Complete the context."""
        derived = _of_caller(self.principal) | _of_resource(self.resource)
        given = {key.lower(): held for key, held in self.context.items()}
        force_setattr(self, "context", derived | given)


def owner(resource: str) -> str | None:
    """The account in an ARN: an id or a symbol; None if the ARN has none (buckets), or the resource is AWS's own."""
    arn = parse_arn(resource)
    return arn.account if arn is not None and _OWNER.fullmatch(arn.account) else None


def _of_resource(resource: str) -> dict[str, Held]:
    account = owner(resource)
    return {} if account is None else {"aws:resourceaccount": (account,)}


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
_TYPES: Final = {
    CallerKind.USER: "User",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.SERVICE_LINKED_ROLE: "AssumedRole",
    CallerKind.FEDERATED_USER: "FederatedUser",
    CallerKind.ROOT: "Account",
    CallerKind.ANONYMOUS: "Anonymous",
}


def _of_caller(caller: Caller) -> dict[str, Held]:
    """The keys that AWS puts into every request of a caller.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
    """
    kind = caller.kind
    type_: Maybe[str] = _TYPES.get(kind, Unknown(f"AWS does not say what it is for a {kind.value}"))
    keys: dict[str, Held] = {"aws:principaltype": (type_,)}
    match kind:
        case CallerKind.ANONYMOUS:
            return keys | {"aws:principalaccount": ("anonymous",), "aws:userid": ("anonymous",)}
        case CallerKind.IDENTITY:
            return keys
        case CallerKind.SERVICE:
            several = Unknown("services have several names, and AWS lists them nowhere")
            return keys | {
                "aws:principalisawsservice": ("true",),
                "aws:principalservicename": (caller.name,),
                "aws:principalservicenameslist": (caller.name, several),
            }
    last = caller.name.rpartition("/")[2]
    userid: Maybe[str] = Unknown(f"the unique id of {caller.name} is AWS's choice")
    if kind is CallerKind.ROOT:
        userid = caller.account
    elif kind is CallerKind.FEDERATED_USER:
        userid = f"{caller.account}:{last}"
    elif kind is CallerKind.USER:
        keys["aws:username"] = (last,)
    arn = f"arn:aws:iam::{caller.account}:root" if kind is CallerKind.ROOT else caller.name
    return keys | {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (caller.account,),
        "aws:principalisawsservice": ("false",),
        "aws:userid": (userid,),
    }
