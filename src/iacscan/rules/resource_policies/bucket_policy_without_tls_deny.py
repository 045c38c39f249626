"""Bucket answers requests over plain HTTP.

## Why it matters

S3 answers `http://` as well as `https://`. A client that is configured wrongly, or pushed to HTTP by somebody on the way, sends data and signatures in
the clear, and nobody notices.

## How to fix it

Refuse what comes without TLS:

```hcl
data "aws_iam_policy_document" "data" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
```

## How to fix it in CloudFormation

Refuse what comes without TLS:

```yaml
- Effect: Deny
  Principal: "*"
  Action: s3:*
  Resource:
    - !GetAtt DataBucket.Arn
    - !Sub ${DataBucket.Arn}/*
  Condition:
    Bool:
      aws:SecureTransport: "false"
```

## What it leaves alone

Buckets whose policy, or a resource control policy of the organization, refuses plain HTTP or old versions of TLS. Website endpoints speak only HTTP: there
the finding is informative. Where reading and writing are refused, and only listing,
settings or deleting are left open, the severity is low.

## When it cannot tell

The bucket's policy, or the part of it that could refuse, is not known; or some policy does not say which bucket it belongs to. Or the bucket
has no policy in an input that shows only a part: a targeted plan, a change set.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...model import s3
from ...policy.transport import any_refuses, refuses_insecure
from ...value import Truth, Unknown, any_of
from .._rule import Example, Verdict, World, rule

_BUCKET = """
resource "aws_s3_bucket" "data" {%s
  bucket = "example-data"
}
"""
_POLICY = """
resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = %s
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
"""

NO_POLICY = Example(_BUCKET % "  # bad", "no policy, nothing refused")
OBJECTS = Example(
    _BUCKET % "  # bad" + _POLICY % '"${aws_s3_bucket.data.arn}/*"', "listing is left open, of low severity"
)
GOOD = Example(
    _BUCKET % "" + _POLICY % '[aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]', "everything is refused"
)
UNDECIDED = Example(
    'variable "policy" {}\n'
    + _BUCKET % "  # undecided"
    + """
resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = var.policy
}
""",
    "the policy is a variable without a default",
)


@rule(
    code="IAM602",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",),
    controls=("CIS 2.1.1", "Security Hub S3.5", "CWE-319"),
    examples=(NO_POLICY, OBJECTS, GOOD, UNDECIDED),
)
def bucket_policy_without_tls_deny(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each bucket that does not refuse insecure requests, or may not."""
    adrift = [policy for policy in world.estate.bucket_policies if isinstance(policy.bucket, Unknown)]
    for bucket in world.estate.buckets:
        companions = world.graph.companions(bucket)
        arn = bucket.arn if isinstance(bucket.arn, str) else None
        refusals = [
            refuses_insecure(policy.document, arn)
            for policy in companions.policies
            if not isinstance(policy.document, Unknown)
        ]
        listing = any_of(refusal.bucket for refusal in refusals)
        objects = any_of(refusal.objects for refusal in refusals)
        data = any_of(refusal.data for refusal in refusals) is Truth.YES
        if (listing is Truth.YES and objects is Truth.YES) or _by_organization(world, arn) is Truth.YES:
            continue
        related = tuple(Related(policy.origin, "the bucket's policy") for policy in companions.policies)
        doubt = _doubt(companions.policies, adrift, bucket)
        if not companions.policies and not world.estate.complete:
            doubt = "the input does not show all that there is"
        if doubt or listing is Truth.UNKNOWN or objects is Truth.UNKNOWN:
            yield Undecided(
                subject=bucket.origin,
                message=f"whether the bucket refuses plain HTTP is not known: {doubt or 'a part of its policy is not'}",
                related=related,
            )
            continue
        website = "; its website endpoint speaks nothing else" if companions.websites else ""
        rest = "deleting, listing and settings" if data else "the bucket"
        what = "listing and settings" if objects is Truth.YES else rest
        yield Violation(
            subject=bucket.origin,
            message=f"nothing refuses requests for {what} over plain HTTP{website}",
            related=related,
            severity=Severity.INFO if website else Severity.LOW if data else None,
        )


def _doubt(policies: tuple[s3.BucketPolicy, ...], adrift: list[s3.BucketPolicy], bucket: s3.Bucket) -> str:
    """Which policy of the bucket cannot be read, or may be the bucket's, as a clause."""
    for policy in policies:
        if isinstance(policy.document, Unknown):
            return policy.document.because
    for policy in adrift:
        if not policies and policy.origin.account == bucket.origin.account:
            return f"{policy.origin.address} does not say which bucket it belongs to"
    return ""


def _by_organization(world: World, arn: str | None) -> Truth:
    """Whether a resource control policy that is attached somewhere refuses insecure requests."""
    return any_refuses(
        (
            policy.document
            for policy in world.estate.organization_policies
            if policy.kind == "RESOURCE_CONTROL_POLICY"
            and policy.document is not None
            and not isinstance(policy.document, Unknown)
            and world.graph.targets_of(policy)
        ),
        arn,
    )
