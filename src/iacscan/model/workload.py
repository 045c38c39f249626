"""Compute with its role, and every other resource that carries a policy or is open by a switch of its own."""

from msgspec import Struct

from ..finding import Origin
from ..policy.document import PolicyDocument
from ..value import Maybe


class Workload(Struct, frozen=True, kw_only=True):
    """Something that runs code or acts with a role (spec 0.5): Lambda function, instance, task definition, ...

    `roles` are names, ARNs or symbols of roles; `profiles` of instance profiles. `environment` are the *names* of the
    environment variables that it gets, values are never kept. `arn` is its ARN, in which symbols stand for what is not known;
    empty if its type has none. `calls` are commands of its start-up script that call AWS (`aws s3 cp`), without their arguments.
    `template` is True where a launch template may say what the block does not.
    """

    origin: Origin
    kind: str  # the resource type without its prefix, e.g. "lambda_function"
    roles: tuple[Maybe[str], ...] = ()
    profiles: tuple[Maybe[str], ...] = ()
    environment: tuple[str, ...] = ()
    arn: str = ""
    calls: tuple[str, ...] = ()
    template: bool = False


class LambdaPermission(Struct, frozen=True, kw_only=True):
    """`aws_lambda_permission` and `aws_lambda_layer_version_permission` (`layer` True): one statement as arguments.

    `by_url` limits it to calls by the function's URL, which has an authorization of its own.
    """

    origin: Origin
    principal: Maybe[str]
    action: Maybe[str] | None
    function: Maybe[str] | None
    source_arn: Maybe[str] | None = None
    source_account: Maybe[str] | None = None
    organization: Maybe[str] | None = None
    event_source_token: Maybe[str] | None = None
    url_auth_type: Maybe[str] | None = None
    by_url: Maybe[bool] = False
    layer: bool = False


class FunctionUrl(Struct, frozen=True, kw_only=True):
    """`aws_lambda_function_url`."""

    origin: Origin
    function: Maybe[str]
    authorization: Maybe[str]


class ResourcePolicy(Struct, frozen=True, kw_only=True):
    """A policy on a resource other than a bucket, role or organization (spec/01 IAM611).

    `kind` names the resource it protects, e.g. "sqs-queue", "kms-key", "secret" (table in `normalise.policy_attributes`);
    `target` is the resource's ARN, name or symbol where the policy stands in a block of its own, else the
    symbol of its own block. `network_bound` is True where the resource can only be reached from a VPC;
    `refuses_public` where AWS refuses the policy if it is public: asked to (`block_public_policy` of a secret), or always
    (tables of DynamoDB). `asks_login` where the resource has users of its own and lets nobody else in (OpenSearch domains with
    fine-grained access control), whatever the policy says.
    """

    origin: Origin
    kind: str
    attribute: str
    target: Maybe[str] | None
    document: Maybe[PolicyDocument]
    network_bound: bool = False
    refuses_public: Maybe[bool] = False
    asks_login: Maybe[bool] = False


class IdentityPool(Struct, frozen=True, kw_only=True):
    """`aws_cognito_identity_pool`: gives AWS credentials to users of an application.

    `admits_guests` also to those who have not logged in. `classic` lets them take a role without the limits that Cognito sets
    in the enhanced flow (https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html).
    """

    origin: Origin
    id: str
    admits_guests: Maybe[bool] = False
    classic: Maybe[bool] = False


class IdentityPoolRoles(Struct, frozen=True, kw_only=True):
    """`aws_cognito_identity_pool_roles_attachment`; `guest_role` is the role of those who have not logged in, if any."""

    origin: Origin
    pool: Maybe[str]
    guest_role: Maybe[str] | None = None


class Share(Struct, frozen=True, kw_only=True):
    """What can be given to every AWS account by a switch: an image, a snapshot, a document; or a guard against just that.

    `what` is a key of the table in `normalise.sharing`; `public` whether the switch is on; `evidence` the setting as written.
    """

    origin: Origin
    what: str
    public: Maybe[bool]
    evidence: str
