"""Whom a resource policy or trust policy lets in.

`reach` grades one statement from "nobody" to "anyone". It rests on S3's meaning of "public"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html) and asks, for other
services, the same question: can somebody whom the policy does not name satisfy it?
"""

import enum
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from ..value import Maybe, Truth, Unknown, all_of, any_of
from .claims import key_without_token
from .condition.judge import ANONYMOUS, FOREIGN, Context, holds, is_positive_guard
from .condition.lacking import ENDPOINT
from .condition.values import ask_for_the_impossible
from .document import Condition, PolicyDocument, Principal, Statement
from .grant import denies_all_of
from .oidc import Scope, issuer, subject
from .principal import PUBLIC_ISSUERS, Kind, classify


class Level(enum.IntEnum):
    """How far a statement reaches, ordered."""

    NOBODY = 0
    NAMED = 1  # accounts, roles, users, services, federations that the policy names
    ORGANIZATION = 2  # every account of an organization
    NETWORK = 3  # whoever is inside a named network
    AUTHENTICATED = 4  # any AWS account in the world
    ANYONE = 5  # no credentials needed


class Surface(Struct, frozen=True):
    """A kind of resource, as far as it decides who can come.

    `anonymous`: unsigned requests are answered. `open_keys`: condition keys, in lower case, that do not limit callers here
    though they do elsewhere.
    """

    name: str
    anonymous: bool = False
    open_keys: frozenset[str] = frozenset()


_ACCESS_POINT_KEYS: Final = frozenset({"s3:dataaccesspointarn", "s3:dataaccesspointaccount"})
S3: Final = Surface("s3", anonymous=True)
ACCESS_POINT: Final = Surface("access-point", anonymous=True, open_keys=_ACCESS_POINT_KEYS)
TRUST: Final = Surface("trust")
OTHER: Final = Surface("other", anonymous=True)
_UNSIGNED: Final = Surface("unsigned", anonymous=True)
SURFACES: Final = {
    surface.name: surface
    for surface in (
        S3,
        ACCESS_POINT,
        TRUST,
        Surface("kms"),
        Surface("sqs", anonymous=True),
        Surface("sns", anonymous=True),
        Surface("lambda"),
        Surface("secret"),
        Surface("ecr"),
        Surface("dynamodb"),
        Surface("kinesis"),
        Surface("events"),
        Surface("backup"),
        Surface("codeartifact"),
        Surface("efs", anonymous=True),
        Surface("opensearch", anonymous=True),
        Surface("rest", anonymous=True),
        Surface("glacier", anonymous=True),
        Surface("media", anonymous=True),
        Surface("vpc-lattice", anonymous=True),
        # Access points of S3 itself, and those in front of several buckets.
        Surface("s3-access-point", anonymous=True, open_keys=_ACCESS_POINT_KEYS),
        Surface("s3-directory-access-point", open_keys=_ACCESS_POINT_KEYS),
        Surface("s3-outposts-access-point", open_keys=_ACCESS_POINT_KEYS),
        Surface("s3-multi-region-access-point", anonymous=True, open_keys=_ACCESS_POINT_KEYS),
        Surface("s3-object-lambda-access-point", anonymous=True, open_keys=_ACCESS_POINT_KEYS),
        # Every call to these is signed.
        *map(
            Surface,
            (
                "certificate",
                "cloudtrail",
                "codebuild",
                "event",
                "glue",
                "lex",
                "log",
                "msk",
                "network",
                "organizations",
                "redshift",
                "s3-directory-bucket",
                "s3-outposts-bucket",
                "s3-table",
                "s3-table-bucket",
                "s3-vector-bucket",
                "sagemaker",
                "schema",
                "ses",
                "xray",
            ),
        ),
    )
}


def surface_of(kind: str) -> Surface:
    """The surface of a resource kind such as "sqs-queue", "kms-key" or "secret"; `OTHER`, the widest, if none is known."""
    return SURFACES.get(kind) or SURFACES.get(kind.partition("-")[0], OTHER)


class Reach(Struct, frozen=True):
    """The answer for one statement.

    `level` is as far as it may reach; `truth` is unknown where something that is not known decides whether it does.
    `because` is a clause: which principal, and which condition limits or fails to limit it. `statement` is None where a
    part of the document is not known at all.
    """

    level: Level
    truth: Truth
    because: str
    statement: Statement | None = None

    @property
    def is_public(self) -> Truth:
        """Whether callers whom the policy does not name get in: any AWS account, or anyone."""
        return self.truth if self.level >= Level.AUTHENTICATED else Truth.NO


class _Part(Struct, frozen=True):
    level: Level
    truth: Truth
    because: str


def reach(statement: Statement, surface: Surface, *, network_bound: bool = False) -> Reach:
    """Grade one statement. A Deny reaches nobody. `network_bound`: the resource answers only inside a VPC."""
    if statement.effect == "Deny":
        return Reach(Level.NOBODY, Truth.YES, "it denies", statement)
    part = _widest(list(_parts(statement, surface)))
    if network_bound and part.level > Level.NETWORK:
        part = _Part(Level.NETWORK, part.truth, f"{part.because}, inside the network that the resource is bound to")
    if isinstance(statement.effect, Unknown) and part.level is not Level.NOBODY:
        part = _Part(part.level, Truth.UNKNOWN, f"{part.because}; but {statement.effect.because}")
    return Reach(part.level, part.truth, part.because, statement)


def document_reach(
    document: Maybe[PolicyDocument], surface: Surface, *, network_bound: bool = False
) -> tuple[Reach, ...]:
    """Grade every Allow of a document, Denies that certainly keep strangers out taken into account.

    S3's own status ignores Denies; this is the verdict on the risk, and `because` says which statement denies.
    Parts that are not known are graded as ANYONE, unknown.
    """
    if isinstance(document, Unknown):
        return (Reach(Level.ANYONE, Truth.UNKNOWN, document.because),)
    found = [
        _after_denies(reach(statement, surface, network_bound=network_bound), document.statements, surface)
        for statement in document.statements
        if statement.effect != "Deny"
    ]
    found.extend(Reach(Level.ANYONE, Truth.UNKNOWN, unknown.because) for unknown in document.unknown)
    return tuple(found)


def public_statements(
    document: Maybe[PolicyDocument], surface: Surface, *, network_bound: bool = False
) -> tuple[Reach, ...]:
    """What of a document is public or may be: each answer has `is_public` yes or unknown."""
    graded = document_reach(document, surface, network_bound=network_bound)
    return tuple(item for item in graded if item.is_public is not Truth.NO)


def strangers(found: Iterable[tuple[Level, Statement | None]]) -> str:
    """Whom public statements let in by their levels, in words.

    Only requests through an endpoint of a VPC carry the keys about it, and who has one has an AWS account.
    """
    public = tuple(found)
    anyone = [statement for level, statement in public if level is Level.ANYONE]
    if not all(map(_asks_for_endpoint, anyone)):
        return "anyone on the internet"
    only = len(anyone) == len(public)
    return "anyone who comes through a VPC endpoint of their own" if only else "any AWS account in the world"


def _asks_for_endpoint(statement: Statement | None) -> bool:
    return statement is not None and any(
        isinstance(leaf, Condition) and leaf.key.lower() in ENDPOINT and is_positive_guard(leaf)
        for leaf in statement.conditions
    )


def principal_reach(
    principal: Maybe[Principal], statement: Statement, document: PolicyDocument, surface: Surface
) -> Reach:
    """Grade one principal of a statement by itself, the document's Denies taken into account."""
    part = _of_principal(principal, statement, surface)
    found = Reach(part.level, part.truth, part.because, statement)
    if isinstance(statement.effect, Unknown) and part.level is not Level.NOBODY:
        found = Reach(part.level, Truth.UNKNOWN, f"{part.because}; but {statement.effect.because}", statement)
    return _after_denies(found, document.statements, surface)


def federated_reach(statement: Statement, url: str) -> Reach:
    """Grade a trust in the OIDC provider at a URL (without scheme): anyone, if a shared provider's subject is not checked.

    A provider that its owner runs for himself vouches only for his own; then the trust names somebody in any case.
    """
    known = issuer(url)
    found = subject(statement, url)
    named = f"identity provider {url}"
    lacking = key_without_token(statement, url)
    if lacking is not None:
        return Reach(Level.NOBODY, Truth.YES, f"{named}, none of whose tokens has {lacking}", statement)
    # Calls with a web identity are not signed: the other conditions see them as anonymous.
    others = tuple(item for item in statement.conditions if not _about_provider(item, url))
    limits = _limited(_UNSIGNED, others, named)
    if limits.level < Level.AUTHENTICATED:
        return Reach(limits.level, limits.truth, limits.because, statement)
    if found.scope < Scope.ANYONE:
        return Reach(Level.NAMED, found.truth, f"{named}, limited by {found.conditions[0].key}", statement)
    if not known.shared and not known.prefix and "⟦" not in url:
        return Reach(Level.NAMED, Truth.YES, named, statement)
    lacks = "is not checked" if found.scope is Scope.UNCHECKED else "admits anybody"
    truth = Truth.UNKNOWN if "⟦" in url else all_of((found.truth, limits.truth))
    level = Level.ANYONE if known.shared or "⟦" in url else Level.NAMED
    return Reach(level, truth, f"{named}, whose claim {known.control} {lacks}", statement)


def _about_provider(condition: Maybe[Condition], url: str) -> bool:
    return isinstance(condition, Condition) and condition.key.lower().startswith(f"{url.lower()}:")


def _parts(statement: Statement, surface: Surface) -> Iterable[_Part]:
    if statement.not_principals is not None:
        yield _limited(surface, statement.conditions, "NotPrincipal admits everybody else")
    elif statement.principals is None:
        yield _Part(Level.NOBODY, Truth.YES, "it names no principal")
    for principal in statement.principals or ():
        yield _of_principal(principal, statement, surface)


def _of_principal(principal: Maybe[Principal], statement: Statement, surface: Surface) -> _Part:  # noqa: PLR0911  # one return for each kind of principal
    if isinstance(principal, Unknown):
        # In a trust policy it may be an identity provider, whose users sign nothing.
        limited = _limited(_UNSIGNED if surface == TRUST else surface, statement.conditions, principal.because)
        if limited.level < Level.AUTHENTICATED:
            return limited
        clause = _conditions(statement.conditions) if statement.conditions else "no condition"
        return _Part(limited.level, Truth.UNKNOWN, f"{principal.because}, and there is {clause}")
    caller = classify(principal)
    named = f'principal "{principal}"'
    match caller.kind:
        case Kind.ANYONE:
            return _limited(surface, statement.conditions, 'principal "*"')
        case Kind.OIDC | Kind.COGNITO if surface == TRUST:
            found = federated_reach(statement, caller.issuer)
            return _Part(found.level, found.truth, found.because)
        case Kind.OIDC | Kind.COGNITO if caller.issuer in PUBLIC_ISSUERS:
            return _limited(surface, statement.conditions, f"{named}, which is every user of that provider,")
        case Kind.INVALID:
            return _Part(Level.NOBODY, Truth.YES, f"{named} is no principal that AWS accepts")
        case Kind.UNKNOWN:
            return _Part(Level.ANYONE, Truth.UNKNOWN, f"{named} is not known")
        case _:
            return _Part(Level.NAMED, Truth.YES, named)


def _limited(surface: Surface, conditions: tuple[Maybe[Condition], ...], who: str) -> _Part:
    """What conditions leave of a principal that means everybody."""
    if ask_for_the_impossible(conditions):
        return _Part(Level.NOBODY, Truth.YES, f"{who}, and no request meets its conditions")
    anonymous = Truth.NO
    if surface.anonymous:
        anonymous = holds(conditions, ANONYMOUS.without(surface.open_keys))
    foreign = holds(conditions, FOREIGN.without(surface.open_keys))
    clause = f" and {_conditions(conditions)}" if conditions else " and no condition"
    if anonymous is Truth.YES:
        return _Part(Level.ANYONE, Truth.YES, f"{who}{clause}")
    if foreign is Truth.YES:
        return _Part(Level.AUTHENTICATED, Truth.YES, f"{who}{clause}")
    if any_of((anonymous, foreign)) is Truth.UNKNOWN:
        level = Level.ANYONE if anonymous is Truth.UNKNOWN else Level.AUTHENTICATED
        return _Part(level, Truth.UNKNOWN, f"{who}, and whether its conditions limit callers is not known")
    level, keys = _limiting(conditions, surface)
    return _Part(level, Truth.YES, f"{who}, limited by {keys}" if keys else f"{who}, which no stranger satisfies")


_NETWORK_KEYS: Final = frozenset({
    "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip", "aws:ec2instancesourcevpc",
})  # fmt: skip
_ORGANIZATION_KEYS: Final = frozenset({
    "aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths", "aws:vpceorgid",
    "aws:vpceorgpaths", "aws:resourceorgid",
})  # fmt: skip


def _level_of(key: str) -> Level:
    if key in _NETWORK_KEYS:
        return Level.NETWORK
    return Level.ORGANIZATION if key in _ORGANIZATION_KEYS else Level.NAMED


def _limiting(conditions: tuple[Maybe[Condition], ...], surface: Surface) -> tuple[Level, str]:
    """The narrowest level that a condition limits strangers to, and the keys of the conditions that do."""
    contexts = [context.without(surface.open_keys) for context in _contexts(surface)]
    keys = sorted({
        condition.key
        for condition in conditions
        if isinstance(condition, Condition)
        and all(holds((condition,), context) is Truth.NO for context in contexts)
    })  # fmt: skip
    if not keys:
        return Level.NAMED, ""
    return min(_level_of(key.lower()) for key in keys), " and ".join(keys)


def _contexts(surface: Surface) -> tuple[Context, ...]:
    return (ANONYMOUS, FOREIGN) if surface.anonymous else (FOREIGN,)


def _conditions(conditions: Iterable[Maybe[Condition]]) -> str:
    keys = sorted({item.key if isinstance(item, Condition) else "(not known)" for item in conditions})
    return f"no condition that limits callers (only {', '.join(keys)})"


def _widest(parts: Sequence[_Part]) -> _Part:
    """The part that decides: a certain opening to strangers first, then what may be wider, then what is certain."""
    if not parts:
        return _Part(Level.NOBODY, Truth.YES, "it names no principal")
    certain = max((part for part in parts if part.truth is Truth.YES), key=lambda part: part.level, default=None)
    if certain is not None and certain.level >= Level.AUTHENTICATED:
        return certain
    possible = max((part for part in parts if part.truth is Truth.UNKNOWN), key=lambda part: part.level, default=None)
    if possible is not None and (certain is None or possible.level > certain.level):
        return possible
    return certain or parts[0]


def _after_denies(found: Reach, statements: Iterable[Statement], surface: Surface) -> Reach:
    """Lower the grade where one Deny certainly refuses every stranger all that the statement allows."""
    if found.statement is None or found.level < Level.AUTHENTICATED:
        return found
    for deny in statements:
        if deny.effect != "Deny" or not _names_everybody(deny) or denies_all_of(deny, found.statement) is not Truth.YES:
            continue
        contexts = [context.without(surface.open_keys) for context in _contexts(surface)]
        if all_of(holds(deny.conditions, context, of_all=True) for context in contexts) is not Truth.YES:
            continue
        keys = [item.key.lower() for item in deny.conditions if isinstance(item, Condition)]
        level = max(map(_level_of, keys), default=Level.NOBODY)
        return Reach(
            level, Truth.YES, f"{found.because}; but {deny.label} denies it to everybody else", found.statement
        )
    return found


def _names_everybody(statement: Statement) -> bool:
    return any(
        isinstance(principal, Principal) and classify(principal).kind is Kind.ANYONE
        for principal in statement.principals or ()
    )
