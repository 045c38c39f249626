"""Whether one statement is about one request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import enum
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from ..value import Maybe, Truth, Unknown, all_of, any_of
from .action import known, requires_resource
from .condition.evaluate import satisfied
from .document import PolicyDocument, Principal, Statement
from .expand import Pattern, expand, literal, same, same_arn
from .principal import Kind, classify
from .request import Caller, CallerKind, Request
from .resource_patterns import indexed

_MANY: Final = 8  # texts of one element, from which on they are looked up by how they begin


def replaces_variables(document: PolicyDocument) -> Truth:
    """Whether AWS replaces policy variables in a document: only in those of version 2012-10-17."""
    if document.unknown_version is not None:
        return Truth.UNKNOWN
    return Truth.of(known=document.version == "2012-10-17")


def matches(statement: Statement, request: Request, *, variables: Truth = Truth.YES) -> Truth:
    """Whether a statement, be it an Allow or a Deny, is about a request: its elements and conditions all match.

    A statement without Principal is about every caller, one without Resource about every resource; where such a statement
    may stand is not asked. `variables` is the answer of `replaces_variables` for its document.
    """
    return all_of((principal_matches(statement, request.principal), applies(statement, request, variables=variables)))


def applies(statement: Statement, request: Request, *, variables: Truth = Truth.YES) -> Truth:
    """The same without the principal: whether action, resource and conditions match."""
    about = action_matches(statement, request.action)
    if about is not Truth.NO:  # the cheapest of the three, and what most statements fail
        about = all_of((about, resource_matches(statement, request, variables=variables)))
    if about is not Truth.NO:
        about = all_of((about, satisfied(statement.conditions, request.context, variables=variables)))
    return about


def action_matches(statement: Statement, action: str) -> Truth:
    """Action or NotAction against one action: in any case, variables are plain text."""
    if statement.not_actions is not None:
        return ~_any_action(statement.not_actions, action)
    return _any_action(statement.actions or (), action)


@lru_cache(maxsize=8192)
def _any_action(texts: tuple[Maybe[str], ...], action: str) -> Truth:
    return any_of(_action(text, action) for text in texts)


def _action(text: Maybe[str], action: str) -> Truth:
    pattern = Pattern("*", certain=False) if isinstance(text, Unknown) else Pattern(text.lower())
    return same(pattern, action.lower())


def resource_matches(statement: Statement, request: Request, *, variables: Truth = Truth.YES) -> Truth:
    """Resource or NotResource against the ARN of the request.

    An action that works on no resource is asked for on `*`, which only a pattern that matches everything means.
    """
    resource = "*" if known(request.action) and not requires_resource(request.action) else request.resource

    def named(text: Maybe[str]) -> Truth:
        pattern = expand(text, request.context, variables=variables)
        return Truth.NO if pattern is None else same_arn(pattern, resource)

    def any_named(texts: tuple[Maybe[str], ...]) -> Truth:
        # Where it is not known whether variables are replaced, a text that has one may be anything.
        near = texts if len(texts) < _MANY or variables is Truth.UNKNOWN else indexed(texts).near(resource)
        return any_of(map(named, near))

    if statement.not_resources is not None:
        return ~any_named(statement.not_resources)
    return Truth.YES if statement.resources is None else any_named(statement.resources)


# -- who ---------------------------------------------------------------------------------------------------------------


class By(enum.Enum):
    """By what a Principal element names a caller; it decides what else must allow the request."""

    EVERYBODY = "everybody"
    ACCOUNT = "its account"
    ROLE = "its role"
    ITSELF = "itself"  # the ARN of the user or session, the name of the service or provider


_ROLES: Final = (CallerKind.ROLE_SESSION, CallerKind.SERVICE_LINKED_ROLE)
_PROVIDED: Final = ((CallerKind.IDENTITY,), By.ITSELF)
# Whom each kind of principal element can name.
_NAMED: Final = {
    Kind.USER: ((CallerKind.USER,), By.ITSELF),
    Kind.ROLE: (_ROLES, By.ROLE),
    Kind.SESSION: ((*_ROLES, CallerKind.FEDERATED_USER), By.ITSELF),
    Kind.SERVICE: ((CallerKind.SERVICE,), By.ITSELF),
    Kind.OIDC: _PROVIDED,
    Kind.SAML: _PROVIDED,
    Kind.COGNITO: _PROVIDED,
    Kind.ORIGIN_ACCESS_IDENTITY: ((CallerKind.USER,), By.ITSELF),
}
# By what NotPrincipal must list a caller to leave it out: AWS may look at the account first, then at the user or role,
# then at the session (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
_EXCLUDED_BY: Final = {
    CallerKind.USER: (By.ACCOUNT, By.ITSELF),
    CallerKind.ROLE_SESSION: (By.ACCOUNT, By.ROLE, By.ITSELF),
    CallerKind.SERVICE_LINKED_ROLE: (By.ACCOUNT, By.ROLE, By.ITSELF),
    CallerKind.FEDERATED_USER: (By.ACCOUNT, By.ITSELF),
    CallerKind.ROOT: (By.ACCOUNT,),
    CallerKind.IDENTITY: (By.ITSELF,),
    CallerKind.SERVICE: (By.ITSELF,),
    CallerKind.ANONYMOUS: (By.EVERYBODY,),
}


def principal_matches(statement: Statement, caller: Caller) -> Truth:
    """Principal or NotPrincipal against the caller."""
    if statement.principals is None and statement.not_principals is None:
        return Truth.YES
    return any_of(named for _, named in namings(statement, caller))


def namings(statement: Statement, caller: Caller) -> Iterator[tuple[By, Truth]]:
    """By what a statement names a caller, for each of its principals; none if it has no Principal."""
    if statement.not_principals is not None:
        yield By.EVERYBODY, ~_is_excluded(statement.not_principals, caller)
    for principal in statement.principals or ():
        yield names(principal, caller)


def _is_excluded(principals: Iterable[Maybe[Principal]], caller: Caller) -> Truth:
    """Whether NotPrincipal leaves a caller out: unknown if it lists only some of what the caller is called."""
    listed = tuple(names(principal, caller) for principal in principals)
    answers = tuple(
        any_of(named for by, named in listed if by in (needed, By.EVERYBODY)) for needed in _EXCLUDED_BY[caller.kind]
    )
    everywhere, somewhere = all_of(answers), any_of(answers)
    return everywhere if everywhere is somewhere else Truth.UNKNOWN


def names(principal: Maybe[Principal], caller: Caller) -> tuple[By, Truth]:  # noqa: PLR0911  # one return for each kind of principal
    """Whether one principal element names a caller, and by what.

    Where not even that is known, it is by the name that grants most.
    """
    if isinstance(principal, Unknown):
        return By.EVERYBODY, Truth.UNKNOWN
    element = classify(principal)
    match element.kind:
        case Kind.ANYONE:
            # A star in place of a provider is not documented.
            return By.EVERYBODY, Truth.UNKNOWN if caller.kind is CallerKind.IDENTITY else Truth.YES
        case Kind.ACCOUNT:
            return By.ACCOUNT, _is_of(element.account, caller)
        case Kind.CANONICAL_USER:  # another name for an account, which only AWS can match
            return By.ACCOUNT, Truth.UNKNOWN if caller.account else Truth.NO
        case Kind.UNIQUE_ID:  # of a user or role that is deleted, or by which somebody names one that is there
            return By.ITSELF, Truth.UNKNOWN if caller.has_identity_policies else Truth.NO
        case Kind.INVALID:
            return By.ITSELF, Truth.NO
        case Kind.OTHER:
            return By.EVERYBODY, _may_be(principal.value, caller)
        case Kind.UNKNOWN:
            return By.EVERYBODY, Truth.UNKNOWN
    kinds, by = _NAMED[element.kind]
    if caller.kind not in kinds:
        return by, Truth.NO
    called = caller.session_arn if element.kind is Kind.SESSION else caller.name
    own_symbol = principal.value.startswith("⟦") and called.endswith(f"/{principal.value}")
    return by, Truth.YES if own_symbol else same(Pattern(literal(principal.value)), called, by_name=True)


def _is_of(account: str | None, caller: Caller) -> Truth:
    if not caller.account:
        return Truth.NO
    return Truth.UNKNOWN if account is None else same(Pattern(account), caller.account, by_name=True)


def _may_be(value: str, caller: Caller) -> Truth:
    """Whether an element whose kind does not show may name a caller."""
    called = (caller.name, caller.session_arn, f"arn:aws:iam::{caller.account}:root" if caller.account else "")
    found = any_of(same(Pattern(literal(value)), name, by_name=True) for name in called if name)
    return Truth.UNKNOWN if found is Truth.YES else found
