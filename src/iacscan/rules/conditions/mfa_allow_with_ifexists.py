"""Allow asks for MFA in a way that long-term access keys pass without it.

## Why it matters

Requests that are signed with a user's access key carry no `aws:MultiFactorAuthPresent`, and `IfExists` holds for a key that is missing. So the people
who sign in properly are asked for their second factor, and whoever finds an access key is not.

## How to fix it

```hcl
condition {
  test     = "Bool"
  variable = "aws:MultiFactorAuthPresent"
  values   = ["true"]
}
```

## What it leaves alone

Policies that only roles or permission sets have, which have no long-term keys, trust in services and identity providers, and Allows beside which
a Deny stops access keys without MFA.

## When it cannot tell

The value that is compared is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.judge import holds
from ...policy.condition.mfa import LONG_TERM_KEY, spares_access_keys
from ...policy.describe import describe
from ...policy.document import Principal, Statement
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import leaves

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
    examples=(BAD, BAD_AGE, GOOD, GOOD_BOTH, UNDECIDED),
)
def mfa_allow_with_ifexists(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Allow whose demand for MFA spares access keys."""
    for leaf in leaves(world):
        spares = spares_access_keys(leaf.condition)
        if spares is Truth.NO or leaf.denies is not Truth.NO or not _may_be_users(leaf.statement):
            continue
        admitted = holds(leaf.statement.conditions, LONG_TERM_KEY)
        if admitted is Truth.NO or not leaf.has_long_term_keys or leaf.is_denied_elsewhere(LONG_TERM_KEY):
            continue
        if spares is Truth.UNKNOWN:
            yield Undecided(
                subject=leaf.place.origin,
                message="the Allow may be meant to ask for MFA, and then lets long-term access keys pass: its value is not known",
                evidence=describe(leaf.statement),
                related=leaf.place.related,
                key=leaf.key,
            )
        else:
            yield Violation(
                subject=leaf.place.origin,
                message="requests that are signed with a long-term access key are allowed without MFA, as they do not carry the key",
                evidence=describe(leaf.statement),
                related=leaf.place.related,
                key=leaf.key,
            )


def _may_be_users(statement: Statement) -> bool:
    """Whether users may be among those that a statement is about: services and identity providers have no access keys."""
    named = statement.principals
    return named is None or any(not isinstance(item, Principal) or item.kind not in _NO_USERS for item in named)
