"""Role trusts a service of AWS, but not only when it acts for one's own resources.

## Why it matters

A service such as EventBridge Scheduler works for all customers of AWS. It says for whose resource it acts; a role that does not look at that relies
on the service never to confuse two customers. AWS asks for the condition wherever a service can send it.

## How to fix it

Ask for the account that the service acts for:

```hcl
condition {
  test     = "StringEquals"
  variable = "aws:SourceAccount"
  values   = [data.aws_caller_identity.current.account_id]
}
```

## How to fix it in CloudFormation

Ask for the account that the service acts for:

```yaml
- Effect: Allow
  Principal:
    Service: scheduler.amazonaws.com
  Action: sts:AssumeRole
  Condition:
    StringEquals:
      aws:SourceAccount: !Ref AWS::AccountId
```

## What it leaves alone

Services that are not known to send the condition's keys. EC2, Lambda and ECS tasks do not send the key: there it would break the role.

## When it cannot tell

A condition of the statement is not known.
"""

from collections.abc import Iterator

from ...finding import Severity, Undecided, Violation
from ...model.iam import Role
from ...policy.deputy import services_for_anyone
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...value import Truth
from .._rule import Example, Verdict, World, rule

_ROLE = """
resource "aws_iam_role" "nightly" {%s
  name               = "nightly"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "%s.amazonaws.com" }
      Condition = { %s }
    }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", "scheduler", ""))
GOOD = Example(_ROLE % ("", "scheduler", 'StringEquals = { "aws:SourceAccount" = "111122223333" }'))
GOOD_ARN = Example(
    _ROLE % ("", "scheduler", 'ArnLike = { "aws:SourceArn" = "arn:aws:scheduler:*:111122223333:schedule-group/*" }')
)
GOOD_LAMBDA = Example(_ROLE % ("", "lambda", ""), "Lambda does not send the key")
UNDECIDED = Example(_ROLE % ("  # undecided", "scheduler", "StringEquals = var.source") + '\nvariable "source" {}\n')


@rule(
    code="IAM217",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        "https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
    ),
    controls=("CWE-441",),
    examples=(BAD, GOOD, GOOD_ARN, GOOD_LAMBDA, UNDECIDED),
)
def service_trust_confused_deputy(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each role that such services may assume for anybody's resource."""
    for role in world.estate.roles:
        found = _services(role)
        if not found:
            continue
        certain = {service: statement for service, (truth, statement) in found.items() if truth is Truth.YES}
        if certain:
            names = " and ".join(sorted(certain))
            yield Violation(
                subject=role.origin,
                message=f"nothing limits {names} to acting for resources of this account when it assumes the role",
                evidence=tuple(dict.fromkeys(line for statement in certain.values() for line in describe(statement))),
                severity=Severity.MEDIUM if world.access.admin(role).truth is Truth.YES else None,
            )
            continue
        service, (_, statement) = next(iter(found.items()))
        yield Undecided(
            subject=role.origin,
            message=f"whether {service} assumes the role for resources of this account only is not known",
            evidence=describe(statement),
        )


def _services(role: Role) -> dict[str, tuple[Truth, Statement]]:
    """The services that act for anybody's resource, or may do so, with the statement that lets them in."""
    if not isinstance(role.trust, PolicyDocument):
        return {}
    statements = role.trust.statements
    return {
        service: (truth, statement)
        for statement in statements
        for service, truth in services_for_anyone(statement, statements, "role").items()
    }
