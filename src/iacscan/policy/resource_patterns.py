"""Resource patterns of whole statements, compared quickly and cautiously.

`pattern` compares two texts. Here a text may hold symbols and policy variables, which stand for some fixed text of unknown
length, and a list may have hundreds of patterns: only those whose literal beginnings agree are compared at all.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Final, Generic

from ..value import Maybe, T, Truth, any_of
from .arn import ACCOUNT, REGION
from .pattern import covers_arn, overlaps_arn

MAX_COMPARISONS: Final = 50_000  # of pairs of patterns for one question

_SYMBOL: Final = re.compile(r"⟦[^⟧]*⟧")
_VARIABLE: Final = re.compile(r"\$\{\s*([^},\s]*)[^}]*\}")
_TOKEN: Final = re.compile(rf"{_SYMBOL.pattern}|{_VARIABLE.pattern}")
_OPEN: Final = re.compile(r"[*?]|⟦|\$\{")  # where a text begins to mean more than one thing
# A symbol for a block of the input, or for a thing of ours: some fixed text. Of others, as `⟦var.x⟧`, nothing is known.
_OBJECT: Final = re.compile(
    r"⟦(?:account|region|organization|suffix|"
    r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?[a-z]\w*_\w+\.[\w-].*)⟧"
)
_ENDLESS: Final = frozenset(("*", "?", ""))
_FIRST_TOKEN: Final = 0xE000  # private use: stands in no ARN
# What a document writes for characters that would have a meaning: `${*}` is a star and no wildcard.
_ESCAPES: Final = (("${*}", "\uf8f0"), ("${?}", "\uf8f1"), ("${$}", "\uf8f2"))
_DOLLAR: Final = "\uf8f2"


class Budget:
    """How many comparisons are left; when none are, answers become unknown."""

    def __init__(self, comparisons: int = MAX_COMPARISONS) -> None:
        self.spent = 0
        self._limit = comparisons

    @property
    def exhausted(self) -> bool:
        """Whether nothing more will be compared."""
        return self.spent > self._limit

    def spend(self) -> bool:
        """Take one comparison; False if none is left."""
        self.spent += 1
        return not self.exhausted


def prepared(text: str, *, expands: bool) -> str:
    """A text in the form that is compared here; `expands` says whether its document replaces variables.

    Only texts with a `${` change: in a document of 2008 it is plain text, and `${*}` is a star that is no wildcard.
    """
    if "${" not in text:
        return text
    if not expands:
        return text.replace("${", _DOLLAR + "{")
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    return text


def plain(text: str) -> str:
    """A prepared text as a request would carry it: what was escaped is itself."""
    for escape, character in _ESCAPES:
        text = text.replace(character, escape[2])
    return text


def is_fixed(text: str) -> bool:
    """Whether a text has no end that is not known, and no symbol that might itself hold a wildcard (`⟦var.x⟧`)."""
    return "⟦" not in text or all(map(_OBJECT.fullmatch, _SYMBOL.findall(text)))


def opened(text: str) -> str:
    """The pattern of all that a text may turn out to be: account, region, variables and unknown ends may be anything.

    Symbols of blocks stay: their names are given to nothing else.
    """
    if "⟦" not in text and "${" not in text:
        return text
    return _TOKEN.sub(_opened, text)


def _opened(found: re.Match[str]) -> str:
    token = found[0]
    return token if _OBJECT.fullmatch(token) and token not in (ACCOUNT, REGION) else "*"


def covered(outer: str, inner: str) -> Truth:
    """Whether everything that `inner` means is meant by `outer`; both are prepared.

    Where `inner` holds a symbol or a variable, the answer is yes only if it is yes whatever these stand for.
    """
    if outer == "*" or (outer == inner and is_fixed(inner)):
        return Truth.YES
    if _is_plain(outer) and _is_plain(inner):
        return Truth.NO if _end_apart(outer, inner) else covers_arn(outer, inner)
    return _covered(outer, inner)


@lru_cache(maxsize=16_384)
def _covered(outer: str, inner: str) -> Truth:
    if is_fixed(outer) and "?" not in outer:  # which would count the letters of a symbol
        whole = inner if is_fixed(inner) else opened(inner)
        answer = covers_arn(*_as_characters(outer, whole))
        if answer is not Truth.NO:
            return answer
    return Truth.NO if meets(outer, inner) is Truth.NO or _says_all(outer, inner) else Truth.UNKNOWN


def _says_all(outer: str, inner: str) -> bool:
    """Whether neither text stands for anything that could make it match after all."""
    return "?" not in outer and opened(outer) == outer and opened(inner) == inner


def meets(one: str, other: str) -> Truth:
    """Whether something is meant by both texts; both are prepared."""
    if one == other or "*" in (one, other):
        return Truth.YES
    if _is_plain(one) and _is_plain(other):
        return Truth.NO if _end_apart(one, other) else overlaps_arn(one, other)
    if "?" in one + other:  # which counts the letters of symbols
        first, second = _TOKEN.sub("*", one), _TOKEN.sub("*", other)
    else:
        first, second = _as_characters(opened(one), opened(other))
    answer = overlaps_arn(first, second)
    same = (first, second) == _as_characters(one, other)
    return answer if same or answer is Truth.NO else Truth.UNKNOWN


def _end_apart(one: str, other: str) -> bool:
    """Whether the last characters differ and are no wildcards: a quick look that settles most pairs."""
    return one[-1:] != other[-1:] and not {one[-1:], other[-1:]} & _ENDLESS


def _is_plain(text: str) -> bool:
    return "⟦" not in text and "${" not in text


def _as_characters(one: str, other: str) -> tuple[str, str]:
    """The texts with one character for each symbol and variable, so that no pattern finds its literals inside one."""
    tokens: dict[str, str] = {}

    def character(found: re.Match[str]) -> str:
        return tokens.setdefault(found[0], chr(_FIRST_TOKEN + len(tokens)))

    return _TOKEN.sub(character, one), _TOKEN.sub(character, other)


class Patterns:
    """A list of resource patterns. Unknown elements may mean anything."""

    def __init__(self, texts: Iterable[Maybe[str]], *, expands: bool = True) -> None:
        given = tuple(texts)
        known = [text for text in given if isinstance(text, str)]
        self.complete = len(known) == len(given)
        self.texts = tuple(dict.fromkeys(prepared(text, expands=expands) for text in known))
        self._exact = frozenset(self.texts)

    @cached_property
    def _index(self) -> "Index[str]":
        return Index((text, text) for text in self.texts)

    def has(self, text: str) -> bool:
        """Whether a prepared text stands here itself, or a star."""
        return "*" in self._exact or (text in self._exact and is_fixed(text))

    def has_all(self, texts: Iterable[str]) -> bool:
        """Whether prepared texts all stand here themselves, so that they are meant whatever they mean."""
        return "*" in self._exact or (self._exact.issuperset(texts) and self._is_fixed)

    @cached_property
    def _is_fixed(self) -> bool:
        return all(map(is_fixed, self.texts))

    def covers(self, text: str, budget: Budget) -> Truth:
        """Whether one of the patterns means all that a prepared text means."""
        if self.has(text):
            return Truth.YES
        answer = Truth.NO if self.complete else Truth.UNKNOWN
        return any_of((answer, *self._compared(text, budget)))

    def _compared(self, text: str, budget: Budget) -> Iterator[Truth]:
        for pattern in self._near(text):
            yield covered(pattern, text) if budget.spend() else Truth.UNKNOWN
            if budget.exhausted:
                return

    def _near(self, text: str) -> Iterator[str]:
        """The patterns that may mean all of a text."""
        beginning = _beginning(text)
        yield from self._index.starting(beginning)
        if text[len(beginning) :].startswith(("⟦", "$")):  # which may turn out to be what stands there in a pattern
            yield from self._index.continuing(beginning)

    def meeting(self, text: str, budget: Budget) -> Iterator[str]:
        """The patterns that may mean something that a prepared text means too; all near ones once the budget is spent."""
        for pattern in self._index.near(text):
            if not budget.spend() or meets(pattern, text) is not Truth.NO:
                yield pattern


@lru_cache(maxsize=4096)
def indexed(texts: tuple[Maybe[str], ...]) -> "Index[Maybe[str]]":
    """The texts of an element as they are written; those that are not known are near everything."""
    return Index((text if isinstance(text, str) else "", text) for text in texts)


class Index(Generic[T]):
    """Things that are found by prepared patterns, each under the literal beginning of its pattern."""

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        self._items = tuple(items)

    def near(self, text: str) -> Iterator[T]:
        """Those of all patterns that may mean something that a prepared text means too."""
        beginning = _beginning(text)
        yield from self.starting(beginning)
        yield from self.continuing(beginning)

    @cached_property
    def _by_beginning(self) -> dict[str, list[T]]:
        found: defaultdict[str, list[T]] = defaultdict(list)
        for text, item in self._items:
            found[_beginning(text)].append(item)
        return found

    @cached_property
    def _beginnings(self) -> list[str]:
        return sorted(self._by_beginning)

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted(set(map(len, self._by_beginning)))

    def starting(self, beginning: str) -> Iterator[T]:
        """Those of patterns whose literal beginning is that of a text, or a part of it."""
        for length in self._lengths:
            if length > len(beginning):
                return
            yield from self._by_beginning.get(beginning[:length], ())

    def continuing(self, beginning: str) -> Iterator[T]:
        """Those of patterns whose literal beginning goes on where that of a text ends."""
        for position in range(bisect_right(self._beginnings, beginning), len(self._beginnings)):
            if not self._beginnings[position].startswith(beginning):
                return
            yield from self._by_beginning[self._beginnings[position]]


def _beginning(text: str) -> str:
    """The part of a text before anything that may stand for something else."""
    found = _OPEN.search(text)
    return text if found is None else text[: found.start()]
