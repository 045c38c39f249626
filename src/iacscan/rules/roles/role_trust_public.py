"""Role can be assumed from every AWS account in the world.

## Why it matters

The principal `*` in a trust policy means every user and role of every AWS account. Whoever learns the role's ARN, which is no secret,
has its permissions.

## How to fix it

Name the account or, better, the role that may assume it:

```hcl
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/deployer"]
    }
  }
}
```

For a whole organization, keep the star and add `StringEquals` on `aws:PrincipalOrgID`.

## How to fix it in CloudFormation

Name the account or, better, the role that may assume it:

```yaml
- Effect: Allow
  Principal:
    AWS: arn:aws:iam::111122223333:role/deployer
  Action: sts:AssumeRole
```

For a whole organization, keep the star and add `StringEquals` on `aws:PrincipalOrgID`.

## What it leaves alone

Trust that a condition limits to accounts, principals or an organization. An external id or a network alone lowers the severity: they do not say who
comes.

## When it cannot tell

A principal, or the condition that would limit it, is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.condition.judge import is_positive_guard, restricts
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from ...policy.grant import possible_actions
from ...policy.principal import Kind
from ...policy.public import Level, Reach
from ...value import Truth
from .._rule import Example, Verdict, World, rule

_EXTERNAL_ID: Final = "sts:externalid"
_NOT_PRINCIPAL: Final = "NotPrincipal"  # how `Access.trust` shows that element
_STRANGERS: Final = (Kind.ANYONE, Kind.INVALID, Kind.UNKNOWN)

_ROLE = """
resource "aws_iam_role" "audit" {%s
  name = "audit"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = %s
      Condition = %s
    }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", '{ AWS = "*" }', "{}"))

BARE = Example(_ROLE % ("  # bad", '"*"', "{}"), "the bare star")

EXTERNAL_ID = Example(
    _ROLE % ("  # bad", '{ AWS = "*" }', '{ StringEquals = { "sts:ExternalId" = "4711" } }'),
    "an external id is a shared secret, not an identity",
)

USELESS = Example(
    _ROLE % ("  # bad", '{ AWS = "*" }', '{ StringLike = { "aws:PrincipalArn" = "*" } }'),
    "a condition that everybody satisfies",
)

GOOD = Example(_ROLE % ("", '{ AWS = "arn:aws:iam::111122223333:role/deployer" }', "{}"))

ORGANIZATION = Example(
    _ROLE % ("", '{ AWS = "*" }', '{ StringEquals = { "AWS:principalorgid" = "o-a1b2c3d4e5" } }'),
    "only principals of the organization; condition keys have no case",
)

DENIED = Example(
    """
resource "aws_iam_role" "audit" {
  name = "audit"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Deny", Action = "sts:AssumeRole", Principal = { AWS = "*" } }
  })
}
""",
    "it denies",
)

UNDECIDED = Example(
    _ROLE % ("  # undecided", "{ AWS = var.trusted }", "{}") + '\nvariable "trusted" {}\n',
    "who is trusted is a variable without a default",
)


@rule(
    code="IAM208",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html#access-analyzer-iam-role",
    ),
    controls=("CWE-284", "CWE-732"),
    examples=(BAD, BARE, EXTERNAL_ID, USELESS, GOOD, ORGANIZATION, DENIED, UNDECIDED),
)
def role_trust_public(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each role that strangers can, or may be able to, assume: on its widest statement."""
    assume = ActionSet.of(("sts:AssumeRole",))
    for role in world.estate.roles:
        certain: list[tuple[Severity, str, Statement]] = []
        doubtful: list[tuple[str, Statement]] = []
        for trusted in world.access.trust(role):
            statement, reach = trusted.statement, trusted.reach
            if statement is None or trusted.kind not in _STRANGERS or not possible_actions(statement).overlaps(assume):
                continue
            if trusted.value == _NOT_PRINCIPAL:
                certain.append(
                    (Severity.HIGH, "its trust policy uses NotPrincipal, which IAM refuses there", statement)
                )
            elif reach.level >= Level.NETWORK and reach.truth is Truth.YES:
                certain.append((*_judge(reach, statement), statement))
            elif reach.level >= Level.NETWORK and reach.truth is Truth.UNKNOWN:
                doubtful.append((reach.because, statement))
        if certain:
            severity, message, _ = max(certain, key=lambda found: found[0])
            evidence = dict.fromkeys(line for _, _, statement in certain for line in describe(statement))
            yield Violation(subject=role.origin, message=message, evidence=tuple(evidence)[:3], severity=severity)
        elif doubtful:
            because, statement = doubtful[0]
            yield Undecided(
                subject=role.origin,
                message=f"whether every AWS account can assume this role is not known: {because}",
                evidence=describe(statement),
            )


def _judge(reach: Reach, statement: Statement) -> tuple[Severity, str]:
    if reach.level is Level.NETWORK:
        return (
            Severity.HIGH,
            "every AWS account in the world can assume this role, as long as it calls from a certain network",
        )
    if any(
        isinstance(item, Condition)
        and item.key.lower() == _EXTERNAL_ID
        and is_positive_guard(item)
        and restricts(item) is not Truth.NO
        for item in statement.conditions
    ):
        return Severity.HIGH, "every AWS account in the world can assume this role, if it knows the external id"
    return Severity.CRITICAL, f"every AWS account in the world can assume this role: {reach.because}"
