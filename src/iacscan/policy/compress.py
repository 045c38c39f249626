"""A set of actions in the fewest patterns that a person would write, and that mean exactly this set.

`s3:Get*` stands for the set only if every published action that it matches is in it. The result can be written into a policy: each
part is an Action list, or (with exceptions) what a statement with NotAction says of the services that its patterns name.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from .action import ActionSet, everything, word_patterns
from .action_data import Service, parts
from .pattern import covers

_SUFFIX: Final = 3  # names that a pattern like `*Tagging` must save to be worth reading


class Compressed(Struct, frozen=True):
    """All that `patterns` match but what `exceptions` match, and all that `besides` match."""

    patterns: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The same for a message: `s3:*`, `except s3:Delete*`."""
        return (*self.patterns, *(f"except {item}" for item in self.exceptions), *self.besides)

    def actions(self) -> ActionSet:
        """The set that it stands for."""
        return (ActionSet.of(self.patterns) - ActionSet.of(self.exceptions)) | ActionSet.of(self.besides)


def compress(actions: ActionSet) -> Compressed:
    """Write a set in patterns; `compress(actions).actions() == actions`."""
    if not actions.bits >> (everything().bits.bit_length() - 1):
        return _told(*_by_service(actions), actions)
    # With services that nobody has heard of in it: everything, but what it lacks.
    exceptions, besides = _by_service(actions.complement())
    return _told(["*"], exceptions, actions, besides)


def _by_service(actions: ActionSet) -> tuple[list[str], list[str]]:
    """Patterns for what is published and will be of each service, and exceptions from them."""
    patterns: list[str] = []
    exceptions: list[str] = []
    for service, part in parts(actions.bits):
        if part >> service.count:
            patterns.append(f"{service.prefix}:*")
            exceptions.extend(_listed(service, ~part & _ones(service.count)))
        else:
            patterns.extend(_listed(service, part))
    return patterns, exceptions


def _told(patterns: list[str], exceptions: list[str], actions: ActionSet, besides: Iterable[str] = ()) -> Compressed:
    """Add what is named in the set and not published."""
    lacking = [name for name, inside in actions.others if not inside]
    excepted = [*exceptions, *lacking]
    back = [name for name in actions.unknown if any(covers(item.lower(), name) for item in excepted)]
    return Compressed((*patterns, *actions.unknown), tuple(excepted), (*besides, *back))


def _ones(count: int) -> int:
    return (1 << count) - 1


def _listed(service: Service, part: int) -> Iterator[str]:
    """Patterns and names for published actions of one service."""
    if not part:
        return
    found = list(word_patterns(service, part))
    single = [item.partition(":")[2] for item in found if "*" not in item]
    for suffix in _suffixes(single):
        meant = [position for position, name in enumerate(service.folded) if name.endswith(suffix.lower())]
        replaced = [name for name in single if name.endswith(suffix)]
        if len(replaced) >= _SUFFIX and all(part >> position & 1 for position in meant):
            found = [item for item in found if item.partition(":")[2] not in replaced]
            single = [name for name in single if name not in replaced]
            found.append(f"{service.prefix}:*{suffix}")
    yield from found


def _suffixes(names: Iterable[str]) -> list[str]:
    """The last words that several names share, the most frequent first."""
    counts: dict[str, int] = {}
    for name in names:
        last = name[
            max((i for i in range(1, len(name)) if name[i].isupper() and not name[i - 1].isupper()), default=0) :
        ]
        if last != name:
            counts[last] = counts.get(last, 0) + 1
    return sorted((word for word, count in counts.items() if count >= _SUFFIX), key=lambda word: (-counts[word], word))
