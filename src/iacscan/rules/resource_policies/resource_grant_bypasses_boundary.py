"""Resource policy grants to a user or session directly, past the permissions boundary that is meant to limit it.

## Why it matters

A boundary limits what identity policies give. What a resource policy of the same account gives to the ARN of a user, or of one session of a role, is
allowed even if the boundary does not allow it; only a Deny stops it. Who reads the boundary believes in a limit that is not there.

## How to fix it

Grant to a role: there the boundary counts. Or have the boundary deny what nobody under it may do.

```hcl
principals {
  type        = "AWS"
  identifiers = [aws_iam_role.importer.arn]
}
```

## How to fix it in CloudFormation

Grant to a role: there the boundary counts. Or have the boundary deny what nobody under it may do.

```yaml
- Effect: Allow
  Principal:
    AWS: !GetAtt ImporterRole.Arn
  Action: s3:GetObject
  Resource: !Sub ${ReportsBucket.Arn}/*
```

## What it leaves alone

Grants to roles and to accounts, which the boundary limits; grants of what the boundary allows anyway; users without a boundary.

## When it cannot tell

The boundary is not in this input, so what it allows is not known.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...model import iam
from ...policy.describe import describe
from ...policy.document import Principal
from ...policy.grant import allowed_actions, statement_actions
from ...policy.principal import Kind, classify
from ...value import Unknown
from .._documents import texts
from .._rule import Example, Verdict, World, rule
from ._named import named

_WITHOUT_PRINCIPALS: Final = frozenset({"identity", "organization"})
_SHOWN: Final = 4

_BASE = """
resource "aws_iam_policy" "limit" {
  name = "limit"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %s, Resource = "*" }]
  })
}

resource "aws_iam_user" "importer" {
  name                 = "importer"
  permissions_boundary = %s
}

resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sqs_queue_policy" "orders" {%s
  queue_url = aws_sqs_queue.orders.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = %s }
      Action    = "sqs:PurgeQueue"
      Resource  = aws_sqs_queue.orders.arn
    }]
  })
}
"""
_LIMIT = "aws_iam_policy.limit.arn"

BAD = Example(
    _BASE % ('"sqs:SendMessage"', _LIMIT, "  # bad", "aws_iam_user.importer.arn"), "the boundary does not allow it"
)
ALLOWED = Example(_BASE % ('"sqs:*"', _LIMIT, "", "aws_iam_user.importer.arn"), "the boundary allows it, too")
ACCOUNT = Example(
    _BASE % ('"sqs:SendMessage"', _LIMIT, "", '"arn:aws:iam::111122223333:root"'),
    "to the account, which the boundary limits",
)
UNDECIDED = Example(
    _BASE
    % (
        '"sqs:SendMessage"',
        '"arn:aws:iam::111122223333:policy/somewhere-else"',
        "  # undecided",
        "aws_iam_user.importer.arn",
    ),
    "the boundary is kept elsewhere",
)


@rule(
    code="IAM613",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, ALLOWED, ACCOUNT, UNDECIDED),
)
def resource_grant_bypasses_boundary(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each Allow that names a user or session with a boundary, for each of them."""
    for text in texts(world):
        if text.kind in _WITHOUT_PRINCIPALS:
            continue
        for statement in text.document.statements:
            for principal in statement.principals or () if statement.effect == "Allow" else ():
                holder = None if isinstance(principal, Unknown) else _holder(world, principal, text.origin.account)
                boundary = None if holder is None else world.access.boundary(holder)
                if holder is None or boundary is None:
                    continue
                related = (Related(holder.origin, "has the boundary"), *text.related)
                key = f"{statement.label}, {holder.origin.address}"
                actions = statement_actions(statement)[0]
                if isinstance(boundary, Unknown):
                    yield Undecided(
                        subject=text.origin,
                        message=f"whether this grants {holder.origin.address} more than its permissions boundary allows is not known: {boundary.because}",
                        evidence=describe(statement),
                        related=related,
                        key=key,
                    )
                    continue
                beyond = actions - allowed_actions((boundary,), on_everything=False, certain=False)
                if beyond:
                    yield Violation(
                        subject=text.origin,
                        message=f"{holder.origin.address} may call {', '.join(beyond.compressed(_SHOWN))} by this policy, though its permissions boundary does not allow it",
                        evidence=describe(statement),
                        related=related,
                        key=key,
                    )


def _holder(world: World, principal: Principal, provider: str) -> iam.Principal | None:
    """The user, or the role of the session, that a principal element names; of a role as a whole the boundary counts."""
    return None if classify(principal).kind is Kind.ROLE else named(world, principal, provider)
