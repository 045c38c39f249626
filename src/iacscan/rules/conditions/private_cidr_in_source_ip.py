"""Condition compares the caller's address with a private range, in which no caller of AWS has an address.

## Why it matters

`aws:SourceIp` is the public address that a request reaches AWS from. Requests that come through a VPC endpoint do not carry it at all. So `10.0.0.0/8`
never matches: an Allow grants nothing, and a Deny of everybody who is "not in our network" locks everybody out, those in the network included.

## How to fix it

Use the public addresses of your NAT gateways or offices, or say which VPC or endpoint:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:SourceVpce"
  values   = ["vpce-0123456789abcdef0"]
}
```

`aws:VpcSourceIp` holds the private address of requests that come through an endpoint; use it together with `aws:SourceVpc`.

## How to fix it in CloudFormation

Use the public addresses of your NAT gateways or offices, or say which VPC or endpoint:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:SourceVpce: !Ref S3Endpoint
```

`aws:VpcSourceIp` holds the private address of requests that come through an endpoint; use it together with `aws:SourceVpc`.

## What it leaves alone

`aws:VpcSourceIp`, and S3 on Outposts, whose callers do have private addresses.

## When it cannot tell

The rule is always certain about the ranges that it sees. A range that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.network import is_private
from ...policy.condition.operators import Family, parse_operator
from ...policy.describe import describe
from ...policy.grant import possible_actions
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

_KEY: Final = "aws:sourceip"
_SHOWN: Final = 3

_POLICY = """
resource "aws_iam_policy" "backoffice" {%s
  name   = "backoffice"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:*"
      Resource  = "*"
      Condition = { %s = { "%s" = %s } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "Deny", "NotIpAddress", "aws:SourceIp", '"10.0.0.0/8"'), "high: denies everybody")
BAD_ALLOW = Example(_POLICY % ("  # bad", "Allow", "IpAddress", "aws:SourceIp", '["192.168.7.0/24"]'), "allows nothing")
BAD_ENTRY = Example(
    _POLICY % ("  # bad", "Allow", "IpAddress", "aws:SourceIp", '["198.51.100.0/24", "172.16.0.0/12"]'),
    "low: one entry does nothing",
)
GOOD = Example(_POLICY % ("", "Deny", "NotIpAddress", "aws:SourceIp", '"198.51.100.0/24"'))
GOOD_KEY = Example(_POLICY % ("", "Allow", "IpAddress", "aws:VpcSourceIp", '"10.0.0.0/8"'), "the key for it")


@rule(
    code="IAM504",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("Access Analyzer PRIVATE_IP_ADDRESS",),
    examples=(BAD, BAD_ALLOW, BAD_ENTRY, GOOD, GOOD_KEY),
)
def private_cidr_in_source_ip(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition on the public address that names a private one."""
    for leaf in leaves(world):
        operator = parse_operator(leaf.condition.operator)
        if leaf.condition.key.lower() != _KEY or operator is None or operator.family is not Family.IP:
            continue
        private = [value for value in leaf.condition.values if isinstance(value, str) and is_private(value)]
        if not private or possible_actions(leaf.statement).services() == ("s3-outposts",):
            continue
        whole = len(private) == len(leaf.condition.values)
        yield Violation(
            subject=leaf.place.origin,
            message=f"no caller of AWS comes from {', '.join(private[:_SHOWN])}, {_consequence(leaf, whole=whole)}",
            evidence=(leaf.text, *describe(leaf.statement)),
            related=leaf.place.related,
            severity=_severity(leaf) if whole else Severity.LOW,
            key=leaf.key,
        )


def _consequence(leaf: Leaf, *, whole: bool) -> str:
    operator = parse_operator(leaf.condition.operator)
    if not whole or operator is None:
        return "so that part of the condition does nothing"
    if len(leaf.statement.conditions) > 1 and operator.negated:
        return "so the statement is as if the condition were not there"
    return leaf.consequence(operator.negated)


def _severity(leaf: Leaf) -> Severity:
    """A Deny for everybody, or for nobody, is worse than an Allow that does nothing."""
    alone = len(leaf.statement.conditions) == 1
    return Severity.HIGH if leaf.denies is Truth.YES and alone else Severity.MEDIUM
