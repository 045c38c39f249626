"""Algebra of the wildcard patterns of IAM: `*` stands for any run of characters, `?` for exactly one.

Three exact questions (does it match, is it contained, do they meet), one about unions that may answer unknown, and the
same for ARNs, where the documentation leaves open how far a star reaches
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).

A pattern is a chain of tokens with an optional star before each of them and at the end. State n means "n tokens are
matched"; a set of states is a Python int. Reading a character moves every state whose token accepts it one up and keeps
every state that has a star: two bit operations, and no backtracking whatever the pattern. Everything is case-sensitive;
symbols (`arn.py`) and policy variables are literals here.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct

from ..value import Truth
from .arn import REST

MAX_STATES: Final = 20_000  # of the subset construction in `covers_together`
_ARN_PARTS: Final = 6


def has_wildcard(text: str) -> bool:
    """Whether the text has a `*` or a `?`."""
    return "*" in text or "?" in text


class _Automaton(Struct, frozen=True):
    """States of a pattern as bits. `stars` are the states that keep what comes, `any` those whose token is `?`."""

    tokens: str
    stars: int
    any: int
    accepting: dict[str, int]  # literal -> states whose token accepts it, those of `?` included

    def step(self, states: int, character: str) -> int:
        """Read one character."""
        return ((states & self.accepting.get(character, self.any)) << 1) | (states & self.stars)

    def step_fresh(self, states: int) -> int:
        """Read a character that stands nowhere in the pattern: the hardest one to accept."""
        return ((states & self.any) << 1) | (states & self.stars)

    def hardest(self, states: int) -> int:
        """Reduce a set of states to the part that decides: its last star and what lies above it.

        Whatever is accepted from a state below a star is accepted from that star, because it passes there.
        """
        stars = states & self.stars
        if not stars:
            return states
        top = stars.bit_length() - 1
        return (states >> top) << top


@lru_cache(maxsize=16_384)
def _automaton(pattern: str) -> _Automaton:
    stars = any_token = 0
    tokens: list[str] = []
    literals: dict[str, int] = {}
    for character in pattern:
        bit = 1 << len(tokens)
        if character == "*":
            stars |= bit
            continue
        if character == "?":
            any_token |= bit
        else:
            literals[character] = literals.get(character, 0) | bit
        tokens.append(character)
    accepting = {character: bits | any_token for character, bits in literals.items()}
    return _Automaton("".join(tokens), stars, any_token, accepting)


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the text, in which `*` and `?` are ordinary characters."""
    if "?" not in pattern:
        return _matches_runs(pattern, text)
    if not _matches_runs(pattern.replace("?", "*"), text):
        return False
    automaton = _automaton(pattern)
    states = 1
    for character in text:
        states = automaton.step(states, character)
        if not states:
            return False
    return bool(states >> len(automaton.tokens))


def _matches_runs(pattern: str, text: str) -> bool:
    """Match a pattern without `?`: the literals between the stars must follow each other; leftmost is always best."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    if not text.startswith(first):
        return False
    last = others.pop()
    position = len(first)
    for run in others:
        found = text.find(run, position)
        if found < 0:
            return False
        position = found + len(run)
    return len(text) - position >= len(last) and text.endswith(last)


def covers(outer: str, inner: str) -> bool:
    """Whether every text that `inner` matches is matched by `outer`.

    Exact. The wildcards of `inner` are read as characters that stand nowhere in `outer`, the hardest case for it. Of the
    lengths that a star may have, zero and "very long" decide: if `outer` accepts both, it accepts those between (a star
    of `outer` that takes the long run is reached, with the same rest before it, by every shorter one). After a long run
    only the last star of `outer` that was reached counts, and the lowest of these is the hardest. So there is at most
    one set of states more for each star of `inner`, and of all sets only those with the lowest last star are kept.
    """
    if outer in (inner, "*"):
        return True
    if not has_wildcard(inner):
        return matches(outer, inner)
    if not has_wildcard(outer):
        return False
    literal = _first_wildcard(outer)
    if not inner.startswith(outer[:literal]):
        return False
    if literal == len(outer) - 1 and outer[literal] == "*":
        return True
    # The inner pattern is itself one of the texts that it matches: a quick look that settles most pairs.
    possible = _matches_runs(outer.replace("?", "*"), inner)
    return possible and _covers(_automaton(outer[literal:]), inner[literal:])


def _first_wildcard(pattern: str) -> int:
    """Where the first wildcard of a pattern that has one stands."""
    star, one = pattern.find("*"), pattern.find("?")
    return star if one < 0 or 0 <= star < one else one


def _covers(automaton: _Automaton, inner: str) -> bool:
    sets = {1}
    for character in inner:
        if character == "*":
            sets.add(min(_after_long_run(automaton, states) for states in sets))
        elif character == "?":
            sets = {automaton.hardest(automaton.step_fresh(states)) for states in sets}
        else:
            sets = {automaton.hardest(automaton.step(states, character)) for states in sets}
        if 0 in sets:
            return False
        if len(sets) > 1:
            lowest = min(states & automaton.stars for states in sets)
            sets = {states for states in sets if states & automaton.stars == lowest}
    return all(states >> len(automaton.tokens) for states in sets)


def _after_long_run(automaton: _Automaton, states: int) -> int:
    """The deciding states after a run of fresh characters that is longer than the pattern; 0 if none are left."""
    star = automaton.hardest(_through_any(automaton, states)) & automaton.stars
    return automaton.hardest(_through_any(automaton, star)) if star else 0


def _through_any(automaton: _Automaton, states: int) -> int:
    """The states, and all above them that can be reached by tokens `?` alone: the carry of the addition goes there."""
    return (((states & automaton.any) + automaton.any) ^ automaton.any) | states


def overlaps(one: str, other: str) -> bool:
    """Whether some text is matched by both patterns. Exact.

    Walks up the states of `one`, keeping the states of `other` that are reached by the same texts.
    """
    if not has_wildcard(other):
        return matches(one, other)
    if not has_wildcard(one):
        return matches(other, one)
    if _begin_apart(one, other) or _begin_apart(one[::-1], other[::-1]):
        return False
    left, right = _automaton(one), _automaton(other)
    end = len(right.tokens)
    everything = (1 << (end + 1)) - 1
    states = 1
    for position, character in enumerate(left.tokens):
        if (left.stars >> position) & 1:
            states = everything & -(states & -states)  # the star takes as much of `other` as is wanted
        accepted = everything >> 1 if character == "?" else right.accepting.get(character, right.any)
        states = ((states & accepted) << 1) | (states & right.stars)
        if not states:
            return False
    # At the end, a star of `one` takes all the rest of `other`.
    return bool((left.stars >> len(left.tokens)) or (states >> end))


def _begin_apart(one: str, other: str) -> bool:
    """Whether the literal beginnings of two patterns with wildcards differ."""
    length = min(_first_wildcard(one), _first_wildcard(other))
    return one[:length] != other[:length]


def covers_together(outers: Iterable[str], inner: str) -> Truth:
    """Whether every text that `inner` matches is matched by at least one of the patterns.

    `a*` is covered by `a` and `a?*` together, by neither alone. Exact up to MAX_STATES sets of states, then unknown.
    """
    candidates = [outer for outer in dict.fromkeys(outers) if overlaps(outer, inner)]
    if any(covers(outer, inner) for outer in candidates):
        return Truth.YES
    if len(candidates) <= 1 or not has_wildcard(inner):
        return Truth.NO
    joined, start, final = _joined(candidates)
    todo = [(0, start)]
    seen = set(todo)
    while todo:
        position, states = todo.pop()
        if not states or (position == len(inner) and not states & final):
            return Truth.NO
        if len(seen) > MAX_STATES:
            return Truth.UNKNOWN
        fresh = [item for item in _following(joined, inner, position, states) if item not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return Truth.YES


def _following(automaton: _Automaton, inner: str, position: int, states: int) -> tuple[tuple[int, int], ...]:
    """Where reading `inner` from a position leads; a star reads nothing, or one character and itself again."""
    character = inner[position : position + 1]
    match character:
        case "":
            return ()
        case "*":
            return ((position + 1, states), (position, automaton.step_fresh(states)))
        case "?":
            return ((position + 1, automaton.step_fresh(states)),)
        case _:
            return ((position + 1, automaton.step(states, character)),)


def _joined(patterns: list[str]) -> tuple[_Automaton, int, int]:
    """One automaton of several side by side, with its first and its final states."""
    start = final = stars = any_token = offset = 0
    automata: list[tuple[int, _Automaton]] = []
    for pattern in patterns:
        automaton = _automaton(pattern)
        automata.append((offset, automaton))
        start |= 1 << offset
        final |= 1 << (offset + len(automaton.tokens))
        stars |= automaton.stars << offset
        any_token |= automaton.any << offset
        offset += len(automaton.tokens) + 1
    accepting: dict[str, int] = {}
    for shift, automaton in automata:
        for character, bits in automaton.accepting.items():
            accepting[character] = accepting.get(character, any_token) | (bits << shift)
    return _Automaton("", stars, any_token, accepting), start, final


def covers_arn(outer: str, inner: str) -> Truth:
    """Whether every ARN that `inner` matches is matched by `outer`.

    A star may be read as reaching over colons or as ending at them. Yes and no are given where both readings agree.
    An ARN whose end is not known (`arn.REST`) is covered for certain only if it is covered whatever its end is.
    """
    if outer.endswith(REST):
        return Truth.NO if overlaps_arn(outer, inner) is Truth.NO else Truth.UNKNOWN
    if inner.endswith(REST):
        if covers_arn(outer, _opened(inner)) is Truth.YES:
            return Truth.YES
        return Truth.NO if overlaps_arn(outer, inner) is Truth.NO else Truth.UNKNOWN
    if outer in (inner, "*"):
        return Truth.YES
    return _agreed(covers, outer, inner)


def overlaps_arn(one: str, other: str) -> Truth:
    """Whether some ARN is matched by both patterns; yes and no where both readings of a star agree, see `covers_arn`."""
    if one.endswith(REST) or other.endswith(REST):
        known, unknown = (one, other) if other.endswith(REST) else (other, one)
        if overlaps_arn(_opened(known), _opened(unknown)) is Truth.NO:
            return Truth.NO
        certain = not known.endswith(REST) and covers_arn(known, _opened(unknown)) is Truth.YES
        return Truth.YES if certain else Truth.UNKNOWN
    if "*" in (one, other):
        return Truth.YES
    return _agreed(overlaps, one, other)


def _opened(text: str) -> str:
    """The pattern of everything that a text with an unknown end may turn out to be."""
    return text.removesuffix(REST) + "*" if text.endswith(REST) else text


def _agreed(question: Callable[[str, str], bool], one: str, other: str) -> Truth:
    """Ask about the ARNs whole and part by part; unknown if the answers differ."""
    whole = question(one, other)
    if not whole and _has_parts(one) and _has_parts(other):
        return Truth.NO  # what is so of each part is so of the whole
    by_parts = all(question(*parts) for parts in zip(_parts(one), _parts(other), strict=True))
    return Truth.of(known=whole) if whole == by_parts else Truth.UNKNOWN


def _has_parts(pattern: str) -> bool:
    return pattern.count(":") >= _ARN_PARTS - 1


def _parts(pattern: str) -> list[str]:
    """The six parts of an ARN pattern. A star at its end stands for the parts that it lacks; else they are empty."""
    parts = pattern.split(":", _ARN_PARTS - 1)
    return parts + ["*" if pattern.endswith("*") else ""] * (_ARN_PARTS - len(parts))
