"""Role for a pod of an EKS cluster can be assumed by other pods as well.

## Why it matters

The cluster's provider signs a token for each service account. A role that does not say which one it is for belongs to every pod of the cluster,
also to the one that somebody broke into; with a star for the namespace, to everybody who may create a pod anywhere.

## How to fix it

Name the service account of the pod, with its namespace:

```hcl
condition {
  test     = "StringEquals"
  variable = "${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub"
  values   = ["system:serviceaccount:NAMESPACE:NAME"]
}
```

## How to fix it in CloudFormation

Name the service account of the pod, with its namespace:

```yaml
- Effect: Allow
  Principal:
    Federated: arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE
  Action: sts:AssumeRoleWithWebIdentity
  Condition:
    StringEquals:
      oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:aud: sts.amazonaws.com
      oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub: system:serviceaccount:NAMESPACE:NAME
```

The keys of a condition cannot hold functions: write the issuer out, or use EKS Pod Identity (`AWS::EKS::PodIdentityAssociation`), which
needs none.

## What it leaves alone

Named service accounts, and those of one namespace whose names begin alike.

## When it cannot tell

The conditions or the subject are not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.oidc import CLUSTER, Scope, classify_subject
from ...policy.pattern import covers, has_wildcard
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _federation

_URL: Final = "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
_ROLE = """
resource "aws_iam_role" "orders" {%s
  name = "orders"
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

BAD = Example(
    _ROLE % ("  # bad", _URL, f'StringEquals = {{ "{_URL}:aud" = "sts.amazonaws.com" }}'), "every pod of the cluster"
)
BAD_ANYWHERE = Example(
    _ROLE % ("  # bad", _URL, f'StringLike = {{ "{_URL}:sub" = "system:serviceaccount:*:orders" }}'),
    "any namespace, also one made for the purpose",
)
BAD_NAMESPACE = Example(
    _ROLE % ("  # bad", _URL, f'StringLike = {{ "{_URL}:sub" = "system:serviceaccount:shop:*" }}'),
    "medium: all of a namespace",
)
GOOD = Example(_ROLE % ("", _URL, f'StringEquals = {{ "{_URL}:sub" = "system:serviceaccount:shop:orders" }}'))
UNDECIDED = Example(_ROLE % ("  # undecided", _URL, "StringEquals = var.claims") + '\nvariable "claims" {}\n')


@rule(
    code="IAM215",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_ANYWHERE, BAD_NAMESPACE, GOOD, UNDECIDED),
)
def irsa_trust_unrestricted(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement that admits more than named service accounts of a cluster."""
    for found in _federation.federated(world):
        judged = _judge(found) if found.is_cluster else None
        if judged is None:
            continue
        severity, who = judged
        if found.subject.truth is not Truth.YES:
            yield Undecided(
                subject=found.role.origin,
                message="which service accounts of the cluster can assume this role is not known",
                evidence=describe(found.statement),
                key=found.statement.label,
            )
            continue
        yield Violation(
            subject=found.role.origin,
            message=f"{who} can assume this role",
            evidence=describe(found.statement),
            severity=severity,
            key=found.statement.label,
        )


def _judge(found: _federation.Federated) -> tuple[Severity, str] | None:
    """How bad, and who gets in; None if only service accounts that are meant do."""
    match _scope(found):
        case Scope.UNCHECKED:
            return Severity.HIGH, "every pod of the cluster, whatever its service account,"
        case Scope.ANYONE:
            return Severity.HIGH, "pods of every namespace of the cluster"
        case Scope.OWNER if any(_is_whole_namespace(pattern) for pattern in found.subject.patterns):
            return Severity.MEDIUM, "every pod of a namespace, whatever its service account,"
    return None


def _scope(found: _federation.Federated) -> Scope:
    """How far the subjects reach, read as those of a cluster, also where its URL is only known after apply."""
    if found.issuer == CLUSTER or found.subject.scope in (Scope.EXACT, Scope.UNCHECKED):
        return found.subject.scope
    return max((classify_subject(text, CLUSTER) for text in found.subject.patterns), default=found.subject.scope)


def _is_whole_namespace(pattern: str) -> bool:
    namespace, colon, name = pattern.removeprefix(CLUSTER.prefix).partition(CLUSTER.owner_end)
    return bool(colon) and not has_wildcard(namespace) and covers(name, "*")
