"""IAM user has a long-lived credential of its own for one service.

## Why it matters

Service-specific passwords, API keys, SSH keys and signing certificates belong to an IAM user and work until somebody deletes them. They appear in no
credential report that looks at access keys only, and an API key for Amazon Bedrock without an end date lets anyone who finds it spend money for years.

## How to fix it

Use the temporary credentials of a role: `git-remote-codecommit` for CodeCommit, the SigV4 plugin for Amazon Keyspaces, short-term keys for
Amazon Bedrock. Where a long-term API key cannot be avoided, let it end, which makes the finding less severe:

```hcl
resource "aws_iam_service_specific_credential" "bedrock" {
  user_name           = aws_iam_user.assistant.name
  service_name        = "bedrock.amazonaws.com"
  credential_age_days = 30
}
```

## What it leaves alone

Credentials that are inactive.

## When it cannot tell

The status of the credential is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

_KINDS: Final = {
    "aws_iam_service_specific_credential": "a service-specific credential",
    "aws_iam_user_ssh_key": "an SSH key for CodeCommit",
    "aws_iam_signing_certificate": "a signing certificate",
}
# Services whose service-specific credentials are API keys: a bearer of the text needs nothing else.
_API_KEYS: Final = frozenset(("bedrock.amazonaws.com", "logs.amazonaws.com"))

_USER = """
resource "aws_iam_user" "assistant" {
  name = "assistant"
}
"""
_CREDENTIAL = """
resource "aws_iam_service_specific_credential" "assistant" {%s
  user_name    = aws_iam_user.assistant.name
  service_name = "%s"%s
}
"""

BAD = Example(_USER + _CREDENTIAL % ("  # bad", "bedrock.amazonaws.com", ""), "an API key that never ends")

PASSWORD = Example(_USER + _CREDENTIAL % ("  # bad", "codecommit.amazonaws.com", ""), "a Git password")

GOOD = Example(
    _USER + _CREDENTIAL % ("", "codecommit.amazonaws.com", '\n  status       = "Inactive"'),
    "it is switched off",
)

UNDECIDED = Example(
    _USER
    + _CREDENTIAL % ("  # undecided", "codecommit.amazonaws.com", "\n  status       = var.status")
    + '\nvariable "status" {}\n'
)


@rule(
    code="IAM111",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
    ),
    examples=(BAD, PASSWORD, GOOD, UNDECIDED),
)
def long_lived_service_credential(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each credential that is or may be active."""
    for item in world.estate.service_credentials:
        what = _KINDS.get(item.kind, item.kind)
        if isinstance(item.service, str):
            what = f"{what} for {item.service}"
        if isinstance(item.status, Unknown) and item.status.references:
            yield Undecided(
                subject=item.origin, message=f"whether {what} is active is not known: {item.status.because}"
            )
            continue
        if item.status == "Inactive":
            continue
        endless = item.service in _API_KEYS and item.age_days is None
        ends = f"ends after {item.age_days} days" if isinstance(item.age_days, int) else "works until it is deleted"
        yield Violation(
            subject=item.origin,
            message=f"{what} {ends}; whoever has it acts as the user"
            + (", with no other proof of who it is" if endless else ""),
            evidence=("credential_age_days is not set",) if endless else (),
            severity=Severity.HIGH if endless else None,
        )
