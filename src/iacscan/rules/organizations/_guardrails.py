"""What counts as a guardrail: a service control policy that denies something, on something that it can bind."""

from collections.abc import Iterator

from ...model.organizations import OrganizationPolicy, PolicyTarget
from ...policy.action import ActionSet
from ...policy.document import PolicyDocument, Statement
from ...value import Truth, Unknown, any_of
from .._rule import World

SCP = "SERVICE_CONTROL_POLICY"
FULL_ACCESS = "p-FullAWSAccess"


def service_control_policies(world: World) -> Iterator[OrganizationPolicy]:
    """Policies that are SCPs for certain."""
    return (policy for policy in world.estate.organization_policies if policy.kind == SCP)


def restricts(policy: OrganizationPolicy) -> Truth:
    """Whether an SCP takes anything away: a Deny that can apply, or an allow list narrower than everything."""
    document = policy.document
    if document is None or isinstance(document, Unknown):
        return Truth.UNKNOWN
    answers = [_denies(statement) for statement in document.statements if statement.effect == "Deny"]
    answers.extend(Truth.UNKNOWN for _ in document.unknown)
    answers.append(_is_allow_list(document))
    return any_of(answers)


def _denies(statement: Statement) -> Truth:
    """A Deny applies to something unless its actions exist in no service."""
    if statement.not_actions is not None:
        return Truth.YES
    known = [action for action in statement.actions or () if isinstance(action, str)]
    found = ActionSet.of(known)
    if found:
        return Truth.YES
    return Truth.UNKNOWN if len(known) < len(statement.actions or ()) else Truth.NO


def _is_allow_list(document: PolicyDocument) -> Truth:
    """Whether the Allow statements leave anything out. A document with no Allow at all is a deny list, not an allow list."""
    allowed = ActionSet.of(())
    statements = [statement for statement in document.statements if statement.effect == "Allow"]
    for statement in statements:
        if statement.conditions or statement.resources != ("*",):
            continue
        if statement.actions is not None:
            allowed |= ActionSet.of(action for action in statement.actions if isinstance(action, str))
        elif statement.not_actions is not None and all(isinstance(item, str) for item in statement.not_actions):
            allowed |= ActionSet.of(item for item in statement.not_actions if isinstance(item, str)).complement()
    if not statements or allowed.is_everything:
        return Truth.NO
    return Truth.UNKNOWN if any(statement.unknowns for statement in statements) else Truth.YES


def bound_targets(world: World, policy: OrganizationPolicy) -> tuple[PolicyTarget, ...]:
    """Attachments of the policy to anything but the management account, which SCPs do not affect."""
    return tuple(target for target in world.graph.targets_of(policy) if not is_management_account(world, target))


def is_management_account(world: World, target: PolicyTarget) -> bool:
    """Whether an attachment is known to be on the management account."""
    return isinstance(target.target, str) and any(
        target.target == organization.management_account for organization in world.estate.organizations
    )


def foreign_guardrails(world: World) -> tuple[PolicyTarget, ...]:
    """Attachments of policies that are not in the input (`p-…`), other than AWS's own FullAWSAccess."""
    return tuple(
        target
        for target in world.estate.policy_targets
        if isinstance(target.policy, str)
        and target.policy != FULL_ACCESS
        and world.graph.organization_policy(target) is None
    )
