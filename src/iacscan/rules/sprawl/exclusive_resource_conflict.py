"""Exclusive list of a principal's policies leaves out one that this configuration gives to it.

## Why it matters

`aws_iam_role_policies_exclusive` and its kin remove every policy that their list does not name. A policy that another block makes, and the list forgets, is
taken away and given back in turns, apply by apply: sometimes the workload fails, sometimes it may do more than the list says.

## How to fix it

Name every policy that the configuration makes for the principal, by reference:

```hcl
resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.worker.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policies_exclusive" "worker" {
  role_name    = aws_iam_role.worker.name
  policy_names = [aws_iam_role_policy.read.name]
}
```

## What it leaves alone

Names in the list that this configuration does not make: they may be made elsewhere. `aws_iam_policy_attachment`, which is exclusive for the whole account
(IAM311), and the arguments of `aws_iam_role` (IAM310).

## When it cannot tell

A name in the list, or the name of the policy, is not known; or which principal is meant.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from ...finding import Related, Severity, Undecided, Violation
from ...links import symbols
from ...model.iam import Attachment, ExclusiveList, InlinePolicy
from ...value import Maybe, Truth, Unknown, any_of
from .._rule import Example, Verdict, World, rule

_Policy: TypeAlias = InlinePolicy | Attachment
_OF_AWS: Final = ":iam::aws:policy/"

_INLINE = """
resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = "worker"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" }] })
}

resource "aws_iam_role_policies_exclusive" "worker" {%s
  role_name    = "worker"
  policy_names = %s
}
"""
_ATTACHED = """
resource "aws_iam_role_policy_attachment" "worker" {
  role       = "worker"
  policy_arn = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
}

resource "aws_iam_role_policy_attachments_exclusive" "worker" {%s
  role_name   = "worker"
  policy_arns = %s
}
"""

BAD = Example(_INLINE % ("  # bad", '["write"]'))
BAD_NONE = Example(_INLINE % ("  # bad", "[]"), "an empty list removes them all")
BAD_ATTACHED = Example(_ATTACHED % ("  # bad", '["arn:aws:iam::aws:policy/AWSLambdaExecute"]'), "a managed policy")
GOOD = Example(_INLINE % ("", "[aws_iam_role_policy.read.name]"))
GOOD_ATTACHED = Example(_ATTACHED % ("", "[aws_iam_role_policy_attachment.worker.policy_arn]"), "it is listed")
UNDECIDED = Example(_INLINE % ("  # undecided", "[var.name]") + '\nvariable "name" {}\n')


@rule(
    code="IAM312",
    severity=Severity.MEDIUM,
    references=(
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policies_exclusive",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachments_exclusive",
    ),
    examples=(BAD, BAD_NONE, BAD_ATTACHED, GOOD, GOOD_ATTACHED, UNDECIDED),
)
def exclusive_resource_conflict(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each list that removes, or may remove, what another block gives."""
    for listing in world.estate.exclusive_lists:
        if isinstance(listing.holder, Unknown):
            yield Undecided(
                subject=listing.origin,
                message=f"whose policies this list removes is not known: {listing.holder.because}",
            )
            continue
        graded = [(policy, _is_listed(world, listing, policy)) for policy in _policies(world, listing)]
        missing = [policy for policy, listed in graded if listed is Truth.NO]
        doubtful = [policy for policy, listed in graded if listed is Truth.UNKNOWN]
        related = tuple(Related(policy.origin, "gives it the policy") for policy in missing or doubtful)
        what = "policy" if len(missing or doubtful) == 1 else "policies"
        if missing:
            yield Violation(
                subject=listing.origin,
                message=f"this list removes {len(missing)} {what} that other blocks give to the same {listing.holder_kind}, in turns with them",
                evidence=(_shown(listing),),
                related=related,
                severity=None if listing.items else Severity.HIGH,
            )
        elif doubtful:
            yield Undecided(
                subject=listing.origin,
                message=f"whether this list removes {len(doubtful)} {what} that other blocks give to the same {listing.holder_kind} is not known",
                evidence=(_shown(listing),),
                related=related,
            )


def _policies(world: World, listing: ExclusiveList) -> Iterator[_Policy]:
    """What other blocks give to the principal of a list, of the kind that it lists."""
    if listing.kind == "inline":
        yield from (item for item in world.estate.inline_policies if not item.argument and _same(world, listing, item))
    else:
        given = (item for item in world.estate.attachments if item.via in ("attachment", "exclusive"))
        yield from (item for item in given if _same(world, listing, item))


def _same(world: World, listing: ExclusiveList, item: _Policy) -> bool:
    """Whether a policy is given to the principal of a list."""
    account = listing.origin.account
    if (item.holder_kind, item.origin.account) != (listing.holder_kind, account) or not isinstance(item.holder, str):
        return False
    one = world.graph.principal(listing.holder_kind, listing.holder, account)
    other = world.graph.holder(item)
    if one is None and other is None:
        return item.holder.lower() == str(listing.holder).lower()
    return one is not None and other is not None and one.origin == other.origin


def _is_listed(world: World, listing: ExclusiveList, policy: _Policy) -> Truth:
    if isinstance(policy, Attachment):
        return any_of(_is_attached(world, item, policy) for item in listing.items)
    return any_of(_is_named(item, policy) for item in listing.items)


def _is_named(item: Maybe[str], policy: InlinePolicy) -> Truth:
    """Whether an item of a list is the name of an inline policy."""
    if isinstance(item, Unknown):
        return _refers(item, policy)
    if policy.origin.identity in symbols(item):
        return Truth.YES
    if isinstance(policy.name, str) and "⟦" not in f"{item}{policy.name}":
        return Truth.of(known=item == policy.name)
    return Truth.of(known=True) if item == policy.name else Truth.UNKNOWN


def _is_attached(world: World, item: Maybe[str], attachment: Attachment) -> Truth:
    """Whether an item of a list is the ARN of the policy that is attached."""
    if isinstance(item, Unknown):
        return _refers(item, attachment)
    if isinstance(attachment.policy, Unknown):
        return Truth.UNKNOWN
    one = world.graph.managed_policy(item, attachment.origin.account)
    other = world.graph.managed_policy(attachment.policy, attachment.origin.account)
    same = item == attachment.policy or (one is not None and other is not None and one.origin == other.origin)
    of_aws = any(_OF_AWS in text for text in (item, attachment.policy))
    if not same and not of_aws and "⟦" in f"{item}{attachment.policy}" and None in (one, other):
        return Truth.UNKNOWN
    return Truth.of(known=same)


def _refers(item: Unknown, policy: _Policy) -> Truth:
    """Whether what an unknown item is computed from is the policy itself; it may be its name in any case."""
    own = (policy.origin.address, policy.origin.block, policy.origin.resource)
    return Truth.YES if any(reference.address in own for reference in item.references) else Truth.UNKNOWN


def _shown(listing: ExclusiveList) -> str:
    names = ", ".join("(not known)" if isinstance(item, Unknown) else item for item in listing.items[:5])
    return f"{'policy_names' if listing.kind == 'inline' else 'policy_arns'} = [{names}]"
