"""What counts as a guardrail: a service control policy that denies something, on something that it can bind."""

from collections.abc import Iterator

from ...model.organizations import Organization, OrganizationPolicy, PolicyTarget
from ...policy.action import ActionSet
from ...policy.action_data import services
from ...policy.condition.judge import TOP, holds
from ...policy.document import PolicyDocument, Statement
from ...policy.effect import idle_because
from ...policy.grant import statement_actions, statement_resources_everything
from ...value import Truth, Unknown, all_of, any_of
from .._rule import World

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"
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
    answers.append(is_allow_list(document))
    return any_of(answers)


def _denies(statement: Statement) -> Truth:
    """A Deny applies to something unless none of its actions exists, or its conditions are never met."""
    if idle_because(statement) is not None:
        return Truth.NO
    certain, unknown = statement_actions(statement)
    if len(certain) or statement.not_actions is not None:
        actions = Truth.YES
    else:
        foreign = any(action.partition(":")[0] not in services() for action in certain.unknown)
        actions = Truth.UNKNOWN if unknown or foreign else Truth.NO  # a service may be newer than our tables
    return all_of((actions, holds(statement.conditions, TOP)))


def allowed(document: PolicyDocument) -> ActionSet:
    """The actions that Allow statements let through on every resource, whatever the circumstances."""
    found = ActionSet()
    for statement in document.statements:
        if (
            statement.effect == "Allow"
            and not statement.conditions
            and statement_resources_everything(statement) is Truth.YES
        ):
            found |= statement_actions(statement)[0]
    return found


def is_allow_list(document: PolicyDocument) -> Truth:
    """Whether the Allow statements leave anything out. A document with no Allow at all is a deny list, not an allow list."""
    statements = [statement for statement in document.statements if statement.effect == "Allow"]
    if not statements or allowed(document).is_everything:
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


def are_enabled(world: World) -> Truth:
    """Whether the organization has service control policies switched on; unknown if it is not in the input."""
    if len(world.estate.organizations) != 1:
        return Truth.UNKNOWN
    return is_enabled(world.estate.organizations[0], SCP)


def is_enabled(organization: Organization, kind: str) -> Truth:
    """Whether a type of policy is among those that an organization has switched on."""
    enabled = organization.enabled_policy_types
    if isinstance(enabled, Unknown):
        return Truth.UNKNOWN
    if kind in enabled:
        return Truth.YES
    return Truth.UNKNOWN if any(isinstance(item, Unknown) for item in enabled) else Truth.NO
