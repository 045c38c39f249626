"""Role trusts a SAML provider, also in what it says to other applications.

## Why it matters

An assertion names the application that it was written for. A role that does not ask for AWS's own name relies on nobody passing an assertion on: an
application that receives one, or whoever steals it there, could use it here.

## How to fix it

Ask for the name of AWS's sign-in:

```hcl
condition {
  test     = "StringEquals"
  variable = "SAML:aud"
  values   = ["https://signin.aws.amazon.com/saml"]
}
```

## How to fix it in CloudFormation

Ask for the name of AWS's sign-in:

```yaml
- Effect: Allow
  Principal:
    Federated: !Ref DirectorySamlProvider
  Action: sts:AssumeRoleWithSAML
  Condition:
    StringEquals:
      SAML:aud: https://signin.aws.amazon.com/saml
```

## What it leaves alone

Roles that ask for any audience: which one is right depends on partition and region.

## When it cannot tell

A condition of the statement is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...model.iam import Role
from ...policy.action import ActionSet
from ...policy.condition.judge import is_positive_guard, restricts
from ...policy.describe import describe
from ...policy.document import Condition, Statement
from ...policy.grant import possible_actions
from ...policy.principal import Kind
from ...value import Maybe, Truth, Unknown, any_of
from .._rule import Example, Verdict, World, rule

_KEY: Final = "saml:aud"

_ROLE = """
resource "aws_iam_role" "auditors" {%s
  name = "auditors"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithSAML"
      Principal = { Federated = "arn:aws:iam::111122223333:saml-provider/directory" }
      Condition = { %s }
    }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", ""))
BAD_STAR = Example(_ROLE % ("  # bad", 'StringLike = { "SAML:aud" = "*" }'), "a star asks for nothing")
GOOD = Example(_ROLE % ("", 'StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" }'))
UNDECIDED = Example(_ROLE % ("  # undecided", "StringEquals = var.attributes") + '\nvariable "attributes" {}\n')


@rule(
    code="IAM214",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_STAR, GOOD, UNDECIDED),
)
def saml_trust_without_audience(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each statement that takes assertions for any audience."""
    for role in world.estate.roles:
        for statement in _statements(world, role):
            asks = any_of(_asks(item) for item in statement.conditions)
            evidence, key = describe(statement), statement.label
            if asks is Truth.NO:
                message = "an assertion that the SAML provider wrote for another application opens this role: nothing checks SAML:aud"
                yield Violation(subject=role.origin, message=message, evidence=evidence, key=key)
            elif asks is Truth.UNKNOWN:
                message = "whether an assertion for another application opens this role is not known"
                yield Undecided(subject=role.origin, message=message, evidence=evidence, key=key)


def _statements(world: World, role: Role) -> Iterator[Statement]:
    """The statements that let a SAML provider's users in, each once."""
    saml = ActionSet.of(("sts:AssumeRoleWithSAML",))
    seen: set[int] = set()
    for trusted in world.access.trust(role):
        statement = trusted.statement
        if trusted.kind is not Kind.SAML or statement is None or statement.effect != "Allow" or statement.index in seen:
            continue
        seen.add(statement.index)
        if possible_actions(statement).overlaps(saml):
            yield statement


def _asks(condition: Maybe[Condition]) -> Truth:
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    if condition.key.lower() != _KEY or not is_positive_guard(condition):
        return Truth.NO
    return restricts(condition)
