"""Policy allows actions on every resource although they could be limited to the ones that are needed.

## Why it matters

With `"*"` a program that writes to one queue may write to all of them, those of other teams and those that will be made included. The list of
actions says what may be done; only the resource says to whom.

## How to fix it

Name the resources, and put actions that take none into a statement of their own:

```hcl
statement {
  actions   = ["sqs:SendMessage"]
  resources = [aws_sqs_queue.orders.arn]
}

statement {
  actions   = ["sqs:ListQueues"] # takes no resource
  resources = ["*"]
}
```

## How to fix it in CloudFormation

Name the resources, and put actions that take none into a statement of their own:

```yaml
- Effect: Allow
  Action: sqs:SendMessage
  Resource: !GetAtt OrdersQueue.Arn
- Effect: Allow
  Action: sqs:ListQueues # takes no resource
  Resource: "*"
```

## What it leaves alone

Actions that take only `"*"` (`ec2:Describe*`, `s3:ListAllMyBuckets`, `ecr:GetAuthorizationToken`), conditions on what is acted upon
(`aws:ResourceTag/...`), whole services (IAM403), roles that are passed or assumed (IAM409, IAM412), and the reading of data (IAM411). What is
limited to other accounts' resources (`StringNotEquals` on `aws:ResourceAccount` with one's own account) is only what they share. Nobody can name
the network interfaces that Lambda is to make in a VPC. Where nothing can be changed, and for the writing of logs, the finding is low.

## When it cannot tell

The condition of the statement is not known, so it may limit what is acted upon.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet, of_level, scopable
from ...policy.action_data import detail
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.excess import effective_actions, whole_services
from ...policy.grant import is_narrowed, statement_resources_everything
from ...policy.pattern import has_wildcard
from ...value import Truth
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power
from ._sensitive import all_readings

_NAMED: Final = 5
_FORMATS: Final = 3
_HALF: Final = 2
_SLIGHT: Final = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")  # AWSLambdaBasicExecutionRole
# What a function in a VPC needs, for interfaces that nobody can name before Lambda makes them: AWSLambdaVPCAccessExecutionRole.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_INTERFACES: Final = (
    "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)  # fmt: skip
# AWS files these with a type of resource that the usual call does not name: whoever names one loses the rest.
_OPTIONAL: Final = (
    "ce:*", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics", "cloudwatch:PutMetricData",
    "ecs:ListTasks", "sts:SetSourceIdentity", "sts:TagSession",
)  # fmt: skip

_POLICY = """
resource "aws_iam_policy" "orders" {%s
  name   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [%s]
  })
}
"""

BAD = Example(
    _POLICY % (" # bad", '{ Effect = "Allow", Action = ["sqs:SendMessage", "sqs:ListQueues"], Resource = "*" }')
)
BAD_READ = Example(
    _POLICY % (" # bad", '{ Effect = "Allow", Action = "s3:ListBucket", Resource = ["*"] }'),
    "low: names of objects, but of every bucket",
)
BAD_REGION = Example(
    _POLICY
    % (
        " # bad",
        '{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*", Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } } }',
    ),
    "a region is not a queue",
)
GOOD = Example(
    _POLICY
    % ("", '{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:eu-west-1:111122223333:orders" }')
)
GOOD_UNSCOPABLE = Example(
    _POLICY
    % (
        "",
        '{ Effect = "Allow", Action = ["ec2:Describe*", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"], Resource = "*" }',
    ),
    "actions that take no other resource",
)
GOOD_TAG = Example(
    _POLICY
    % (
        "",
        '{ Effect = "Allow", Action = "ec2:StopInstances", Resource = "*", Condition = { StringEquals = { "aws:ResourceTag/team" = "orders" } } }',
    ),
    "only what carries the tag",
)
UNDECIDED = Example(
    _POLICY
    % (" # undecided", '{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*", Condition = var.condition }')
    + '\nvariable "condition" {}\n',
)


class _Wide(Struct, frozen=True):
    statement: Statement
    actions: ActionSet
    narrowed: Truth


@rule(
    code="IAM405",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    ),
    controls=("CWE-250", "CWE-732"),
    examples=(BAD, BAD_READ, BAD_REGION, GOOD, GOOD_UNSCOPABLE, GOOD_TAG, UNDECIDED),
)
def star_resource_for_scopable_actions(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that allows such actions on every resource."""
    for policy in world.access.identity_policies:
        wide = [found for document, statement in _power.all_but_admin(policy) if (found := _wide(document, statement))]
        certain = [item for item in wide if item.narrowed is Truth.NO]
        told = certain or wide
        if not told:
            continue
        actions = ActionSet()
        for item in told:
            actions |= item.actions
        evidence = tuple(dict.fromkeys(line for item in told for line in describe(item.statement)))
        grave = (actions & of_level("Write")) - _slight()
        named = (grave or actions).compressed(_NAMED)
        what = f"{_identity.who(policy)} may use {', '.join(named)} on every resource"
        if not certain:
            yield Undecided(
                subject=policy.origin,
                message=f"{what}, unless the condition, which is not known, limits it",
                evidence=evidence,
                related=_identity.related(policy),
            )
            continue
        yield Violation(
            subject=policy.origin,
            message=f"{what} of the account",
            evidence=evidence,
            related=_identity.related(policy),
            severity=Severity.MEDIUM if grave else Severity.LOW,
            about=tuple(map(str.lower, (grave or actions).names())),
            remedy=f"Name the resources: {'; '.join(_formats(grave or actions))}.",
        )


def _wide(document: PolicyDocument, statement: Statement) -> _Wide | None:
    """What a statement allows on every resource without need; None if there is nothing."""
    if statement.not_actions is not None or statement.not_resources is not None:
        return None  # IAM406 and IAM407
    if statement_resources_everything(statement) is not Truth.YES or whole_services(statement, document):
        return None
    actions = ActionSet.of(_scopable_patterns(statement)) & scopable() & effective_actions(statement, document)
    actions -= _left_out()
    narrowed = is_narrowed(statement)
    return _Wide(statement, actions, narrowed) if actions and narrowed is not Truth.YES else None


def _scopable_patterns(statement: Statement) -> Iterator[str]:
    """The actions as written, without wildcards that read and of which most would not take another resource."""
    for text in statement.actions or ():
        if not isinstance(text, str):
            continue
        meant = ActionSet.of((text,))
        takes = meant & scopable()
        if not has_wildcard(text) or meant.overlaps(of_level("Write")) or _HALF * len(takes) > len(meant):
            yield text


@cache
def _left_out() -> ActionSet:
    """What is fine on every resource, and what other rules speak of: IAM409, IAM412 and IAM411."""
    return ActionSet.of(("iam:PassRole", "sts:AssumeRole", *_OPTIONAL, *_INTERFACES)) | all_readings()


@cache
def _slight() -> ActionSet:
    return ActionSet.of(_SLIGHT)


def _formats(actions: ActionSet) -> tuple[str, ...]:
    """How AWS writes the resources of the first few actions."""
    formats: dict[str, str] = {}
    for action in actions.names():
        found = _main_format(action)
        if found is not None and found not in formats:
            formats[found] = f"{action} takes {found}"
        if len(formats) == _FORMATS:
            break
    return tuple(formats.values())


def _main_format(action: str) -> str | None:
    """How AWS writes the resource to show for a published action; None if it takes only `*`.

    Of several types, one that the action cannot do without; then one that it is named after: `ec2:RunInstances` takes an instance, and may
    take a placement group.
    """
    service, _, name = action.lower().partition(":")
    facts = detail(service)
    uses = facts.action_resources.get(name, ())
    ranked = sorted(uses, key=lambda use: (not use[1], use[0].replace("-", "").lower() not in name))
    return facts.resource_types[ranked[0][0]].arn if ranked else None
