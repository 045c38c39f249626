"""Console password can be read where it is declared or kept.

## Why it matters

A password in a template is readable for everybody who can read the template or describe the stack; one that Terraform makes without a PGP key is
readable for everybody who can read the state file.

## How to fix it

Best: no console passwords in IAM; let people sign in through IAM Identity Center. Where one cannot be avoided:

```hcl
resource "aws_iam_user_login_profile" "ada" {
  user                    = aws_iam_user.ada.name
  pgp_key                 = "keybase:ada"
  password_reset_required = true
}
```

## How to fix it in CloudFormation

Best: no console passwords in IAM; let people sign in through IAM Identity Center. Where one cannot be avoided, keep it out of the template, and
have it replaced when it is first used:

```yaml
AdaUser:
  Type: AWS::IAM::User
  Properties:
    LoginProfile:
      Password: "{{resolve:secretsmanager:console/ada:SecretString:password}}"
      PasswordResetRequired: true
```

## What it leaves alone

Passwords that are encrypted with a PGP key, come from a parameter with NoEcho or are kept elsewhere. Whether the user has to replace them is asked by IAM113.

## When it cannot tell

It always can: what encrypts the password stands in the configuration, or nothing does.
"""

from collections.abc import Iterator

from ...finding import Severity, Violation
from ...model.iam import LoginProfile
from .._rule import Example, Verdict, World, rule

_USER = """
resource "aws_iam_user" "ada" {
  name = "ada"
}
"""

BAD = Example(
    _USER
    + """
resource "aws_iam_user_login_profile" "ada" {  # bad
  user = aws_iam_user.ada.name
}
""",
    "the password is in the state",
)

GOOD = Example(
    _USER
    + """
resource "aws_iam_user_login_profile" "ada" {
  user                    = aws_iam_user.ada.name
  pgp_key                 = "keybase:ada"
  password_reset_required = true
}
"""
)


@rule(
    code="IAM106",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html",),
    controls=("CIS 1.20 (v3: 1.21)", "CWE-522"),
    examples=(BAD, GOOD),
    tells=("IAM113",),
)
def console_password_exposed(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each console password."""
    for profile in world.estate.login_profiles:
        if not profile.encrypted:
            yield Violation(
                subject=profile.origin,
                message=_exposed(profile),
                evidence=() if profile.origin.is_template else ("pgp_key is not set",),
                about=("first password",),
            )


def _exposed(profile: LoginProfile) -> str:
    if not profile.origin.is_template:
        return "the console password is in the state in clear text"
    if profile.plain:
        return "the console password is kept in Systems Manager as plain text: whoever may read parameters or describe the stack can read it"
    if profile.shown:
        return "the console password comes from a parameter without NoEcho: whoever may describe the stack can read it"
    return "the console password is in the template in clear text"
