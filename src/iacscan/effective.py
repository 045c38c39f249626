"""All policies of an input that bear on what a principal may do to a resource, as the layers that `policy.evaluate` decides by.

Its own policies (inline, attached, those of its groups, AWS's own by content), its permissions boundary, the policy of the resource, and
the service and resource control policies on the way from the root of the organization down to the account. What the input does not show is
left out, and said in `assumptions`.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from .access import Access
from .function_access import statement_of
from .links import symbols
from .model import iam
from .policy.arn import ACCOUNT, REGION, Arn, parse_arn
from .policy.document import PolicyDocument, Statement
from .policy.layers import Layers
from .value import Maybe, Truth, Unknown

SCP: Final = "SERVICE_CONTROL_POLICY"
RCP: Final = "RESOURCE_CONTROL_POLICY"
_DEFAULTS: Final = ("p-FullAWSAccess", "p-RCPFullAWSAccess")
_COMMON: Final = {ACCOUNT.strip("⟦⟧"), REGION.strip("⟦⟧")}
_EVERYTHING: Final = PolicyDocument(statements=(Statement(actions=("*",), resources=("*",)),))
# The service that the ARNs of a kind of resource name, by the beginning of the kind.
_SERVICES: Final = {
    "sqs-": "sqs", "sns-": "sns", "kms-": "kms", "ecr-public": "ecr-public", "ecr-": "ecr", "secret": "secretsmanager",
    "opensearch-": "es", "efs-": "elasticfilesystem", "rest-api": "execute-api", "event-bus": "events", "schema-": "schemas",
    "log-": "logs", "glacier-": "glacier", "backup-": "backup", "codeartifact-": "codeartifact", "codebuild": "codebuild",
    "dynamodb-": "dynamodb", "kinesis-": "kinesis", "msk-": "kafka", "media-": "mediastore", "ses-": "ses", "glue-": "glue",
    "sagemaker-": "sagemaker", "s3-table": "s3tables", "s3-vector": "s3vectors", "s3-outposts": "s3-outposts",
    "s3-object-lambda": "s3-object-lambda", "s3-directory": "s3express", "vpc-lattice": "vpc-lattice", "redshift": "redshift",
    "certificate-": "acm-pca", "cloudtrail-": "cloudtrail", "lex-": "lex", "network-": "network-firewall",
    "agentcore": "bedrock-agentcore",
}  # fmt: skip


class Effective(Struct, frozen=True):
    """The layers, and what was taken for granted, one clause each. `account` is the principal's, if it is known."""

    layers: Layers
    account: str | None = None
    assumptions: tuple[str, ...] = ()


class Protected(Struct, frozen=True):
    """The policy of a resource, with its kind (`policy.public.surface_of`); None if it has none, or is not in the input."""

    kind: str = ""
    document: Maybe[PolicyDocument] | None = None
    assumption: str = ""


def effective(access: Access, principal: iam.Principal, resource: str, action: str = "") -> Effective:
    """The layers that bear on a principal's requests for a resource, by ARN; `action` tells what a role is wanted for."""
    account = account_of(principal)
    protected = resource_policy(access, resource, principal.origin.account, action)
    assumptions = [protected.assumption] if protected.assumption else []
    owner = _owner(resource) or account
    scps = _levels(access, account, SCP, assumptions)
    rcps = _levels(access, owner, RCP, assumptions)
    layers = Layers(
        identity=access.documents(principal),
        resource=protected.document,
        boundary=access.boundary(principal),
        scps=scps,
        rcps=rcps,
        kind=protected.kind,
        resource_account=_owner(resource),
        management_account=_manager(access),
    )
    return Effective(layers, account, tuple(dict.fromkeys(assumptions)))


def guardrails(access: Access, principal: iam.Principal) -> tuple[Maybe[PolicyDocument], ...]:
    """The service control policies over a principal's account; none if the input does not tell where it is, or for the managing one."""
    account = account_of(principal)
    if account == _manager(access):
        return ()
    return tuple(document for level in _levels(access, account, SCP, []) or () for document in level)


def account_of(principal: iam.Principal) -> str | None:
    """The id or symbol of the account that a principal is in; None if the input does not tell."""
    return _owner(principal.arn) if isinstance(principal.arn, str) else None


def _owner(arn: str) -> str | None:
    parsed = parse_arn(arn)
    return parsed.account if parsed is not None and parsed.account not in ("", ACCOUNT, "*") else None


def _manager(access: Access) -> str | None:
    accounts = (item.management_account for item in access.estate.organizations)
    return next((account for account in accounts if isinstance(account, str)), None)


# -- the resource ---------------------------------------------------------------------------------------------------


def resource_policy(access: Access, resource: str, provider: str, action: str = "") -> Protected:
    """The policy of a resource, by its ARN; `provider` is the account whose names are meant (`Origin.account`)."""
    arn = parse_arn(resource)
    if arn is None:
        return Protected()
    match arn.service:
        case "s3":
            return _of_bucket(access, f"arn:{arn.partition}:s3:::{arn.resource.partition('/')[0]}", provider)
        case "iam" if arn.resource.startswith("role/") and action.lower().startswith("sts:"):
            return _of_role(access, resource, provider)
        case "lambda":
            return _of_function(access, resource)
        case service:
            return _of_other(access, resource, service)


def _of_bucket(access: Access, arn: str, provider: str) -> Protected:
    bucket = access.graph.bucket(arn, provider)
    if bucket is not None:
        policies = access.graph.companions(bucket).policies
        return Protected("s3-bucket", policies[0].document if policies else None)
    name = arn.rpartition(":")[2]
    for policy in access.estate.bucket_policies:
        if policy.bucket in (name, arn):
            return Protected("s3-bucket", policy.document)
    return Protected("s3-bucket", None, f"the bucket {name} has no policy that is not in the input")


def _of_role(access: Access, arn: str, provider: str) -> Protected:
    role = access.graph.principal("role", arn, provider)
    if isinstance(role, iam.Role):
        return Protected("role-trust", role.trust)
    return Protected("role-trust", Unknown(f"the role {arn} is not in this input"))


def _of_function(access: Access, arn: str) -> Protected:
    statements = tuple(
        statement_of(permission)
        for permission in access.estate.lambda_permissions
        if not permission.layer and isinstance(permission.function, str) and _means(permission.function, arn)
    )
    # A permission names its function, be it by name alone: the statements are about nothing else.
    whole = tuple(
        Statement(actions=item.actions, resources=(arn,), principals=item.principals, conditions=item.conditions)
        for item in statements
    )
    assumption = "" if statements else f"nobody but the account itself may use {arn}, as far as the input shows"
    return Protected("lambda", PolicyDocument(statements=whole) if whole else None, assumption)


def _of_other(access: Access, arn: str, service: str) -> Protected:
    unclear: Protected | None = None
    for policy in access.estate.resource_policies:
        if _service(policy.kind) != service:
            continue
        means = Truth.UNKNOWN if isinstance(policy.target, Unknown) else _may_mean(policy.target or "", arn)
        if means is Truth.YES:
            return Protected(policy.kind, policy.document)
        if means is Truth.UNKNOWN and _names(policy.document, arn):
            return Protected(
                policy.kind, policy.document, f"{policy.origin.address} is the policy of {arn}, which it names"
            )
        if means is Truth.UNKNOWN:
            because = f"whether {policy.origin.address} is its policy is not known"
            unclear = Protected(policy.kind, Unknown(because))
    if unclear is not None:
        return unclear
    if service == "kms" and ":key/" in arn:
        return Protected("kms-key", Unknown(f"the policy of {arn} is not in this input"))
    has_policies = service in _SERVICES.values()
    return Protected("", None, f"{arn} has no policy that is not in the input" if has_policies else "")


def _names(document: Maybe[PolicyDocument], arn: str) -> bool:
    """Whether a policy names a resource by its very ARN: if it is the policy of another one, that says nothing."""
    if isinstance(document, Unknown):
        return False
    return any(arn in (statement.resources or ()) for statement in document.statements)


def _may_mean(target: str, arn: str) -> Truth:
    """As `_means`; unknown where a symbol stands for the name, and the ARN that is asked for has a name."""
    if _means(target, arn):
        return Truth.YES
    named = set(symbols(target)) - _COMMON
    return Truth.UNKNOWN if named and not set(symbols(arn)) - _COMMON else Truth.NO


def _service(kind: str) -> str:
    return next((service for beginning, service in _SERVICES.items() if kind.startswith(beginning)), "")


def _means(target: str, arn: str) -> bool:
    """Whether a link (ARN, name, address of a queue, symbol) means what an ARN does, or contains it."""
    own = parse_arn(target)
    if own is not None:
        return _contains(own, parse_arn(arn))
    named = set(symbols(target)) - _COMMON
    if named:
        return not named.isdisjoint(symbols(arn))
    return target.rpartition("/")[2].rpartition(":")[2] == arn.rpartition(":")[2].rpartition("/")[2]


def _contains(outer: Arn, inner: Arn | None) -> bool:
    """Whether an ARN is another one, or begins it. A symbol for the account or region may be any; no two names may."""
    if inner is None or outer.service != inner.service:
        return False
    places = ((outer.account, inner.account, ACCOUNT), (outer.region, inner.region, REGION))
    return (inner.resource == outer.resource or inner.resource.startswith(f"{outer.resource}/")) and all(
        one == other or unknown in (one, other) for one, other, unknown in places
    )


# -- the organization -----------------------------------------------------------------------------------------------


def _levels(
    access: Access, account: str | None, kind: str, assumptions: list[str]
) -> tuple[tuple[Maybe[PolicyDocument], ...], ...] | None:
    """The policies of a kind from the root down to an account; None if the input does not show where the account is."""
    member = next((item for item in access.estate.accounts_in_organization if account and item.id == account), None)
    if member is None:
        return None
    way = access.graph.way_up(account, member.origin.account)
    if way.missing:
        assumptions.append(f"no unit between {way.places[-2]} and the root limits it: {way.missing}")
    levels = [tuple(_attached(access, place, kind)) for place in reversed(way.places)]
    if any(levels):
        assumptions.append("AWS's own FullAWSAccess is attached wherever AWS attaches it by default")
    unclear = [item.origin.address for item in access.estate.policy_targets if isinstance(item.target, Unknown)]
    assumptions.extend(f"{address} attaches its policy elsewhere" for address in unclear)
    return tuple((*level, _EVERYTHING) for level in levels)


def _attached(access: Access, place: str, kind: str) -> Iterator[Maybe[PolicyDocument]]:
    """The policies of a kind on one root, unit or account, but for AWS's own, which allow everything."""
    for item in access.graph.targets_at(place):
        policy = access.graph.organization_policy(item)
        if policy is not None and policy.kind == kind:
            yield Unknown("it is not written in the policy language") if policy.document is None else policy.document
        elif policy is not None and isinstance(policy.kind, Unknown):
            yield policy.kind
        elif policy is None and item.policy not in _DEFAULTS:
            yield Unknown(f"the policy that {item.origin.address} attaches is not in this input")
