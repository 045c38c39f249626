"""Organization policy is longer than AWS accepts.

## Why it matters

AWS counts every character of the text as it is sent, spaces and line ends included, and refuses a policy that is too long: the deployment
fails half-way, and the guardrail stays as it was.

## How to fix it

Send it without white space: use the `minified_json` attribute of `aws_iam_policy_document`, or `jsonencode(jsondecode(file(...)))`.
If that is not enough, split it in two and attach both.

## How to fix it in CloudFormation

Write `Content` as an object, as below: CloudFormation sends it without white space, whereas a text is sent as it stands. If that is not enough, split the
policy in two and attach both.

```yaml
Baseline:
  Type: AWS::Organizations::Policy
  Properties:
    Name: baseline
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Action: organizations:LeaveOrganization
          Resource: "*"
```

## What it leaves alone

Policies of types whose quota is not known to this version. Below nine tenths of the quota nothing is said.

## When it cannot tell

The text is not known yet; the coverage counts such policies, and this rule stays silent unless the part that is known is already close to the quota.
Quotas as of May 2026.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

# Characters. SCPs were doubled on 2026-05-15; the others as documented on the quotas page below.
QUOTAS: Final = {
    "SERVICE_CONTROL_POLICY": 10_240,
    "RESOURCE_CONTROL_POLICY": 5_120,
    "DECLARATIVE_POLICY_EC2": 10_000,
    "BACKUP_POLICY": 10_000,
    "TAG_POLICY": 10_000,
    "CHATBOT_POLICY": 10_000,
    "SECURITYHUB_POLICY": 10_000,
    "AISERVICES_OPT_OUT_POLICY": 2_500,
}
_CLOSE: Final = 0.9

_TEXT = """
resource "aws_organizations_policy" "long" {
  name    = "long"
  type    = "RESOURCE_CONTROL_POLICY"
  content = join("", ["{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Deny\\",\\"Principal\\":\\"*\\",\\"Action\\":\\"s3:*\\",\\"Resource\\":[", join(",", [for i in range(%d) : format("\\"arn:aws:s3:::bucket-%%05d/*\\"", i)]), "]}]}"])  # %s
}
"""

BAD = Example(_TEXT % (200, "bad"), "over 6,000 characters, where 5,120 are allowed")
GOOD = Example(_TEXT % (10, "short"))
UNDECIDED = Example(
    """
resource "aws_organizations_policy" "long" {
  name    = "long"
  type    = var.kind
  content = join("", ["{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Deny\\",\\"Principal\\":\\"*\\",\\"Action\\":\\"s3:*\\",\\"Resource\\":[", join(",", [for i in range(200) : format("\\"arn:aws:s3:::bucket-%05d/*\\"", i)]), "]}]}"])  # undecided
}

variable "kind" {}
""",
    "whether it fits depends on its type",
)


@rule(
    code="IAM707",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",),
    examples=(BAD, GOOD, UNDECIDED),
)
def org_policy_size(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy near or over its quota."""
    for policy in world.estate.organization_policies:
        if isinstance(policy.content, Unknown):
            continue
        size = len(policy.content)
        if isinstance(policy.kind, Unknown):
            if size > min(QUOTAS.values()):
                yield Undecided(
                    subject=policy.origin,
                    message=f"whether {size:,} characters fit is not known, since the type is not: {policy.kind.because}",
                )
            continue
        quota = QUOTAS.get(policy.kind)
        if quota is None or size < _CLOSE * quota:
            continue
        evidence = (f"{size:,} of {quota:,} characters",)
        if size > quota:
            yield Violation(
                subject=policy.origin,
                message=f"the apply fails: the policy has {size:,} characters and AWS accepts {quota:,}",
                evidence=evidence,
            )
        else:
            yield Violation(
                subject=policy.origin,
                message=f"the policy is close to the quota of {quota:,} characters",
                evidence=evidence,
                severity=Severity.LOW,
            )
