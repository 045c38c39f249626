"""Policy or ACL lets strangers in, and only the public access block or object ownership stops it.

## Why it matters

The grant waits: whoever switches the block off, or makes the bucket anew without it, opens the bucket without touching its policy. Until then it does harm of another
kind: S3 refuses to set a public policy or ACL under the block, so the deployment may fail, and the flag `restrict_public_buckets` cuts off all other accounts that a public policy
names along with the strangers.

## How to fix it

Name who is meant instead of everybody:

```hcl
principals {
  type        = "AWS"
  identifiers = ["arn:aws:iam::111122223333:role/reader"]
}
```

## How to fix it in CloudFormation

Name who is meant instead of everybody:

```yaml
- Effect: Allow
  Principal:
    AWS: arn:aws:iam::111122223333:role/reader
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
```

## What it leaves alone

Grants that let strangers write, which `bucket-world-writable` reports even behind a block; access points and objects.

## When it cannot tell

A policy that is not known is harmless behind a block that is on, whatever it says, and one that is public where the block is not known is reported as open. So
nothing is left undecided here.
"""

from collections.abc import Iterator
from typing import Final, Literal

from ...bucket_access import Exposure, Way
from ...finding import Related, Severity, Violation
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Principal, Statement
from ...policy.principal import Kind, classify
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _bucket

_KINDS: Final[tuple[Literal["policy", "acl"], ...]] = ("policy", "acl")
_REFUSING: Final = {"policy": "block_public_policy", "acl": "block_public_acls"}
_WRITTEN: Final = frozenset({"create", "update", "replace"})

_BUCKET = """
provider "aws" {
  allowed_account_ids = ["111122223333"]
}

resource "aws_s3_bucket" "reports" {%s
  bucket = "example-reports"
}

resource "aws_s3_bucket_public_access_block" "reports" {
  bucket                  = aws_s3_bucket.reports.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "reports" {
  bucket = aws_s3_bucket.reports.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = %s, Action = "s3:GetObject", Resource = "${aws_s3_bucket.reports.arn}/public/*" },
      { Effect = "Allow", Principal = { AWS = "%s" }, Action = "s3:GetObject", Resource = "${aws_s3_bucket.reports.arn}/*" },
    ]
  })
}
"""

BAD = Example(_BUCKET % ("  # bad", '"*"', "111122223333"), "public, but for the block")
BAD_CUT = Example(
    _BUCKET % ("  # bad", '"*"', "444455556666"), "the other account loses its access, too, of medium severity"
)
GOOD = Example(_BUCKET % ("", '{ AWS = "arn:aws:iam::111122223333:role/reader" }', "444455556666"), "nobody is public")


@rule(
    code="IAM910",
    severity=Severity.INFO,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",),
    controls=("CIS 2.1.4", "CWE-284"),
    examples=(BAD, BAD_CUT, GOOD),
)
def public_grant_neutralised(world: World) -> Iterator[Verdict]:
    """Yield a violation for each bucket's policy, and for its ACLs, that something declared here makes harmless."""
    for exposure in _bucket.exposures(world):
        for kind in _KINDS:
            ways = tuple(way for way in _bucket.stopped(exposure, kind) if not set(way.access) & {"write", "control"})
            if not ways:
                continue
            found = _bucket.Opening(exposure, kind, ways, "neutralised")
            cut = _cut_off(world, exposure) if kind == "policy" else {}
            certain = [name for name, (truth, _) in cut.items() if truth is Truth.YES]
            yield Violation(
                subject=exposure.bucket.origin,
                message=f"the {kind} lets {found.who} {_bucket.deeds(found)}, and only {_guard(ways[0])} stops it"
                f"{_refused(exposure, kind, ways)}{_losses(cut, certain)}",
                evidence=tuple(
                    dict.fromkeys((*found.evidence, *(line for _, lines in cut.values() for line in lines)))
                ),
                related=_places(ways, exposure),
                severity=Severity.MEDIUM if certain else None,
                key=kind,
            )


def _guard(way: Way) -> str:
    return "object ownership" if way.guard == "object_ownership" else way.guard


def _refused(exposure: Exposure, kind: Literal["policy", "acl"], ways: tuple[Way, ...]) -> str:
    """What becomes of the apply, where this change writes the grant."""
    written = any(way.subject.action in _WRITTEN for way in ways)
    enforced = ways[0].guard == "object_ownership"
    if not written or not (enforced or exposure.flag(_REFUSING[kind]).value is Truth.YES):
        return ""
    return "; S3 refuses to set it, so the apply fails"


def _cut_off(world: World, exposure: Exposure) -> dict[str, tuple[Truth, tuple[str, ...]]]:
    """Other accounts that the policy names, which `restrict_public_buckets` cuts off as long as the policy is public.

    Each with whether it certainly is another account, and the statement.
    """
    found: dict[str, tuple[Truth, tuple[str, ...]]] = {}
    subjects = {way.subject for way in exposure.ways if way.kind == "policy"}
    for policy in world.estate.bucket_policies:
        if policy.origin in subjects and isinstance(policy.document, PolicyDocument):
            for statement in policy.document.statements:
                for account, truth in _accounts(world, statement):
                    found.setdefault(account, (truth, describe(statement)))
    return found


def _accounts(world: World, statement: Statement) -> Iterator[tuple[str, Truth]]:
    for principal in statement.principals or () if statement.effect == "Allow" else ():
        account = classify(principal).account if isinstance(principal, Principal) else None
        if account is not None and isinstance(principal, Principal) and classify(principal).kind is not Kind.ANYONE:
            truth = world.access.foreign_account(account)
            if truth is not Truth.NO:
                yield account.strip("⟦⟧"), truth


def _losses(cut: dict[str, tuple[Truth, tuple[str, ...]]], certain: list[str]) -> str:
    if not cut:
        return ""
    names = ", ".join(sorted(certain or cut))
    doubt = "" if certain else ", if it is not your own account"
    return f"; it also cuts off {names}{doubt}, because one public statement makes the whole policy public"


def _places(ways: tuple[Way, ...], exposure: Exposure) -> tuple[Related, ...]:
    notes = {way.subject: "grants it" for way in ways}
    for way in ways:
        for origin in way.saved_by:
            notes.setdefault(origin, "stops it")
    return tuple(Related(origin, note) for origin, note in notes.items() if origin != exposure.bucket.origin)
