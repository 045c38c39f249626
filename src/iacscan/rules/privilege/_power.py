"""Who has the power over a whole account, and which rule speaks of it.

A role that code runs with is IAM402's whatever gives it the power; all others are judged policy by policy. So that one
fault is one finding, a policy whose every holder is such a role is left to IAM402.
"""

from functools import lru_cache
from typing import Final

from ...access import Held
from ...identity_policies import IdentityPolicy
from ...model import iam
from ...policy.document import PolicyDocument, Statement
from ...policy.effect import applies
from ...policy.excess import Might, Power, left_over, might
from ...policy.grant import Answer, allowed_actions
from ...value import Truth
from .._rule import World

CAN: Final = {
    Power.ADMIN: "may do everything in the account",
    Power.ALL_BUT_A_FEW: "may do everything in the account but a few actions, whatever AWS adds included",
    Power.IAM: "may do everything in IAM, and so make itself an administrator",
}
# Rules that speak of a part of what an administrator may do.
LESSER: Final = (
    "IAM403", "IAM404", "IAM405", "IAM406", "IAM407", "IAM408", "IAM409", "IAM410", "IAM411", "IAM412", "IAM421",
)  # fmt: skip
_SHOWN: Final = 3


def role_power(world: World, role: iam.Role) -> tuple[Power, Answer] | None:
    """The power over the account of a role that code runs with; None if it has none, or no code runs with it for certain."""
    if world.access.is_compute_role(role) is not Truth.YES:
        return None
    admin = world.access.admin(role)
    if admin.truth is Truth.YES:
        return Power.ADMIN, admin
    single = [found for held in world.access.held(role) if (found := power_of(held)) is not None]
    if not single or world.access.boundary(role) is not None:
        return None
    strongest = max(single, key=lambda found: found.power)
    return (strongest.power, strongest.answer) if strongest.power is not Power.ADMIN else None


def power_of(policy: Held | IdentityPolicy) -> Might | None:
    """The power that one policy gives by itself."""
    return might(policy.document) if isinstance(policy.document, PolicyDocument) else None


def role_can(world: World, role: iam.Role, power: Power) -> str:
    """What a role that has a power may do, in words: all of it only where neither a Deny nor its boundary leaves anything out."""
    boundary = world.access.boundary(role)
    layers = (world.access.documents(role), *(() if boundary is None else ((boundary,),)))
    if power is Power.ADMIN and not all(allowed_actions(layer).is_everything for layer in layers):
        return "may do nearly everything in the account"
    return CAN[power]


def is_left_to_compute(world: World, policy: IdentityPolicy) -> bool:
    """Whether everyone who has a mighty policy is a role that IAM402 speaks of."""
    return bool(policy.holders) and not others(world, policy)


def others(world: World, policy: IdentityPolicy) -> tuple[iam.Principal, ...]:
    """Those who have a policy and are not roles that IAM402 speaks of."""
    return tuple(
        holder
        for holder in policy.holders
        if not (isinstance(holder, iam.Role) and role_power(world, holder) is not None)
    )


def all_but_admin(policy: IdentityPolicy) -> tuple[tuple[PolicyDocument, Statement], ...]:
    """Every Allow of a policy that is not one of AWS's own, without those that make an administrator by themselves.

    Each on the resources that a Deny of all but some leaves it. Not those that grant nothing, because no request satisfies their conditions or meets their resources. AWS's own policies are judged whole (IAM404): nobody can change their statements.
    """
    document = policy.document
    if policy.via == "aws-managed" or not isinstance(document, PolicyDocument):
        return ()
    return _all_but_admin(document)


@lru_cache(maxsize=8192)  # every rule about a part of what an administrator may do asks
def _all_but_admin(document: PolicyDocument) -> tuple[tuple[PolicyDocument, Statement], ...]:
    found = might(document)
    admin = found.answer.statements if found is not None and found.power is Power.ADMIN else ()
    return tuple(
        (document, left)
        for statement in document.statements
        if statement.effect == "Allow" and statement not in admin and applies(left := left_over(statement, document))
    )


def shown(answer: Answer) -> tuple[Statement, ...]:
    """The statements of an answer that are worth showing."""
    return answer.statements[:_SHOWN]
