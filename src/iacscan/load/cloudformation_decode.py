"""The text of a CloudFormation template as a tree in which every node knows its lines.

YAML is data here: only the short forms of intrinsic functions are known as tags, and nothing is ever constructed. Events
are asked of the YAML parser one by one, so that size, depth, aliases and keys that stand twice are judged before anything
is built. Plain scalars are read as YAML 1.1 has them, with three exceptions that CloudFormation's own users rely on: dates
(`Version: 2012-10-17`), numbers with leading zeros (account ids) and numbers with separators stay the texts that they are.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

import codecs
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from msgspec import Struct

from ..errors import InputError
from ..lazy import regex

if TYPE_CHECKING:
    import yaml

    from ..value import Unknown

MAX_TEMPLATE: Final = 10_000_000  # bytes; AWS takes 1 MB (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)
MAX_DEPTH: Final = 100  # levels; whoever walks a tree may recurse
MAX_NODES: Final = 500_000  # once aliases stand for what they mean
ADVICE: Final = "correct the template"
TOO_LARGE: Final = "split the template"

Scalar: TypeAlias = "bool | int | float | str | None"

_SHORT: Final = {
    "Ref": "Ref",
    "Condition": "Condition",
    **{
        name: f"Fn::{name}"
        for name in (
            "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAZs",
            "GetAtt", "GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split",
            "Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll",
        )
    },
}  # fmt: skip
_YAML: Final = "tag:yaml.org,2002:"
# Tags that say what is seen anyhow, or what a scalar is to be read as.
_SAME: Final = frozenset(_YAML + kind for kind in ("map", "seq", "str", "int", "float", "bool", "null"))
_TRUE: Final = frozenset(("true", "yes", "on"))
_INTEGER: Final = regex(r"[-+]?(?:0|[1-9]\d*)")
_NUMBER: Final = regex(r"[-+]?\d+\.\d*(?:[eE][-+]?\d+)?")
_TOKENS: Final = regex(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[-+\w.]+|\n')
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Node(Struct, frozen=True):
    """A node of a template, with its first and last line (from 1). An `Unknown` stands where a transform leaves a hole."""

    value: "dict[str, Node] | list[Node] | Scalar | Unknown"
    line: int = 0
    end: int = 0

    def get(self, key: str) -> "Node | None":
        """What a mapping has under a key; None also for what is no mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    @property
    def items(self) -> "dict[str, Node]":
        """The entries of a mapping; none for what is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def text(self) -> str | None:
        """The text of a scalar; None for anything else. Numbers and booleans are what CloudFormation makes of them."""
        match self.value:
            case str():
                return self.value
            case bool():
                return "true" if self.value else "false"
            case int() | float():
                return str(self.value)
            case _:
                return None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in a list, or the one text that stands instead of a list."""
        nodes = self.value if isinstance(self.value, list) else [self]
        return tuple(node.text for node in nodes if node.text is not None)


def fault(line: int, what: str, advice: str = ADVICE) -> InputError:
    """An error at a line of the template."""
    return InputError(f"line {line}: {what}", advice)


def decode(data: bytes) -> Node:
    """Decode a template in JSON or YAML, or the answer of `aws cloudformation get-template`, which holds one.

    Raises InputError, with the line, if it is too large, no UTF-8, not well-formed, nested too deeply, or has a tag that
    is no function or a key that stands twice.
    """
    if len(data) > MAX_TEMPLATE:
        what = f"is too large for a template ({len(data):,} bytes; the limit is {MAX_TEMPLATE:,})"
        raise InputError(what, TOO_LARGE)
    root = decode_text(_text(data))
    body = root.get("TemplateBody")
    if body is None or root.get("Resources") is not None:
        return root
    return _at(decode_text(body.value), body.line) if isinstance(body.value, str) else body


def _at(node: Node, line: int) -> Node:
    """A tree whose text stands in one line of a file."""
    match node.value:
        case dict() as items:
            return Node({key: _at(item, line) for key, item in items.items()}, line, line)
        case list() as parts:
            return Node([_at(part, line) for part in parts], line, line)
        case other:
            return Node(other, line, line)


def decode_text(text: str) -> Node:
    """Decode the text of a template; see `decode`."""
    if not text.lstrip().startswith(("{", "[")):
        return _yaml(text)
    import json  # noqa: PLC0415  only templates need it; it says the line of an error, which msgspec does not

    try:
        json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        try:
            return _yaml(text)  # YAML in braces; it may have comments and commas at the end
        except InputError:
            if error.pos >= len(text.rstrip()):
                message = "the JSON is cut off"
                raise fault(error.lineno, message) from error
            raise fault(error.lineno, f"is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}") from error
    except RecursionError as error:
        raise fault(1, f"is nested more than {MAX_DEPTH} levels deep") from error
    except ValueError as error:  # NaN, or an integer of more digits than Python reads
        raise fault(1, "has a number that is none in JSON") from error
    return _json(text)


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _text(data: bytes) -> str:
    encoding = "utf-8"
    for mark, name in _BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not text in {encoding.upper()}"
        raise fault(line, message, "save the template in UTF-8") from error


class _Frame(Struct):
    """A mapping or list that is not at its end yet."""

    into: dict[str, Node] | list[Node]
    line: int
    tag: str | None = None
    anchor: str | None = None
    key: str | None = None
    key_line: int = 0
    end: int = 0
    size: int = 1
    merged: dict[str, Node] | None = None


class _Builder:
    """Makes nodes of a stream of beginnings, scalars and ends."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int]] = {}

    @property
    def wants_key(self) -> bool:
        """Whether the next thing must be a key."""
        return bool(self._open) and isinstance(self._open[-1].into, dict) and self._open[-1].key is None

    def begin(self, into: dict[str, Node] | list[Node], line: int, tag: str | None, anchor: str | None) -> None:
        """A mapping or a list begins."""
        if self.wants_key:
            raise fault(line, "a key must be a text")
        if len(self._open) >= MAX_DEPTH:
            raise fault(line, f"is nested more than {MAX_DEPTH} levels deep")
        self._open.append(_Frame(into, line, tag, anchor))

    def key(self, text: str, line: int) -> None:
        """The next key of the mapping."""
        frame = self._open[-1]
        if text in frame.into:
            raise fault(line, f"the key {text[:80]!r} stands twice in one mapping; only one of the two would count")
        frame.key, frame.key_line = text, line

    def scalar(self, value: Scalar, line: int, end: int, tag: str | None = None, anchor: str | None = None) -> None:
        """A value without parts."""
        node = Node(value, line, end)
        self._add(_called(tag, node) if tag else node, 1, anchor)

    def alias(self, name: str, line: int) -> None:
        """What stands at an anchor stands here once more."""
        if self.wants_key or name not in self._anchors:
            raise fault(line, f"the alias *{name[:80]} means nothing that stands before it")
        self._add(*self._anchors[name], None, lines=False)

    def finish(self, line: int | None) -> None:
        """The innermost mapping or list ends: at a line, or where its last part ends."""
        frame = self._open.pop()
        if isinstance(frame.into, dict) and frame.merged:
            frame.into = {**{key: node for key, node in frame.merged.items() if key not in frame.into}, **frame.into}
        node = Node(frame.into, frame.line, max(frame.end, frame.line) if line is None else line)
        self._add(_called(frame.tag, node) if frame.tag else node, frame.size, frame.anchor)

    def _add(self, node: Node, size: int, anchor: str | None, *, lines: bool = True) -> None:
        """Put a node where it belongs. With `lines`, it begins where its key stands."""
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        frame.size += size
        frame.end = max(frame.end, node.end)
        if frame.size > MAX_NODES:
            raise fault(
                node.line, f"holds more than {MAX_NODES:,} values, aliases counted as what they mean", TOO_LARGE
            )
        if isinstance(frame.into, list):
            frame.into.append(node)
            return
        key, frame.key = frame.key, None
        if key is None:
            raise fault(node.line, "a key must be a text")
        if key == "<<":
            _merge(frame, node)
        else:
            frame.into[key] = Node(node.value, frame.key_line, node.end) if lines else node


def _merge(frame: _Frame, node: Node) -> None:
    """`<<: *anchor`, which `aws cloudformation package` and SAM resolve; the mapping's own keys win."""
    merged = frame.merged or {}
    for source in node.value if isinstance(node.value, list) else [node]:
        if not isinstance(source.value, dict):
            raise fault(frame.key_line, "<< takes a mapping")
        merged = {**source.value, **merged}
    frame.merged = merged


def _called(tag: str, node: Node) -> Node:
    """The long form of a function in short form: `!Ref A` is `Ref: A`, `!GetAtt A.B` is `Fn::GetAtt: [A, B]`."""
    name = _SHORT.get(tag.removeprefix("!"))
    if name is None or not tag.startswith("!"):
        raise fault(node.line, f"the tag {tag[:80]} is not a function of CloudFormation")
    if name == "Fn::GetAtt" and isinstance(node.value, str):
        node = Node([Node(part, node.line, node.end) for part in node.value.split(".", 1)], node.line, node.end)
    return Node({name: node}, node.line, node.end)


def _json(text: str) -> Node:
    """Build the tree of a text that is known to be valid JSON: its commas and colons need no more reading."""
    import json  # noqa: PLC0415  as above

    builder, line = _Builder(), 1
    for found in _TOKENS.finditer(text):
        part = found[0]
        if part == "\n":
            line += 1
        elif part in "{[":
            builder.begin({} if part == "{" else [], line, None, None)
        elif part in "}]":
            builder.finish(line)
        elif part[0] != '"':
            builder.scalar(json.loads(part), line, line)
        else:
            value = json.loads(part, strict=False) if "\\" in part else part[1:-1]
            if builder.wants_key:
                builder.key(value, line)
            else:
                builder.scalar(value, line, line)
    if builder.root is None:
        raise fault(1, "is empty")
    return builder.root


def _yaml(text: str) -> Node:
    import yaml  # noqa: PLC0415  only templates need it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    builder = _Builder()
    try:
        while loader.check_event():
            _take(loader.get_event(), builder, loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise fault(mark.line + 1 if mark else 1, f"is not valid YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:  # a character that YAML does not allow
        position = getattr(error, "position", 0)
        raise fault(text.count("\n", 0, position) + 1, "has a character that YAML does not allow") from error
    finally:
        loader.dispose()
    if builder.root is None:
        raise fault(1, "is empty")
    return builder.root


def _take(event: "yaml.Event", builder: _Builder, loader: "yaml.SafeLoader") -> None:
    """Hand one event of the YAML parser to the builder."""
    import yaml  # noqa: PLC0415  as above

    start, end = event.start_mark, event.end_mark
    if start is None or end is None:  # as the types have it; the parser always says where it is
        return
    line = start.line + 1
    match event:
        case yaml.DocumentStartEvent():
            if builder.root is not None:
                raise fault(line, "a second YAML document begins", "give each template a file of its own")
        case yaml.MappingStartEvent():
            builder.begin({}, line, _function(event.tag, line), event.anchor)
        case yaml.SequenceStartEvent():
            builder.begin([], line, _function(event.tag, line), event.anchor)
        case yaml.CollectionEndEvent():
            # A block ends where something else begins; braces and brackets end where they stand.
            builder.finish(end.line + 1 if end.index > start.index else None)
        case yaml.AliasEvent():
            builder.alias(event.anchor or "", line)
        case yaml.ScalarEvent():
            if builder.wants_key:
                builder.key(event.value, line)
                return
            plain = event.implicit[0] and not event.tag
            kind = loader.resolve(yaml.ScalarNode, event.value, (True, False)) if plain else event.tag  # type: ignore[no-untyped-call]  # its stubs have no types here
            last = end.line if end.column == 0 and end.line > start.line else end.line + 1
            function = None if plain else _function(event.tag, line)
            builder.scalar(_scalar(event.value, kind or ""), line, last, function, event.anchor)
        case _:
            pass


def _function(tag: str | None, line: int) -> str | None:
    """The tag, if it is a function; None if it says what is seen anyhow."""
    if tag is None or tag in _SAME or tag == "!":
        return None
    if not tag.startswith("!"):
        raise fault(line, f"the tag {tag[:80]} is not a function of CloudFormation")
    return tag


def _scalar(text: str, tag: str) -> Scalar:
    """The value of a scalar with the tag that it has or that YAML gives it."""
    match tag.removeprefix(_YAML):
        case "null":
            return None
        case "bool":
            return text.lower() in _TRUE
        case "int" if _INTEGER.fullmatch(text) and len(text) < 20:  # noqa: PLR2004  digits; more are no number of AWS's
            return int(text)
        case "float" if _NUMBER.fullmatch(text):
            return float(text)
        case _:
            return text
