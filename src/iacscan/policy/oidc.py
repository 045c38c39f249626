"""OIDC providers that roles trust: which claim must be checked, and how far a check on it reaches.

Source: AWS's "Identity-provider controls for shared OIDC providers"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html) and the providers' pages about
their subject claims; read 2026-11-23.
"""

import enum
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ..value import Maybe, Truth, Unknown
from .arn import REST
from .condition.judge import is_positive_guard
from .condition.operators import Family, parse_operator
from .document import Condition, Statement
from .pattern import has_wildcard, matches


class Issuer(Struct, frozen=True):
    """What is known of a provider. `url` is a pattern over its URL without scheme.

    `shared`: customers of the provider all use this one URL, so the claim `control` tells them apart and must be checked.
    `identity` is another claim that names one identity for certain, where `control` names the application that it came through.
    A subject reads `prefix`, owner, `owner_end`, unit, `unit_end`, rest; without these its form is not known.
    `leads` are other beginnings of subjects, of which the owner is what follows: who asks for such subjects chooses the form, not the owner.
    `alternatives` are claims that name the owner as well.
    """

    url: str
    control: str = "sub"
    prefix: str = ""
    owner_end: str = ""
    unit_end: str = ""
    alternatives: tuple[str, ...] = ()
    shared: bool = True
    identity: str = ""
    leads: tuple[str, ...] = ()


# `environment` is not among them: whoever has a repository calls its environments what he likes.
_GITHUB_CLAIMS: Final = ("repository", "repository_id", "repository_owner_id", "job_workflow_ref")


# https://docs.github.com/en/actions/reference/security/oidc: an organization may choose the claims that a subject is made of.
_GITHUB_LEADS: Final = ("repository_owner:", "repository_owner_id:", "repository_id:")
_AUDIENCES: Final = frozenset(("aud", "app_id"))


def _github(url: str, *, shared: bool = True) -> Issuer:
    return Issuer(url, "sub", "repo:", "/", ":", _GITHUB_CLAIMS, shared=shared, leads=_GITHUB_LEADS)


CLUSTER: Final = Issuer("oidc.eks.*.amazonaws.com*/id/*", "sub", "system:serviceaccount:", ":", "", shared=False)
ISSUERS: Final = (
    _github("token.actions.githubusercontent.com"),
    _github("token.actions.githubusercontent.com/*", shared=False),
    _github("token.actions.*.ghe.com", shared=False),
    Issuer("gitlab.com", "sub", "project_path:", "/", ":"),
    Issuer("app.terraform.io", "sub", "organization:", ":", ":run_phase:"),
    Issuer("agent.buildkite.com", "sub", "organization:", ":", ":ref:"),
    Issuer("oidc.circleci.com/org/*", "sub", "org/", "/", "/user/", shared=False),
    CLUSTER,
    # `sub` is the unique id of one account; AWS's list of claims that must be checked does not have Google.
    Issuer("accounts.google.com", "aud", identity="sub"),
    Issuer("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", "sts:RoleSessionName"),  # Microsoft Sentinel
    Issuer("www.amazon.com", "app_id"),
    Issuer("graph.facebook.com", "app_id"),
    Issuer("cognito-identity.amazonaws.com", "aud"),
    Issuer("oidc.vercel.com", "aud"),
    Issuer("api.pulumi.com/oidc", "aud"),
    Issuer("sandboxes.cloud", "aud"),
    Issuer("oidc.codefresh.io"),
    Issuer("studio.datachain.ai/api"),
    Issuer("scalr.io"),
    Issuer("tokens.cloud.shisho.dev"),
    Issuer("proidc.upbound.io"),
    Issuer("vstoken.actions.githubusercontent.com"),
    Issuer("oidc-configuration.audit-log.githubusercontent.com"),
    Issuer("oidc.op1.openshiftapps.com/*"),
)


def issuer(url: str) -> Issuer:
    """What is known of the provider at a URL (without scheme); one of its own, with the claim `sub`, if nothing is."""
    for known in ISSUERS:
        if matches(known.url, url.removeprefix("https://").rstrip("/")):
            return known
    return Issuer(url, shared=False)


class Scope(enum.IntEnum):
    """How many identities of a provider a check admits, ordered."""

    EXACT = 0  # named subjects
    UNIT = 1  # everything of one repository, project, workspace or service account: any branch, any environment
    OWNER = 2  # several units of one owner
    ANYONE = 3  # all that the provider vouches for
    UNCHECKED = 4  # there is no check


class Subject(Struct, frozen=True):
    """What a statement asks of the deciding claim.

    `scope` is the widest that it may be; `truth` is unknown where a value that is not known decides. `patterns` are the
    values that are asked for, `alternatives` other claims of the issuer that are checked instead, `conditions` the leaves.
    """

    scope: Scope
    truth: Truth
    patterns: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


def checks(statement: Statement, url: str, claim: str) -> Iterator[Condition]:
    """Leaves of a statement that ask for a value of a claim; negated ones, IfExists and ForAllValues ask for none."""
    for condition in statement.conditions:
        if isinstance(condition, Condition) and is_positive_guard(condition):
            provider, colon, asked = condition.key.lower().rpartition(":")
            if colon and asked == claim and _same_provider(provider, url.lower()):
                yield condition
            elif ":" in claim and condition.key.lower() == claim.lower():
                yield condition  # a key of STS itself


def _same_provider(one: str, other: str) -> bool:
    """Whether two URLs are the same, or may be: a symbol may stand for any text.

    Where they are not, no token has the key, and the statement lets nobody in: less than what it asks for, never more.
    """
    return one == other or "⟦" in one or "⟦" in other


def _is_unseen(condition: Condition | Unknown) -> bool:
    """Whether a condition may ask for any claim: its key is not known, or it is not known where that ends."""
    return isinstance(condition, Unknown) or condition.key.endswith("⟧")


def subject(statement: Statement, url: str) -> Subject:
    """How far a statement that trusts the provider at a URL reaches, by its leaves on the deciding claim.

    Several leaves must all hold, so the narrowest one counts.
    """
    known = issuer(url)
    leaves = tuple(checks(statement, url, known.control))
    if not leaves and known.identity:
        leaves = tuple(checks(statement, url, known.identity))
    alternatives = tuple(
        claim for claim in known.alternatives if any(map(_names_an_owner, checks(statement, url, claim)))
    )
    if not leaves:
        unseen = any(map(_is_unseen, statement.conditions))
        return Subject(Scope.UNCHECKED, Truth.UNKNOWN if unseen else Truth.YES, alternatives=alternatives)
    # Something certain that is narrow is better than something unknown that may be narrower.
    scope, truth = min((_of_leaf(leaf, known) for leaf in leaves), key=lambda found: (found[0], found[1].value))
    patterns = tuple(value for leaf in leaves for value in leaf.values if isinstance(value, str))
    return Subject(scope, truth, patterns, alternatives, leaves)


def _names_an_owner(leaf: Condition) -> bool:
    """Whether each value of a leaf tells the owner, or may: what stands before the first slash has no wildcard."""
    operator = parse_operator(leaf.operator)
    wild = operator is not None and operator.wildcards
    return all(
        isinstance(value, Unknown) or not wild or not has_wildcard(value.partition("/")[0]) for value in leaf.values
    )


def _of_leaf(leaf: Condition, known: Issuer) -> tuple[Scope, Truth]:
    """The widest of its values; an unknown value may be anything."""
    operator = parse_operator(leaf.operator)
    widest = Scope.EXACT
    unknown = False
    for value in leaf.values:
        if isinstance(value, Unknown):
            unknown = True
        elif operator is not None and operator.wildcards:
            widest = max(widest, classify_subject(value, known))
            unknown = unknown or REST in value
    if unknown and widest < Scope.ANYONE:
        return Scope.ANYONE, Truth.UNKNOWN
    return widest, Truth.YES


def classify_subject(pattern: str, known: Issuer) -> Scope:
    """How far one pattern over the deciding claim reaches; the first wildcard decides."""
    if not has_wildcard(pattern):
        return Scope.EXACT
    start = min(position for position in (pattern.find("*"), pattern.find("?")) if position >= 0)
    if start == 0 or not known.prefix:
        return Scope.ANYONE if start == 0 else Scope.OWNER
    if not pattern.startswith(known.prefix):
        lead = next((item for item in known.leads if pattern.startswith(item)), None)
        owned = lead is not None and len(lead) < pattern.find(":", len(lead)) < start
        return Scope.OWNER if owned else Scope.ANYONE
    owner_end = pattern.find(known.owner_end, len(known.prefix))
    if owner_end < 0 or start < owner_end:
        return Scope.ANYONE  # `repo:acme*` means `repo:acme-evil/...` too
    unit_end = pattern.find(known.unit_end, owner_end + 1) if known.unit_end else -1
    return Scope.UNIT if 0 <= unit_end < start else Scope.OWNER


def has_audience(statement: Statement, url: str) -> Truth:
    """Whether a statement asks for an audience: `aud`, or `app_id` with the providers that call it so.

    Every token has one, so that IfExists and ForAllValues ask for it as well.
    """
    for condition in statement.conditions:
        if isinstance(condition, Condition):
            provider, _, claim = condition.key.lower().rpartition(":")
            operator = parse_operator(condition.operator)
            asks = operator is not None and operator.family is Family.STRING and not operator.negated
            if asks and claim in _AUDIENCES and _same_provider(provider, url.lower()):
                return Truth.YES
    unseen = any(map(_is_unseen, statement.conditions))
    return Truth.UNKNOWN if unseen else Truth.NO


def subject_of(statement: Statement, url: Maybe[str]) -> Subject:
    """As `subject`, for a provider whose URL may not be known."""
    return Subject(Scope.UNCHECKED, Truth.UNKNOWN) if isinstance(url, Unknown) else subject(statement, url)
