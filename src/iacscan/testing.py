"""Holds a rule to its examples: they are its tests. For our rules, and for those that you write yourself.

    from iacscan.testing import check_examples

    def test_my_rule():
        assert check_examples(my_rule) == ()

An example is Terraform source in which every block that must be reported carries a mark, `# bad` or `# undecided`, on one of
its lines. Everything else must be left alone.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from .access import Access
from .finding import Undecided, Violation
from .graph import Graph
from .load.block import Loaded
from .load.terraform_source import load_source
from .load.terraform_text import scan
from .model.estate import Estate
from .normalise import normalise
from .rules._rule import Example, Rule, Verdict, World

MAX_EVIDENCE: Final = 1_000  # characters in one line of evidence

_FILE: Final = "main.tf"
_MARK: Final = re.compile(r"#\s*(bad|undecided)\b")
_KEY: Final = re.compile(r'\[(?:\d+|"[^"]*")\]')
_CODE: Final = re.compile(r"[A-Z].*[A-Z]|.*[^A-Za-z]")  # NotAction, MFA, s3:GetObject: names, not sentence case


class Report(Struct, frozen=True, order=True):
    """One answer about one block of an example. `verdict` is `bad` or `undecided`, `address` is without instance keys."""

    address: str
    verdict: str


class Outcome(Struct, frozen=True):
    """What a rule should have said about an example, and what it did say."""

    expected: frozenset[Report]
    verdicts: tuple[Verdict, ...]
    outside: tuple[str, ...] = ()  # lines with a mark that stand in no block

    @property
    def reported(self) -> frozenset[Report]:
        """What the rule said, by block."""
        return frozenset(_report(verdict) for verdict in self.verdicts)


def check_examples(rule: Rule) -> tuple[str, ...]:
    """Everything that is wrong with a rule's examples, text and answers; empty if nothing is.

    Raises InputError if an example is not valid Terraform.
    """
    return tuple(f"{rule.code} {rule.name}: {problem}" for problem in (*_lazy(rule), *_wrong(rule)))


def run_example(rule: Rule, example: Example) -> Outcome:
    """Run a rule over one example.

    Raises as `check_examples` does.
    """
    expected, outside = _marked(example.terraform)
    gone, beside = _marked(example.before)
    world = world_of(example.terraform, example.before)
    return Outcome(expected | gone, tuple(rule.check(world)), (*outside, *beside))


def world_of(terraform: str, before: str = "") -> World:
    """The world that a piece of Terraform source describes: as if all of it were new, or after what is given as before."""
    now = _load(terraform)
    if not before:
        return _world(normalise(now)[1])
    was, will_be = normalise(replace(now, before=_load(before).after))
    return _world(will_be, _world(was))


def _load(terraform: str) -> Loaded:
    with tempfile.TemporaryDirectory(prefix="iacscan-example-") as directory:
        (Path(directory) / _FILE).write_text(terraform, encoding="utf-8")
        return load_source(Path(directory))


def _world(estate: Estate, before: World | None = None) -> World:
    graph = Graph(estate)
    return World(estate, graph, Access(graph), before=before)


def _marked(terraform: str) -> tuple[frozenset[Report], tuple[str, ...]]:
    """The blocks that carry a mark, and marked lines that stand in no block."""
    blocks = scan({_FILE: terraform}).declared.values()
    expected: set[Report] = set()
    outside: list[str] = []
    for number, line in enumerate(terraform.splitlines(), start=1):
        for mark in _MARK.findall(line):
            around = [block for block in blocks if block.span.line <= number <= block.span.end_line]
            if around:
                innermost = min(around, key=lambda block: block.span.end_line - block.span.line)
                expected.add(Report(innermost.address, mark))
            else:
                outside.append(line.strip())
    return frozenset(expected), tuple(outside)


def _report(verdict: Verdict) -> Report:
    address = _KEY.sub("", verdict.subject.address)
    mode, _, rest = address.partition(".")
    if mode == "provider":
        address = f"{mode}.{rest.partition('.')[0]}"  # the block's label; its alias is an argument
    elif mode == "var":
        address = f"variable.{rest}"
    return Report(address, "bad" if isinstance(verdict, Violation) else "undecided")


def _lazy(rule: Rule) -> Iterator[str]:
    """What is missing or careless before the rule has run at all."""
    kinds = Counter(example.verdict for example in rule.examples)
    for kind in ("bad", "good"):
        if not kinds[kind]:
            yield f"has no {kind} example"
    if not kinds["undecided"] and not rule.uncertain:
        yield 'has no undecided example, and no section "## When it cannot tell" that says why there is none'
    seen: set[str] = set()
    for number, example in enumerate(rule.examples, start=1):
        text = " ".join(f"{example.before} > {example.terraform}".split())
        if text in seen:
            yield f"example {number} repeats another"
        seen.add(text)
    if not rule.references:
        yield "has no reference"
    for reference in rule.references:
        if not reference.startswith("https://"):
            yield f"reference {reference} is not an https address"
    if "\n" in rule.summary:
        yield "its summary is longer than one line"


def _wrong(rule: Rule) -> Iterator[str]:
    """Where the rule's answers differ from the marks, or are badly worded."""
    for number, example in enumerate(rule.examples, start=1):
        outcome = run_example(rule, example)
        for line in outcome.outside:
            yield f"example {number}: the mark in `{line}` stands in no block"
        for missed in sorted(outcome.expected - outcome.reported):
            yield f"example {number}: {missed.address} is marked {missed.verdict}, but the rule does not say so"
        for extra in sorted(outcome.reported - outcome.expected):
            said = next(verdict.message for verdict in outcome.verdicts if _report(verdict) == extra)
            yield f"example {number}: the rule reports {extra.address} as {extra.verdict} ({said}), but it is not marked"
        for verdict in outcome.verdicts:
            yield from (f"example {number}: {problem}" for problem in style_problems(verdict))


def style_problems(verdict: Violation | Undecided) -> Iterator[str]:
    """What is wrong with the wording of one answer."""
    message = verdict.message
    first = message.split(" ", 1)[0]
    if not message or message != message.strip() or "\n" in message:
        yield f"message {message!r} must be one line of text"
    elif first[:1].isupper() and not _CODE.match(first):
        yield f'message "{message}" must start in lower case'
    elif message.endswith(".") and not message.endswith("..."):
        yield f'message "{message}" must not end with a full stop'
    if verdict.remedy is not None and not verdict.remedy.strip():
        yield "a remedy is empty; leave it out to use the rule's own"
    for line in verdict.evidence:
        if "\n" in line or len(line) > MAX_EVIDENCE:
            yield f"evidence must be lines of at most {MAX_EVIDENCE} characters: {line[:60]!r}"
    for related in verdict.related:
        if not related.note or "\n" in related.note:
            yield f"the remark on {related.origin.address} must be one line of text"
