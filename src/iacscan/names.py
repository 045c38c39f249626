"""What people call principals and resources in questions, and what these are in an input.

Principals: `role/deploy`, `user/ada`, `group/readers`, `permission-set/Reader`, an address (`aws_iam_role.deploy`) or logical id, an
ARN. Those that the input does not make: an ARN, an account id, a service (`lambda.amazonaws.com`), `anyone`, `any-account`.
Resources: an ARN or a pattern of ARNs (with `<account>` and `<region>` for those of the input), `*`, an address, with a path in it or
without (`aws_s3_bucket.logs/2026/*`), `bucket/logs/*`, `role/deploy`, `user/ada`, `group/readers`, `policy/read`.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from .access import Access
from .effective import account_of
from .errors import UsageError
from .lazy import regex
from .links import symbols
from .model import iam, s3
from .model.workload import ResourcePolicy
from .policy.arn import ACCOUNT, REGION, REST, parse_arn
from .policy.document import PolicyDocument, Principal
from .policy.pattern import has_wildcard
from .policy.principal import Kind, classify
from .policy.request import ANYBODY, Caller, CallerKind
from .value import Maybe, Truth

_STRANGE: Final = "⟦any account⟧"
_ACCOUNT_ID: Final = regex(r"\d{12}")
_SERVICE: Final = regex(r"[\w.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com)")
_SHOWN: Final = 8  # names offered where one is wrong
_CLOSE: Final = 0.5  # how alike names must be (difflib's ratio) to be offered
_Named: TypeAlias = iam.Principal | iam.ManagedPolicy | s3.Bucket


class NotHereError(UsageError):
    """The input does not have what a question names."""


class Asker(Struct, frozen=True):
    """Who a question is about: what AWS sees of it (`caller`), what to call it, and its record if it is in the input.

    An asker without `principal` is judged by what resources let it do: its own policies are not in the input. They are assumed
    to allow everything where `is_foreign`, else they are not known. `open` are condition keys that differ among those for whom it stands.
    """

    caller: Caller
    label: str
    principal: iam.Principal | None = None
    is_foreign: bool = False
    open: tuple[str, ...] = ()


_OF_MEMBERS: Final = ("aws:username", "aws:principalarn", "aws:userid")
_OF_ACCOUNTS: Final = (*_OF_MEMBERS, "aws:principaltype")
ANYONE: Final = Asker(ANYBODY, "anyone", is_foreign=True)
ANY_ACCOUNT: Final = Asker(
    Caller(CallerKind.USER, _STRANGE, f"arn:aws:iam::{_STRANGE}:user/⟦anybody⟧"),
    "any AWS account",
    is_foreign=True,
    open=(*_OF_ACCOUNTS, "aws:principalaccount"),
)


# -- principals -----------------------------------------------------------------------------------------------------


def asker_of(principal: iam.Principal) -> Asker:
    """A principal of the input. Of a group, one of its members; of a permission set or role, one of its sessions."""
    account = account_of(principal) or ACCOUNT
    address = principal.origin.address
    arn = principal.arn if isinstance(principal.arn, str) else ""
    match principal:
        case iam.User():
            kind, name = CallerKind.USER, arn or f"arn:aws:iam::{account}:user/⟦{address}⟧"
        case iam.Group():
            kind, name = CallerKind.USER, f"arn:aws:iam::{account}:user/⟦a member of {address}⟧"
        case iam.PermissionSet():
            reserved = f"AWSReservedSSO_⟦{address}⟧"
            kind, name = (
                CallerKind.ROLE_SESSION,
                f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{reserved}",
            )
        case _:
            kind, name = CallerKind.ROLE_SESSION, arn or f"arn:aws:iam::{account}:role/⟦{address}⟧"
    open_ = _OF_MEMBERS if isinstance(principal, iam.Group) else ()
    return Asker(Caller(kind, account, name), address, principal, open=open_)


def find_asker(access: Access, text: str) -> Asker:
    """Whom a question means. Raises NotHereError if it is nobody, with the names that there are."""
    principal = find_principal(access, text)
    if principal is not None:
        return asker_of(principal)
    if text == "anyone":
        return ANYONE
    if text == "any-account":
        return ANY_ACCOUNT
    outsider = None
    if _SERVICE.fullmatch(text):
        outsider = outsider_of(access, Principal("Service", text))
    elif _ACCOUNT_ID.fullmatch(text) or parse_arn(text) is not None:
        outsider = outsider_of(access, Principal("AWS", text))
    if outsider is None:
        raise NotHereError(_nobody(access, text))
    return outsider


def outsider_of(access: Access, element: Principal) -> Asker | None:
    """Whom the Principal element of a policy lets in, if it names somebody who is not in the input; None if it does not.

    An account stands for whoever it lets use what it is given.
    """
    found = classify(element)
    value = element.value
    account = found.account or ""
    foreign = bool(account) and account != ACCOUNT and access.foreign_account(account) is not Truth.NO
    match found.kind:
        case Kind.SERVICE:
            return Asker(Caller(CallerKind.SERVICE, "", value), value, is_foreign=True)
        case Kind.OIDC | Kind.SAML | Kind.COGNITO:
            label = f"whom {value} vouches for"
            return Asker(Caller(CallerKind.IDENTITY, "", found.issuer or value), label, is_foreign=True)
        case Kind.ACCOUNT if foreign:
            name = f"arn:aws:iam::{account}:user/⟦anybody⟧"
            caller = Caller(CallerKind.USER, account, name)
            return Asker(caller, f"account {account}", is_foreign=True, open=_OF_ACCOUNTS)
        case Kind.USER | Kind.ROLE | Kind.SESSION | Kind.OTHER:
            kind = CallerKind.USER if found.kind is Kind.USER else CallerKind.ROLE_SESSION
            return Asker(Caller(kind, account, value), value, is_foreign=foreign)
        case _:
            return None


def principals(access: Access) -> Iterator[iam.Principal]:
    """Users, roles, permission sets and groups of an input."""
    estate = access.estate
    yield from (*estate.users, *estate.roles, *estate.permission_sets, *estate.groups)


def find_principal(access: Access, text: str) -> iam.Principal | None:
    """The principal of the input that a question means. Raises UsageError if it may be several."""
    return _one(text, (item for item in principals(access) if _is(item, text)))


def _named(access: Access) -> Iterator[_Named]:
    """All that a name may stand for as a resource."""
    yield from principals(access)
    yield from access.estate.managed_policies
    yield from access.estate.buckets


def _nobody(access: Access, text: str) -> str:
    known = {name for item in principals(access) for name in _called(item)}
    return f"there is no principal {text} in the input{_instead(text, known)}"


def _kind(item: _Named) -> str:
    kinds = {iam.PermissionSet: "permission-set", iam.ManagedPolicy: "policy"}
    return kinds.get(type(item), type(item).__name__.lower())


def _called(item: _Named) -> Iterator[str]:
    """What an object may be called, but for its ARN."""
    yield item.origin.address
    if isinstance(item.name, str) and item.name:
        yield f"{_kind(item)}/{item.name}"


def _is(item: _Named, text: str) -> bool:
    if text in (item.origin.address, item.arn):
        return True
    if text.startswith("arn:"):
        return _same_arn(item.arn, text)
    return any(text.lower() == name.lower() for name in tuple(_called(item))[1:])


def _same_arn(own: Maybe[str], asked: str) -> bool:
    """Whether an ARN of the input is the one that is asked for, where the account of the former is not known."""
    ours, theirs = parse_arn(own) if isinstance(own, str) else None, parse_arn(asked)
    if ours is None or theirs is None:
        return False
    return (ours.service, ours.resource.lower()) == (theirs.service, theirs.resource.lower()) and (
        ours.account == theirs.account or ACCOUNT in (ours.account, theirs.account)
    )


def _one(text: str, found: Iterable[iam.Principal]) -> iam.Principal | None:
    meant = {item.origin.address: item for item in found}
    if len(meant) > 1:
        message = f"{text} may be {' or '.join(sorted(meant)[:_SHOWN])}; give the address of the one that is meant"
        raise UsageError(message)
    return next(iter(meant.values()), None)


def _instead(text: str, known: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415  # slow to import, and needed only to word a mistake

    names = sorted(known)
    offered = difflib.get_close_matches(text, names, n=_SHOWN, cutoff=_CLOSE) or names[:_SHOWN]
    return f"; there is {', '.join(offered)}" if offered else ", which has none"


# -- resources ------------------------------------------------------------------------------------------------------


def find_resource(access: Access, text: str) -> str:
    """The ARN, or pattern of ARNs, that a question means. Raises NotHereError if it is none, with the names that there are."""
    if text == "*":
        return text
    if text.startswith("arn:"):
        return _in_our_words(access, text.replace("<region>", REGION).replace("<account>", _own_account(access)))
    beginning, _, rest = text.partition("/")
    if beginning == "bucket" and rest:
        return _in_our_words(access, f"arn:aws:s3:::{rest}")
    for address, arn in _resources(access):
        if text == address or text.startswith(f"{address}/"):
            return arn + text[len(address) :]
    arns = {item.arn for item in _named(access) if isinstance(item.arn, str) and _is(item, text)}
    if len(arns) == 1:
        return arns.pop()
    known = {name for item in _named(access) for name in _called(item)}
    known |= {address for address, _ in _resources(access)}
    message = f"there is no resource {text} in the input; give its ARN{_instead(text, known)}"
    raise NotHereError(message)


def _resources(access: Access) -> Iterator[tuple[str, str]]:
    """Addresses of what can be asked about, with their ARNs."""
    estate = access.estate
    for item in _named(access):
        if isinstance(item.arn, str):
            yield item.origin.address, item.arn
    for work in estate.workloads:
        if work.arn:
            yield work.origin.address, work.arn
    for policy in estate.resource_policies:
        arn = _protected(policy)
        if arn is not None:
            yield policy.origin.address, arn
            for address in symbols(policy.target) if isinstance(policy.target, str) else ():
                yield address, arn


def _protected(policy: ResourcePolicy) -> str | None:
    """The ARN of what a policy protects: its target, or what it names if that is a single thing."""
    if isinstance(policy.target, str) and policy.target.startswith("arn:"):
        return policy.target
    if not isinstance(policy.document, PolicyDocument):
        return None
    named = {text for statement in policy.document.statements for text in statement.resources or ()}
    arns = {text for text in named if isinstance(text, str) and text.startswith("arn:")}
    if len(arns) == len(named) == 1 and not any(has_wildcard(arn) or REST in arn for arn in arns):
        return arns.pop()
    return None


def _own_account(access: Access) -> str:
    """The id of the account that the input is for, if its principals are all in one that is known; else its symbol."""
    accounts = {account_of(item) for item in principals(access)}
    return next(iter(accounts)) or ACCOUNT if len(accounts) == 1 else ACCOUNT


def _in_our_words(access: Access, arn: str) -> str:
    """An ARN as policies of the input have it: with the symbol of a bucket or principal whose ARN is not known."""
    parsed = parse_arn(arn)
    if parsed is None:
        message = f"{arn} is no ARN: these have six parts with colons between them"
        raise UsageError(message)
    if parsed.service == "iam" and not has_wildcard(arn):
        for item in _named(access):
            if isinstance(item.arn, str) and _same_arn(item.arn, arn):
                return item.arn
    return arn
