"""Terraform source as text: which blocks a module declares, and where references stand in it.

This is a reader of brackets, quotes and names, not an evaluator. Of every reference it tells whether its text is only
carried along (`carried`): it is not compared, cut or computed with on the way into the argument that it stands in. The syntax is
https://developer.hashicorp.com/terraform/language/syntax/configuration.
"""

import re
from typing import Final

from msgspec import Struct

from .terraform_found import EACH, MAX_DEPTH, Cut, Expression, Scanned, Use, too_deep
from .terraform_functions import (
    CARRIERS,
    GUARDS,
    LIST_CARRIERS,
    NULLABLE,
    NULLABLE_BRANCH,
    PURE,
    STRUCTURES,
    cut_of_call,
)
from .terraform_json import scan_json
from .terraform_words import CLOSING, CODE, EMPTY, FOR, LABEL, NAME, NO_VALUE, OPENING, TEMPLATE, VALUE_BLOCKS

RENAMED_ID: Final = "iacscan_id"  # the evaluator overwrites an argument `id` of a nested block with an id of its own

META: Final = frozenset(("count", "for_each"))


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
    began: int = 0  # the number of uses before the present argument
    branched: bool = False  # a `?` stands in the present argument
    nullable: bool = False  # what follows a `?` or `:` of it may be null
    iterator: str = ""  # of a dynamic block: what its elements are called
    bound: str = ""  # what the `for` in it calls its elements
    over: tuple[int, int] = (0, 0)  # the references in what that goes over
    cut: Cut | None = None  # of a call that cuts something off of a text


class _Scanner:
    """Reads one file; what it finds goes `into` the record that all files of the module share."""

    def __init__(self, file: str, text: str, into: "Scanned") -> None:
        self.file, self.text, self.into = file, text, into
        self.stack = [_Frame("block")]
        self.previous = "\n"
        self.ended = 0  # where the last word or sign ends

    def run(self) -> None:
        """Walk the text once."""
        position = 0
        while position < len(self.text):
            frame = self.stack[-1]
            if frame.kind in ("quote", "heredoc"):
                position = self._template(frame, position)
            else:
                position = self._code(frame, position)
        self._end_item(self.stack[-1])

    def _template(self, frame: _Frame, position: int) -> int:
        if frame.kind == "heredoc" and position >= frame.end:
            self.stack.pop()
            self.previous, self.ended = '"', position
            return position
        found = TEMPLATE.match(self.text, position)
        end = found.end() if found else position + 1
        if found and found["enter"]:
            self._push(_Frame("${", fixed=found["enter"].startswith("%")))
            self.previous = "${"
        elif found and found["quote"] and frame.kind == "quote":
            self.stack.pop()
            self.previous, self.ended = '"', end
        elif frame.kind == "heredoc" and end > frame.end:
            end = frame.end
        return end

    def _push(self, frame: _Frame) -> None:
        if len(self.stack) > MAX_DEPTH:
            raise too_deep(self.file)
        frame.item = frame.first = len(self.into.uses)
        frame.tainted = frame.fixed
        self.stack.append(frame)

    def _code(self, frame: _Frame, position: int) -> int:  # noqa: C901  # an arm a kind of word
        found = CODE.match(self.text, position)
        if found is None or found.lastgroup is None:  # something always matches; this satisfies the type checker
            return position + 1
        kind = found.lastgroup
        word, position, end = found[kind], found.start(kind), found.end()
        if kind in ("quote", "string") and frame.kind == "block" and not frame.assigned:
            label = LABEL.match(self.text, position)
            if label:
                frame.header.append(label[1])
                self.previous, self.ended = '"', label.end()
                return label.end()
        if kind == "newline":
            if frame.kind in ("block", "object"):
                self._end_item(frame)
        elif kind == "name":
            self._name(frame, word, position)
        elif kind == "string":  # there is nothing in it
            word = '"'
        elif kind == "quote":
            self._push(_Frame("quote"))
        elif kind == "heredoc":
            self._heredoc(word, end)
        elif kind != "end":
            self._sign(frame, word, position)
        self.previous = word
        if kind not in ("newline", "end"):
            self.ended = end
        return end

    def _heredoc(self, tag: str, start: int) -> None:
        last = re.compile(rf"^[ \t]*{re.escape(tag)}[ \t\r]*$", re.MULTILINE).search(self.text, start)
        # The closing line belongs to the text for our purposes: nothing else may stand in it.
        self._push(_Frame("heredoc", end=last.end() if last else len(self.text)))

    def _sign(self, frame: _Frame, word: str, position: int) -> None:
        """Brackets, operators and separators."""
        if word in OPENING:
            self._open(frame, word, position)
        elif word in CLOSING:
            self._close(frame, position)
        elif word in "?:":
            self._branch(frame, word, position)
        elif word == ",":
            if not frame.bound or frame.over[1]:  # else it stands in `for key, value in`
                self._end_item(frame)
        elif word == "=":
            self._assign(frame, position)
        elif word == "=>":
            self._compute(frame)
            frame.item, frame.tainted = len(self.into.uses), frame.fixed
        elif word != ".":
            self._operate(frame, word, position)

    def _assign(self, frame: _Frame, position: int) -> None:
        if not frame.assigned and frame.kind == "block" and frame.header:
            frame.attribute = frame.header[-1]
            frame.tainted = frame.fixed or frame.attribute == "count"
            frame.start, frame.began = position + 1, len(self.into.uses)
            frame.branched = frame.nullable = False
        elif not frame.assigned and frame.kind == "object":
            frame.attribute = self.previous if re.fullmatch(NAME, self.previous) else ""
        frame.assigned = True

    def _operate(self, frame: _Frame, word: str, position: int) -> None:
        if word in ("==", "!=") and EMPTY.match(self.text, position + 2):
            for use in self.into.uses[frame.item :]:
                use.tested = use.carried
        self._compute(frame)
        frame.tainted = True

    def _close(self, frame: _Frame, position: int) -> None:
        self._end_item(frame)
        if len(self.stack) == 1:
            return  # a bracket too many: the evaluator will say so
        self.stack.pop()
        if frame.kind == "block" and len(self.stack) == 1:
            self.into.close(frame.node, self.file, self.text, frame.opened + 1, position)
        elif frame.cut is not None:
            self._cut(frame, frame.cut)
        elif frame.kind == "(" and (frame.fixed or (frame.label == "try" and self.stack[-1].label in STRUCTURES)):
            self._use("", frame.opened, position + 1, inside=frame.first)
        elif frame.kind == "[" and frame.over[1]:
            self._use("", frame.opened, position + 1, inside=frame.first)
            self.into.uses[-1].loop = frame.over

    def _cut(self, frame: _Frame, cut: Cut) -> None:
        """A call ends that may be left until its argument is known, if its result is only carried along."""
        if frame.opened != cut.start:
            return  # `split` in `element`, of which the cut is
        self._use("", cut.start, cut.end, inside=frame.first)
        inner = self.into.uses[frame.first :]
        call = inner.pop() if inner else None
        if call is None or call.inside != frame.first:
            return  # it stands where no value is
        is_left = call.carried and not call.structure and (not call.repetition or bool(call.fields))
        call.cut = cut if is_left else None
        for use in inner:
            if not is_left:
                use.carried = use.measured = False
            elif use.within is None:
                use.within = call

    def _branch(self, frame: _Frame, word: str, position: int) -> None:
        """A condition, or the key of an object, ends: it is computed with, what follows is passed on."""
        frame.nullable = frame.nullable or NULLABLE_BRANCH.match(self.text, position + 1) is not None
        if word == "?":
            self._compute(frame)
            frame.branched = True
        elif frame.bound and not frame.over[1]:
            frame.over = (frame.over[0], len(self.into.uses))
            for use in self.into.uses[frame.over[0] :]:
                use.measured, use.carried = use.measured or use.carried, False
        frame.item, frame.assigned = len(self.into.uses), True
        frame.tainted = frame.fixed or frame.attribute == "count"

    def _compute(self, frame: _Frame) -> None:
        """Take back what was said about the references of the present item: an operator works on them."""
        for use in self.into.uses[frame.item :]:
            use.carried = False

    def _name(self, frame: _Frame, word: str, position: int) -> None:
        if word == "for" and frame.kind in ("[", "object") and self.previous in ("[", "{"):
            frame.assigned = True
            names = FOR.match(self.text, position)
            frame.bound = (names[2] or names[1]) if names else ""  # the value; with two names, the first is the key
            frame.over = (len(self.into.uses), 0)
        elif word == "if" and frame.bound:
            frame.item, frame.tainted = len(self.into.uses), True  # its operators work on the condition only
        elif frame.kind == "block" and not frame.assigned:
            frame.header.append(word)
            if word == "id" and len(self.stack) > 2 and re.match(r"\s*=[^=]", self.text[position + 2 : position + 40]):  # noqa: PLR2004  # deeper than file and block
                self.into.replacements.append((self.file, position, position + 2, RENAMED_ID))
        elif frame.kind == "block" and frame.attribute == "iterator" and frame.iterator:
            frame.iterator = word
        elif frame.assigned or frame.kind not in ("block", "object"):
            over = self._bound(word)
            if "." in word or over is not None:
                self._use(word, position, position + len(word), over=over or (0, 0))

    def _bound(self, word: str) -> tuple[int, int] | None:
        """What a `for` goes over, if the word is what it binds."""
        head = re.split(r"[.\[]", word, maxsplit=1)[0]
        found = (frame.over for frame in reversed(self.stack) if head == frame.bound and frame.over[1])
        return next(found, None)

    def _is_measured(self) -> bool:
        """Whether what is read stands in `length` and is not changed on the way there."""
        for frame in reversed(self.stack):
            if frame.kind == "(" and frame.label == "length":
                return True
            if frame.tainted:
                return False
        return False

    def _use(self, word: str, position: int, end: int, inside: int = -1, over: tuple[int, int] = (0, 0)) -> None:
        blocks = [frame for frame in self.stack if frame.kind == "block"]
        top = self.stack[1] if len(self.stack) > 1 else self.stack[0]
        if any(frame.ignored or frame.attribute in NO_VALUE for frame in blocks):
            if top.attribute == "depends_on" and inside < 0:
                self.into.waits.setdefault(top.node, []).append(word)
            return
        nested = next((frame.label for frame in blocks[2:] if frame.label), "")
        head = word.partition(".")[0]
        repetition = blocks[-1].attribute in META
        via = ""
        if word.startswith("each.value"):
            via = "for_each"
        elif any(frame.iterator == head for frame in blocks[2:]):
            via = nested + EACH
        carried = not any(frame.tainted for frame in self.stack) and self.text[end : end + 1] not in (".", "[", "(")
        calls = [frame.label for frame in self.stack if frame.kind == "(" and frame.cut is None]
        fields = tuple(frame.attribute for frame in self.stack if frame.kind == "object")
        self.into.uses.append(
            Use(
                file=self.file,
                start=position,
                end=end,
                text=word,
                node=_node(top),
                attribute=top.attribute or nested + (EACH if repetition else ""),
                carried=carried,
                measured=self._is_measured() or (repetition and carried),
                listed=self.stack[-1].kind == "(" and self.stack[-1].label in LIST_CARRIERS,
                enclosed=self.stack[-1].kind in ("${", "[", "object"),
                templated=self.stack[-1].kind == "${" or self.stack[-1].cut is not None,
                repetition=repetition,
                inside=inside,
                via=via,
                over=over,
                fields=fields if all(fields) else (),
                tried=not GUARDS.isdisjoint(calls),
                structure=self.stack[-1].kind == "(" and self.stack[-1].label in STRUCTURES,
                direct=bool(calls) and calls[-1] in GUARDS,
            )
        )

    def _open(self, frame: _Frame, word: str, position: int) -> None:
        if word == "{" and frame.kind == "block" and not frame.assigned:
            label = frame.header[0] if frame.header else ""
            iterator = ""
            if label == "dynamic" and len(frame.header) > 1:
                label = iterator = frame.header[1]
            new = _Frame("block", label=label, ignored=label in NO_VALUE, header=[], opened=position, iterator=iterator)
            if len(self.stack) == 1:
                new.ignored = label not in VALUE_BLOCKS
                new.node = self.into.open(frame.header, self.text.count("\n", 0, position) + 1)
            self._push(new)
        elif word == "{":
            self._push(_Frame("object"))
        elif word == "(":
            called = re.fullmatch(NAME, self.previous) is not None
            if called and self.previous not in PURE and len(self.stack) > 1:
                top, blocks = self.stack[1], (frame for frame in self.stack[2:] if frame.kind == "block")
                nested = next((item.label for item in blocks if item.label), "")
                self.into.failing.add((_node(top), top.attribute or nested))
            start = position - len(self.previous) if called else position
            cut = cut_of_call(self.text, self.previous, start) if called else None
            if cut is None and frame.cut is not None and start < frame.cut.first:
                cut = frame.cut
            self._push(
                _Frame(
                    "(",
                    label=self.previous if called else "",
                    fixed=called and cut is None and self.previous not in CARRIERS,
                    opened=start,
                    cut=cut,
                )
            )
        else:
            index = self.previous[-1:] in ('"', "]", "}", ")") or re.match(NAME, self.previous) is not None
            self._push(_Frame("[", fixed=index, opened=position))

    def _end_item(self, frame: _Frame) -> None:
        if frame.kind == "block" and frame.attribute:
            self._argument(frame)
        frame.item, frame.tainted, frame.assigned, frame.attribute = len(self.into.uses), frame.fixed, False, ""
        if frame.kind == "block":
            frame.header = []

    def _attribute(self, frame: _Frame, blocks: list[_Frame]) -> str:
        nested = next((item.label for item in blocks[2:] if item.label), "")
        return nested + (EACH if frame.attribute in META else "") if nested else frame.attribute

    def _argument(self, frame: _Frame) -> None:
        """An argument of a block ends."""
        if len(self.stack) == 1:
            self.into.assigned.add(frame.attribute)
            return
        start, end = frame.start, self.ended
        while self.text[start : start + 1] in (" ", "\t"):
            start += 1
        blocks = [item for item in self.stack if item.kind == "block"]
        uses = self.into.uses
        if len(uses) == frame.began + 1 and self.text[start:end] == uses[-1].text:
            uses[-1].whole = True
        top = self.stack[1]
        expression = Expression(
            file=self.file,
            node=_node(top),
            attribute=self._attribute(frame, blocks),
            name=frame.attribute,
            start=start,
            end=end,
            first=frame.began,
            last=len(uses),
            nullable=frame.nullable if frame.branched else NULLABLE.match(self.text, start, end) is not None,
            nested=len(blocks) > 2,  # noqa: PLR2004  # file and block
            dynamic=frame.label if frame.iterator and frame.attribute == "for_each" else "",
            around=blocks[-2].opened + 1,
        )
        if not any(item.ignored for item in blocks):
            self.into.expressions.append(expression)
        if top.node == "locals" and not expression.nested:
            self.into.locals[frame.attribute] = expression
        if not expression.nested:
            self.into.arguments[frame.attribute] = expression


def _node(top: _Frame) -> str:
    return f"local.{top.attribute}" if top.node == "locals" else top.node


def scan(texts: dict[str, str]) -> Scanned:
    """Read all files of a module, by name."""
    found = Scanned()
    for file, text in texts.items():
        if file.endswith(".json"):
            scan_json(file, text, found)
        else:
            _Scanner(file, text, found).run()
    return found
