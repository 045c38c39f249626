"""One stack as source and as template: both worlds, and what rules say about each in the words of the template."""

import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from as_template import ROWS, NotSayable, Template
from as_template_records import Fields, Rename, of_template, of_terraform, records, renamed
from as_template_rows import MADE_UP, path_of
from msgspec.structs import replace

from iacscan import testing
from iacscan.finding import Violation
from iacscan.load.block import Loaded
from iacscan.load.cloudformation import load_template
from iacscan.normalise import normalise
from iacscan.rules._rule import Example, Rule, World


class Twins(NamedTuple):
    """A stack twice. `way` tells which of several ways to write it the template takes."""

    way: str
    source: World
    template: World
    of_source: Rename
    of_template: Rename
    names: dict[str, str]

    def said(self, rule: Rule) -> tuple[set[str], set[str]]:
        """Every verdict of a rule as a line, on the source and on the template."""
        return (
            {self._line(verdict, self.of_source) for verdict in rule.check(self.source)},
            {self._line(verdict, self.of_template) for verdict in rule.check(self.template)},
        )

    def records(self) -> tuple[dict[tuple[str, str], Fields], dict[tuple[str, str], Fields]]:
        """The records of both."""
        return records(self.source.estate, self.of_source), records(self.template.estate, self.of_template)

    def _line(self, verdict, rename: Rename) -> str:
        key = renamed(verdict.key, rename).replace(MADE_UP, "")
        for address in sorted(self.names, key=len, reverse=True):
            key = key.replace(address, self.names[address])
        name = re.split(r"[.\[]", key)[0]
        for way in ROWS.get(verdict.subject.type, ()):
            if name in way.keys:  # a place: `environment[0].variables` is `Environment.Variables`
                key = f"{path_of(way.keys[name])}{key[len(name) :]}".replace("[0]", "")
        key = key.lower()
        kind = "bad" if isinstance(verdict, Violation) else "undecided"
        weight = f"severity {verdict.severity}, confidence {getattr(verdict, 'confidence', None)}"
        return f"{kind}: {rename(verdict.subject.address)} ({weight}) {key}".strip()


def twins(now: Loaded, before: Loaded | None = None) -> Iterator[Twins]:
    """The template beside the source, in every way that it can be written. Raises NotSayable."""
    for other in (False, True):
        template = Template(now.after.blocks, now.outputs, other=other)
        older = Template(before.after.blocks, before.outputs, other=other) if before else None
        if other and not (template.has_choice or (older and older.has_choice)):
            return
        names = {**(older.names if older else {}), **template.names}
        ids = {**(older.ids if older else {}), **template.ids}
        yield Twins(
            "the other way" if other else "one way",
            _source(now, before),
            _template(template, older),
            of_terraform(names),
            of_template(ids),
            names,
        )


@cache
def twins_of(example: Example) -> tuple[Twins, ...] | NotSayable:
    """The twins of an example; why there are none if no template says it."""
    try:
        before = testing._load(example.before) if example.before else None
        return tuple(twins(testing._load(example.terraform), before))
    except NotSayable as no:
        return no


def _source(now: Loaded, before: Loaded | None) -> World:
    was, will_be = normalise(replace(now, before=before.after) if before else now)
    return testing._world(will_be, testing._world(was) if before else None)


def _template(template: Template, older: Template | None) -> World:
    with tempfile.TemporaryDirectory(prefix="iacscan-template-") as directory:
        past = Path(directory) / "older.json"
        if older:
            past.write_text(older.text, encoding="utf-8")
        loaded = load_template(
            str(Path(directory) / "main.json"), template.text.encode(), older=str(past) if older else ""
        )
    was, will_be = normalise(loaded)
    return testing._world(will_be, testing._world(was) if older else None)
