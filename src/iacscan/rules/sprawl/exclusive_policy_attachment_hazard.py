"""Attachment claims a policy for itself, and takes it away from everyone else in the account.

## Why it matters

`aws_iam_policy_attachment` manages *all* attachments of its policy: with every apply it detaches the policy from each user, group and role that it
does not name, also from those of other configurations, of other teams, and of AWS services. For a policy of AWS's own that is
rarely meant. Two such blocks for one policy undo each other with every apply.

## How to fix it

```hcl
resource "aws_iam_role_policy_attachment" "auditor" {
  role       = aws_iam_role.auditor.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}
```

Remove the old block from the state first (`removed` with `destroy = false`), so that nothing is detached meanwhile. Likewise
`aws_iam_user_group_membership` instead of `aws_iam_group_membership`.

## What it leaves alone

`*_exclusive` resources: they are exclusive for one principal, not for the account. A policy that only this configuration makes and only
this block attaches is reported as low: it is safe as long as nobody else attaches it.

## When it cannot tell

Which policy the block claims is not known.
"""

from collections import defaultdict
from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...model.iam import ExclusiveAttachment, Membership
from ...value import Maybe, Unknown
from .._rule import Example, Verdict, World, rule

BAD = Example(
    """
resource "aws_iam_policy_attachment" "auditors" {  # bad
  name       = "auditors"
  roles      = ["auditor"]
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}
""",
    "a policy of AWS's own",
)

UNDONE = Example(
    """
resource "aws_iam_policy" "deploy" {
  name   = "deploy"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })
}

resource "aws_iam_policy_attachment" "ci" {  # bad
  name       = "ci"
  roles      = ["ci"]
  policy_arn = aws_iam_policy.deploy.arn
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = "admin"
  policy_arn = aws_iam_policy.deploy.arn
}
""",
    "it detaches what the other block attaches",
)

MEMBERS = Example(
    """
resource "aws_iam_group" "team" {
  name = "team"
}

resource "aws_iam_group_membership" "team" {  # bad
  name  = "team"
  group = aws_iam_group.team.name
  users = ["ada"]
}

resource "aws_iam_user_group_membership" "grace" {
  user   = "grace"
  groups = [aws_iam_group.team.name]
}
""",
    "grace is removed from the group, and added again, in turns",
)

GOOD = Example(
    """
resource "aws_iam_role_policy_attachment" "auditor" {
  role       = "auditor"
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}
"""
)

UNDECIDED = Example(
    """
resource "aws_iam_policy_attachment" "some" {  # undecided
  name       = "some"
  roles      = ["auditor"]
  policy_arn = var.policy
}

variable "policy" {}
"""
)


@rule(
    code="IAM311",
    severity=Severity.HIGH,
    references=("https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment",),
    examples=(BAD, UNDONE, MEMBERS, GOOD, UNDECIDED),
)
def exclusive_policy_attachment_hazard(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each block that claims a policy, or the members of a group, for itself."""
    claims: defaultdict[tuple[str, str], list[ExclusiveAttachment]] = defaultdict(list)
    for claim in world.estate.exclusive_attachments:
        if isinstance(claim.policy, Unknown):
            message = f"this detaches a policy from everyone it does not name, and which policy is not known: {claim.policy.because}"
            yield Undecided(subject=claim.origin, message=message)
            continue
        own = world.graph.managed_policy(claim.policy, claim.origin.account)
        claims[(claim.origin.account, own.origin.address if own else claim.policy)].append(claim)
    for (_, policy), blocks in claims.items():
        yield from _of_policy(world, policy, blocks)
    yield from _of_groups(world)


def _of_policy(world: World, policy: str, blocks: list[ExclusiveAttachment]) -> Iterator[Verdict]:
    first = blocks[0]
    own = world.graph.managed_policy(first.policy, first.origin.account)
    name = own.origin.address if own else policy.rpartition("/")[2]
    evidence = (f"policy_arn = {first.policy}",)
    remedy = "Use aws_iam_role_policy_attachment, aws_iam_group_policy_attachment or aws_iam_user_policy_attachment."
    if len(blocks) > 1:
        yield Violation(
            subject=first.origin,
            message=f"{len(blocks)} blocks claim {name}, and detach with every apply what another one attached",
            evidence=evidence,
            related=tuple(Related(block.origin, "claims the same policy") for block in blocks[1:]),
            remedy=remedy,
        )
        return
    others = _others(world, first)
    if others:
        yield Violation(
            subject=first.origin,
            message=f"every apply detaches {name} from principals that other blocks attach it to",
            evidence=evidence,
            related=tuple(others),
            remedy=remedy,
        )
    elif own is None:
        yield Violation(
            subject=first.origin,
            message=f"{name} is detached from every user, group and role of the account that this block does not name",
            evidence=evidence,
            remedy=remedy,
        )
    else:
        yield Violation(
            subject=first.origin,
            message=f"whoever else gets {name} attached, by hand or by other code, loses it with the next apply",
            evidence=evidence,
            related=(Related(own.origin, "the policy"),),
            severity=Severity.LOW,
            remedy=remedy,
        )


def _others(world: World, claim: ExclusiveAttachment) -> list[Related]:
    """Attachments of the same policy, by other blocks, to principals that the claim does not name."""
    account = claim.origin.account
    own = world.graph.managed_policy(claim.policy, account)
    if own:
        attachments = world.graph.attachments_of(own)
    else:
        attachments = tuple(item for item in world.estate.attachments if item.policy == claim.policy)
    named = {_holder(world, kind, link, account) for kind, link in claim.holders}
    return [
        Related(item.origin, f"attaches it to a {item.holder_kind}, which loses it")
        for item in attachments
        if item.via != "exclusive"
        and item.origin.account == account
        and isinstance(item.holder, str)
        and _holder(world, item.holder_kind, item.holder, account) not in named
    ]


def _holder(world: World, kind: str, link: Maybe[str], account: str) -> tuple[str, str]:
    """Name a principal, by its address if it is in the input."""
    found = world.graph.principal(kind, link, account)
    return kind, found.origin.address if found else str(link).lower()


def _of_groups(world: World) -> Iterator[Verdict]:
    for group in world.estate.groups:
        blocks: dict[str, Membership] = {item.origin.address: item for item in world.graph.memberships_of(group)}
        claims = [item.origin for item in blocks.values() if item.exclusive]
        others = [item.origin for item in blocks.values() if not item.exclusive]
        if claims and len(blocks) > 1:
            yield Violation(
                subject=claims[0],
                message=f"every apply removes the members of {group.origin.address} that other blocks add",
                evidence=tuple(f"{address} names the group" for address in sorted(blocks)),
                related=tuple(Related(item, "names the same group") for item in (*claims[1:], *others)),
                severity=Severity.MEDIUM,
                remedy="Use aws_iam_user_group_membership for all of them.",
            )
