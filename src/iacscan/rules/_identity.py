"""What the rules about identity policies say of those who have a policy."""

from typing import Final

from ..finding import Related
from ..identity_policies import IdentityPolicy
from ..model import iam

_KINDS: Final = {iam.User: "user", iam.Group: "group", iam.Role: "role", iam.PermissionSet: "permission set"}


def kind(principal: iam.Principal) -> str:
    """What a principal is, in words."""
    return _KINDS[type(principal)]


def called(principal: iam.Principal) -> str:
    """What to call a principal: its kind and name, or its address where the name is not known."""
    name = principal.name
    return f"{kind(principal)} {name if isinstance(name, str) and '⟦' not in name else principal.origin.address}"


def who(policy: IdentityPolicy) -> str:
    """Who has a policy, as the subject of a sentence with `may`."""
    if not policy.holders:
        return "whoever has this policy"
    first = called(policy.holders[0])
    others = len(policy.holders) - 1
    return f"{first} and {others} more" if others else first


def related(policy: IdentityPolicy) -> tuple[Related, ...]:
    """Everyone who has a policy, and the blocks that attach it, each once; the policy's own block is left out."""
    found = {
        holder.origin.address: Related(holder.origin, f"the {kind(holder)} that has it") for holder in policy.holders
    }
    for origin in policy.attachments:
        found.setdefault(origin.address, Related(origin, "attaches it"))
    found.pop(policy.origin.address, None)
    return tuple(found.values())
