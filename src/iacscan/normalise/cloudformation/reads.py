"""Which properties of which resources bear on what is judged."""

from functools import cache

from ..kinds import KINDS
from .respell import TYPES
from .row import Row
from .shapes import is_of_root, path_of


def reads(type_: str, name: str) -> bool:
    """Whether what is judged depends on a property of a resource: more than what the resource is called."""
    return name in _read(type_)


@cache
def _read(type_: str) -> frozenset[str]:
    row = TYPES.get(type_, Row())
    kind = KINDS.get(row.type)
    paths = [path_of(spec) for key, spec in row.keys.items() if kind is None or key != kind.name]
    for companion in row.companions:
        paths += [companion.each, *(path_of(spec) for spec in companion.keys.values() if is_of_root(spec))]
    return frozenset(path.partition(".")[0].partition("[")[0] for path in paths)
