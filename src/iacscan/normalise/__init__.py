"""Blocks to model: the only place that knows both spellings."""

from ..load.block import Loaded
from ..model.estate import Estate
from . import terraform

__all__ = ["normalise", "reads"]


def normalise(loaded: Loaded) -> tuple[Estate, Estate]:
    """The estates before and after the change."""
    if loaded.kind == "cloudformation":
        from .cloudformation.respell import respelled  # noqa: PLC0415  its tables are for templates only

        loaded = respelled(loaded)
    return terraform.normalise(loaded)


def reads(type_: str, name: str) -> bool:
    """Whether what is judged depends on a property of a resource of a template."""
    from .cloudformation.reads import reads as found  # noqa: PLC0415  as above

    return found(type_, name)
