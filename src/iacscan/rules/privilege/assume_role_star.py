"""Policy lets its holder assume any role, of one account or of every account.

## Why it matters

The trust policy of a role is then all that stands between the holder and the role. In one's own account a role that trusts the account
(`arn:aws:iam::111122223333:root`) trusts everyone whose policies allow it: this one does, for every such role, the administrators' included.

## How to fix it

Name the roles:

```hcl
statement {
  actions   = ["sts:AssumeRole"]
  resources = [aws_iam_role.deployer.arn]
}
```

## How to fix it in CloudFormation

Name the roles:

```yaml
- Effect: Allow
  Action: sts:AssumeRole
  Resource: !GetAtt DeployerRole.Arn
```

## What it leaves alone

Roles that are named, patterns for some roles of one account, conditions on the role's tags, and actions that only tag or name a session. One
role name, or a pattern with a fixed beginning, in every account is medium: it is how central tools reach the accounts of an organization;
so is every role of one account.

## When it cannot tell

Which roles may be assumed is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.arn import REST, parse_arn
from ...policy.condition.judge import is_positive_guard
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.excess import effective_actions, whole_services
from ...policy.grant import is_narrowed, statement_resources_everything
from ...policy.pattern import covers, has_wildcard
from ...value import Truth, Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

_ALL: Final = "role/*"
_OWN: Final = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})

_POLICY = """
resource "aws_iam_policy" "ci" {%s
  name   = "ci"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = %s }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", '"*"'))
BAD_ACCOUNTS = Example(_POLICY % (" # bad", '"arn:aws:iam::*:role/*"'), "every role of every account")
BAD_NAME = Example(
    _POLICY % (" # bad", '"arn:aws:iam::*:role/OrganizationAccountAccessRole"'), "medium: one name, every account"
)
GOOD = Example(_POLICY % ("", '"arn:aws:iam::111122223333:role/deployer"'))
GOOD_PATTERN = Example(_POLICY % ("", '"arn:aws:iam::111122223333:role/deploy-*"'), "some roles of one account")
UNDECIDED = Example(_POLICY % (" # undecided", "var.roles") + '\nvariable "roles" {}\n')


@rule(
    code="IAM412",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    controls=("CWE-269", "MITRE T1078.004"),
    examples=(BAD, BAD_ACCOUNTS, BAD_NAME, GOOD, GOOD_PATTERN, UNDECIDED),
)
def assume_role_star(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that lets roles be assumed."""
    for policy in world.access.identity_policies:
        assuming = [statement for document, statement in _power.all_but_admin(policy) if _assumes(document, statement)]
        graded = [(*grade, statement) for statement in assuming if (grade := _grade(statement)) is not None]
        if graded:
            severity, roles, _ = max(graded, key=lambda item: item[0])
            yield Violation(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may assume {roles}, as far as the roles' own trust policies let them",
                evidence=tuple(line for _, _, statement in graded for line in describe(statement)),
                related=_identity.related(policy),
                severity=severity,
                about=("sts:assumerole",),
            )
            continue
        doubtful = [item for item in assuming if any(isinstance(text, Unknown) for text in item.resources or ())]
        if doubtful:
            yield Undecided(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may assume roles, and which ones is not known",
                evidence=tuple(line for statement in doubtful for line in describe(statement)),
                related=_identity.related(policy),
            )


def _assumes(document: PolicyDocument, statement: Statement) -> bool:
    """Whether a statement allows AssumeRole, and is not one that IAM403, IAM406 or IAM407 speaks of."""
    if statement.not_actions is not None or statement.not_resources is not None:
        return False
    if is_narrowed(statement) is Truth.YES:
        return False
    wanted = ActionSet.of(("sts:AssumeRole",))
    return effective_actions(statement, document).covers(wanted) and "sts" not in whole_services(statement, document)


def _grade(statement: Statement) -> tuple[Severity, str] | None:
    """How bad a statement is, and which roles it is about; None if it names some."""
    own = any(
        isinstance(item, Condition) and item.key.lower() in _OWN and is_positive_guard(item)
        for item in statement.conditions
    )
    if statement_resources_everything(statement) is Truth.YES:
        return (
            (Severity.MEDIUM, "any role of the accounts in the condition")
            if own
            else (Severity.HIGH, "any role of any account")
        )
    grades = [
        grade for text in statement.resources or () if isinstance(text, str) and (grade := _grade_arn(text, own=own))
    ]
    return max(grades, default=None)


def _grade_arn(text: str, *, own: bool) -> tuple[Severity, str] | None:
    arn = parse_arn(text)
    if arn is None or not covers(arn.service, "iam") or not arn.resource.startswith(("role/", "*")):
        return None
    any_role = covers(arn.resource, _ALL)
    any_account = has_wildcard(arn.account)
    if any_account:
        some = (
            "some roles, of names that are not known here,"
            if REST in text
            else f"the roles {arn.resource.removeprefix('role/')}"
        )
        which = "any role" if any_role else some
        return Severity.HIGH if any_role and not own else Severity.MEDIUM, f"{which} of any account"
    return (Severity.MEDIUM, "any role of an account") if any_role else None
