"""Terraform source in JSON (`.tf.json`) as text: the same findings as `terraform_text`, from strings with templates.

What a template holds is only told apart as far as needed: `${aws_s3_bucket.a.arn}` alone is carried along, everything
else is computed with. The syntax is https://developer.hashicorp.com/terraform/language/syntax/json.
"""

import re
from typing import Final

from msgspec import Struct

from .terraform_found import MAX_DEPTH, Expression, Scanned, Use, too_deep
from .terraform_functions import PURE

_TOKEN: Final = re.compile(r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<sign>[{}\[\],:])|[^\s{}\[\],:"]+', re.DOTALL)
_TEMPLATE: Final = re.compile(r"(?<!\$)\$\{((?:[^{}]|\{[^{}]*\})*)\}")
_REFERENCE: Final = re.compile(
    r'[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[(?:\d+|"[^"]*"|each\.key|each\.value|count\.index)\])+'
)
_FUNCTION: Final = re.compile(r"([A-Za-z_][\w:]*)\(")
_DEPTHS: Final = {"resource": 3, "data": 3, "module": 2, "output": 2, "variable": 2, "provider": 2, "locals": 1}
_META: Final = frozenset(("count", "for_each"))
_IGNORED: Final = frozenset(("provider", "providers", "lifecycle", "provisioner", "connection"))
_WITHOUT_VALUES: Final = frozenset(("variable", "terraform", "check", "moved", "import", "removed"))


class _Open(Struct):
    """An open bracket: an object (with the key being read) or a list."""

    is_object: bool
    start: int
    key: str = ""
    expecting: bool = True  # a key comes next
    value: int = -1  # where the value of the key begins
    first: int = 0  # the number of uses before it


def scan_json(file: str, text: str, into: Scanned) -> None:  # noqa: C901  # an arm a kind of token
    """Read one file into the record of its module. What is not JSON is left to the evaluator to refuse."""
    stack: list[_Open] = []
    ended = 0
    for token in _TOKEN.finditer(text):
        sign, word = token["sign"], token.group()
        top = stack[-1] if stack else None
        if sign in (",", "}", "]") and top is not None:
            if top.is_object and top.value >= 0:
                _argument(file, stack, ended, into)
                top.value, top.expecting = -1, True
            if sign != ",":
                stack.pop()
                _close(file, text, stack, top.start, token.start(), into)
        elif sign == ":" and top is not None:
            top.expecting = False
        else:
            if top is not None and top.is_object and top.expecting:
                top.key = word[1:-1]
            elif top is not None and top.value < 0:
                top.value, top.first = token.start(), len(into.uses)
            if len(stack) > MAX_DEPTH:
                raise too_deep(file)
            if sign in ("{", "["):
                stack.append(_Open(sign == "{", token.start() + 1))
                _begin(stack, text, token.start(), into)
            elif token["string"] and top is not None and not (top.is_object and top.expecting):
                _string(file, token.start() + 1, word[1:-1], stack, into)
        ended = token.end()


def _path(stack: list[_Open]) -> list[str]:
    return [item.key for item in stack if item.is_object]


def _is_block(path: list[str]) -> bool:
    return bool(path) and path[0] != "locals" and len(path) == _DEPTHS.get(path[0])


def _node(path: list[str]) -> tuple[str, list[str]]:
    """The block that a path of keys leads into, and the rest of the path."""
    depth = _DEPTHS.get(path[0], 0) if path else 0
    if not depth or len(path) < depth:
        return "", []
    head, rest = path[:depth], path[depth:]
    if head[0] == "locals":
        return (f"local.{rest[0]}" if rest else "locals"), rest
    return ".".join(head[1:] if head[0] == "resource" else head), rest


def _begin(stack: list[_Open], text: str, position: int, into: Scanned) -> None:
    path = _path(stack[:-1])
    if stack[-1].is_object and _is_block(path):
        into.open(path, text.count("\n", 0, position) + 1)


def _close(file: str, text: str, stack: list[_Open], start: int, end: int, into: Scanned) -> None:
    path = _path(stack)
    if _is_block(path) and text[end] == "}":
        into.close(_node(path)[0], file, text, start, end)


def _argument(file: str, stack: list[_Open], end: int, into: Scanned) -> None:
    """The value of a key ends."""
    path = _path(stack)
    node, rest = _node(path)
    if len(path) == 1 and path[0] not in _DEPTHS:
        into.assigned.add(path[0])  # a file of variables
    if not node or len(rest) != 1:
        return
    top = stack[-1]
    expression = Expression(
        file=file, node=node, attribute=rest[0], name=rest[0], start=top.value, end=end, first=top.first,
        last=len(into.uses), nullable=False, nested=False,
    )  # fmt: skip
    if not node.startswith("local."):
        into.arguments[rest[0]] = expression
    into.expressions.append(expression)


def _string(file: str, start: int, raw: str, stack: list[_Open], into: Scanned) -> None:
    path = _path(stack)
    node, rest = _node(path)
    if not rest or path[0] in _WITHOUT_VALUES or rest[0] in _IGNORED:
        return
    if rest[0] == "depends_on":
        into.waits.setdefault(node, []).append(raw)
        return
    for template in _TEMPLATE.finditer(raw):
        inner = template[1].strip()
        if not PURE.issuperset(_FUNCTION.findall(inner)):
            into.failing.add((node, rest[0]))
        plain = _REFERENCE.fullmatch(inner.replace('\\"', '"'))
        for found in (plain,) if plain else _REFERENCE.finditer(inner.replace('\\"', '"')):
            word = found.group()
            into.uses.append(
                Use(
                    file=file,
                    start=start + template.start(),
                    end=start + template.end(),
                    text=word,
                    node=node,
                    attribute=rest[0],
                    carried=plain is not None and rest[0] != "count",
                    repetition=rest[0] in _META,
                    via="for_each" if word.startswith("each.") else "",
                    bare=True,
                    templated=template.group() != raw,
                    whole=plain is not None and template.group() == raw and len(rest) == 1 and stack[-1].is_object,
                )
            )
