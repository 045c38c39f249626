"""Role trusts the account of a third party and asks for no external id.

## Why it matters

A service that works in the accounts of many customers assumes the role that a customer tells it. If it asks for no external id, another customer can tell it
the name of your role, and have it work on your account: the confused deputy.

## How to fix it

Ask for the id that the third party has assigned to you:

```hcl
condition {
  test     = "StringEquals"
  variable = "sts:ExternalId"
  values   = [var.external_id]
}
```

## How to fix it in CloudFormation

Ask for the id that the third party has assigned to you:

```yaml
- Effect: Allow
  Principal:
    AWS: arn:aws:iam::464622532012:root
  Action: sts:AssumeRole
  Condition:
    StringEquals:
      sts:ExternalId: 3f9c1e5a7b2d4c60
```

## What it leaves alone

Accounts of one's own, trust that is limited to an organization or to named principals by a condition, and trust that demands MFA, which only people
have. Single roles and users of accounts that are not known to be a third party's.

## When it cannot tell

The account is trusted as a whole and is not known to be your own, nor a third party's; or a condition is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...access import Trusted
from ...finding import Confidence, Severity, Undecided, Violation
from ...model.iam import Role
from ...policy.action import ActionSet
from ...policy.condition.judge import FOREIGN, holds, is_positive_guard
from ...policy.condition.mfa import requires_mfa
from ...policy.condition.operators import parse_operator
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from ...policy.grant import possible_actions
from ...policy.pattern import covers
from ...policy.principal import Kind
from ...value import Maybe, Truth, Unknown, all_of, any_of
from .._rule import Example, Verdict, World, rule
from . import _third_parties

_KINDS: Final = frozenset((Kind.ACCOUNT, Kind.ROLE, Kind.USER))
_EXTERNAL_ID: Final = "sts:externalid"
_PINS: Final = frozenset(("aws:principalorgid", "aws:principalorgpaths", "aws:principalarn"))

_ROLE = """
resource "aws_iam_role" "monitoring" {%s
  name               = "monitoring"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::%s:root" }
      Condition = { %s }
    }]
  })
}
"""
_DATADOG: Final = "464622532012"

BAD = Example(_ROLE % ("  # bad", _DATADOG, ""), "the account of a monitoring company")
BAD_STAR = Example(_ROLE % ("  # bad", _DATADOG, 'StringLike = { "sts:ExternalId" = "*" }'), "any id will do")
GOOD = Example(_ROLE % ("", _DATADOG, 'StringEquals = { "sts:ExternalId" = "b7f1c9e2a4" }'))
GOOD_OWN = Example(
    _ROLE % ("", "${data.aws_caller_identity.current.account_id}", "") + '\ndata "aws_caller_identity" "current" {}\n',
    "one's own account",
)
UNDECIDED = Example(_ROLE % ("  # undecided", "444455556666", ""), "whose account it is, nobody says")


@rule(
    code="IAM209",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    ),
    controls=("CWE-441",),
    examples=(BAD, BAD_STAR, GOOD, GOOD_OWN, UNDECIDED),
)
def third_party_trust_without_external_id(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each role that a third party can, or may be able to, assume for another customer."""
    for role in world.estate.roles:
        open_ = [(trusted, statement) for trusted, statement in _open(world, role) if _matters(world, trusted)]
        certain = [
            item
            for item in open_
            if _third_parties.is_third_party(world, str(item[0].account)) and _guarded(item[1]) is Truth.NO
        ]
        if certain:
            trusted, statement = certain[0]
            name = _third_parties.name_of(world, str(trusted.account))
            yield Violation(
                subject=role.origin,
                message=f"another customer of {_called(world, trusted)} can have it use this role: no external id is asked for",
                evidence=describe(statement),
                severity=Severity.HIGH if world.access.admin(role).truth is Truth.YES else None,
                confidence=None if name else Confidence.MEDIUM,
            )
        elif open_:
            trusted, statement = open_[0]
            yield Undecided(
                subject=role.origin,
                message=f"whether {_called(world, trusted)} is yours is not known; a third party must be asked for an external id"
                if _third_parties.name_of(world, str(trusted.account)) is None
                else f"whether {_called(world, trusted)} is asked for an external id is not known",
                evidence=describe(statement),
            )


def _open(world: World, role: Role) -> Iterator[tuple[Trusted, Statement]]:
    """Trust in accounts that are not known to be one's own, without what keeps a deputy from being confused."""
    assume = ActionSet.of(("sts:AssumeRole",))
    for trusted in world.access.trust(role):
        statement = trusted.statement
        if trusted.kind not in _KINDS or trusted.account is None or statement is None:
            continue
        if world.access.foreign_account(trusted.account) is Truth.NO or not possible_actions(statement).overlaps(
            assume
        ):
            continue
        if requires_mfa(statement) is not Truth.YES and _guarded(statement) is not Truth.YES:
            yield trusted, statement


def _matters(world: World, trusted: Trusted) -> bool:
    """Whether a whole account is trusted, or a principal of a company that acts for others."""
    account = str(trusted.account)
    if _third_parties.name_of(world, account) is not None:
        return True
    return trusted.kind is Kind.ACCOUNT and account.isdigit() and world.access.foreign_account(account) is not Truth.NO


def _called(world: World, trusted: Trusted) -> str:
    name = _third_parties.name_of(world, str(trusted.account))
    return f"{name} ({trusted.account})" if name else f"account {trusted.account}"


def _guarded(statement: Statement) -> Truth:
    """Whether a statement asks for an external id, or pins the organization or the principal."""
    return any_of(_guards(item) for item in statement.conditions)


def _guards(condition: Maybe[Condition]) -> Truth:
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    key = condition.key.lower()
    if not is_positive_guard(condition):
        return Truth.NO
    if key in _PINS:
        return ~holds((condition,), FOREIGN)
    if key != _EXTERNAL_ID:
        return Truth.NO
    operator = parse_operator(condition.operator)
    wild = operator is not None and operator.wildcards
    # An id that is not known is one that somebody keeps elsewhere, as he should.
    return all_of(
        Truth.of(known=isinstance(value, Unknown) or (value != "" and not (wild and covers(value, "*"))))
        for value in condition.values
    )
