"""`aws:PrincipalArn` is compared with the ARN of a session, or with one that lacks the role's path; it holds the ARN of the role.

## Why it matters

What CloudTrail and `sts get-caller-identity` show, `arn:aws:sts::111122223333:assumed-role/admin/mira`, is not what the key holds: that is the role's own ARN, with its path. So
the role that a Deny was to spare is denied like all others, and the one that an Allow was to let in is not.

## How to fix it

Compare with the ARN of the role, with its path:

```hcl
condition {
  test     = "ArnNotLike"
  variable = "aws:PrincipalArn"
  values   = ["arn:aws:iam::111122223333:role/admin"]
}
```

A single session is named by `aws:userid` with the role's id: `AROA…:mira`.

## How to fix it in CloudFormation

Compare with the ARN of the role, with its path:

```yaml
- Effect: Deny
  Principal: "*"
  Action: s3:DeleteObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ArnNotLike:
      aws:PrincipalArn: !GetAtt AdminRole.Arn
```

A single session is named by `aws:userid` with the role's id: `!Sub ${AdminRole.RoleId}:mira`.

## What it leaves alone

Sessions of federated users, whose ARNs the key does hold, and the root user in Denies, where he is meant.

## When it cannot tell

The rule is always certain about the ARNs that it sees. One that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator

from msgspec import Struct

from ...finding import Severity, Violation
from ...policy.condition.judge import is_positive_guard
from ...policy.condition.operators import parse_operator
from ...policy.condition.principal_arn import KEY, USER_ID, is_root, is_session, lacks_session, missing_path, role_of
from ...policy.describe import describe
from ...policy.pattern import overlaps_arn
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_POLICY = """
resource "aws_iam_policy" "guard" {%s
  name   = "guard"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "kms:ScheduleKeyDeletion"
      Resource  = "*"
      Condition = { %s = { "%s" = "%s" } }
    }]
  })
}
"""
_ARN = "aws:PrincipalArn"

BAD = Example(
    _POLICY % ("  # bad", "Deny", "ArnNotLike", _ARN, "arn:aws:sts::111122223333:assumed-role/admin/*"), "spares nobody"
)
BAD_PATH = Example(
    _POLICY % ("  # bad", "Allow", "ArnLike", _ARN, "arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_*"),
    "Identity Center puts its roles under a path",
)
BAD_ROOT = Example(
    _POLICY % ("  # bad", "Allow", "ArnEquals", _ARN, "arn:aws:iam::111122223333:root"),
    "the root user, not the account",
)
BAD_ID = Example(
    _POLICY % ("  # bad", "Deny", "StringNotEquals", "aws:userid", "AROAEXAMPLEID1234567"), "sessions have AROA…:name"
)
GOOD = Example(_POLICY % ("", "Deny", "ArnNotLike", _ARN, "arn:aws:iam::111122223333:role/admin"))
GOOD_ROOT = Example(_POLICY % ("", "Deny", "ArnLike", _ARN, "arn:aws:iam::*:root"), "the root user is meant")


class _Fault(Struct, frozen=True):
    """Why a value is not what it was meant for, and what to write instead."""

    because: str
    instead: str


@rule(
    code="IAM538",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable",
    ),
    examples=(BAD, BAD_PATH, BAD_ROOT, BAD_ID, GOOD, GOOD_ROOT),
)
def principalarn_session_arn(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition with such a value."""
    for leaf in leaves(world):
        if leaf.condition.key.lower() not in (KEY, USER_ID) or is_told_by_another(leaf, "IAM538"):
            continue
        operator = parse_operator(leaf.condition.operator)
        found = {
            value: fault for value in leaf.condition.values if isinstance(value, str) and (fault := _fault(leaf, value))
        }
        if operator is None or not found:
            continue
        whole = len(found) == len(leaf.condition.values)
        if all(map(is_root, found)):
            if whole:
                then = "so the statement is for the root user only, and for nobody else of the account"
                yield _violation(leaf, found, then, Severity.MEDIUM)
        elif whole:
            grave = leaf.denies is Truth.YES or operator.negated
            yield _violation(leaf, found, leaf.consequence(operator.negated), None if grave else Severity.MEDIUM)
        else:
            severity = Severity.LOW if _is_named_rightly(leaf, found) else Severity.MEDIUM
            yield _violation(leaf, found, "so that part of the condition does nothing", severity)


def _is_named_rightly(leaf: Leaf, found: dict[str, _Fault]) -> bool:
    """Whether whom the wrong values mean is named by others beside them."""
    others = [value for value in leaf.condition.values if isinstance(value, str) and value not in found]
    return all(any(overlaps_arn(fault.instead, other) is Truth.YES for other in others) for fault in found.values())


def _fault(leaf: Leaf, value: str) -> _Fault | None:
    if leaf.condition.key.lower() == USER_ID:
        return (
            _Fault(f"aws:userid of a role's session is {value}:name, never {value} alone", f"{value}:*")
            if lacks_session(value)
            else None
        )
    role = role_of(value)
    if is_session(value) and role is not None:
        return _Fault(f"aws:PrincipalArn of a session is the ARN of its role, never {value}", role)
    right = missing_path(value)
    if right is not None:
        return _Fault(f"{value} lacks the path that AWS puts the role under", right)
    if is_root(value) and leaf.denies is Truth.NO and is_positive_guard(leaf.condition):
        account = value.split(":")[4]
        return _Fault(f"aws:PrincipalArn is {value} for the root user himself", f"aws:PrincipalAccount {account}")
    return None


def _violation(leaf: Leaf, found: dict[str, _Fault], then: str, severity: Severity | None) -> Violation:
    first = next(iter(found.values()))
    return Violation(
        subject=leaf.place.origin,
        message=f"{first.because}, {then}",
        evidence=(leaf.text, *describe(leaf.statement)),
        related=leaf.place.related,
        severity=severity,
        remedy=f"Write {first.instead}.",
        key=leaf.key,
    )
