"""Principal has a wildcard in the middle of a name, where AWS knows only the whole star.

## Why it matters

In a principal, `*` stands alone or not at all: `arn:aws:iam::111122223333:role/app-*` is not a pattern. IAM, S3 and KMS refuse such a policy; where one is stored all
the same, nobody is called so, and a Deny denies nobody.

## How to fix it

Name the account, and choose among its roles by a condition:

```hcl
principals {
  type        = "AWS"
  identifiers = ["111122223333"]
}

condition {
  test     = "ArnLike"
  variable = "aws:PrincipalArn"
  values   = ["arn:aws:iam::111122223333:role/app-*"]
}
```

## How to fix it in CloudFormation

Name the account, and choose among its roles by a condition:

```yaml
- Effect: Allow
  Principal:
    AWS: "111122223333"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    ArnLike:
      aws:PrincipalArn: arn:aws:iam::111122223333:role/app-*
```

## What it leaves alone

The star alone, which means everybody, and patterns in conditions.

## When it cannot tell

The rule is always certain about the principals that it sees. One that is not known is counted in the report's coverage.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.describe import describe
from ...policy.document import Principal, Statement
from ...policy.pattern import has_wildcard
from ...policy.principal import Kind, classify
from .._rule import Example, Verdict, World, rule
from ._leaves import places

_ROLE = """
resource "aws_iam_role" "reader" {%s
  name               = "reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "%s" }%s }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", "arn:aws:iam::111122223333:role/app-*", ""), "IAM refuses it")
BAD_ACCOUNT = Example(_ROLE % ("  # bad", "arn:aws:iam::*:root", ""), "any account? IAM refuses it")
GOOD = Example(
    _ROLE
    % (
        "",
        "111122223333",
        ', Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/app-*" } }',
    )
)


@rule(
    code="IAM540",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",),
    examples=(BAD, BAD_ACCOUNT, GOOD),
)
def partial_wildcard_in_principal(world: World) -> Iterator[Verdict]:
    """Yield a violation for each statement with such a principal."""
    for place in places(world):
        for statement in place.document.statements:
            patterns = _patterns(statement)
            if patterns:
                yield Violation(
                    subject=place.origin,
                    message=f"{', '.join(patterns)} is no principal: AWS knows no patterns there, and refuses the policy or lets nobody be meant by it",
                    evidence=describe(statement),
                    related=place.related,
                    remedy="Name the account, or everybody, and choose by a condition on aws:PrincipalArn.",
                    key=statement.label,
                )


def _patterns(statement: Statement) -> list[str]:
    named = (*(statement.principals or ()), *(statement.not_principals or ()))
    return [
        item.value
        for item in named
        if isinstance(item, Principal) and classify(item).kind is Kind.INVALID and has_wildcard(item.value)
    ]
