"""AWS Organizations: the organization, its units and accounts, and the policies attached to them."""

from msgspec import Struct

from ..finding import Origin
from ..policy.document import PolicyDocument
from ..value import Maybe


class Organization(Struct, frozen=True, kw_only=True):
    """`aws_organizations_organization`. `enabled_policy_types` is empty if none is set; `feature_set` ALL by default.

    `managed` is False for a data source: then the organization is described, not made, by this input. `members` are the ids
    of all its accounts, as AWS lists them; Unknown for one that is still to be made.
    """

    origin: Origin
    enabled_policy_types: Maybe[tuple[Maybe[str], ...]] = ()
    feature_set: Maybe[str] = "ALL"
    root_ids: tuple[str, ...] = ()
    management_account: Maybe[str] | None = None
    managed: bool = True
    members: Maybe[tuple[str, ...]] = ()


class OrganizationalUnit(Struct, frozen=True, kw_only=True):
    """`aws_organizations_organizational_unit`; `id` is its id or symbol, `parent` an OU or root."""

    origin: Origin
    name: Maybe[str]
    id: Maybe[str]
    parent: Maybe[str]


class Account(Struct, frozen=True, kw_only=True):
    """`aws_organizations_account`. `parent` is None where `parent_id` is not set (the account stays in the root)."""

    origin: Origin
    name: Maybe[str]
    id: Maybe[str]
    parent: Maybe[str] | None


class OrganizationPolicy(Struct, frozen=True, kw_only=True):
    """`aws_organizations_policy` of any type (default SERVICE_CONTROL_POLICY).

    `content` is the text as it will be sent, spaces included; `document` is parsed for SCPs and RCPs, else None.
    """

    origin: Origin
    name: Maybe[str]
    id: Maybe[str]
    kind: Maybe[str]
    content: Maybe[str]
    document: Maybe[PolicyDocument] | None


class PolicyTarget(Struct, frozen=True, kw_only=True):
    """`aws_organizations_policy_attachment`: a policy on a root, OU or account."""

    origin: Origin
    policy: Maybe[str]
    target: Maybe[str]


class Guardrail(Struct, frozen=True, kw_only=True):
    """Control Tower at work: landing zone, control or baseline. SCPs come from there, not from this input."""

    origin: Origin


class DelegatedAdministrator(Struct, frozen=True, kw_only=True):
    """`aws_organizations_delegated_administrator`: an account that manages a service for the whole organization."""

    origin: Origin
    account: Maybe[str]
    service: Maybe[str]
