"""Policy names an action that AWS does not have.

## Why it matters

AWS accepts any word as an action. A Deny of an action that does not exist denies nothing, and the guardrail is missing without anybody noticing; an Allow
of one grants nothing, and the program fails with "access denied" one day. Often the name of an API call was taken for the name of an action.

## How to fix it

Write the action as the service authorization reference has it:

```hcl
statement {
  actions   = ["s3:ListAllMyBuckets"] # the call is ListBuckets
  resources = ["*"]
}

statement {
  actions   = ["s3:GetObject"] # the calls are GetObject and HeadObject
  resources = ["${aws_s3_bucket.orders.arn}/*"]
}
```

## How to fix it in CloudFormation

Write the action as the service authorization reference has it:

```yaml
- Effect: Allow
  Action: s3:ListAllMyBuckets # the call is ListBuckets
  Resource: "*"
- Effect: Allow
  Action: s3:GetObject # the calls are GetObject and HeadObject
  Resource: !Sub ${OrdersBucket.Arn}/*
```

## What it leaves alone

A wrong name beside the right one, services that AWS has closed down, `sns:Receive`, which AWS itself writes into the policies of topics, patterns that match anything, and `Get*`, `List*` and the
like, which are meant for what a service will have. Names that a wildcard beside them means as well.

## When it cannot tell

The service is not known either: it may be newer than the tables of this version.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Severity, Undecided, Violation
from ...policy.action import ActionSet, suggest
from ...policy.action_data import services
from ...policy.arn import REST
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import statement_actions
from ...policy.pattern import covers, has_wildcard
from ...value import Maybe
from .._documents import texts
from .._rule import Example, Verdict, World, rule

# Prefixes of services that no longer exist; old policies, AWS's own too, still name them.
_RETIRED: Final = frozenset({
    "a4b", "alexaforbusiness", "codestar", "deepcomposer", "deeplens", "deepracer", "elastic-inference", "evidently",
    "honeycode", "importexport", "iot1click", "iotevents", "lookoutmetrics", "lookoutvision", "macie", "mobileanalytics",
    "mobilehub", "nimble", "opsworks", "opsworks-cm", "robomaker", "sumerian", "worklink", "zocalo",
})  # fmt: skip
_TOLERATED: Final = frozenset({"sns:receive"})
_TO_COME: Final = frozenset({"describe*", "get*", "list*", "read*", "view*"})  # meant for what a service will have
_NAMED: Final = 4

_POLICY = """
resource "aws_iam_policy" "reports" {%s
  name   = "reports"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "%s", Action = ["s3:GetObject", "%s"], Resource = "*" }]
  })
}
"""

BAD = Example(
    _POLICY % ("  # bad", "Allow", "s3:ListBuckets"), "the call ListBuckets is allowed by s3:ListAllMyBuckets"
)
BAD_DENY = Example(_POLICY % ("  # bad", "Deny", "s3:DeleteObjects"), "of medium severity: nothing is denied")
GOOD = Example(_POLICY % ("", "Allow", "s3:ListAllMyBuckets"))
BAD_NOTHING = Example(_POLICY % ("  # bad", "Allow", "s*:"), "no action is called nothing")
GOOD_COVERED = Example(
    _POLICY.replace('"s3:GetObject"', '"*"') % ("", "Allow", "brandnew:Read"),
    "the star allows it, whether it exists or not",
)
UNDECIDED = Example(_POLICY % ("  # undecided", "Allow", "brandnew:Read"), "a service that nobody has heard of")


class _Slip(Struct, frozen=True):
    action: str
    statement: Statement
    widens: bool  # more is allowed, or less denied, than was meant
    strange: bool  # the service is not known either


@rule(
    code="IAM413",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ),
    controls=("CWE-1068",),
    examples=(BAD, BAD_DENY, BAD_NOTHING, GOOD, GOOD_COVERED, UNDECIDED),
)
def unknown_action(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy with such names."""
    for text in texts(world):
        slips = list(_slips(text.document))
        wrong = [slip for slip in slips if not slip.strange]
        told = wrong or slips
        if not told:
            continue
        names = tuple(dict.fromkeys(slip.action for slip in told))
        evidence = tuple(dict.fromkeys(line for slip in told for line in describe(slip.statement)))
        if wrong:
            widens = any(slip.widens for slip in wrong)
            yield Violation(
                subject=text.origin,
                message=f"{_listed(names)}: AWS has no such action, so {_effect(wrong)}",
                evidence=evidence,
                related=text.related,
                key=text.kind,
                severity=Severity.MEDIUM if widens else Severity.LOW,
            )
        else:
            yield Undecided(
                subject=text.origin,
                message=f"whether {', '.join(names[:_NAMED])} exists is not known: no such service is in this version's tables",
                evidence=evidence,
                related=text.related,
                key=text.kind,
            )


def _slips(document: PolicyDocument) -> Iterator[_Slip]:
    for statement in document.statements:
        for texts_, inverted in ((statement.actions, False), (statement.not_actions, True)):
            for action in texts_ or ():
                if isinstance(action, str) and REST not in action and ActionSet.of((action,)).unknown:
                    prefix, _, name = action.lower().partition(":")
                    excused = prefix in _RETIRED or action.lower() in _TOLERATED or name in _TO_COME
                    excused = excused or any(_means_more(other, action) for other in texts_ or ())
                    if not excused and (inverted or not _stands_beside(suggest(action), statement)):
                        widens = (statement.effect == "Deny") != inverted
                        yield _Slip(action, statement, widens, prefix not in services() and bool(name))


def _means_more(other: Maybe[str], action: str) -> bool:
    """Whether another text, which means something, stands for an action as well: then it makes no difference whether that exists."""
    if not isinstance(other, str) or not has_wildcard(other) or ActionSet.of((other,)).unknown:
        return False
    return covers(other.lower(), action.lower())


def _stands_beside(meant: str | None, statement: Statement) -> bool:
    """Whether the statement names what was meant as well."""
    return meant is not None and meant in statement_actions(statement)[0]


def _listed(names: tuple[str, ...]) -> str:
    shown = [_with_advice(name) for name in names[:_NAMED]]
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return ", ".join(shown + more)


def _with_advice(name: str) -> str:
    meant = suggest(name)
    return f"{name} (perhaps {meant} is meant)" if meant else name


def _effect(wrong: list[_Slip]) -> str:
    """What follows, of the worst slip."""
    worst = next((slip for slip in wrong if slip.widens), wrong[0])
    if worst.statement.effect == "Deny":
        return "nothing is denied by it" if worst.widens else "nothing is excepted from the Deny by it"
    return "nothing is taken out of what is allowed by it" if worst.widens else "nothing is allowed by it"
