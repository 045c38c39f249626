"""Edits of the files of one module, which keep track of the lines."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, TypeAlias

from .terraform_found import Declared, Expression

_Edit: TypeAlias = tuple[int, int, str]  # start, end, new text
_NAME: Final = re.compile(r'([\w-]+)"?\s*[=:]\s*\Z')
_BEFORE: Final = 500  # characters before an expression that hold the name of its argument


class Edits:
    """Replacements and insertions. Places are those of the original texts; what is inside of a replacement goes with it."""

    def __init__(self, texts: dict[str, str], replacements: Iterable[tuple[str, int, int, str]]) -> None:
        self._texts = texts
        self._replaced: dict[str, list[_Edit]] = {name: [] for name in texts}
        self._inserted: dict[str, list[_Edit]] = {name: [] for name in texts}
        self._sorted: dict[str, list[_Edit]] = {}
        self._shifts: dict[str, list[tuple[int, int]]] = {}
        for file, start, end, new in replacements:
            self.replace(file, start, end, new)

    def replace(self, file: str, start: int, end: int, new: str) -> None:
        """Put a text in the place of a part of an expression. Not after the first `slice`."""
        self._replaced[file].append((start, end, new))

    def overwrite(self, expression: Expression, new: str) -> None:
        """Put a text in the place of an expression."""
        self._inserted[expression.file].append((expression.start, expression.end, new))

    def wrap(self, expression: Expression, before: str, after: str) -> None:
        """Put texts around an expression."""
        self._inserted[expression.file].append((expression.start, expression.start, before))
        self._inserted[expression.file].append((expression.end, expression.end, after))

    def insert(self, file: str, position: int, argument: str) -> None:
        """Add an argument to the block of several lines whose first bracket ends at the position."""
        self._inserted[file].append((position, position, f"\n{argument}"))

    def insert_into(self, declared: Declared, argument: str) -> None:
        """Add an argument to a block."""
        file, text = declared.span.file, self._texts[declared.span.file]
        single = "\n" not in text[declared.opened : declared.closed]
        self._inserted[file].append((declared.opened, declared.opened, f"\n{argument}" + ("\n" if single else "")))
        if single:
            self._inserted[file].append((declared.closed, declared.closed, "\n"))

    def rename(self, expression: Expression, name: str) -> None:
        """Give the argument of an expression another name."""
        start = max(0, expression.start - _BEFORE)
        found = _NAME.search(self._texts[expression.file][start : expression.start])
        if found is not None:
            self._inserted[expression.file].append((start + found.start(1), start + found.end(1), name))

    def slice(self, expression: Expression) -> str:
        """An expression with the replacements in it."""
        file = expression.file
        if file not in self._sorted:
            self._sorted[file] = sorted(self._replaced[file])
        edits = self._sorted[file]
        first = bisect_left(edits, (expression.start,))
        last = bisect_left(edits, (expression.end,))
        return _apply(self._texts[file], expression.start, expression.end, edits[first:last])[0]

    def preview(self, expression: Expression) -> str:
        """The same while there may be more replacements."""
        edits = sorted(self._replaced[expression.file])
        inside = (edit for edit in edits if expression.start <= edit[0] < expression.end)
        return _apply(self._texts[expression.file], expression.start, expression.end, inside)[0]

    def rewritten(self) -> dict[str, str]:
        """All texts with all edits."""
        texts = {}
        for file, text in self._texts.items():
            edits = sorted((*self._inserted[file], *self._replaced[file]), key=_order)
            texts[file], self._shifts[file] = _apply(text, 0, len(text), edits)
        return texts

    def original_line(self, file: str, line: int) -> int:
        """The line of the original text for one of the rewritten text."""
        moved = 0
        for at, added in self._shifts.get(file, ()):
            if line <= at + moved:
                break
            moved = min(moved + added, line - at)
        return line - moved


def _order(edit: _Edit) -> tuple[int, bool, int]:
    """Insertions come before what they stand before, and whole expressions before their parts."""
    start, end, _ = edit
    return start, start != end, -end


def _apply(text: str, start: int, end: int, edits: Iterable[_Edit]) -> tuple[str, list[tuple[int, int]]]:
    """A part of a text with sorted edits, and where that adds how many lines: (line of the original, number)."""
    parts: list[str] = []
    shifts: list[tuple[int, int]] = []
    position, line = start, 1
    for first, last, new in edits:
        if first < position:
            continue  # inside of a replacement
        parts += text[position:first], new
        line += text.count("\n", position, first)
        old = text.count("\n", first, last)
        if new.count("\n") != old:
            shifts.append((line, new.count("\n") - old))
        line += old
        position = last
    parts.append(text[position:end])
    return "".join(parts), shifts
