"""Policy uses `NotPrincipal`, and so lets in or locks out everybody whom it does not name.

## Why it matters

`Allow` with `NotPrincipal` grants to everybody in the world but the few it lists, callers without credentials included. `Deny` with `NotPrincipal` must
list the account, the role and each of its sessions, or it locks out the very principal it means to spare. Trust policies and identity policies with it are
refused.

## How to fix it

Grant by `Principal`. To deny to everybody but one role, compare its ARN:

```hcl
principals {
  type        = "*"
  identifiers = ["*"]
}

condition {
  test     = "ArnNotEquals"
  variable = "aws:PrincipalArn"
  values   = [aws_iam_role.admin.arn]
}
```

## How to fix it in CloudFormation

Grant by `Principal`. To deny to everybody but one role, compare its ARN:

```yaml
- Effect: Deny
  Principal: "*"
  Action: s3:DeleteObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ArnNotEquals:
      aws:PrincipalArn: !GetAtt AdminRole.Arn
```

## What it leaves alone

Policies without `NotPrincipal`. Where conditions limit an `Allow` to an organization, account or network the severity is medium.

## When it cannot tell

The effect of the statement is not known.
"""

from collections.abc import Iterator

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.public import S3, Surface, reach, surface_of
from ...value import Maybe, Truth, Unknown
from .._rule import Example, Verdict, World, rule

_POLICY = """
resource "aws_sqs_queue_policy" "jobs" {%s
  queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect   = %s
      %s = { AWS = "arn:aws:iam::111122223333:role/jobs" }
      Action   = "sqs:*"
      Resource = "*"
    }]
  })
}
"""

ALLOW = Example(_POLICY % ("  # bad", '"Allow"', "NotPrincipal"), "everybody but one role")
DENY = Example(_POLICY % ("  # bad", '"Deny"', "NotPrincipal"), "locks out more than it says, of medium severity")
TRUST = Example(
    """
resource "aws_iam_role" "jobs" {  # bad
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", NotPrincipal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole" }]
  })
}
""",
    "IAM refuses it",
)
GOOD = Example(_POLICY % ("", '"Allow"', "Principal"), "one role")
UNDECIDED = Example(
    'variable "effect" {}\n' + _POLICY % ("  # undecided", "var.effect", "NotPrincipal"), "a variable without a default"
)


@rule(
    code="IAM610",
    severity=Severity.CRITICAL,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html",),
    controls=("CWE-284",),
    examples=(ALLOW, DENY, TRUST, GOOD, UNDECIDED),
)
def notprincipal(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement with NotPrincipal."""
    for origin, document, surface, related in _policies(world):
        if isinstance(document, Unknown):
            continue
        for statement in document.statements:
            if statement.not_principals is not None:
                yield _verdict(origin, statement, surface, related)


def _verdict(origin: Origin, statement: Statement, surface: Surface | None, related: tuple[Related, ...]) -> Verdict:
    evidence = describe(statement)
    if isinstance(statement.effect, Unknown):
        return Undecided(
            subject=origin,
            message=f"whether NotPrincipal allows or denies is not known: {statement.effect.because}",
            evidence=evidence,
            related=related,
            key=statement.label,
        )
    if surface is None:
        message, severity = "AWS refuses NotPrincipal in a policy of this kind: the apply fails", Severity.HIGH
    elif statement.effect == "Deny":
        message = "the statement denies everybody who is not listed with account, role and session, and so locks out more than it says"
        severity = Severity.MEDIUM
    else:
        found = reach(statement, surface)
        public = found.is_public is not Truth.NO
        severity = Severity.CRITICAL if public else Severity.MEDIUM
        message = (
            "the statement allows everybody in the world but those that its NotPrincipal lists"
            if public
            else f"the statement allows everybody but those that its NotPrincipal lists, as far as conditions let them: {found.because}"
        )
    return Violation(
        subject=origin, message=message, evidence=evidence, related=related, severity=severity, key=statement.label
    )


def _policies(world: World) -> Iterator[tuple[Origin, Maybe[PolicyDocument], Surface | None, tuple[Related, ...]]]:
    """Every policy with the surface that it opens; None where NotPrincipal is not allowed at all."""
    estate = world.estate
    for policy in estate.bucket_policies:
        bucket = world.graph.bucket(policy.bucket, policy.origin.account)
        related = () if bucket is None or bucket.origin == policy.origin else (Related(bucket.origin, "the bucket"),)
        yield policy.origin, policy.document, S3, related
    for other in estate.resource_policies:
        yield other.origin, other.document, surface_of(other.kind), ()
    for role in estate.roles:
        yield role.origin, role.trust, None, ()
    for managed in estate.managed_policies:
        yield managed.origin, managed.document, None, ()
    for inline in estate.inline_policies:
        yield inline.origin, inline.document, None, ()
