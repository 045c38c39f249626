"""Policy allows everything but a list of actions (`Allow` with `NotAction`).

## Why it matters

What is not in the list is allowed: every service that nobody thought of, and every action that AWS will ever add. `NotAction` reads as
if it forbade something, but it forbids nothing: another policy may still allow what it names.

## How to fix it

List what is needed. `NotAction` belongs in a Deny:

```hcl
statement {
  actions   = ["s3:*Object", "dynamodb:*Item"] # what is needed
  resources = ["${aws_s3_bucket.reports.arn}/*", aws_dynamodb_table.orders.arn]
}

statement {
  effect      = "Deny"
  not_actions = ["iam:ChangePassword", "iam:EnableMFADevice", "sts:GetSessionToken"] # it belongs here: all that is refused without MFA, but for this
  resources   = ["*"]
  condition {
    test     = "BoolIfExists"
    variable = "aws:MultiFactorAuthPresent"
    values   = ["false"]
  }
}
```

## How to fix it in CloudFormation

List what is needed. `NotAction` belongs in a Deny:

```yaml
- Effect: Allow
  Action: # what is needed
    - s3:*Object
    - dynamodb:*Item
  Resource:
    - !Sub ${ReportsBucket.Arn}/*
    - !GetAtt OrdersTable.Arn
- Effect: Deny
  NotAction: # it belongs here: all that is refused without MFA, but for this
    - iam:ChangePassword
    - iam:EnableMFADevice
    - sts:GetSessionToken
  Resource: "*"
  Condition:
    BoolIfExists:
      aws:MultiFactorAuthPresent: "false"
```

## What it leaves alone

`Deny` with `NotAction`, AWS's own policies (IAM404), statements that make an administrator (IAM401, IAM402), and those of resource policies that let
strangers in, which other rules report. On named resources, as in resource policies, only their services' actions can apply, so the finding is medium.

## When it cannot tell

The effect of the statement is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Severity, Undecided, Violation
from ...identity_policies import IdentityPolicy
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import is_narrowed, statement_resources_everything
from ...policy.public import S3, Surface, reach, surface_of
from ...value import Maybe, Truth, Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

# Policies that cap what others allow, and those that IAM425 judges.
_OTHERS: Final = frozenset({"vpc-endpoint", "iot-policy"})

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
BAD_TOPIC = Example(
    """
resource "aws_sns_topic_policy" "orders" { # bad
  arn = "arn:aws:sns:eu-west-1:111122223333:orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/shop" }
      NotAction = "sns:DeleteTopic"
      Resource  = "arn:aws:sns:eu-west-1:111122223333:orders"
    }]
  })
}
""",
    "medium: the shop's role may subscribe whom it likes, and rewrite this policy",
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
    examples=(BAD, BAD_BUCKET, BAD_TOPIC, GOOD, UNDECIDED),
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
    yield from _shared(world)


def _shared(world: World) -> Iterator[Verdict]:
    """Resource policies that hand callers whom they name all but a few actions."""
    for kind, origin, document, surface in _resource_policies(world):
        if isinstance(document, Unknown) or kind in _OTHERS:
            continue
        found = [
            statement
            for statement in document.statements
            if statement.effect == "Allow"
            and statement.not_actions is not None
            and statement.not_principals is None
            and reach(statement, surface).is_public is Truth.NO
        ]
        if found:
            thing = kind.replace("-", " ")
            yield Violation(
                subject=origin,
                message=f"whoever the policy names may do with this {thing} whatever is not in a list, and whatever AWS adds",
                evidence=tuple(line for statement in found for line in describe(statement)),
                severity=Severity.MEDIUM,
            )


def _resource_policies(world: World) -> Iterator[tuple[str, Origin, Maybe[PolicyDocument], Surface]]:
    for bucket in world.estate.bucket_policies:
        yield "bucket", bucket.origin, bucket.document, S3
    for policy in world.estate.resource_policies:
        yield policy.kind, policy.origin, policy.document, surface_of(policy.kind)


def _is_told(world: World, policy: IdentityPolicy, statement: Statement) -> bool:
    """Whether IAM402 speaks of the statement."""
    found = _power.power_of(policy)
    return found is not None and statement in found.answer.statements and _power.is_left_to_compute(world, policy)
