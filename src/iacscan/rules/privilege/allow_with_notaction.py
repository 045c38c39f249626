"""Policy allows everything but a list of actions (`Allow` with `NotAction`).

## Why it matters

What is not in the list is allowed: every service that nobody thought of, and every action that AWS will ever add. `NotAction` reads as
if it forbade something, but it forbids nothing: another policy may still allow what it names.

## How to fix it

```hcl
statement {
  actions   = ["s3:*Object", "dynamodb:*Item"] # what is needed
  resources = ["${aws_s3_bucket.reports.arn}/*", aws_dynamodb_table.orders.arn]
}

statement {
  effect      = "Deny"
  not_actions = ["iam:ChangePassword"] # NotAction belongs here
  resources   = ["*"]
}
```

## What it leaves alone

`Deny` with `NotAction`, AWS's own policies (IAM404), and statements that make an administrator (IAM401, IAM402). On named resources only their
services' actions can apply, so the finding is medium.

## When it cannot tell

The effect of the statement is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...identity_policies import IdentityPolicy
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import is_narrowed, statement_resources_everything
from ...value import Truth, Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

_POLICY = """
resource "aws_iam_policy" "developer" {%s
  name   = "developer"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = %s, NotAction = ["iam:*", "organizations:*"], Resource = %s }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", '"Allow"', '"*"'))
BAD_BUCKET = Example(
    _POLICY % (" # bad", '"Allow"', '"arn:aws:s3:::reports/*"'), "medium: all that S3 can do with the objects"
)
GOOD = Example(_POLICY % ("", '"Deny"', '"*"'), "denies everything else")
UNDECIDED = Example(_POLICY % (" # undecided", "var.effect", '"*"') + '\nvariable "effect" {}\n')


@rule(
    code="IAM406",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("CIS 1.15 (v3: 1.16)", "CWE-250"),
    examples=(BAD, BAD_BUCKET, GOOD, UNDECIDED),
)
def allow_with_notaction(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy with such a statement."""
    for policy in world.access.identity_policies:
        found = [
            statement
            for _, statement in _power.all_but_admin(policy)
            if statement.not_actions is not None and not _is_told(world, policy, statement)
        ]
        if found:
            wide = any(
                statement_resources_everything(item) is Truth.YES and is_narrowed(item) is not Truth.YES
                for item in found
            )
            where = "on every resource" if wide else "with the resources that the policy names"
            yield Violation(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may do {where} whatever is not in a list, and whatever AWS adds",
                evidence=tuple(line for statement in found for line in describe(statement)),
                related=_identity.related(policy),
                severity=Severity.HIGH if wide else Severity.MEDIUM,
            )
        elif isinstance(policy.document, PolicyDocument):
            doubtful = [
                item
                for item in policy.document.statements
                if item.not_actions is not None and isinstance(item.effect, Unknown)
            ]
            if doubtful:
                yield Undecided(
                    subject=policy.origin,
                    message="the policy allows or denies everything but a list: its effect is not known",
                    evidence=tuple(line for statement in doubtful for line in describe(statement)),
                    related=_identity.related(policy),
                )


def _is_told(world: World, policy: IdentityPolicy, statement: Statement) -> bool:
    """Whether IAM402 speaks of the statement."""
    found = _power.power_of(policy)
    return found is not None and statement in found.answer.statements and _power.is_left_to_compute(world, policy)
