"""Whether somebody may do something, by all policies of an input together, and what decides it.

A request is decided by `policy.evaluate`. Condition keys that are given have their values; what follows from the caller is known; every
other key that a policy asks about is unknown, so that yes and no hold whatever its value is. A question with wildcards is about many requests:
it is answered by proof (`policy.containment`) or by one request that shows the opposite, else it is unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from .access import Access
from .bucket_besides import besides_policies
from .effective import RCP, SCP, effective, resource_policy
from .errors import UsageError
from .finding import Origin
from .graph import Graph
from .model import iam
from .names import Asker
from .policy.arn import ACCOUNT
from .policy.containment import contains, grants_any
from .policy.document import Condition, PolicyDocument, Statement
from .policy.evaluate import Decision, Outcome, decide
from .policy.expand import Pattern, same
from .policy.layers import BOUNDARY, IDENTITY, RESOURCE, Layers, service_control_applies
from .policy.partial import asked_keys, for_caller, is_anywhere, simplified, what_is_missing
from .policy.request import CallerKind, Held, Request, owner
from .value import Maybe, Truth, Unknown, all_of, any_of

_Documents: TypeAlias = tuple[Maybe[PolicyDocument], ...]
_EVERYTHING: Final = PolicyDocument(statements=(Statement(actions=("*",), resources=("*",)),))
_HERE: Final = "⟦the account of the input⟧"
# What no request of a principal with an identity of its own holds, or none but those of users.
_OF_SERVICES: Final = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})
_OF_USERS: Final = "aws:username"
_PRINCIPAL_TAG: Final = "aws:principaltag/"


class Given(Struct, frozen=True):
    """What a question says about the request: values of condition keys, and keys that it does not have. Keys are in lower case."""

    held: Mapping[str, tuple[str, ...]] = {}
    absent: frozenset[str] = frozenset()


class Said(Struct, frozen=True):
    """A statement that decides, with the layer that it is in and the block that it is written in, if that is in the input."""

    layer: str
    statement: Statement
    origin: Origin | None = None


class Verdict(Struct, frozen=True):
    """An answer and its grounds.

    `keys` are the condition keys that it depends on where it is unknown. `example` is the action and resource that shows it, of a question with
    wildcards. `refused` says whether a statement denies it, in contrast to nothing allowing it.
    """

    truth: Truth
    because: str
    said: tuple[Said, ...] = ()
    keys: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    example: tuple[str, str] | None = None
    refused: bool = False


class Case:
    """What one asker may do with one resource or pattern of resources, by one action or pattern of actions."""

    def __init__(self, access: Access, asker: Asker, action: str, resource: str, given: Given) -> None:
        self._access = access
        self._asker = asker
        self._action = action
        self._resource = resource
        self._given = given

    # -- one request ------------------------------------------------------------------------------------------------

    def one(self, action: str = "", resource: str = "") -> Verdict:
        """The verdict on one request: the one asked for, or another of the same asker."""
        action, resource = action or self._action, resource or self._resource
        layers, assumptions = self._layers(resource, action)
        request = self._request(action, resource, layers)
        decision = decide(request, layers)
        truth, because = decision.allowed, decision.because
        keys = _open_keys(request, decision) if truth is Truth.UNKNOWN else ()
        if truth is Truth.UNKNOWN and not keys:
            because = what_is_missing(statement for _, statement in decision.statements) or because
        drifting = self._drifting
        if decision.outcome is Outcome.IMPLICIT_DENY and drifting:
            with_them = replace(layers, identity=(*layers.identity, *(document for document, _ in drifting)))
            if decide(request, with_them).outcome not in (Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY):
                truth, because = Truth.UNKNOWN, f"{drifting[0][1].address} may give it more: whom it names is not known"
        elif drifting:
            assumptions = (*assumptions, *(f"{origin.address} is about somebody else" for _, origin in drifting))
        said = tuple(self._said(layers, decision))
        if truth is Truth.YES and said:
            because = f"{said[0].statement.label} of the {said[0].layer} allows it"
        is_role = isinstance(self._asker.principal, iam.Role)
        if is_role and any(key.startswith(_PRINCIPAL_TAG) for key in asked_keys(_all_documents(layers))):
            assumptions = (*assumptions, "its sessions bring no tags of their own")
        verdict = Verdict(
            truth=truth,
            because=because,
            said=said,
            keys=keys if truth is Truth.UNKNOWN else (),
            assumptions=tuple(dict.fromkeys((*assumptions, *decision.assumptions))),
            example=(action, resource) if (action, resource) != (self._action, self._resource) else None,
            refused=decision.outcome is Outcome.EXPLICIT_DENY,
        )
        if layers.kind != "s3-bucket" or verdict.refused:
            return verdict
        besides = besides_policies(self._access, self._asker, action, resource, verdict.truth)
        return verdict if besides is None else replace(verdict, truth=besides[0], because=besides[1], keys=())

    def _layers(self, resource: str, action: str) -> tuple[Layers, tuple[str, ...]]:
        principal = self._asker.principal
        if principal is not None:
            found = effective(self._access, principal, resource, action)
            return found.layers, found.assumptions
        protected = resource_policy(self._access, resource, "", action)
        said = [protected.assumption] if protected.assumption else []
        own: _Documents = ()
        if self._asker.caller.has_identity_policies:
            if self._asker.is_foreign:
                own = (_EVERYTHING,)
                said.append(f"{self._asker.label} has permission from its own account, which is another one")
            else:
                own = (Unknown(f"the policies of {self._asker.label} are not in the input"),)
        account = owner(resource)
        layers = Layers(
            identity=own,
            resource=protected.document,
            kind=protected.kind,
            resource_account=_HERE if account in (None, ACCOUNT) and self._asker.is_foreign else account,
        )
        return layers, tuple(said)

    def _request(self, action: str, resource: str, layers: Layers) -> Request:
        """The request with all that is known of it; what policies ask about besides is unknown."""
        own = dict[str, Held](self._own_keys)
        given = own | dict(self._given.held)
        plain = Request(action, resource, self._asker.caller, given)
        contrary = sorted(self._given.absent & set(plain.context))
        if contrary:
            message = f"every request of {self._asker.label} has {contrary[0]}; it cannot be without"
            raise UsageError(message)
        missing = self._given.absent | self._never
        account = layers.resource_account or owner(resource)
        if account is None and not is_anywhere(resource):
            account = self._asker.caller.account  # as `decide` takes it
        if account and "aws:resourceaccount" not in missing | set(plain.context):
            plain = replace(plain, context={**plain.context, "aws:resourceaccount": (account,)})
        open_: dict[str, Held] = {
            key: Unknown(f"{key} is not given")
            for key in asked_keys(_all_documents(layers))
            if key not in plain.context
            and key not in missing
            and not (key.startswith(_PRINCIPAL_TAG) and self._is_user)
        }
        return replace(plain, context=open_ | dict(plain.context))

    @property
    def _is_user(self) -> bool:
        return isinstance(self._asker.principal, iam.User)

    @property
    def _never(self) -> frozenset[str]:
        """Keys that no request of the caller has."""
        kind = self._asker.caller.kind
        found = _OF_SERVICES if kind is not CallerKind.SERVICE else frozenset[str]()
        return found if kind is CallerKind.USER else found | {_OF_USERS}

    @property
    def _own_keys(self) -> dict[str, Held]:
        """What is known besides the name: the tags of a user or role. Those that a session brings along are not known."""
        principal = self._asker.principal
        tags = () if principal is None else principal.tags
        open_: dict[str, Held] = {key: Unknown(f"it differs among {self._asker.label}") for key in self._asker.open}
        return open_ | {f"{_PRINCIPAL_TAG}{key.lower()}": (value,) for key, value in tags}

    @cached_property
    def _drifting(self) -> tuple[tuple[Maybe[PolicyDocument], Origin], ...]:
        """Policies that may be the asker's: the input does not tell whom they are given to."""
        principal = self._asker.principal
        if principal is None:
            return ()
        kinds = {iam.User: ("user", "group"), iam.Group: ("group",), iam.Role: ("role",)}.get(type(principal), ())
        estate = self._access.estate
        items: tuple[iam.InlinePolicy | iam.Attachment, ...] = (*estate.inline_policies, *estate.attachments)
        return tuple(
            (self._access.as_held(item).document, item.origin)
            for item in items
            if isinstance(item.holder, Unknown) and item.holder_kind in kinds
        )

    # -- many requests ----------------------------------------------------------------------------------------------

    def every(self) -> Verdict:
        """Whether all requests that the action and the resource stand for are allowed: no if one is shown that is not."""
        sides = self._sides()
        asked = _document(Statement(actions=(self._action,), resources=(self._resource,)))
        found = [contains(own, asked, old_boundary=cap) for own, cap in sides.all_must]
        tried = [item.witness for one in found for item in one.differences if item.witness is not None]
        shown = [self._shown(request) for request in tried]
        sample = self._sample(sides)
        verdicts: list[Verdict] = [*shown, *(() if sample is None else (sample,))]
        refused = next((item for item in verdicts if item.truth is Truth.NO), None)
        if refused is not None:
            return replace(refused, because=f"not all of it: {refused.because}")
        if all(item.truth is Truth.YES for item in found) and sample is not None and sample.truth is Truth.YES:
            elsewhere = ("resources of other accounts are not meant",) if is_anywhere(self._resource) else ()
            return replace(sample, assumptions=(*sample.assumptions, *elsewhere))
        unknown = next((item for item in verdicts if item.truth is Truth.UNKNOWN), None)
        because = next((item.because for one in found for item in one.differences if item.because), "")
        return unknown or Verdict(Truth.UNKNOWN, because or "it is not proved for all of it", sides.said)

    def any(self) -> Verdict:
        """Whether one of the requests is allowed: yes if one is shown, no if it is proved that there is none."""
        sides = self._sides()
        wanted = ((self._action,), (self._resource,))
        unknown: Verdict | None = None
        open_, lacking = [], ""
        for own, cap in sides.each:
            found = grants_any(own, *wanted, boundary=cap)
            open_.append(found.truth)
            if found.truth is Truth.UNKNOWN:
                unread = (document.because for document in own if isinstance(document, Unknown))
                lacking = lacking or what_is_missing(found.statements) or next(unread, "")
            if found.witness is not None:
                verdict = self._shown(found.witness)
                if verdict.truth is Truth.YES:
                    return verdict
                unknown = verdict if verdict.truth is Truth.UNKNOWN and unknown is None else unknown
        levels = [grants_any(level, *wanted).truth for level in sides.levels]
        if all_of((sides.combine(open_), *levels)) is Truth.NO and not self._drifting:
            return Verdict(Truth.NO, "no policy allows any of it", assumptions=sides.assumptions)
        because = "it is neither proved that nothing of it is allowed, nor was a request found that is"
        return unknown or Verdict(Truth.UNKNOWN, lacking or because, assumptions=sides.assumptions)

    def _shown(self, request: Request) -> Verdict:
        """The verdict on a request that was made up; an account that was made up for it is the asker's own."""
        resource, account = request.resource, owner(request.resource) or ""
        if account not in self._resource and self._asker.caller.account:
            resource = resource.replace(f":{account}:", f":{self._asker.caller.account}:", 1)
        return self.one(request.action, resource)

    def _sample(self, sides: "_Sides") -> Verdict | None:
        """The verdict on one request of those asked about, to show the statements that allow it."""
        for own, cap in sides.each:
            found = grants_any(own, (self._action,), (self._resource,), boundary=cap)
            if found.witness is not None:
                return self._shown(found.witness)
        return None

    def _sides(self) -> "_Sides":
        layers, assumptions = self._layers(self._resource, self._action)
        request = self._request(self._action, self._resource, layers)
        denies, allows = list[Statement](), list[Statement]()
        unread: _Documents = ()
        bound = service_control_applies(request, layers)
        refusing_levels = (*(layers.rcps or ()), *((layers.scps or ()) if bound is Truth.YES else ()))
        documents = [layers.resource, *(document for level in refusing_levels for document in level)]
        for document in documents:
            if isinstance(document, Unknown):
                unread += (document,)
            elif document is not None:
                unread += document.unknown
                for statement in simplified(document, request).statements:
                    own = for_caller(statement, request)
                    if own is not None and statement.effect != "Allow":
                        denies.append(own)
                    if own is not None and statement.effect != "Deny" and document is layers.resource:
                        allows.append(own)
        scps = (layers.scps or ()) if bound is not Truth.NO else ()
        levels = tuple(tuple(_known(document, request) for document in level) for level in scps)
        refusing = _document(*denies)
        caller = self._asker.caller
        account = layers.resource_account or owner(self._resource) or caller.account
        return _Sides(
            own=(*(_known(document, request) for document in layers.identity), refusing, *unread),
            cap=None if layers.boundary is None else _known(layers.boundary, request),
            resource=(_document(*allows, *denies), *unread),
            levels=levels,
            inside=same(Pattern(account), caller.account, by_name=True)
            if account and caller.account
            else Truth.UNKNOWN,
            own_word=layers.kind in ("kms-key", "role-trust"),
            assumptions=assumptions,
        )

    # -- where it is written ----------------------------------------------------------------------------------------

    def _said(self, layers: Layers, decision: Decision) -> Iterator[Said]:
        for layer, statement in decision.statements:
            if layer == IDENTITY and self._asker.principal is None:
                continue  # what is assumed of somebody who is not in the input is written nowhere
            yield Said(layer, statement, self._origin(layer, layers, statement))

    def _origin(self, layer: str, layers: Layers, statement: Statement) -> Origin | None:
        principal, graph, estate = self._asker.principal, self._access.graph, self._access.estate
        places: list[tuple[Maybe[PolicyDocument] | None, Origin]] = []
        if layer == IDENTITY and principal is not None:
            held = self._access.held(principal)
            places = [(item.document, item.policy.origin if item.policy else item.origin) for item in held]
        elif layer == BOUNDARY and principal is not None:
            places = _boundary_of(graph, principal)
        elif layer == RESOURCE:
            places = [
                (item.document, item.origin) for item in estate.bucket_policies if item.document == layers.resource
            ]
            places += [(it.document, it.origin) for it in estate.resource_policies if it.document == layers.resource]
            places += [(role.trust, role.origin) for role in estate.roles if role.trust == layers.resource]
        elif layers.scps or layers.rcps:
            places = [(item.document, item.origin) for item in estate.organization_policies if item.kind in (SCP, RCP)]
        for document, origin in places:
            if isinstance(document, PolicyDocument) and statement in document.statements:
                return origin
        return None


class _Sides(Struct, frozen=True):
    """All that bears on a question with wildcards, with what the context decides already taken out.

    Denies of the resource's policy and of control policies are among the asker's `own`, where they work the same.
    """

    own: _Documents
    cap: Maybe[PolicyDocument] | None
    resource: _Documents
    levels: tuple[_Documents, ...]
    inside: Truth  # whether the resource is in the asker's account
    own_word: bool  # nobody gets in without a word of the resource's policy
    assumptions: tuple[str, ...]
    said: tuple[Said, ...] = ()

    @property
    def each(self) -> tuple[tuple[_Documents, Maybe[PolicyDocument] | None], ...]:
        """What may allow something: the asker's policies within its boundary, and the resource's."""
        return ((self.own, self.cap), (self.resource, None))

    @property
    def all_must(self) -> tuple[tuple[_Documents, Maybe[PolicyDocument] | None], ...]:
        """What together proves that everything is allowed. More than is needed at times: then there is no proof."""
        levels = tuple((level, None) for level in self.levels)
        alone = self.inside is Truth.YES and not self.own_word
        return (*(self.each[:1] if alone else self.each), *levels)

    def combine(self, open_: Iterable[Truth]) -> Truth:
        """Whether anything gets through, by whether the asker's policies and the resource's allow anything."""
        own, resource = open_
        if self.own_word:
            return resource
        return all_of((own, resource)) if self.inside is Truth.NO else any_of((own, resource))


def _boundary_of(graph: Graph, principal: iam.Principal) -> list[tuple[Maybe[PolicyDocument] | None, Origin]]:
    policy = graph.managed_policy(principal.boundary, principal.origin.account)
    return [] if policy is None else [(policy.document, policy.origin)]


def _document(*statements: Statement) -> PolicyDocument:
    return PolicyDocument(version="2012-10-17", statements=statements)


def _all_documents(layers: Layers) -> Iterator[PolicyDocument]:
    levels = (document for group in (layers.scps, layers.rcps) for level in group or () for document in level)
    for document in (*layers.identity, layers.resource, layers.boundary, *levels):
        if isinstance(document, PolicyDocument):
            yield document


def _open_keys(request: Request, decision: Decision) -> tuple[str, ...]:
    """The keys of deciding statements that the question does not give."""
    document = _document(*(statement for _, statement in decision.statements))
    spelt = {
        leaf.key.lower(): leaf.key
        for statement in document.statements
        for leaf in statement.conditions
        if isinstance(leaf, Condition)
    }
    missing = (key for key in sorted(asked_keys((document,))) if isinstance(request.context.get(key), Unknown))
    return tuple(spelt.get(key, key) for key in missing)


def _known(document: Maybe[PolicyDocument], request: Request) -> Maybe[PolicyDocument]:
    return document if isinstance(document, Unknown) else simplified(document, request)
