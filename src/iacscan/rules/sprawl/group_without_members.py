"""Group has no member or no policy.

## Why it matters

A group without members grants nothing today and everything to whoever is added tomorrow, unreviewed. A group without policies
says that its members have rights which they get from elsewhere.

## How to fix it

Add the members and the policy in the same configuration, or delete the group:

```hcl
resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.developers.name]
}
```

## How to fix it in CloudFormation

Add the members and the policy in the same template, or delete the group:

```yaml
DevelopersGroup:
  Type: AWS::IAM::Group
  Properties:
    ManagedPolicyArns:
      - arn:aws:iam::aws:policy/job-function/ViewOnlyAccess
AdaUser:
  Type: AWS::IAM::User
  Properties:
    Groups:
      - !Ref DevelopersGroup
```

## What it leaves alone

Groups whose name is an output or is used by other resources: members or policies may come from elsewhere.

## When it cannot tell

Some membership or attachment does not say which group it means; or the input shows only a part (a targeted plan, a change set, a module that is not at hand).
"""

from collections.abc import Iterator

from ...finding import Confidence, Severity, Undecided, Violation
from ...value import Unknown
from .._doubt import is_passed_on
from .._rule import Example, Verdict, World, rule

_GROUP = """
resource "aws_iam_group" "developers" {%s
  name = "developers"
}

resource "aws_iam_group_policy_attachment" "developers" {
  group      = aws_iam_group.developers.name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}
"""
_ADA = """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [%s]
}
"""

BAD = Example(_GROUP % "  # bad", "a group that nobody is in")

POWERLESS = Example(
    """
resource "aws_iam_group" "developers" {  # bad
  name = "developers"
}
"""
    + _ADA % "aws_iam_group.developers.name",
    "a group that grants nothing",
)

GOOD = Example(_GROUP % "" + _ADA % "aws_iam_group.developers.name")

UNDECIDED = Example(_GROUP % "  # undecided" + _ADA % "var.group" + '\nvariable "group" {}\n')


@rule(
    code="IAM308",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html",),
    examples=(BAD, POWERLESS, GOOD, UNDECIDED),
)
def group_without_members(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each group that lacks members or policies."""
    estate, graph = world.estate, world.graph
    adrift = [item.origin for item in estate.memberships if isinstance(item.group, Unknown)]
    loose = [
        *(
            item.origin
            for item in estate.attachments
            if item.holder_kind == "group" and isinstance(item.holder, Unknown)
        ),
        *(
            item.origin
            for item in estate.inline_policies
            if item.holder_kind == "group" and isinstance(item.holder, Unknown)
        ),
    ]
    for group in estate.groups:
        lacks = []
        if not graph.memberships_of(group):
            lacks.append(("member", adrift))
        if not graph.inline_policies(group) and not graph.attachments(group):
            lacks.append(("policy", loose))
        for what, unclear in lacks:
            doubt = f"{unclear[0].address} does not say which group it means" if unclear else ""
            if not estate.complete:
                doubt = "the input does not show all that there is"
            elif estate.unseen:
                doubt = f"{estate.unseen[0]} was not evaluated"
            if doubt:
                yield Undecided(
                    subject=group.origin, message=f"whether the group has a {what} is not known: {doubt}", key=what
                )
            elif not is_passed_on(estate, group.origin):
                yield Violation(subject=group.origin, message=f"the group has no {what}", key=what)
