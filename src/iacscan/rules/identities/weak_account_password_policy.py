"""Account's password policy lets short passwords in, or old ones come back.

## Why it matters

A console password is all that many users of IAM have. Short ones are guessed, and one that comes back after a forced change was not changed.
What the policy does not set has AWS's default: six characters, and no memory of old passwords.

## How to fix it

Ask for 14 characters or more, and remember 24 passwords:

```hcl
resource "aws_iam_account_password_policy" "this" {
  minimum_password_length   = 14
  password_reuse_prevention = 24
}
```

## What it leaves alone

How old a password may become, and which characters it must have: length counts for more than either. Where nobody in the input signs in with a
password, the severity is low.

## When it cannot tell

A number is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...model.iam import PasswordPolicy
from ...value import Maybe, Unknown
from .._rule import Example, Verdict, World, rule

_LENGTH: Final = 14  # characters
_MEMORY: Final = 24  # passwords, the most that AWS remembers
_DEFAULT_LENGTH: Final = 6

_POLICY = """
resource "aws_iam_account_password_policy" "this" {%s
  minimum_password_length   = %s
  password_reuse_prevention = %s
}
"""

BAD = Example(_POLICY % ("  # bad", "8", "24"))
BAD_UNSET = Example(
    """
resource "aws_iam_account_password_policy" "this" {  # bad
  minimum_password_length = 16
}
""",
    "nothing is said of old passwords, which may come back",
)
GOOD = Example(_POLICY % ("", "16", "24"))
UNDECIDED = Example(_POLICY % ("  # undecided", "var.length", "24") + '\nvariable "length" {}\n')


@rule(
    code="IAM110",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",),
    controls=("CIS 1.7, 1.8 (v3: 1.8, 1.9)", "Security Hub IAM.15", "Security Hub IAM.16", "CWE-521"),
    examples=(BAD, BAD_UNSET, GOOD, UNDECIDED),
)
def weak_account_password_policy(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each policy."""
    for policy in world.estate.password_policies:
        found = tuple(_weak(policy))
        unknown = [value for value in (policy.minimum_length, policy.reuse_prevention) if isinstance(value, Unknown)]
        if found:
            yield Violation(
                subject=policy.origin,
                message=" and ".join(message for message, _ in found),
                evidence=tuple(line for _, line in found),
                severity=None if world.estate.login_profiles else Severity.LOW,
            )
        elif unknown:
            yield Undecided(
                subject=policy.origin, message=f"how strong passwords must be is not known: {unknown[0].because}"
            )


def _weak(policy: PasswordPolicy) -> Iterator[tuple[str, str]]:
    """What is too little, with the setting that says so."""
    if _less(policy.minimum_length, _DEFAULT_LENGTH, _LENGTH):
        yield (
            f"passwords may be shorter than {_LENGTH} characters",
            _shown("minimum_password_length", policy.minimum_length),
        )
    if _less(policy.reuse_prevention, 0, _MEMORY):
        yield (
            f"one of the last {_MEMORY} passwords may be taken again",
            _shown("password_reuse_prevention", policy.reuse_prevention),
        )


def _less(value: Maybe[int] | None, default: int, wanted: int) -> bool:
    return not isinstance(value, Unknown) and (default if value is None else value) < wanted


def _shown(name: str, value: Maybe[int] | None) -> str:
    return f"{name} is not set" if value is None else f"{name} = {value}"
