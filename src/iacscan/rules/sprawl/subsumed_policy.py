"""Policy grants its holder nothing that another policy of the same holder does not grant already.

## Why it matters

Whoever reviews the narrow policy believes that it is the limit, and whoever takes a permission out of it believes that it is gone. In truth the wider
policy decides. Beside an administrator's policy, all others are for show.

## How to fix it

Decide which of the two is meant. If the narrow one is, detach the wide one:

```hcl
resource "aws_iam_role_policy_attachment" "orders_read" {
  role       = aws_iam_role.reports.name
  policy_arn = aws_iam_policy.orders_read.arn # and nothing with s3:* beside it
}
```

If the wide one is needed, delete the narrow one.

## How to fix it in CloudFormation

Decide which of the two is meant. If the narrow one is, detach the wide one:

```yaml
ReportsRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
    ManagedPolicyArns:
      - !Ref OrdersReadPolicy # and nothing with s3:* beside it
```

If the wide one is needed, delete the narrow one.

## What it leaves alone

Policies that deny something, policies that a user has through a group (others have them too), and policies that say exactly the same, which are
duplicates (IAM304). A policy that is redundant here may be needed by other holders: only the attachment is reported.
`AWSLambdaBasicExecutionRole`, which SAM and the CDK attach to every function, and pairs of AWS's policies for services.

## When it cannot tell

Nothing is reported: it takes a proof, for every request, that the one policy lies within the other, and an element that is not known, or a condition
that cannot be compared, is no sign of redundancy. More than a hundred policies of one principal are not compared.
"""

from collections.abc import Iterator
from typing import Final

from ...access import Held
from ...finding import Related, Severity, Undecided, Violation
from ...graph import Graph
from ...model import iam
from ...policy.canonical import Canonical, canonical
from ...policy.containment import is_within
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...policy.excess import might
from .._identity import called
from .._rule import Example, Verdict, World, rule

MOST: Final = 100  # policies of one principal that are held against each other
_SERVICE: Final = ":policy/service-role/"
_EVERY_FUNCTION: Final = "/AWSLambdaBasicExecutionRole"
_SHOWN = 3  # statements of each policy that are shown

_ROLE = """
resource "aws_iam_role" "reports" {
  name               = "reports"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "read_orders" {%s
  role   = aws_iam_role.reports.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::orders/*" }]
  })
}
"""
_WIDE = """
resource "aws_iam_role_policy" "orders" {
  role   = aws_iam_role.reports.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "%s"%s }]
  })
}
"""

BAD = Example(_ROLE % "  # bad" + _WIDE % ("arn:aws:s3:::orders*", ""), "the other policy allows that and more")
BAD_MANAGED = Example(
    _ROLE % "  # bad"
    + """
resource "aws_iam_role_policy_attachment" "full" {
  role       = aws_iam_role.reports.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}
""",
    "of medium severity: beside full access it looks like a limit",
)
GOOD = Example(_ROLE % "" + _WIDE % ("arn:aws:s3:::invoices/*", ""), "about other objects")
CONDITIONAL = Example(
    _ROLE % ""
    + _WIDE % ("arn:aws:s3:::orders*", ', Condition = { IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }'),
    "the wider one only counts in the office",
)


@rule(
    code="IAM305",
    severity=Severity.LOW,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html",
    ),
    examples=(BAD, BAD_MANAGED, GOOD, CONDITIONAL),
)
def subsumed_policy(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy of a principal that another one makes superfluous."""
    estate = world.estate
    for principal in (*estate.users, *estate.groups, *estate.roles, *estate.permission_sets):
        held = world.access.held(principal)
        if len(held) > MOST:
            message = (
                f"whether one of the {len(held)} policies includes another is not known: they are too many to compare"
            )
            yield Undecided(subject=principal.origin, message=message)
        elif len(held) > 1:
            yield from _of(principal, held, world.graph)


def _of(principal: iam.Principal, held: tuple[Held, ...], graph: Graph) -> Iterator[Verdict]:
    known = [(item, item.document) for item in held if isinstance(item.document, PolicyDocument)]
    gone: set[int] = set()
    for narrow, (item, document) in enumerate(known):
        if item.via == "group" or not _only_allows(document):
            continue
        for wide, (other, wider) in enumerate(known):
            apart = wide not in gone and wide != narrow and _form(document) != _form(wider)
            if apart and not _comes_with(item, other) and is_within(document, wider):
                gone.add(narrow)  # of two that mean the same, one is reported
                yield _verdict(principal, (item, document), (other, wider), graph)
                break


def _comes_with(item: Held, other: Held) -> bool:
    """Whether the narrow one is what SAM and the CDK give every function, or both are AWS's for services: nobody takes it for a limit."""
    if item.via != "aws-managed" or _SERVICE not in item.name:
        return False
    return item.name.endswith(_EVERY_FUNCTION) or (other.via == "aws-managed" and _SERVICE in other.name)


def _only_allows(document: PolicyDocument) -> bool:
    return bool(document.statements) and all(statement.effect == "Allow" for statement in document.statements)


def _form(document: PolicyDocument) -> Canonical:
    return canonical(document)


def _verdict(
    principal: iam.Principal, narrow: tuple[Held, PolicyDocument], wide: tuple[Held, PolicyDocument], graph: Graph
) -> Violation:
    (item, document), (other, wider) = narrow, wide
    full = might(wider) is not None or other.name.endswith("FullAccess")
    looks = ", so it looks like a limit that is none" if full else ""
    shown = (*document.statements[:_SHOWN], *wider.statements[:_SHOWN])
    related = {
        principal.origin.address: Related(principal.origin, "has both"),
        other.origin.address: Related(other.origin, "allows all of it already"),
    }
    if item.policy is not None:
        related.setdefault(item.policy.origin.address, Related(item.policy.origin, "the policy"))
    if other.policy is not None:
        related.setdefault(other.policy.origin.address, Related(other.policy.origin, "the wider policy"))
    related.pop(item.origin.address, None)
    shared = item.policy is not None and len(graph.attachments_of(item.policy)) > 1
    return Violation(
        subject=item.origin,
        message=(
            f"{_name(item, principal)} lets {called(principal)} do nothing"
            f" that {_name(other, principal)} does not allow already{looks}"
        ),
        evidence=tuple(dict.fromkeys(line for statement in shown for line in describe(statement))),
        related=tuple(related.values()),
        severity=Severity.MEDIUM if full else None,
        key=f"{principal.origin.address} {item.name}",
        remedy=f"Detach it from {called(principal)}; others have it too." if shared else None,
    )


def _name(held: Held, principal: iam.Principal) -> str:
    if held.policy is not None:
        return held.policy.origin.address
    if held.via == "inline" and held.origin.address == principal.origin.address:
        return f"inline policy {held.name}"  # it is written in the principal, whose address would not tell which
    return held.name.rpartition("/")[2] if held.via == "aws-managed" else held.origin.address
