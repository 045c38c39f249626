"""Resource policy has a statement that names nobody.

## Why it matters

A resource policy says who may come, so each of its statements needs a principal. Most services refuse one without, and the change fails; others
take it and leave it without effect. A Deny without a principal then protects nothing.

## How to fix it

Say whom the statement means; for a Deny that is mostly everybody:

```hcl
principals {
  type        = "*"
  identifiers = ["*"]
}
```

## How to fix it in CloudFormation

Say whom the statement means; for a Deny that is mostly everybody:

```yaml
- Effect: Deny
  Principal: "*"
  Action: sqs:*
  Resource: !GetAtt JobsQueue.Arn
  Condition:
    Bool:
      aws:SecureTransport: "false"
```

## What it leaves alone

Policies of IoT, whose principals are those that they are attached to.

## When it cannot tell

It always can: a principal that is not known is one.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Severity, Violation
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...value import Maybe, Unknown
from .._rule import Example, Verdict, World, rule

_ATTACHED: Final = frozenset({"iot-policy"})

_POLICY = """
resource "aws_sqs_queue_policy" "jobs" {%s
  queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:eu-west-1:111122223333:jobs"
      %s
    }]
  })
}
"""
_TLS = 'Condition = { Bool = { "aws:SecureTransport" = "false" } }'

BAD = Example(_POLICY % ("  # bad", "Allow", ""), "low: nobody is let in")
BAD_DENY = Example(_POLICY % ("  # bad", "Deny", _TLS), "nobody is kept out")
GOOD = Example(_POLICY % ("", "Deny", 'Principal = "*"\n      ' + _TLS))


@rule(
    code="IAM619",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    examples=(BAD, BAD_DENY, GOOD),
)
def resource_policy_without_principal(world: World) -> Iterator[Verdict]:
    """Yield one violation for each policy with such statements."""
    for origin, document in _policies(world):
        if isinstance(document, Unknown):
            continue
        found = [item for item in document.statements if item.principals is None and item.not_principals is None]
        if found:
            denies = any(statement.effect == "Deny" for statement in found)
            yield Violation(
                subject=origin,
                message="a Deny of the policy names no principal: AWS refuses it, or nobody is kept out by it"
                if denies
                else "a statement of the policy names no principal: AWS refuses it, or nobody is let in by it",
                evidence=tuple(line for statement in found for line in describe(statement)),
                severity=None if denies else Severity.LOW,
            )


def _policies(world: World) -> Iterator[tuple[Origin, Maybe[PolicyDocument]]]:
    for bucket in world.estate.bucket_policies:
        yield bucket.origin, bucket.document
    for policy in world.estate.resource_policies:
        if policy.kind not in _ATTACHED:
            yield policy.origin, policy.document
