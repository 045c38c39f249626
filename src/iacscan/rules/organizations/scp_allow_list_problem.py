"""Service control policy that is an allow list restricts nothing, or locks everybody out.

## Why it matters

AWS attaches `FullAWSAccess` to every root, unit and account by itself. What one level allows is the sum of all its policies, so a list of permitted services
beside it takes nothing away. And once it is detached, a level on which nothing allows an action denies it to everybody below.

## How to fix it

Deny what must not happen, and leave `FullAWSAccess` in its place:

```hcl
data "aws_iam_policy_document" "services" {
  statement {
    effect      = "Deny"
    not_actions = ["ec2:*", "iam:*", "logs:*", "s3:*", "sts:*", "support:*"]
    resources   = ["*"]
  }
}
```

## How to fix it in CloudFormation

Deny what must not happen, and leave `FullAWSAccess` in its place:

```yaml
Services:
  Type: AWS::Organizations::Policy
  Properties:
    Name: services
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          NotAction: [ec2:*, iam:*, logs:*, s3:*, sts:*, support:*]
          Resource: "*"
```

## What it leaves alone

Lists that also deny, and policies that are attached to nothing, or only to the management account, which other rules report; an allow list where the change itself
detaches `FullAWSAccess`.

## When it cannot tell

`FullAWSAccess` may have been detached outside of this configuration. What remains on a target that loses it is not in this input.
"""

from collections.abc import Iterator

from ...finding import Related, Severity, Undecided, Violation
from ...model.organizations import Account, OrganizationalUnit, OrganizationPolicy, PolicyTarget
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...value import Truth
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_DEPTH = 5  # levels of units below the root, the most that AWS allows
_SHOWN = 4

_LIST = """
resource "aws_organizations_policy" "services" {%s
  name    = "services"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "%s", Action = ["ec2:*", "s3:*"], Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "services" {
  policy_id = aws_organizations_policy.services.id
  target_id = %s
}
"""
_UNIT = """
resource "aws_organizations_organizational_unit" "shops" {
  name      = "shops"
  parent_id = "r-ab12"
}
"""
_FULL = """
resource "aws_organizations_policy_attachment" "full" {
  policy_id = "p-FullAWSAccess"
  target_id = "ou-ab12-11111111"
}
"""
_NEW = "aws_organizations_organizational_unit.shops.id"
_THERE = '"ou-ab12-11111111"'

BAD = Example(_LIST % ("  # bad", "Allow", _NEW) + _UNIT, "AWS attaches FullAWSAccess to a new unit")
BAD_BESIDE = Example(_LIST % ("  # bad", "Allow", _THERE) + _FULL, "FullAWSAccess is attached here, too")
GOOD = Example(_LIST % ("", "Deny", _NEW) + _UNIT, "a deny list")
UNDECIDED = Example(_LIST % ("  # undecided", "Allow", _THERE), "FullAWSAccess may have been detached from the unit")


@rule(
    code="IAM706",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started-create_scps.html",
    ),
    examples=(BAD, BAD_BESIDE, GOOD, UNDECIDED),
)
def scp_allow_list_problem(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each allow list that is attached, and for each target that loses FullAWSAccess."""
    for policy in _guardrails.service_control_policies(world):
        document = policy.document
        if isinstance(document, PolicyDocument) and _is_only_list(document):
            yield from _ineffective(world, policy, document)
            yield from _wider_than_above(world, policy, document)
    for gone in world.estate.detached:
        if gone.policy == _guardrails.FULL_ACCESS and not _guardrails.is_management_account(world, gone):
            yield from _locked_out(world, gone)


def _is_only_list(document: PolicyDocument) -> bool:
    only = all(statement.effect == "Allow" for statement in document.statements)
    return only and not document.unknown and _guardrails.is_allow_list(document) is Truth.YES


def _ineffective(world: World, policy: OrganizationPolicy, document: PolicyDocument) -> Iterator[Verdict]:
    targets = [(item, _has_full_access(world, policy, item)) for item in _guardrails.bound_targets(world, policy)]
    certain = [item for item, truth in targets if truth is Truth.YES]
    doubtful = [item for item, truth in targets if truth is Truth.UNKNOWN]
    evidence = tuple(line for statement in document.statements for line in describe(statement))
    if certain:
        yield Violation(
            subject=policy.origin,
            message="the allow list restricts nothing: FullAWSAccess, or another policy, allows everything on the same target",
            evidence=evidence,
            related=tuple(Related(item.origin, "attaches it beside") for item in certain),
        )
    elif doubtful:
        yield Undecided(
            subject=policy.origin,
            message="the allow list restricts nothing, unless FullAWSAccess was detached from its target, which is not known",
            evidence=evidence,
            related=tuple(Related(item.origin, "attaches it") for item in doubtful),
            severity=Severity.MEDIUM,
        )


def _has_full_access(world: World, policy: OrganizationPolicy, target: PolicyTarget) -> Truth:
    """Whether something else on the target allows everything."""
    others = [item for item in world.estate.policy_targets if item.target == target.target and item != target]
    for item in others:
        other = world.graph.organization_policy(item)
        document = None if other is None or other is policy else other.document
        everything = isinstance(document, PolicyDocument) and _guardrails.allowed(document).is_everything
        if item.policy == _guardrails.FULL_ACCESS or everything:
            return Truth.YES
    if any(item.policy == _guardrails.FULL_ACCESS and item.target == target.target for item in world.estate.detached):
        return Truth.NO
    is_new = any(item.id == target.target and item.origin.action == "create" for item in _nodes(world))
    return Truth.YES if is_new else Truth.UNKNOWN


def _locked_out(world: World, gone: PolicyTarget) -> Iterator[Verdict]:
    """Judge a target that loses FullAWSAccess: is there anything left that allows anything?"""
    left = [item for item in world.estate.policy_targets if item.target == gone.target]
    policies = [world.graph.organization_policy(item) for item in left]
    kinds = {item.kind if item is not None else None for item in policies}
    documents = [item.document for item in policies if item is not None and item.kind == _guardrails.SCP]
    known = [document for document in documents if isinstance(document, PolicyDocument) and not document.unknown]
    if any(statement.effect != "Deny" for document in known for statement in document.statements):
        return
    related = tuple(Related(item.origin, "is left on the target") for item in left)
    if len(known) < len(documents) or None in kinds:
        yield Undecided(
            subject=gone.origin,
            message="FullAWSAccess is detached, and whether a policy that is left on the target allows anything is not known",
            related=related,
            severity=Severity.CRITICAL,
        )
    else:
        yield Violation(
            subject=gone.origin,
            message="FullAWSAccess is detached and nothing that is left on the target allows anything, so everything is denied to everybody below it",
            evidence=(f"target_id = {gone.target}",) if isinstance(gone.target, str) else (),
            related=related,
            severity=Severity.CRITICAL,
            remedy="attach p-FullAWSAccess again, or an allow list with all that is needed, in the same change",
        )


def _wider_than_above(world: World, policy: OrganizationPolicy, document: PolicyDocument) -> Iterator[Verdict]:
    """What a list allows and a level above does not stays denied. Levels where FullAWSAccess remains allow everything."""
    for target in _guardrails.bound_targets(world, policy):
        for above in _ancestors(world, target):
            if not any(
                item.policy == _guardrails.FULL_ACCESS and item.target == above for item in world.estate.detached
            ):
                continue
            limit = _allowed_on(world, above)
            lost = ActionSet() if limit is None else _guardrails.allowed(document) - limit
            if lost:
                yield Violation(
                    subject=policy.origin,
                    message=f"{', '.join(lost.compressed(_SHOWN))} stays denied, because the level above does not allow it",
                    evidence=tuple(line for statement in document.statements for line in describe(statement)),
                    related=(Related(target.origin, "attaches it"),),
                    severity=Severity.LOW,
                    key=f"above {target.origin.address}",
                )


def _nodes(world: World) -> Iterator[OrganizationalUnit | Account]:
    yield from world.estate.organizational_units
    yield from world.estate.accounts_in_organization


def _ancestors(world: World, target: PolicyTarget) -> Iterator[str]:
    parents = {item.id: item.parent for item in _nodes(world) if isinstance(item.id, str)}
    at = target.target
    for _ in range(_DEPTH + 1):
        parent = parents.get(at) if isinstance(at, str) else None
        if not isinstance(parent, str):
            return
        yield parent
        at = parent


def _allowed_on(world: World, target: str) -> ActionSet | None:
    """What the policies on a target allow together; None where one of them is not known."""
    found = ActionSet()
    for item in world.estate.policy_targets:
        if item.target != target:
            continue
        policy = world.graph.organization_policy(item)
        if policy is None or not isinstance(policy.document, PolicyDocument):
            return None
        found |= _guardrails.allowed(policy.document)
    return found
