"""Sessions of an administrator's role or permission set may last longer than a working day needs.

## Why it matters

Credentials of a session cannot be called back one by one. Who copies them from a terminal, a log or a build has the role until they
run out, and for an administrator every hour of that counts.

## How to fix it

Four hours for roles, eight for permission sets, or less; whoever needs longer signs in again:

```hcl
resource "aws_iam_role" "admin" {
  name                 = "admin"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.admins.json
}
```

## How to fix it in CloudFormation

Four hours for roles, eight for permission sets, or less; whoever needs longer signs in again:

```yaml
AdminRole:
  Type: AWS::IAM::Role
  Properties:
    MaxSessionDuration: 3600
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            AWS: arn:aws:iam::111122223333:role/operator
          Action: sts:AssumeRole
    ManagedPolicyArns:
      - arn:aws:iam::aws:policy/AdministratorAccess
```

For a permission set the property is `SessionDuration: PT8H`.

## What it leaves alone

Roles and permission sets that are no administrator's and cannot make themselves one. Roles that only AWS services assume: the setting does not
limit their sessions.

## When it cannot tell

The duration is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Undecided, Violation
from ...lazy import regex
from ...model import iam
from ...policy.principal import Kind
from ...routes import is_final
from ...value import Maybe, Truth, Unknown
from .. import _escalations, _identity
from .._rule import Example, Verdict, World, rule

_HOUR: Final = 3600
_ROLE_HOURS: Final = 4
_SET_HOURS: Final = 8
# ISO 8601, as far as Identity Center takes it: PT1H to PT12H, with minutes and seconds.
_DURATION: Final = regex(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")

_ROLE = """
resource "aws_iam_role" "admin" {%s
  name                 = "admin"
  max_session_duration = %s
  assume_role_policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { %s } }]
  })
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.admin.name
  policy_arn = "arn:aws:iam::aws:policy/%s"
}
"""
_ACCOUNT = 'AWS = "arn:aws:iam::111122223333:root"'
_SERVICE = 'Service = "cloudformation.amazonaws.com"'
_SET = """
resource "aws_ssoadmin_permission_set" "admin" {%s
  name             = "admin"
  instance_arn     = "arn:aws:sso:::instance/ssoins-1111222233334444"
  session_duration = "%s"
}

resource "aws_ssoadmin_managed_policy_attachment" "admin" {
  instance_arn       = "arn:aws:sso:::instance/ssoins-1111222233334444"
  permission_set_arn = aws_ssoadmin_permission_set.admin.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""

BAD = Example(_ROLE % ("  # bad", "43200", _ACCOUNT, "AdministratorAccess"), "twelve hours")
BAD_ABLE = Example(_ROLE % ("  # bad", "43200", _ACCOUNT, "IAMFullAccess"), "no administrator, but can make itself one")
BAD_SET = Example(_SET % ("  # bad", "PT12H"), "a permission set")
GOOD = Example(_ROLE % ("", "14400", _ACCOUNT, "AdministratorAccess"), "four hours")
GOOD_READER = Example(_ROLE % ("", "43200", _ACCOUNT, "ReadOnlyAccess"), "who reads may stay")
GOOD_SERVICE = Example(
    _ROLE % ("", "43200", _SERVICE, "AdministratorAccess"), "the setting does not limit sessions of services"
)
GOOD_SET = Example(_SET % ("", "PT8H"))
UNDECIDED = Example(
    _ROLE % ("  # undecided", "var.duration", _ACCOUNT, "AdministratorAccess") + '\nvariable "duration" {}\n'
)


@rule(
    code="IAM218",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html",
        "https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html",
    ),
    controls=("CWE-613",),
    examples=(BAD, BAD_ABLE, BAD_SET, GOOD, GOOD_READER, GOOD_SERVICE, GOOD_SET, UNDECIDED),
)
def long_session_for_privileged_role(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each role and permission set of an administrator with long sessions."""
    sessions: list[tuple[iam.Principal, Maybe[int], int]] = [
        *((role, role.max_session, _ROLE_HOURS) for role in world.estate.roles if _is_for_people(world, role)),
        *((item, _seconds(item.session_duration), _SET_HOURS) for item in world.estate.permission_sets),
    ]
    for principal, seconds, hours in sessions:
        if isinstance(seconds, int) and seconds <= hours * _HOUR:
            continue
        privileged = _privileged(world, principal)
        if privileged is None:
            continue
        who, confidence = privileged
        if isinstance(seconds, Unknown):
            message = f"{_identity.called(principal)} {who}, and how long its sessions may last is not known"
            yield Undecided(subject=principal.origin, message=f"{message}: {seconds.because}")
        else:
            yield Violation(
                subject=principal.origin,
                message=f"{_identity.called(principal)} {who}, and its sessions may last {_hours(seconds)} hours",
                evidence=(f"longest session: {seconds} seconds",),
                confidence=confidence,
            )


def _privileged(world: World, principal: iam.Principal) -> tuple[str, Confidence] | None:
    """What a principal is or can make of itself, and how sure that is; None if it is no administrator."""
    if world.access.admin(principal).truth is Truth.YES:
        return "is an administrator", Confidence.HIGH
    escalation = _escalations.of(world)
    last = next((path for path in escalation.paths(escalation.holder(principal)) if is_final(path.opening)), None)
    return None if last is None else ("can make itself an administrator", last.confidence)


def _is_for_people(world: World, role: iam.Role) -> bool:
    """Whether anybody but AWS services may assume a role, as far as its trust policy is known."""
    return any(trusted.kind is not Kind.SERVICE for trusted in world.access.trust(role))


def _seconds(duration: Maybe[str] | None) -> Maybe[int]:
    """A duration of Identity Center in seconds; an hour where none is set."""
    if duration is None:
        return _HOUR
    if isinstance(duration, Unknown):
        return duration
    found = _DURATION.fullmatch(duration.upper())
    if found is None:
        return Unknown(f"{duration} is not a duration such as PT4H")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * _HOUR + minutes * 60 + seconds


def _hours(seconds: int) -> str:
    return f"{seconds / _HOUR:.1f}".removesuffix(".0")
