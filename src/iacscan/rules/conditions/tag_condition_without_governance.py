"""Permission rests on a tag that its holder may set himself.

## Why it matters

"Only machines of the team" means nothing to somebody who may write the team's name on any machine first. With tags on people and roles it is worse: who may tag
himself joins every team.

## How to fix it

Allow tagging only together with the creation of something, or deny the tags that permissions rest on:

```hcl
statement {
  effect    = "Deny"
  actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
  resources = ["*"]
  condition {
    test     = "ForAnyValue:StringEquals"
    variable = "aws:TagKeys"
    values   = ["team"]
  }
}
```

## How to fix it in CloudFormation

Allow tagging only together with the creation of something, or deny the tags that permissions rest on:

```yaml
- Effect: Deny
  Action:
    - ec2:CreateTags
    - ec2:DeleteTags
  Resource: "*"
  Condition:
    ForAnyValue:StringEquals:
      aws:TagKeys: team
```

## What it leaves alone

Tagging that is itself under conditions on tags or on `ec2:CreateAction`, or on other resources; holders with a Deny about the tag; permissions that the holder has without the
condition as well. Tags that nobody in the input may set: whether somebody else may is not in the input.

## When it cannot tell

Whether the holder may set the tag is not known, because the statement that would allow it is not. Policies of more than 300 statements, which AWS
refuses, are passed over.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from ...finding import Severity, Undecided, Violation
from ...model import iam
from ...policy.action import ActionSet
from ...policy.condition.governance import Reliance, protects, reliances, setters
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import Answer, allows, possible_actions
from ...value import Maybe, Truth, Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from ._leaves import Leaf, leaves

MOST: Final = 300  # statements; 230 of the shortest fill the 10,240 characters that a role's policies may have
_GRAVE: Final = ("iam:*", "sts:*", "kms:*", "secretsmanager:*")
_SELF: Final = {iam.User: "iam:TagUser", iam.Role: "iam:TagRole"}

_POLICY = """
resource "aws_iam_policy" "operators" {%s
  name   = "operators"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = ["ec2:StartInstances", "ec2:TerminateInstances"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:ResourceTag/team" = "reports" } }
      },
      { Effect = "%s", Action = "ec2:CreateTags", Resource = %s%s },
    ]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", "Allow", '"*"', ""), "first the tag, then the machine")
GOOD = Example(
    _POLICY % ("", "Allow", '"*"', ', Condition = { StringEquals = { "ec2:CreateAction" = "RunInstances" } }'),
    "only on what is being made",
)
GOOD_DENY = Example(_POLICY % ("", "Deny", '"*"', ""))
UNDECIDED = Example(
    _POLICY % ("  # undecided", "Allow", '"*"', ", Condition = var.tagging") + '\nvariable "tagging" {}\n'
)


@rule(
    code="IAM523",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html",
    ),
    controls=("CWE-269",),
    examples=(BAD, GOOD, GOOD_DENY, UNDECIDED),
    tells=("IAM405",),
)
def tag_condition_without_governance(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each such condition of an Allow."""
    for leaf in leaves(world):
        if not leaf.place.is_identity or leaf.denies is not Truth.NO:
            continue
        if len(leaf.place.document.statements) > MOST:
            continue  # AWS refuses it, and each would be held against all
        for reliance in reliances(leaf.condition):
            verdict = _judge(world, leaf, reliance)
            if verdict is not None:
                yield verdict
                break


def _judge(world: World, leaf: Leaf, reliance: Reliance) -> Verdict | None:
    holders: tuple[iam.Principal | None, ...] = leaf.place.holders or (None,)
    for holder in holders:
        documents: tuple[Maybe[PolicyDocument], ...] = (leaf.place.document,)
        if holder is not None:
            documents = tuple(item for item in world.access.documents(holder) if not isinstance(item, Unknown))
        for setter, answer in _ways(leaf, reliance, holder, documents):
            if answer.truth is Truth.NO or _is_protected(documents, reliance.tag, setter):
                continue
            if not _is_unguarded(leaf, documents):
                return _verdict(leaf, reliance, holder, setter, answer)
            break
    return None


def _ways(
    leaf: Leaf, reliance: Reliance, holder: iam.Principal | None, documents: tuple[Maybe[PolicyDocument], ...]
) -> Iterator[tuple[str, Answer]]:
    """The actions that would set the tag, each with whether a holder may call it where it matters."""
    if reliance.of_caller:
        if holder is not None and type(holder) in _SELF and isinstance(holder.arn, str):
            action = _SELF[type(holder)]
            yield action, allows(documents, action, holder.arn)
        return
    resources = [text for text in leaf.statement.resources or () if isinstance(text, str)]
    for action in setters(possible_actions(leaf.statement)):
        for resource in resources:
            yield action, allows(documents, action, resource)


def _verdict(leaf: Leaf, reliance: Reliance, holder: iam.Principal | None, setter: str, answer: Answer) -> Verdict:
    who = "whoever has this policy" if holder is None else _identity.called(holder)
    what = "himself" if reliance.of_caller else "what it acts upon"
    evidence = (*describe(leaf.statement), *(line for item in answer.statements for line in describe(item)))
    if answer.truth is Truth.UNKNOWN:
        return Undecided(
            subject=leaf.place.origin,
            message=f"the statement rests on the tag {reliance.tag}, and whether {who} may set it by {setter} is not known: {answer.because}",
            evidence=evidence,
            related=leaf.place.related,
            key=leaf.key,
        )
    grave = possible_actions(leaf.statement).overlaps(ActionSet.of(_GRAVE))
    return Violation(
        subject=leaf.place.origin,
        message=f"the statement rests on the tag {reliance.tag}, and {who} may put it on {what} by {setter}",
        evidence=evidence,
        related=leaf.place.related,
        severity=Severity.HIGH if grave else None,
        remedy=f"Deny {setter} for the tag {reliance.tag} (aws:TagKeys), or allow it only as part of a creation.",
        key=leaf.key,
        about=(setter.lower(), f"tag {reliance.tag.lower()}"),
    )


def _is_unguarded(leaf: Leaf, documents: Iterable[Maybe[PolicyDocument]]) -> bool:
    """Whether the holder has all of it by other statements, so that nothing rests on the tag."""
    others = [
        replace(item, statements=tuple(other for other in item.statements if other is not leaf.statement))
        for item in documents
        if not isinstance(item, Unknown)
    ]
    resources = [text for text in leaf.statement.resources or () if isinstance(text, str)]
    actions = [text for text in leaf.statement.actions or () if isinstance(text, str)]
    return bool(actions) and all(
        allows(others, action, resource).truth is Truth.YES for action in actions for resource in resources
    )


def _is_protected(documents: Iterable[Maybe[PolicyDocument]], tag: str, setter: str) -> bool:
    statements: Iterable[Statement] = (
        item for document in documents if not isinstance(document, Unknown) for item in document.statements
    )
    return any(protects(item, tag, setter) for item in statements)
