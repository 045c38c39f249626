"""Condition on the caller's address admits so many addresses that it keeps nobody out.

## Why it matters

`0.0.0.0/0` is every address there is, and `0.0.0.0/1` with `128.0.0.0/1` is the same in two pieces. The statement looks as if it were limited to a
network, and is not: an Allow holds from everywhere, and a Deny "unless from here" denies nobody.

## How to fix it

Name the addresses that your traffic leaves from:

```hcl
condition {
  test     = "IpAddress"
  variable = "aws:SourceIp"
  values   = ["198.51.100.0/28"]
}
```

## How to fix it in CloudFormation

Name the addresses that your traffic leaves from:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    IpAddress:
      aws:SourceIp: 198.51.100.0/28
```

## What it leaves alone

Denies of an address range, in which a wide one denies more, and ranges down to /16. Ranges between /8 and /15 are reported as low.

## When it cannot tell

The rule is always certain about the ranges that it sees. A range that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.network import is_large, names_the_internet
from ...policy.condition.operators import Family, parse_operator
from ...policy.condition.presence import admits_anyone
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves
from ._order import is_told_by_another

_KEY: Final = "aws:sourceip"
_SHOWN: Final = 3

_POLICY = """
resource "aws_iam_policy" "backoffice" {%s
  name   = "backoffice"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "%s"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::backoffice/*"
      Condition = { %s = { "aws:SourceIp" = %s } }
    }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "Allow", "IpAddress", '["198.51.100.0/24", "0.0.0.0/0"]'), "one entry undoes the rest"
)
BAD_HALVES = Example(_POLICY % ("  # bad", "Deny", "NotIpAddress", '["0.0.0.0/1", "128.0.0.0/1"]'), "denies nobody")
BAD_LARGE = Example(_POLICY % ("  # bad", "Allow", "IpAddress", '"52.0.0.0/8"'), "low: sixteen million addresses")
GOOD = Example(_POLICY % ("", "Allow", "IpAddress", '["198.51.100.0/24", "2001:db8::/48"]'))
GOOD_DENY = Example(_POLICY % ("", "Deny", "IpAddress", '"0.0.0.0/0"'), "denies all that comes over the internet")


@rule(
    code="IAM506",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_HALVES, BAD_LARGE, GOOD, GOOD_DENY),
)
def source_ip_too_broad(world: World) -> Iterator[Verdict]:
    """Yield a violation for each condition on the address that excepts or admits too many."""
    for leaf in leaves(world):
        if leaf.condition.key.lower() != _KEY or not _admits(leaf):
            continue
        everywhere = names_the_internet(leaf.condition.values) is Truth.YES
        large = [value for value in leaf.condition.values if isinstance(value, str) and is_large(value)]
        if (not everywhere and not large) or is_told_by_another(leaf, "IAM506"):
            continue
        yield Violation(
            subject=leaf.place.origin,
            message=_everywhere(leaf)
            if everywhere
            else f"{', '.join(large[:_SHOWN])} holds far more addresses than one's own",
            evidence=(leaf.text, *describe(leaf.statement)),
            related=leaf.place.related,
            severity=_severity(leaf) if everywhere else Severity.LOW,
            key=leaf.key,
        )


def _admits(leaf: Leaf) -> bool:
    """Whether more addresses mean more that is allowed: those of an Allow, or those that a Deny spares."""
    operator = parse_operator(leaf.condition.operator)
    if operator is None or operator.family is not Family.IP:
        return False
    return leaf.denies is (Truth.YES if operator.negated else Truth.NO)


def _everywhere(leaf: Leaf) -> str:
    if leaf.denies is Truth.YES:
        return "the Deny spares the whole internet, so that it denies nobody who comes from there"
    return "the condition admits the whole internet, so that it keeps nobody out"


def _severity(leaf: Leaf) -> Severity:
    """An Allow to somebody who is named is at least not open to strangers."""
    return Severity.HIGH if leaf.denies is Truth.YES or admits_anyone(leaf.statement) else Severity.MEDIUM
