"""Continuous integration gets an IAM user's permanent access key, though it could assume a role.

## Why it matters

A key that is stored at a CI provider leaves with every leak of that provider, with every malicious pull request that runs with secrets, and with
every maintainer who ever printed it. All large providers issue OIDC tokens, with which a job gets a role's credentials for an hour.

## How to fix it

For GitHub Actions (others differ in issuer, audience and form of the subject):

```hcl
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:ORG/REPO:environment:production"]
    }
  }
}
```

Then delete the secret, the key and the user.

## What it leaves alone

Keys that are switched off, and the id of a key alone.

## When it cannot tell

It always can: where a key goes stands in the references of the configuration.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Related, Severity, Violation
from .. import _machine_users
from .._rule import Example, Verdict, World, rule

# By the beginning of the resource type: what the provider is called, its issuer, its audience, and the form of its subject.
_PROVIDERS: Final = (
    ("github_", "GitHub", "token.actions.githubusercontent.com", "sts.amazonaws.com", "repo:ORG/REPO:environment:ENV"),
    ("gitlab_", "GitLab", "gitlab.com", "https://gitlab.com", "project_path:GROUP/PROJECT:ref_type:branch:ref:main"),
    ("tfe_", "HCP Terraform", "app.terraform.io", "aws.workload.identity", "organization:O:project:P:workspace:W:run_phase:apply"),
    ("circleci_", "CircleCI", "oidc.circleci.com/org/ORG", "ORG", "org/ORG/project/PROJECT/user/*"),
    ("bitbucket_", "Bitbucket", "api.bitbucket.org/2.0/workspaces/W/pipelines-config/identity/oidc", "ari:cloud:bitbucket::workspace/ID", "{REPOSITORY_UUID}:*"),
    ("buildkite_", "Buildkite", "agent.buildkite.com", "sts.amazonaws.com", "organization:O:pipeline:P:ref:refs/heads/main:*"),
    ("spacelift_", "Spacelift", "ORG.app.spacelift.io", "ORG.app.spacelift.io", "space:SPACE:stack:STACK:*"),
    ("vercel_", "Vercel", "oidc.vercel.com/TEAM", "https://vercel.com/TEAM", "owner:TEAM:project:PROJECT:environment:production"),
)  # fmt: skip

_USER = """
resource "aws_iam_user" "deploy" {
  name = "deploy"
}

resource "aws_iam_access_key" "deploy" {
  user = aws_iam_user.deploy.name
}
"""

BAD = Example(
    _USER
    + """
resource "github_actions_secret" "id" {
  repository      = "shop"
  secret_name     = "AWS_ACCESS_KEY_ID"
  plaintext_value = aws_iam_access_key.deploy.id
}

resource "github_actions_secret" "secret" {
  repository      = "shop"
  secret_name     = "AWS_SECRET_ACCESS_KEY"
  plaintext_value = aws_iam_access_key.deploy.secret  # bad
}
"""
)

GITLAB = Example(
    _USER
    + """
resource "gitlab_project_variable" "secret" {
  project = "4711"
  key     = "AWS_SECRET_ACCESS_KEY"
  value   = aws_iam_access_key.deploy.secret  # bad
}
"""
)

GOOD = Example(
    """
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "github_actions_variable" "role" {
  repository    = "shop"
  variable_name = "AWS_ROLE"
  value         = "arn:aws:iam::111122223333:role/deploy"
}
""",
    "the pipeline is told which role to assume",
)


@rule(
    code="IAM204",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
        "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
    ),
    controls=("CIS 1.17 (v3: 1.18)", "CWE-798"),
    examples=(BAD, GITLAB, GOOD),
)
def ci_provider_secret_from_iam_user(world: World) -> Iterator[Verdict]:
    """Yield one violation for each secret of a CI provider that holds a key's secret."""
    for key, flows in _machine_users.deliveries(world, "ci"):
        if not _machine_users.carries_secret(flows):
            continue
        subject = flows[0].origin
        row = next((row for row in _PROVIDERS if subject.type.startswith(row[0])), None)
        user = world.graph.user_of(key)
        yield Violation(
            subject=subject,
            message=f"{row[1] if row else 'the CI provider'} gets the permanent access key {key.origin.address}, "
            "and could assume a role through OIDC instead",
            evidence=tuple(f"{flow.path} <- {key.origin.address}.{flow.part}" for flow in flows[:6]),
            related=(
                Related(key.origin, "the key"),
                *([Related(user.origin, "the user that it belongs to")] if user else []),
            ),
            confidence=Confidence.MEDIUM if all(flow.through for flow in flows) else None,
            remedy=f"trust the issuer {row[2]} (audience {row[3]}) in a role whose sub condition reads {row[4]}; "
            "then delete secret, key and user"
            if row
            else None,
            key=key.origin.address,
        )
