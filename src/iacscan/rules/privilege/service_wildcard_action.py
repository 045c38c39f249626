"""Policy allows everything that a service can do, now and in future, on everything or on a whole resource.

## Why it matters

A wildcard for a service is more than today's use of it: it deletes as well as it writes, changes who else gets in, and takes in whatever
AWS adds to the service. With some services (`iam`, `sts`, `kms`, `ssm`, ...) it leads to all others.

## How to fix it

Name the actions that are used, and what they are used on:

```hcl
statement {
  actions   = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
  resources = [aws_s3_bucket.reports.arn, "${aws_s3_bucket.reports.arn}/*"]
}
```

## How to fix it in CloudFormation

Name the actions that are used, and what they are used on:

```yaml
- Effect: Allow
  Action:
    - s3:GetObject
    - s3:PutObject
    - s3:ListBucket
  Resource:
    - !GetAtt ReportsBucket.Arn
    - !Sub ${ReportsBucket.Arn}/*
```

In SAM, policy templates such as `S3CrudPolicy` with the name of the bucket do so.

## What it leaves alone

Wildcards that only read (`s3:Get*`), lists that spell the actions out, and administrators (IAM401). On named resources, or with a condition on
what is acted upon, the finding is low; so it is for services in which nothing can be named, and for logs. In the policy of a queue, topic or key, what the
own account gets: that only leaves the decision to IAM.

## When it cannot tell

The resources are not known, so the wildcard may be about one of them or about all.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Origin, Severity, Undecided, Violation
from ...function_access import statement_of
from ...identity_policies import IdentityPolicy
from ...policy.action import ActionSet, scopable
from ...policy.arn import parse_arn
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Principal, Statement
from ...policy.effect import applies
from ...policy.excess import Power, whole_services
from ...policy.grant import (
    allowed_actions,
    is_narrowed,
    statement_resources_all_of,
    statement_resources_everything,
)
from ...policy.pattern import covers
from ...policy.principal import Kind, classify
from ...value import Truth, Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

# Whoever has all of one of these reads every secret, or becomes somebody else.
_GRAVE: Final = frozenset({"ec2", "iam", "kms", "organizations", "s3", "secretsmanager", "ssm", "sso", "sts"})
_SLIGHT: Final = frozenset({"cloudwatch", "logs", "xray"})
_NAMED: Final = 6

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %s, Resource = %s }]
  })
}
"""

BAD = Example(_POLICY % (" # bad", '"s3:*"', '"*"'), "every bucket, every action")
BAD_CASE = Example(_POLICY % (" # bad", '["SQS:*"]', '"arn:aws:sqs:*:*:*"'), "every queue; case does not matter")
BAD_TABLE = Example(
    _POLICY % (" # bad", '"dynamodb:*"', '"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"'),
    "low: one table, but its deletion too",
)
BAD_NAMED = Example(
    """
resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sqs_queue_policy" "orders" { # bad
  queue_url = aws_sqs_queue.orders.url
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/shop" }, Action = "sqs:*", Resource = "*" }]
  })
}
""",
    "low: the shop's role may delete the queue and rewrite this policy",
)
GOOD = Example(_POLICY % ("", '["s3:GetObject", "s3:PutObject"]', '"arn:aws:s3:::reports/*"'))
GOOD_READ = Example(_POLICY % ("", '["s3:Get*", "s3:List*"]', '"arn:aws:s3:::reports*"'), "wildcards that only read")
UNDECIDED = Example(_POLICY % (" # undecided", '"s3:*"', "var.bucket") + '\nvariable "bucket" {}\n')


BAD_SHARED = Example(
    """
resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sqs_queue_policy" "orders" { # bad
  queue_url = aws_sqs_queue.orders.url
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "sns.amazonaws.com" }, Action = "sqs:*", Resource = "*" }]
  })
}
""",
    "a topic needs to send; it may delete the queue",
)


BAD_FUNCTION = Example(
    """
resource "aws_lambda_permission" "upload" { # bad
  function_name  = "resize"
  principal      = "s3.amazonaws.com"
  action         = "lambda:*"
  source_account = "111122223333"
}
""",
    "S3 needs to invoke it",
)


class _Wildcard(Struct, frozen=True):
    """A statement with the services that it grants whole. `reach`: yes on every resource, no on some, or unknown."""

    statement: Statement
    services: tuple[str, ...]
    reach: Truth
    severity: Severity


@rule(
    code="IAM403",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-21",
    ),
    controls=("CIS 1.15 (v3: 1.16)", "Security Hub IAM.21", "CWE-250"),
    examples=(BAD, BAD_CASE, BAD_TABLE, BAD_SHARED, BAD_NAMED, BAD_FUNCTION, GOOD, GOOD_READ, UNDECIDED),
    leaves=_power.LESSER,
)
def service_wildcard_action(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy in which wildcards grant whole services."""
    for policy in world.access.identity_policies:
        found = tuple(
            wildcard
            for document, statement in _power.all_but_admin(policy)
            for wildcard in _wildcards(document, statement)
            if not _is_told(world, policy, wildcard)
        )
        if not found:
            continue
        worst = max(found, key=lambda item: (item.reach is Truth.YES, item.severity))
        certain = tuple(item for item in found if item.reach is not Truth.UNKNOWN)
        evidence = tuple(dict.fromkeys(line for item in found for line in describe(item.statement)))
        if not certain:
            yield Undecided(
                subject=policy.origin,
                message=f"{_identity.who(policy)} may do anything that {_services(found)} can do, on resources that are not known",
                evidence=evidence,
                related=_identity.related(policy),
            )
            continue
        told = tuple(item for item in certain if item.reach is worst.reach)
        if worst.reach is not Truth.YES:
            where = "with the resources that the policy names, from deleting them to sharing them"
        elif all(statement_resources_everything(item.statement) is Truth.YES for item in told):
            where = "on every resource of the account"
        else:
            where = "on every resource of the kinds that the policy names"
        yield Violation(
            subject=policy.origin,
            message=f"{_identity.who(policy)} may do anything that {_services(told)} can do {where}",
            evidence=evidence,
            related=_identity.related(policy),
            severity=max(item.severity for item in told),
            about=tuple(f"{service}:*" for item in told for service in item.services),
        )
    yield from _shared(world)


def _shared(world: World) -> Iterator[Verdict]:
    """Resource policies that hand everything to callers they name. What they hand to everyone is IAM611's and its like."""
    for kind, origin, document in _resource_policies(world):
        callers: dict[str, bool] = {}
        evidence: list[str] = []
        for statement in document.statements:
            if statement.effect != "Allow" or not applies(statement) or not whole_services(statement, document):
                continue
            named = [item for item in statement.principals or () if isinstance(item, Principal)]
            found = {
                item.value: _is_stranger(world, item, statement)
                for item in named
                if _is_handed(world, kind, item, statement)
            }
            callers |= found
            evidence += describe(statement) if found else ()
        if callers:
            thing = kind.replace("-", " ")
            yield Violation(
                subject=origin,
                message=f"{' and '.join(callers)} may do anything with this {thing}, from deleting it to sharing it",
                evidence=tuple(evidence),
                severity=None if any(callers.values()) else Severity.LOW,
                remedy="Allow the one or two actions that the caller needs, such as sending or publishing.",
            )


def _resource_policies(world: World) -> Iterator[tuple[str, Origin, PolicyDocument]]:
    """Policies of resources, and permissions of functions, which are policies written as arguments."""
    for policy in world.estate.resource_policies:
        if not isinstance(policy.document, Unknown):
            yield policy.kind, policy.origin, policy.document
    for permission in world.estate.lambda_permissions:
        kind = "layer" if permission.layer else "function"
        yield kind, permission.origin, PolicyDocument(statements=(statement_of(permission),))


def _is_handed(world: World, kind: str, principal: Principal, statement: Statement) -> bool:
    """Whether a principal gets by the statement what it need not have.

    To name one's own account only delegates to IAM, and a key must have somebody who may do everything with it.
    """
    own = classify(principal).kind in (Kind.USER, Kind.ROLE) and kind != "kms-key"
    return own or _is_stranger(world, principal, statement)


def _is_stranger(world: World, principal: Principal, statement: Statement) -> bool:
    """Whether a principal is an AWS service, or of another account than the reader's or the resource's own."""
    caller = classify(principal)
    if caller.kind is Kind.ANYONE:
        return False
    if caller.kind is Kind.SERVICE or world.access.external(principal) is Truth.YES:
        return True
    owners = {arn.account for text in statement.resources or () if isinstance(text, str) and (arn := parse_arn(text))}
    account = caller.account or ""
    return account.isdigit() and bool(owners) and all(owner.isdigit() and owner != account for owner in owners)


def _wildcards(document: PolicyDocument, statement: Statement) -> Iterator[_Wildcard]:
    if statement.not_actions is not None or statement.not_resources is not None:
        return  # IAM406 and IAM407
    narrowed = is_narrowed(statement)
    reaches: dict[str, Truth] = {
        service: statement_resources_all_of(statement, service) for service in whole_services(statement, document)
    }
    for reach in (Truth.YES, Truth.NO, Truth.UNKNOWN):
        services = tuple(service for service, its in reaches.items() if its is reach)
        if reach is Truth.NO:
            services = _meant(statement, services)
        if not services:
            continue
        if reach is Truth.YES and narrowed is not Truth.YES:
            severity = max(_severity(document, service) for service in services)
            yield _Wildcard(statement, services, reach, severity)
        else:
            yield _Wildcard(statement, services, Truth.NO if reach is Truth.YES else reach, Severity.LOW)


def _meant(statement: Statement, services: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the services that the named resources belong to; all of them where no ARN tells: `*` on an object is about S3."""
    arns = [parse_arn(text) for text in statement.resources or () if isinstance(text, str)]
    meant = tuple(name for name in services if any(arn is not None and covers(arn.service, name) for arn in arns))
    return meant or services


def _severity(document: PolicyDocument, service: str) -> Severity:
    if service in _GRAVE or (service == "lambda" and _passes_roles(document)):
        return Severity.HIGH
    slight = service in _SLIGHT or not scopable().overlaps(ActionSet.of((f"{service}:*",)))
    return Severity.LOW if slight else Severity.MEDIUM


def _passes_roles(document: PolicyDocument) -> bool:
    return "iam:PassRole" in allowed_actions((document,), on_everything=False)


def _is_told(world: World, policy: IdentityPolicy, wildcard: _Wildcard) -> bool:
    """Whether IAM402 speaks of the statement already: it gives all of IAM to roles that code runs with."""
    found = _power.power_of(policy)
    if found is None or wildcard.statement not in found.answer.statements:
        return False
    return found.power is Power.IAM and _power.is_left_to_compute(world, policy)


def _services(found: tuple[_Wildcard, ...]) -> str:
    names = tuple(dict.fromkeys(service for item in found for service in item.services))
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} other services"
    return " and ".join(names)
