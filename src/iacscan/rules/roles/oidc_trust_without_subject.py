"""Role trusts an OIDC provider, but does not say which of its identities.

## Why it matters

GitHub, GitLab, HCP Terraform and others sign the tokens of all their customers with one issuer. A role that trusts the issuer and checks nothing but
the audience can be assumed from everybody's pipeline, a stranger's included.

## How to fix it

Ask for the subject:

```hcl
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:ORG/REPO:environment:production"]
    }
  }
}
```

Since June 2025 IAM refuses to create or change such a role for the issuers that it knows to be shared; roles from before are still open.

## How to fix it in CloudFormation

Ask for the subject:

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

Since June 2025 IAM refuses to create or change such a role for the issuers that it knows to be shared; roles from before are still open.

## What it leaves alone

Amazon Cognito and EKS clusters, about which IAM213 and IAM215 speak, and trusts that ask for a claim under a name that no token has, which let nobody in (IAM532). Conditions that are negated, end in IfExists or begin with ForAllValues do not count as checks: a token without the claim
passes them.

## When it cannot tell

The provider or the condition is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.oidc import Scope
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _federation

_ROLE = """
resource "aws_iam_role" "deploy" {%s
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/%s" }
      Condition = { %s }
    }]
  })
}
"""
_GITHUB: Final = "token.actions.githubusercontent.com"

BAD = Example(
    _ROLE % ("  # bad", _GITHUB, 'StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }'),
    "only the audience is checked",
)

GITLAB = Example(
    """
resource "aws_iam_openid_connect_provider" "gitlab" {
  url            = "https://gitlab.com"
  client_id_list = ["https://gitlab.com"]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.gitlab.arn]
    }
  }
}

resource "aws_iam_role" "deploy" {  # bad
  name               = "deploy"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
""",
    "nothing is checked",
)

IF_EXISTS = Example(
    _ROLE
    % ("  # bad", _GITHUB, 'StringLikeIfExists = { "token.actions.githubusercontent.com:sub" = "repo:acme/shop:*" }'),
    "IfExists lets tokens without the claim pass",
)

GOOD = Example(
    _ROLE
    % (
        "",
        _GITHUB,
        'StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:acme/shop:environment:production" }',
    ),
)

UNDECIDED = Example(
    _ROLE % ("  # undecided", _GITHUB, "StringEquals = var.claims") + '\nvariable "claims" {}\n',
    "what is checked is a variable without a default",
)


@rule(
    code="IAM210",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, GITLAB, IF_EXISTS, GOOD, UNDECIDED),
)
def oidc_trust_without_subject(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement that trusts a provider and does not check its deciding claim."""
    for found in _federation.federated(world):
        if found.subject.scope is not Scope.UNCHECKED or found.is_cluster:
            continue
        if found.subject.truth is not Truth.YES:
            yield Undecided(
                subject=found.role.origin,
                message=f"whether the trust in {found.provider} checks {found.claim} is not known",
                evidence=describe(found.statement),
                key=found.statement.label,
            )
            continue
        yield Violation(
            subject=found.role.origin,
            message=_message(found),
            evidence=describe(found.statement),
            severity=None if found.issuer.shared and not found.subject.alternatives else _lesser(found),
            confidence=None if found.issuer.shared or found.issuer.prefix else Confidence.MEDIUM,
            key=found.statement.label,
        )


def _message(found: _federation.Federated) -> str:
    if found.subject.alternatives:
        claims = ", ".join(found.subject.alternatives)
        return f"the trust in {found.provider} checks {claims}, but not {found.claim}, which IAM demands"
    who = "any customer of" if found.issuer.shared else "every identity of"
    return f"{who} {found.provider} can assume this role: nothing checks {found.claim}"


def _lesser(found: _federation.Federated) -> Severity:
    """A provider of one's own vouches only for one's own, and an audience may tell them apart; that of a cluster does not."""
    pods = found.issuer.prefix.startswith("system:serviceaccount:")
    alone = found.issuer.shared or pods or not found.statement.conditions
    return Severity.HIGH if alone else Severity.MEDIUM
