"""Policy allows every action on every resource: whoever has it is an administrator of the account.

## Why it matters

An administrator can read all data, delete everything, and make other administrators. Whatever goes wrong with the credentials of the
holder - a leaked key, a phished session, a mistake in a script - goes wrong with the whole account.

## How to fix it

Name the services that are needed, and the resources. What a principal has used so far is in its "last accessed" data.

```hcl
data "aws_iam_policy_document" "deployer" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }
}
```

Where people must be administrators at times, give them a role that asks for MFA, or a permission set with a short session.

## How to fix it in CloudFormation

Name the services that are needed, and the resources. What a principal has used so far is in its "last accessed" data.

```yaml
DeployerPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Roles:
      - !Ref DeployerRole
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action:
            - s3:GetObject
            - s3:PutObject
          Resource: !Sub ${ArtifactsBucket.Arn}/*
```

Where people must be administrators at times, give them a role that asks for MFA, or a permission set with a short session.

## What it leaves alone

Roles that code runs with (IAM402 speaks of them), permissions boundaries and service control policies, which grant nothing, and policies
whose own Denies take the power away. Conditions on MFA, network or region do not excuse: whoever meets them is an administrator.

How bad it is depends on who has the policy: a user, or a role that another company or a CI system assumes, is critical; a group, a
permission set, or a role that asks for MFA is medium; a policy that nobody has, or that permissions boundaries hold down, is low.

## When it cannot tell

An element of the statement that would make the difference is not known, such as the only resource of `Action = "*"`. Policies that are not
known at all are counted in the report's coverage, not here.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...identity_policies import IdentityPolicy
from ...model import iam
from ...policy.condition.mfa import requires_mfa
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...policy.excess import Power, may_be_admin
from ...policy.grant import Answer, allowed_actions
from ...policy.principal import Kind
from ...policy.public import Level
from ...value import Truth
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

_POLICY = """
resource "aws_iam_user" "deployer" {
  name = "deployer"
}

resource "aws_iam_user_policy" "deployer" {%s
  user   = aws_iam_user.deployer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [%s]
  })
}
"""
_COMPUTE = """
resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""
_ATTACHED = """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy_attachment" "ada" {
  user       = aws_iam_user.ada.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess" # bad
}
"""

BAD = Example(_POLICY % ("  # bad", '{ Effect = "Allow", Action = "*", Resource = "*" }'))
BAD_MFA = Example(
    _POLICY
    % (
        "  # bad",
        '{ Effect = "Allow", Action = "*:*", Resource = "*", Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }',
    ),
    "with MFA, the user is an administrator all the same",
)
BAD_ATTACHED = Example(_ATTACHED, "AWS's own policy")
GOOD = Example(
    _POLICY % ("", '{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::artifacts/*" }'),
    "one action on the objects of one bucket",
)
GOOD_DENIED = Example(
    _POLICY
    % ("", '{ Effect = "Allow", Action = "*", Resource = "*" }, { Effect = "Deny", Action = "*", Resource = "*" }'),
    "the Deny leaves nothing",
)
GOOD_COMPUTE = Example(_COMPUTE, "a role that code runs with: see IAM402")
UNDECIDED = Example(
    _POLICY % ("  # undecided", '{ Effect = "Allow", Action = "*", Resource = var.resource }')
    + '\nvariable "resource" {}\n',
    "every action, on something that is not known",
)


@rule(
    code="IAM401",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html",
    ),
    controls=("CIS 1.15 (v3: 1.16)", "Security Hub IAM.1", "CWE-250", "CWE-269"),
    includes=("IAM402", *_power.LESSER),
    examples=(BAD, BAD_MFA, BAD_ATTACHED, GOOD, GOOD_DENIED, GOOD_COMPUTE, UNDECIDED),
)
def full_admin_policy(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that makes administrators, then for those whom only several policies make one."""
    for policy in world.access.identity_policies:
        if not isinstance(policy.document, PolicyDocument):
            continue
        found = _power.power_of(policy)
        if found is not None and found.power is Power.ADMIN:
            if not _power.is_left_to_compute(world, policy):
                yield _violation(world, policy, found.answer)
        elif (doubt := may_be_admin(policy.document)) is not None and not _is_compute_only(world, policy):
            yield Undecided(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may be an administrator, depending on what is not known: {doubt.because}",
                evidence=tuple(line for statement in _power.shown(doubt) for line in describe(statement)),
                related=_identity.related(policy),
            )
    yield from _by_several(world)


def _violation(world: World, policy: IdentityPolicy, answer: Answer) -> Violation:
    holders = _power.others(world, policy)
    free = tuple(holder for holder in holders if world.access.admin(holder).truth is not Truth.NO)
    only = f", under conditions on {' and '.join(answer.conditions)}" if answer.conditions else ""
    whole = isinstance(policy.document, PolicyDocument) and allowed_actions([policy.document]).is_everything
    what = "everything" if whole else "nearly everything"
    message = f"{_identity.who(policy)} may do {what} in the account{only}"
    severity = max((_severity(world, holder, answer) for holder in free), default=_severity_of_kinds(policy))
    if holders and not free:
        held = "its" if len(holders) == 1 else "their"
        message = f"the policy allows everything; only {held} permissions boundary or other Denies keep {_identity.who(policy)} from being an administrator"
        severity = Severity.LOW
    elif not policy.kinds:
        # As grave as its lesser relatives, which are judged as if somebody had the policy: widening is never an improvement.
        message = f"the policy makes an administrator of everyone it will be attached to{only}; nobody has it yet"
        severity = Severity.HIGH
    return Violation(
        subject=policy.origin,
        message=message,
        evidence=tuple(line for statement in _power.shown(answer) for line in describe(statement)),
        related=_identity.related(policy),
        severity=severity,
        remedy=_remedy(holders),
    )


def _severity(world: World, holder: iam.Principal, answer: Answer) -> Severity:
    if isinstance(holder, iam.User):
        return Severity.CRITICAL
    if not isinstance(holder, iam.Role) or all(requires_mfa(item) is Truth.YES for item in answer.statements):
        return Severity.MEDIUM
    trusts = world.access.trust(holder)
    for trusted in trusts:
        federated = trusted.kind in (Kind.OIDC, Kind.COGNITO)
        foreign = trusted.account is not None and world.access.foreign_account(trusted.account) is Truth.YES
        if federated or foreign or (trusted.reach.level >= Level.AUTHENTICATED and trusted.reach.truth is Truth.YES):
            return Severity.CRITICAL
    statements = [trusted.statement for trusted in trusts]
    guarded = [item is not None and requires_mfa(item) is Truth.YES for item in statements]
    return Severity.MEDIUM if (guarded and all(guarded)) or _is_bootstrap(holder) else Severity.HIGH


def _severity_of_kinds(policy: IdentityPolicy) -> Severity:
    """The severity for holders that are not in the input."""
    if "user" in policy.kinds:
        return Severity.CRITICAL
    return Severity.HIGH if "role" in policy.kinds else Severity.MEDIUM


def _is_bootstrap(role: iam.Principal) -> bool:
    """Whether a role is the one that CloudFormation deploys with for the AWS CDK, which is an administrator by default."""
    return isinstance(role.name, str) and role.name.startswith("cdk-") and "-cfn-exec-role-" in role.name


def _remedy(holders: tuple[iam.Principal, ...]) -> str | None:
    if any(_is_bootstrap(holder) for holder in holders):
        return "Bootstrap the CDK with --cloudformation-execution-policies and a policy of the services that your stacks use."
    return None


def _is_compute_only(world: World, policy: IdentityPolicy) -> bool:
    return bool(policy.holders) and all(
        isinstance(holder, iam.Role) and world.access.is_compute_role(holder) is Truth.YES for holder in policy.holders
    )


def _by_several(world: World) -> Iterator[Violation]:
    """Those who are administrators by several policies, none of which makes one alone."""
    estate = world.estate
    for principal in (*estate.users, *estate.groups, *estate.roles, *estate.permission_sets):
        answer = world.access.admin(principal)
        if answer.truth is not Truth.YES or _is_alone(world, principal):
            continue
        if isinstance(principal, iam.Role) and world.access.is_compute_role(principal) is Truth.YES:
            continue
        yield Violation(
            subject=principal.origin,
            message=f"{_identity.called(principal)} may do everything in the account by its policies together, none of which allows that alone",
            evidence=tuple(line for statement in _power.shown(answer) for line in describe(statement)),
            related=tuple(
                Related(held.origin, f"{held.label} takes part")
                for held in world.access.held(principal)
                if isinstance(held.document, PolicyDocument)
                and any(statement in answer.statements for statement in held.document.statements)
            ),
            severity=_severity(world, principal, answer),
        )


def _is_alone(world: World, principal: iam.Principal) -> bool:
    """Whether one policy, or one group of the user, is enough to make it an administrator."""
    powers = (_power.power_of(held) for held in world.access.held(principal))
    if any(found is not None and found.power is Power.ADMIN for found in powers):
        return True
    groups = world.graph.groups_of(principal) if isinstance(principal, iam.User) else ()
    return any(world.access.admin(group).truth is Truth.YES for group in groups)
