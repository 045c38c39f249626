"""Trust policy asks for a claim of another provider than it trusts, under a name that no token has.

## Why it matters

Claims are asked for under the provider's URL without its scheme, `token.actions.githubusercontent.com:sub`. Under any other name the key is in no request.
The role cannot be assumed at all; or, with `IfExists` or a negated operator, whoever has a token of the provider may assume it.

## How to fix it

Ask for the claim under the URL of the provider that is trusted, without `https://`:

```hcl
condition {
  test     = "StringEquals"
  variable = "token.actions.githubusercontent.com:sub"
  values   = ["repo:example/app:ref:refs/heads/main"]
}
```

## How to fix it in CloudFormation

Ask for the claim under the URL of the provider that is trusted, without `https://`:

```yaml
- Effect: Allow
  Principal:
    Federated: !Ref GithubProvider
  Action: sts:AssumeRoleWithWebIdentity
  Condition:
    StringEquals:
      token.actions.githubusercontent.com:aud: sts.amazonaws.com
      token.actions.githubusercontent.com:sub: repo:example/app:ref:refs/heads/main
```

## What it leaves alone

Statements whose provider or keys are not known yet, SAML, and claims of providers other than GitHub, which AWS passes on as it finds them.

## When it cannot tell

The rule is always certain about the URLs that it sees. A provider whose URL is not known is left alone; IAM210 and IAM211 speak about those.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...model.iam import Role
from ...policy.action import ActionSet
from ...policy.claims import Slip, slip
from ...policy.describe import describe
from ...policy.document import Condition, Principal, Statement
from ...policy.grant import statement_actions
from ...policy.principal import Kind
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, Place, leaves

_PROVIDERS: Final = frozenset((Kind.OIDC, Kind.COGNITO))

_ROLE = """
resource "aws_iam_role" "deploy" {%s
  name               = "deploy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "%s"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "%s" = "repo:example/app:ref:refs/heads/main"
        }
      }
    }]
  })
}
"""
_WEB: Final = "sts:AssumeRoleWithWebIdentity"
_GITHUB: Final = "token.actions.githubusercontent.com"

BAD = Example(_ROLE % ("  # bad", _WEB, f"https://{_GITHUB}:sub"), "the scheme is not part of the name")
BAD_OTHER = Example(_ROLE % ("  # bad", _WEB, "gitlab.com:sub"), "the token is GitHub's")
BAD_CLAIM = Example(_ROLE % ("  # bad", _WEB, f"{_GITHUB}:event_name"), "a claim that AWS does not pass on")
BAD_ACTION = Example(_ROLE % ("  # bad", "sts:AssumeRole", f"{_GITHUB}:sub"), "tokens are for the other action")
GOOD = Example(_ROLE % ("", _WEB, f"{_GITHUB}:sub"))


@rule(
    code="IAM532",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_OTHER, BAD_CLAIM, BAD_ACTION, GOOD),
)
def oidc_key_prefix_mismatch(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition on such a key, and for each trust in tokens that names the wrong action."""
    issuers: dict[tuple[str, int], set[str]] = {}
    for role in world.estate.roles:
        for trusted in world.access.trust(role):
            if trusted.statement is not None and trusted.kind in _PROVIDERS:
                issuers.setdefault((role.origin.address, trusted.statement.index), set()).add(trusted.issuer)
                if _is_only_provider(trusted.statement) and _takes_no_token(trusted.statement):
                    yield _wrong_action(role, trusted.statement)
    for leaf in leaves(world):
        trusted_here = issuers.get((leaf.place.origin.address, leaf.statement.index))
        found = slip(leaf.condition.key, sorted(trusted_here)) if trusted_here and leaf.place.kind == "role" else None
        if found is not None:
            yield _violation(leaf, leaf.place, found)


def _violation(leaf: Leaf, place: Place, found: Slip) -> Violation:
    holds = leaf.holds_without_key
    return Violation(
        subject=place.origin,
        message=f"no request carries {leaf.condition.key}: {found.because}, {leaf.consequence(holds)}",
        evidence=describe(leaf.statement),
        related=place.related,
        severity=Severity.MEDIUM if holds is False else None,
        remedy=f"Write {found.meant}." if found.meant else None,
        key=leaf.key,
    )


def _is_only_provider(statement: Statement) -> bool:
    """Whether a statement trusts one provider and nobody else."""
    named = statement.principals or ()
    return len(named) == 1 and isinstance(named[0], Principal) and all(
        isinstance(item, Condition) for item in statement.conditions
    )  # fmt: skip


def _takes_no_token(statement: Statement) -> bool:
    actions, unknown = statement_actions(statement)
    return not unknown and actions.overlaps(_of("sts:AssumeRole")) and not actions.overlaps(_of(_WEB))


def _of(action: str) -> ActionSet:
    return ActionSet.of((action,))


def _wrong_action(role: Role, statement: Statement) -> Violation:
    return Violation(
        subject=role.origin,
        message="nobody can assume the role with a token of the provider: that is sts:AssumeRoleWithWebIdentity, and only sts:AssumeRole is allowed",
        evidence=describe(statement),
        severity=Severity.MEDIUM,
        remedy="Allow sts:AssumeRoleWithWebIdentity.",
        key=f"{statement.sid or statement.index + 1}/action",
    )
