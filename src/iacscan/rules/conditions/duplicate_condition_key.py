"""Policy has the same name twice in one JSON object, of which only one counts.

## Why it matters

Most readers of JSON keep the last of two equal names and drop the first without a word. If both were meant, as in two blocks `StringEquals`, half of the
protection is gone. Condition keys are the same whatever their case, so `aws:SourceIp` and `aws:sourceip` are one key twice.

## How to fix it

Put the values of one key into one list, and the keys of one operator into one object:

```json
"StringEquals": {
  "aws:PrincipalOrgID": "o-exampleorg1",
  "aws:PrincipalTag/team": ["archive", "audit"]
}
```

`aws_iam_policy_document` does that by itself, and `terraform plan` refuses such text in policies of IAM. In those of buckets, queues, topics, keys and others the
provider drops one of the two before the plan shows it.

## How to fix it in CloudFormation

Put the values of one key into one list, and the keys of one operator into one object:

```yaml
- Effect: Allow
  Principal: "*"
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
  Condition:
    StringEquals:
      aws:PrincipalOrgID: o-exampleorg1
      aws:PrincipalTag/team:
        - archive
        - audit
```

## What it leaves alone

The same key under different operators, which is how ranges are written.

## When it cannot tell

The rule is always certain about the text that it sees. A plan shows a text that was normalised already, and beside it what was written only where that is a
literal without references; the source shows it always.
"""

from collections import Counter
from collections.abc import Iterator

from ...finding import Severity, Violation
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from .._rule import Example, Verdict, World, rule
from ._leaves import Place, places

_POLICY = """
resource "aws_s3_bucket_policy" "reports" {%s
  bucket = "reports"
  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [{
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": { %s }
      }]
    }
  JSON
}
"""
_TEAM = '"aws:PrincipalTag/team": "archive"'
_STAGE = '"aws:PrincipalTag/stage": "prod"'

BAD = Example(
    _POLICY % ("  # bad", f'"StringEquals": {{ {_TEAM} }}, "StringEquals": {{ {_STAGE} }}'), "one of the two is lost"
)
BAD_CASE = Example(
    _POLICY % ("  # bad", f'"StringEquals": {{ {_TEAM}, "aws:principaltag/team": "audit" }}'), "one key, twice"
)
GOOD = Example(_POLICY % ("", f'"StringEquals": {{ {_TEAM}, {_STAGE} }}'))
GOOD_RANGE = Example(
    _POLICY
    % (
        "",
        '"DateGreaterThan": { "aws:CurrentTime": "2026-01-01T00:00:00Z" }, "DateLessThan": { "aws:CurrentTime": "2199-01-01T00:00:00Z" }',
    )
)


@rule(
    code="IAM541",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html",
        "https://www.rfc-editor.org/rfc/rfc8259#section-4",
    ),
    controls=("CWE-694",),
    examples=(BAD, BAD_CASE, GOOD, GOOD_RANGE),
)
def duplicate_condition_key(world: World) -> Iterator[Verdict]:
    """Yield a violation for each policy whose text has a name twice, and each statement with a condition key twice."""
    for place in places(world):
        twice = tuple(dict.fromkeys(item.where for item in place.document.problems if item.duplicate))
        if twice:
            yield _violation(
                place,
                f"{' and '.join(twice)} {'stands' if len(twice) == 1 else 'stand'} twice in one object of the policy: only one of them counts",
                (),
                "text",
            )
        for statement in place.document.statements:
            for operator, key in _repeated(statement):
                said = f"{key} stands twice under {operator}, in different case; which of the two counts is not defined"
                yield _violation(place, said, describe(statement), f"{statement.label}/{operator}/{key}")


def _violation(place: Place, message: str, evidence: tuple[str, ...], key: str) -> Violation:
    return Violation(subject=place.origin, message=message, evidence=evidence, related=place.related, key=key)


def _repeated(statement: Statement) -> Iterator[tuple[str, str]]:
    """Operators and keys that one statement has twice, in different case."""
    leaves = [item for item in statement.conditions if isinstance(item, Condition)]
    counted = Counter((item.operator.lower(), item.key.lower()) for item in leaves)
    for item in leaves:
        if counted.pop((item.operator.lower(), item.key.lower()), 1) > 1:
            yield item.operator, item.key
