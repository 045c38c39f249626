"""Questions asked of files: every input that knows what a question names is asked, and the answers are put together and written out.

An input with a choice that is left open (a condition of a template) is asked once for each way to choose.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .access import Access
from .assumptions import assume
from .engine import Pipeline, guard, terraform
from .errors import ExitCode, InputError
from .graph import Graph
from .may import Said
from .model.estate import Estate
from .model.settings import NOTHING_TOLD, Settings
from .names import NotHereError
from .policy.describe import describe
from .questions import Answer, Found, Question, answer
from .report import clean
from .spelling import as_in_template
from .value import Truth, all_of, any_of

SCHEMA: Final = "urn:iacscan:answer:1"
_EXITS: Final = {Truth.YES: ExitCode.CLEAN, Truth.NO: ExitCode.FINDINGS, Truth.UNKNOWN: ExitCode.INCOMPLETE}
_WORDS: Final = {Truth.YES: "yes", Truth.NO: "no", Truth.UNKNOWN: "unknown"}
_LISTS: Final = frozenset({"who", "public", "escalates"})


class Source(Struct, frozen=True):
    """One input with the ways in which it may turn out; the first is the likely one and has no label."""

    path: str
    ways: tuple[tuple[str, Access], ...]


class Reply(Struct, frozen=True):
    """What one input answers."""

    source: Source
    answer: Answer


class Replies(Struct, frozen=True):
    """What all inputs that know the names of a question answer. Of a list, something in one of them is enough for yes."""

    question: Question
    each: tuple[Reply, ...]

    @property
    def truth(self) -> Truth:
        """The answer over all inputs."""
        truths = (reply.answer.truth for reply in self.each)
        return any_of(truths) if self.question.ask in _LISTS else all_of(truths)

    @property
    def exit_code(self) -> ExitCode:
        """0 for yes, 1 for no, 4 for unknown."""
        return _EXITS[self.truth]


def read(
    paths: Iterable[str],
    *,
    var_files: Sequence[str] = (),
    parameters: Mapping[str, str] | None = None,
    source: str | None = "",
    settings: Settings = NOTHING_TOLD,
) -> tuple[Source, ...]:
    """Read every input; a directory stands for all inputs in it. The other arguments are as in `engine.Options`.

    Raises InputError for the first that cannot be read.
    """
    steps = guard("loading", terraform, var_files, source, parameters=parameters)
    found = dict.fromkeys(_inputs(paths, steps))
    return tuple(guard(f"reading {path}", _source, path, steps, settings) for path in found)


def _inputs(paths: Iterable[str], steps: Pipeline) -> Iterator[str]:
    for path in paths:
        if steps.discover is None or not os.path.isdir(path):  # noqa: PTH112  it may be `-`, or no path at all
            yield path
            continue
        found = guard(f"looking into {path}", steps.discover, path)
        for place, error in found.faults:
            raise _at(place, error)
        if not found.items:
            what = f"{path}: holds nothing that can be read"
            raise InputError(what, "give a plan, a template or a directory of Terraform source")
        yield from (item.path for item in found.items)


def _source(path: str, steps: Pipeline, settings: Settings) -> Source:
    try:
        loaded = steps.load(path)
        sides = [("", loaded), *((item.label, replace(loaded, after=item.side)) for item in loaded.variants)]
        ways = [(label, assume(steps.normalise(side), settings)[1]) for label, side in sides]
    except InputError as error:
        raise _at(path, error) from error
    if not any(side.blocks for side in (loaded.after, *(item.side for item in loaded.variants))):
        what = f"{path}: holds no resources"
        raise InputError(what, "there is nothing to ask about")
    return Source(path, tuple((label, Access(Graph(estate))) for label, estate in ways))


def _at(path: str, error: InputError) -> InputError:
    return InputError(f"{path}: {error.what}", error.advice)


def ask(sources: Iterable[Source], question: Question) -> Replies:
    """Ask every input that knows what the question names. Raises NotHereError if none does."""
    replies: list[Reply] = []
    missing: NotHereError | None = None
    for source in sources:
        try:
            replies.append(Reply(source, guard(f"asking {source.path}", _over_ways, source, question)))
        except NotHereError as error:
            missing = error
    if missing is not None and not replies:
        raise missing
    return Replies(question, tuple(replies))


def _over_ways(source: Source, question: Question) -> Answer:
    """The answer that holds however the input turns out; unknown where it depends on that."""
    answers: list[tuple[str, Answer]] = []
    missing: NotHereError | None = None
    for label, access in source.ways:
        try:
            answers.append((label, answer(access, question)))
        except NotHereError as error:
            missing = error
    if missing is not None and not answers:
        raise missing
    first = answers[0][1]
    for label, other in answers[1:]:
        if other.truth is not first.truth:
            because = f"{_WORDS[first.truth]}, {first.because}; but {label}: {_WORDS[other.truth]}, {other.because}"
            return replace(first, truth=Truth.UNKNOWN, because=because)
    return first


# -- text -----------------------------------------------------------------------------------------------------------


def text(replies: Replies) -> str:
    """The answers for people."""
    lines: list[str] = []
    for reply in replies.each:
        told = _Told(reply.source.ways[0][1].estate)
        of = f"  ({reply.source.path})" if len(replies.each) > 1 else ""
        lines.append(f"{_WORDS[reply.answer.truth]}: {replies.question}{of}")
        lines += (f"  {told(line)}" if line else "" for line in _lines(reply.answer))
    return "".join(f"{clean(line)}\n" for line in lines)


def one_line(reply: Reply) -> str:
    """One answer in a line."""
    found = reply.answer
    keys = f"; it depends on {', '.join(found.keys)}" if found.keys else ""
    shown = f"; for example {found.example[0]} on {found.example[1]}" if found.example else ""
    return _Told(reply.source.ways[0][1].estate)(f"{_WORDS[found.truth]}, {found.because}{shown}{keys}")


def _lines(found: Answer) -> Iterator[str]:
    yield from _reason(found)
    if found.example is not None:
        yield f"for example {found.example[0]} on {found.example[1]}"
    yield from _grounds(found.said)
    yield from _depends(found.keys)
    for item in found.found:
        yield ""
        yield f"{'perhaps' if item.truth is Truth.UNKNOWN else 'yes'}: {item.name}"
        lines = (*_reason(item), *_grounds(item.said), *_evidence(item), *_depends(item.keys))
        yield from (f"  {line}" for line in lines)
    if found.assumptions:
        yield ""
        yield "taken for granted:"
        yield from (f"  - {item}" for item in found.assumptions)


def _reason(found: Answer | Found) -> Iterator[str]:
    """The reason, unless the statement that it speaks of follows."""
    told = (f"{item.statement.label} of the {item.layer}" for item in found.said)
    if found.truth is Truth.UNKNOWN or not any(found.because.startswith(text) for text in told):
        yield found.because


def _grounds(said: Iterable[Said]) -> Iterator[str]:
    for item in said:
        yield f"{item.statement.label} of the {item.layer}{_place(item)}"
        yield from (f"  {line}" for line in describe(item.statement))


def _place(item: Said) -> str:
    if item.origin is None:
        return ""
    span = item.statement.span or item.origin.span
    return f", {item.origin.address}{f' ({span.file}:{span.line})' if span is not None else ''}"


def _evidence(item: Found) -> Iterator[str]:
    if item.origin is not None:
        span = item.origin.span
        yield f"{item.origin.address}{f' ({span.file}:{span.line})' if span is not None else ''}"
    yield from (f"  {line}" for line in item.evidence)


def _depends(keys: Sequence[str]) -> Iterator[str]:
    if keys:
        yield f"it depends on {', '.join(keys)}: say what the request has with --context KEY=VALUE or --without KEY"


class _Told:
    """Texts as they may be shown: without what the input marks as sensitive, and in the words of a template."""

    def __init__(self, estate: Estate) -> None:
        self._secrets = sorted(estate.secrets, key=len, reverse=True)
        self._is_template = estate.is_template

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "(sensitive)")
        return as_in_template(text) if self._is_template else text


# -- JSON -----------------------------------------------------------------------------------------------------------


def json(replies: Replies) -> str:
    """The answers for programs. Fields are added within a version, never renamed."""
    question = replies.question
    record = {
        "schema": SCHEMA,
        "question": {
            "ask": question.ask,
            "principal": question.principal or None,
            "action": question.action or None,
            "resource": question.resource or None,
            "context": dict(question.given.held),
            "without": sorted(question.given.absent),
        },
        "answer": _WORDS[replies.truth],
        "inputs": [_shown(_record(item), _Told(item.source.ways[0][1].estate)) for item in replies.each],
    }
    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n"


def _record(reply: Reply) -> dict[str, Any]:
    found = reply.answer
    return {
        "path": reply.source.path,
        "answer": _WORDS[found.truth],
        "because": found.because,
        "example": None if found.example is None else {"action": found.example[0], "resource": found.example[1]},
        "statements": [_statement(item) for item in found.said],
        "depends_on": list(found.keys),
        "assumptions": list(found.assumptions),
        "found": [
            {
                "name": item.name,
                "certain": item.truth is Truth.YES,
                "because": item.because,
                "statements": [_statement(said) for said in item.said],
                "evidence": list(item.evidence),
                "depends_on": list(item.keys),
            }
            for item in found.found
        ],
    }


def _statement(item: Said) -> dict[str, Any]:
    span = item.statement.span or (item.origin.span if item.origin else None)
    return {
        "layer": item.layer,
        "statement": item.statement.label,
        "text": "\n".join(describe(item.statement)),
        "address": item.origin.address if item.origin else None,
        "file": span.file if span else None,
        "line": span.line if span else None,
    }


def _shown(value: Any, told: _Told) -> Any:  # noqa: ANN401  a tree of JSON
    match value:
        case str():
            return told(value)
        case list():
            return [_shown(item, told) for item in value]
        case dict():
            return {key: _shown(item, told) for key, item in value.items()}
        case _:
            return value
