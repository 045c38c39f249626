"""Policy names a user or role that is gone, will be gone, or is not there yet.

## Why it matters

AWS keeps users and roles in policies by a unique id (`AIDA…`, `AROA…`), and shows the id when they are deleted. Who makes the user or role again under its
old name does not get the access back, and nobody who reads the policy sees why. A role that trusts itself cannot be made at all: IAM refuses a principal that does not exist.

## How to fix it

Name the role by its block, and have the policy written again when the role is replaced:

```hcl
principals {
  type        = "AWS"
  identifiers = [aws_iam_role.importer.arn]
}
```

## How to fix it in CloudFormation

Name the role by its resource. If it has no `RoleName`, a new role has a new ARN, with which CloudFormation writes the policy again:

```yaml
- Effect: Allow
  Principal:
    AWS: !GetAtt ImporterRole.Arn
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
```

## What it leaves alone

Users and roles of other configurations and accounts, which may well exist; ARNs in conditions, which are compared as texts.

## When it cannot tell

It speaks only of what the input shows: an id instead of an ARN, and what this very change deletes, replaces or makes. Whether another user or role exists is
not asked.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Related, Severity, Violation
from ...model import iam
from ...policy.describe import describe
from ...policy.document import Principal, Statement
from ...policy.principal import Kind, classify
from .._documents import Text, texts
from .._rule import Example, Verdict, World, rule
from ._named import named

_WITHOUT_PRINCIPALS: Final = frozenset({"identity", "organization"})
_KINDS: Final = frozenset({Kind.USER, Kind.ROLE})
# The policy is not written by this change, so it keeps the id of what is replaced.
_UNTOUCHED: Final = frozenset({"no-op", "read"})

_POLICY = """
resource "aws_sns_topic_policy" "alerts" {%s
  arn = "arn:aws:sns:eu-west-1:111122223333:alerts"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = %s }
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:eu-west-1:111122223333:alerts"
    }]
  })
}
"""

BAD = Example(_POLICY % ("  # bad", '"AROAEXAMPLEID1234567"'), "what is left of a deleted role")
BAD_SELF = Example(
    """
provider "aws" {
  allowed_account_ids = ["111122223333"]
}

resource "aws_iam_role" "importer" {  # bad
  name = "importer"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = ["arn:aws:iam::111122223333:role/deployer", "arn:aws:iam::111122223333:role/importer"] }
    }]
  })
}
""",
    "a new role that trusts itself",
)
GOOD = Example(_POLICY % ("", '"arn:aws:iam::111122223333:role/importer"'), "a role by its ARN")


@rule(
    code="IAM614",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
    ),
    examples=(BAD, BAD_SELF, GOOD),
)
def dangling_principal(world: World) -> Iterator[Verdict]:
    """Yield a violation for each statement that names somebody who is not there, and whom."""
    removed = {item.arn: item for item in world.estate.removed_principals if isinstance(item.arn, str)}
    for text in texts(world):
        if text.kind in _WITHOUT_PRINCIPALS:
            continue
        for statement in text.document.statements:
            for principal in (*(statement.principals or ()), *(statement.not_principals or ())):
                if isinstance(principal, Principal):
                    yield from _judged(world, text, statement, principal, removed)


def _judged(
    world: World, text: Text, statement: Statement, principal: Principal, removed: dict[str, iam.Principal]
) -> Iterator[Violation]:
    kind = classify(principal).kind
    if kind is Kind.UNIQUE_ID:
        message = f"{principal.value} is the id of a user or role that was deleted; nobody gets in by it again"
        yield _violation(text, statement, principal, message)
    elif kind in _KINDS and principal.value in removed:
        gone = removed[principal.value]
        message = f"this change deletes {gone.origin.address}, which the policy goes on to name; made again, it will not be the same"
        yield _violation(text, statement, principal, message, gone.origin)
    elif kind in _KINDS:
        other = named(world, principal, text.origin.account)
        if other is None:
            return
        if other.origin == text.origin and other.origin.action == "create":
            message = "IAM refuses to make the role: its trust policy names the role itself, which does not exist yet"
            yield _violation(text, statement, principal, message, severity=Severity.MEDIUM)
        elif other.origin.action == "replace" and text.origin.action in _UNTOUCHED:
            message = f"{other.origin.address} is made anew and the policy is not written again, so it keeps naming the old one"
            yield _violation(text, statement, principal, message, other.origin, Severity.MEDIUM)


def _violation(  # what is said, of whom, and where
    text: Text,
    statement: Statement,
    principal: Principal,
    message: str,
    other: Origin | None = None,
    severity: Severity | None = None,
) -> Violation:
    related = () if other is None else (Related(other, "is what the policy names"),)
    return Violation(
        subject=text.origin,
        message=message,
        evidence=describe(statement),
        related=(*related, *text.related),
        severity=severity,
        key=f"{statement.label}, {principal.value}",
    )
