"""Policy allows actions on every resource but a few (`Allow` with `NotResource`).

## Why it matters

What is not in the list is included: every other resource of the account, and all those that will be made. A typing error in the list excludes
nothing. Nor does `NotResource` forbid anything: another policy may still allow what it names.

## How to fix it

Name what is allowed, and deny what must stay out:

```hcl
statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.reports.arn}/*"]
}

statement {
  effect    = "Deny"
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.payroll.arn}/*"] # what must stay out
}
```

## How to fix it in CloudFormation

Name what is allowed, and deny what must stay out:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
- Effect: Deny
  Action: s3:GetObject
  Resource: !Sub ${PayrollBucket.Arn}/* # what must stay out
```

## What it leaves alone

`Deny` with `NotResource`, AWS's own policies, and statements that make an administrator (IAM401). It is high where roles are passed, data is read
or keys are used.

## When it cannot tell

The effect of the statement is not known.
"""

from collections.abc import Iterator
from functools import cache

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...policy.excess import effective_actions
from ...value import Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power
from ._sensitive import all_readings

_NAMED = 5

_POLICY = """
resource "aws_iam_policy" "analyst" {%s
  name   = "analyst"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = %s, Action = "s3:GetObject", NotResource = "arn:aws:s3:::payroll/*" }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", '"Allow"'), "every object but those of one bucket")
GOOD = Example(_POLICY % ("", '"Deny"'), "denies it everywhere else")
UNDECIDED = Example(_POLICY % (" # undecided", "var.effect") + '\nvariable "effect" {}\n')


@rule(
    code="IAM407",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("CWE-250",),
    examples=(BAD, GOOD, UNDECIDED),
)
def allow_with_notresource(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy with such a statement."""
    for policy in world.access.identity_policies:
        found = [
            (statement, effective_actions(statement, document))
            for document, statement in _power.all_but_admin(policy)
            if statement.not_resources is not None and statement.not_actions is None
        ]
        if found:
            actions = ActionSet()
            for _, its in found:
                actions |= its
            yield Violation(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may use {', '.join(actions.compressed(_NAMED))} on every resource that is not in a list",
                evidence=tuple(line for statement, _ in found for line in describe(statement)),
                related=_identity.related(policy),
                severity=Severity.HIGH if actions.overlaps(_grave()) else Severity.MEDIUM,
            )
        elif isinstance(policy.document, PolicyDocument):
            doubtful = [
                item
                for item in policy.document.statements
                if item.not_resources is not None and isinstance(item.effect, Unknown)
            ]
            if doubtful:
                yield Undecided(
                    subject=policy.origin,
                    message="the policy allows or denies something on every resource but a few: its effect is not known",
                    evidence=tuple(line for statement in doubtful for line in describe(statement)),
                    related=_identity.related(policy),
                )


@cache
def _grave() -> ActionSet:
    return ActionSet.of(("iam:PassRole", "s3:PutObject", "s3:DeleteObject", "kms:*")) | all_readings()
