"""User is in no group, so that whatever rights it needs will be given to it alone.

## Why it matters

Rights that are given user by user drift apart: nobody sees who may do what, and who changes teams keeps everything. Groups say once what a
kind of work needs.

## How to fix it

Put the user into the groups of the user's work; better still, let people come through IAM Identity Center and have no users at all:

```hcl
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.developers.name]
}
```

## How to fix it in CloudFormation

Put the user into the groups of the user's work; better still, let people come through IAM Identity Center and have no users at all:

```yaml
AdaUser:
  Type: AWS::IAM::User
  Properties:
    Groups:
      - !Ref DevelopersGroup
```

## What it leaves alone

Users that get a policy of their own (IAM301 and IAM303 say what is wrong with that), users of machines (IAM201), those kept for emergencies, those
that a trust policy or a resource policy names, and those whose name is handed on, to be put into a group elsewhere.

## When it cannot tell

Some membership or policy does not say which user it means.
"""

from collections.abc import Iterator

from ...finding import Confidence, Severity, Undecided, Violation
from ...model import iam
from ...policy.document import PolicyDocument, Principal
from .. import _machine_users
from .._doubt import by_doubt, is_passed_on
from .._rule import Example, Verdict, World, rule

_USER = """
resource "aws_iam_user" "ada" {%s
  name = "ada"
}
"""
_IN_GROUP = """
resource "aws_iam_group" "developers" {
  name = "developers"
}

resource "aws_iam_user_group_membership" "ada" {
  user   = %s
  groups = [aws_iam_group.developers.name]
}
"""

BAD = Example(_USER % "  # bad")
GOOD = Example(_USER % "" + _IN_GROUP % "aws_iam_user.ada.name")
GOOD_TRUSTED = Example(
    _USER % ""
    + """
resource "aws_iam_role" "auditor" {
  name = "auditor"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.ada.arn } }]
  })
}
""",
    "has its rights by a role that trusts it",
)
GOOD_OWN = Example(
    _USER % ""
    + """
resource "aws_iam_user_policy_attachment" "ada" {
  user       = aws_iam_user.ada.name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}
""",
    "has a policy of its own, which is what IAM303 reports",
)
UNDECIDED = Example(_USER % "  # undecided" + _IN_GROUP % "var.user" + '\nvariable "user" {}\n')


@rule(
    code="IAM309",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/iam-user-group-membership-check.html",
    ),
    controls=("CIS 1.14 (v3: 1.15)",),
    examples=(BAD, GOOD, GOOD_TRUSTED, GOOD_OWN, UNDECIDED),
)
def user_in_no_group(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each user without a group, unless the input may not show all of it."""
    estate = world.estate
    if not estate.complete or estate.unseen:
        return
    trusted = {user.origin.address for user in _named(world)}
    lonely = [user.origin for user in estate.users if user.origin.address not in trusted and _is_lonely(world, user)]
    sure, unsure = by_doubt(
        lonely,
        (
            *((item.origin, item.user) for item in estate.memberships),
            *((item.origin, item.holder) for item in estate.attachments if item.holder_kind == "user"),
            *((item.origin, item.holder) for item in estate.inline_policies if item.holder_kind == "user"),
        ),
    )
    for origin in sure:
        yield Violation(subject=origin, message="the user is in no group")
    for link, origins in unsure.items():
        for origin in origins:
            yield Undecided(
                subject=origin,
                message=f"whether the user is in a group is not known: {link.address} does not say whom it means",
            )


def _is_lonely(world: World, user: iam.User) -> bool:
    """Whether a user is a person's, has neither group nor policy, and is not handed on to where it may get one."""
    return not (
        world.graph.groups_of(user)
        or world.access.held(user)
        or is_passed_on(world.estate, user.origin)
        or _machine_users.is_break_glass(user)
        or _machine_users.machine(world, user) is not None
    )


def _named(world: World) -> Iterator[iam.Principal]:
    """Users that trust policies and resource policies name."""
    estate = world.estate
    held = (
        *((role.origin, role.trust) for role in estate.roles),
        *((item.origin, item.document) for item in estate.resource_policies),
        *((item.origin, item.document) for item in estate.bucket_policies),
    )
    for origin, document in held:
        for statement in document.statements if isinstance(document, PolicyDocument) else ():
            for principal in statement.principals or ():
                if isinstance(principal, Principal):
                    user = world.graph.principal("user", principal.value, origin.account)
                    if user is not None:
                        yield user
