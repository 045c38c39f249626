"""Public bucket policy and the public access block that decides over it are made in no order.

## Why it matters

A new bucket refuses public policies until its block allows them, and a block that refuses them does not remove one that is there. Terraform makes both at the same
time unless one waits for the other, so chance decides whether the apply fails with AccessDenied, or whether a policy slips in that the block is there to refuse.

## How to fix it

Let the policy wait for the block:

```hcl
resource "aws_s3_bucket_policy" "site" {
  bucket     = aws_s3_bucket.site.id
  policy     = data.aws_iam_policy_document.site.json
  depends_on = [aws_s3_bucket_public_access_block.site]
}
```

## What it leaves alone

Policies that are not public: S3 takes them in any order, and the provider repeats what S3 turns away because both come at once. Buckets that are there already, and blocks with `restrict_public_buckets`,
which hold whenever they come.

## When it cannot tell

The policy waits for something else, which may in turn wait for the block.
"""

from collections.abc import Iterator
from typing import Final

from ...bucket_access import Way
from ...finding import Origin, Related, Severity, Undecided, Violation
from ...model import s3
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

_NEW: Final = frozenset({"create", "replace"})
_MADE_OF_NOTHING: Final = ("data.", "local.", "var.", "each.")  # what nothing has to be made for
_BLOCK_FLAG: Final = "block_public_policy"

_BUCKET = """
resource "aws_s3_bucket" "site" {
  bucket = "example-site"
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = %s
  restrict_public_buckets = false
}

resource "aws_s3_bucket_policy" "site" {%s
  bucket = %s
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = %s, Action = "s3:GetObject", Resource = "arn:aws:s3:::example-site/*" }]
  })
%s}
"""
_ID = "aws_s3_bucket.site.id"

BAD = Example(_BUCKET % ("false", "  # bad", _ID, '"*"', ""), "the block allows it, if it comes first")
BAD_REFUSED = Example(_BUCKET % ("true", "  # bad", _ID, '"*"', ""), "the block refuses it, if it comes first")
ORDERED = Example(
    _BUCKET % ("false", "", _ID, '"*"', "\n  depends_on = [aws_s3_bucket_public_access_block.site]\n"), "it waits"
)
THROUGH = Example(
    _BUCKET % ("false", "", "aws_s3_bucket_public_access_block.site.bucket", '"*"', ""),
    "it waits, for it refers to the block",
)
PRIVATE = Example(_BUCKET % ("true", "", _ID, '{ AWS = "arn:aws:iam::111122223333:role/reader" }', ""), "not public")
UNDECIDED = Example(
    _BUCKET % ("false", "  # undecided", _ID, '"*"', "\n  depends_on = [aws_sqs_queue.settled]\n")
    + """
resource "aws_sqs_queue" "settled" {
  name = "settled"
}
""",
    "it waits for something else",
)


@rule(
    code="IAM915",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html",
    ),
    examples=(BAD, BAD_REFUSED, ORDERED, THROUGH, PRIVATE, UNDECIDED),
)
def pab_created_after_policy(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each public policy that is made together with the block of its new bucket."""
    for bucket in world.estate.buckets:
        if bucket.existed:
            continue
        exposure = world.access.exposure(bucket)
        public = {way.subject: way for way in exposure.ways if way.kind == "policy" and way.status.startswith("open")}
        companions = world.graph.companions(bucket)
        for policy in companions.policies:
            way = public.get(policy.origin)
            if way is None or policy.origin.type == bucket.origin.type:
                continue
            for block in companions.blocks:
                if block.origin.action in _NEW and policy.origin.action in _NEW:
                    yield from _judged(policy, block, bucket.origin, way)


def _judged(policy: s3.BucketPolicy, block: s3.PublicAccessBlock, bucket: Origin, way: Way) -> Iterator[Verdict]:
    if _waits(policy, block.origin) or _waits(block, policy.origin) or isinstance(block.block_public_policy, Unknown):
        return
    others = sorted(
        address
        for address in policy.waits_for
        if not _means(address, bucket) and not address.startswith(_MADE_OF_NOTHING)
    )
    related = (
        Related(block.origin, f"{_BLOCK_FLAG} is {'on' if block.block_public_policy else 'off'}"),
        Related(bucket, "the bucket"),
    )
    if others:
        yield Undecided(
            subject=policy.origin,
            message=f"whether the policy waits for {block.origin.address} is not known: it waits for {', '.join(others)}",
            evidence=way.evidence,
            related=related,
        )
    elif block.block_public_policy:
        yield Violation(
            subject=policy.origin,
            message=f"chance decides whether S3 takes this public policy: {block.origin.address}, made at the same time, is there to refuse it",
            evidence=way.evidence,
            related=related,
        )
    else:
        yield Violation(
            subject=policy.origin,
            message=f"chance decides whether the apply fails: the new bucket refuses public policies until {block.origin.address} is made, and the policy does not wait for it",
            evidence=way.evidence,
            related=related,
        )


def _waits(item: s3.BucketPolicy | s3.PublicAccessBlock, other: Origin) -> bool:
    return any(_means(address, other) for address in item.waits_for)


def _means(address: str, origin: Origin) -> bool:
    """Whether a reference, which may have no key, or name only the module, is to a block."""
    return address in (origin.address, origin.block, origin.resource) or origin.address.startswith(f"{address}.")
