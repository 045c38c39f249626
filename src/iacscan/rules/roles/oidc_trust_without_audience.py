"""Role trusts tokens of an OIDC provider that were made for somebody else.

## Why it matters

A token says in `aud` for whom it was issued. A provider in IAM may accept several audiences; a role that does not ask for its own takes a token that was
issued for another application, and a service that gets such tokens to check them can use them here.

## How to fix it

Ask for the audience that the token is made for:

```hcl
condition {
  test     = "StringEquals"
  variable = "token.actions.githubusercontent.com:aud"
  values   = ["sts.amazonaws.com"]
}
```

## How to fix it in CloudFormation

Ask for the audience that the token is made for:

```yaml
- Effect: Allow
  Principal:
    Federated: !Ref GithubProvider
  Action: sts:AssumeRoleWithWebIdentity
  Condition:
    StringEquals:
      token.actions.githubusercontent.com:aud: sts.amazonaws.com
      token.actions.githubusercontent.com:sub: repo:ORG/REPO:environment:production
```

## What it leaves alone

Providers that accept one audience only, which AWS checks already; EKS clusters, whose tokens for AWS have one; and roles that ask for no subject either, about which
IAM210 speaks.

## When it cannot tell

The provider is not in the input or its audiences are not known, or a condition is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.oidc import Scope, has_audience
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _federation

_PROVIDER = """
resource "aws_iam_openid_connect_provider" "gitlab" {
  url            = "https://gitlab.com"
  client_id_list = %s
}

resource "aws_iam_role" "deploy" {%s
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.gitlab.arn }
      Condition = { StringEquals = { %s } }
    }]
  })
}
"""
_TWO: Final = '["https://gitlab.com", "reports"]'
_SUB: Final = '"gitlab.com:sub" = "project_path:acme/shop:ref_type:branch:ref:main"'

BAD = Example(_PROVIDER % (_TWO, "  # bad", _SUB), "tokens for the reports tool do as well")
GOOD = Example(_PROVIDER % (_TWO, "", f'{_SUB}, "gitlab.com:aud" = "https://gitlab.com"'))
GOOD_ONE = Example(_PROVIDER % ('["https://gitlab.com"]', "", _SUB), "the provider accepts no other audience")
UNDECIDED = Example(
    _PROVIDER % ("var.audiences", "  # undecided", _SUB) + '\nvariable "audiences" {}\n',
    "the provider's audiences are a variable without a default",
)


@rule(
    code="IAM212",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, GOOD, GOOD_ONE, UNDECIDED),
)
def oidc_trust_without_audience(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement that takes tokens for several audiences, or may do so."""
    for found in _federation.federated(world):
        if found.is_cluster or found.subject.scope is Scope.UNCHECKED:
            continue
        asked = has_audience(found.statement, found.url) if isinstance(found.url, str) else Truth.UNKNOWN
        accepted = _audiences(world, found)
        if asked is Truth.YES or (accepted is not None and len(accepted) <= 1):
            continue
        if asked is Truth.NO and accepted is not None:
            yield Violation(
                subject=found.role.origin,
                message=f"a token of {found.provider} for any of {len(accepted)} audiences opens this role: nothing checks its aud",
                evidence=(*describe(found.statement), f"audiences of the provider: {', '.join(accepted)}"),
                key=found.statement.label,
            )
        else:
            yield Undecided(
                subject=found.role.origin,
                message=f"whether tokens of {found.provider} for another audience open this role is not known",
                evidence=describe(found.statement),
                key=found.statement.label,
            )


def _audiences(world: World, found: _federation.Federated) -> tuple[str, ...] | None:
    """The audiences that the provider accepts; None if they are not known."""
    provider = world.access.identity_provider(found.trusted, found.role.origin.account)
    if provider is None or any(isinstance(item, Unknown) for item in provider.client_ids):
        return None
    return tuple(item for item in provider.client_ids if isinstance(item, str)) or None
