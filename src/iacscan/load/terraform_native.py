"""Writes Terraform source in JSON (`.tf.json`) as native syntax, so that it is read and evaluated as that is.

The two say the same (https://developer.hashicorp.com/terraform/language/syntax/json), but in JSON only the schema of a
provider tells nested blocks from arguments. Here they are arguments, with a list of objects as their value, unless a dynamic
block makes more of them, or they are those of a policy document. What has no part in values is left out.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from .terraform_templates import UnfitError, as_code, as_expression, as_literal, as_quoted

_TOKEN: Final = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<sign>[{}\[\],:])|(?P<word>true|false|null|-?\d[\d.eE+-]*))', re.DOTALL
)
_DEPTH: Final = 100  # of brackets in each other
_COMMENT: Final = "//"
# How many labels the blocks have; of others, nothing is asked here.
_LABELS: Final = {"resource": 2, "data": 2, "module": 1, "output": 1, "variable": 1, "provider": 1, "locals": 0}
_LEFT_OUT: Final = frozenset(
    (_COMMENT, "lifecycle", "provisioner", "connection", "validation", "precondition", "postcondition")
)
_DOCUMENT: Final = "aws_iam_policy_document"
_OF_DOCUMENTS: Final = frozenset(("statement", "condition", "principals", "not_principals"))
_NAME: Final = re.compile(r"(?!(?:for|if|in|null|true|false)\Z)[A-Za-z_][\w-]*")
# Strings that are no templates: references and types, and texts that are what they are.
_CODE: Final = frozenset((
    ("resource", "depends_on"), ("data", "depends_on"), ("module", "depends_on"), ("output", "depends_on"),
    ("resource", "provider"), ("data", "provider"), ("module", "providers"), ("variable", "type"),
))  # fmt: skip
_LITERAL: Final = frozenset((
    ("module", "source"), ("module", "version"), ("variable", "default"), ("variable", "description"),
    ("provider", "alias"),
))  # fmt: skip


class _Node(Struct):
    """A value of JSON, with its first and last line. `members` are those of an object, as they are written."""

    kind: str  # "string", "word", "list" or "object"
    line: int
    end: int = 0
    text: str = ""
    items: "list[_Node]" = []
    members: "list[_Member]" = []


class _Member(Struct):
    name: str
    line: int
    value: _Node


def as_native(text: str) -> tuple[str, tuple[int, ...]] | None:
    """The same in native syntax, with the line of the file for each of its lines; None if it is not as plain as is needed.

    What is no JSON is left to the evaluator to refuse.
    """
    writer = _Writer()
    try:
        for member in _Reader(text).document().members:
            if member.name in _LABELS:
                writer.blocks(member.name, (), member.line, member.value)
    except UnfitError:
        return None
    return "".join((*writer.parts, "\n")), tuple(writer.lines)


class _Reader:
    """Reads JSON, and remembers lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = self._counted = 0
        self._line = 1

    def document(self) -> _Node:
        """The object that all of the file is. Raises UnfitError if it is none."""
        node = self._value(self._next(), 0)
        if node.kind != "object" or self._text[self._position :].strip():
            raise UnfitError
        return node

    def _next(self) -> tuple[str, str]:
        found = _TOKEN.match(self._text, self._position)
        if found is None or found.lastgroup is None:
            raise UnfitError
        start, self._position = found.start(found.lastgroup), found.end()
        self._line += self._text.count("\n", self._counted, start)
        self._counted = start
        return found.lastgroup, found[found.lastgroup]

    def _value(self, token: tuple[str, str], depth: int) -> _Node:
        kind, word = token
        if depth > _DEPTH:
            raise UnfitError
        node = _Node(kind, self._line, self._line, word)
        if kind == "string":
            node.text = _decoded(word)
        elif word == "[":
            node.kind, node.items = "list", [self._value(first, depth + 1) for first in self._parts("]")]
        elif word == "{":
            node.kind, node.members = "object", [self._member(first, depth + 1) for first in self._parts("}")]
        elif kind == "sign":
            raise UnfitError
        node.end = self._line
        return node

    def _member(self, name: tuple[str, str], depth: int) -> _Member:
        line = self._line
        if name[0] != "string" or self._next() != ("sign", ":"):
            raise UnfitError
        return _Member(_decoded(name[1]), line, self._value(self._next(), depth))

    def _parts(self, closing: str) -> Iterator[tuple[str, str]]:
        """The first token of each part, up to the closing bracket; who asks reads the rest of it."""
        token = self._next()
        while token != ("sign", closing):
            yield token
            token = self._next()
            if token == ("sign", ","):
                token = self._next()
                if token == ("sign", closing):
                    raise UnfitError
            elif token != ("sign", closing):
                raise UnfitError


def _decoded(word: str) -> str:
    try:
        return msgspec.json.decode(word, type=str)
    except msgspec.DecodeError as error:
        raise UnfitError from error


class _Writer:
    """Native syntax in parts, and the line of the file for each line of it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lines: list[int] = []

    def _line(self, line: int, text: str = "") -> None:
        """Begin a line, which comes from that one of the file."""
        self.parts += ("\n", text) if self.lines else (text,)
        self.lines.append(line)

    def blocks(self, kind: str, labels: tuple[str, ...], line: int, given: _Node) -> None:
        """Write the blocks of a kind that have the labels."""
        for body in _objects(given):
            if len(labels) == _LABELS[kind]:
                header = " ".join((kind, *(f'"{label}"' for label in labels)))
                self._block(header, line, body, kind, is_document=labels[:1] == (_DOCUMENT,))
            else:
                for member in body.members:
                    if member.name != _COMMENT:
                        self.blocks(kind, (*labels, as_literal(member.name)[1:-1]), member.line, member.value)

    def _block(self, header: str, line: int, body: _Node, kind: str, *, is_document: bool) -> None:
        self._line(line, f"{header} {{")
        generated = {
            label.name
            for member in body.members
            if member.name == "dynamic"
            for labels in _objects(member.value)
            for label in labels.members
        }
        for member in body.members:
            if member.name in _LEFT_OUT:
                continue
            if member.name == "dynamic":
                for labels in _objects(member.value):
                    for label in labels.members:
                        self._dynamic(label, is_document=is_document)
            elif member.name in generated or (is_document and member.name in _OF_DOCUMENTS):
                for inner in _objects(member.value):
                    self._block(_argument(member.name), member.line, inner, "", is_document=is_document)
            else:
                self._assign(member, kind)
        self._line(body.end, "}")

    def _dynamic(self, label: _Member, *, is_document: bool) -> None:
        for body in _objects(label.value):
            self._line(label.line, f'dynamic "{_argument(label.name)}" {{')
            for member in body.members:
                if member.name == "content":
                    for content in _objects(member.value):
                        self._block("content", member.line, content, "", is_document=is_document)
                elif member.name == "for_each":
                    self._assign(member, "")
                elif member.name == "iterator":
                    self._line(member.line, f"iterator = {_argument(member.value.text)}")
            self._line(body.end, "}")

    def _assign(self, member: _Member, kind: str) -> None:
        place = (kind, member.name)
        self._line(member.line, f"{_argument(member.name)} = ")
        self._value(member.value, as_code if place in _CODE else as_literal if place in _LITERAL else as_expression)

    def _value(self, node: _Node, write: Callable[[str], str]) -> None:
        match node.kind:
            case "string":
                self.parts.append(write(node.text))
            case "list":
                self.parts.append("[")
                for item in node.items:
                    self._line(item.line)
                    self._value(item, write)
                    self.parts.append(",")
                self._line(node.end, "]")
            case "object":
                self.parts.append("{")
                for member in node.members:
                    name = member.name if _NAME.fullmatch(member.name) else as_quoted(member.name)
                    self._line(member.line, f"{name} = ")
                    self._value(member.value, write)
                self._line(node.end, "}")
            case _:
                self.parts.append(node.text)


def _objects(node: _Node) -> list[_Node]:
    """The bodies of blocks: one, or a list of them. Raises UnfitError if it is anything else."""
    found = node.items if node.kind == "list" else [node]
    if any(item.kind != "object" for item in found):
        raise UnfitError
    return found


def _argument(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UnfitError
    return name
