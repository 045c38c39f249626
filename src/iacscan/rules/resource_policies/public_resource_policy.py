"""Policy of a resource lets strangers in.

## Why it matters

A policy on the resource itself needs no second permission on the caller's side but one that the caller's own administrator gives: `Principal: "*"` opens a secret, a repository, a
table or a vault to every AWS account, and some services answer calls without credentials, too.

## How to fix it

Name the accounts or roles, or limit everybody to the organization:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:PrincipalOrgID"
  values   = ["o-a1b2c3d4e5"]
}
```

## How to fix it in CloudFormation

Name the accounts or roles, or limit everybody to the organization:

```yaml
OrdersSecretPolicy:
  Type: AWS::SecretsManager::ResourcePolicy
  Properties:
    SecretId: !Ref OrdersSecret
    ResourcePolicy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: "*"
          Action: secretsmanager:GetSecretValue
          Resource: "*"
          Condition:
            StringEquals:
              aws:PrincipalOrgID: o-exampleorg1
```

## What it leaves alone

Buckets, queues, topics, keys, functions and roles, which have rules of their own; public REST APIs, whose policy is expected to admit everybody; domains and
file systems that only a network reaches, and services of VPC Lattice; statements limited to accounts, organizations, networks or source ARNs.

Where AWS refuses a public policy, as DynamoDB does for tables, the finding is of medium severity: the deployment fails. An OpenSearch domain with fine-grained
access control asks everybody for a user of its own, which lowers the severity by one.

## When it cannot tell

A principal or condition of a statement is not known.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from ...finding import Confidence, Severity, Undecided, Violation
from ...policy.action import ActionSet, of_level
from ...policy.document import Condition
from ...policy.public import Reach
from ...value import Unknown
from .._rule import Example, Verdict, World, rule
from . import _open

# What is read, and what is written: the severity of an open policy by kind of resource.
_SEVERITIES: Final = {
    "secret": (Severity.CRITICAL, Severity.CRITICAL),
    "backup-vault": (Severity.CRITICAL, Severity.CRITICAL),
    "event-bus": (Severity.CRITICAL, Severity.CRITICAL),
    "opensearch-domain": (Severity.CRITICAL, Severity.CRITICAL),
    "ecr-repository": (Severity.HIGH, Severity.CRITICAL),
}
_DEFAULT: Final = (Severity.HIGH, Severity.HIGH)
# Kinds that other rules judge, that are expected to admit everybody, or whose policies do not name principals.
_ELSEWHERE: Final = frozenset({
    "kms-key", "sqs-queue", "sns-topic", "lambda-function", "rest-api",
    "vpc-endpoint", "iot-policy", "organizations",
})  # fmt: skip
_MOUNTED: Final = "elasticfilesystem:accessedviamounttarget"

_READING = """
resource "aws_secretsmanager_secret_policy" "db" {%s
  secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = %s }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}
"""

BAD = Example(_READING % ("  # bad", '"*"'), "every AWS account may read the secret")
REPOSITORY = Example(
    """
resource "aws_ecr_repository_policy" "app" {  # bad
  repository = "app"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] }]
  })
}
""",
    "every AWS account may pull images, of high severity",
)
GOOD = Example(_READING % ("", '"arn:aws:iam::111122223333:role/app"'), "one role")
UNDECIDED = Example(
    'variable "reader" {}\n' + _READING % ("  # undecided", "var.reader"), "a principal without a value"
)


@rule(
    code="IAM611",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, REPOSITORY, GOOD, UNDECIDED),
    tells=("IAM502", "IAM531", "IAM543"),
)
def public_resource_policy(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy on a resource that admits callers it does not name."""
    kinds = {policy.kind for policy in world.estate.resource_policies} - _ELSEWHERE
    for found in _open.openings(world, kinds):
        noun = found.policy.kind.replace("-", " ")
        if found.public:
            if isinstance(found.policy.refuses_public, Unknown):
                yield Undecided(
                    subject=found.policy.origin,
                    message=f"{found.who} may use this {noun}, unless AWS refuses the policy: {found.policy.refuses_public.because}",
                    evidence=found.evidence,
                )
                continue
            reads, writes = _SEVERITIES.get(found.policy.kind, _DEFAULT)
            if found.policy.refuses_public is True:
                who = "block_public_policy" if found.policy.kind == "secret" else "AWS"
                yield Violation(
                    subject=found.policy.origin,
                    message=f"the apply fails: the policy lets strangers use this {noun}, which {who} refuses",
                    evidence=found.evidence,
                    severity=Severity.MEDIUM,
                )
                continue
            mounted = all(map(_is_mounted, found.public))
            limit = ", from inside its network" if mounted else ""
            severity = Severity.MEDIUM if mounted else writes if found.actions.overlaps(_writes()) else reads
            if found.policy.asks_login is True:
                limit, severity = ", if they know a user of its own", Severity(severity - 1)
            yield Violation(
                subject=found.policy.origin,
                message=f"{found.who} may {_open.deeds(found.actions)} on this {noun}{limit}: {found.because}",
                evidence=found.evidence,
                severity=severity,
                confidence=Confidence.MEDIUM if isinstance(found.policy.asks_login, Unknown) else None,
            )
        else:
            yield Undecided(
                subject=found.policy.origin,
                message=f"whether strangers may use this {noun} is not known: {found.because}",
                evidence=found.evidence,
            )


def _is_mounted(found: Reach) -> bool:
    """Whether a file system answers only who can reach a mount target."""
    return found.statement is not None and any(
        isinstance(item, Condition) and item.key.lower() == _MOUNTED and item.values == ("true",)
        for item in found.statement.conditions
    )


@cache
def _writes() -> ActionSet:
    return of_level("Write")
