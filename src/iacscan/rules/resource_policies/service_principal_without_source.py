"""Policy lets an AWS service in without saying for whose resource.

## Why it matters

A service principal means the service for all of its customers. Somebody else's trail, topic or distribution can then make the service
write to this bucket, send to this queue or, with CloudFront, read the bucket: the service is a deputy that does not know whose order it carries out.

## How to fix it

Ask for the account, and where it can be told for the resource, that the service acts for:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:SourceAccount"
  values   = [data.aws_caller_identity.current.account_id]
}

condition {
  test     = "ArnLike"
  variable = "aws:SourceArn"
  values   = ["arn:aws:cloudtrail:*:${data.aws_caller_identity.current.account_id}:trail/*"]
}
```

## How to fix it in CloudFormation

Ask for the account, and where it can be told for the resource, that the service acts for:

```yaml
- Effect: Allow
  Principal:
    Service: cloudtrail.amazonaws.com
  Action: s3:PutObject
  Resource: !Sub ${TrailBucket.Arn}/AWSLogs/${AWS::AccountId}/*
  Condition:
    StringEquals:
      aws:SourceAccount: !Ref AWS::AccountId
    ArnLike:
      aws:SourceArn: !Sub arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*
```

## What it leaves alone

Services whose guides show no such condition, among them the delivery of load balancer logs; statements limited by `aws:SourceArn`, `aws:SourceAccount`,
`aws:SourceOrgID`, `aws:SourceOrgPaths` or the encryption context; policies with a Deny of every other source.

## When it cannot tell

The condition is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...policy.deputy import services_for_anyone
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...value import Maybe, Truth, Unknown
from .._rule import Example, Verdict, World, rule

# Reading through CloudFront publishes the objects; other services only bring something in.
_READS_FOR_STRANGERS: Final = "cloudfront.amazonaws.com"

_TOPIC = """
resource "aws_sns_topic" "uploads" {%s
  name   = "uploads"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = "*"
      Condition = %s
    }]
  })
}
"""

BAD = Example(_TOPIC % ("  # bad", "{}"), "everybody's buckets publish")
BAD_ALL = Example(
    _TOPIC.replace('{ Service = "s3.amazonaws.com" }', '"*"')
    % ("  # bad", '{ Bool = { "aws:PrincipalIsAWSService" = "true" } }'),
    "every service, whoever it acts for",
)
GOOD = Example(
    _TOPIC % ("", '{ StringEquals = { "aws:SourceAccount" = "111122223333" } }'), "buckets of one account publish"
)
UNDECIDED = Example(
    'variable "sources" {}\n' + _TOPIC % ("  # undecided", '{ StringLike = { "aws:SourceAccount" = var.sources } }'),
    "the pattern may be a star",
)


@rule(
    code="IAM608",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",),
    controls=("CWE-441",),
    examples=(BAD, BAD_ALL, GOOD, UNDECIDED),
)
def service_principal_without_source(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that admits a service for anybody's resources."""
    for origin, kind, document, related in _policies(world):
        if isinstance(document, Unknown):
            continue
        found: dict[str, Truth] = {}
        evidence: list[str] = []
        for statement in document.statements:
            services = services_for_anyone(statement, document.statements, kind)
            found |= {name: truth for name, truth in services.items() if found.get(name) is not Truth.YES}
            if services:
                evidence.extend(describe(statement))
        certain = sorted(name for name, truth in found.items() if truth is Truth.YES)
        if certain:
            yield Violation(
                subject=origin,
                message=f"{' and '.join(certain)} may come in for any AWS account: no condition names the source",
                evidence=tuple(dict.fromkeys(evidence)),
                related=related,
                severity=Severity.HIGH if _READS_FOR_STRANGERS in certain and kind == "s3-bucket" else None,
            )
        elif found:
            yield Undecided(
                subject=origin,
                message=f"whether {' and '.join(sorted(found))} may come in for any AWS account is not known",
                evidence=tuple(dict.fromkeys(evidence)),
                related=related,
            )


def _policies(world: World) -> Iterator[tuple[Origin, str, Maybe[PolicyDocument], tuple[Related, ...]]]:
    """Every resource policy with its kind, and the bucket where it has one."""
    for policy in world.estate.bucket_policies:
        bucket = world.graph.bucket(policy.bucket, policy.origin.account)
        related = () if bucket is None or bucket.origin == policy.origin else (Related(bucket.origin, "the bucket"),)
        yield policy.origin, "s3-bucket", policy.document, related
    for other in world.estate.resource_policies:
        yield other.origin, other.kind, other.document, ()
