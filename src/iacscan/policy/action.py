"""Which actions a list of patterns means: sets that can be united, cut, inverted and compared exactly.

Every action that AWS has published is one bit. Each service has one bit more, its reserve, for the actions that it will
get, and one bit stands for all services that are not known; so `s3:*` is more than the list of today's S3 actions, `*` is
more than all of them, and NotAction keeps what nobody has named. `s3:Get*` has no reserve: it is what it matches today.
Actions are compared without regard to case
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final, TypeAlias

from msgspec import Struct

from .action_data import (
    ALIASES,
    LEVELS,
    Level,
    ResourceType,
    Service,
    detail,
    marked,
    parts,
    risk_tags,
    services,
)
from .pattern import covers, has_wildcard, matches, overlaps
from .unpublished import Membership, names, reserved, shortest, unknown_services

_LAST: Final = "\U0010ffff"  # sorts after every name
_CLOSE: Final = 0.75  # how alike names must be (difflib's ratio) to suggest one for the other


class ActionSet(Struct, frozen=True, repr_omit_defaults=True, gc=False):
    """An immutable set of actions.

    `bits` has the published actions and the reserves. `others` are actions and patterns, in lower case, that match
    nothing published, each with whether it is in the set; the rest of what is not published goes with its reserve.
    Of two such patterns that overlap without one covering the other, what is in both counts as in the set if one is.
    """

    bits: int = 0
    others: tuple[tuple[str, bool], ...] = ()

    @staticmethod
    def of(patterns: Iterable[str]) -> "ActionSet":
        """The union of action patterns, as in an Action element."""
        return _union(tuple(patterns))

    def __repr__(self) -> str:
        return f"ActionSet({', '.join(self.compressed())})"

    def complement(self) -> "ActionSet":
        """Every other action, published or not: the meaning of NotAction."""
        return ActionSet(self.bits ^ everything().bits, tuple((name, not inside) for name, inside in self.others))

    def __or__(self, other: "ActionSet") -> "ActionSet":
        bits = self.bits | other.bits
        return _combined(bits, self, other, _either) if self.others or other.others else ActionSet(bits)

    def __and__(self, other: "ActionSet") -> "ActionSet":
        bits = self.bits & other.bits
        return _combined(bits, self, other, _both) if self.others or other.others else ActionSet(bits)

    def __sub__(self, other: "ActionSet") -> "ActionSet":
        bits = self.bits & ~other.bits
        return _combined(bits, self, other, _only_first) if self.others or other.others else ActionSet(bits)

    def __bool__(self) -> bool:
        """Whether there is any action in it, be it one that AWS has not published."""
        return bool(self.bits) or any(inside for _, inside in self.others)

    def __len__(self) -> int:
        """How many published actions are in it."""
        return (self.bits & published().bits).bit_count()

    def __contains__(self, action: str) -> bool:
        """Whether the action, or all that an action pattern matches, is in it."""
        return self.covers(ActionSet.of((action,)))

    def covers(self, other: "ActionSet") -> bool:
        """Whether every action of the other set is in this one."""
        return not other.bits & ~self.bits and not ((self.others or other.others) and other - self)

    def overlaps(self, other: "ActionSet") -> bool:
        """Whether some action is in both."""
        named = self.others or other.others
        return bool(self.bits & other.bits or (named and _share(self, other)))

    @property
    def is_everything(self) -> bool:
        """Whether it is all that AWS has and will have."""
        return self == everything()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Actions and patterns in it, in lower case and sorted, that match nothing published."""
        return tuple(name for name, inside in self.others if inside)

    def names(self) -> tuple[str, ...]:
        """The published actions in it as AWS writes them, sorted by service and lower-case name."""
        return tuple(
            f"{service.prefix}:{service.names[position]}"
            for service, part in parts(self.bits)
            for position in _positions(part, service)
        )

    def services(self) -> tuple[str, ...]:
        """Prefixes of the known services of which any action, published or future, is in it."""
        return tuple(service.prefix for service, _ in parts(self.bits))

    def compressed(self, limit: int = 8) -> tuple[str, ...]:
        """Patterns for a message that mean this set; beyond the limit the last entry says how many more there are.

        A set that contains services nobody knows is told by what it lacks: `* except iam:*`.
        """
        if reserved(self.bits, ""):
            lacking = self.complement().compressed(limit)
            return ("*", *(f"except {item}" for item in lacking))
        patterns = [pattern for service, part in parts(self.bits) for pattern in word_patterns(service, part)]
        patterns.extend(self.unknown)
        if len(patterns) > limit:
            patterns[limit - 1 :] = [f"{len(patterns) - limit + 1} more"]
        return tuple(patterns)


@lru_cache(maxsize=1024)
def _share(one: ActionSet, other: ActionSet) -> bool:
    """Whether two sets without a common bit have something in common that is not published."""
    return bool(one & other) or any(overlaps(mine, theirs) for mine in one.unknown for theirs in other.unknown)


# How two answers become one. The second is asked only where the first does not settle it.
_Question: TypeAlias = Callable[[str], bool]


def _either(one: _Question, other: _Question, name: str) -> bool:
    return one(name) or other(name)


def _both(one: _Question, other: _Question, name: str) -> bool:
    return one(name) and other(name)


def _only_first(one: _Question, other: _Question, name: str) -> bool:
    return one(name) and not other(name)


_How: TypeAlias = Callable[[_Question, _Question, str], bool]


@lru_cache(maxsize=1024)
def _combined(bits: int, one: ActionSet, other: ActionSet, how: _How) -> ActionSet:
    """The set of these bits, with what is not published and named in either set."""
    first, second = Membership(one.bits, dict(one.others)).has, Membership(other.bits, dict(other.others)).has
    others = {name: how(first, second, name) for name in names(one.others, other.others)}
    return ActionSet(bits, shortest(bits, others))


@lru_cache(maxsize=2048)  # plans repeat themselves, and a set has some thousand bytes
def _union(patterns: tuple[str, ...]) -> ActionSet:
    return union(patterns)


def union(patterns: Sequence[str]) -> ActionSet:
    """The same as `ActionSet.of`, for those who remember the answer themselves."""
    bits = start = collected = 0
    others: dict[str, bool] = {}
    for pattern, (first, part) in zip(patterns, map(_place, patterns), strict=True):
        if first != start:
            # Lists name service after service: the actions of one are collected, and shifted into their place at once.
            bits |= collected << start
            start, collected = first, 0
        collected |= part
        if not part:
            others[pattern.lower()] = True
    bits |= collected << start
    return ActionSet(bits, shortest(bits, others)) if others else ActionSet(bits)


@lru_cache(maxsize=32_768)
def _place(pattern: str) -> tuple[int, int]:
    """The first bit of a service, and which of its actions a pattern means; none if it matches nothing published.

    For patterns that mean actions of several services it is the first bit of all.
    """
    prefix, colon, name = pattern.lower().partition(":")
    service = services().get(prefix) if colon else None
    if service is None and colon and not has_wildcard(prefix):
        return 0, 0
    if service is None:
        return 0, _wildcard_bits(f"{prefix}{colon}{name}") if has_wildcard(pattern) else 0
    position = service.index.get(name)
    return service.first, _service_bits(service, name) if position is None else 1 << position


def _ones(count: int) -> int:
    return (1 << count) - 1


@cache
def everything() -> ActionSet:
    """All actions, published or not: `*`."""
    return ActionSet(_ones(unknown_services() + 1))


@cache
def published() -> ActionSet:
    """All actions that AWS has published, without what is to come."""
    reserves = sum(1 << service.reserve for service in services().values())
    return ActionSet(_ones(unknown_services()) ^ reserves)


def _wildcard_bits(pattern: str) -> int:
    """The actions that a pattern means which does not name one service."""
    if covers(pattern, "*:*"):
        return everything().bits
    prefix, colon, name = pattern.partition(":")
    bits = 0
    for service in services().values():
        if not colon:  # a star may reach over the colon: `iam*` means `iam:*` too
            bits |= _whole_bits(service, pattern) << service.first
        elif matches(prefix, service.prefix):
            bits |= _service_bits(service, name) << service.first
    return bits


def _service_bits(service: Service, name: str) -> int:
    """The actions of one service that a pattern for the name matches."""
    if covers(name, "*"):
        return _ones(service.count + 1)
    folded = service.folded
    if not has_wildcard(name):
        return 1 << service.index[name] if name in service.index else 0
    beginning, *others = name.replace("?", "*").split("*")
    first, end = _range(folded, beginning)
    if name == f"{beginning}*":
        return _ones(end) ^ _ones(first)
    longest = max(others, key=len)
    bits = 0
    for position in range(first, end):
        if longest in folded[position] and matches(name, folded[position]):
            bits |= 1 << position
    return bits


def _whole_bits(service: Service, pattern: str) -> int:
    """The actions of one service that a pattern without colon matches, prefix and all."""
    if covers(pattern, f"{service.prefix}:*"):
        return _ones(service.count + 1)
    whole = (f"{service.prefix}:{name}" for name in service.folded)
    return sum(1 << position for position, candidate in enumerate(whole) if matches(pattern, candidate))


def _range(folded: list[str], prefix: str) -> tuple[int, int]:
    """Where the names that begin with a prefix stand among sorted names."""
    return bisect_left(folded, prefix), bisect_left(folded, prefix + _LAST)


def _positions(part: int, service: Service) -> Iterator[int]:
    """The actions of a service whose bits are set, the reserve left out."""
    for position, digit in enumerate(reversed(f"{part & _ones(service.count):b}")):
        if digit == "1":
            yield position


def word_patterns(service: Service, part: int) -> Iterator[str]:
    """The fewest patterns of the form `Word*`, and the names that are left, which mean a part of a service exactly."""
    if part == _ones(service.count + 1):
        yield f"{service.prefix}:*"
        return
    done = 0
    for position in _positions(part, service):
        if position < done:
            continue
        name = service.names[position]
        done = position + 1
        for length in _word_ends(name):
            first, end = _range(service.folded, name[:length].lower())
            if first == position and end > first + 1 and (_ones(end) ^ _ones(first)) & ~part == 0:
                name, done = f"{name[:length]}*", end
                break
        yield f"{service.prefix}:{name}"
    if part >> service.count:
        yield f"{service.prefix}: actions to come"


def _word_ends(name: str) -> Iterator[int]:
    """Lengths of the beginnings of a name that end with a word."""
    for position in range(1, len(name)):
        if name[position].isupper() and not name[position - 1].isupper():
            yield position


# -- facts about single actions -----------------------------------------------------------------------------------------


def _find(action: str) -> tuple[Service, int] | None:
    prefix, _, name = action.lower().partition(":")
    service = services().get(prefix)
    position = service.index.get(name) if service else None
    return (service, position) if service and position is not None else None


def known(action: str) -> bool:
    """Whether AWS has published the action (no pattern), in any case."""
    return _find(action) is not None


def of_level(*levels: Level) -> ActionSet:
    """All published actions of some access levels; AWS files all of Tagging and Permissions management under Write too.

    Its levels say little about risk (`iam:PassRole` is Write); `tagged` does.
    """
    bits = 0
    for letter, name in LEVELS.items():
        if name in levels:
            bits |= marked()[letter]
    return ActionSet(bits)


def scopable() -> ActionSet:
    """All published actions that can be limited to resources; the others take only the resource `*`."""
    return ActionSet(marked()["+"])


def tagged(tag: str) -> ActionSet:
    """The actions that carry a reviewed risk tag (`data/risk.txt`).

    Raises KeyError if there is no such tag.
    """
    return ActionSet.of(risk_tags()[tag])


def resource_types(action: str) -> tuple[ResourceType, ...]:
    """The types of resources that an action works on; empty if it takes only the resource `*`, or is not known."""
    found = _find(action)
    if found is None:
        return ()
    service, position = found
    facts = detail(service.prefix)
    uses = facts.action_resources.get(service.folded[position], ())
    return tuple(facts.resource_types[name] for name, _ in uses)


def requires_resource(action: str) -> bool:
    """Whether an action works on resources, so that a policy for it can and should name them.

    The same as being in `scopable()`. AWS's mark "required" is no help: `s3:GetObject` takes an object or an object by way
    of an access point, so neither is marked.
    """
    found = _find(action)
    return found is not None and found[0].marks[found[1]].endswith("+")


def arn_formats(action: str) -> tuple[str, ...]:
    """The ARNs that an action works on, as AWS writes them: `arn:${Partition}:s3:::${BucketName}`."""
    return tuple(kind.arn for kind in resource_types(action))


def condition_keys(action: str) -> frozenset[str]:
    """The condition keys that AWS lists for an action and for the resources it works on; global keys are not among them."""
    found = _find(action)
    if found is None:
        return frozenset()
    own = detail(found[0].prefix).action_keys.get(found[0].folded[found[1]], ())
    return frozenset(own).union(*(kind.condition_keys for kind in resource_types(action)))


def suggest(action: str) -> str | None:
    """The published action that was probably meant by one that does not exist; None if nothing comes close."""
    alias = ALIASES.get(action.lower())
    if alias or known(action):
        return alias
    import difflib  # noqa: PLC0415  # slow to import, and needed only to word a finding

    prefix, _, name = action.lower().partition(":")
    service = services().get(prefix)
    if service is None:
        return None
    stem = name.replace("*", "").replace("?", "")
    close = difflib.get_close_matches(stem, service.folded, n=1, cutoff=_CLOSE)
    return f"{prefix}:{service.names[service.index[close[0]]]}" if close else None
