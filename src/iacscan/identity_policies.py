"""The policies of identities, each once, with everyone who has it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from .finding import Origin
from .graph import Graph
from .model import iam
from .policy.document import Condition, PolicyDocument
from .policy.managed import managed_policy
from .value import Maybe, Unknown

_BOUNDARY: Final = "iam:permissionsboundary"


class IdentityPolicy(Struct, frozen=True, kw_only=True):
    """One policy text that identities have.

    `origin` is the block that holds the text; for one of AWS's own, the attachment. `via` is "inline", "managed" or
    "aws-managed", `name` the policy's name or ARN, empty if it is not known. `holders` are the users, groups, roles and
    permission sets of the input that have it, `attachments` the blocks that say so. `kinds` are the kinds of all holders, of
    those that are not in the input as well: none if nobody has the policy.
    """

    document: Maybe[PolicyDocument]
    origin: Origin
    via: str
    name: str = ""
    holders: tuple[iam.Principal, ...] = ()
    attachments: tuple[Origin, ...] = ()
    kinds: frozenset[str] = frozenset()


def identity_policies(graph: Graph) -> Iterator[IdentityPolicy]:
    """Every policy of identities: customer managed, inline, and AWS's own where they are attached.

    Left out are policies that are only permissions boundaries, of somebody here or of those whom a condition lets make
    principals: they grant nothing.
    """
    demanded: frozenset[str] | None = None
    for policy in graph.estate.managed_policies:
        attachments = graph.attachments_of(policy)
        if not attachments and demanded is None:
            demanded = frozenset(_demanded_boundaries(graph))
        if attachments or not (graph.bounded_by(policy) or policy.origin.address in (demanded or ())):
            yield _managed(graph, policy.document, policy.origin, "managed", policy.name, attachments)
    for inline in graph.estate.inline_policies:
        holder = graph.holder(inline)
        yield IdentityPolicy(
            document=inline.document,
            origin=inline.origin,
            via="inline",
            name=inline.name if isinstance(inline.name, str) else "",
            holders=() if holder is None else (holder,),
            kinds=frozenset((inline.holder_kind,)),
        )
    owned: defaultdict[tuple[str, str], list[iam.Attachment]] = defaultdict(list)
    for item in graph.estate.attachments:
        if isinstance(item.policy, str) and ":iam::aws:policy/" in item.policy:
            owned[item.origin.address, item.policy].append(item)
    for (_, arn), items in owned.items():
        missing = Unknown(f"the AWS managed policy {arn} is not in this version's table")
        yield _managed(graph, managed_policy(arn) or missing, items[0].origin, "aws-managed", arn, tuple(items))


def _demanded_boundaries(graph: Graph) -> Iterator[str]:
    """Addresses of the policies that conditions on `iam:PermissionsBoundary` name."""
    estate = graph.estate
    kinds = (estate.managed_policies, estate.inline_policies, estate.organization_policies)
    for item in (item for items in kinds for item in items):
        for statement in item.document.statements if isinstance(item.document, PolicyDocument) else ():
            for leaf in statement.conditions:
                if isinstance(leaf, Condition) and leaf.key.lower() == _BOUNDARY:
                    named = (graph.managed_policy(value, item.origin.account) for value in leaf.values)
                    yield from (policy.origin.address for policy in named if policy is not None)


def _managed(
    graph: Graph,
    document: Maybe[PolicyDocument],
    origin: Origin,
    via: str,
    name: Maybe[str],
    attachments: tuple[iam.Attachment, ...],
) -> IdentityPolicy:
    holders = {held.origin.address: held for held in map(graph.holder, attachments) if held is not None}
    return IdentityPolicy(
        document=document,
        origin=origin,
        via=via,
        name=name if isinstance(name, str) else "",
        holders=tuple(holders.values()),
        attachments=tuple({item.origin.address: item.origin for item in attachments}.values()),
        kinds=frozenset(item.holder_kind for item in attachments),
    )
