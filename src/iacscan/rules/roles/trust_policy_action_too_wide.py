"""Trust policy allows more than assuming the role, or names an action that has no place there.

## Why it matters

A trust policy is about the few actions that make a session of the role. `sts:*` also lets the caller choose session tags and a source
identity, which other policies may rely on, and whatever STS adds. Actions of other services mean nothing there: IAM refuses the policy, so
that the role is not made, or not changed. And where the action is not the one by which the principal comes, nobody gets in.

## How to fix it

Name the action by which the principal comes: `sts:AssumeRole` for accounts, roles and services, `sts:AssumeRoleWithWebIdentity` for OIDC,
`sts:AssumeRoleWithSAML` for SAML. Add `sts:TagSession` or `sts:SetSourceIdentity` only where the caller passes them:

```hcl
resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
```

## How to fix it in CloudFormation

Name the action by which the principal comes: `sts:AssumeRole` for accounts, roles and services, `sts:AssumeRoleWithWebIdentity` for OIDC,
`sts:AssumeRoleWithSAML` for SAML. Add `sts:TagSession` or `sts:SetSourceIdentity` only where the caller passes them:

```yaml
WorkerRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: ec2.amazonaws.com
          Action: sts:AssumeRole
```

## What it leaves alone

`sts:AssumeRole*`: which of these actions is open to a principal follows from its kind. Statements that deny.

## When it cannot tell

The effect is not known of a statement that would be too wide.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import Principal, Statement
from ...policy.grant import possible_actions, statement_actions
from ...policy.principal import Kind, classify
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

# What a session is made with, or given at its making.
_SESSION: Final = ("sts:AssumeRole*", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext")
_SHOWN: Final = 3
_WEB_IDENTITY: Final = "sts:AssumeRoleWithWebIdentity"
_FEDERATED: Final = {
    Kind.OIDC: ("identities of an OIDC provider", _WEB_IDENTITY),
    Kind.COGNITO: ("identities of Cognito", _WEB_IDENTITY),
    Kind.SAML: ("users of a SAML provider", "sts:AssumeRoleWithSAML"),
}

_ROLE = """
resource "aws_iam_role" "worker" {%s
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = %s, Action = %s, Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
"""

BAD = Example(_ROLE % ("  # bad", '"Allow"', '"*"'), "every action there is, so that IAM refuses the policy")
BAD_STS = Example(_ROLE % ("  # bad", '"Allow"', '"sts:*"'), "low: every action of STS")
BAD_OTHER = Example(
    _ROLE % ("  # bad", '"Allow"', '["sts:AssumeRole", "s3:GetObject"]'),
    "what the role may do stands in other policies",
)
BAD_FEDERATED = Example(
    """
resource "aws_iam_role" "staff" { # bad
  name               = "staff"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Federated = "arn:aws:iam::111122223333:saml-provider/staff" }
    }]
  })
}
""",
    "low: users of a SAML provider come by sts:AssumeRoleWithSAML",
)
GOOD = Example(_ROLE % ("", '"Allow"', '"sts:AssumeRole"'))
GOOD_TAGS = Example(_ROLE % ("", '"Allow"', '["sts:AssumeRole", "sts:TagSession"]'), "the caller passes session tags")
GOOD_DENY = Example(_ROLE % ("", '"Deny"', '"sts:*"'), "denies")
UNDECIDED = Example(_ROLE % ("  # undecided", "var.effect", '"sts:*"') + '\nvariable "effect" {}\n')


@rule(
    code="IAM220",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-custom.html",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html",
    ),
    controls=("CWE-250",),
    examples=(BAD, BAD_STS, BAD_OTHER, BAD_FEDERATED, GOOD, GOOD_TAGS, GOOD_DENY, UNDECIDED),
)
def trust_policy_action_too_wide(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each role whose trust policy has such a statement."""
    for role in world.estate.roles:
        if isinstance(role.trust, Unknown):
            continue
        found = [(statement, why) for statement in role.trust.statements if (why := _excess(statement))]
        certain = [(statement, why) for statement, why in found if statement.effect == "Allow"]
        if certain:
            # What is refused outweighs what is only wide.
            severity, message = max(why for _, why in certain)
            yield Violation(
                subject=role.origin,
                message=message,
                evidence=tuple(line for statement, _ in certain for line in describe(statement)),
                severity=severity,
            )
        elif any(isinstance(statement.effect, Unknown) for statement, _ in found):
            yield Undecided(
                subject=role.origin,
                message="a statement of the trust policy is about more than assuming the role, and whether it allows or denies is not known",
                evidence=tuple(line for statement, _ in found for line in describe(statement)),
            )


def _excess(statement: Statement) -> tuple[Severity, str] | None:
    """What is wrong with the actions of a statement, and how bad it is; None if they are as they should be."""
    if statement.not_actions is not None:
        return (
            Severity.MEDIUM,
            "its trust policy allows everything but a list of actions (NotAction), other services' actions included",
        )
    actions, _ = statement_actions(statement)
    strange = actions - ActionSet.of(("sts:*",))
    if strange:
        return (
            Severity.MEDIUM,
            "its trust policy names actions that are not of STS: IAM refuses it, or they mean nothing",
        )
    more = actions - ActionSet.of(_SESSION)
    if more:
        named = ", ".join(more.compressed(_SHOWN))
        return Severity.LOW, f"its trust policy allows more of STS than to assume the role: {named}"
    return _useless(statement)


def _useless(statement: Statement) -> tuple[Severity, str] | None:
    """What to say of a statement for identities of a provider that lacks the action by which they come."""
    principals = [item for item in statement.principals or () if isinstance(item, Principal)]
    kinds = {classify(item).kind for item in principals}
    actions = possible_actions(statement)
    if len(principals) < len(statement.principals or ()) or not kinds or not kinds <= _FEDERATED.keys():
        return None
    if not actions.overlaps(ActionSet.of(("sts:AssumeRole*",))):
        return None  # tags of a session whose making another statement allows
    ways = sorted({_FEDERATED[kind] for kind in kinds})
    if any(actions.overlaps(ActionSet.of((needed,))) for _, needed in ways):
        return None
    (who, needed), *_ = ways
    return Severity.LOW, f"its trust policy lets nobody in: {who} come by {needed}, which it does not allow"
