"""Identity pool gives AWS credentials to everybody who asks, without a login.

## Why it matters

The id of the pool stands in every copy of the application. Whoever has it gets credentials of the role for guests with two calls, and may use them for anything that
the role allows, not only for what the application does. In the classic flow nothing stands in between; in the enhanced flow Cognito limits them to a list of services.

## How to fix it

Ask for a login, or give guests a role with only what a stranger may do:

```hcl
resource "aws_cognito_identity_pool" "app" {
  identity_pool_name               = "app"
  allow_unauthenticated_identities = false
  allow_classic_flow               = false
}
```

## How to fix it in CloudFormation

Ask for a login, or give guests a role with only what a stranger may do:

```yaml
AppIdentityPool:
  Type: AWS::Cognito::IdentityPool
  Properties:
    AllowUnauthenticatedIdentities: false
    AllowClassicFlow: false
```

## What it leaves alone

Pools that ask for a login. The severity is high where guests may change or read data, critical where they may do everything, and one higher with the classic flow; sending
metrics of the application is expected.

## When it cannot tell

Whether the pool admits guests is not known.
"""

from collections.abc import Iterator
from functools import cache

from ...exposure import guest_roles
from ...finding import Origin, Related, Severity, Undecided, Violation
from ...model import iam
from ...model.workload import IdentityPool
from ...policy.action import ActionSet, of_level, tagged
from ...policy.document import PolicyDocument
from ...policy.grant import allowed_actions
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule

_SHOWN = 4

_POOL = """
resource "aws_cognito_identity_pool" "app" {%s
  identity_pool_name               = "app"
  allow_unauthenticated_identities = %s
}
"""
_GUEST = """
resource "aws_iam_role" "guest" {
  name = "guest"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
      Condition = {
        StringEquals = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.app.id }
        "ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = "unauthenticated" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "guest" {
  role = aws_iam_role.guest.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %s, Resource = "*" }]
  })
}

resource "aws_cognito_identity_pool_roles_attachment" "app" {
  identity_pool_id = aws_cognito_identity_pool.app.id
  roles            = { unauthenticated = aws_iam_role.guest.arn }
}
"""

BAD = Example(_POOL % ("  # bad", "true"), "guests get credentials")
BAD_DATA = Example(_POOL % ("  # bad", "true") + _GUEST % '"dynamodb:PutItem"', "guests may write, of high severity")
GOOD = Example(_POOL % ("", "false"), "everybody must log in")
UNDECIDED = Example('variable "guests" {}\n' + _POOL % ("  # undecided", "var.guests"), "a switch without a value")


@rule(
    code="IAM914",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html",
        "https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html",
        "https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html",
    ),
    controls=("CWE-306", "CWE-284"),
    examples=(BAD, BAD_DATA, GOOD, UNDECIDED),
)
def cognito_unauthenticated_identities(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each pool that admits guests, graded by what their role may do."""
    for pool in world.estate.identity_pools:
        attached = [item for item in guest_roles(world.graph, pool) if item.guest_role is not None]
        found = (world.graph.principal("role", item.guest_role, item.origin.account) for item in attached)
        roles = [role for role in found if isinstance(role, iam.Role)]
        notes: dict[Origin, str] = dict.fromkeys((item.origin for item in attached), "gives guests their role")
        notes |= dict.fromkeys((role.origin for role in roles), "the role that guests get")
        related = tuple(Related(origin, note) for origin, note in notes.items())
        if isinstance(pool.admits_guests, Unknown):
            yield Undecided(
                subject=pool.origin,
                message=f"whether everybody gets credentials without a login is not known: {pool.admits_guests.because}",
                related=related,
            )
        elif pool.admits_guests:
            severity, may = _power(world, roles)
            if pool.classic is True and severity < Severity.CRITICAL:
                severity = Severity(severity + 1)
            yield Violation(
                subject=pool.origin,
                message=f"anyone on the internet gets AWS credentials without a login{may}{_flow(pool)}",
                evidence=("allow_unauthenticated_identities = true", *(_flags(pool))),
                related=related,
                severity=severity,
            )


def _power(world: World, roles: list[iam.Role]) -> tuple[Severity, str]:
    """How bad it is that everybody has these roles, and what they may do."""
    actions = ActionSet()
    for role in roles:
        if world.access.admin(role).truth is Truth.YES:
            return Severity.CRITICAL, " and may do everything in the account"
        boundary = world.access.boundary(role)
        allowed = allowed_actions(world.access.documents(role), on_everything=False)
        if isinstance(boundary, PolicyDocument):
            allowed &= allowed_actions((boundary,), on_everything=False, certain=False)
        actions |= allowed
    harmful = actions & _harmful()
    if harmful:
        return Severity.HIGH, f" and may call {', '.join(harmful.compressed(_SHOWN))}"
    return Severity.MEDIUM, ""


def _flow(pool: IdentityPool) -> str:
    return ", without the limits of the enhanced flow" if pool.classic is True else ""


def _flags(pool: IdentityPool) -> tuple[str, ...]:
    return ("allow_classic_flow = true",) if pool.classic is True else ()


@cache
def _harmful() -> ActionSet:
    """What changes or reads data; not what applications send about themselves, which is what guests are for."""
    expected = ActionSet.of((
        "cognito-identity:*", "cognito-sync:*", "mobileanalytics:PutEvents", "mobiletargeting:PutEvents",
        "mobiletargeting:UpdateEndpoint", "rum:PutRumEvents", "cloudwatch:PutMetricData",
    ))  # fmt: skip
    return (of_level("Write", "Permissions management") | tagged("sensitive-read")) - expected
