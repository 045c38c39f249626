"""Policy lets its holder pass any role, or any role of a wide pattern, to an AWS service.

## Why it matters

Whoever passes a role to a service has it: a function, an instance or a job that is started with an administrator's role does what an
administrator may do. `iam:PassRole` on every role is one step short of administration.

## How to fix it

Name the role, and the service that it may be passed to:

```hcl
statement {
  actions   = ["iam:PassRole"]
  resources = [aws_iam_role.worker.arn]

  condition {
    test     = "StringEquals"
    variable = "iam:PassedToService"
    values   = ["lambda.amazonaws.com"]
  }
}
```

## How to fix it in CloudFormation

Name the role, and the service that it may be passed to:

```yaml
- Effect: Allow
  Action: iam:PassRole
  Resource: !GetAtt WorkerRole.Arn
  Condition:
    StringEquals:
      iam:PassedToService: lambda.amazonaws.com
```

## What it leaves alone

Statements whose `iam:PassedToService` names no service that there is (IAM522). Single roles, patterns for some roles of which `iam:PassedToService` says what they may be passed to, and all of IAM (`iam:*`: IAM403).
Patterns whose names begin with eight fixed characters or more are low. With `iam:PassedToService`, every role is medium: only those that the service may assume can be passed. `StringLike` with `*.amazonaws.com` is no limit.

## When it cannot tell

Which roles may be passed is not known, or the condition is not.
"""

import re
from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.arn import REST, parse_arn
from ...policy.condition.judge import restricts
from ...policy.condition.operators import Family, parse_operator
from ...policy.condition.values import impossible_values
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.excess import effective_actions, whole_services
from ...policy.grant import is_narrowed, statement_resources_everything
from ...policy.pattern import covers, has_wildcard, overlaps
from ...value import Maybe, Truth, Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

_SERVICE_KEY: Final = "iam:passedtoservice"
_ALL: Final = "role/*"
_LONG: Final = 8  # fixed characters of a name that was chosen for the purpose, as in AWS's own EC2-roles-for-XYZ-*

_POLICY = """
resource "aws_iam_policy" "deployer" {%s
  name   = "deployer"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["iam:PassRole", "lambda:CreateFunction"], Resource = %s%s }]
  })
}
"""
_TO_LAMBDA = ', Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }'

BAD = Example(_POLICY % (" # bad", '"*"', ""))
BAD_ROLES = Example(
    _POLICY % (" # bad", '"arn:aws:iam::111122223333:role/*"', _TO_LAMBDA), "medium: every role that Lambda may assume"
)
BAD_PATTERN = Example(
    _POLICY % (" # bad", '"arn:aws:iam::111122223333:role/app-*"', ""), "medium: some roles, to any service"
)
GOOD = Example(_POLICY % ("", '"arn:aws:iam::111122223333:role/worker"', ""), "one role")
BAD_PREFIX = Example(
    _POLICY % (" # bad", '"arn:aws:iam::111122223333:role/photo-workers-*"', ""), "low: the roles of one purpose"
)
GOOD_PATTERN = Example(
    _POLICY % ("", '"arn:aws:iam::111122223333:role/app-*"', _TO_LAMBDA), "some roles, to one service"
)
GOOD_NOTHING = Example(
    _POLICY % ("", '"*"', _TO_LAMBDA.replace("lambda.amazonaws.com", "lambda.amazon.com")), "there is no such service"
)
UNDECIDED = Example(_POLICY % (" # undecided", "var.role", "") + '\nvariable "role" {}\n')


@rule(
    code="IAM409",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("CWE-269", "MITRE T1098"),
    examples=(BAD, BAD_ROLES, BAD_PATTERN, BAD_PREFIX, GOOD, GOOD_PATTERN, GOOD_NOTHING, UNDECIDED),
)
def passrole_too_wide(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that lets roles be passed."""
    for policy in world.access.identity_policies:
        graded = [
            (severity, statement)
            for document, statement in _power.all_but_admin(policy)
            if _passes(document, statement) and (severity := _grade(statement)) is not None
        ]
        certain = [(severity, statement) for severity, statement in graded if isinstance(severity, Severity)]
        told = [statement for _, statement in certain or graded]
        evidence = tuple(line for statement in told for line in describe(statement))
        if certain:
            severity, statement = max(certain, key=lambda item: item[0])
            roles = "any role of the account" if _roles(statement) is Truth.YES else "any role that a pattern matches"
            to = _services(statement)
            yield Violation(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may pass {roles} to {' or '.join(to) if to else 'any service'}",
                evidence=evidence,
                related=_identity.related(policy),
                severity=severity,
                about=("iam:passrole",),
            )
        elif graded:
            yield Undecided(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may pass roles, and whether to any service, and which, is not known",
                evidence=evidence,
                related=_identity.related(policy),
            )


def _passes(document: PolicyDocument, statement: Statement) -> bool:
    """Whether a statement allows PassRole, and is not one that IAM403, IAM406 or IAM407 speaks of."""
    if statement.not_actions is not None or statement.not_resources is not None:
        return False
    pass_role = ActionSet.of(("iam:PassRole",))
    return effective_actions(statement, document).covers(pass_role) and "iam" not in whole_services(statement, document)


def _grade(statement: Statement) -> Maybe[Severity] | None:
    """How bad a statement is; None if it is fine."""
    if any(_names_nothing(item) for item in _guards(statement)):
        return None
    roles = _roles(statement)
    narrowed = _is_limited(statement)
    if roles is Truth.UNKNOWN and narrowed is not Truth.YES:
        return Unknown("which roles it is about is not known")
    if narrowed is Truth.UNKNOWN:
        return Unknown("its condition is not known") if roles is Truth.YES else None
    if roles is Truth.YES:
        return Severity.MEDIUM if narrowed is Truth.YES else Severity.HIGH
    patterns = [text for text in statement.resources or () if isinstance(text, str) and _has_open_name(text)]
    if not patterns or narrowed is not Truth.NO:
        return None
    return Severity.MEDIUM if any(_fixed(text) < _LONG for text in patterns) else Severity.LOW


def _roles(statement: Statement) -> Truth:
    """Whether a statement is about every role of an account."""
    everything = statement_resources_everything(statement)
    if everything is Truth.YES:
        return everything
    for text in statement.resources or ():
        arn = parse_arn(text) if isinstance(text, str) else None
        if arn is not None and covers(arn.service, "iam") and covers(arn.resource, _ALL):
            return Truth.YES
    return everything


def _has_open_name(text: str) -> bool:
    arn = parse_arn(text)
    if arn is None or REST in text:
        return False
    return covers(arn.service, "iam") and has_wildcard(arn.resource) and overlaps(arn.resource, _ALL)


def _fixed(text: str) -> int:
    """How many characters of a role's name or path stand before the first wildcard of an ARN."""
    arn = parse_arn(text)
    name = "" if arn is None else arn.resource.partition("/")[2]
    return len(re.split(r"[*?]", name, maxsplit=1)[0])


def _is_limited(statement: Statement) -> Truth:
    """Whether a condition limits what the roles may be passed to or used for."""
    guards = _guards(statement)
    if any(_names_services(item) for item in guards):
        return Truth.YES
    if any(isinstance(item, Unknown) for item in statement.conditions):
        return Truth.UNKNOWN
    return Truth.NO if guards else is_narrowed(statement)


def _guards(statement: Statement) -> tuple[Condition, ...]:
    return tuple(
        item for item in statement.conditions if isinstance(item, Condition) and item.key.lower() == _SERVICE_KEY
    )


def _names_nothing(condition: Condition) -> bool:
    """Whether a condition asks for services that there are not (IAM522), so that nothing may be passed."""
    operator = parse_operator(condition.operator)
    if operator is None or operator.negated or not condition.values:
        return False
    return len(impossible_values(operator, condition)) == len(condition.values)


def _names_services(condition: Condition) -> bool:
    """Whether a condition asks for a service. PassRole always carries the key, so that IfExists changes nothing."""
    operator = parse_operator(condition.operator)
    asks = operator is not None and not operator.negated and operator.family is Family.STRING
    return asks and restricts(condition) is Truth.YES


def _services(statement: Statement) -> tuple[str, ...]:
    """What the condition says the roles may be passed to."""
    values = (value for item in _guards(statement) if _names_services(item) for value in item.values)
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
