"""What AWS decides about one request: the plain definition.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, in short:

1. A Deny in any policy that applies ends it.
2. Every limit must leave it: each level of service control policies, the policy of a VPC endpoint.
3. Inside one account the caller's own policies or the resource's policy must allow it; across accounts both must.
4. A permissions boundary and a session policy limit what the caller has by its own policies and by the name of its role,
   not what a resource policy gives to the user, to the session or to everybody.
5. What nothing allows is denied.

`grant.py` answers questions about all requests at once, and fast; this is what it must agree with.
"""

import enum
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ..value import Truth, Unknown, all_of, any_of
from .document import Statement
from .expand import Pattern, same
from .layers import (
    BOUNDARY,
    IDENTITY,
    RCP,
    RESOURCE,
    SCP,
    SESSION,
    Layers,
    Limit,
    Voice,
    grants,
    hear,
    limits,
    resource_control_applies,
    service_control_applies,
)
from .match import By, matches
from .public import surface_of
from .request import CallerKind, Request, owner

__all__ = ["Decision", "Layers", "Outcome", "decide", "matches"]


class Outcome(enum.Enum):
    """What comes out."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "denied by a statement"
    IMPLICIT_DENY = "allowed by nothing"
    UNKNOWN = "not known"


class Decision(Struct, frozen=True):
    """What is decided, and why.

    `statements` are those that decide, each with the name of its layer; none if nothing allows the request. `because` is
    a clause for people. `assumptions` is what the input does not say and was taken for granted.
    """

    outcome: Outcome
    statements: tuple[tuple[str, Statement], ...]
    because: str
    assumptions: tuple[str, ...] = ()

    @property
    def allowed(self) -> Truth:
        """Whether the request is allowed."""
        return Truth.UNKNOWN if self.outcome is Outcome.UNKNOWN else Truth.of(known=self.outcome is Outcome.ALLOWED)


def decide(request: Request, layers: Layers) -> Decision:
    """Decide about a request."""
    assumptions: list[str] = []
    account = layers.resource_account or owner(request.resource)
    if account is None and request.principal.account:
        account = request.principal.account
        assumptions.append("the resource belongs to the caller's account")
    if account is not None:
        request = replace(request, context={"aws:resourceaccount": (account,), **request.context})
    bounds = tuple(limits(request, layers, account))
    sides = _sides(request, layers, account)
    denied = any_of((*(bound.denies for bound in bounds), *(voice.denies for voice in sides.voices)))
    voices = (*(bound.voice for bound in bounds if bound.applies is Truth.YES), *sides.voices)
    if denied is Truth.YES:
        deciding = tuple(_said(voices, Truth.YES, deny=True))
        return Decision(Outcome.EXPLICIT_DENY, deciding, _sentence(deciding, "denies it"), tuple(assumptions))
    because = _refusal(bounds, sides)
    if because:
        return Decision(Outcome.IMPLICIT_DENY, (), because, tuple(assumptions))
    assumptions.extend(_missing(request, layers, account))
    allowed = all_of((~denied, sides.allow, *(bound.allows for bound in bounds)))
    if allowed is Truth.YES:
        deciding = tuple(_said(sides.granting, Truth.YES, deny=False))
        because = _sentence(deciding, "allows it") if deciding else "the root user may do whatever nothing denies"
        return Decision(Outcome.ALLOWED, deciding, because, tuple(assumptions))
    everyone = (*(bound.voice for bound in bounds), *sides.voices)
    deciding = (*_said(everyone, Truth.UNKNOWN, deny=True), *_said(everyone, Truth.UNKNOWN, deny=False))
    return Decision(Outcome.UNKNOWN, deciding, _doubt(everyone, deciding), tuple(assumptions))


# -- the caller's side and the resource's ------------------------------------------------------------------------------


class _Sides(Struct, frozen=True):
    """What the caller's own policies and the resource's policy make of a request.

    `granting` are those that allow it for certain. `refusal` says what is missing if `allow` is no.
    """

    allow: Truth
    voices: tuple[Voice, ...]
    granting: tuple[Voice, ...]
    refusal: str


# Kinds of resources that identity policies alone open to nobody.
_OWN_WORD: Final = frozenset(("kms-key", "role-trust"))
_ASSUMERS: Final = (CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.SERVICE_LINKED_ROLE, CallerKind.SERVICE)
# Who can assume a role, by the action that it takes (https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html);
# neither root users nor sessions of GetFederationToken can.
_ASSUMING: Final = {
    "sts:assumerole": _ASSUMERS,
    "sts:assumerolewithsaml": (CallerKind.IDENTITY,),
    "sts:assumerolewithwebidentity": (CallerKind.IDENTITY,),
}
_UNSIGNED: Final = "lambda:invokefunctionurl"  # the one action of its surface that may be asked for without a signature


def _sides(request: Request, layers: Layers, account: str | None) -> _Sides:
    """Weigh both sides. What a resource policy gives to an account, that account's policies must pass on."""
    caller = request.principal
    own = layers if caller.has_identity_policies else Layers()
    identity = hear(IDENTITY, own.identity, request)
    caps = tuple(
        hear(name, (document,), request)
        for name, document in ((BOUNDARY, own.boundary), (SESSION, own.session))
        if document is not None
    )
    resource = hear(RESOURCE, (layers.resource,), request)
    voices = (identity, *caps, resource)
    impossible = _impossible(request, layers)
    if impossible:
        return _Sides(Truth.NO, voices, (), impossible)
    by = grants(layers.resource, request)
    capped = all_of(cap.allows for cap in caps)
    by_caller = Truth.YES if caller.kind is CallerKind.ROOT else all_of((identity.allows, capped))
    by_resource = any_of(by.values())
    by_role, by_account = all_of((by[By.ROLE], capped)), all_of((by[By.ACCOUNT], by_caller))
    alone = any_of((by[By.EVERYBODY], by[By.ITSELF], by_role, by_account))
    within = alone if layers.kind in _OWN_WORD else any_of((alone, by_caller))
    across = all_of((by_caller, by_resource))
    inside = Truth.YES
    if caller.account and account is not None:
        inside = same(Pattern(account), caller.account, by_name=True)
    allow = within if inside is Truth.YES or within is across else across if inside is Truth.NO else Truth.UNKNOWN
    granting = tuple(voice for voice, is_ in ((identity, by_caller), (resource, by_resource)) if is_ is Truth.YES)
    held = any_of((identity.allows, by[By.ROLE]))
    cap = next((cap.layer for cap in caps if cap.allows is Truth.NO and held is not Truth.NO), "")
    refusal = f"no statement of the {cap} allows it" if cap else _lacking(by, by_caller, inside, layers.kind)
    return _Sides(allow, voices, granting, refusal)


def _lacking(by: dict[By, Truth], by_caller: Truth, inside: Truth, kind: str) -> str:
    """Which side does not allow a request that is not allowed, boundaries and session policies apart."""
    by_resource = any_of(by.values())
    if inside is Truth.YES:
        if by[By.ACCOUNT] is not Truth.NO:
            return "the resource leaves it to the caller's policies, and none of them allows it"
        return f"no policy of {'the resource' if kind in _OWN_WORD else 'the caller or the resource'} allows it"
    if by_caller is by_resource:
        return "no policy of the caller or the resource allows it"
    side = "the caller" if by_caller is Truth.NO else "the resource"
    return f"no policy of {side} allows it, and across accounts both sides must"


def _impossible(request: Request, layers: Layers) -> str:
    """Why no policy could allow a request; empty if one could."""
    kind, action = request.principal.kind, request.action.lower()
    if layers.kind == "role-trust":
        fits = kind in _ASSUMING.get(action, (kind,))
        return "" if fits else f"no {kind.value} can call {request.action}"
    signed_only = not surface_of(layers.kind).anonymous and action != _UNSIGNED
    return "requests without a signature are not answered" if kind is CallerKind.ANONYMOUS and signed_only else ""


# -- words -------------------------------------------------------------------------------------------------------------


def _refusal(bounds: Iterable[Limit], sides: _Sides) -> str:
    """What leaves the request without an Allow; empty if nothing does for certain."""
    for bound in bounds:
        if bound.allows is Truth.NO:
            return f"no statement of the {bound.voice.layer} allows it"
    return sides.refusal if sides.allow is Truth.NO else ""


def _said(voices: Iterable[Voice], truth: Truth, *, deny: bool) -> Iterator[tuple[str, Statement]]:
    """The statements that deny or allow, for certain or perhaps, with their layers."""
    for voice in voices:
        for statement, about in voice.denying if deny else voice.allowing:
            if about is truth:
                yield voice.layer, statement


def _sentence(statements: tuple[tuple[str, Statement], ...], does: str) -> str:
    layer, statement = statements[0]
    return f"{statement.label} of the {layer} {does}"


def _doubt(voices: Iterable[Voice], statements: tuple[tuple[str, Statement], ...]) -> str:
    """Why it is not known: what is missing of the policies, else the statement whose conditions leave it open."""
    missing: list[Unknown] = [unknown for voice in voices for unknown in voice.unknown]
    missing.extend(unknown for _, statement in statements for unknown in statement.unknowns)
    if missing:
        return missing[0].because
    return _sentence(statements, "may or may not apply") if statements else "it depends on who owns the resource"


def _missing(request: Request, layers: Layers, account: str | None) -> Iterator[str]:
    """The limits that were taken not to be there."""
    of_caller = service_control_applies(request, layers) is not Truth.NO
    of_resource = resource_control_applies(request, layers, account) is not Truth.NO
    for name, levels, applies in ((SCP, layers.scps, of_caller), (RCP, layers.rcps, of_resource)):
        if applies and levels is None:
            yield f"no {name} limit it: they are not in the input"
        elif applies and levels and layers.management_account is None:
            yield f"the {name} bind the account: it is not known which is the management account"
