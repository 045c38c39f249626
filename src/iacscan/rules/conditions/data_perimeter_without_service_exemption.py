"""Deny of outsiders stops AWS services as well, because no condition spares them.

## Why it matters

An AWS service that acts for itself (a trail that delivers logs, CloudFront that fetches a page) belongs to no organization; one that acts for one of your people
comes from an address of its own and through no endpoint of yours. "Not from our organization" and "not from our network" hold for both. The day the
policy is applied, deliveries and pipelines stop, and most of them without an error that anybody sees.

## How to fix it

Spare the services:

```hcl
condition {
  test     = "StringNotEqualsIfExists"
  variable = "aws:PrincipalOrgID"
  values   = ["o-exampleorg1"]
}

condition {
  test     = "BoolIfExists"
  variable = "aws:PrincipalIsAWSService"
  values   = ["false"]
}
```

For networks add `aws:ViaAWSService` in the same way. Which service may act for which account is a statement of its own, on `aws:SourceOrgID`.

## How to fix it in CloudFormation

Spare the services:

```yaml
- Effect: Deny
  Principal: "*"
  Action: s3:*
  Resource:
    - !GetAtt LogsBucket.Arn
    - !Sub ${LogsBucket.Arn}/*
  Condition:
    StringNotEqualsIfExists:
      aws:PrincipalOrgID: o-exampleorg1
    BoolIfExists:
      aws:PrincipalIsAWSService: "false"
```

For networks add `aws:ViaAWSService` in the same way. Which service may act for which account is a statement of its own, on `aws:SourceOrgID`.

## What it leaves alone

Statements that ask for a service, for the source that it acts for, for tags or for named callers. Policies of resources that let no service in, unless they
measure by network: then the services that act for your own people are stopped, which is low. Policies of identities: IAM505.

## When it cannot tell

Another condition of the statement is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.perimeter import Border
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, bordered
from ._order import is_told_by_another
from ._perimeter import Stop, stops_services

_SHOWN: Final = 3
_SPARES: Final = '"aws:PrincipalIsAWSService" = "false"'

_GUARDRAIL = """
resource "aws_organizations_policy" "perimeter" {%s
  name    = "perimeter"
  type    = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = "*"
      Condition = { StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-exampleorg1" }%s }
    }]
  })
}
"""
_BUCKET = """
resource "aws_s3_bucket" "trail" {
  bucket = "trail"
}

resource "aws_s3_bucket_policy" "trail" {%s
  bucket = aws_s3_bucket.trail.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "s3:PutObject"
        Principal = { %s }
        Resource  = "${aws_s3_bucket.trail.arn}/*"
        Condition = { StringEquals = { "aws:ResourceAccount" = "111122223333" } }
      },
      {
        Effect    = "Deny"
        Action    = "s3:*"
        Principal = "*"
        Resource  = ["${aws_s3_bucket.trail.arn}", "${aws_s3_bucket.trail.arn}/*"]
        Condition = { StringNotEquals = { "%s" = "%s" } }
      },
    ]
  })
}
"""

BAD = Example(_GUARDRAIL % ("  # bad", ""), "no service of AWS is a member of the organization")
BAD_BUCKET = Example(
    _BUCKET % ("  # bad", 'Service = "cloudtrail.amazonaws.com"', "aws:PrincipalOrgID", "o-exampleorg1"),
    "the trail that the policy lets in is denied",
)
BAD_NETWORK = Example(
    _BUCKET % ("  # bad", 'AWS = "111122223333"', "aws:SourceVpce", "vpce-0123456789abcdef0"),
    "low: Athena does not come through the endpoint",
)
GOOD = Example(_GUARDRAIL % ("", f", BoolIfExists = {{ {_SPARES} }}"))
GOOD_BUCKET = Example(
    _BUCKET % ("", 'AWS = "111122223333"', "aws:PrincipalOrgID", "o-exampleorg1"), "no service is let in anyhow"
)
UNDECIDED = Example(_GUARDRAIL % ("  # undecided", ", Bool = var.more") + '\nvariable "more" {}\n')


@rule(
    code="IAM526",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice",
    ),
    examples=(BAD, BAD_BUCKET, BAD_NETWORK, GOOD, GOOD_BUCKET, UNDECIDED),
)
def data_perimeter_without_service_exemption(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy of a resource, of a role's trust, or of the organization with such Denies."""
    stopping: dict[tuple[str, str], list[tuple[Leaf, Stop]]] = {}
    for leaf in bordered(world):
        found = None if leaf.place.is_identity else stops_services(leaf.place, leaf.statement)
        if found is not None and not is_told_by_another(leaf, "IAM526"):
            stopping.setdefault((leaf.place.origin.address, leaf.place.kind), []).append((leaf, found))
    yield from map(_verdict, stopping.values())


def _verdict(stopping: list[tuple[Leaf, Stop]]) -> Verdict:
    """One verdict about a policy; its worst Deny speaks first."""
    place = stopping[0][0].place
    certain = [item for item in stopping if item[1].truth is Truth.YES]
    told = sorted(certain, key=lambda item: not _is_grave(*item)) or stopping
    evidence = tuple(line for leaf, _ in told for line in describe(leaf.statement))
    if not certain:
        return Undecided(
            subject=place.origin,
            message="the Deny also stops AWS services, unless a condition that is not known spares them",
            evidence=evidence,
            related=place.related,
            key=place.kind,
        )
    return Violation(
        subject=place.origin,
        message="; ".join(dict.fromkeys(_message(*item) for item in told)),
        evidence=evidence,
        related=place.related,
        severity=None if _is_grave(*told[0]) else Severity.LOW,
        remedy=" ".join(dict.fromkeys(_remedy(*item) for item in told)),
        key=place.kind,
    )


def _is_grave(leaf: Leaf, found: Stop) -> bool:
    return bool(found.services) or leaf.place.is_guardrail


def _message(leaf: Leaf, found: Stop) -> str:
    if found.services:
        more = f" and {len(found.services) - _SHOWN} more" if len(found.services) > _SHOWN else ""
        named = ", ".join(found.services[:_SHOWN])
        return f"{named}{more}, which the policy lets in, is denied again: no service carries the {leaf.condition.key} that is asked for"
    if Border.RESOURCE in found.borders:
        return "what belongs to AWS itself (images, public parameters, buckets that services read from) is denied too: it is in no organization"
    if Border.ORGANIZATION in found.borders:
        return "AWS services that act for themselves (log delivery, CloudFront, replication, ...) are denied too: they belong to no organization"
    return "requests that AWS services make for your own people (Athena, CloudFormation, ...) are denied too: they come from elsewhere"


def _remedy(leaf: Leaf, found: Stop) -> str:
    if Border.RESOURCE in found.borders:
        return "Leave out, by NotAction or NotResource, what people need of AWS's own resources."
    if found.services or Border.ORGANIZATION in found.borders:
        return f'Write {_negated(leaf)}, and add the condition BoolIfExists aws:PrincipalIsAWSService "false" to the statement.'
    return 'Add the condition BoolIfExists aws:ViaAWSService "false" to the statement.'


def _negated(leaf: Leaf) -> str:
    written = leaf.condition.operator
    return written if written.lower().endswith("ifexists") else f"{written}IfExists"
