"""Comments of Terraform source and of templates in YAML, and what they stand in or above.

Both readers know what is a text and what is not: a `#` in a string, a heredoc or a block scalar begins no comment
(https://developer.hashicorp.com/terraform/language/syntax/configuration#comments, https://yaml.org/spec/1.1/#comment).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

_NAME: Final = r"[A-Za-z_][\w-]*"
_CODE: Final = re.compile(
    rf"""
      (?P<comment>\#[^\n]* | //[^\n]* | /\*.*?(?:\*/|\Z))
    | <<-?(?P<heredoc>{_NAME})[ \t\r]*\n
    | (?P<name>{_NAME})
    | (?P<sign>[{{}}"\n])
    | (?P<skip>[^\#/<{{}}"\nA-Za-z_]+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE: Final = re.compile(r'\$\$\{|%%\{|\\.|(?P<enter>[$%]\{)|(?P<quote>")|[^"$%\\]+|.', re.DOTALL)
_LABEL: Final = re.compile(r'"([^"\n]*)"')


class Comment(Struct, frozen=True):
    """One line of a comment, without what marks it as one. `alone` says that nothing else stands on the line."""

    line: int
    text: str
    alone: bool


class Written(Struct, frozen=True):
    """A block of Terraform that stands in no other: `header` is `("module", "web")`, lines count from 1."""

    header: tuple[str, ...]
    line: int
    end_line: int


class Commented(Struct, frozen=True):
    """The comments of a file, and its outermost blocks (of Terraform only)."""

    comments: tuple[Comment, ...]
    blocks: tuple[Written, ...] = ()


def terraform_comments(text: str) -> Commented:
    """Read the comments and blocks of a Terraform file. Never fails: what is not closed ends with the file."""
    reader = _Terraform(text)
    reader.run()
    return Commented(tuple(reader.comments), tuple(reader.blocks))


def yaml_comments(text: str) -> Commented:
    """Read the comments of a YAML file; of one that is not well-formed, none."""
    import yaml  # noqa: PLC0415  only templates need it

    try:
        tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
        spans = [(token.start_mark.index, token.end_mark.index) for token in tokens]
    except yaml.YAMLError:
        return Commented(())
    return Commented(tuple(_between(text, spans)))


def _between(text: str, tokens: Iterable[tuple[int, int]]) -> Iterator[Comment]:
    """What begins with `#` in the gaps between tokens is a comment: nothing else but spaces can stand there."""
    last = 0
    for start, end in (*tokens, (len(text), len(text))):
        gap = text[last:start]  # empty for tokens without text, such as the end of a block
        if "#" in gap:
            number = text.count("\n", 0, last) + 1
            for offset, line in enumerate(gap.split("\n")):
                before, mark, comment = line.partition("#")
                if mark:
                    # The first line of a gap is the rest of a line that began before it.
                    alone = not before.strip() and (offset > 0 or text[:last].rpartition("\n")[2].strip() == "")
                    yield Comment(number + offset, comment.strip(), alone)
        last = max(last, end)


class _Terraform:
    """Walks a file once, with a stack of what it stands in: brackets, quotes and heredocs."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.comments: list[Comment] = []
        self.blocks: list[Written] = []
        self._stack: list[tuple[str, int]] = []  # "{", '"' or "<<", and where a heredoc ends
        self._header: list[str] = []
        self._began = 0
        self._line = 1
        self._counted = 0

    def run(self) -> None:
        position = 0
        while position < len(self.text):
            kind, end = self._stack[-1] if self._stack else ("", 0)
            position = self._template(kind, end, position) if kind in ('"', "<<") else self._code(position)

    def _line_at(self, position: int) -> int:
        self._line += self.text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def _code(self, position: int) -> int:
        found = _CODE.match(self.text, position)
        if found is None:  # every character matches; this satisfies the type checker
            return position + 1
        word = found.group()
        match found.lastgroup:
            case "comment":
                self._comment(word, position)
            case "heredoc":
                self._stack.append(("<<", self._end_of(found["heredoc"], found.end())))
            case "name" if not self._stack:
                if not self._header:
                    self._began = self._line_at(position)
                self._header.append(word)
            case "skip" if not self._stack and "=" in word:
                self._header = []  # an argument, as in files of variables
            case "sign":
                return self._sign(word, position)
        return found.end()

    def _sign(self, word: str, position: int) -> int:
        if word == '"':
            label = _LABEL.match(self.text, position) if not self._stack and self._header else None
            if label:
                self._header.append(label[1])
                return label.end()
            self._stack.append(('"', 0))
        elif word == "{":
            self._stack.append(("{", 0))
        elif word == "}" and self._stack:
            self._stack.pop()
            if not self._stack and self._header:
                self.blocks.append(Written(tuple(self._header), self._began, self._line_at(position)))
                self._header = []
        elif word == "\n" and not self._stack:
            self._header = []
        return position + 1

    def _template(self, kind: str, end: int, position: int) -> int:
        if kind == "<<" and position >= end:
            self._stack.pop()
            return position
        found = _TEMPLATE.match(self.text, position)
        after = found.end() if found else position + 1
        if found and found["enter"]:
            self._stack.append(("{", 0))
        elif found and found["quote"] and kind == '"':
            self._stack.pop()
        elif kind == "<<":
            return min(after, end)
        return after

    def _end_of(self, tag: str, start: int) -> int:
        last = re.compile(rf"^[ \t]*{re.escape(tag)}[ \t\r]*$", re.MULTILINE).search(self.text, start)
        return last.end() if last else len(self.text)

    def _comment(self, word: str, position: int) -> None:
        first = self._line_at(position)
        alone = not self.text[self.text.rfind("\n", 0, position) + 1 : position].strip()
        body = word[1:] if word.startswith("#") else word[2:].removesuffix("*/")
        for offset, line in enumerate(body.split("\n")):
            self.comments.append(Comment(first + offset, line.strip(), alone or offset > 0))
