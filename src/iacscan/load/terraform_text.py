"""Terraform source as text: which blocks a root module declares, and where references stand in it.

This is a reader of brackets, quotes and names, not an evaluator. Of every reference it tells whether its text is only
carried along (`carried`): it is not compared, cut or computed with on the way into the argument that it stands in. The syntax is
https://developer.hashicorp.com/terraform/language/syntax/configuration.
"""

import re
from typing import Final

from msgspec import Struct

from ..source import Span

RENAMED_ID: Final = "iacscan_id"  # the evaluator overwrites an argument `id` of a nested block with an id of its own

_CARRIERS: Final = frozenset(  # functions that pass texts on unchanged
    ("jsonencode", "concat", "flatten", "tolist", "toset", "merge", "compact", "distinct", "format", "join")
)
_LIST_CARRIERS: Final = frozenset(("concat", "flatten", "tolist", "toset", "compact", "distinct"))  # of lists
META: Final = frozenset(("count", "for_each"))
_NO_VALUE: Final = frozenset(("depends_on", "provider", "providers", "lifecycle", "provisioner", "connection"))
_VALUE_BLOCKS: Final = frozenset(("resource", "data", "output", "locals"))

_NAME: Final = r"[A-Za-z_][\w-]*"
_CODE: Final = re.compile(
    rf"""
      (?P<skip>[ \t\r]+ | \#[^\n]* | //[^\n]* | /\*.*?\*/)
    | (?P<newline>\n)
    | <<-?(?P<heredoc>{_NAME})[ \t\r]*\n
    | (?P<name>{_NAME}(?:\.{_NAME} | \[(?:\d+ | "[^"$%\\\n]*" | each\.key | each\.value | count\.index)\])*)
    | (?P<number>\d[\w.]*)
    | (?P<quote>")
    | (?P<sign>== | != | => | <= | >= | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING: Final = frozenset("[({")
_CLOSING: Final = frozenset("])}")
_LABEL: Final = re.compile(r'"([^"\n]*)"')
_TEMPLATE: Final = re.compile(r'\$\$\{|%%\{|\\.|(?P<enter>[$%]\{~?)|(?P<quote>")|[^"$%\\]+|.', re.DOTALL)


class Declared(Struct):
    """A block of the root module: `address` without a key, its lines, and how far its number of instances is known.

    Variables, outputs, modules and providers are declared, too: `variable.x`, `output.x`, `module.m`, `provider.aws`.

    `repeated` is `count`, `for_each` or empty. `open` tells that the repetition depends on a variable without a value,
    `computed` that it depends on another block.
    `dynamic` maps names of nested blocks whose dynamic repetition is not known to what it depends on.
    """

    address: str
    span: Span
    repeated: str = ""
    open: bool = False
    computed: bool = False
    dynamic: dict[str, str] = {}
    sensitive: frozenset[str] = frozenset()


class Use(Struct):
    """One reference in the text: where it stands, which block it stands in, and whether it is only carried along."""

    file: str
    start: int
    end: int
    text: str
    node: str
    attribute: str
    carried: bool
    listed: bool = False  # it is a list: an argument of a function of lists
    inside: int = -1  # of a function call, whose text is empty: the first of the references in its arguments
    repetition: str = ""  # the nested blocks whose dynamic for_each it stands in, or the block's own count or for_each


class _Frame(Struct):
    """An open bracket, quote or block. `fixed` taints every item in it, `tainted` only the present one."""

    kind: str
    node: str = ""
    label: str = ""
    fixed: bool = False
    tainted: bool = False
    ignored: bool = False
    assigned: bool = False
    item: int = 0  # the number of uses at the start of the present item
    attribute: str = ""
    header: list[str] = []
    first: int = 0  # the number of uses before it
    opened: int = 0  # where a block or a call begins
    start: int = 0  # where the expression of the present argument begins
    end: int = -1  # where a heredoc ends


class _Scanner:
    """Reads one file; what it finds goes `into` the record that all files of the module share."""

    def __init__(self, file: str, text: str, into: "Scanned") -> None:
        self.file, self.text, self.into = file, text, into
        self.stack = [_Frame("block")]
        self.previous = "\n"

    def run(self) -> None:
        """Walk the text once."""
        position = 0
        while position < len(self.text):
            frame = self.stack[-1]
            if frame.kind in ("quote", "heredoc"):
                position = self._template(frame, position)
            else:
                position = self._code(frame, position)
        self._end_item(self.stack[-1], len(self.text))

    def _template(self, frame: _Frame, position: int) -> int:
        if frame.kind == "heredoc" and position >= frame.end:
            self.stack.pop()
            self.previous = '"'
            return position
        found = _TEMPLATE.match(self.text, position)
        end = found.end() if found else position + 1
        if found and found["enter"]:
            self._push(_Frame("${", fixed=found["enter"].startswith("%")))
            self.previous = "${"
        elif found and found["quote"] and frame.kind == "quote":
            self.stack.pop()
            self.previous = '"'
        elif frame.kind == "heredoc" and end > frame.end:
            end = frame.end
        return end

    def _push(self, frame: _Frame) -> None:
        frame.item = frame.first = len(self.into.uses)
        frame.tainted = frame.fixed
        self.stack.append(frame)

    def _code(self, frame: _Frame, position: int) -> int:
        found = _CODE.match(self.text, position)
        if found is None:  # every character matches `sign`; this satisfies the type checker
            return position + 1
        kind, word = found.lastgroup, found.group()
        if kind == "skip":
            return found.end()
        if kind == "quote" and frame.kind == "block" and not frame.assigned:
            label = _LABEL.match(self.text, position)
            if label:
                frame.header.append(label[1])
                self.previous = word
                return label.end()
        if kind == "newline":
            if frame.kind in ("block", "object"):
                self._end_item(frame, position)
        elif kind == "name":
            self._name(frame, word, position)
        elif kind == "quote":
            self._push(_Frame("quote"))
        elif kind == "heredoc":
            self._heredoc(found["heredoc"], found.end())
        else:
            self._sign(frame, word, position)
        self.previous = word
        return found.end()

    def _heredoc(self, tag: str, start: int) -> None:
        last = re.compile(rf"^[ \t]*{re.escape(tag)}[ \t\r]*$", re.MULTILINE).search(self.text, start)
        # The closing line belongs to the text for our purposes: nothing else may stand in it.
        self._push(_Frame("heredoc", end=last.end() if last else len(self.text)))

    def _sign(self, frame: _Frame, word: str, position: int) -> None:
        """Brackets, operators and separators."""
        if word in _OPENING:
            self._open(frame, word, position)
        elif word in _CLOSING:
            self._close(frame, position)
        elif word in "?:":
            self._branch(frame, word)
        elif word == ",":
            self._end_item(frame, position)
        elif word == "=":
            if not frame.assigned and frame.kind == "block" and frame.header:
                frame.attribute = frame.header[-1]
                frame.tainted = frame.fixed or frame.attribute in META
                frame.start = position + 1
            frame.assigned = True
        elif word != ".":
            self._compute(frame)
            frame.tainted = True

    def _close(self, frame: _Frame, position: int) -> None:
        self._end_item(frame, position)
        if len(self.stack) == 1:
            return  # a bracket too many: the evaluator will say so
        self.stack.pop()
        if frame.kind == "block" and len(self.stack) == 1:
            self.into.close(frame, self.file, self.text, position + 1)
        elif frame.kind == "(" and frame.fixed:
            self._use("", frame.opened, position + 1, inside=frame.first)

    def _branch(self, frame: _Frame, word: str) -> None:
        """A condition, or the key of an object, ends: it is computed with, what follows is passed on."""
        if word == "?":
            self._compute(frame)
        frame.item, frame.assigned = len(self.into.uses), True
        frame.tainted = frame.fixed or frame.attribute in META

    def _compute(self, frame: _Frame) -> None:
        """Take back what was said about the references of the present item: an operator works on them."""
        for use in self.into.uses[frame.item :]:
            use.carried = False

    def _name(self, frame: _Frame, word: str, position: int) -> None:
        if word == "for" and frame.kind in ("[", "object") and self.previous in ("[", "{"):
            frame.fixed = frame.tainted = True
        elif frame.kind == "block" and not frame.assigned:
            frame.header.append(word)
            if word == "id" and len(self.stack) > 2 and re.match(r"\s*=[^=]", self.text[position + 2 : position + 40]):  # noqa: PLR2004  # deeper than file and block
                self.into.replacements.append((self.file, position, position + 2, RENAMED_ID))
        elif "." in word and (frame.assigned or frame.kind not in ("block", "object")):
            self._use(word, position, position + len(word))

    def _use(self, word: str, position: int, end: int, inside: int = -1) -> None:
        blocks = [frame for frame in self.stack if frame.kind == "block"]
        if any(frame.ignored or frame.attribute in _NO_VALUE for frame in blocks):
            return
        top = self.stack[1] if len(self.stack) > 1 else self.stack[0]
        node = f"local.{top.attribute}" if top.node == "locals" else top.node
        nested = next((frame.label for frame in blocks[2:] if frame.label), "")
        repetition = ""
        if blocks[-1].attribute in META:
            repetition = nested or blocks[-1].attribute
        self.into.uses.append(
            Use(
                file=self.file,
                start=position,
                end=end,
                text=word,
                node=node,
                attribute=top.attribute or nested,
                carried=not any(frame.tainted for frame in self.stack)
                and self.text[end : end + 1] not in (".", "[", "("),
                listed=self.stack[-1].kind == "(" and self.stack[-1].label in _LIST_CARRIERS,
                repetition=repetition,
                inside=inside,
            )
        )

    def _open(self, frame: _Frame, word: str, position: int) -> None:
        if word == "{" and frame.kind == "block" and not frame.assigned:
            label = frame.header[0] if frame.header else ""
            if label == "dynamic" and len(frame.header) > 1:
                label = frame.header[1]
            new = _Frame("block", label=label, ignored=label in _NO_VALUE, header=[], opened=position)
            if len(self.stack) == 1:
                new.node = self.into.open(frame.header, self.text.count("\n", 0, position) + 1)
                new.fixed = label not in _VALUE_BLOCKS
            self._push(new)
        elif word == "{":
            self._push(_Frame("object"))
        elif word == "(":
            called = re.fullmatch(_NAME, self.previous) is not None
            start = position - len(self.previous) if called else position
            self._push(
                _Frame(
                    "(",
                    label=self.previous if called else "",
                    fixed=called and self.previous not in _CARRIERS,
                    opened=start,
                )
            )
        else:
            index = self.previous[-1:] in ('"', "]", "}", ")") or re.match(_NAME, self.previous) is not None
            self._push(_Frame("[", fixed=index))

    def _end_item(self, frame: _Frame, position: int) -> None:
        if frame.kind == "block" and frame.attribute in META and len(self.stack) == 2:  # noqa: PLR2004  # file, block
            self.into.repetition(frame, self.file, position)
        frame.item, frame.tainted, frame.assigned, frame.attribute = len(self.into.uses), frame.fixed, False, ""
        if frame.kind == "block":
            frame.header = []


class Scanned:
    """What the scanner finds, and what is made of it when all files are read."""

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.declared: dict[str, Declared] = {}
        self.replacements: list[tuple[str, int, int, str]] = []
        self.repetitions: list[tuple[str, str, str, int, int]] = []  # node, count or for_each, file, start, end
        self.variables: dict[str, str] = {}  # name: the text of its block
        self._line = 0

    def open(self, header: list[str], line: int) -> str:
        """Begin a block of the file; return the node that it makes."""
        self._line = line
        match header:
            case ["resource", kind, name]:
                return f"{kind}.{name}"
            case ["data" | "module" | "output" | "variable" | "provider" as mode, *names]:
                return ".".join((mode, *names))
            case [other, *_]:
                return other
            case _:
                return ""

    def close(self, frame: _Frame, file: str, text: str, end: int) -> None:
        """End a block of the file."""
        kind, _, name = frame.node.partition(".")
        if kind == "variable":
            self.variables[name] = text[frame.opened : end]
        if name:
            last = text.count("\n", 0, end) + 1
            self.declared[frame.node] = Declared(frame.node, Span(file, self._line, last), dynamic={})

    def repetition(self, frame: _Frame, file: str, end: int) -> None:
        """Note the expression of a block's own count or for_each."""
        self.repetitions.append((frame.node, frame.attribute, file, frame.start, end))


def scan(texts: dict[str, str]) -> Scanned:
    """Read all files of a root module, by name."""
    found = Scanned()
    for file, text in texts.items():
        _Scanner(file, text, found).run()
    return found
