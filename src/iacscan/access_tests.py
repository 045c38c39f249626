"""`iacscan test`: a file of statements about access, each of which an input keeps, breaks, or leaves open.

The file is YAML; `schema()` is its JSON Schema, and docs/ask.md describes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias
from xml.etree import ElementTree as ET

import yaml
from msgspec import Struct
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from . import answers
from .answers import Replies, Source
from .errors import ExitCode, UsageError
from .may import Given
from .names import NotHereError, find_asker
from .questions import Found, Question
from .report import clean
from .value import Truth, all_of

SCHEMA_ID: Final = "urn:iacscan:access-tests:1"
_KINDS: Final = ("can", "cannot", "who", "public", "escalates")
_MOST_LETTERS: Final = 1_000_000  # of a file


# -- the file -------------------------------------------------------------------------------------------------------


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _texts(value: object) -> object:
    """YAML reads `true` and `5` as what they look like; AWS compares their texts."""
    items = value if isinstance(value, list) else [value]
    return [
        str(item).lower() if isinstance(item, bool) else str(item) if isinstance(item, int | float) else item
        for item in items
    ]


_TEXT: Final = {"type": "string", "minLength": 1}
_TEXT_OR_TEXTS: Final = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_TEXT_OR_SOME: Final = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_SCALARS: Final = {"type": ["string", "number", "boolean"]}
_VALUES: Final = {"anyOf": [_SCALARS, {"type": "array", "items": _SCALARS}]}
_Text: TypeAlias = Annotated[str, Field(min_length=1)]
_Names: TypeAlias = Annotated[list[_Text], BeforeValidator(_listed), WithJsonSchema(_TEXT_OR_TEXTS)]
_Some: TypeAlias = Annotated[list[_Text], BeforeValidator(_listed), Field(min_length=1), WithJsonSchema(_TEXT_OR_SOME)]
_Values: TypeAlias = Annotated[list[str], BeforeValidator(_texts), WithJsonSchema(_VALUES)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class May(_Part):
    """Somebody, an action and a resource; each may be a list, and then all combinations are meant."""

    principal: _Some
    action: _Some
    resource: _Some


class Who(_Part):
    """Who may do something: nobody but those that `only` names."""

    action: _Some
    resource: _Some
    only: _Names = Field(description="principals; an empty list for nobody")


class Only(_Part):
    """What may be public, or who may gain more rights: nothing and nobody but what `only` names."""

    only: _Names = Field(default=[], description="addresses")


class Test(_Part):
    """One statement about access: exactly one of can, cannot, who, public and escalates."""

    name: str = Field(min_length=1)
    can: May | None = Field(default=None, description="every combination is allowed")
    cannot: May | None = Field(default=None, description="no combination is allowed")
    who: Who | None = Field(default=None, description="nobody else may")
    public: Only | None = Field(default=None, description="nothing else is open to strangers")
    escalates: Only | None = Field(default=None, description="nobody else can gain more rights than it has")
    context: dict[str, _Values] = Field(
        default={}, description="values that the request has under condition keys; keys that are not named are unknown"
    )
    without: _Names = Field(default=[], description="condition keys that the request does not have")

    @model_validator(mode="after")
    def _has_one_question(self) -> "Test":
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            message = f"a test has exactly one of {', '.join(_KINDS)}; this one has {' and '.join(given) or 'none'}"
            raise ValueError(message)
        return self

    @property
    def questions(self) -> Iterator[Question]:
        """What is asked to find out whether the test holds."""
        held = {key.lower(): tuple(values) for key, values in self.context.items()}
        given = Given(held, frozenset(key.lower() for key in self.without))
        for ask, part in (("can", self.can), ("cannot", self.cannot)):
            for principal, action, resource in product(*_lists(part)):
                asked: Any = ask
                yield Question(ask=asked, principal=principal, action=action, resource=resource, given=given)
        if self.who is not None:
            for action, resource in product(self.who.action, self.who.resource):
                yield Question(ask="who", action=action, resource=resource, given=given)
        if self.public is not None:
            yield Question(ask="public")
        if self.escalates is not None:
            yield Question(ask="escalates")

    @property
    def only(self) -> list[str] | None:
        """The names that a list may hold; None if it is no list that is asked for."""
        part = self.who or self.public or self.escalates
        return None if part is None else part.only


def _lists(part: May | None) -> tuple[list[str], ...]:
    return ([],) * 3 if part is None else (part.principal, part.action, part.resource)


class File(_Part):
    """A file of tests."""

    version: int = Field(ge=1, le=1, description="of this format: 1")
    tests: list[Test] = Field(min_length=1)


class Case(Struct, frozen=True):
    """A test and the line that it begins in."""

    test: Test
    line: int


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    made = File.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}


def load(path: str) -> tuple[Case, ...]:
    """Read a file of tests. Raises UsageError, with file and line, for what is wrong with it."""
    try:
        written = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
        raise UsageError(message) from error
    if len(written) > _MOST_LETTERS:
        message = f"{path} is longer than {_MOST_LETTERS:,} characters"
        raise UsageError(message)
    try:
        root = yaml.compose(written, Loader=yaml.SafeLoader)
        tree = yaml.safe_load(written)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        message = f"{path}:{mark.line + 1 if mark else 1}: is not YAML: {error.problem}"
        raise UsageError(message) from error
    except (yaml.YAMLError, RecursionError) as error:
        message = f"{path}: is not YAML that can be read"
        raise UsageError(message) from error
    try:
        file = File.model_validate(tree)
    except ValidationError as error:
        raise UsageError("; ".join(_faults(path, root, error))) from error
    return tuple(Case(test, _line(root, ("tests", number))) for number, test in enumerate(file.tests))


_SAID: Final = {
    "missing": "is missing",
    "list_type": "must be a text or a list of texts",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "int_type": "must be the number 1",
    "less_than_equal": "must be the number 1",
    "greater_than_equal": "must be the number 1",
}


def _faults(path: str, root: yaml.Node | None, error: ValidationError) -> Iterator[str]:
    """What is wrong, with the line, the key, what stands there and what may."""
    for fault in error.errors():
        where = tuple(fault["loc"])
        key = ".".join(map(str, where)) or "the file"
        kind, given = fault["type"], fault["input"]
        has = f"; it is {given!r}" if isinstance(given, str | int | float | None) and kind != "missing" else ""
        what = _SAID.get(kind, fault["msg"].removeprefix("Value error, "))
        if kind == "extra_forbidden":
            what, has = f"is not known here; there is {_allowed(where)}", ""
        elif kind == "model_type":
            what = f"must have keys: {_allowed((*where, ''))}"
        yield f"{path}:{_line(root, where)}: {key}: {what}{has}"


def _allowed(where: tuple[int | str, ...]) -> str:
    models: dict[str, type[BaseModel]] = {
        "can": May, "cannot": May, "who": Who, "public": Only, "escalates": Only, "tests": Test,
    }  # fmt: skip
    around = next((models[item] for item in reversed(where[:-1]) if isinstance(item, str) and item in models), File)
    return ", ".join(around.model_fields)


def _line(node: yaml.Node | None, where: Sequence[int | str]) -> int:
    """The line of the innermost thing on a path that is there."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        else:
            return line
    return line


# -- running it -----------------------------------------------------------------------------------------------------


class Result(Struct, frozen=True):
    """What became of a test: yes if it holds. `because` has one line for each question that decides; `asked` all of them."""

    case: Case
    truth: Truth
    because: tuple[str, ...]
    asked: tuple[Replies, ...] = ()


def run(cases: Iterable[Case], sources: Sequence[Source]) -> tuple[Result, ...]:
    """Hold the inputs to every test. A name that no input has makes a test fail: nothing would be tested.

    Raises UsageError, with the test's name, for a question that makes no sense.
    """
    return tuple(_result(case, sources) for case in cases)


def _result(case: Case, sources: Sequence[Source]) -> Result:
    truths: list[Truth] = []
    because: list[tuple[Truth, str]] = []
    asked: list[Replies] = []
    try:
        for question in case.test.questions:
            replies = answers.ask(sources, question)
            asked.append(replies)
            for truth, line in _judged(case.test, replies, sources):
                truths.append(truth)
                because.append((truth, line))
    except NotHereError as error:
        return Result(case, Truth.NO, (str(error),))
    except UsageError as error:
        message = f"line {case.line}, {case.test.name}: {error}"
        raise UsageError(message) from error
    truth = all_of(truths)
    return Result(case, truth, tuple(line for own, line in because if own is truth), tuple(asked))


def _judged(test: Test, replies: Replies, sources: Sequence[Source]) -> Iterator[tuple[Truth, str]]:
    """Whether each input keeps to a test, for one of its questions."""
    for reply in replies.each:
        where = f" ({reply.source.path})" if len(sources) > 1 else ""
        if test.only is None:
            yield reply.answer.truth, f"{replies.question}: {answers.one_line(reply)}{where}"
            continue
        allowed = _allowed_names(test, sources)
        for item in reply.answer.found:
            if not _is_allowed(item, allowed):
                perhaps = "" if item.truth is Truth.YES else "perhaps "
                yield ~item.truth, f"{replies.question}: {perhaps}{item.name}: {item.because}{where}"
        if reply.answer.truth is Truth.UNKNOWN and not reply.answer.found:
            yield Truth.UNKNOWN, f"{replies.question}: {reply.answer.because}{where}"


def _allowed_names(test: Test, sources: Sequence[Source]) -> frozenset[str]:
    """The names of a list as answers have them. Those that no input has allow nothing, and stay as they are."""
    labels = set(test.only or ())
    for name, source in product(test.only or (), sources):
        try:
            labels.add(find_asker(source.ways[0][1], name).label)
        except NotHereError:
            continue
    return frozenset(labels)


def _is_allowed(item: Found, allowed: frozenset[str]) -> bool:
    """Whether a list may hold an item, which is called by an address with its kind before or behind it."""
    return item.name in allowed or item.name.split(" (")[0] in allowed or item.name.rpartition(" ")[2] in allowed


def exit_code(results: Iterable[Result]) -> ExitCode:
    """0 if all tests hold, 1 if one fails, 4 if one could not be decided."""
    truth = all_of(result.truth for result in results)
    return {Truth.YES: ExitCode.CLEAN, Truth.NO: ExitCode.FINDINGS, Truth.UNKNOWN: ExitCode.INCOMPLETE}[truth]


# -- text, JUnit ----------------------------------------------------------------------------------------------------

_MARKS: Final = {Truth.YES: "ok       ", Truth.NO: "FAILS    ", Truth.UNKNOWN: "UNDECIDED"}


def text(path: str, results: Sequence[Result], *, verbose: bool = False) -> str:
    """The results for people, with the grounds of those that do not hold."""
    lines: list[str] = []
    for result in results:
        lines.append(f"{_MARKS[result.truth]}  {result.case.test.name}")
        if result.truth is not Truth.YES:
            lines.append(f"           {path}:{result.case.line}")
        if verbose or result.truth is not Truth.YES:
            lines += (f"           {line}" for line in result.because)
    counts = [(sum(1 for item in results if item.truth is truth), word) for truth, word in _COUNTED]
    lines += ("", f"{len(results)} tests: {', '.join(f'{count} {word}' for count, word in counts if count)}")
    return "".join(f"{clean(line)}\n" for line in lines)


_COUNTED: Final = ((Truth.YES, "hold"), (Truth.NO, "fail"), (Truth.UNKNOWN, "not decided"))


def junit(path: str, results: Sequence[Result]) -> str:
    """The results as JUnit's XML; a test that is not decided is an error, which is no pass."""
    suite = ET.Element("testsuite", name=clean(path), tests=str(len(results)))
    for result in results:
        case = ET.SubElement(suite, "testcase", name=clean(result.case.test.name), classname="iacscan.test")
        case.set("file", clean(path))
        case.set("line", str(result.case.line))
        if result.truth is not Truth.YES:
            tag = "failure" if result.truth is Truth.NO else "error"
            node = ET.SubElement(case, tag, message=clean(result.because[0]))
            node.text = "\n".join(map(clean, result.because))
    suite.set("failures", str(sum(1 for item in results if item.truth is Truth.NO)))
    suite.set("errors", str(sum(1 for item in results if item.truth is Truth.UNKNOWN)))
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
