"""Change takes a service control policy, or a part of it, away from accounts.

## Why it matters

What an SCP refuses, it refuses to everybody in the accounts below its target, administrators included. It is the last thing that stands when a credential is stolen; once it is detached,
every right that it held back is there in all of these accounts at once.

## How to fix it

Attach the policy that replaces it before the old one goes, in a change of its own, or keep the attachment:

```hcl
resource "aws_organizations_policy_attachment" "workloads" {
  policy_id = aws_organizations_policy.guardrails.id
  target_id = aws_organizations_organizational_unit.workloads.id
}
```

## How to fix it in CloudFormation

Attach the policy that replaces it before the old one goes, in a change of its own, or keep its target:

```yaml
Guardrails:
  Type: AWS::Organizations::Policy
  Properties:
    Name: guardrails
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Action: organizations:LeaveOrganization
          Resource: "*"
```

## What it leaves alone

What another policy on the same target, or on a unit or root above it, refuses in whatever words; targets that the change deletes; policies of other types than service and
resource control policies; `FullAWSAccess`. An attachment or policy that is replaced, or dropped from the state without being deleted, is of low severity.

## When it cannot tell

The policy that is detached is not in the input, or its content is not known.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Related, Severity, Undecided, Violation
from ...model.organizations import OrganizationPolicy, PolicyTarget
from ...policy.denies import denies, lost
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...value import Maybe, Truth, Unknown
from .. import _removal
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_KINDS: Final = frozenset((_guardrails.SCP, _guardrails.RCP))
_POLICY = """
resource "aws_organizations_policy" "%s" {%s
  name = "%s"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = %s, Resource = "*" }]
  })
}
"""
_ATTACHMENT = """
resource "aws_organizations_policy_attachment" "%s" {%s
  policy_id = aws_organizations_policy.%s.id
  target_id = "ou-ab12-11111111"
}
"""
_LEAVE = '"organizations:LeaveOrganization"'
_BOTH = '["organizations:LeaveOrganization", "cloudtrail:StopLogging"]'
_BEFORE = _POLICY % ("guard", "", "guard", _BOTH)

BAD = Example(_BEFORE, "the policy is detached", before=_BEFORE + _ATTACHMENT % ("guard", "  # bad", "guard"))
BAD_LESS = Example(
    _POLICY % ("guard", "  # bad", "guard", _LEAVE) + _ATTACHMENT % ("guard", "", "guard"),
    "it denies less than before",
    before=_BEFORE + _ATTACHMENT % ("guard", "", "guard"),
)
GOOD = Example(
    _POLICY % ("all", "", "all", '["organizations:*", "cloudtrail:*"]') + _ATTACHMENT % ("all", "", "all"),
    "another policy on the same target denies it, too",
    before=_BEFORE + _ATTACHMENT % ("guard", "", "guard"),
)
UNDECIDED = Example(
    "\n",
    "what the policy denies is not in the input",
    before=_ATTACHMENT.replace("aws_organizations_policy.%s.id", '"p-%s"') % ("guard", "  # undecided", "12345678"),
)


@rule(
    code="IAM726",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_policies_detach.html",
    ),
    controls=("CWE-269",),
    examples=(BAD, BAD_LESS, GOOD, UNDECIDED),
)
def guardrail_removed(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each attachment that goes, and for each attached policy that denies less than before."""
    if world.before is None:
        return
    attached = {item.origin.address: item for item in world.estate.policy_targets}
    policies = {item.origin.address: item for item in world.estate.organization_policies}
    less: defaultdict[str, list[PolicyTarget]] = defaultdict(list)
    for was in world.before.estate.policy_targets:
        if was.policy == _guardrails.FULL_ACCESS or _removal.is_gone(world, was.target):
            continue
        policy = world.before.graph.organization_policy(was)
        now = attached.get(was.origin.address)
        if policy is not None and policy.kind not in _KINDS:
            continue
        if now is None or now.target != was.target:
            yield from _detached(world, was, policy)
        elif policy is not None:
            less[policy.origin.address].append(was)
            yield from _let_go(now.origin, "attachment of a policy")
    for policy in world.before.estate.organization_policies:
        if policy.origin.address in less:
            yield from _narrowed(world, policy, policies.get(policy.origin.address), less[policy.origin.address])


def _detached(world: World, was: PolicyTarget, policy: OrganizationPolicy | None) -> Iterator[Verdict]:
    """The verdict on an attachment that is not there any more."""
    related = () if policy is None else (Related(policy.origin, "is detached"),)
    if policy is None or policy.document is None or isinstance(policy.document, Unknown):
        if not _is_attached(world, was):
            message = "the change detaches a policy from its target, and what it denies is not known"
            yield Undecided(subject=was.origin, message=message, related=related)
        return
    gone = lost([policy.document], _documents(world, was.target, was.origin.account))
    certain = [statement for statement, truth in gone if truth is Truth.YES]
    allows = _guardrails.is_allow_list(policy.document) is Truth.YES and not _is_attached(world, was)
    target = was.target if isinstance(was.target, str) else "its target"
    if certain or allows:
        statements = certain or [item for item in policy.document.statements if item.effect == "Allow"]
        limit = "nothing else there denies the same" if certain else "what it left out is allowed"
        yield Violation(
            subject=was.origin,
            message=f"the change detaches this policy from {target}, and {limit}",
            evidence=tuple(line for statement in statements for line in describe(statement)),
            related=related,
        )
    elif gone:
        yield Undecided(
            subject=was.origin,
            message=f"whether what this policy denied on {target} is still denied is not known",
            evidence=tuple(line for statement, _ in gone for line in describe(statement)),
            related=related,
        )


def _narrowed(
    world: World, was: OrganizationPolicy, now: OrganizationPolicy | None, targets: list[PolicyTarget]
) -> Iterator[Verdict]:
    """The verdict on a policy that stays attached."""
    found = {
        statement: truth
        for target in targets
        for statement, truth in lost([was.document], _documents(world, target.target, target.origin.account))
    }
    certain = [statement for statement, truth in found.items() if truth is Truth.YES]
    doubtful = [statement for statement, truth in found.items() if truth is Truth.UNKNOWN]
    origin = was.origin if now is None else now.origin
    related = tuple(Related(target.origin, "attaches it") for target in targets)
    if certain:
        yield Violation(
            subject=origin,
            message="the change makes this policy deny less where it is attached",
            evidence=tuple(line for statement in certain for line in describe(statement)),
            related=related,
        )
    elif doubtful:
        yield Undecided(
            subject=origin,
            message="whether this policy still denies what it denied before is not known",
            evidence=tuple(line for statement in doubtful for line in describe(statement)),
            related=related,
        )
    elif now is not None and denies(now.document):
        yield from _let_go(now.origin, "policy")


def _let_go(origin: Origin, what: str) -> Iterator[Verdict]:
    found = _removal.passing(origin)
    if found is not None:
        happens, means = found
        yield Violation(subject=origin, message=f"this {what} {happens}: {means}", severity=Severity.LOW)


def _is_attached(world: World, was: PolicyTarget) -> bool:
    """Whether the same policy is on the same target after the change, by another attachment."""
    return any(item.policy == was.policy and item.target == was.target for item in world.estate.policy_targets)


def _documents(world: World, target: Maybe[str], account: str) -> list[Maybe[PolicyDocument]]:
    """The policies on a target, and on what stands above it, after the change."""
    found: list[Maybe[PolicyDocument]] = [
        item.target for item in world.estate.policy_targets if isinstance(item.target, Unknown)
    ]
    for item in (one for place in world.graph.way_up(target, account).places for one in world.graph.targets_at(place)):
        policy = world.graph.organization_policy(item)
        if policy is None:
            if item.policy != _guardrails.FULL_ACCESS:
                found.append(Unknown("a policy that is not in this input"))
        elif policy.kind in _KINDS and policy.document is not None:
            found.append(policy.document)
    return found
