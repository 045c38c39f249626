"""Action and resource of a statement do not go together, so it never applies.

## Why it matters

`s3:GetObject` works on objects, `arn:aws:s3:::orders` is a bucket: an Allow of the one on the other grants nothing, and a Deny keeps nobody
from any object. AWS accepts such a statement in every policy but a bucket's, which S3 refuses.

## How to fix it

Name what the action works on: a bucket for `s3:ListBucket`, its objects for `s3:GetObject`.

```hcl
statement {
  actions   = ["s3:ListBucket"]
  resources = [aws_s3_bucket.orders.arn]
}

statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.orders.arn}/*"]
}
```

## How to fix it in CloudFormation

Name what the action works on: a bucket for `s3:ListBucket`, its objects for `s3:GetObject`.

```yaml
- Effect: Allow
  Action: s3:ListBucket
  Resource: !GetAtt OrdersBucket.Arn
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub ${OrdersBucket.Arn}/*
```

## What it leaves alone

Statements in which each action works on one of the resources, actions that do not exist (IAM413), and `NotAction` and `NotResource`. Beside
actions that do apply, those of another service: modules allow "send to the queue or the topic that is given". Where other actions of
the same statement do apply, the finding is low.

## When it cannot tell

It says nothing then: a resource that is not known is no sign of a fault, and the report counts it. AWS's lists of resources have gaps, so an ARN
that they merely do not show is not enough either.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias

from msgspec import Struct

from ...finding import Severity, Violation
from ...policy.action import ActionSet, arn_formats
from ...policy.applies import applies_to, is_of_service
from ...policy.arn import REST
from ...policy.describe import describe
from ...policy.document import Statement
from ...value import Maybe, Truth
from .._documents import Text, texts
from .._rule import Example, Verdict, World, rule

_Element: TypeAlias = tuple[Maybe[str], ...] | None
_NAMED: Final = 4

_POLICY = """
resource "aws_s3_bucket" "orders" {
  bucket = "orders"
}

resource "aws_iam_policy" "orders" {%s
  name   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "%s", Action = %s, Resource = %s }]
  })
}
"""
_BUCKET = "aws_s3_bucket.orders.arn"
_OBJECTS = '"${aws_s3_bucket.orders.arn}/*"'
_BOTH = '["s3:ListBucket", "s3:GetObject"]'

BAD = Example(_POLICY % ("  # bad", "Allow", '"s3:GetObject"', _BUCKET), "grants nothing")
BAD_DENY = Example(_POLICY % ("  # bad", "Deny", '"s3:DeleteObject"', _BUCKET), "high: every object can be deleted")
BAD_PART = Example(_POLICY % ("  # bad", "Allow", _BOTH, _OBJECTS), "low: objects can be read, but not listed")
BAD_ARN = Example(_POLICY % ("  # bad", "Allow", '"s3:GetObject"', '"arn:aws:s3::orders/*"'), "a colon is missing")
GOOD = Example(_POLICY % ("", "Allow", _BOTH, f"[{_BUCKET}, {_OBJECTS}]"))


class _Dead(Struct, frozen=True):
    """The actions of a statement that work on none of its resources; `whole` if no other action is left."""

    statement: Statement
    actions: tuple[str, ...]
    whole: bool


@rule(
    code="IAM414",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html",
    ),
    examples=(BAD, BAD_DENY, BAD_PART, BAD_ARN, GOOD),
)
def action_resource_mismatch(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy with statements, or actions in them, that apply to nothing."""
    for text in texts(world):
        dead = [found for statement in text.document.statements if (found := _dead(statement)) is not None]
        if not dead:
            continue
        severity, worst = max(((_severity(text, item), item) for item in dead), key=lambda found: found[0])
        others = sum(len(item.actions) for item in dead) - len(worst.actions)
        more = f"; {others} more in this policy do not either" if others else ""
        yield Violation(
            subject=text.origin,
            message=f"{_what(worst)}, so {_effect(text, worst)}{more}",
            evidence=tuple(dict.fromkeys(line for item in dead for line in describe(item.statement))),
            related=text.related,
            severity=severity,
            key=text.kind,
        )


def _severity(text: Text, dead: _Dead) -> Severity:
    if not dead.whole:
        return Severity.MEDIUM if text.kind == "bucket" else Severity.LOW
    return Severity.HIGH if dead.statement.effect == "Deny" else Severity.MEDIUM


def _dead(statement: Statement) -> _Dead | None:
    actions = _of_no_use(statement.actions, statement.resources)
    if not actions:
        return None
    return _Dead(statement, actions, len(actions) == len(statement.actions or ()))


@lru_cache(maxsize=4096)
def _of_no_use(actions: _Element, resources: _Element) -> tuple[str, ...]:
    """The actions that certainly work on none of the resources; none if a resource is not known.

    Beside actions that do apply, one of another service is no slip: modules allow "send to the queue or topic that is given".
    """
    if not actions or not resources or "*" in resources:
        return ()
    known = [text for text in resources if isinstance(text, str)]
    if len(known) < len(resources):
        return ()
    given = [text for text in actions if isinstance(text, str) and REST not in text]
    dead = tuple(dict.fromkeys(text for text in given if _is_dead(text, known)))
    if len(dead) == len(actions):
        return dead
    return tuple(action for action in dead if any(is_of_service(action, text) for text in known))


@lru_cache(maxsize=1024)
def _names(pattern: str) -> tuple[str, ...]:
    return ActionSet.of((pattern,)).names()


def _is_dead(pattern: str, resources: list[str]) -> bool:
    names = _names(pattern)
    return bool(names) and all(applies_to(name, text) is Truth.NO for name in names for text in resources)


def _what(dead: _Dead) -> str:
    """Which actions, and what they work on instead."""
    shown = dead.actions[:_NAMED]
    more = f" and {len(dead.actions) - _NAMED} more" if len(dead.actions) > _NAMED else ""
    (first, *_) = _names(shown[0])
    formats = sorted(arn_formats(first), key=len)
    alone = len(dead.actions) == 1
    instead = f"{'it' if alone else first} {f'works on {formats[0]}' if formats else 'takes only the resource *'}"
    verb = "works" if alone else "work"
    return f"{', '.join(shown)}{more} {verb} on none of the statement's resources ({instead})"


def _effect(text: Text, dead: _Dead) -> str:
    if text.kind == "bucket":
        return "S3 refuses the policy and the apply fails"
    subject = "the statement" if dead.whole else "this part of the statement"
    return f"{subject} {'keeps nobody from anything' if dead.statement.effect == 'Deny' else 'grants nothing'}"
