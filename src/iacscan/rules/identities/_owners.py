"""Whose the credentials of an input are, also where the user is made elsewhere."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias, TypeVar

from ...model.iam import AccessKey, LoginProfile
from ...value import Reference, Unknown
from .._rule import World

Credential: TypeAlias = AccessKey | LoginProfile
C = TypeVar("C", AccessKey, LoginProfile)
# The provider configuration, and the user: its address, its name in lower case, or what an unknown name is computed from.
Owner: TypeAlias = tuple[str, str | tuple[Reference, ...]]


def by_owner(world: World, items: Iterable[C]) -> dict[Owner, list[C]]:
    """Credentials by the user that they belong to. Of two names that are not known, those computed from the same are one."""
    found: defaultdict[Owner, list[C]] = defaultdict(list)
    for item in items:
        owner = _owner(world, item)
        if owner is not None:
            found[owner].append(item)
    return found


def name_of(item: Credential) -> str:
    """What to call the user of a credential in a message."""
    name = item.user
    return f'the user "{name}"' if isinstance(name, str) and "⟦" not in name else "the user"


def _owner(world: World, item: Credential) -> Owner | None:
    """The user of a credential; None if it may be anybody's."""
    user = world.graph.user_of(item)
    if user is not None:
        return item.origin.account, user.origin.address
    if isinstance(item.user, Unknown):
        return (item.origin.account, item.user.references) if item.user.references else None
    return item.origin.account, item.user.lower()
