"""Policy is longer than AWS accepts, or nearly so.

## Why it matters

AWS refuses it, and the deployment fails half-way. Long policies are also those that nobody reads to the end. Just below the limit, the next bucket or
queue that somebody adds is the one that does not fit.

## How to fix it

Name resources by a pattern they have in common, leave out what wildcards cover already (IAM316), or divide the policy by purpose:

```hcl
statement {
  actions   = ["s3:GetObject"]
  resources = ["arn:aws:s3:::acme-orders-*/*"] # not one line for each of forty buckets
}
```

Inline policies of one principal count together; managed policies count each by itself.

## How to fix it in CloudFormation

Name resources by a pattern they have in common, leave out what wildcards cover already (IAM316), or divide the policy by purpose:

```yaml
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub arn:${AWS::Partition}:s3:::acme-orders-*/* # not one line for each of forty buckets
```

Inline policies of one principal count together; managed policies count each by itself.

## What it leaves alone

White space, which IAM does not count. Policies of permission sets, trust policies and policies of resources have other limits. Policies of organizations: see IAM707.

## When it cannot tell

What is not known counts as nothing, so the true length may be greater; only what is certainly too long, or close to it, is reported.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Related, Severity, Violation
from ...model.iam import InlinePolicy
from ...policy.document import PolicyDocument
from ...policy.size import INLINE, MANAGED, size
from .._rule import Example, Verdict, World, rule

_CLOSE: Final = 0.9
_SHOWN: Final = 10

_LIST = '[for i in range(%d) : format("arn:aws:s3:::acme-orders-%%04d/*", i)]'
_POLICY = """
resource "aws_iam_policy" "orders" {  # %s
  name   = "orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = %s }]
  })
}
"""
_INLINE = """
resource "aws_iam_user" "importer" {  # %s
  name = "importer"
}

resource "aws_iam_user_policy" "orders" {
  count  = 2
  user   = aws_iam_user.importer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = %s }]
  })
}
"""

BAD = Example(_POLICY % ("bad", _LIST % 200), "over 6,144 characters")
BAD_CLOSE = Example(_POLICY % ("bad", _LIST % 172), "of low severity: more than nine tenths")
BAD_INLINE = Example(_INLINE % ("bad", _LIST % 40), "together more than the 2,048 that a user may have")
GOOD = Example(_POLICY % ("short", _LIST % 20))


@rule(
    code="IAM313",
    severity=Severity.HIGH,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",),
    examples=(BAD, BAD_CLOSE, BAD_INLINE, GOOD),
)
def policy_size_quota(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each managed policy, and for each principal's inline policies, that are too long."""
    for policy in world.estate.managed_policies:
        if isinstance(policy.document, PolicyDocument):
            yield from _verdict(policy.origin, "this policy", size(policy.document), MANAGED)
    for (kind, *_), policies in _by_holder(world).items():
        if kind in INLINE:
            documents = [item.document for item in policies if isinstance(item.document, PolicyDocument)]
            holder = world.graph.holder(policies[0])
            subject = policies[0].origin if holder is None else holder.origin
            what = f"the inline policies of this {kind} together"
            related = tuple(Related(item.origin, "one of them") for item in policies[:_SHOWN] if item.origin != subject)
            yield from _verdict(subject, what, sum(map(size, documents)), INLINE[kind], related)


def _by_holder(world: World) -> dict[tuple[str, str, str], list[InlinePolicy]]:
    """The inline policies of each principal, also of those that are only named."""
    found: defaultdict[tuple[str, str, str], list[InlinePolicy]] = defaultdict(list)
    for inline in world.estate.inline_policies:
        holder = world.graph.holder(inline)
        name = inline.holder if isinstance(inline.holder, str) else inline.origin.address
        account = inline.origin.account
        found[inline.holder_kind, account, name if holder is None else holder.origin.address].append(inline)
    return found


def _verdict(
    subject: Origin, what: str, characters: int, quota: int, related: tuple[Related, ...] = ()
) -> Iterator[Verdict]:
    if characters < _CLOSE * quota:
        return
    over = characters > quota
    have = "has" if what.startswith("this") else "have"
    consequence = "AWS refuses it and the apply fails" if over else "little more fits in"
    yield Violation(
        subject=subject,
        message=f"{what} {have} at least {characters:,} characters, and {quota:,} are allowed: {consequence}",
        evidence=(f"characters without white space: {characters}",),
        related=related,
        severity=None if over else Severity.LOW,
        key="inline" if related else "",
    )
