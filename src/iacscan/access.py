"""Who may do what: the policy language asked over the graph."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final, TypeAlias

from msgspec import Struct

from .bucket_access import Exposure, exposure, judge
from .finding import Origin
from .graph import Graph
from .identity_policies import IdentityPolicy, identity_policies
from .lazy import regex
from .links import Index, symbols
from .model import iam, s3
from .policy.action import ActionSet
from .policy.arn import ACCOUNT
from .policy.condition.judge import OWN_SERVICE, holds
from .policy.document import PolicyDocument, Principal, Statement
from .policy.grant import Answer, is_admin, is_power_user, possible_actions, statement_actions
from .policy.managed import managed_policy
from .policy.oidc import Subject, subject
from .policy.principal import Kind, classify
from .policy.public import TRUST, Level, Reach, federated_reach, principal_reach
from .unlisted_buckets import unlisted_buckets
from .value import Maybe, Truth, Unknown

# What runs code for its customers and gives it a role: service principals without ".amazonaws.com".
WORKLOAD_SERVICES: Final = frozenset({
    "airflow", "airflow-env", "apprunner", "batch", "bedrock", "bedrock-agentcore", "build.apprunner",
    "codebuild", "codepipeline", "databrew", "datapipeline", "ec2", "ecs", "ecs-tasks", "edgelambda",
    "elasticbeanstalk", "elasticmapreduce", "emr-containers", "emr-serverless", "gamelift", "glue", "greengrass", "imagebuilder",
    "lambda", "pods.eks", "sagemaker", "scheduler", "states", "synthetics", "tasks.apprunner",
})  # fmt: skip
_SERVICE: Final = regex(r"(.+?)\.amazonaws\.com(?:\.cn)?")


class Held(Struct, frozen=True, kw_only=True):
    """One policy that a principal has.

    `label` names it for people. `origin` is the block to blame: the inline policy, or the attachment. `via` is "inline",
    "attached", "group" or "aws-managed". `name` is the policy's name or ARN. `policy` is the customer managed policy, if it
    is in the input.
    """

    document: Maybe[PolicyDocument]
    label: str
    origin: Origin
    via: str
    name: str = ""
    policy: iam.ManagedPolicy | None = None


class Trusted(Struct, frozen=True, kw_only=True):
    """One principal that a trust policy names.

    `kind` is unknown where the whole policy or the principal is. `value` is the element as written. `service` is a service
    principal's name without ".amazonaws.com". `issuer` is the URL of an OIDC provider without scheme, `subject` what is asked of
    its tokens. `reach` grades the principal with the statement's conditions.
    """

    kind: Kind
    value: str
    reach: Reach
    statement: Statement | None = None
    account: str | None = None
    service: str = ""
    issuer: str = ""
    subject: Subject | None = None


Holder: TypeAlias = iam.Principal


class Access:
    """Answers about principals and resources of one estate; each is computed once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.estate = graph.estate
        self._held_by: dict[str, tuple[Held, ...]] = {}
        self._trusted_by: dict[str, tuple[Trusted, ...]] = {}
        self._admins: dict[str, Answer] = {}
        self._exposures: dict[str, Exposure] = {}

    # -- what a principal has ---------------------------------------------------------------------------------------

    def held(self, principal: Holder) -> tuple[Held, ...]:
        """Every policy that a user (by its groups too), group, role or permission set has; boundaries are none."""
        key = principal.origin.address
        if key not in self._held_by:
            self._held_by[key] = tuple(self._held(principal))
        return self._held_by[key]

    def _held(self, principal: Holder) -> Iterator[Held]:
        for item in self.graph.inline_policies(principal):
            yield self.as_held(item)
        for attachment in self.graph.attachments(principal):
            yield self.as_held(attachment)
        if isinstance(principal, iam.User):
            for group in self.graph.groups_of(principal):
                for held in self.held(group):
                    yield Held(
                        document=held.document,
                        label=f"{held.label}, through group {group.origin.address}",
                        origin=held.origin,
                        via="group",
                        name=held.name,
                        policy=held.policy,
                    )
            for membership in self._lost_memberships.get(principal.origin.address, ()):
                because = (
                    membership.group.because
                    if isinstance(membership.group, Unknown)
                    else f"the group {membership.group} is not in this input"
                )
                label = f"a group by {membership.origin.address}"
                yield Held(document=Unknown(because), label=label, origin=membership.origin, via="group")

    def as_held(self, item: iam.InlinePolicy | iam.Attachment) -> Held:
        """What an inline policy or an attachment gives to its holder, whether or not that is in the input."""
        if isinstance(item, iam.Attachment):
            return self._attached(item)
        return Held(
            document=item.document,
            label=f"inline policy {item.origin.address}",
            origin=item.origin,
            via="inline",
            name=item.name if isinstance(item.name, str) else "",
        )

    def _attached(self, attachment: iam.Attachment) -> Held:
        link = attachment.policy
        by = f"attached by {attachment.origin.address}"
        if isinstance(link, Unknown):
            return Held(document=link, label=f"a policy {by}", origin=attachment.origin, via="attached")
        if ":iam::aws:policy/" in link:
            own = managed_policy(link)
            missing = Unknown(f"the AWS managed policy {link} is not in this version's table")
            return Held(
                document=missing if own is None else own,
                label=f"{link.rpartition('/')[2]} {by}",
                origin=attachment.origin,
                via="aws-managed",
                name=link,
            )
        policy = self.graph.managed_policy(link, attachment.origin.account)
        if policy is None:
            missing = Unknown(f"the policy {link} is not in this input")
            return Held(document=missing, label=f"{link} {by}", origin=attachment.origin, via="attached", name=link)
        return Held(
            document=policy.document,
            label=f"{policy.origin.address} {by}",
            origin=attachment.origin,
            via="attached",
            name=policy.name if isinstance(policy.name, str) else link,
            policy=policy,
        )

    @cached_property
    def _lost_memberships(self) -> dict[str, list[iam.Membership]]:
        """Memberships of known users in groups that are not in the input, by the user's address."""
        found: defaultdict[str, list[iam.Membership]] = defaultdict(list)
        for item in self.estate.memberships:
            account = item.origin.account
            user = self.graph.principal("user", item.user, account)
            if user is not None and self.graph.principal("group", item.group, account) is None:
                found[user.origin.address].append(item)
        return found

    @cached_property
    def identity_policies(self) -> tuple[IdentityPolicy, ...]:
        """Every policy of identities, once, with everyone who has it."""
        return tuple(identity_policies(self.graph))

    def documents(self, principal: Holder) -> tuple[Maybe[PolicyDocument], ...]:
        """The documents of `held`, for the functions of `policy.grant`."""
        return tuple(held.document for held in self.held(principal))

    def boundary(self, principal: Holder) -> Maybe[PolicyDocument] | None:
        """The document of the permissions boundary; None if there is none, Unknown if it is not in the input."""
        link = principal.boundary
        if link is None or isinstance(link, Unknown):
            return link
        if ":iam::aws:policy/" in link:
            return managed_policy(link) or Unknown(f"the AWS managed policy {link} is not in this version's table")
        policy = self.graph.managed_policy(link, principal.origin.account)
        return Unknown(f"the policy {link} is not in this input") if policy is None else policy.document

    def admin(self, principal: Holder) -> Answer:
        """Whether a principal is an administrator by all that it has, its boundary taken into account.

        Service control policies are not: they are rarely in the same input, and may change.
        """
        key = principal.origin.address
        if key not in self._admins:
            self._admins[key] = _within(is_admin, self.documents(principal), self.boundary(principal))
        return self._admins[key]

    def power_user(self, principal: Holder) -> Answer:
        """Whether a principal has whatever AWS will ever add (`NotAction`), as `PowerUserAccess` does."""
        return _within(is_power_user, self.documents(principal), self.boundary(principal))

    # -- who may become a role --------------------------------------------------------------------------------------

    def trust(self, role: iam.Role) -> tuple[Trusted, ...]:
        """Every principal that the trust policy of a role lets assume it, one entry each."""
        key = role.origin.address
        if key not in self._trusted_by:
            self._trusted_by[key] = tuple(self._trust(role))
        return self._trusted_by[key]

    def _trust(self, role: iam.Role) -> Iterator[Trusted]:
        document = role.trust
        if isinstance(document, Unknown):
            yield _unknown(document)
            return
        for statement in document.statements:
            if statement.effect == "Deny" or not possible_actions(statement).overlaps(_assuming()):
                continue
            if statement.not_principals is not None:
                because = "NotPrincipal, which AWS refuses in a trust policy"
                reach = Reach(Level.AUTHENTICATED, Truth.UNKNOWN, because, statement)
                yield Trusted(kind=Kind.INVALID, value="NotPrincipal", reach=reach, statement=statement)
            for principal in statement.principals or ():
                yield self._trusted(principal, statement, document, role.origin.account)
        for unknown in document.unknown:
            yield _unknown(unknown)

    def _trusted(
        self, principal: Maybe[Principal], statement: Statement, document: PolicyDocument, account: str
    ) -> Trusted:
        reach = principal_reach(principal, statement, document, TRUST)
        if isinstance(principal, Unknown):
            return Trusted(kind=Kind.UNKNOWN, value="", reach=reach, statement=statement)
        caller = classify(principal)
        issuer = self._issuer(caller.issuer, account) if caller.kind is Kind.OIDC else caller.issuer
        if issuer != caller.issuer:
            reach = federated_reach(statement, issuer)
        return Trusted(
            kind=caller.kind,
            value=principal.value,
            reach=reach,
            statement=statement,
            account=caller.account,
            service=service_name(principal.value) if caller.kind is Kind.SERVICE else "",
            issuer=issuer,
            subject=subject(statement, issuer) if caller.kind is Kind.OIDC else None,
        )

    @cached_property
    def _providers(self) -> "Index[iam.IdentityProvider]":
        return Index(self.estate.identity_providers, lambda provider: (provider.arn,), fold=False)

    def _issuer(self, named: str, account: str) -> str:
        """The URL of a provider that is in the input; what the ARN says if it is not."""
        provider = self._providers.find(named, account) if symbols(named) else None
        if provider is None or isinstance(provider.url, Unknown):
            return named
        return provider.url.removeprefix("https://").rstrip("/")

    def identity_provider(self, trusted: Trusted, account: str) -> iam.IdentityProvider | None:
        """The OIDC or SAML provider of the input that a trust names; `account` is the role's `origin.account`."""
        return self._providers.find(trusted.value, account)

    def workload_services(self, role: iam.Role) -> tuple[str, ...]:
        """Services that run code and may assume the role, without ".amazonaws.com" and without region.

        Not those whose statement asks for what no service sends (MFA, an external id), nor those that a Deny names.
        """
        denied = _denied_services(role.trust)
        names = (
            _workload(trusted.service)
            for trusted in self.trust(role)
            if trusted.kind is Kind.SERVICE
            and trusted.service not in denied
            and (trusted.statement is None or holds(trusted.statement.conditions, OWN_SERVICE) is not Truth.NO)
        )
        return tuple(dict.fromkeys(name for name in names if name))

    def is_compute_role(self, role: iam.Role) -> Truth:
        """Whether code runs with the role: a workload of the input uses it, or its trust names such a service."""
        if self.workload_services(role) or self.graph.workloads_of(role):
            return Truth.YES
        unknown = any(trusted.kind is Kind.UNKNOWN for trusted in self.trust(role))
        return Truth.UNKNOWN if unknown else Truth.NO

    # -- whose accounts ---------------------------------------------------------------------------------------------

    @cached_property
    def own_accounts(self) -> frozenset[str]:
        """Account ids and symbols that are known to be the reader's own."""
        named = {account.id for account in self.estate.accounts_in_organization if isinstance(account.id, str)}
        for item in self.estate.organizations:
            named.update(() if isinstance(item.members, Unknown) else item.members)
            named.update((item.management_account,) if isinstance(item.management_account, str) else ())
        return self.estate.accounts | self.estate.settings.accounts | named | {ACCOUNT}

    def external(self, principal: Maybe[Principal]) -> Truth:
        """Whether a principal belongs to somebody else. Services do not; anyone does.

        An account id that is not known to be one's own is unknown as long as none is known at all.
        """
        if isinstance(principal, Unknown):
            return Truth.UNKNOWN
        caller = classify(principal)
        match caller.kind:
            case Kind.ANYONE:
                return Truth.YES
            case Kind.SERVICE | Kind.INVALID | Kind.ORIGIN_ACCESS_IDENTITY:
                return Truth.NO
            case _:
                return Truth.UNKNOWN if caller.account is None else self.foreign_account(caller.account)

    def foreign_account(self, account: str) -> Truth:
        """Whether an account id, or a symbol for one, is somebody else's."""
        if account in self.own_accounts:
            return Truth.NO
        if "⟦" in account:
            own = ("aws_organizations_account", "aws_caller_identity")
            return Truth.NO if any(word in account for word in own) else Truth.UNKNOWN
        known = any(item.isdigit() for item in self.own_accounts)
        # Of an organization whose accounts are not listed, any account may be a member.
        hidden = any(isinstance(item.members, Unknown) for item in self.estate.organizations)
        listed = self.estate.settings.accounts or self.estate.accounts_in_organization or not hidden
        return Truth.YES if known and listed else Truth.UNKNOWN

    # -- buckets ----------------------------------------------------------------------------------------------------

    def exposure(self, bucket: s3.Bucket) -> Exposure:
        """Who on the internet reaches a bucket; see `bucket_access`."""
        key = bucket.origin.address
        if key not in self._exposures:
            self._exposures[key] = exposure(self.graph, bucket)
        return self._exposures[key]

    @cached_property
    def unlisted_exposures(self) -> tuple[Exposure, ...]:
        """The same for buckets that are not in the input, but whose policy or ACL is."""
        found = unlisted_buckets(self.graph)
        return tuple(judge(self.graph, bucket, companions) for bucket, companions in found)


def service_name(principal: str) -> str:
    """`lambda` for `lambda.amazonaws.com`; the text itself if it is not a service of AWS."""
    found = _SERVICE.fullmatch(principal)
    return found[1] if found else principal


def _denied_services(trust: Maybe[PolicyDocument]) -> frozenset[str]:
    """Services that a trust policy refuses by name, without a condition."""
    if isinstance(trust, Unknown):
        return frozenset()
    return frozenset(
        service_name(principal.value)
        for statement in trust.statements
        if statement.effect == "Deny"
        and not statement.conditions
        and "sts:AssumeRole" in statement_actions(statement)[0]
        for principal in statement.principals or ()
        if isinstance(principal, Principal) and principal.kind == "Service"
    )


def _workload(service: str) -> str:
    """The workload service that a name means, its region left out; empty if it is none."""
    if service in WORKLOAD_SERVICES:
        return service
    first = service.partition(".")[0]
    return first if first in WORKLOAD_SERVICES else ""


def _assuming() -> ActionSet:
    return ActionSet.of(("sts:AssumeRole*",))


def _unknown(unknown: Unknown) -> Trusted:
    reach = Reach(Level.ANYONE, Truth.UNKNOWN, unknown.because)
    return Trusted(kind=Kind.UNKNOWN, value="", reach=reach)


def _within(
    question: Callable[[Iterable[Maybe[PolicyDocument]]], Answer],
    documents: tuple[Maybe[PolicyDocument], ...],
    boundary: Maybe[PolicyDocument] | None,
) -> Answer:
    """Ask about documents, and cap the answer by a permissions boundary."""
    answer = question(documents)
    if boundary is None or answer.truth is Truth.NO:
        return answer
    if isinstance(boundary, Unknown):
        because = f"its permissions boundary is not known: {boundary.because}"
        return Answer(Truth.UNKNOWN, answer.statements, because, answer.conditions)
    cap = question((boundary,))
    if cap.truth is Truth.YES:
        return answer
    because = "its permissions boundary allows less" if cap.truth is Truth.NO else cap.because
    return Answer(cap.truth, answer.statements, because, answer.conditions)
