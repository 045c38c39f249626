"""What the input may not show. Rules about absence ask this before they conclude anything."""

from collections.abc import Iterable
from typing import Final

from ..finding import Origin
from ..model.estate import Estate
from ..value import Maybe, Unknown

# References that end here tell nothing: an input does not describe what they stand for.
_NOT_FOLLOWED: Final = frozenset({"local", "var", "each", "count", "self", "path", "terraform"})


def by_doubt(
    targets: Iterable[Origin], links: Iterable[tuple[Origin, Maybe[str]]]
) -> tuple[list[Origin], dict[Origin, list[Origin]]]:
    """Tell the targets that no link can mean from those that one may, the latter by the first such link.

    `links` are links with the blocks that make them. A link that is known means what it says, and one that is not may mean
    any target of its account, unless all that it is computed from is known to be something else.
    """
    anything: dict[str, Origin] = {}  # by account: a link that may mean whatever there is
    named: dict[tuple[str, str], Origin] = {}
    for origin, link in links:
        if not isinstance(link, Unknown):
            continue
        sources = [reference.address for reference in link.references]
        if not sources or any(map(_leads_nowhere, sources)):
            anything.setdefault(origin.account, origin)
        for source in sources:
            named.setdefault((origin.account, source), origin)
    sure: list[Origin] = []
    unsure: dict[Origin, list[Origin]] = {}
    for target in targets:
        found = (named.get((target.account, name)) for name in (target.address, target.block, target.resource))
        doubt = next((link for link in found if link), None) or anything.get(target.account)
        if doubt is None:
            sure.append(target)
        else:
            unsure.setdefault(doubt, []).append(target)
    return sure, unsure


def is_passed_on(estate: Estate, target: Origin) -> bool:
    """Whether an output, or a block that the model does not follow, refers to an object: others may use it there.

    A reference has no key where it does not say which instance it means; then it may mean each.
    """
    return not estate.mentions.isdisjoint((target.address, target.block, target.resource))


def _leads_nowhere(source: str) -> bool:
    """Whether a reference ends in something that cannot be followed, in whatever module."""
    head, _, _ = source.rpartition(".")
    return not head or head.rpartition(".")[2] in _NOT_FOLLOWED
