"""Permission set is assigned to one person, not to a group.

## Why it matters

What is assigned person by person is found by nobody who reviews groups, stays when the person changes teams, and has to be repeated for everyone
who joins.

## How to fix it

Assign the permission set to a group of the directory, and put the person into it:

```hcl
resource "aws_ssoadmin_account_assignment" "auditors" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.audit.arn
  principal_type     = "GROUP"
  principal_id       = aws_identitystore_group.auditors.group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = "111122223333"
}
```

## How to fix it in CloudFormation

Assign the permission set to a group of the directory, and put the person into it:

```yaml
AuditorsAssignment:
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

Assignments to groups.

## When it cannot tell

The type of the principal is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

_ASSIGNMENT = """
resource "aws_ssoadmin_account_assignment" "auditors" {%s
  instance_arn       = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
  permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
  principal_type     = %s
  principal_id       = "90676f2d4a-4b1f8a40-6f9c-4f0e-9a44-2f9f0f2b8d6e"
  target_type        = "AWS_ACCOUNT"
  target_id          = "111122223333"
}
"""

BAD = Example(_ASSIGNMENT % ("  # bad", '"USER"'))
GOOD = Example(_ASSIGNMENT % ("", '"GROUP"'))
UNDECIDED = Example(_ASSIGNMENT % ("  # undecided", "var.type") + '\nvariable "type" {}\n')


@rule(
    code="IAM320",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/singlesignon/latest/userguide/howtoassignpermissions.html",),
    controls=("CIS 1.14 (v3: 1.15)",),
    examples=(BAD, GOOD, UNDECIDED),
)
def sso_assignment_to_user(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each assignment that is, or may be, to one person."""
    for assignment in world.estate.assignments:
        kind = assignment.principal_type
        if isinstance(kind, Unknown):
            yield Undecided(
                subject=assignment.origin,
                message=f"whether the permission set is assigned to a person or to a group is not known: {kind.because}",
            )
        elif kind == "USER":
            yield Violation(
                subject=assignment.origin,
                message="the permission set is assigned to one person, not to a group",
            )
