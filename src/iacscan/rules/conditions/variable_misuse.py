"""Policy variable does not exist, is written wrongly, or stands where variables are not replaced.

## Why it matters

AWS replaces variables in resources and in condition values that are compared as texts. Elsewhere, or with a slip in it, `${aws:username}` stays what it is: a
text that nothing is called. The statement then applies to nothing, which in a Deny goes unnoticed.

## How to fix it

Write the variable as AWS does, and keep Terraform from replacing it itself:

```hcl
resources = ["arn:aws:s3:::home/$${aws:username}/*"]  # in heredocs and jsonencode; in aws_iam_policy_document: &{aws:username}
```

## How to fix it in CloudFormation

Write the variable as AWS does. `!Sub` takes it for one of the template's, unless an exclamation mark stands before its name:

```yaml
HomesPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Groups:
      - !Ref StaffGroup
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: !Sub ${HomesBucket.Arn}/${!aws:username}/*
```

Without `!Sub` it is `${aws:username}`.

## What it leaves alone

Variables of single services, of which AWS gives no complete list, and documents of version 2008-10-17, in which all variables are plain text (IAM418).

## When it cannot tell

The rule is always certain: AWS documents its global keys, and where they are replaced.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Violation
from ...policy.condition.operators import Family, parse_operator
from ...policy.describe import describe
from ...policy.document import Condition, Principal, Statement
from ...policy.variables import slip
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, Place, places
from ._order import is_told_by_another

_CURRENT: Final = "2012-10-17"
_TEXTS: Final = frozenset((Family.STRING, Family.ARN))

_POLICY = """
resource "aws_iam_policy" "home" {%s
  name   = "home"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::home/%s/*"
      Condition = { %s }
    }]
  })
}
"""
_NONE: Final = ""

BAD = Example(_POLICY % ("  # bad", "$${aws:user}", _NONE), "there is no such key")
BAD_NOTATION = Example(_POLICY % ("  # bad", "&{aws:username}", _NONE), "only aws_iam_policy_document knows &{ }")
BAD_ADDRESS = Example(
    _POLICY % ("  # bad", "shared", 'IpAddress = { "aws:SourceIp" = "$${aws:PrincipalTag/office}" }'),
    "addresses are not replaced",
)
GOOD = Example(_POLICY % ("", "$${aws:username}", _NONE))
GOOD_DEFAULT = Example(_POLICY % ("", "$${aws:PrincipalTag/team, 'nobody'}", _NONE))


@rule(
    code="IAM537",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",),
    controls=("Access Analyzer INVALID_POLICY_VARIABLE",),
    examples=(BAD, BAD_NOTATION, BAD_ADDRESS, GOOD, GOOD_DEFAULT),
)
def variable_misuse(world: World) -> Iterator[Verdict]:
    """Yield a violation for each statement with such a variable, and for the first of them only."""
    for place in places(world):
        if place.document.version != _CURRENT:
            continue
        for statement in place.document.statements:
            because = next(_slips(place, statement), None)
            if because is not None:
                yield Violation(
                    subject=place.origin,
                    message=f"{because}: it is left as it stands, and names nothing",
                    evidence=describe(statement),
                    related=place.related,
                    severity=Severity.HIGH if statement.effect == "Deny" else None,
                    key=statement.label,
                )


def _slips(place: Place, statement: Statement) -> Iterator[str]:
    """Why variables of a statement are not replaced."""
    for text in (*(statement.resources or ()), *(statement.not_resources or ())):
        found = slip(text) if isinstance(text, str) else None
        if found is not None:
            yield found
    for element, items in (
        ("an action", (statement.actions, statement.not_actions)),
        ("a principal", (statement.principals, statement.not_principals)),
    ):
        for item in (item for part in items for item in part or ()):
            text = item.value if isinstance(item, Principal) else item
            if isinstance(text, str) and "${" in text:
                yield f"{text} is {element}, in which nothing is replaced"
    for condition in statement.conditions:
        if isinstance(condition, Condition):
            found = next(_in_condition(condition), None)
            if found is not None and not is_told_by_another(Leaf(place, statement, condition), "IAM537"):
                yield found


def _in_condition(condition: Condition) -> Iterator[str]:
    operator = parse_operator(condition.operator)
    for value in condition.values:
        if not isinstance(value, str):
            continue
        if operator is not None and operator.family not in _TEXTS and "${" in value:
            yield f"{condition.operator} compares no texts, so {value} is not replaced"
        elif (found := slip(value)) is not None:
            yield found
