"""Role trusts Amazon Cognito, but not just one identity pool, or not just its signed-in users.

## Why it matters

All identity pools of all AWS customers are one provider, `cognito-identity.amazonaws.com`. A role that does not name its pool can be assumed by whoever
makes a pool of his own. A role for signed-in users that does not ask for `amr` is open to guests, if the pool has any.

## How to fix it

Ask for the pool and, unless the role is for guests, for signed-in users:

```hcl
condition {
  test     = "StringEquals"
  variable = "cognito-identity.amazonaws.com:aud"
  values   = [aws_cognito_identity_pool.app.id]
}

condition {
  test     = "ForAnyValue:StringLike"
  variable = "cognito-identity.amazonaws.com:amr"
  values   = ["authenticated"]
}
```

## How to fix it in CloudFormation

Ask for the pool and, unless the role is for guests, for signed-in users:

```yaml
- Effect: Allow
  Principal:
    Federated: cognito-identity.amazonaws.com
  Action: sts:AssumeRoleWithWebIdentity
  Condition:
    StringEquals:
      cognito-identity.amazonaws.com:aud: !Ref AppIdentityPool
    ForAnyValue:StringLike:
      cognito-identity.amazonaws.com:amr: authenticated
```

## What it leaves alone

Roles that name a pool and ask for `amr`, also those for guests (`unauthenticated`), and roles that name the identity (`sub`).

## When it cannot tell

A condition is not known, or the pool in it is a variable without a value.
"""

from collections.abc import Iterator
from typing import Final

from ...access import Trusted
from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.claims import key_without_token
from ...policy.condition.judge import is_positive_guard
from ...policy.condition.operators import parse_operator
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from ...policy.grant import possible_actions
from ...policy.pattern import has_wildcard, matches
from ...policy.principal import COGNITO, Kind
from ...value import Maybe, Truth, Unknown, all_of, any_of
from .._rule import Example, Verdict, World, rule

_POOL_CLAIM: Final = ":aud"
_STATES: Final = ("authenticated", "unauthenticated")

_ROLE = """
resource "aws_cognito_identity_pool" "app" {
  identity_pool_name = "app"
}

resource "aws_iam_role" "app" {%s
  name = "app"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
      Condition = { %s }
    }]
  })
}
"""
_POOL: Final = 'StringEquals = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.app.id }'
_SIGNED_IN: Final = '"ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = "authenticated" }'

BAD = Example(_ROLE % ("  # bad", _SIGNED_IN), "users of anybody's pool")
BAD_STAR = Example(
    _ROLE % ("  # bad", f'StringLike = {{ "cognito-identity.amazonaws.com:aud" = "*" }}, {_SIGNED_IN}'),
    "a star is no pool",
)
BAD_GUESTS = Example(_ROLE % ("  # bad", _POOL), "medium: guests of the pool as well")
BAD_BOTH = Example(
    _ROLE
    % ("  # bad", f'{_POOL}, "ForAnyValue:StringLike" = {{ "cognito-identity.amazonaws.com:amr" = "*authenticated" }}'),
    "medium: the pattern also matches unauthenticated",
)
GOOD = Example(_ROLE % ("", f"{_POOL}, {_SIGNED_IN}"))
GOOD_OTHER = Example(
    _ROLE % ("", 'StringEquals = { "token.actions.githubusercontent.com:aud" = "pool" }'),
    "no token of Cognito has that claim, so that nobody gets in: see IAM532",
)
UNDECIDED = Example(
    _ROLE % ("  # undecided", f"{_SIGNED_IN}, StringEquals = var.claims") + '\nvariable "claims" {}\n',
    "the conditions are a variable without a default",
)


@rule(
    code="IAM213",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_STAR, BAD_GUESTS, BAD_BOTH, GOOD, GOOD_OTHER, UNDECIDED),
)
def cognito_trust_unrestricted(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement that admits identities of any pool, or guests unasked."""
    for role in world.estate.roles:
        for statement in _statements(world.access.trust(role)):
            pool = _asks(statement, "aud")
            named = any_of((_asks(statement, "sub"), _asks(statement, "amr")))
            if pool is Truth.YES and named is Truth.YES:
                continue
            evidence, key = describe(statement), statement.label
            if pool is Truth.NO:
                message = "users of anybody's Cognito identity pool can assume this role: nothing names the pool"
                yield Violation(subject=role.origin, message=message, evidence=evidence, key=key)
            elif pool is Truth.YES and named is Truth.NO:
                message = (
                    "guests of the Cognito identity pool can assume this role as well: nothing keeps them out by amr"
                )
                yield Violation(
                    subject=role.origin, message=message, evidence=evidence, severity=Severity.MEDIUM, key=key
                )
            else:
                message = "whether only users of one Cognito identity pool can assume this role is not known"
                yield Undecided(subject=role.origin, message=message, evidence=evidence, key=key)


def _statements(trust: tuple[Trusted, ...]) -> Iterator[Statement]:
    """The statements that let identities of Cognito in. Where one asks for a claim of another provider, it admits none: IAM532."""
    web_identity = ActionSet.of(("sts:AssumeRoleWithWebIdentity",))
    for trusted in trust:
        statement = trusted.statement
        if trusted.kind is not Kind.COGNITO or statement is None or statement.effect != "Allow":
            continue
        if possible_actions(statement).overlaps(web_identity) and key_without_token(statement, COGNITO) is None:
            yield statement


def _asks(statement: Statement, claim: str) -> Truth:
    """Whether a statement asks for a value of a claim that is more than a star."""
    return any_of(_asks_for(item, f"{COGNITO}:{claim}") for item in statement.conditions)


def _asks_for(condition: Maybe[Condition], key: str) -> Truth:
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    if condition.key.lower() != key or not is_positive_guard(condition):
        return Truth.NO
    operator = parse_operator(condition.operator)
    wild = operator is not None and operator.wildcards
    return all_of(_narrows(value, key, wild=wild) for value in condition.values)


def _narrows(value: Maybe[str], key: str, *, wild: bool) -> Truth:
    """Whether a value leaves somebody out. A pool must be named in whole; what signed a user in may end in a star.

    `amr` is `authenticated` or `unauthenticated`, and for those who signed in also by whom: a pattern that both match asks nothing.
    """
    if isinstance(value, Unknown):
        # What a plan does not know yet is made by the change, the id of a pool; what a caller passes in may be a star.
        passed = any(reference.address.startswith("var.") for reference in value.references)
        return Truth.UNKNOWN if passed else Truth.YES
    if not wild or not has_wildcard(value):
        return Truth.YES
    return Truth.of(known=not key.endswith(_POOL_CLAIM) and not all(matches(value, state) for state in _STATES))
