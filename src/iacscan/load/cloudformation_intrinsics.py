"""Intrinsic functions: a node of a template, worked out as far as the template says it.

What refers to something that is not there yet becomes a mark in the text, `⟦Bucket.Arn⟧`, and a `Reference`; what cannot
be known becomes an `Unknown` with the reason. Nothing is guessed.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from ..lazy import regex
from ..policy.arn import REST, symbol
from ..value import Reference, Unknown, Value
from .cloudformation_decode import Node
from .cloudformation_lookup import Several, look_up
from .cloudformation_surroundings import Surroundings
from .cloudformation_text import (
    ABSENT,
    CALLERS,
    MARK,
    NAMES,
    UNCLEAR,
    WORDS,
    Result,
    account_mark,
    are_plain,
    function_of,
    has_unknown,
    holed_json,
    is_free_of,
    length_of,
    lookup,
    outside_marks,
    own_of,
    parts_of,
    selected,
    settled,
    within,
)
from .cuts import AFTER, CUTS, leave

_PSEUDO: Final = frozenset(("AccountId", "Partition", "Region", "StackId", "StackName", "URLSuffix"))
_SUB: Final = regex(r"\$\{([^}]*)\}")
_CHOICES: Final = ("Fn::FindInMap", "Fn::If")
_MAX_TEXT: Final = 1_000_000  # characters of one text
_MAX_TEXTS: Final = 64_000_000  # characters of all texts that one stack puts together


class Evaluator:
    """Works out nodes for one stack. `found` and `secret` say what was met since `begin`: references and NoEcho."""

    def __init__(self, stack: Surroundings) -> None:
        self._stack = stack
        self.found: list[tuple[tuple[str | int, ...], Reference]] = []
        self.secret = False
        self._path: list[str | int] = []
        self._whole = True  # not inside of a longer text
        self._written = 0
        self._making: list[str] = []
        self._tame: dict[Unknown, str] = {}  # marks for what is one of several texts without wildcards
        self._keys: dict[Unknown, str] = {}  # marks for what may stand in a key, where a wildcard means nothing

    def begin(self) -> None:
        """Forget what was met."""
        self.found, self.secret, self._path = [], False, []

    def value(self, node: Node) -> Result:
        """The value of a node."""
        match node.value:
            case dict():
                name = function_of(node)
                return self._mapping(node.value) if name is None else self._call(name, node.value[name])
            case list():
                return self._list(node.value)
            case str():
                return settled(node.value)
            case other:
                return other

    def known(self, node: Node) -> Value:
        """The value of a node, null where it is AWS::NoValue."""
        value = self.value(node)
        return None if value is ABSENT else value

    def _mapping(self, items: dict[str, Node]) -> Value:
        hole = next((key for key in items if key.startswith(("Fn::ForEach::", "Fn::Transform"))), None)
        found: dict[str, Value] = {}
        for key, node in items.items():
            self._path.append(key)
            value = self.value(node)
            self._path.pop()
            if value is not ABSENT:
                found[key] = value
        return found if hole is None else Unknown(f"holds what {hole} makes at deployment")

    def _list(self, items: Sequence[Node]) -> list[Value]:
        found: list[Value] = []
        for node in items:
            self._path.append(len(found))
            value = self.value(node)
            self._path.pop()
            if value is not ABSENT:
                found.append(value)
        return found

    def _call(self, name: str, argument: Node) -> Result:
        handler = _FUNCTIONS.get(name)
        if handler is not None:
            return handler(self, argument)
        return Unknown(UNCLEAR.get(name, f"made by {name}, which is not known here"), self._references(argument))

    def _references(self, node: Node) -> tuple[Reference, ...]:
        """What a node refers to, for what cannot be worked out."""
        before = len(self.found)
        self.value(node)
        return tuple(dict.fromkeys(reference for _, reference in self.found[before:]))

    def _refer(self, address: str, attribute: str = "") -> Reference:
        reference = Reference(address, attribute)
        self.found.append((tuple(self._path), reference))
        return reference

    # -- names ------------------------------------------------------------------------------------------------------

    def ref(self, argument: Node) -> Result:
        """`Ref`."""
        name = self.known(argument)
        if not isinstance(name, str):
            return name if isinstance(name, Unknown) else Unknown("a Ref to something that is no name")
        value = self._named(name)
        if isinstance(value, Unknown) and self._whole and within(self._path, NAMES):
            return self._stack.whole(name, calls=within(self._path, CALLERS)) or value
        return value

    def _named(self, name: str) -> Result:
        if name == "AWS::NoValue":
            return ABSENT
        if name.startswith("AWS::"):
            if name == "AWS::StackName" and self._stack.prefix:  # another stack than the root has another name
                return symbol(f"{self._stack.prefix}AWSStackName")
            if name.removeprefix("AWS::") in _PSEUDO:
                return symbol(name)
            return Unknown(f"{name}, which is known at deployment")
        value = self._stack.parameter(name)
        if value is None:
            return self._attribute(name, "Ref")
        self.secret = self.secret or self._stack.is_secret(name)
        self._refer(f"var.{self._stack.prefix}{name}")
        return value

    def _attribute(self, name: str, attribute: str) -> Value:
        asked = name if attribute == "Ref" else f"{name}.{attribute}"
        if (made := self._stack.generated(asked)) is not None:
            if made.value is not None:
                return self._made(asked, made)
            name, _, attribute = asked.partition(".")
        elif (own := self._generated_id(asked.rpartition(".")[0])) is not None:
            return self._attribute(own, asked.rpartition(".")[2])
        missing = self._stack.missing(name)
        if missing is not None:
            return Unknown(missing)
        self._refer(f"{self._stack.prefix}{name}", attribute)
        known = self._stack.attribute(name, attribute)
        return symbol(f"{self._stack.prefix}{name}.{attribute}") if known is None else known

    def _generated_id(self, name: str) -> str | None:
        """The logical id of a resource that SAM makes and that a name such as `Function.Alias` is for."""
        made = self._stack.generated(name)
        id_ = made.get("Ref") if made is not None else None
        return id_.text if id_ is not None and id_.text and self._stack.missing(id_.text) is None else None

    def _made(self, name: str, node: Node) -> Value:
        """What SAM makes, by what it is known as; that may be a parameter, or anything else."""
        if name in self._making:
            return Unknown(f"refers to {name}, which is made of itself")
        self._making.append(name)
        value = self.known(node)
        self._making.pop()
        return value

    def get_att(self, argument: Node) -> Result:
        """`Fn::GetAtt`: `[name, attribute]`, or both in one text."""
        match self.known(argument):
            case str(text) if "." in text:
                name, _, attribute = text.partition(".")
                return self._attribute(name, attribute)
            case [str(name), str(attribute)]:
                return self._attribute(name, attribute)
            case [Unknown() as unknown, *_] | [_, Unknown() as unknown] | (Unknown() as unknown):
                return unknown
            case _:
                return Unknown("a GetAtt without a logical id and an attribute")

    # -- texts ------------------------------------------------------------------------------------------------------

    def sub(self, argument: Node) -> Result:
        """`Fn::Sub`: a text with `${...}`, alone or with a mapping of names to values."""
        parts = argument.value if isinstance(argument.value, list) else [argument]
        text = parts[0].value if parts else None
        if not isinstance(text, str):
            return Unknown("a Sub of something that is no text")
        own = parts[1].items if len(parts) > 1 else {}
        pieces: list[Value] = []
        end = 0
        for found in _SUB.finditer(text):
            pieces.append(text[end : found.start()])
            pieces.append(self._placeholder(found[1].strip(), own))
            end = found.end()
        pieces.append(text[end:])
        return self._joined([piece for piece in pieces if piece != ""])

    def _placeholder(self, name: str, own: dict[str, Node]) -> Value:
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in own:
            return self._piece(own[name])
        if not name.startswith("AWS::") and "." in name:
            resource, _, attribute = name.partition(".")
            return self._attribute(resource, attribute)
        return self._piece(Node({"Ref": Node(name)}))

    def join(self, argument: Node) -> Result:
        """`Fn::Join`: a delimiter and a list."""
        match argument.value:
            case [delimiter, items]:
                pieces: Value
                if isinstance(items.value, list):
                    pieces = [piece for item in items.value if (piece := self._piece(item)) is not None]
                else:
                    pieces = self.known(items)
                if isinstance(pieces, list):
                    with_delimiters = [part for piece in pieces for part in (delimiter.text or "", piece)][1:]
                    return self._joined([part for part in with_delimiters if part != ""])
                return pieces if isinstance(pieces, Unknown) else Unknown("a Join of something that is no list")
            case _:
                return Unknown("a Join that is not written as a delimiter and a list")

    def _piece(self, node: Node) -> Value:
        """A part of a longer text: there, a parameter without a value may stand as a symbol."""
        whole, self._whole = self._whole, False
        value = self.known(node)
        self._whole = whole
        if not isinstance(value, Unknown) or within(self._path, WORDS):
            return value
        name = node.get("Ref")
        if name is not None and isinstance(name.value, str):
            if value.references == (Reference(f"var.{self._stack.prefix}{name.value}"),):
                self._keys[value] = symbol(f"{self._stack.prefix}{name.value}")
            return self._stack.hole(name.value) or value
        return self._tame.get(value, value) if function_of(node) in _CHOICES else value

    def _joined(self, pieces: Sequence[Value]) -> Value:
        """One text of several: it ends where something is not known; if it begins so, it is not known at all."""
        if len(pieces) == 1 and isinstance(pieces[0], str) and (hole := pieces[0]).startswith("⟦"):
            # A parameter that is the whole text has a meaning of its own, and is no mere name in it.
            bare = self._stack.parameter(hole[1:-1].removeprefix(self._stack.prefix))
            bare = next((whole for whole, mark in self._tame.items() if mark == hole), bare)
            return bare if isinstance(bare, Unknown) else settled(hole)
        text = ""
        for piece in pieces:
            match piece:
                case str():
                    text += piece
                case bool():
                    text += "true" if piece else "false"
                case int() | float():
                    text += str(piece)
                case Unknown():
                    if text.lstrip().startswith("{") and (tree := holed_json(pieces, self._keys)) is not None:
                        return tree
                    return settled(text + REST, piece) if text else piece
                case _:
                    return Unknown("put together of something that is no text")
            if text.endswith(REST):
                break
            if len(text) > _MAX_TEXT or self._written > _MAX_TEXTS:
                return Unknown("a text too long for any template")
        self._written += len(text)
        return settled(text)

    def base64(self, argument: Node) -> Result:
        """`Fn::Base64`: the text that is encoded, as only that can be judged."""
        return self.value(argument)

    def to_json(self, argument: Node) -> Result:
        """`Fn::ToJsonString`: a text if everything in it is known, else the tree of that text."""
        value = self.known(argument)
        return value if has_unknown(value) else msgspec.json.encode(value).decode()

    # -- lists ------------------------------------------------------------------------------------------------------

    def split(self, argument: Node) -> Result:
        """`Fn::Split`: a delimiter and a text."""
        match argument.value:
            case [delimiter, source] if delimiter.text:
                text = self.known(source)
                if (parts := parts_of(text, delimiter.text)) is not None:
                    return parts
                if isinstance(text, str):
                    if all(is_free_of(mark, delimiter.text) for mark in MARK.findall(text)):
                        return list(outside_marks(text, delimiter.text))
                    return Unknown("a part of a text that is known at deployment", self._references(source))
                return text if isinstance(text, Unknown) else Unknown("a part of something that is no text")
            case _:
                return Unknown("a Split that is not written as a delimiter and a text")

    def select(self, argument: Node) -> Result:
        """`Fn::Select`: a position and a list."""
        match argument.value:
            case [position, items]:
                at = self.known(position)
                left = self._left(at, items)
                return selected(at, self.known(items)) if left is None else left
            case _:
                return Unknown("a Select that is not written as a position and a list")

    def _left(self, at: Value, items: Node) -> Value:
        """The second part of a text that is known at deployment, if it is what stands behind a beginning that has a name."""
        split = items.get("Fn::Split")
        match split.value if split is not None and str(at) == "1" else None:
            case [delimiter, source] if (cut := AFTER + (delimiter.text or "")) in CUTS:
                text = self._piece(source)
                if isinstance(text, str) and "⟦" in text:
                    return leave(text, cut)
                if isinstance(text, Unknown) and (key := self._keys.get(text)) is not None:
                    behind = Unknown(f"{text.because} (behind {delimiter.text})", text.references)
                    self._keys[behind] = f"{key[:-1]}{cut}⟧"
                    return behind
        return None

    # -- choices ----------------------------------------------------------------------------------------------------

    def choose(self, argument: Node) -> Result:
        """`Fn::If`: the name of a condition, and what stands where it holds and where not."""
        match argument.value:
            case [condition, yes, no] if isinstance(name := condition.value, str):
                if (own := own_of((yes.value, no.value))) is not None:
                    return own
                holds = self._stack.condition(name)
                if holds is not None:
                    return self.value(yes if holds else no)
                before = len(self.found)
                one, other = self.value(yes), self.value(no)
                if one == other:
                    return one
                references = tuple(dict.fromkeys(reference for _, reference in self.found[before:]))
                unknown = Unknown(f"depends on the condition {name}, which is not decided", references)
                if are_plain(values := (one, other)) and account_mark(values, name) is None:
                    self._tame[unknown] = symbol(self._stack.prefix + lookup(name, *values))
                return unknown
            case _:
                return Unknown("an If that is not written as a condition and two values")

    def find_in_map(self, argument: Node) -> Result:
        """`Fn::FindInMap`: a mapping, two keys, and perhaps a default."""
        found = look_up(argument, self._stack, self.value)
        return self._one_of(found.values, found.unknown, found.mark) if isinstance(found, Several) else found

    def _one_of(self, values: Sequence[Result], unknown: Unknown, mark: str) -> Value:
        """One of several values that is not known which: still a fixed part of texts, if none can hold a wildcard."""
        if are_plain(values):
            account = account_mark(values, mark)
            self._tame[unknown] = account or mark
            if account is not None and self._whole and within(self._path, CALLERS):
                return f"arn:⟦AWS::Partition⟧:iam::{account}:root"
        return unknown

    def import_value(self, argument: Node) -> Result:
        """`Fn::ImportValue`."""
        found = self._stack.imported(argument)
        self.found.extend((tuple(self._path), reference) for reference in found.references)
        self.secret = self.secret or found.secret
        return found.value

    def transform(self, argument: Node) -> Result:
        """`Fn::Transform`."""
        name = argument.get("Name")
        called = name.text if name is not None else None
        return Unknown(f"made by the macro {called}" if called else "made by a macro", self._references(argument))


_FUNCTIONS: Final[dict[str, Callable[[Evaluator, Node], Result]]] = {
    "Ref": Evaluator.ref,
    "Fn::Base64": Evaluator.base64,
    "Fn::FindInMap": Evaluator.find_in_map,
    "Fn::GetAtt": Evaluator.get_att,
    "Fn::If": Evaluator.choose,
    "Fn::ImportValue": Evaluator.import_value,
    "Fn::Join": Evaluator.join,
    "Fn::Length": lambda evaluator, argument: length_of(evaluator.known(argument)),
    "Fn::Select": Evaluator.select,
    "Fn::Split": Evaluator.split,
    "Fn::Sub": Evaluator.sub,
    "Fn::ToJsonString": Evaluator.to_json,
    "Fn::Transform": Evaluator.transform,
}
