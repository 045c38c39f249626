"""Console password that somebody else chose or handed out stays valid.

## Why it matters

Whoever made the password, or carried it to its user, can sign in with it for as long as it is not replaced, and what he does then is logged under the
user's name.

## How to fix it

Have it replaced when it is first used:

```hcl
resource "aws_iam_user_login_profile" "ada" {
  user                    = aws_iam_user.ada.name
  pgp_key                 = "keybase:ada"
  password_reset_required = true
}
```

The user needs `iam:ChangePassword` for that, which the account's password policy can give to all.

## How to fix it in CloudFormation

Have it replaced when it is first used:

```yaml
AdaUser:
  Type: AWS::IAM::User
  Properties:
    LoginProfile:
      Password: "{{resolve:secretsmanager:console/ada:SecretString:password}}"
      PasswordResetRequired: true
```

The user needs `iam:ChangePassword` for that, which the account's password policy can give to all.

## What it leaves alone

Terraform makes users replace their first password unless it is told not to; CloudFormation does so only if it is told to.

## When it cannot tell

Whether the password must be replaced depends on a value that is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

_PROFILE = """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_login_profile" "ada" {%s
  user                    = aws_iam_user.ada.name
  pgp_key                 = "keybase:ada"
  password_reset_required = %s
}
"""

PLAIN = Example(
    _PROFILE.replace('  pgp_key                 = "keybase:ada"\n', "") % ("  # bad", "false"),
    "it can be read in the state, too (IAM106)",
)
BAD = Example(_PROFILE % ("  # bad", "false"))
GOOD = Example(_PROFILE % ("", "true"))
UNDECIDED = Example(_PROFILE % ("  # undecided", "var.reset") + '\nvariable "reset" {}\n')


@rule(
    code="IAM113",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-iam-user-loginprofile.html",
    ),
    controls=("CWE-620",),
    examples=(BAD, PLAIN, GOOD, UNDECIDED),
)
def first_password_not_replaced(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each console password that its user need not replace."""
    for profile in world.estate.login_profiles:
        reset = profile.reset_required
        if isinstance(reset, Unknown):
            yield Undecided(
                subject=profile.origin,
                message=f"whether the user must replace the first password is not known: {reset.because}",
            )
        elif not reset:
            yield Violation(
                subject=profile.origin,
                message="the user is not made to replace the first password: whoever handed it out can sign in with it",
                evidence=("password_reset_required = false",),
                about=("first password",),
            )
