"""Which user or role of the input a principal element names: of the same account, for names are the same in many."""

from typing import Final

from ...model import iam
from ...policy.arn import ACCOUNT, parse_arn
from ...policy.document import Principal
from ...policy.principal import Kind, account_of, classify
from .._rule import World

_KINDS: Final = {Kind.USER: "user", Kind.ROLE: "role"}


def named(world: World, principal: Principal, provider: str) -> iam.Principal | None:
    """The user, the role, or the role of the session that is named; `provider` is the `Origin.account` of the policy.

    None if it is not in the input, or may be of another account.
    """
    kind = classify(principal).kind
    if kind is Kind.SESSION:
        parts = principal.value.split("/")
        is_role = len(parts) > 1 and parts[0].endswith(":assumed-role")
        found = world.graph.principal("role", parts[1], provider) if is_role else None
    else:
        found = world.graph.principal(_KINDS[kind], principal.value, provider) if kind in _KINDS else None
    if found is None or not isinstance(found.arn, str):
        return None
    own = parse_arn(found.arn)
    account = account_of(principal)
    # A symbol that stands alone is the block itself, whatever its account.
    is_same = principal.value.startswith("⟦") or account == ACCOUNT or (own is not None and own.account == account)
    return found if is_same else None
