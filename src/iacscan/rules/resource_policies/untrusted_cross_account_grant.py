"""Resource policy lets in an account that is not known to be one's own.

## Why it matters

An administrator of the other account decides who there uses the grant, for as long as the policy stands. Account ids are copied from examples, left
behind by former partners, and mistyped; nothing about a number shows whose it is.

## How to fix it

Grant to the organization instead of single accounts of one's own, and give partners a role to assume, with an external id:

```hcl
statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.exchange.arn}/*"]

  principals {
    type        = "AWS"
    identifiers = ["*"]
  }

  condition {
    test     = "StringEquals"
    variable = "aws:PrincipalOrgID"
    values   = [data.aws_organizations_organization.own.id]
  }
}
```

## How to fix it in CloudFormation

Grant to the organization instead of single accounts of one's own, and give partners a role to assume, with an external id:

```yaml
- Effect: Allow
  Principal:
    AWS: "*"
  Action: s3:GetObject
  Resource: !Sub ${ExchangeBucket.Arn}/*
  Condition:
    StringEquals:
      aws:PrincipalOrgID: o-exampleorg1
```

## What it leaves alone

Accounts of the organization that are in the input, and the one that the provider works in; the trusted accounts and the vendors of the configuration; statements that ask for an organization; services of AWS, and the
accounts by which load balancers deliver logs. Role trusts have rules of their own, and so have buckets that others control.

## When it cannot tell

The accounts of the organization are not listed in this input: then one entry, for information, names all accounts that policies let in and that are not the provider's own.
They are listed by the configuration (`trusted-accounts`), by `aws_organizations_account`, and by `aws_organizations_organization` once it is there.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...function_access import statement_of
from ...policy.action import ActionSet, of_level
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import statement_actions
from ...policy.principal import account_of
from ...policy.third_parties import company
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _outsiders

# Their principals are not whom a resource lets in, or other rules speak of them.
_ELSEWHERE: Final = frozenset({"vpc-endpoint", "iot-policy", "organizations"})
_SHOWN: Final = 3

_OWN = """
provider "aws" {
  allowed_account_ids = ["111122223333"]
}

resource "aws_organizations_account" "shop" {
  name  = "shop"
  email = "shop@example.com"
}
"""
_POLICY = """
resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sqs_queue_policy" "orders" {%s
  queue_url = aws_sqs_queue.orders.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::%s:root" }
      Action    = %s
      Resource  = aws_sqs_queue.orders.arn
      Condition = %s
    }]
  })
}
"""

BAD = Example(_OWN + _POLICY % ("  # bad", "444455556666", '"sqs:SendMessage"', "{}"), "another account may send")
BAD_READ = Example(
    _OWN + _POLICY % ("  # bad", "444455556666", '"sqs:GetQueueAttributes"', "{}"), "reading is of medium severity"
)
GOOD = Example(_OWN + _POLICY % ("", "111122223333", '"sqs:SendMessage"', "{}"), "one's own account")
ORGANIZATION = Example(
    _OWN
    + _POLICY
    % ("", "444455556666", '"sqs:SendMessage"', '{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }'),
    "only as long as the account belongs to the organization",
)
UNDECIDED = Example(
    'provider "aws" {\n  allowed_account_ids = ["111122223333"]\n}\n'
    + _POLICY % ("  # undecided", "444455556666", '"sqs:SendMessage"', "{}"),
    "it may be another account of the organization",
)


@rule(
    code="IAM609",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_READ, GOOD, ORGANIZATION, UNDECIDED),
)
def untrusted_cross_account_grant(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that lets in somebody else; one for all, if nobody's account is known."""
    unknown: list[_Granted] = []
    for policy in _policies(world):
        granted = [item for statement in policy.statements if (item := _granted(world, policy, statement)) is not None]
        certain = [item for item in granted if item.certain]
        unknown.extend(item for item in granted if not item.certain)
        if not certain:
            continue
        actions = ActionSet()
        for item in certain:
            actions |= item.actions
        accounts = sorted({account for item in certain for account in item.accounts})
        yield Violation(
            subject=policy.origin,
            message=f"{_named(accounts)} may call {', '.join(actions.compressed(_SHOWN))} on this {policy.noun}, and {'is' if len(accounts) == 1 else 'are'} not known to be yours",
            evidence=tuple(dict.fromkeys(line for item in certain for line in describe(item.statement))),
            related=policy.related,
            severity=Severity.HIGH if actions.overlaps(_changes()) else None,
        )
    if unknown:
        accounts = sorted({account for item in unknown for account in item.accounts})
        places = tuple(dict.fromkeys(item.policy.origin for item in unknown))
        yield Undecided(
            subject=places[0],
            message=f"whether {_named(accounts)} {'is' if len(accounts) == 1 else 'are'} yours is not known; "
            f"{len(places)} resource {'policy lets' if len(places) == 1 else 'policies let'} {'it' if len(accounts) == 1 else 'them'} in",
            evidence=tuple(accounts),
            related=tuple(Related(origin, "lets some of them in") for origin in places[1:]),
            severity=Severity.INFO,
        )


class _Policy(Struct, frozen=True):
    origin: Origin
    statements: tuple[Statement, ...]
    noun: str
    related: tuple[Related, ...] = ()


class _Granted(Struct, frozen=True):
    """A statement with the accounts that it lets in, all of them certainly somebody else's or none for certain."""

    policy: _Policy
    statement: Statement
    accounts: tuple[str, ...]
    actions: ActionSet
    certain: bool


def _policies(world: World) -> Iterator[_Policy]:
    for bucket_policy in world.estate.bucket_policies:
        if isinstance(bucket_policy.document, PolicyDocument):
            bucket = world.graph.bucket(bucket_policy.bucket, bucket_policy.origin.account)
            own = bucket is None or bucket.origin == bucket_policy.origin
            related = () if bucket is None or own else (Related(bucket.origin, "the bucket"),)
            yield _Policy(bucket_policy.origin, bucket_policy.document.statements, "bucket", related)
    for policy in world.estate.resource_policies:
        if policy.kind not in _ELSEWHERE and isinstance(policy.document, PolicyDocument):
            yield _Policy(policy.origin, policy.document.statements, policy.kind.replace("-", " "))
    for permission in world.estate.lambda_permissions:
        noun = "layer version" if permission.layer else "function"
        yield _Policy(permission.origin, (statement_of(permission),), noun)


def _granted(world: World, policy: _Policy, statement: Statement) -> _Granted | None:
    if statement.effect != "Allow":
        return None
    actions = statement_actions(statement)[0]
    if policy.noun == "bucket" and actions.overlaps(_outsiders.control()):
        return None  # IAM615 says so
    organization = _outsiders.foreign_organization(world, statement)
    if organization:
        return _Granted(policy, statement, (organization,), actions, certain=True)
    found: dict[bool, list[str]] = {}
    for principal, truth in _outsiders.outsiders(world, statement).items():
        account = account_of(principal)
        if account is not None and world.settings.vendor(account) is None:
            found.setdefault(truth is Truth.YES and _outsiders.knows_organization(world), []).append(
                account.strip("⟦⟧")
            )
    for certain in (True, False):
        if certain in found:
            return _Granted(policy, statement, tuple(found[certain]), actions, certain)
    return None


def _named(accounts: list[str]) -> str:
    names = [f"{name} ({account})" if (name := company(account)) else account for account in accounts]
    if len(names) == 1:
        return f"{'organization' if names[0].startswith('o-') else 'account'} {names[0]}"
    if len(names) > _SHOWN + 1:
        names = [*names[:_SHOWN], f"{len(names) - _SHOWN} more"]
    return f"accounts {', '.join(names[:-1])} and {names[-1]}"


@cache
def _changes() -> ActionSet:
    """What changes data or decides over it. To use a key is no change of it, though KMS counts that as writing."""
    used = ActionSet.of(
        ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:GenerateMac", "kms:Sign")
    )
    return of_level("Write", "Permissions management") - used
