"""Who there is in an account, what they have, and what they run; shared by all questions about its principals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Final

from .access import Access
from .model import iam, workload
from .policy.action import ActionSet, of_level
from .policy.arn import ACCOUNT
from .policy.document import PolicyDocument
from .policy.grant import allowed_actions
from .policy.power import localise
from .policy.principal import Kind
from .policy.tagging import NO_TAGS, Tags
from .value import Maybe, Truth, Unknown

# What every workload has, and who gains only this gains nothing.
_HARMLESS: Final = (
    "*:Describe*", "*:List*", "cloudwatch:PutMetricData", "ec2:*NetworkInterface*", "ec2messages:*", "ecr:BatchCheck*",
    "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "logs:CreateLog*", "logs:PutLogEvents",
    "logs:PutRetentionPolicy", "ssm:UpdateInstanceInformation", "ssmmessages:*", "sts:GetCallerIdentity", "xray:Get*", "xray:Put*",
)  # fmt: skip
KINDS: Final[dict[str, type[iam.Principal]]] = {"user": iam.User, "group": iam.Group, "role": iam.Role}


class Account:
    """Answers about the principals and workloads of one estate; each is computed once."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.graph = access.graph
        self.estate = access.estate
        self._rights: dict[str, ActionSet] = {}
        self._doubts: dict[str, str] = {}
        self._open: dict[str, bool] = {}
        self._arns: dict[str, str] = {}
        self._tags: dict[str, Tags] = {}

    def doubt(self, principal: iam.Principal) -> str:
        """Why a principal may have more rights than `rights` tells; empty if all of its policies are known."""
        key = principal.origin.address
        if key not in self._doubts:
            missing = any(_lacks_actions(document) for document in self.access.documents(principal))
            self._doubts[key] = f"what {key} may do is not known" if missing else ""
        return self._doubts[key]

    def rights(self, principal: iam.Principal) -> ActionSet:
        """The actions that a principal certainly has on any resource; those that every workload has left out."""
        key = principal.origin.address
        if key not in self._rights:
            known = allowed_actions(self.access.documents(principal), on_everything=False)
            self._rights[key] = known - _harmless()
        return self._rights[key]

    def arn(self, item: iam.Principal | iam.ManagedPolicy) -> str:
        """The ARN of a principal or policy, localised (`policy.power.localise`); of its block where it is not known."""
        key = item.origin.address
        if key not in self._arns:
            kind = "policy" if isinstance(item, iam.ManagedPolicy) else type(item).__name__.lower()
            made_up = f"arn:aws:iam::{ACCOUNT}:{kind}/⟦{key}⟧"
            self._arns[key] = localise(item.arn, self.foreign, self.home) if isinstance(item.arn, str) else made_up
        return self._arns[key]

    def tags(self, principal: iam.Principal) -> Tags:
        """The tags of a principal."""
        key = principal.origin.address
        if key not in self._tags:
            self._tags[key] = Tags.of(dict(principal.tags)) if principal.tags else NO_TAGS
        return self._tags[key]

    def own_policies(self, principal: iam.Principal) -> tuple[str, ...]:
        """ARNs of the customer managed policies that a principal has."""
        held = self.access.held(principal)
        return tuple(self.arn(item.policy) for item in held if item.policy is not None)

    def by_kind(self, kind: str) -> Sequence[iam.Principal]:
        """All users, groups or roles."""
        estate = self.estate
        found: dict[str, Sequence[iam.Principal]] = {"user": estate.users, "group": estate.groups, "role": estate.roles}
        return found.get(kind, ())

    @cached_property
    def principals(self) -> dict[str, iam.Principal]:
        """Users, groups and roles by address."""
        return {item.origin.address: item for kind in KINDS for item in self.by_kind(kind)}

    @cached_property
    def roles_by_service(self) -> dict[str, dict[str, tuple[iam.Role, Truth]]]:
        """Roles by the first part and by the whole name of each service that may assume them; "" if that is not known."""
        found: defaultdict[str, dict[str, tuple[iam.Role, Truth]]] = defaultdict(dict)
        for role in self.estate.roles:
            for trusted in self.access.trust(role):
                if trusted.kind is Kind.SERVICE:
                    for name in (trusted.service, trusted.service.partition(".")[0]):
                        found[name][role.origin.address] = (role, Truth.YES)
                elif trusted.kind is Kind.UNKNOWN:
                    found[""][role.origin.address] = (role, Truth.UNKNOWN)
        return found

    @cached_property
    def _workloads_by_kind(self) -> dict[str, list[workload.Workload]]:
        found: defaultdict[str, list[workload.Workload]] = defaultdict(list)
        for item in self.estate.workloads:
            found[item.kind].append(item)
        return found

    def running(self, kinds: Iterable[str]) -> Iterator[tuple[workload.Workload, iam.Role]]:
        """Workloads of several kinds, with the roles that they run as."""
        for kind in kinds:
            for item in self._workloads_by_kind.get(kind, ()):
                yield from ((item, role) for role in self.graph.roles_of(item))

    def running_as(self, kinds: Iterable[str], roles: Iterable[str]) -> Iterator[tuple[workload.Workload, iam.Role]]:
        """The same for roles with certain addresses."""
        wanted = tuple(kinds)
        for address in roles:
            role = self.principals.get(address)
            if isinstance(role, iam.Role):
                yield from ((item, role) for item in self.graph.workloads_of(role) if item.kind in wanted)

    def lets_all_in(self, role: iam.Role) -> bool:
        """Whether a trust policy plainly admits whoever in the account has the permission to assume the role."""
        key = role.origin.address
        if key not in self._open:
            known = not isinstance(role.trust, Unknown) and all(
                item.effect == "Allow" for item in role.trust.statements
            )
            self._open[key] = known and any(
                trusted.kind is Kind.ACCOUNT
                and trusted.account not in self.foreign
                and trusted.statement is not None
                and not trusted.statement.conditions
                for trusted in self.access.trust(role)
            )
        return self._open[key]

    @cached_property
    def foreign(self) -> frozenset[str]:
        """Account ids in trusts and organizations that are known to be other accounts than the one that is changed."""
        others = {account.id for account in self.estate.accounts_in_organization if isinstance(account.id, str)}
        return frozenset(others - self.estate.accounts)

    @cached_property
    def home(self) -> frozenset[str]:
        """The id of the account that is changed; empty if it is not known, or if several providers make its principals and policies."""
        estate = self.estate
        kinds: tuple[Iterable[iam.Principal | iam.ManagedPolicy | iam.InlinePolicy | iam.Attachment], ...] = (
            estate.users, estate.groups, estate.roles, estate.permission_sets, estate.managed_policies, estate.inline_policies,
            estate.attachments,
        )  # fmt: skip
        makers = {item.origin.account for kind in kinds for item in kind}
        if len(makers) != 1:
            return frozenset()
        return frozenset(id_ for maker, id_ in estate.account_ids if maker in makers and id_.isdigit())

    @cached_property
    def manages_organization(self) -> bool:
        """Whether the input shows the account to be one that manages an organization or its Identity Center."""
        estate = self.estate
        return bool(
            estate.organizations
            or estate.organizational_units
            or estate.organization_policies
            or estate.accounts_in_organization
            or estate.permission_sets
            or estate.assignments
        )


def _lacks_actions(document: Maybe[PolicyDocument]) -> bool:
    """Whether a document may allow actions that it does not show."""
    if isinstance(document, Unknown):
        return True
    elements = (statement.actions or () for statement in document.statements)
    return bool(document.unknown) or any(isinstance(item, Unknown) for actions in elements for item in actions)


@cache
def _harmless() -> ActionSet:
    return ActionSet.of(_HARMLESS) | of_level("List")
