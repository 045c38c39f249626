"""Account's public access block is missing, or leaves one of its four protections off.

## Why it matters

The block for the account is the one setting that no bucket can undo: it holds for every bucket there is and every one that will be made, by
whatever tool. A flag that is not set is off.

## How to fix it

```hcl
resource "aws_s3_account_public_access_block" "this" {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
```

## What it leaves alone

Configurations that do not set up accounts. That one does is told by the account's password policy; then a missing block is of low severity.

## When it cannot tell

A flag is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

_BLOCK = """
resource "aws_s3_account_public_access_block" "this" {%s
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = %s
  restrict_public_buckets = true
}
"""
_PASSWORDS = """
resource "aws_iam_account_password_policy" "this" {%s
  minimum_password_length = 14
}
"""

FLAG_OFF = Example(_BLOCK % ("  # bad", "false"), "public policies can be set")
MISSING = Example(_PASSWORDS % "  # bad", "sets up an account, of low severity")
GOOD = Example(_PASSWORDS % "" + _BLOCK % ("", "true"), "all four")
UNDECIDED = Example('variable "block" {}\n' + _BLOCK % ("  # undecided", "var.block"), "a flag without a value")


@rule(
    code="IAM906",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_account_public_access_block",
    ),
    controls=("CIS 2.1.4", "Security Hub S3.1", "CWE-284"),
    examples=(FLAG_OFF, MISSING, GOOD, UNDECIDED),
)
def account_public_access_block(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each block of an account, and for each account that is set up without one."""
    blocks = [block for block in world.estate.public_access_blocks if block.bucket is None]
    for block in blocks:
        off = [name for name, value in block.flags if value is False]
        unknown = [(name, value) for name, value in block.flags if isinstance(value, Unknown)]
        if off:
            yield Violation(
                subject=block.origin,
                message=f"the account's public access block leaves {', '.join(off)} off for every bucket of the account",
                evidence=tuple(f"{name} = false" for name in off),
            )
        elif unknown:
            name, value = unknown[0]
            yield Undecided(
                subject=block.origin,
                message=f"whether {name} is on for the account is not known: {value.because}",
            )
    if not world.estate.complete or world.estate.unseen:
        return  # the block may be in what was not seen
    covered = {block.origin.account for block in blocks}
    for policy in world.estate.password_policies:
        if policy.origin.account not in covered:
            covered.add(policy.origin.account)
            yield Violation(
                subject=policy.origin,
                message="this sets up an account, but declares no public access block for its buckets",
                severity=Severity.LOW,
            )
