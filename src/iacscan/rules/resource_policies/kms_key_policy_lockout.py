"""KMS key's policy lets nobody change the policy again.

## Why it matters

Unlike anywhere else, the account has no say over a key but by the key's own policy: an administrator whom it does not name can do nothing. If it
gives `kms:PutKeyPolicy` to nobody, KMS refuses the policy, so the deployment fails. With the safety check switched off KMS takes
it, and then only AWS Support can save the key, and the data under it.

## How to fix it

Let the account manage the key; its IAM policies say who may.

```hcl
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "ManagedByTheAccount"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}
```

## How to fix it in CloudFormation

Let the account manage the key; its IAM policies say who may.

```yaml
DataKey:
  Type: AWS::KMS::Key
  Properties:
    KeyPolicy:
      Version: "2012-10-17"
      Statement:
        - Sid: ManagedByTheAccount
          Effect: Allow
          Principal:
            AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
          Action: kms:*
          Resource: "*"
```

## What it leaves alone

Keys whose policy can be changed by any account, role or user, be it only one.

## When it cannot tell

Whom a statement names, or what it allows, is not known, and no other statement settles it.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.condition.judge import TOP, holds
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Principal, Statement
from ...policy.grant import possible_actions, statement_actions
from ...policy.principal import Kind, classify
from ...value import Maybe, Truth, Unknown, all_of, any_of
from .._rule import Example, Verdict, World, rule

_SHOWN: Final = 3
_ACTION: Final = "kms:PutKeyPolicy"
# They act for somebody, or nobody is behind them.
_NOBODY: Final = frozenset({Kind.SERVICE, Kind.INVALID, Kind.ORIGIN_ACCESS_IDENTITY, Kind.CANONICAL_USER})

_KEY = """
data "aws_caller_identity" "current" {}

resource "aws_kms_key" "data" {%s
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = %s }
        Action    = %s
        Resource  = "*"
      },
    ]
  })
}
"""
_ROOT = '"arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"'
_USE = '["kms:Decrypt", "kms:GenerateDataKey"]'

BAD = Example(
    _KEY % ("  # bad", '"arn:aws:iam::111122223333:role/orders"', _USE), "one role may use it, nobody manage it"
)
GOOD = Example(_KEY % ("", _ROOT, '"kms:*"'))
GOOD_ROLE = Example(
    _KEY % ("", '"arn:aws:iam::111122223333:role/key-administrator"', '["kms:Put*", "kms:Describe*"]'),
    "one role manages it",
)
UNDECIDED = Example(_KEY % ("  # undecided", _ROOT, "var.actions") + '\nvariable "actions" {}\n')


@rule(
    code="IAM604",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    examples=(BAD, GOOD, GOOD_ROLE, UNDECIDED),
)
def kms_key_policy_lockout(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each key policy that nobody may replace."""
    for policy in world.estate.resource_policies:
        if policy.kind != "kms-key" or not isinstance(policy.document, PolicyDocument):
            continue
        document = policy.document
        managed = any_of(_lets_manage(statement) for statement in document.statements)
        if document.unknown and managed is Truth.NO:
            managed = Truth.UNKNOWN
        blocked = any(_denies_everybody(statement) for statement in document.statements)
        evidence = tuple(line for statement in document.statements[:_SHOWN] for line in describe(statement))
        if managed is Truth.NO or blocked:
            why = "denies kms:PutKeyPolicy to everybody" if blocked else "gives kms:PutKeyPolicy to nobody"
            yield Violation(
                subject=policy.origin,
                message=f"the policy {why}: KMS refuses it, or, with its safety check bypassed, the key can never be managed again",
                evidence=evidence,
            )
        elif managed is Truth.UNKNOWN:
            yield Undecided(
                subject=policy.origin,
                message="whether anybody may change the policy of this key is not known",
                evidence=evidence,
            )


def _lets_manage(statement: Statement) -> Truth:
    """Whether a statement lets anybody replace the policy, under whatever conditions."""
    if statement.effect == "Deny":
        return Truth.NO
    who = Truth.YES
    if statement.not_principals is None:
        who = any_of(_is_somebody(principal) for principal in statement.principals or ())
    effect = Truth.UNKNOWN if isinstance(statement.effect, Unknown) else Truth.YES
    return all_of((effect, who, _names_it(statement), holds(statement.conditions, TOP)))


def _names_it(statement: Statement) -> Truth:
    wanted = ActionSet.of((_ACTION,))
    if statement_actions(statement)[0].covers(wanted):
        return Truth.YES
    return Truth.UNKNOWN if possible_actions(statement).covers(wanted) else Truth.NO


def _is_somebody(principal: Maybe[Principal]) -> Truth:
    """Whether there is a person or program behind a principal. Whose account it is in is not asked: a plan may make keys in several."""
    if isinstance(principal, Unknown):
        return Truth.UNKNOWN
    return Truth.of(known=classify(principal).kind not in _NOBODY)


def _denies_everybody(statement: Statement) -> bool:
    """Whether a Deny without conditions takes the action from every principal."""
    everybody = any(isinstance(item, Principal) and item.value == "*" for item in statement.principals or ())
    return statement.effect == "Deny" and everybody and not statement.conditions and _names_it(statement) is Truth.YES
