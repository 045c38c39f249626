"""Role trusts more identities of an OIDC provider than it names.

## Why it matters

A wildcard in the subject decides who gets the role: `repo:acme*` also matches `repo:acme-evil/anything`, `repo:acme/*` each repository that somebody
in the organization may create, and `repo:acme/shop:*` each branch and pull request of the repository, reviewed or not.

## How to fix it

Name repository and branch, or an environment with protection rules:

```hcl
condition {
  test     = "StringEquals"
  variable = "token.actions.githubusercontent.com:sub"
  values   = ["repo:ORG/REPO:ref:refs/heads/main", "repo:ORG/REPO:environment:production"]
}
```

## How to fix it in CloudFormation

Name repository and branch, or an environment with protection rules:

```yaml
- Effect: Allow
  Principal:
    Federated: !Ref GithubProvider
  Action: sts:AssumeRoleWithWebIdentity
  Condition:
    StringEquals:
      token.actions.githubusercontent.com:aud: sts.amazonaws.com
      token.actions.githubusercontent.com:sub:
        - repo:ORG/REPO:ref:refs/heads/main
        - repo:ORG/REPO:environment:production
```

## What it leaves alone

Subjects whose wildcard leaves only some branches, or stands where a provider puts run or user ids and the role is no administrator. Roles that check another claim which names the
repository. Pods of a cluster, about which IAM215 speaks.

## When it cannot tell

The subject is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.oidc import Issuer, Scope
from ...policy.pattern import covers, has_wildcard
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _federation

# What follows a repository in the subjects of every branch, or every environment, that a contributor may make up: by
# the beginning of the issuer's subjects.
_BRANCHES: Final = {"repo:": ("ref:refs/heads/*", "environment:*"), "project_path:": ("ref_type:branch:ref:*",)}

_ROLE = """
resource "aws_iam_role" "deploy" {%s
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = %s }
      }
    }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", '"repo:acme/*"'), "every repository of the organization")

EVERYBODY = Example(_ROLE % ("  # bad", '"repo:acme*"'), "every organization whose name begins like this")

ANY_WORKFLOW = Example(
    (_ROLE % ("  # bad", '"repo:*"')).replace(
        "StringLike   = {",
        'StringLike   = { "token.actions.githubusercontent.com:job_workflow_ref" = "*/deploy.yml@*",',
    ),
    "a workflow of that name is in anybody's repository",
)

BRANCHES = Example(_ROLE % ("  # bad", '"repo:acme/shop:*"'), "every branch and pull request")

GOOD = Example(_ROLE % ("", '"repo:acme/shop:ref:refs/heads/release/*"'), "release branches of one repository")

UNDECIDED = Example(
    _ROLE % ("  # undecided", "var.subjects") + '\nvariable "subjects" {}\n',
    "the subject is a variable without a default",
)


@rule(
    code="IAM211",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
        "https://docs.github.com/en/actions/reference/security/oidc",
    ),
    controls=("CWE-284",),
    examples=(BAD, EVERYBODY, ANY_WORKFLOW, BRANCHES, GOOD, UNDECIDED),
)
def oidc_trust_subject_too_wide(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement whose check on the deciding claim admits more than one named unit."""
    for found in _federation.federated(world):
        subject = found.subject
        if subject.scope in (Scope.EXACT, Scope.UNCHECKED) or subject.alternatives or found.is_cluster:
            continue
        if subject.truth is not Truth.YES:
            yield Undecided(
                subject=found.role.origin,
                message=f"how many identities of {found.provider} can assume this role is not known",
                evidence=describe(found.statement),
                key=found.statement.label,
            )
            continue
        judged = _judge(world, found)
        if judged is not None:
            severity, who = judged
            yield Violation(
                subject=found.role.origin,
                message=f"{who} can assume this role: {found.claim} may be {_patterns(subject.patterns)}",
                evidence=describe(found.statement),
                severity=severity,
                key=found.statement.label,
            )


def _judge(world: World, found: _federation.Federated) -> tuple[Severity, str] | None:
    """How bad, and who gets in; None if the pattern is as narrow as the provider's subjects can be."""
    known = found.issuer
    match found.subject.scope:
        case Scope.ANYONE:
            who = "any customer of" if known.shared else "every identity of"
            return Severity.CRITICAL if known.shared else Severity.HIGH, f"{who} {found.provider}"
        case Scope.OWNER if known.prefix:
            return Severity.HIGH, f"everything of one owner at {found.provider}"
        case Scope.UNIT if any(_admits_any_branch(pattern, known) for pattern in found.subject.patterns):
            return Severity.MEDIUM, "every branch or environment of a repository"
        case Scope.UNIT if known.prefix not in _BRANCHES and world.access.admin(found.role).truth is Truth.YES:
            return Severity.MEDIUM, f"every run of a project at {found.provider}"
    return None


def _admits_any_branch(pattern: str, known: Issuer) -> bool:
    owner, slash, rest = pattern.removeprefix(known.prefix).partition(known.owner_end)
    unit, colon, _ = rest.partition(known.unit_end)
    repository = f"{known.prefix}{owner}{slash}{unit}{colon}"
    return any(covers(pattern, repository + branches) for branches in _BRANCHES.get(known.prefix, ()))


def _patterns(patterns: tuple[str, ...]) -> str:
    wide = [f'"{pattern}"' for pattern in patterns if has_wildcard(pattern)]
    return " or ".join(wide[:3])
