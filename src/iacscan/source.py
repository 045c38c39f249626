"""Where something is written."""

from msgspec import Struct


class Span(Struct, frozen=True):
    """Lines of a file, counted from 1; `end_line` is the last line that belongs to the thing."""

    file: str
    line: int
    end_line: int
