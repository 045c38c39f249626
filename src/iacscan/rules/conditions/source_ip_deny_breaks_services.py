"""Deny of other addresses also stops the AWS services that act for the caller.

## Why it matters

When Athena reads a bucket for somebody, or CloudFormation creates what he asked for, the request comes from the service and not from his office. And a request
through a VPC endpoint has no `aws:SourceIp` at all, for which `NotIpAddress` holds. Both are denied, and the error does not say why.

## How to fix it

Deny only what the caller sends himself, and spare your own network:

```hcl
condition {
  test     = "NotIpAddressIfExists"
  variable = "aws:SourceIp"
  values   = ["198.51.100.0/24"]
}

condition {
  test     = "StringNotEqualsIfExists"
  variable = "aws:SourceVpc"
  values   = ["vpc-0123456789abcdef0"]
}

condition {
  test     = "Bool"
  variable = "aws:ViaAWSService"
  values   = ["false"]
}
```

## How to fix it in CloudFormation

Deny only what the caller sends himself, and spare your own network:

```yaml
- Effect: Deny
  Action: "*"
  Resource: "*"
  Condition:
    NotIpAddressIfExists:
      aws:SourceIp: 198.51.100.0/24
    StringNotEqualsIfExists:
      aws:SourceVpc: !Ref OfficeVpc
    Bool:
      aws:ViaAWSService: "false"
```

## What it leaves alone

Denies that ask for `aws:ViaAWSService` or `aws:CalledVia`, or that spare callers who are named; Denies of signing in and of assuming roles, which no service does for
anybody. Policies of resources and of the organization have a rule of their own, IAM526; private ranges too, IAM504.

## When it cannot tell

Another condition of the statement is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...policy.describe import describe
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from ._leaves import bordered
from ._order import is_told_by_another
from ._perimeter import stops_services

_POLICY = """
resource "aws_iam_policy" "office" {%s
  name   = "office"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "%s"
      Resource  = "*"
      Condition = { NotIpAddress = { "aws:SourceIp" = "198.51.100.0/24" }%s }
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "*", ""), "what CloudFormation does for somebody is denied")
BAD_NETWORK = Example(
    _POLICY % ("  # bad", "s3:*", ', StringNotEqualsIfExists = { "aws:SourceVpc" = "vpc-0123456789abcdef0" }'),
    "the VPC is spared, services are not",
)
GOOD = Example(_POLICY % ("", "*", ', Bool = { "aws:ViaAWSService" = "false" }'))
GOOD_SIGN_IN = Example(_POLICY % ("", "sts:AssumeRole", ""), "nobody but the caller himself asks for it")
UNDECIDED = Example(_POLICY % ("  # undecided", "*", ", Bool = var.more") + '\nvariable "more" {}\n')


@rule(
    code="IAM505",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip",
    ),
    examples=(BAD, BAD_NETWORK, GOOD, GOOD_SIGN_IN, UNDECIDED),
)
def source_ip_deny_breaks_services(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each such Deny in a policy of identities."""
    for leaf in bordered(world):
        found = stops_services(leaf.place, leaf.statement) if leaf.place.is_identity else None
        if found is None or is_told_by_another(leaf, "IAM505"):
            continue
        evidence, related = describe(leaf.statement), leaf.place.related
        key = leaf.statement.sid or str(leaf.statement.index + 1)
        if found.truth is Truth.UNKNOWN:
            message = "the Deny also stops AWS services that act for the caller, unless a condition that is not known spares them"
            yield Undecided(subject=leaf.place.origin, message=message, evidence=evidence, related=related, key=key)
            continue
        yield Violation(
            subject=leaf.place.origin,
            message="requests that an AWS service makes for the caller (Athena, CloudFormation, ...) are denied too: they come from elsewhere",
            evidence=evidence,
            related=related,
            remedy='Add the condition Bool aws:ViaAWSService "false" to the statement, and spare your VPCs by aws:SourceVpc.',
            key=key,
        )
