"""Allow asks about MFA in a way that requests without it pass.

## Why it matters

Requests that are signed with a user's access key carry no `aws:MultiFactorAuthPresent`, and `IfExists` holds for a key that is missing. So the people
who sign in properly are asked for their second factor, and whoever finds an access key is not. `Null` asks only whether the key is there, which it is
in every session, with MFA or without; and the value `false` lets in those who have no MFA and nobody else.

## How to fix it

Ask for the value `true`, without `IfExists`:

```hcl
condition {
  test     = "Bool"
  variable = "aws:MultiFactorAuthPresent"
  values   = ["true"]
}
```

## How to fix it in CloudFormation

Ask for the value `true`, without `IfExists`:

```yaml
StaffPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Groups:
      - !Ref StaffGroup
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:DeleteObject
          Resource: !Sub ${ReportsBucket.Arn}/*
          Condition:
            Bool:
              aws:MultiFactorAuthPresent: "true"
```

## What it leaves alone

IfExists in policies that only roles or permission sets have, which have no long-term keys, trust in services and identity providers, Allows beside which
a Deny stops such requests, and Allows of what people need to do to get MFA.

## When it cannot tell

The value that is compared is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.judge import Context, holds
from ...policy.condition.mfa import LONG_TERM_KEY, asks_wrongly, is_first_step, spares_access_keys
from ...policy.describe import describe
from ...policy.document import Principal, Statement
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

_NO_USERS: Final = frozenset(("Service", "Federated"))

_TRUST = """
resource "aws_iam_role" "admin" {%s
  name               = "admin"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Condition = { %s }
    }]
  })
}
"""

BAD = Example(_TRUST % ("  # bad", 'BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" }'))
BAD_AGE = Example(
    _TRUST % ("  # bad", 'NumericLessThanIfExists = { "aws:MultiFactorAuthAge" = "3600" }'), "the same with its age"
)
BAD_VALUE = Example(_TRUST % ("  # bad", 'Bool = { "aws:MultiFactorAuthPresent" = "false" }'), "for those without MFA")
BAD_NULL = Example(
    _TRUST % ("  # bad", 'Null = { "aws:MultiFactorAuthPresent" = "false" }'), "each session carries the key"
)
GOOD_NULL = Example(
    _TRUST % ("", 'Null = { "aws:MultiFactorAuthAge" = "false" }'), "only sessions with MFA carry this one"
)
GOOD = Example(_TRUST % ("", 'Bool = { "aws:MultiFactorAuthPresent" = "true" }'))
GOOD_BOTH = Example(
    _TRUST
    % (
        "",
        'Bool = { "aws:MultiFactorAuthPresent" = "true" }, NumericLessThanIfExists = { "aws:MultiFactorAuthAge" = "3600" }',
    ),
    "another condition demands it",
)
UNDECIDED = Example(
    _TRUST % ("  # undecided", 'BoolIfExists = { "aws:MultiFactorAuthPresent" = var.value }')
    + '\nvariable "value" {}\n'
)


@rule(
    code="IAM515",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    ),
    controls=("CIS 1.9 (v3: 1.10)", "CWE-308"),
    examples=(BAD, BAD_AGE, BAD_VALUE, BAD_NULL, GOOD, GOOD_NULL, GOOD_BOTH, UNDECIDED),
)
def mfa_allow_with_ifexists(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Allow whose demand for MFA spares somebody; one for a statement that asks wrongly twice."""
    done: set[tuple[str, int]] = set()
    for leaf in leaves(world):
        place = (leaf.place.origin.address, leaf.statement.index)
        if leaf.denies is not Truth.NO or place in done or not _may_be_users(leaf.statement):
            continue
        verdict = _by_if_exists(leaf) or _by_value(leaf)
        if verdict is not None:
            done.add(place)
            yield verdict


def _by_if_exists(leaf: Leaf) -> Verdict | None:
    """Judge a condition that asks for MFA where the request tells of it."""
    spares = spares_access_keys(leaf.condition)
    if spares is Truth.NO or not _admits(leaf, LONG_TERM_KEY):
        return None
    if spares is Truth.UNKNOWN:
        return Undecided(
            subject=leaf.place.origin,
            message="the Allow may be meant to ask for MFA, and then lets long-term access keys pass: its value is not known",
            evidence=describe(leaf.statement),
            related=leaf.place.related,
            key=leaf.key,
        )
    return Violation(
        subject=leaf.place.origin,
        message="requests that are signed with a long-term access key are allowed without MFA, as they do not carry the key",
        evidence=describe(leaf.statement),
        related=leaf.place.related,
        key=leaf.key,
    )


def _by_value(leaf: Leaf) -> Verdict | None:
    """Judge a condition that asks for the wrong value, or for none."""
    admitted = [context for context in asks_wrongly(leaf.condition) if _admits(leaf, context)]
    if not admitted or is_first_step(leaf.statement):
        return None
    return Violation(
        subject=leaf.place.origin,
        message=f"the condition {leaf.text} does not ask for MFA: it holds for {' and for '.join(item.name for item in admitted)}",
        evidence=describe(leaf.statement),
        related=leaf.place.related,
        remedy='Write Bool aws:MultiFactorAuthPresent "true".',
        key=leaf.key,
    )


def _admits(leaf: Leaf, callers: Context) -> bool:
    """Whether callers without MFA get what the statement allows."""
    if callers is LONG_TERM_KEY and not leaf.has_long_term_keys:
        return False
    return holds(leaf.statement.conditions, callers) is not Truth.NO and not leaf.is_denied_elsewhere(callers)


def _may_be_users(statement: Statement) -> bool:
    """Whether users may be among those that a statement is about: services and identity providers have no access keys."""
    named = statement.principals
    return named is None or any(not isinstance(item, Principal) or item.kind not in _NO_USERS for item in named)
