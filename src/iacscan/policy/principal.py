"""What kind of caller a Principal element names, and in which account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import enum
import re
from typing import Final

from msgspec import Struct

from ..lazy import regex
from .arn import ACCOUNT, REST, parse_arn
from .document import Principal
from .pattern import has_wildcard

_ACCOUNT_ID: Final = regex(r"\d{12}")
_UNIQUE_ID: Final = regex(r"A[A-Z]{3}[A-Z0-9]{12,}")
_OIDC_PROVIDER: Final = "oidc-provider/"
COGNITO: Final = "cognito-identity.amazonaws.com"
# Identity providers that AWS knows by host name: every user of the provider is meant, whoever runs the account.
PUBLIC_ISSUERS: Final = frozenset({"accounts.google.com", "graph.facebook.com", "www.amazon.com", COGNITO})


class Kind(enum.Enum):
    """What a principal element names."""

    ANYONE = "anyone"
    ACCOUNT = "account"  # the account itself: its id or its root ARN, which are the same
    ROLE = "role"
    USER = "user"
    SESSION = "session"  # one session of a role, or a federated user
    SERVICE = "service"
    OIDC = "oidc"
    SAML = "saml"
    COGNITO = "cognito"
    CANONICAL_USER = "canonical-user"
    ORIGIN_ACCESS_IDENTITY = "origin-access-identity"
    UNIQUE_ID = "unique-id"  # AIDA..., AROA...: what is left in a policy when its user or role is deleted
    INVALID = "invalid"  # AWS knows no partial wildcards in principals: refused, or never matches
    OTHER = "other"  # one fixed principal whose kind does not show
    UNKNOWN = "unknown"  # not even whether it is a star


class Caller(Struct, frozen=True):
    """A principal element, understood.

    `account` is an account id or a symbol that stands for one; None if the element does not tell. `issuer` is the URL
    of an OIDC provider without its scheme, or the symbol of the provider's block.
    """

    kind: Kind
    account: str | None = None
    issuer: str = ""


_ANYONE: Final = Caller(Kind.ANYONE)
# What the symbol of a block stands for where it stands alone.
_SYMBOLS: Final = (
    ("aws_iam_role", Kind.ROLE),
    ("aws_iam_user", Kind.USER),
    ("aws_iam_openid_connect_provider", Kind.OIDC),
    ("aws_iam_saml_provider", Kind.SAML),
    ("aws_cloudfront_origin_access_identity", Kind.ORIGIN_ACCESS_IDENTITY),
    ("aws_organizations_account", Kind.ACCOUNT),
    ("aws_caller_identity", Kind.ACCOUNT),
    ("account", Kind.ACCOUNT),
)
# By service and beginning of the resource of an ARN.
_RESOURCES: Final = (
    ("iam", "user/CloudFront Origin Access Identity", Kind.ORIGIN_ACCESS_IDENTITY),
    ("iam", "user/", Kind.USER),
    ("iam", "role/", Kind.ROLE),
    ("iam", _OIDC_PROVIDER, Kind.OIDC),
    ("iam", "saml-provider/", Kind.SAML),
    ("sts", "assumed-role/", Kind.SESSION),
    ("sts", "federated-user/", Kind.SESSION),
)


def classify(principal: Principal) -> Caller:
    """Tell what a principal element names. `"*"` and `{"AWS": "*"}` are the same here: anyone."""
    value = principal.value
    match principal.kind:
        case "*":
            return _ANYONE
        case "AWS":
            return _ANYONE if value == "*" else _aws(value)
        case "Service":
            return Caller(Kind.INVALID if has_wildcard(value) else Kind.SERVICE)
        case "Federated":
            return _federated(value)
        case "CanonicalUser":
            return Caller(Kind.CANONICAL_USER)
        case _:
            return Caller(Kind.UNKNOWN)


def account_of(principal: Principal) -> str | None:
    """The account that a principal belongs to: an id, or a symbol for one; None if the element does not tell."""
    return classify(principal).account


def _aws(value: str) -> Caller:
    if _ACCOUNT_ID.fullmatch(value):
        return Caller(Kind.ACCOUNT, value)
    if value.startswith("⟦"):
        return _symbol(value)
    if has_wildcard(value):
        return Caller(Kind.INVALID)
    if _UNIQUE_ID.fullmatch(value):
        return Caller(Kind.UNIQUE_ID)
    return _arn(value)


def _arn(value: str) -> Caller:
    arn = parse_arn(value)
    if arn is None:
        return Caller(Kind.OTHER if REST in value else Kind.INVALID)
    account = arn.account if arn.account and REST not in arn.account else None
    if arn.service == "iam" and arn.resource == "root":
        return Caller(Kind.ACCOUNT, account)
    for service, beginning, kind in _RESOURCES:
        if arn.service == service and arn.resource.startswith(beginning):
            if kind is Kind.ORIGIN_ACCESS_IDENTITY:
                return Caller(kind)
            issuer = arn.resource.removeprefix(_OIDC_PROVIDER) if kind is Kind.OIDC else ""
            return Caller(kind, account, issuer)
    return Caller(Kind.OTHER, account)


def _symbol(value: str) -> Caller:
    """A principal that begins with a symbol: fixed, but only the block that it comes from is known."""
    if value.startswith(REST):
        return Caller(Kind.UNKNOWN)
    address = value[1 : value.index("⟧")] if "⟧" in value else value
    parts = re.sub(r"\[[^\]]*\]", "", address).split(".")
    for type_, kind in _SYMBOLS:
        if type_ in parts:
            if kind is Kind.ACCOUNT:
                return Caller(kind, value)
            issuer = value if kind is Kind.OIDC else ""
            return Caller(kind, None if kind is Kind.ORIGIN_ACCESS_IDENTITY else ACCOUNT, issuer)
    return Caller(Kind.OTHER)


def _federated(value: str) -> Caller:
    if has_wildcard(value):
        return Caller(Kind.INVALID)
    if value == COGNITO:
        return Caller(Kind.COGNITO, issuer=COGNITO)
    if value in PUBLIC_ISSUERS:
        return Caller(Kind.OIDC, issuer=value)
    if value.startswith("⟦"):
        return _symbol(value)
    if parse_arn(value) is not None:
        return _arn(value)
    return Caller(Kind.OTHER)
