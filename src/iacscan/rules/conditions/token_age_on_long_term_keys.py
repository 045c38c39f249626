"""Policy of users asks for something that only sessions have: who began them, or when.

## Why it matters

A request that is signed with a user's access key belongs to no session: it has no `aws:TokenIssueTime`, and no request of a user has `aws:SourceIdentity`, which is set when a role
is assumed. An Allow that asks for it grants the user nothing; a Deny that asks for it denies him nothing.

## How to fix it

Ask in the policies of the role that the users assume:

```hcl
condition {
  test     = "StringLike"
  variable = "sts:SourceIdentity"
  values   = ["*@example.com"]
}
```

## How to fix it in CloudFormation

Ask in the trust policy of the role that the users assume:

```yaml
- Effect: Allow
  Principal:
    AWS: !GetAtt AdaUser.Arn
  Action:
    - sts:AssumeRole
    - sts:SetSourceIdentity
  Condition:
    StringLike:
      sts:SourceIdentity: "*@example.com"
```

## What it leaves alone

Policies that roles have too, `aws:MultiFactorAuthAge`, which users have after `sts:GetSessionToken`, and Denies of old sessions, which IAM512 is about.

## When it cannot tell

The rule is always certain about who has a policy in the input. A managed policy may be attached elsewhere too; its findings are of medium confidence.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Violation
from ...policy.condition.judge import is_positive_guard
from ...policy.condition.lacking import SOURCE_IDENTITY, Group
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._callers import callers, lacking
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_ISSUED: Final = "aws:tokenissuetime"

_GROUP = """
resource "aws_iam_group" "clerks" {
  name = "clerks"
}

resource "aws_iam_group_policy" "reports" {%s
  group  = aws_iam_group.clerks.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "%s", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*", Condition = { %s } }]
  })
}
"""

BAD = Example(
    _GROUP % ("  # bad", "Allow", 'StringLike = { "aws:SourceIdentity" = "*@example.com" }'), "users never have one"
)
BAD_TIME = Example(
    _GROUP % ("  # bad", "Allow", 'DateGreaterThan = { "aws:TokenIssueTime" = "2026-01-01T00:00:00Z" }'),
    "low: access keys are no sessions",
)
GOOD = Example(_GROUP % ("", "Allow", 'NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" }'))


@rule(
    code="IAM544",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-tokenissuetime",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html",
    ),
    examples=(BAD, BAD_TIME, GOOD),
)
def token_age_on_long_term_keys(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition on sessions in a policy that only users have."""
    for leaf in leaves(world):
        key = leaf.condition.key.lower()
        if key not in (SOURCE_IDENTITY, _ISSUED) or is_told_by_another(leaf, "IAM544"):
            continue
        if lacking(leaf) is Group.USERS:
            said = f"no request of a user carries {leaf.condition.key}, {leaf.consequence(leaf.holds_without_key)}"
            yield _violation(leaf, said, Severity.HIGH if leaf.denies is Truth.YES else None)
        elif key == _ISSUED and _is_for_users(leaf) and is_positive_guard(leaf.condition):
            said = "requests that are signed with a user's access key are never allowed: they belong to no session"
            yield _violation(leaf, said, Severity.LOW)


def _is_for_users(leaf: Leaf) -> bool:
    return leaf.denies is Truth.NO and callers(leaf.place, leaf.statement) is Group.USERS


def _violation(leaf: Leaf, message: str, severity: Severity | None) -> Violation:
    return Violation(
        subject=leaf.place.origin,
        message=message,
        evidence=describe(leaf.statement),
        related=leaf.place.related,
        severity=severity,
        confidence=Confidence.MEDIUM if leaf.place.is_identity else None,
        key=leaf.key,
    )
