"""Puts the texts of template files in the place of the calls of `templatefile`, which the evaluator gives null for.

`templatefile("${path.module}/p.json", { arn = aws_sqs_queue.q.arn })` becomes the file's text in quotes, in which the names are
replaced by what they are set to. So a reference keeps its place in the text, as it does in a policy that is written out. A
call that is not as plain as this stays as it is. https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

_CALL: Final = re.compile(r"\btemplatefile\(")
_COMMENT: Final = re.compile(r"#|//")
_PATH: Final = re.compile(r'"(?:\$\{path\.(module|root)\}/|\./)?((?:[^"$%\\/][^"$%\\]*)?)"')
_WORD: Final = re.compile(
    r'(?P<name>[A-Za-z_][\w-]*)|(?P<quote>")|(?P<open>[\[({])|(?P<close>[\])}])|(?P<unfit>/\*|<<)'
    r"|(?P<comment>(?:\#|//)[^\n]*)|(?P<newline>\n)|[ \t\r]+|\d[\w.]*|==|=>|.",
    re.DOTALL,
)
_LITERAL: Final = re.compile(r'\$\$\{|%%\{|(?P<enter>[$%]\{~?)|(?P<escape>\\.)|(?P<quote>")|[^"$%\\]+|.', re.DOTALL)
_PLAIN: Final = re.compile(r'[\w.-]+|"[^"$%\\\n]*"')
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_DEPTH: Final = 20  # brackets and quotes in each other
_CALL_SIZE: Final = 10_000  # characters of a call, and of the line before it
_TEXT_SIZE: Final = 200_000  # characters of a text that a template becomes: a policy may have 20,480
_UNFIT: Final = 100  # calls of a file that are looked at in vain
_FILE_SIZE: Final = 4_000_000  # characters of a file with its templates

# Reads the file at a path that is relative to the module ("module") or the root ("root"); None if there is none.
Read = Callable[[str, str], str | None]


class UnfitError(Exception):
    """The call, or the template, is not as plain as is needed."""


def with_templates(text: str, read: Read) -> str:
    """A file of a module, with the texts of its templates; every line stays where it is."""
    if "templatefile(" not in text:
        return text
    parts: list[str] = []
    position, size, unfit = 0, len(text), 0
    for call in _CALL.finditer(text):
        line = text.rfind("\n", 0, call.start()) + 1
        if call.start() < position or call.start() - line > _CALL_SIZE or _COMMENT.search(text, line, call.start()):
            continue
        try:
            new, end = _inlined(text, call.end(), read)
        except UnfitError:
            unfit += 1
            if unfit > _UNFIT:
                break
            continue
        size += len(new)
        if size > _FILE_SIZE:
            break
        lost = text.count("\n", call.start(), end)
        parts += text[position : call.start()], f"({new}{lost * chr(10)})" if lost else new
        position = end
    return "".join((*parts, text[position:]))


def _inlined(text: str, position: int, read: Read) -> tuple[str, int]:
    """The template in quotes, and where the call ends whose arguments begin at the position."""
    arguments, end = _list(text, position, ")")
    if len(arguments) != 2 or not arguments[1].startswith("{"):  # noqa: PLR2004  a path, and variables
        raise UnfitError
    items, _ = _list(arguments[1], 1, "}")
    values = dict(map(_binding, items))
    path = _PATH.fullmatch(arguments[0])
    if path is None and not (arguments[0].startswith('"') and _PLAIN.fullmatch(arguments[0])):
        return _filled_in(arguments[0], values), end
    template = read(path[1] or "root", path[2]) if path else None
    if template is None or len(template) > _TEXT_SIZE:
        raise UnfitError
    return f'"{_Template(template, values).whole()}"', end


def _filled_in(path: str, values: Mapping[str, str]) -> str:
    """An expression for a template whose path is to be evaluated: names are replaced in it, and whatever else it asks for is not known."""
    text = "iacscan_text"
    for name, value in values.items():
        for written in (f"$${{{name}}}", f"$${{ {name} }}"):
            text = f'replace({text}, "{written}", {value})'
    escaped = f"|[$][$][{{] *(?:{'|'.join(values)}) *[}}]" if values else ""
    is_plain = f'length(regexall("%[{{]{escaped}", iacscan_text)) == 0'
    text = f'replace({text}, "$$${{", "$${{")'
    return f"[for iacscan_text in [file({path})] : {is_plain} ? {text} : iacscan_absent.template.value][0]"


def _binding(item: str) -> tuple[str, str]:
    found = re.fullmatch(r'"?([A-Za-z_][\w-]*)"?\s*[=:]\s*(.*)', item, re.DOTALL)
    if found is None:
        raise UnfitError
    name, value = found[1], found[2].rstrip()
    return name, value if _PLAIN.fullmatch(value) else f"({value})"


def _list(text: str, position: int, closing: str) -> tuple[list[str], int]:
    """The items up to the closing bracket, without comments, and where that ends. Lines end items of an object only."""
    items: list[str] = []
    parts: list[str] = []
    brackets: list[str] = []
    for kind, word, end in _words(text, position):
        is_line = kind == "newline" and closing == "}"
        if is_line and "{" in brackets:
            raise UnfitError  # it ends an item there
        if not brackets and (kind == "close" or word == "," or is_line):
            items += filter(None, ["".join(parts).strip()])
            parts = []
            if kind == "close":
                if word != closing:
                    raise UnfitError
                return items, end
            continue
        if kind == "open":
            brackets.append(word)
        elif kind == "close":
            brackets.pop()
        parts.append(" " if is_line else word)
    raise UnfitError


def _words(text: str, position: int) -> Iterator[tuple[str | None, str, int]]:
    """What an expression consists of from the position on, without comments: kind, text and end."""
    last = position + _CALL_SIZE
    while found := _WORD.match(text, position):
        word, kind, position = found.group(), found.lastgroup, found.end()
        if kind == "unfit" or position > last:
            raise UnfitError
        if kind == "quote":
            word, position = _Template(text, {}).quoted(found.start())
        if kind != "comment":
            yield kind, word, position


def as_expression(text: str) -> str:
    """What a string of JSON says, as an expression: the one that it consists of, or a text in quotes.

    These functions raise UnfitError if it cannot stand in a line.
    """
    if text.startswith("${") and not text.startswith("${~"):
        code, end = _Template(text, {}).expression(2)
        if end == len(text) and not code.endswith("~}"):
            return code.removesuffix("}").strip()
    return as_quoted(text)


def as_quoted(text: str) -> str:
    """A text with templates in quotes."""
    return f'"{_Template(text, {}).whole()}"'


def as_literal(text: str) -> str:
    """A text without templates in quotes."""
    return f'"{text.translate(_ESCAPES).replace("${", "$${").replace("%{", "%%{")}"'


def as_code(text: str) -> str:
    """An expression that a text holds without being a template, as a reference does in `depends_on`."""
    inner = as_expression(text) if text.startswith("${") else text
    _, end = _Template(f"{inner}}}", {}).expression(0)
    if end != len(inner) + 1 or not inner.strip():
        raise UnfitError
    return inner


class _Template:
    """One text with templates in it, in which names are replaced."""

    def __init__(self, text: str, values: Mapping[str, str]) -> None:
        self._text = text
        self._values = values
        self._depth = 0

    def expression(self, position: int) -> tuple[str, int]:
        """The code from a position on, with the bracket that closes it, and where that ends."""
        return self._code(position)

    def whole(self) -> str:
        """All of a file, as it stands between quotes. Raises UnfitError if it cannot stand there."""
        parts: list[str] = []
        position = size = 0
        while found := _LITERAL.match(self._text, position):
            position = found.end()
            size += sum(map(len, parts[-2:]))
            if size > _TEXT_SIZE:
                raise UnfitError
            if found["enter"]:
                code, position = self._code(position)
                parts += found.group(), code
            elif found["escape"]:  # files have none
                parts.append("\\\\")
                position = found.start() + 1
            else:
                parts.append(found.group().translate(_ESCAPES))
        return "".join(parts)

    def quoted(self, position: int) -> tuple[str, int]:
        """A string that begins at the position, and where it ends."""
        parts = ['"']
        position += 1
        while found := _LITERAL.match(self._text, position):
            parts.append(found.group())
            position = found.end()
            if found["quote"]:
                return "".join(parts), position
            if found["enter"]:
                code, position = self._code(position)
                parts.append(code)
        raise UnfitError

    def _code(self, position: int) -> tuple[str, int]:
        """An expression up to the bracket that closes it, and where that ends."""
        self._depth += 1
        if self._depth > _DEPTH:
            raise UnfitError
        parts: list[str] = []
        depth = 0
        before, binding = "", False
        while found := _WORD.match(self._text, position):
            word, kind = found.group(), found.lastgroup
            position = found.end()
            if kind in ("unfit", "comment", "newline"):
                raise UnfitError
            if kind == "quote":
                word, position = self.quoted(found.start())
            elif kind == "name":
                binding = word == "for" or (binding and word != "in")
                word = self._name(word, before, position, binding=binding)
            depth += (kind == "open") - (kind == "close")
            parts.append(word)
            before = word if word.strip() else before
            if depth < 0:
                self._depth -= 1
                return "".join(parts), position
        raise UnfitError

    def _name(self, word: str, before: str, position: int, *, binding: bool) -> str:
        after = self._text[position : position + 20].lstrip()
        if word not in self._values or before.endswith("."):
            return word
        if binding or after.startswith("(") or (after.startswith("=") and after[1:2] != "="):
            raise UnfitError  # another thing of the same name
        return self._values[word]
