"""Policy of roles asks for the caller's user name, which only users have.

## Why it matters

`aws:username` is in the requests of IAM users, and in no others. In a policy that only roles or Identity Center's permission sets have, a condition on it never holds, and a
resource with `${aws:username}` names nothing: the statement is void.

## How to fix it

Roles are told apart by their tags and the names of their sessions:

```hcl
resources = ["arn:aws:s3:::home/&{aws:PrincipalTag/login}/*"]
```

## How to fix it in CloudFormation

Roles are told apart by their tags and the names of their sessions:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${HomesBucket.Arn}/${!aws:PrincipalTag/login}/*
```

## What it leaves alone

Policies that a user or group has as well, policies that nobody in the input has, and variables with a default.

## When it cannot tell

The rule is always certain about who has a policy in the input. A managed policy may be attached elsewhere too; its findings are of medium confidence.
"""

from collections.abc import Iterator

from ...finding import Confidence, Severity, Violation
from ...policy.condition.lacking import USER_NAME, Group
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from ...policy.variables import names
from .._rule import Example, Verdict, World, rule
from ._callers import callers, lacking
from ._leaves import Leaf, Place, places
from ._order import is_told_by_another

_ROLE = """
resource "aws_iam_role" "clerk" {
  name               = "clerk"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }]
  })
}

resource "aws_iam_role_policy" "home" {%s
  role   = aws_iam_role.clerk.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::home/%s/*"%s }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", "$${aws:username}", ""), "no role has such a name")
BAD_KEY = Example(
    _ROLE % ("  # bad", "mira", ', Condition = { StringEquals = { "aws:username" = "mira" } }'), "never holds"
)
GOOD = Example(_ROLE % ("", "$${aws:PrincipalTag/login}", ""))
GOOD_DEFAULT = Example(_ROLE % ("", "$${aws:username, 'shared'}", ""))


@rule(
    code="IAM539",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-username",
    ),
    examples=(BAD, BAD_KEY, GOOD, GOOD_DEFAULT),
)
def username_key_on_role(world: World) -> Iterator[Verdict]:
    """Yield a violation for each statement for roles or services that asks for a user's name."""
    for place in places(world):
        for statement in place.document.statements:
            who = callers(place, statement)
            if who not in (Group.ROLES, Group.SERVICES):
                continue
            said = next(_by_key(place, statement), None) or _by_variable(statement)
            if said is not None:
                yield Violation(
                    subject=place.origin,
                    message=f"{who.value} have no user name, {said}",
                    evidence=describe(statement),
                    related=place.related,
                    confidence=Confidence.MEDIUM if place.is_identity else None,
                    severity=Severity.HIGH if statement.effect == "Deny" else None,
                    key=statement.label,
                )


def _by_key(place: Place, statement: Statement) -> Iterator[str]:
    for condition in statement.conditions:
        if isinstance(condition, Condition) and condition.key.lower() == USER_NAME:
            leaf = Leaf(place, statement, condition)
            if lacking(leaf) is not None and not is_told_by_another(leaf, "IAM539"):
                yield leaf.consequence(leaf.holds_without_key)


def _by_variable(statement: Statement) -> str | None:
    """What becomes of resources with the name in them; other resources of the statement stay what they are."""
    texts = [text for text in statement.resources or () if isinstance(text, str) and USER_NAME in names(text)]
    if not texts:
        return None
    whole = len(texts) == len(statement.resources or ())
    does = "denies" if statement.effect == "Deny" else "allows"
    return f"so {texts[0]} names nothing{f' and the statement {does} nothing' if whole else ''}"
