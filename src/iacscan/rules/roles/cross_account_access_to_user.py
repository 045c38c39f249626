"""Policy lets in an IAM user of another account, where a role would do.

## Why it matters

A user has a password or access keys that do not expire, and in another account nobody here sees whether they are rotated, shared or leaked. Whoever has a
copy comes in from anywhere. A role there gives its holders credentials that end within hours, and can be handed to others without a change here.

## How to fix it

Trust a role of the other account, which its users assume there:

```hcl
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:role/auditor"]
    }
  }
}

resource "aws_iam_role" "audit" {
  name               = "audit"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
```

## How to fix it in CloudFormation

Trust a role of the other account, which its users assume there:

```yaml
AuditRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            AWS: arn:aws:iam::444455556666:role/auditor
          Action: sts:AssumeRole
```

## What it leaves alone

Users of the account that the policy is in, CloudFront's origin access identities, and accounts of AWS services. Users of companies whose accounts are
known or listed as vendors: whom they come as is theirs to say, and IAM209 asks for the external id. A resource policy that lets in an account that
is known to be a stranger's, or of which nothing is known: that is what IAM609 and IAM615 report. With an external id, which says that a service prescribes its
user, the finding is for information; with MFA, which a leaked key alone does not pass, it is low.

## When it cannot tell

The account that the policy is in is not known, or the statement's effect is not.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Origin, Severity, Undecided, Violation
from ...policy.condition.mfa import requires_mfa
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Principal, Statement
from ...policy.principal import Kind, classify
from ...policy.third_parties import company, is_of_aws
from ...value import Maybe, Truth, Unknown
from .._rule import Example, Verdict, World, rule

_EXTERNAL_ID: Final = "sts:externalid"
_LETS_NOBODY_IN: Final = frozenset({"vpc-endpoint", "iot-policy"})  # they only say what those may do who are in
_SHOWN: Final = 3

_OWN: Final = 'provider "aws" {\n  allowed_account_ids = ["111122223333"]\n}\n'
_ROLE = """
resource "aws_iam_role" "audit" {%s
  name               = "audit"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::%s" }
      Condition = { %s }
    }]
  })
}
"""
_QUEUE = """
resource "aws_sqs_queue" "orders" {%s
  name   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Principal = { AWS = "arn:aws:iam::444455556666:user/importer" }
      Resource  = "*"
    }]
  })
}
"""

BAD = Example(_OWN + _ROLE % ("  # bad", "444455556666:user/auditor", ""))
BAD_QUEUE = Example(_OWN + _QUEUE % "  # bad", "a queue")
BAD_EXTERNAL_ID = Example(
    _OWN
    + _ROLE % ("  # bad", "444455556666:user/loader", 'StringEquals = { "sts:ExternalId" = "KESTREL_SFCRole=2_a1" }'),
    "for information: a service that comes as a user of its own",
)
GOOD = Example(_OWN + _ROLE % ("", "444455556666:role/auditor", ""), "a role")
GOOD_OWN = Example(_OWN + _ROLE % ("", "111122223333:user/auditor", ""), "a user of the same account")
UNDECIDED = Example(_ROLE % ("  # undecided", "444455556666:user/auditor", ""), "it may be a user of the same account")


@rule(
    code="IAM207",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_aws-accounts.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_QUEUE, BAD_EXTERNAL_ID, GOOD, GOOD_OWN, UNDECIDED),
)
def cross_account_access_to_user(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each policy that lets in, or may let in, such users."""
    for policy in _policies(world):
        named = [item for statement in policy.statements for item in _named(world, policy, statement)]
        certain = [item for item in named if item.truth is Truth.YES]
        told = certain or named
        if not told:
            continue
        users = list(dict.fromkeys(item.user for item in told))
        who = f"the user {users[0]}" if len(users) == 1 else f"{len(users)} users, such as {users[0]},"
        evidence = tuple(dict.fromkeys(line for item in told for line in describe(item.statement)))[:_SHOWN]
        if certain:
            yield Violation(
                subject=policy.origin,
                message=f"{who} of another account may {policy.use}, with credentials that do not expire",
                evidence=evidence,
                severity=max(item.severity for item in certain),
            )
        else:
            yield Undecided(
                subject=policy.origin,
                message=f"whether {who} may {policy.use} from another account is not known",
                evidence=evidence,
                severity=Severity.INFO,
            )


class _Policy(Struct, frozen=True):
    """A policy with its statements; `use` says what whoever it lets in may do."""

    origin: Origin
    statements: tuple[Statement, ...]
    use: str
    is_trust: bool = False


class _Named(Struct, frozen=True):
    """A user whom a statement names; `truth` tells whether he is of another account and let in."""

    user: str
    statement: Statement
    truth: Truth
    severity: Severity


def _policies(world: World) -> Iterator[_Policy]:
    estate = world.estate
    for role in estate.roles:
        if isinstance(role.trust, PolicyDocument):
            yield _Policy(role.origin, role.trust.statements, "assume the role", is_trust=True)
    for policy in estate.bucket_policies:
        if isinstance(policy.document, PolicyDocument):
            yield _Policy(policy.origin, policy.document.statements, "use the bucket")
    for item in estate.resource_policies:
        if item.kind not in _LETS_NOBODY_IN and isinstance(item.document, PolicyDocument):
            yield _Policy(item.origin, item.document.statements, f"use this {item.kind.replace('-', ' ')}")


def _named(world: World, policy: _Policy, statement: Statement) -> Iterator[_Named]:
    if statement.effect == "Deny":
        return
    for principal in statement.principals or ():
        if not isinstance(principal, Principal):
            continue
        caller = classify(principal)
        if caller.kind is not Kind.USER or caller.account is None:
            continue
        truth = _is_elsewhere(world, caller.account)
        if truth is Truth.NO or _is_told_elsewhere(world, policy, caller.account, truth):
            continue
        if isinstance(statement.effect, Unknown):
            truth = Truth.UNKNOWN
        yield _Named(principal.value, statement, truth, _severity(statement))


def _is_elsewhere(world: World, account: str) -> Truth:
    """Whether an account is another one than those that the input works in, be it one's own."""
    if not account.isdigit():
        return world.access.foreign_account(account)
    if account in world.estate.accounts:
        return Truth.NO
    return Truth.YES if any(item.isdigit() for item in world.estate.accounts) else Truth.UNKNOWN


def _is_told_elsewhere(world: World, policy: _Policy, account: str, truth: Truth) -> bool:
    """Whether the account belongs to AWS or a company, or IAM609 or IAM615 speak of its being let in at all."""
    if is_of_aws(account) or company(account) or world.settings.vendor(account):
        return True
    if policy.is_trust:
        return False
    foreign = world.access.foreign_account(account)
    listed = bool(world.settings.accounts or world.estate.accounts_in_organization)
    return foreign is not Truth.NO if truth is Truth.UNKNOWN else listed and foreign is Truth.YES


def _severity(statement: Statement) -> Severity:
    if any(_asks_for_external_id(item) for item in statement.conditions):
        return Severity.INFO
    return Severity.LOW if requires_mfa(statement) is Truth.YES else Severity.MEDIUM


def _asks_for_external_id(condition: Maybe[Condition]) -> bool:
    return isinstance(condition, Condition) and condition.key.lower() == _EXTERNAL_ID
