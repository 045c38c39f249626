"""The policies that bear on a request, and what each of them says about it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policy-types
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from ..value import Maybe, Truth, Unknown, all_of, any_of
from .action_data import resource_control_services
from .document import PolicyDocument, Statement
from .expand import Pattern, same
from .match import By, applies, matches, namings, replaces_variables
from .request import CallerKind, Request

Document: TypeAlias = Maybe[PolicyDocument]
Level: TypeAlias = tuple[Document, ...]

# What messages call the layers.
IDENTITY: Final = "identity policies"
RESOURCE: Final = "resource policy"
BOUNDARY: Final = "permissions boundary"
SESSION: Final = "session policy"
SCP: Final = "service control policies"
RCP: Final = "resource control policies"
ENDPOINT: Final = "VPC endpoint policy"


class Layers(Struct, frozen=True, kw_only=True):
    """All policies that bear on a request.

    `identity` are the caller's own, those of its groups among them; `resource` is the policy of the resource (for
    sts:AssumeRole the role's trust policy). None means that there is no such policy. Only for `scps` and `rcps` it means that
    they are not in the input; else these are the levels from the root of the organization down to the account.

    `kind` is the kind of resource: "kms-key" and "role-trust" allow nothing without their own policy's word, all others
    may be left empty. `resource_account` owns the resource, where its ARN does not tell. `management_account` is that of the
    organization, which its policies do not limit.
    """

    identity: Level = ()
    resource: Document | None = None
    boundary: Document | None = None
    session: Document | None = None
    scps: tuple[Level, ...] | None = None
    rcps: tuple[Level, ...] | None = None
    endpoint: Document | None = None
    kind: str = ""
    resource_account: str | None = None
    management_account: str | None = None


class Voice(Struct, frozen=True):
    """What the documents of one layer say about a request. Statements that are not about it are left out."""

    layer: str
    allowing: tuple[tuple[Statement, Truth], ...] = ()
    denying: tuple[tuple[Statement, Truth], ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def allows(self) -> Truth:
        """Whether a statement allows it, whatever others deny."""
        return any_of((*(about for _, about in self.allowing), *(Truth.UNKNOWN for _ in self.unknown)))

    @property
    def denies(self) -> Truth:
        """Whether a statement denies it."""
        return any_of((*(about for _, about in self.denying), *(Truth.UNKNOWN for _ in self.unknown)))


def hear(layer: str, documents: Iterable[Document | None], request: Request) -> Voice:
    """Ask the documents of one layer. Of what is not known, each part may allow, and may deny."""
    allowing: list[tuple[Statement, Truth]] = []
    denying: list[tuple[Statement, Truth]] = []
    unknown: list[Unknown] = []
    for document in documents:
        if isinstance(document, Unknown):
            unknown.append(document)
        elif document is not None:
            unknown.extend(document.unknown)
            variables = replaces_variables(document)
            for statement in document.statements:
                about = all_of((_sure(statement), matches(statement, request, variables=variables)))
                if about is not Truth.NO and statement.effect != "Deny":
                    allowing.append((statement, about))
                if about is not Truth.NO and statement.effect != "Allow":
                    denying.append((statement, about))
    return Voice(layer, tuple(allowing), tuple(denying), tuple(unknown))


def grants(document: Document | None, request: Request) -> dict[By, Truth]:
    """By what a resource policy's Allows name the caller, for this request."""
    found = dict.fromkeys(By, Truth.NO)
    if document is None:
        return found
    if isinstance(document, Unknown):
        return found | {By.EVERYBODY: Truth.UNKNOWN}
    variables = replaces_variables(document)
    for statement in document.statements:
        if statement.effect != "Deny":
            about = all_of((_sure(statement), applies(statement, request, variables=variables)))
            for by, named in namings(statement, request.principal):
                found[by] = any_of((found[by], all_of((about, named))))
    if document.unknown:
        found[By.EVERYBODY] = any_of((found[By.EVERYBODY], Truth.UNKNOWN))
    return found


def _sure(statement: Statement) -> Truth:
    return Truth.YES if isinstance(statement.effect, str) else Truth.UNKNOWN


class Limit(Struct, frozen=True):
    """A layer that can only take away. `applies` is whether it binds this request; `denies_only` that it limits by Deny alone."""

    voice: Voice
    applies: Truth = Truth.YES
    denies_only: bool = False

    @property
    def allows(self) -> Truth:
        """Whether it leaves the request to the other layers."""
        return Truth.YES if self.denies_only else any_of((self.voice.allows, ~self.applies))

    @property
    def denies(self) -> Truth:
        """Whether a statement of it denies the request."""
        return all_of((self.voice.denies, self.applies))


def limits(request: Request, layers: Layers, account: str | None) -> Iterator[Limit]:
    """The layers that bind a request for a resource of an account, but for the caller's own boundary and session policy."""
    for name, levels, applies_ in (
        (SCP, layers.scps, service_control_applies(request, layers)),
        (RCP, layers.rcps, resource_control_applies(request, layers, account)),
    ):
        for number, level in enumerate(levels or (), start=1):
            if applies_ is not Truth.NO:
                # AWS keeps RCPFullAWSAccess attached at every level: only a Deny of these policies means anything.
                yield Limit(hear(f"{name} of level {number}", level, request), applies_, denies_only=name is RCP)
    if layers.endpoint is not None:
        yield Limit(hear(ENDPOINT, (layers.endpoint,), request))


_NO_ACCOUNT: Final = (CallerKind.SERVICE, CallerKind.IDENTITY, CallerKind.ANONYMOUS)


def service_control_applies(request: Request, layers: Layers) -> Truth:
    """Whether service control policies bind the caller: any identity of a member account, its root user too.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    """
    caller = request.principal
    if caller.kind is CallerKind.SERVICE_LINKED_ROLE or caller.kind in _NO_ACCOUNT:
        return Truth.NO
    return _is_member(caller.account, layers)


def resource_control_applies(request: Request, layers: Layers, account: str | None) -> Truth:
    """Whether resource control policies bind the request: resources of member accounts, of services that AWS lists.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    action = request.action.lower()
    service = action.partition(":")[0]
    linked = request.principal.kind is CallerKind.SERVICE_LINKED_ROLE
    if linked or action == "kms:retiregrant" or service not in resource_control_services():
        return Truth.NO
    return _is_member(account, layers)


def _is_member(account: str | None, layers: Layers) -> Truth:
    """Whether an account is not the management account; that is assumed where none is named."""
    if layers.management_account is None or account is None:
        return Truth.YES
    return ~same(Pattern(layers.management_account), account, by_name=True)
