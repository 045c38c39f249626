"""Policy reads data or secrets of the whole account: every bucket, every secret, every table.

## Why it matters

Reading is how data leaves. A program that reads one secret needs one secret; if it may read all of them, so may whoever takes it over, and
with the secrets goes whatever they open.

## How to fix it

Name the secret, the bucket or the table:

```hcl
statement {
  actions   = ["secretsmanager:GetSecretValue"]
  resources = [aws_secretsmanager_secret.orders.arn]
}
```

## How to fix it in CloudFormation

Name the secret, the bucket or the table:

```yaml
- Effect: Allow
  Action: secretsmanager:GetSecretValue
  Resource: !Ref OrdersSecret
```

## What it leaves alone

Conditions on what is read (`aws:ResourceTag/...`, `kms:ViaService`, other accounts' resources only), whole services (IAM403), and AWS's own policies (IAM404). Backup, scanning and
audit roles, told by their names, are judged one step milder.

## When it cannot tell

The condition of the statement is not known, so it may limit what is read.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from msgspec import Struct

from ...finding import Severity, Undecided, Violation
from ...identity_policies import IdentityPolicy
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.excess import effective_actions, whole_services
from ...policy.grant import is_narrowed, statement_resources_all_of
from ...value import Truth
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power
from ._sensitive import READINGS, Reading, all_readings

# Reading everything is what these are for.
_READERS: Final = ("audit", "backup", "macie", "scanner")
_NAMED: Final = 4

_POLICY = """
resource "aws_iam_policy" "orders" {%s
  name   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = %s%s }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", '"*"', ""))
BAD_SERVICE = Example(
    _POLICY % (" # bad", '"arn:aws:secretsmanager:*:*:secret:*"', ""), "a longer way to write the star"
)
GOOD = Example(_POLICY % ("", '"arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-*"', ""))
GOOD_TAG = Example(
    _POLICY % ("", '"*"', ', Condition = { StringEquals = { "aws:ResourceTag/team" = "orders" } }'),
    "only what carries the tag",
)
UNDECIDED = Example(_POLICY % (" # undecided", '"*"', ", Condition = var.condition") + '\nvariable "condition" {}\n')


class _Reads(Struct, frozen=True):
    statement: Statement
    reading: Reading
    narrowed: Truth


@rule(
    code="IAM411",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html",
    ),
    controls=("Security Hub KMS.1", "Security Hub KMS.2", "CWE-732"),
    examples=(BAD, BAD_SERVICE, GOOD, GOOD_TAG, UNDECIDED),
)
def broad_sensitive_read(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that reads so much."""
    for policy in world.access.identity_policies:
        found = [
            reads for document, statement in _power.all_but_admin(policy) for reads in _readings(document, statement)
        ]
        certain = [item for item in found if item.narrowed is Truth.NO]
        told = certain or found
        if not told:
            continue
        what = tuple(dict.fromkeys(item.reading.what for item in told))
        more = f" and {len(what) - _NAMED} kinds more" if len(what) > _NAMED else ""
        says = f"{_identity.who(policy)} may read {', '.join(what[:_NAMED])}{more}"
        evidence = tuple(dict.fromkeys(line for item in told for line in describe(item.statement)))
        if certain:
            worst = max(item.reading.severity for item in certain)
            yield Violation(
                subject=policy.origin,
                message=says,
                evidence=evidence,
                related=_identity.related(policy),
                severity=Severity(max(worst - 1, Severity.LOW)) if _is_reader(policy) else worst,
            )
        else:
            yield Undecided(
                subject=policy.origin,
                message=f"{says}, unless the condition, which is not known, limits it",
                evidence=evidence,
                related=_identity.related(policy),
            )


def _readings(document: PolicyDocument, statement: Statement) -> Iterator[_Reads]:
    """The kinds of data that a statement reads everywhere."""
    if statement.not_actions is not None or statement.not_resources is not None:
        return  # IAM406 and IAM407
    actions = effective_actions(statement, document)
    if not actions.overlaps(all_readings()):
        return
    narrowed = is_narrowed(statement)
    if narrowed is Truth.YES:
        return
    whole = whole_services(statement, document)
    for reading in _among(actions):
        if reading.service not in whole and statement_resources_all_of(statement, reading.service) is Truth.YES:
            yield _Reads(statement, reading, narrowed)


@lru_cache(maxsize=1024)  # the instances of a module have the same actions
def _among(actions: ActionSet) -> tuple[Reading, ...]:
    """The kinds of data that some of the actions read."""
    return tuple(reading for reading in READINGS if actions.overlaps(reading.actions))


def _is_reader(policy: IdentityPolicy) -> bool:
    names = [policy.name, *(holder.name for holder in policy.holders if isinstance(holder.name, str))]
    return any(word in name.lower() for name in names for word in _READERS)
