"""Access key is switched off, but kept.

## Why it matters

An inactive access key can be switched on again by anyone who may call `iam:UpdateAccessKey`, and its secret is still wherever it was
copied to. A key that nobody needs should not exist.

## How to fix it

Delete the resource that makes the key. If it was switched off as a step of a rotation, delete it once the new key works.

## What it leaves alone

Active keys; other rules speak about them.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

_USER = """
resource "aws_iam_user" "exporter" {
  name = "exporter"
}
"""

BAD = Example(
    _USER
    + """
resource "aws_iam_access_key" "old" {
  user   = aws_iam_user.exporter.name
  status = "Inactive"  # bad
}
"""
)

GOOD = Example(
    _USER
    + """
resource "aws_iam_access_key" "current" {
  user = aws_iam_user.exporter.name
}
""",
    "keys are active unless they say otherwise",
)

UNDECIDED = Example(
    _USER
    + """
resource "aws_iam_access_key" "some" {
  user   = aws_iam_user.exporter.name
  status = var.status  # undecided
}

variable "status" {}
"""
)


@rule(
    code="IAM807",
    severity=Severity.LOW,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",),
    controls=("CIS 1.11 (v3: 1.12)",),
    examples=(BAD, GOOD, UNDECIDED),
)
def inactive_key_kept(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each access key that is not active."""
    for key in world.estate.access_keys:
        if isinstance(key.status, Unknown):
            yield Undecided(
                subject=key.origin, message=f"whether the access key is active is not known: {key.status.because}"
            )
        elif key.status == "Inactive":
            yield Violation(
                subject=key.origin,
                message="the access key is inactive, but can be switched on again at any time",
                evidence=('status = "Inactive"',),
            )
