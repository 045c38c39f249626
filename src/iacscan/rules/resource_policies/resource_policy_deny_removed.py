"""Change takes a Deny out of the policy of a resource.

## Why it matters

A Deny on a resource holds against everybody, whatever else is granted, in this account and in others. When it goes, every grant that it held back takes effect
at once, also those that nobody remembers; no policy that grants anything appears in the change.

## How to fix it

Keep the statement, and make an exception in its condition where one is needed:

```hcl
statement {
  sid       = "OnlyFromTheNetwork"
  effect    = "Deny"
  actions   = ["s3:*"]
  resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]

  principals {
    type        = "*"
    identifiers = ["*"]
  }

  condition {
    test     = "StringNotEquals"
    variable = "aws:SourceVpce"
    values   = [aws_vpc_endpoint.s3.id, aws_vpc_endpoint.new.id]
  }
}
```

## How to fix it in CloudFormation

Keep the statement, and make an exception in its condition where one is needed:

```yaml
- Sid: OnlyFromTheNetwork
  Effect: Deny
  Principal: "*"
  Action: s3:*
  Resource:
    - !GetAtt DataBucket.Arn
    - !Sub ${DataBucket.Arn}/*
  Condition:
    StringNotEquals:
      aws:SourceVpce:
        - !Ref S3Endpoint
        - !Ref NewS3Endpoint
    Bool:
      aws:ViaAWSService: "false"
    BoolIfExists:
      aws:PrincipalIsAWSService: "false"
```

## What it leaves alone

Denies that are written in other words, or in another block, and refuse the same or more; policies of resources that the change deletes. That requests without TLS are no longer
refused is told by `bucket-policy-without-tls-deny`. A policy with a Deny that is replaced, or dropped from the state without being deleted, is of low severity.

## When it cannot tell

It is not proved that the policy refuses the same as before, or a part of it is not known.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, TypeAlias

from ...finding import Origin, Severity, Undecided, Violation
from ...model.s3 import BucketPolicy
from ...model.workload import ResourcePolicy
from ...policy.denies import denies, lost
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from ...value import Truth
from .. import _removal
from .._rule import Example, Verdict, World, rule

_Policy: TypeAlias = BucketPolicy | ResourcePolicy
_TLS: Final = "aws:securetransport"

_BUCKET = """
resource "aws_s3_bucket" "data" {
  bucket = "example-data"
}
"""
_POLICY = """
resource "aws_s3_bucket_policy" "data" {%s
  bucket = aws_s3_bucket.data.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [%s]
  })
}
"""
_ALLOW = '{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "s3:GetObject", Resource = "arn:aws:s3:::example-data/*" }'
_DENY = '{ Effect = "Deny", Principal = "*", Action = "s3:%s", Resource = "arn:aws:s3:::example-data/*" }'
_BOTH = f"{_ALLOW}, {_DENY}"

BAD = Example(
    _BUCKET + _POLICY % ("  # bad", _ALLOW),
    "objects can be deleted again",
    before=_BUCKET + _POLICY % ("", _BOTH % "DeleteObject*"),
)
BAD_DELETED = Example(_BUCKET, "the whole policy goes", before=_BUCKET + _POLICY % ("  # bad", _DENY % "DeleteObject*"))
GOOD = Example(
    _BUCKET + _POLICY % ("", _BOTH % "Delete*"),
    "it refuses more than before",
    before=_BUCKET + _POLICY % ("", _BOTH % "DeleteObject*"),
)
GOOD_GONE = Example("\n", "the bucket goes too", before=_BUCKET + _POLICY % ("", _DENY % "DeleteObject*"))
UNDECIDED = Example(
    'variable "policy" {}\n'
    + _BUCKET
    + 'resource "aws_s3_bucket_policy" "data" {  # undecided\n  bucket = aws_s3_bucket.data.id\n  policy = var.policy\n}\n',
    "what the policy says after the change is not known",
    before=_BUCKET + _POLICY % ("", _BOTH % "DeleteObject*"),
)


@rule(
    code="IAM617",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_DELETED, GOOD, GOOD_GONE, UNDECIDED),
)
def resource_policy_deny_removed(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that refused something before the change and does not any more."""
    if world.before is None:
        return
    after = _by_resource(world)
    blocks = {policy.origin.address: policy for policies in after.values() for policy in policies}
    for resource, policies in _by_resource(world.before).items():
        if all(not denies(policy.document) for policy in policies) or _is_deleted(world, world.before, policies[0]):
            continue
        for policy in policies:
            held = blocks.get(policy.origin.address)
            now = [*after.get(resource, ()), *((held,) if held is not None else ())]
            gone = [
                (statement, truth)
                for statement, truth in lost([policy.document], [item.document for item in now])
                if not _is_about_tls(policy, statement)
            ]
            origin = policy.origin if held is None else held.origin
            yield from _verdicts(origin, gone)
            passing = _removal.passing(origin)
            if passing is not None and not gone and denies(policy.document):
                happens, means = passing
                message = f"this policy, which denies something, {happens}: {means}"
                yield Violation(subject=origin, message=message, severity=Severity.LOW)


def _by_resource(world: World) -> dict[str, list[_Policy]]:
    """Policies by what they protect: the address of a bucket that is in the input, else the link, else the policy's own block."""
    found: defaultdict[str, list[_Policy]] = defaultdict(list)
    for policy in world.estate.bucket_policies:
        bucket = world.graph.bucket(policy.bucket, policy.origin.account)
        link = policy.bucket if isinstance(policy.bucket, str) else policy.origin.address
        found[link if bucket is None else bucket.origin.address].append(policy)
    for other in world.estate.resource_policies:
        found[f"{other.kind} {other.target if isinstance(other.target, str) else other.origin.address}"].append(other)
    return found


def _is_deleted(world: World, before: World, policy: _Policy) -> bool:
    """Whether what a policy protects is deleted with it."""
    if isinstance(policy, ResourcePolicy):
        return policy.origin.address in world.estate.gone and (
            policy.target is None or _removal.is_gone(world, policy.target)
        )
    bucket = before.graph.bucket(policy.bucket, policy.origin.account)
    return _removal.is_gone(world, policy.bucket if bucket is None else f"⟦{bucket.origin.address}⟧")


def _is_about_tls(policy: _Policy, statement: Statement) -> bool:
    """Whether a statement of a bucket's policy refuses requests without TLS, of which another rule speaks."""
    return isinstance(policy, BucketPolicy) and any(
        isinstance(item, Condition) and item.key.lower() == _TLS for item in statement.conditions
    )


def _verdicts(origin: Origin, gone: list[tuple[Statement, Truth]]) -> Iterator[Verdict]:
    certain = [statement for statement, truth in gone if truth is Truth.YES]
    doubtful = [statement for statement, truth in gone if truth is Truth.UNKNOWN]
    if certain:
        statements = "a Deny" if len(certain) == 1 else f"{len(certain)} Denies"
        yield Violation(
            subject=origin,
            message=f"the change takes {statements} away, and nothing refuses the same",
            evidence=tuple(line for statement in certain for line in describe(statement)),
        )
    elif doubtful:
        yield Undecided(
            subject=origin,
            message="whether the policy still refuses what it refused before is not known",
            evidence=tuple(line for statement in doubtful for line in describe(statement)),
        )
