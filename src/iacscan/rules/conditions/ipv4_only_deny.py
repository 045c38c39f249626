"""Condition on the caller's address names IPv4 ranges only, or IPv6 ranges only, and forgets callers with the other kind.

## Why it matters

Many AWS endpoints answer over IPv6 too, and a computer with both prefers it. An IPv6 address is in no IPv4 range: "deny all that is not from the office" then
denies the office, on the day its network or the endpoint gets IPv6. The same goes for an Allow that names IPv6 ranges only.

## How to fix it

Name the ranges of both kinds:

```hcl
condition {
  test     = "NotIpAddress"
  variable = "aws:SourceIp"
  values   = ["198.51.100.0/24", "2001:db8:1234::/48"]
}
```

## How to fix it in CloudFormation

Name the ranges of both kinds:

```yaml
- Effect: Deny
  Action: "*"
  Resource: "*"
  Condition:
    NotIpAddress:
      aws:SourceIp:
        - 198.51.100.0/24
        - 2001:db8:1234::/48
    Bool:
      aws:ViaAWSService: "false"
```

## What it leaves alone

Allows that name IPv4 only, which fail closed and are noticed when they are written. Conditions of which IAM504, IAM505, IAM506 or IAM526 say something worse.

## When it cannot tell

The rule is always certain about the ranges that it sees; with one that is not known it says nothing.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.network import network
from ...policy.condition.operators import Family, parse_operator
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_KEY: Final = "aws:sourceip"

_POLICY = """
resource "aws_iam_policy" "office" {%s
  name   = "office"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Resource  = "*"
      Condition = { %s = { "aws:SourceIp" = %s }, Bool = { "aws:ViaAWSService" = "false" } }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "Deny", "NotIpAddress", '["198.51.100.0/24"]'), "whoever comes over IPv6 is denied")
BAD_ALLOW = Example(
    _POLICY % ("  # bad", "Allow", "IpAddress", '["2001:db8::/48"]'), "whoever comes over IPv4 is not allowed"
)
GOOD = Example(_POLICY % ("", "Deny", "NotIpAddress", '["198.51.100.0/24", "2001:db8::/48"]'))
GOOD_ALLOW = Example(_POLICY % ("", "Allow", "IpAddress", '["198.51.100.0/24"]'), "an Allow of IPv4 only")


@rule(
    code="IAM507",
    severity=Severity.INFO,
    references=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/aws-ipv6-support.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress",
    ),
    examples=(BAD, BAD_ALLOW, GOOD, GOOD_ALLOW),
)
def ipv4_only_deny(world: World) -> Iterator[Verdict]:
    """Yield a violation for each such condition."""
    for leaf in leaves(world):
        if leaf.condition.key.lower() != _KEY:
            continue
        lacking = _lacking(leaf)
        if lacking is None or is_told_by_another(leaf, "IAM507"):
            continue
        denied = "denied, the exception does not know them" if leaf.denies is Truth.YES else "not allowed"
        yield Violation(
            subject=leaf.place.origin,
            message=f"callers with an {lacking} address are {denied}",
            evidence=(leaf.text, *describe(leaf.statement)),
            related=leaf.place.related,
            remedy=f"Add the {lacking} ranges of your network.",
            key=leaf.key,
        )


def _lacking(leaf: Leaf) -> str | None:
    """The kind of addresses that a condition forgets."""
    operator = parse_operator(leaf.condition.operator)
    if operator is None or operator.family is not Family.IP:
        return None
    ranges = [network(value) if isinstance(value, str) else None for value in leaf.condition.values]
    versions = {None if given is None else given.version for given in ranges}
    if leaf.denies is Truth.YES and operator.negated and versions == {4}:
        return "IPv6"
    return "IPv4" if leaf.denies is Truth.NO and not operator.negated and versions == {6} else None
