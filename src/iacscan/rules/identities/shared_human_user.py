"""Console user is not one person's: several people sign in with one password.

## Why it matters

What was done with a shared user was done by nobody. Its password is known to more people than anyone remembers, is not changed when one of them
leaves, and its second factor lies in a drawer or is switched off.

## How to fix it

Let each person sign in as that person, through IAM Identity Center, and give the permissions to a group:

```hcl
resource "aws_identitystore_group" "administrators" {
  identity_store_id = local.identity_store_id
  display_name      = "administrators"
}

resource "aws_ssoadmin_account_assignment" "administrators" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.administrator.arn
  principal_type     = "GROUP"
  principal_id       = aws_identitystore_group.administrators.group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = "111122223333"
}
```

## How to fix it in CloudFormation

Let each person sign in as that person, through IAM Identity Center, and give the permissions to a group:

```yaml
AdministratorsAssignment:
  Type: AWS::SSO::Assignment
  Properties:
    InstanceArn: arn:aws:sso:::instance/ssoins-1234567890abcdef
    PermissionSetArn: arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef
    PrincipalType: GROUP
    PrincipalId: 90676f2d4a-4b1f8a40-6f9c-4f0e-9a44-2f9f0f2b8d6e
    TargetType: AWS_ACCOUNT
    TargetId: "111122223333"
```

## What it leaves alone

Users without a console password, users kept for emergencies, and names with a word in them that may be a person's (`jane.admin`, `admin-jdoe`). Where a
template leaves the name out, its logical id is all that tells, and the finding is low.

## When it cannot tell

The name of the user is not known; for information only.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Related, Severity, Undecided, Violation
from ...lazy import regex
from ...model.iam import LoginProfile, User
from ...value import Maybe, Unknown
from .. import _machine_users
from .._rule import Example, Verdict, World, rule

# Names of what several people are, and words that say nothing more when they stand beside one of these.
_SHARED: Final = _machine_users.words(
    "admin admins administrator administrators root shared team teams dev devs developer developers ops devops sysadmin sysadmins "
    "office company common everyone everybody all test tester testers testing demo guest guests support helpdesk staff contractors"
)
_BESIDE: Final = _machine_users.words(
    "user users account login console aws iam prod production staging stage dev qa our the"
)
_WORDS: Final = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_USER = """
resource "aws_iam_user" "them" {%s
  name = %s
}

resource "aws_iam_user_login_profile" "them" {
  user = aws_iam_user.them.name
}
"""

BAD = Example(_USER % ("  # bad", '"admin"'))
BAD_TEAM = Example(_USER % ("  # bad", '"DevTeam-Prod"'), "every word of the name is a group's")
GOOD = Example(_USER % ("", '"jane.admin"'), "a person's")
GOOD_EMERGENCY = Example(_USER % ("", '"emergency-admin"'), "kept for emergencies")
UNDECIDED = Example(_USER % ("  # undecided", "var.name") + '\nvariable "name" {}\n')


@rule(
    code="IAM104",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_identity-management.html",
    ),
    controls=("CIS 1.20 (v3: 1.21)", "CWE-1391"),
    examples=(BAD, BAD_TEAM, GOOD, GOOD_EMERGENCY, UNDECIDED),
)
def shared_human_user(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each console user whose name tells, or would tell, that it is shared."""
    for profile in world.estate.login_profiles:
        user = world.graph.user_of(profile)
        name = _name(profile, user)
        subject = profile.origin if user is None else user.origin
        if isinstance(name, Unknown):
            yield Undecided(
                subject=subject,
                message=f"whether this console user is one person's is not known: {name.because}",
                severity=Severity.INFO,
            )
        elif _is_shared(name):
            given = user is None or isinstance(user.name, str)
            yield Violation(
                subject=subject,
                message=f'"{name}" names no person, so that several can sign in to the console with one password',
                related=() if subject.address == profile.origin.address else (Related(profile.origin, "its password"),),
                severity=None if given else Severity.LOW,
                confidence=None if given else Confidence.LOW,
            )


def _name(profile: LoginProfile, user: User | None) -> Maybe[str]:
    """The name of a console user; in a template without one, its logical id."""
    name = profile.user if user is None else user.name
    if isinstance(name, str) and "⟦" in name:
        return Unknown("only a part of its name is")
    if user is None or isinstance(name, str) or name.references:
        return name
    return _machine_users.called(user) or name  # AWS makes the name up


def _is_shared(name: str) -> bool:
    """Whether all words of a name are of the kind that names no person; of an e-mail address only what stands before the @."""
    found = {word.lower() for word in _WORDS.findall(name.partition("@")[0])}
    return bool(found & _SHARED) and found <= _SHARED | _BESIDE
