"""Console password can be read where it is declared or kept, or stays as it was handed out.

## Why it matters

A password in a template is readable for everybody who can read the template or describe the stack; one that Terraform makes without a PGP key is
readable for everybody who can read the state file. If the user is not made to choose another one, that password stays valid.

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

Passwords that are encrypted and must be replaced when first used.

## When it cannot tell

With a PGP key, whether the password must be replaced may depend on a value that is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...model.iam import LoginProfile
from ...value import Unknown
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

KEPT = Example(
    _USER
    + """
resource "aws_iam_user_login_profile" "ada" {
  user                    = aws_iam_user.ada.name
  pgp_key                 = "keybase:ada"
  password_reset_required = false  # bad
}
""",
    "the first password stays valid",
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

UNDECIDED = Example(
    _USER
    + """
resource "aws_iam_user_login_profile" "ada" {
  user                    = aws_iam_user.ada.name
  pgp_key                 = "keybase:ada"
  password_reset_required = var.reset  # undecided
}

variable "reset" {}
"""
)


@rule(
    code="IAM106",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html",),
    controls=("CIS 1.20 (v3: 1.21)", "CWE-522"),
    examples=(BAD, KEPT, GOOD, UNDECIDED),
)
def console_password_exposed(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each console password."""
    for profile in world.estate.login_profiles:
        reset = profile.reset_required
        kept = "; the user is not made to replace it" if reset is False else ""
        if not profile.encrypted:
            yield Violation(
                subject=profile.origin,
                message=f"{_exposed(profile)}{kept}",
                evidence=() if profile.origin.is_template else ("pgp_key is not set",),
            )
        elif isinstance(reset, Unknown):
            yield Undecided(
                subject=profile.origin,
                message=f"whether the user must replace the first password is not known: {reset.because}",
                severity=Severity.MEDIUM,
            )
        elif not reset:
            yield Violation(
                subject=profile.origin,
                message="the user is not made to replace the first password: whoever handed it out can sign in with it",
                evidence=("password_reset_required = false",),
                severity=Severity.MEDIUM,
            )


def _exposed(profile: LoginProfile) -> str:
    if not profile.origin.is_template:
        return "the console password is in the state in clear text"
    if profile.plain:
        return "the console password is kept in Systems Manager as plain text: whoever may read parameters or describe the stack can read it"
    if profile.shown:
        return "the console password comes from a parameter without NoEcho: whoever may describe the stack can read it"
    return "the console password is in the template in clear text"
