"""What a set of actions says of those that AWS has not published: by their names, by patterns that cover them, by reserves.

See `action.ActionSet` for what the bits and the others of a set are.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final, TypeAlias

from .action_data import services
from .pattern import covers, has_wildcard

Others: TypeAlias = tuple[tuple[str, bool], ...]

MANY: Final = 64  # names in one set, beyond which it is not looked for such as go without saying


class Membership:
    """Tells whether something that is not published is in a set; `others` may be changed as long as nothing is added."""

    def __init__(self, bits: int, others: dict[str, bool]) -> None:
        self._bits = bits
        self._others = others
        # What a pattern covers has its longest literal in it: a quick look that settles most pairs.
        self._patterns = [(_longest_literal(name), name) for name in others if has_wildcard(name)]

    def has(self, name: str) -> bool:
        """Whether an action or pattern, in lower case, is in the set."""
        named = self._others.get(name)
        return self.implied(name) if named is None else named

    def implied(self, name: str) -> bool:
        """The same where it is not named itself."""
        others = self._others
        covering = [
            others[pattern]
            for literal, pattern in self._patterns
            if literal in name and pattern in others and covers(pattern, name)
        ]
        return any(covering) if covering else reserved(self._bits, name)


def shortest(bits: int, others: dict[str, bool]) -> Others:
    """Those of the others that do not go without saying, sorted. Of very many only the reserves are asked."""
    if len(others) > MANY:
        uniform = len(set(others.values())) == 1
        kept = (item for item in others.items() if not (uniform and reserved(bits, item[0]) is item[1]))
        return tuple(sorted(kept))
    left = dict(others)
    membership = Membership(bits, left)
    for name in sorted(left):
        inside = left.pop(name)
        if membership.implied(name) != inside:
            left[name] = inside
    return tuple(sorted(left.items()))


def names(*sets: Others) -> Iterable[str]:
    """What is named in any of some sets, each once."""
    return dict.fromkeys(name for others in sets for name, _ in others)


def reserved(bits: int, name: str) -> bool:
    """Whether the reserve that an unpublished action or pattern falls under is set."""
    service = services().get(name.partition(":")[0])
    return bool(bits >> (service.reserve if service else unknown_services()) & 1)


def with_reserves(bits: int, others: Others) -> int:
    """The bits of a set, and the reserves that all of its others fall under: more than the set, with nothing named."""
    for prefix in {name.partition(":")[0] for name, _ in others}:
        service = services().get(prefix)
        bits |= 1 << (service.reserve if service else unknown_services())
        if has_wildcard(prefix):
            bits |= sum(1 << known.reserve for known in services().values())
    return bits


@cache
def unknown_services() -> int:
    """The bit of all services that are not known: the highest."""
    *_, last = services().values()
    return last.reserve + 1


def _longest_literal(pattern: str) -> str:
    """The longest text in the name of an action pattern that stands in whatever the pattern covers."""
    return max(pattern.rpartition(":")[2].replace("?", "*").split("*"), key=len)
