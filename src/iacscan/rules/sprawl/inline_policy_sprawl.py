"""Permissions are scattered over inline policies.

## Why it matters

What a role may do stands in as many places as it has policies, and inline policies can neither be listed nor reviewed nor rolled back by
themselves: they have no ARN, no versions and no usage record. Where most policies are inline, nobody knows any more who may do what.

## How to fix it

Merge what belongs to one principal into one managed policy:

```hcl
data "aws_iam_policy_document" "worker" {
  source_policy_documents = [
    data.aws_iam_policy_document.read_input.json,
    data.aws_iam_policy_document.write_output.json,
  ]
}

resource "aws_iam_policy" "worker" {
  name   = "worker"
  policy = data.aws_iam_policy_document.worker.json
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = aws_iam_policy.worker.arn
}
```

## How to fix it in CloudFormation

Merge what belongs to one principal into one managed policy:

```yaml
WorkerPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Roles:
      - !Ref WorkerRole
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Sid: ReadInput
          Effect: Allow
          Action: s3:GetObject
          Resource: !Sub ${InputBucket.Arn}/*
        - Sid: WriteOutput
          Effect: Allow
          Action: s3:PutObject
          Resource: !Sub ${OutputBucket.Arn}/*
```

## What it leaves alone

One inline policy on a role that exactly one workload runs as: AWS itself recommends inline policies for such a strict one-to-one
relation. Up to two on one principal, and fewer than five in all or less than half of all policies. Permission sets have
one inline policy at most, and are not counted; nor are roles that SAM makes, which get one for each policy template, and the
default policies that the CDK writes, one for each role.

## When it cannot tell

So many inline policies do not say whose they are, or may not come to be, that they decide whether there are too many.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...lazy import regex
from ...model.iam import InlinePolicy, Principal, Role
from ...policy.canonical import canonical, merged
from ...policy.document import PolicyDocument
from ...value import Unknown
from .._rule import Example, Verdict, World, rule

MOST: Final = 2  # inline policies of one principal
_OF_CDK: Final = regex(r"\w*Policy\w*[0-9A-F]{8}")  # names that it makes of the place in the program and a hash
_OF_SAM: Final = (("lambda:createdBy", "SAM"), ("stateMachine:createdBy", "SAM"))  # tags that its transform sets
FEWEST: Final = 5  # inline policies in all, below which the share does not matter
SHARE: Final = 0.5  # of all policies that are not AWS's own
MANY: Final = 10  # from here on the severity is high
_SHOWN: Final = 10  # blocks that are listed by address

_POLICY = """
resource "aws_iam_role_policy" "%s" {
  role   = %s
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "%s", Resource = "*" }] })
}
"""
_ROLE = """
resource "aws_iam_role" "worker" {%s
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
"""
_OWN = "aws_iam_role.worker.name"

BAD = Example(
    _ROLE % "  # bad"
    + _POLICY % ("input", _OWN, "s3:GetObject")
    + _POLICY % ("output", _OWN, "sqs:SendMessage")
    + _POLICY % ("state", _OWN, "dynamodb:GetItem"),
    "three on one role",
)

SCATTERED = Example(
    _POLICY % ("one", '"one"', "s3:GetObject")
    + _POLICY % ("two", '"two"', "sqs:SendMessage")
    + _POLICY % ("three", '"three"', "sns:Publish")
    + _POLICY % ("four", '"four"', "dynamodb:GetItem")
    + (_POLICY % ("five", '"five"', "kinesis:PutRecord")).replace('"five" {', '"five" {  # bad', 1),
    "five in all, and not one managed policy; the first by its name stands for all",
)

GOOD = Example(_ROLE % "" + _POLICY % ("input", _OWN, "s3:GetObject"), "one")

UNDECIDED = Example(
    _ROLE % ""
    + _POLICY % ("input", _OWN, "s3:GetObject")
    + _POLICY % ("output", _OWN, "sqs:SendMessage")
    + (_POLICY % ("state", "var.role", "dynamodb:GetItem")).replace("{", "{  # undecided", 1)
    + '\nvariable "role" {}\n',
    "the third may belong to the same role",
)


@rule(
    code="IAM302",
    severity=Severity.MEDIUM,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",),
    examples=(BAD, SCATTERED, GOOD, UNDECIDED),
)
def inline_policy_sprawl(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each principal with too many inline policies, and one for all together."""
    policies = [
        policy
        for policy in world.estate.inline_policies
        if policy.holder_kind != "permission-set"
        and not _is_of_cdk(policy)
        and not _is_of_sam(world.graph.holder(policy))
    ]
    holders: dict[str, Principal] = {}
    held: defaultdict[str, list[InlinePolicy]] = defaultdict(list)
    for policy in policies:
        holder = world.graph.holder(policy)
        if holder is not None:
            holders[holder.origin.address] = holder
            held[holder.origin.address].append(policy)
    adrift = [policy for policy in policies if isinstance(policy.holder, Unknown)]
    crowded = [address for address, own in held.items() if len(own) > MOST]
    for address in crowded:
        yield _of_principal(holders[address], held[address])
    if adrift and not crowded:
        most = max((len(own) for address, own in held.items() if _takes(holders[address], adrift)), default=0)
        if most + len(adrift) > MOST:
            yield _not_told_apart(adrift)
    one_to_one = {address for address in held if _is_one_to_one(world, holders[address], held[address])}
    counted = [
        policy
        for policy in policies
        if (owner := world.graph.holder(policy)) is None or owner.origin.address not in one_to_one
    ]
    yield from _of_all(world, counted, {address: own for address, own in held.items() if address not in one_to_one})


def _is_of_sam(holder: Principal | None) -> bool:
    """Whether SAM makes the role: it writes one inline policy for each policy template, and nobody can merge them.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
    """
    return holder is not None and any(tag in holder.tags for tag in _OF_SAM)


def _is_of_cdk(policy: InlinePolicy) -> bool:
    """Whether the CDK writes the policy: what is granted to a role in code goes into this one, and nobody maintains it.

    https://docs.aws.amazon.com/cdk/v2/guide/permissions.html
    """
    return isinstance(policy.name, str) and _OF_CDK.fullmatch(policy.name) is not None


def _takes(principal: Principal, adrift: list[InlinePolicy]) -> bool:
    """Whether one of the policies that do not say whose they are may belong to the principal."""
    return any(
        item.origin.account == principal.origin.account and item.holder_kind == _kind(principal) for item in adrift
    )


def _kind(principal: Principal) -> str:
    return type(principal).__name__.lower()


def _is_one_to_one(world: World, holder: Principal, own: list[InlinePolicy]) -> bool:
    """Whether this is the case that AWS recommends inline policies for."""
    return isinstance(holder, Role) and len(own) == 1 and len(world.graph.workloads_of(holder)) == 1


def _of_principal(holder: Principal, own: list[InlinePolicy]) -> Verdict:
    number = len(own)
    certain = sum(not policy.origin.possible for policy in own)
    related = tuple(Related(policy.origin, "one of them") for policy in own if not policy.argument)
    if certain <= MOST:
        message = f"whether {number} inline policies come to be here is not known: count or for_each is not"
        return Undecided(subject=holder.origin, message=message, related=related)
    least = "at least " if certain < number else ""
    copies = _copies(own)
    twice = ", two of which say the same" if copies else ""
    return Violation(
        subject=holder.origin,
        message=f"what this {_kind(holder)} may do is scattered over {least}{certain} inline policies{twice}",
        evidence=tuple(f"inline policy {_name(policy)}" for policy in own[:_SHOWN]),
        related=related,
        severity=Severity.HIGH if certain >= MANY or copies else None,
        remedy=_merge(own),
    )


def _not_told_apart(adrift: list[InlinePolicy]) -> Verdict:
    first = adrift[0]
    because = first.holder.because if isinstance(first.holder, Unknown) else ""
    rest = f" and {len(adrift) - 1} more" if len(adrift) > 1 else ""
    return Undecided(
        subject=first.origin,
        message=f"whether one {first.holder_kind} has more than {MOST} inline policies is not known: whose this{rest} is, {because}",
        related=tuple(Related(policy.origin, "does not say whose it is") for policy in adrift[1:_SHOWN]),
    )


def _of_all(world: World, counted: list[InlinePolicy], held: dict[str, list[InlinePolicy]]) -> Iterator[Verdict]:
    """Judge the input as a whole, on the block that has most of it."""
    # By address, as the input has them in no order that means anything.
    certain = sorted((policy for policy in counted if not policy.origin.possible), key=_address)
    total, managed = len(certain), len(world.estate.managed_policies)
    if total < FEWEST or total / (total + managed) <= SHARE:
        return
    if len(held) == 1 and len(next(iter(held.values()))) == len(counted):
        return  # all of them belong to one principal, which has a finding of its own
    worst = min(held.values(), key=lambda own: (-len(own), min(map(_address, own))), default=None)
    subject = certain[0] if worst is None else min(worst, key=_address)
    copies = _copies(certain)
    twice = f", and {copies} of them {'repeats' if copies == 1 else 'repeat'} another" if copies else ""
    yield Violation(
        subject=subject.origin,
        message=f"{total} of {total + managed} policies are inline{twice}",
        evidence=(f"inline policies: {total}", f"customer managed policies: {managed}"),
        related=tuple(Related(policy.origin, "an inline policy") for policy in _besides(certain, subject)),
        severity=Severity.HIGH if total >= MANY or copies else None,
        key="all",
    )


def _besides(policies: list[InlinePolicy], subject: InlinePolicy) -> list[InlinePolicy]:
    return [policy for policy in policies if policy is not subject][: _SHOWN - 1]


def _address(policy: InlinePolicy) -> str:
    return policy.origin.address


def _copies(policies: list[InlinePolicy]) -> int:
    """How many of the policies say what another one says."""
    forms = [canonical(policy.document) for policy in policies if isinstance(policy.document, PolicyDocument)]
    certain = [form for form in forms if form.certain]
    return len(certain) - len(set(certain))


def _name(policy: InlinePolicy) -> str:
    return policy.name if isinstance(policy.name, str) else policy.origin.address


def _merge(own: list[InlinePolicy]) -> str | None:
    """Say what the merged policy would hold, where all of it is known."""
    documents = [policy.document for policy in own if isinstance(policy.document, PolicyDocument)]
    if len(documents) < len(own):
        return None
    before, after = sum(len(document.statements) for document in documents), merged(documents)
    fewer = f"; its {before} statements become {len(after)}" if len(after) < before else ""
    how = "" if own[0].origin.is_template else " with source_policy_documents"
    return f"Merge the {len(own)} documents into one aws_iam_policy{how}, and attach that{fewer}."
