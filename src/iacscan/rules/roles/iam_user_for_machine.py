"""IAM user stands in for a machine, where a role would do.

## Why it matters

A machine's user needs an access key, and an access key works until somebody deletes it: from anywhere, for whoever has a copy. A role's
credentials end by themselves within hours, nobody has to store, rotate or revoke them, and the role says which workload may use it.

## How to fix it

Give the workload a role: an execution or task role on AWS, a role that trusts the OIDC provider of your CI, IAM Roles Anywhere
for servers elsewhere. For GitHub Actions:

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

Attach the user's policies to the role, switch the workload over, then delete the user.

## How to fix it in CloudFormation

Give the workload a role: an execution or task role on AWS, a role that trusts the OIDC provider of your CI, IAM Roles Anywhere
for servers elsewhere. For GitHub Actions:

```yaml
DeployRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Federated: !Ref GithubProvider # AWS::IAM::OIDCProvider
          Action: sts:AssumeRoleWithWebIdentity
          Condition:
            StringEquals:
              token.actions.githubusercontent.com:aud: sts.amazonaws.com
              token.actions.githubusercontent.com:sub: repo:ORG/REPO:environment:production
```

Attach the user's policies to the role, switch the workload over, then delete the user.

## What it leaves alone

Users with a console password, users whose name, path or tags say that they are people, and emergency users. Senders of mail
through SES's SMTP interface, which knows no roles, are only mentioned.

## When it cannot tell

The name of the user is not known, and no key of it is in the input.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Related, Severity, Undecided, Violation
from ...value import Unknown
from .. import _machine_users
from .._rule import Example, Verdict, World, rule

# What to use instead, by words of the user's name and types of blocks that its key goes to; the first row that fits.
_INSTEAD: Final = (
    (
        _machine_users.words(
            "github gitlab bitbucket circleci buildkite travis codefresh tfe ci cd cicd actions spacelift vercel"
        ),
        "let the pipeline assume a role through OIDC, whose trust names the repository in its sub condition",
    ),
    (
        _machine_users.words("eks k8s kubernetes kops velero helm argocd"),
        "give the pod a role through EKS Pod Identity or IRSA",
    ),
    (
        _machine_users.words(
            "lambda ec2 ecs instance task function batch codebuild launch apprunner glue sagemaker worker"
        ),
        "attach the policies to the workload's own role: execution role, task role or instance profile",
    ),
    (
        _machine_users.words("onprem datacenter vpn nas backup"),
        "let servers outside AWS get a role's credentials through IAM Roles Anywhere",
    ),
    (
        _machine_users.words("datadog newrelic snowflake databricks fivetran stitch segment"),
        "let the vendor assume a role, with an external id of your own in its trust (sts:ExternalId)",
    ),
)

_KEY = """
resource "aws_iam_access_key" "this" {
  user = aws_iam_user.this.name
}
"""
_USER = """
resource "aws_iam_user" "this" {%s
  name = %s%s
}
"""

BAD = Example(_USER % ("  # bad", '"github-deploy"', "") + _KEY, "a pipeline's user, with a key")

KEYLESS = Example(_USER % ("  # bad", '"svc-orders"', ""), "the name says it, though its key is made elsewhere")

NAMELESS = Example(
    _USER % ("  # bad", "var.name", "") + _KEY + '\nvariable "name" {}\n', "a key, no password, no group"
)

PERSON = Example(
    _USER % ("", '"marcia"', "")
    + """
resource "aws_iam_user_group_membership" "this" {
  user   = aws_iam_user.this.name
  groups = ["developers"]
}
""",
    "a person, though there is a `ci` in the name",
)

CONSOLE = Example(
    _USER % ("", '"ops-automation-lead"', "")
    + _KEY
    + """
resource "aws_iam_user_login_profile" "this" {
  user    = aws_iam_user.this.name
  pgp_key = "keybase:lead"
}
""",
    "somebody signs in to the console with it",
)

ROLE = Example(
    """
resource "aws_iam_role" "deploy" {
  name = "github-deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:acme/shop:environment:production"
      } }
    }]
  })
}
""",
    "a role instead",
)

UNDECIDED = Example(_USER % ("  # undecided", "var.name", "") + '\nvariable "name" {}\n')


@rule(
    code="IAM201",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_non-aws.html",
    ),
    controls=("CIS 1.17 (v3: 1.18)", "Security Hub IAM.3", "Security Hub IAM.22", "CWE-798"),
    examples=(BAD, KEYLESS, NAMELESS, PERSON, CONSOLE, ROLE, UNDECIDED),
    tells=("IAM811",),
)
def iam_user_for_machine(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each user that is or may be a machine's."""
    for user in world.estate.users:
        found = _machine_users.machine(world, user)
        if found is None:
            if _machine_users.may_be_machine(world, user):
                because = user.name.because if isinstance(user.name, Unknown) else "only a part of it is"
                yield Undecided(
                    subject=user.origin,
                    message=f"whether a machine uses this user is not known, because its name is not: {because}",
                    severity=Severity.MEDIUM,
                )
            continue
        consumers = {flow.origin.address: flow.origin for flow in found.flows if flow.sink in _machine_users.CONSUMERS}
        name = f'the user "{user.name}"' if _machine_users.is_name_known(user) else "the user"
        end = "its access key works until somebody deletes it" if found.keys else "a role would need no permanent key"
        yield Violation(
            subject=user.origin,
            message=f"{name} {'stands' if found.certain else 'seems to stand'} in for a machine: {end}",
            evidence=found.signs[:6],
            related=(
                *(Related(key.origin, "its access key") for key in found.keys),
                *(Related(origin, "gets the key") for origin in consumers.values()),
            ),
            severity=_severity(world, found),
            confidence=None if found.certain else Confidence.MEDIUM,
            remedy=_remedy(found),
        )


def _severity(world: World, found: _machine_users.Machine) -> Severity | None:
    if _machine_users.sends_mail_only(world, found):
        return Severity.INFO
    if "aws_secretsmanager_secret_rotation" in world.estate.types and any(flow.sink == "store" for flow in found.flows):
        return Severity.LOW
    return None if found.keys else Severity.MEDIUM


def _remedy(found: _machine_users.Machine) -> str | None:
    """Choose what fits the consumer; the blocks that get the key tell more than the name."""
    consumers = _machine_users.tokens(
        " ".join(flow.origin.type for flow in found.flows if flow.sink in _machine_users.CONSUMERS)
    )
    for seen in (consumers, found.words):
        for row, remedy in _INSTEAD:
            if seen & row:
                return f"{remedy}; then delete the user and its key"
    return None
