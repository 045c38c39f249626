"""Terraform source as text: which blocks a module declares, and where references stand in it.

This is a reader of brackets, quotes and names, not an evaluator. Of every reference it tells whether its text is only
carried along (`carried`): it is not compared, cut or computed with on the way into the argument that it stands in. The syntax is
https://developer.hashicorp.com/terraform/language/syntax/configuration.
"""

import re
from typing import Final

from . import terraform_functions as functions
from . import terraform_words as words
from .terraform_found import MAX_DEPTH, Cut, Expression, Scanned, Use, too_deep
from .terraform_frames import (
    Frame,
    bound,
    counts_or_decides,
    dynamic_instead,
    goes_over,
    is_measured,
    node_of,
    written_out,
)
from .terraform_json import scan_json
from .terraform_reach import WITHIN

RENAMED_ID: Final = "iacscan_id"  # the evaluator overwrites an argument `id` of a nested block with an id of its own

META: Final = frozenset(("count", "for_each"))


class _Scanner:
    """Reads one file; what it finds goes `into` the record that all files of the module share."""

    def __init__(self, file: str, text: str, into: "Scanned") -> None:
        self.file, self.text, self.into = file, text, into
        self.stack = [Frame("block")]
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

    def _template(self, frame: Frame, position: int) -> int:
        if frame.kind == "heredoc" and position >= frame.end:
            self.stack.pop()
            self.previous, self.ended = '"', position
            return position
        found = words.TEMPLATE.match(self.text, position)
        end = found.end() if found else position + 1
        if found and found["enter"]:
            self._push(Frame("${", fixed=found["enter"].startswith("%")))
            self.previous = "${"
        elif found and found["quote"] and frame.kind == "quote":
            self.stack.pop()
            self.previous, self.ended = '"', end
        elif frame.kind == "heredoc" and end > frame.end:
            end = frame.end
        return end

    def _push(self, frame: Frame) -> None:
        if len(self.stack) > MAX_DEPTH:
            raise too_deep(self.file)
        frame.first = len(self.into.uses)
        frame.begin(frame.first)
        self.stack.append(frame)

    def _code(self, frame: Frame, position: int) -> int:  # noqa: C901  # an arm a kind of word
        found = words.CODE.match(self.text, position)
        if found is None or found.lastgroup is None:  # something always matches; this satisfies the type checker
            return position + 1
        kind = found.lastgroup
        word, position, end = found[kind], found.start(kind), found.end()
        if kind in ("quote", "string") and frame.kind == "block" and not frame.assigned:
            label = words.LABEL.match(self.text, position)
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
            self._push(Frame("quote"))
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
        self._push(Frame("heredoc", end=last.end() if last else len(self.text)))

    def _sign(self, frame: Frame, word: str, position: int) -> None:
        """Brackets, operators and separators."""
        if word in words.OPENING:
            self._open(frame, word, position)
        elif word in words.CLOSING:
            self._close(frame, position)
        elif word in "?:":
            self._branch(frame, word, position)
        elif word == ",":
            if not frame.bound or frame.over[1]:  # else it stands in `for key, value in`
                self._end_item(frame)
                self._guard(frame)
                frame.passed += 1
        elif word == "=":
            self._assign(frame, position)
        elif word == "=>":
            self._compute(frame)
            frame.begin(len(self.into.uses))
        elif word != ".":
            self._operate(frame, word, position)

    def _assign(self, frame: Frame, position: int) -> None:
        if not frame.assigned and frame.kind == "block" and frame.header:
            frame.attribute = frame.header[-1]
            frame.tainted = frame.fixed or frame.attribute == "count"
            frame.start, frame.began = position + 1, len(self.into.uses)
            frame.branched = frame.nullable = False
        elif not frame.assigned and frame.kind == "object":
            frame.attribute = self.previous if re.fullmatch(words.NAME, self.previous) else ""
        frame.assigned = True

    def _operate(self, frame: Frame, word: str, position: int) -> None:
        if word in ("==", "!=") and words.EMPTY.match(self.text, position + 2):
            for use in self.into.uses[frame.item :]:
                use.tested = use.carried
        elif word in words.COMPARING and not words.EMPTY_BEFORE.search(
            self.text, max(0, self.ended - words.SHORT), self.ended
        ):
            frame.compares = True
            for use in self.into.uses[frame.operand :]:
                use.decides = use.counted <= len(self.stack)  # what counts it does not stand in what is compared
                use.counted = 0 if use.decides else use.counted
        elif word in "&|":
            frame.operand, frame.compares = len(self.into.uses), False
        self._compute(frame)
        frame.tainted = True

    def _close(self, frame: Frame, position: int) -> None:
        self._end_item(frame)
        if len(self.stack) == 1:
            return  # a bracket too many: the evaluator will say so
        self.stack.pop()
        self._guard(frame)
        if frame.expands and not frame.ignored:
            self.into.replacements.append((self.file, frame.begins, frame.opened + 1, dynamic_instead(frame)))
            self.into.replacements.append((self.file, position, position + 1, "}\n}"))
        if frame.kind == "block" and len(self.stack) == 1:
            self.into.close(frame.node, self.file, self.text, frame.opened + 1, position)
        elif frame.cut is not None:
            self._cut(frame, frame.cut)
        elif frame.kind == "(" and (frame.fixed or frame.label in functions.GUARDS):
            call = self._use("", frame.opened, position + 1, inside=frame.first)
            if call is not None:
                call.guards, call.changed = frame.label in functions.GUARDS, frame.fixed
        elif frame.kind == "[" and frame.over[1]:
            loop = self._use("", frame.opened, position + 1, inside=frame.first)
            if loop is not None:
                loop.loop = frame.over

    def _guard(self, frame: Frame) -> None:
        """The path ends that a function reads: nothing is read further up than the copy that is evaluated."""
        if frame.label in functions.READING and frame.kind == "(" and frame.passed == 0 and frame.first_at < self.ended:
            for place, text in zip((frame.first_at, self.ended), WITHIN, strict=True):
                self.into.replacements.append((self.file, place, place, text))

    def _cut(self, frame: Frame, cut: Cut) -> None:
        """A call ends that may be left until its argument is known, if its result is only carried along."""
        if frame.opened != cut.start:
            return  # `split` in `element`, of which the cut is
        inner = self.into.uses[frame.first :]
        call = self._use("", cut.start, cut.end, inside=frame.first)
        if call is None:
            return
        is_left = call.carried and not call.structure and (not call.repetition or bool(call.fields))
        call.cut = cut if is_left else None
        for use in inner:
            if not is_left:
                use.carried = use.measured = False
            elif use.within is None:
                use.within = call

    def _branch(self, frame: Frame, word: str, position: int) -> None:
        """A condition, or the key of an object, ends: it is computed with, what follows is passed on."""
        frame.nullable = frame.nullable or functions.NULLABLE_BRANCH.match(self.text, position + 1) is not None
        if word == "?":
            self._compute(frame)
            frame.branched = True
        elif frame.bound and not frame.over[1]:
            frame.over = (frame.over[0], len(self.into.uses))
            for use in self.into.uses[frame.over[0] :]:
                use.measured, use.carried = use.measured or use.carried, False
                use.counted = use.counted if use.counted > len(self.stack) else 0  # each element is looked at
        frame.begin(len(self.into.uses))
        frame.assigned = True
        frame.tainted = frame.fixed or frame.attribute == "count"

    def _compute(self, frame: Frame) -> None:
        """Take back what was said about the references of the present item: an operator works on them."""
        for use in self.into.uses[frame.item :]:
            use.carried = False

    def _name(self, frame: Frame, word: str, position: int) -> None:
        if word == "for" and frame.kind in ("[", "object") and self.previous in ("[", "{"):
            frame.assigned = True
            names = words.FOR.match(self.text, position)
            frame.bound = (names[2] or names[1]) if names else ""  # the value; with two names, the first is the key
            frame.over = (len(self.into.uses), 0)
        elif word == "if" and frame.bound:
            frame.begin(len(self.into.uses))
            frame.tainted = True  # its operators work on the condition only
        elif frame.kind == "block" and not frame.assigned:
            frame.headed = frame.headed if frame.header else position
            frame.header.append(word)
            if word == "id" and len(self.stack) > 2 and re.match(r"\s*=[^=]", self.text[position + 2 : position + 40]):  # noqa: PLR2004  # deeper than file and block
                self.into.replacements.append((self.file, position, position + 2, RENAMED_ID))
        elif frame.kind == "block" and frame.attribute == "iterator" and frame.iterator:
            frame.iterator = word
        elif frame.assigned or frame.kind not in ("block", "object"):
            over = bound(self.stack, word)
            if "." in word or over is not None:
                self._use(word, position, position + len(word), over=over or (0, 0))

    def _use(self, word: str, position: int, end: int, inside: int = -1, over: tuple[int, int] = (0, 0)) -> Use | None:
        """Add a reference, or what encloses some; None where no value stands."""
        blocks = [frame for frame in self.stack if frame.kind == "block"]
        top = self.stack[1] if len(self.stack) > 1 else self.stack[0]
        if any(frame.ignored or frame.attribute in words.NO_VALUE for frame in blocks):
            if top.attribute == "depends_on" and inside < 0:
                self.into.waits.setdefault(top.node, []).append(word)
            return None
        nested = next((frame.label for frame in blocks[2:] if frame.label), "")
        head = word.partition(".")[0]
        repetition = blocks[-1].attribute in META
        via = ""
        if word.startswith("each.value"):
            via = "for_each"
        else:
            over_that = (frame for frame in reversed(blocks[2:]) if frame.iterator == head)
            via = next((goes_over(nested, frame) for frame in over_that), "")
        counted, decides = counts_or_decides(self.stack)
        changed = decides or any(frame.tainted for frame in self.stack)
        carried = not changed and self.text[end : end + 1] not in (".", "[", "(")
        calls = [frame.label for frame in self.stack if frame.kind == "(" and frame.cut is None]
        fields = tuple(frame.attribute for frame in self.stack if frame.kind == "object")
        use = Use(
            file=self.file,
            start=position,
            end=end,
            text=word,
            node=node_of(top),
            attribute=top.attribute or (goes_over(nested, blocks[-1]) if repetition else nested),
            carried=carried,
            measured=is_measured(self.stack) or (repetition and carried),
            listed=self.stack[-1].kind == "(" and self.stack[-1].label in functions.LIST_CARRIERS,
            joined=self.stack[-1].label == "join" and self.stack[-1].passed > 0,
            enclosed=self.stack[-1].kind in ("${", "[", "object"),
            templated=self.stack[-1].kind == "${" or self.stack[-1].cut is not None,
            repetition=repetition,
            inside=inside,
            counted=counted,
            decides=decides,
            via=via,
            over=over,
            fields=fields if all(fields) else (),
            tried=not functions.GUARDS.isdisjoint(calls),
            structure=self.stack[-1].kind == "(" and self.stack[-1].label in functions.STRUCTURES,
            direct=bool(calls) and calls[-1] in functions.GUARDS,
        )
        self.into.uses.append(use)
        return use

    def _open(self, frame: Frame, word: str, position: int) -> None:
        if word == "{" and frame.kind == "block" and not frame.assigned:
            label = frame.header[0] if frame.header else ""
            iterator = ""
            if label == "dynamic" and len(frame.header) > 1:
                label = iterator = frame.header[1]
                frame.looped.append(label)
                for outer in written_out(self.stack):
                    outer.expands = True
            new = Frame(
                "block", label=label, ignored=label in words.NO_VALUE, header=[], opened=position, iterator=iterator
            )
            new.begins = frame.headed
            new.expands = not iterator and label in frame.looped  # else the evaluator would leave out the dynamic ones
            if len(self.stack) == 1:
                new.ignored = label not in words.VALUE_BLOCKS
                new.node = self.into.open(frame.header, self.text.count("\n", 0, position) + 1)
            elif len(self.stack) == 2 and label and not iterator:  # noqa: PLR2004  file and block
                self.into.written[self.stack[1].node, label] += 1
            self._push(new)
        elif word == "{":
            self._push(Frame("object"))
        elif word == "(":
            called = re.fullmatch(words.NAME, self.previous) is not None
            if called and self.previous not in functions.PURE and len(self.stack) > 1:
                top, blocks = self.stack[1], (frame for frame in self.stack[2:] if frame.kind == "block")
                nested = next((item.label for item in blocks if item.label), "")
                self.into.failing.add((node_of(top), top.attribute or nested))
            start = position - len(self.previous) if called else position
            cut = functions.cut_of_call(self.text, self.previous, start) if called else None
            if cut is None and frame.cut is not None and start < frame.cut.first:
                cut = frame.cut
            self._push(
                Frame(
                    "(",
                    label=self.previous if called else "",
                    first_at=position + 1,
                    fixed=called and cut is None and self.previous not in functions.CARRIERS,
                    opened=start,
                    cut=cut,
                )
            )
        else:
            index = self.previous[-1:] in ('"', "]", "}", ")") or re.match(words.NAME, self.previous) is not None
            self._push(Frame("[", fixed=index, opened=position))

    def _end_item(self, frame: Frame) -> None:
        if frame.kind == "block" and frame.attribute:
            self._argument(frame)
        frame.begin(len(self.into.uses))
        frame.assigned, frame.attribute = False, ""
        if frame.kind == "block":
            frame.header = []

    def _attribute(self, frame: Frame, blocks: list[Frame]) -> str:
        nested = next((item.label for item in blocks[2:] if item.label), "")
        if not nested:
            return frame.attribute
        return goes_over(nested, frame) if frame.attribute in META else nested

    def _argument(self, frame: Frame) -> None:
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
            node=node_of(top),
            attribute=self._attribute(frame, blocks),
            name=frame.attribute,
            start=start,
            end=end,
            first=frame.began,
            last=len(uses),
            nullable=frame.nullable if frame.branched else functions.NULLABLE.match(self.text, start, end) is not None,
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


def scan(texts: dict[str, str]) -> Scanned:
    """Read all files of a module, by name."""
    found = Scanned()
    for file, text in texts.items():
        if file.endswith(".json"):
            scan_json(file, text, found)
        else:
            _Scanner(file, text, found).run()
    return found
