"""What the rules on removed protection share: what is gone with what it protected, and protection that is only let go of or made anew."""

from typing import Final

from ..finding import Origin
from ..links import symbols
from ..value import Maybe, Unknown
from ._rule import World

# Actions that leave what a block makes as it is, but not its protection: by Origin.action, what happens and what that means.
PASSING: Final = {
    "forget": (
        "is dropped from the state without being deleted",
        "from now on, nothing here notices or restores it when it goes",
    ),
    "replace": ("is replaced", "between its deletion and its creation, nothing stands in its place"),
}


def is_gone(world: World, link: Maybe[str] | None) -> bool:
    """Whether the change deletes what a link means: then nothing is left to be protected."""
    if link is None or isinstance(link, Unknown):
        return False
    return link in world.estate.gone or any(address in world.estate.gone for address in symbols(link))


def passing(origin: Origin) -> tuple[str, str] | None:
    """What happens to a block that stands before and after the change, and what that means; None if nothing does."""
    return PASSING.get(origin.action)
