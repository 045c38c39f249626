"""Allow for everybody is limited by nothing but what the caller writes into his own request.

## Why it matters

`Referer` and `User-Agent` are headers: whoever sends the request writes them, and the right value stands in every page and every log. `aws:SecureTransport` says that
the connection is encrypted, not who is at its other end. None of them keeps anybody out.

## How to fix it

Say who may come:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:PrincipalOrgID"
  values   = ["o-exampleorg1"]
}
```

A website's files belong behind CloudFront with origin access control; the demand for TLS belongs in a Deny.

## How to fix it in CloudFormation

Say who may come:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:PrincipalOrgID: o-exampleorg1
```

A website's files belong behind CloudFront with origin access control; the demand for TLS belongs in a Deny.

## What it leaves alone

How bad it is: the rules about public buckets, keys, queues and roles say that the resource is open. This rule tells which mistake stands behind it, and is
therefore low. Statements with a condition on the caller, his network or the source; policies with a Deny that keeps strangers out; buckets whose public access block does.

## When it cannot tell

Another condition of the statement is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from ...policy.grant import statement_actions
from ...policy.public import TRUST, public_statements, strangers, surface_of
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Place, places

_WHY: Final = {
    "aws:referer": "the Referer header is written by whoever sends the request",
    "aws:useragent": "the User-Agent header is written by whoever sends the request",
    "aws:securetransport": "TLS says nothing about who is at the other end",
}

_BUCKET = """
resource "aws_s3_bucket" "site" {
  bucket = "site"
}

resource "aws_s3_bucket_policy" "site" {%s
  bucket = aws_s3_bucket.site.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = "*"
      Resource  = "${aws_s3_bucket.site.arn}/*"
      Condition = { %s }
    }]
  })
}
"""
_REFERER: Final = 'StringLike = { "aws:Referer" = "https://www.example.com/*" }'

BAD = Example(_BUCKET % ("  # bad", _REFERER), "everybody can send the header")
BAD_TLS = Example(_BUCKET % ("  # bad", 'Bool = { "aws:SecureTransport" = "true" }'), "everybody can use TLS")
GOOD = Example(_BUCKET % ("", f'{_REFERER}, IpAddress = {{ "aws:SourceIp" = "198.51.100.0/24" }}'))
GOOD_BLOCKED = Example(
    _BUCKET % ("", _REFERER)
    + """
resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
""",
    "strangers are kept out by the block",
)
UNDECIDED = Example(_BUCKET % ("  # undecided", f"{_REFERER}, IpAddress = var.more") + '\nvariable "more" {}\n')


@rule(
    code="IAM502",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-referer",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ),
    controls=("CWE-290",),
    examples=(BAD, BAD_TLS, GOOD, GOOD_BLOCKED, UNDECIDED),
)
def spoofable_condition_as_only_protection(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Allow that strangers satisfy by writing a header or using TLS."""
    for place in places(world):
        if place.is_identity or place.is_guardrail:
            continue
        surface = TRUST if place.kind == "role" else surface_of(place.kind)
        for found in public_statements(place.document, surface, network_bound=place.network_bound):
            statement = found.statement
            keys = () if statement is None else _spoofable(statement)
            if statement is None or not keys or not _is_reachable(world, place):
                continue
            evidence, related = describe(statement), place.related
            key = statement.sid or str(statement.index + 1)
            if found.is_public is Truth.UNKNOWN:
                message = (
                    f"the statement rests on {' and '.join(keys)}, unless what is not known of it keeps strangers out"
                )
                yield Undecided(subject=place.origin, message=message, evidence=evidence, related=related, key=key)
                continue
            yield Violation(
                subject=place.origin,
                message=f"{strangers(((found.level, statement),))} may call {_what(statement)}: {_WHY[keys[0].lower()]}",
                evidence=evidence,
                related=related,
                key=key,
            )


def _spoofable(statement: Statement) -> tuple[str, ...]:
    """The keys of a statement's conditions, if all that are known are the caller's to choose."""
    asked = tuple(item.key for item in statement.conditions if isinstance(item, Condition))
    return asked if all(key.lower() in _WHY for key in asked) else ()


def _is_reachable(world: World, place: Place) -> bool:
    """Whether nothing outside the policy keeps strangers out, as a bucket's public access block does."""
    for policy in world.estate.bucket_policies:
        if policy.origin is place.origin:
            bucket = world.graph.bucket(policy.bucket, policy.origin.account)
            return bucket is None or world.access.exposure(bucket).is_open is not Truth.NO
    return True


def _what(statement: Statement) -> str:
    return ", ".join(statement_actions(statement)[0].compressed(4)) or "it"
