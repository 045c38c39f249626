"""Allow is limited by "not this value" only, so requests without the condition key pass.

## Why it matters

A negated operator holds for a key that is missing. `StringNotEquals aws:SourceVpce vpce-1` in an Allow does not say "only from elsewhere in our network"
but "from everywhere except that endpoint", the whole internet included.

## How to fix it

Say who or what is allowed, or demand the key as well:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:SourceVpc"
  values   = ["vpc-0123456789abcdef0"]
}
```

To shut a few out of something that the others may do, put the few into a Deny.

## How to fix it in CloudFormation

Say who or what is allowed, or demand the key as well:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:SourceVpc: !Ref OfficeVpc
```

To shut a few out of something that the others may do, put the few into a Deny.

## What it leaves alone

Keys that each request carries, tags (what has no tag is usually meant to pass) and keys of single services; keys that another condition of the
statement demands; Allows beside which a Deny stops requests without the key.

## When it cannot tell

Another condition of the statement is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.condition.keys import Availability, key_info
from ...policy.condition.operators import parse_operator
from ...policy.condition.presence import admits_anyone, is_demanded, may_be_missing
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

_LEFT: Final = frozenset((Availability.RESOURCE, Availability.REQUEST_TAGS, Availability.TAGGED_PRINCIPAL))
_MFA: Final = "aws:multifactorauth"  # see IAM515

_POLICY = """
resource "aws_s3_bucket" "exports" {
  bucket = "exports"
}

resource "aws_s3_bucket_policy" "exports" {%s
  bucket = aws_s3_bucket.exports.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Principal = { AWS = "%s" }
      Resource  = "${aws_s3_bucket.exports.arn}/*"
      Condition = { %s }
    }]
  })
}
"""
_NOT_FROM: Final = 'StringNotEquals = { "aws:SourceVpce" = "vpce-0123456789abcdef0" }'

BAD = Example(_POLICY % ("  # bad", "Allow", "*", _NOT_FROM), "the whole internet may read")
BAD_NAMED = Example(
    _POLICY % ("  # bad", "Allow", "arn:aws:iam::111122223333:root", _NOT_FROM), "medium: one account, from everywhere"
)
GOOD = Example(_POLICY % ("", "Deny", "*", _NOT_FROM), "a Deny of all that does not come through the endpoint")
GOOD_DEMANDED = Example(
    _POLICY
    % (
        "",
        "Allow",
        "arn:aws:iam::111122223333:root",
        f'{_NOT_FROM}, StringEquals = {{ "aws:SourceVpc" = "vpc-0123456789abcdef0" }}, Null = {{ "aws:SourceVpce" = "false" }}',
    ),
    "the key is demanded",
)
GOOD_ALWAYS = Example(
    _POLICY
    % (
        "",
        "Allow",
        "arn:aws:iam::111122223333:root",
        'StringNotEquals = { "aws:PrincipalAccount" = "444455556666" }',
    ),
    "each request carries the key",
)
UNDECIDED = Example(
    _POLICY % ("  # undecided", "Allow", "arn:aws:iam::111122223333:root", f"{_NOT_FROM}, StringEquals = var.more")
    + '\nvariable "more" {}\n'
)


@rule(
    code="IAM511",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_NAMED, GOOD, GOOD_DEMANDED, GOOD_ALWAYS, UNDECIDED),
)
def negated_operator_in_allow(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each such condition on a key about the caller or his network."""
    for leaf in leaves(world):
        if leaf.denies is not Truth.NO or leaf.place.is_guardrail or not _is_negated(leaf):
            continue
        key = leaf.condition.key
        demanded = is_demanded(key, leaf.statement)
        if demanded is Truth.YES or leaf.is_denied_without_key:
            continue
        evidence, related = describe(leaf.statement), leaf.place.related
        if demanded is Truth.UNKNOWN:
            message = f"requests without {key} pass, unless a condition that is not known turns them away"
            yield Undecided(
                subject=leaf.place.origin, message=message, evidence=evidence, related=related, key=leaf.key
            )
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=f"requests without {key} are allowed, and all with another value: {leaf.condition.operator} shuts out nobody else",
            evidence=evidence,
            related=related,
            severity=Severity.HIGH if admits_anyone(leaf.statement) else None,
            key=leaf.key,
        )


def _is_negated(leaf: Leaf) -> bool:
    """Whether a condition says who may not come, or from where not."""
    key = leaf.condition.key.lower()
    operator = parse_operator(leaf.condition.operator)
    info = key_info(key)
    return (
        operator is not None
        and operator.negated
        and operator.quantifier == ""
        and info is not None
        and info.name.startswith("aws:")
        and info.availability not in _LEFT
        and not key.startswith(_MFA)
        and may_be_missing(key, leaf.statement) is Truth.YES
    )
