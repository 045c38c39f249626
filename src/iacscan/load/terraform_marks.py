"""Rewrites a tree of modules, so that the evaluator loses nothing without saying so.

The evaluator (`terraform_evaluate`) gives null for what it cannot resolve, and a null makes everything around it null, up
to a whole policy statement; it leaves out blocks whose for_each it cannot decide; a variable of a module that is set to
something unknown is null to it, and compares as such; of what a variable without a value would add to a map, it says nothing. So, before the evaluation:

* a reference whose text is only carried along becomes a numbered mark: `"${aws_s3_bucket.a.arn}/*"` is `"⟦3⟧/*"`;
* a call that cuts the beginning off of such a text is left for later: `"⟦|⟦3⟧ without https://⟧"` (see `cuts`);
* any other call that nobody can evaluate becomes the mark of nothing, `"⟦0⟧"`;
* an argument that may be null on purpose says so: `"⟦null⟧"`;
* probes tell whether a for_each, a dynamic block, an argument of a module could be decided.

What is computed with is left alone, and so is every reference inside an argument that is itself computed with elsewhere.
"""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, json

from ..value import Reference
from .cuts import to_cut
from .terraform_edits import Edits
from .terraform_flow import Flow, Key, Target, is_placed, may_be_null
from .terraform_found import Cut, Declared, Expression, Use
from .terraform_reading import (
    ABSENT,
    NOWHERE,
    NULL,
    PROBE,
    UNKNOWN_KEY,
    Argument,
    Mark,
    Probes,
    Reading,
    Rewritten,
)
from .terraform_shadows import hidden_outputs, is_compared_in_vain, made_up, past_arguments
from .terraform_tree import Module, Tree, hand_down

_UNSET: Final = "var.iacscan_unset"  # a variable without a value: the evaluator knows that it does not know it
_AT: Final = "iacscan_at"  # the keys of a module instance, from the outermost call to its own
_NULL_OR: Final = ("[for v in [", f'] : [v, "{NULL}"][v == null ? 1 : 0]][0]')
_CUT: Final = "iacscan_cut"  # the argument of a call that cuts, while it is looked at
_OPEN: Final = "⟦|[0-9a-f]{8}-[0-9a-f]{4}-"  # marks, and the ids that the evaluator gives to blocks
_AROUND: Final = len('"${}"')
_PLAIN_TYPE: Final = re.compile(r"type\s*=\s*(\w+)")


def rewrite(
    tree: Tree,
    forced: frozenset[Key] = frozenset(),
    sources: dict[str, str] | None = None,
    only: Mapping[str, frozenset[str]] | None = None,
) -> Reading:
    """Rewrite a tree. `forced` names each for_each that gets one instance, with `UNKNOWN_KEY`.

    `sources` are the directories of modules by their path, as their callers should name them. If there is `only`, calls
    lead nowhere but for the instances that it names (see `terraform_batches`).
    """
    hand_down(tree)
    flow = Flow(tree)
    reading = Reading(tree, flow, {}, {}, Probes({}, {}, {}), forced, sources or {}, only)
    computed, measured = flow.closure(measured=False), flow.closure(measured=True)
    rewriters = {module.path: _Rewriter(reading, module, computed, measured) for module in tree.modules}
    flow.is_marked = lambda module, use: rewriters[module.path].is_marked(use)
    for path, rewriter in rewriters.items():
        reading.modules[path] = rewriter.run()
    return reading


class _Kind(Struct):
    """What mark a reference gets: in a list or not, one for each instance or for all; `origins` as in `Mark`."""

    to: Target
    origins: tuple[Use, ...]
    listed: bool
    several: bool


class _Rewriter:
    """One module on its way."""

    def __init__(
        self, reading: Reading, module: Module, computed: dict[Key, set[str]], measured: dict[Key, set[str]]
    ) -> None:
        self._reading = reading
        self._flow = reading.flow
        self._module = module
        self._computed = computed
        self._measured = measured
        self._forced = reading.forced
        self._edits = Edits(module.texts, module.found.replacements)
        self._replaced: set[int] = set()  # uses that the evaluator does not see any more
        self._placed = is_placed(module)
        self._probes: list[str] = []

    def run(self) -> Rewritten:
        uses = self._module.found.uses
        for number, use in enumerate(uses):
            self._use(number, use)
        left = {
            (use.node, use.attribute)
            for number, use in enumerate(uses)
            if use.text and number not in self._replaced
        }  # fmt: skip
        for expression in self._module.found.expressions:
            self._expression(expression)
        self._calls()
        for name in self._module.unset:
            self._forget(f"variable.{name}", "default")
        for declared, argument in made_up(self._module):
            self._edits.insert_into(declared, argument)
        helpers = ['variable "iacscan_unset" {}', f'variable "{_AT}" {{}}']
        if self._probes:
            helpers += ["locals {", *self._probes, "}"]
        for _, name, declared in hidden_outputs(self._module):
            helpers += [f'output "{name}" {{', f"value = {self._native(declared.arguments['value'])}", "}"]
        return Rewritten(self._module, self._edits, "\n".join((*helpers, "")), frozenset(left))

    # -- references -------------------------------------------------------------------------------------------------

    def _use(self, number: int, use: Use) -> None:
        if use.inside >= 0:
            self._enclose(use, number)
            return
        kind = self._kind(use)
        if kind is not None:
            new: str | None = self._marked(use, kind)
            self._replaced.add(number)
        elif use.tried and not use.bare and self._flow.is_lost(self._module, use, marked=True):
            new = self._guarded(use, _UNSET)  # else `try` would take its next argument
        else:
            new = self._absent(use) or self._past_arguments(use)
        if new is not None:
            self._edits.replace(use.file, use.start, use.end, new)

    def is_marked(self, use: Use) -> bool:
        """Whether a mark stands in the place of a reference."""
        return use.inside < 0 and self._kind(use) is not None

    def _is_carried(self, use: Use) -> bool:
        return use.carried and not self._is_among(self._computed, use)

    def _enclose(self, use: Use, number: int) -> None:
        """Replace a call or a loop whose result nobody knows: one hole instead of a null all around it."""
        inner = self._module.found.uses[slice(*use.loop) if use.loop[1] else slice(use.inside, number)]
        if use.loop[1]:
            inner = [item for item in inner if item.text.startswith(("var.", "local.", "module."))]
        listed = bool(use.loop[1])  # what goes over a list carries marks along; a function would compute with them
        if use.cut is not None and self._is_left(use):
            listed = True
            inner = [item for item in inner if not self.is_marked(item)]
        lost = next((item for item in inner if self._flow.is_lost(self._module, item, marked=listed)), None)
        if use.cut is not None and listed and lost is None:
            self._leave(use.file, use.cut)
            return
        carried = self._is_carried(use) and not use.repetition
        if lost is None or not (carried or use.structure):
            return
        if use.structure:  # `merge` would leave out what `try` does not know, so it must be an error
            new = f"{ABSENT}.{self._flow.target(lost.text).node.rpartition('.')[2]}.value"
            self._replaced.difference_update(range(use.inside, number))
        else:
            self._replaced.update(range(use.inside, number))
            new = f'["{UNKNOWN_KEY}"]' if use.loop[1] else f'"{UNKNOWN_KEY}"'
        self._edits.replace(use.file, use.start, use.end, new)

    def _is_left(self, use: Use) -> bool:
        """Whether a call that cuts something off of a mark is left until that is known."""
        return use.cut is not None and self._is_carried(use) and (use.within is None or self._is_left(use.within))

    def _leave(self, file: str, cut: Cut) -> None:
        """Let the evaluator make a cut of what it knows, and keep it for what it does not know."""
        text = self._module.texts[file]
        known = text[cut.start : cut.first] + _CUT + text[cut.last : cut.end]
        later = to_cut(f"${{{_CUT}}}", cut.cut)
        self._edits.replace(file, cut.start, cut.first, f"[for {_CUT} in [")
        choice = f'] : length(regexall("{_OPEN}", {_CUT})) == 0 ? {known} : "{later}"][0]'
        self._edits.replace(file, cut.last, cut.end, choice)

    def _absent(self, use: Use) -> str | None:
        """Make a variable without a value an error to the evaluator: `merge`, for one, leaves out what it does not know."""
        to = self._flow.target(use.text)
        kind, _, name = to.node.partition(".")
        if use.via or use.over[1] or kind != "var" or name not in self._module.unset:
            return None
        text = f"{ABSENT}.{name}.value{use.text.removeprefix(to.node)}"
        return f"${{{text}}}" if use.bare else text

    def _past_arguments(self, use: Use) -> str | None:
        """Read an output of a module by a name that no argument of the call has, and nothing that is made up."""
        if not use.text or use.via or use.over[1]:
            return None
        to = self._flow.target(use.text)
        text = past_arguments(self._module, to, use.text)
        if is_compared_in_vain(self._module, to, use) and self._flow.is_lost(self._module, use):
            text = f"{ABSENT}.{to.node.rpartition('.')[2]}.{to.argument}"
        return f"${{{text}}}" if text and use.bare else text

    def _is_among(self, places: dict[Key, set[str]], use: Use) -> bool:
        path = self._module.path
        fields = (places.get((path, use.node, use.attribute), ()), places.get((path, use.node, ""), ()))
        return any(self._flow.is_affected(self._module, use, field) for found in fields for field in found)

    def _kind(self, use: Use) -> "_Kind | None":
        """What mark a reference gets; None if the evaluator does better, or would take the mark for what it is not."""
        if use.via or use.over[1] or (use.tried and not use.direct) or not self._is_carried(use):
            return None
        if use.within is not None and not self._is_left(use.within):
            return None
        to = self._flow.target(use.text)
        kind, _, name = to.node.partition(".")
        listed = use.listed or self._is_list(use)
        if listed is None or use.structure:
            return None
        measured = use.measured or self._is_among(self._measured, use)
        absent = (kind == "var" and name in self._module.unset) or (kind == "module" and name in self._module.missing)
        if absent:  # no mark where its length or presence is asked for
            fits = use.enclosed or not measured
        else:
            is_attribute = self._flow.block(self._module, use) is not None and not to.attribute.startswith("[")
            fits = is_attribute and not (measured and (listed or (use.repetition and use.whole)))
        declared = self._module.found.declared.get(to.node)
        splat = to.key == "*" and declared is not None and not absent
        arguments = declared.arguments if splat and declared else {}
        if not fits or "for_each" in arguments or to.argument in arguments or (splat and use.bare):
            return None  # what is an argument the evaluator knows
        return _Kind(to, (use,) if absent else (), listed=listed or splat, several=splat and "count" in arguments)

    def _marked(self, use: Use, kind: "_Kind") -> str:
        """The text of a mark."""
        to, origins, several = kind.to, kind.origins, kind.several
        number = len(self._reading.marks) + 1
        at = f"${{var.{_AT}}}" if self._placed else ""
        key = f":${{{to.key}}}" if to.has_own_key and not origins else ":${i}" if several else ""
        self._reading.marks[number] = Mark(
            self._module.path,
            Reference(to.address, to.attribute),
            keyed=bool(key),
            number=several or to.key == "count.index",
            placed=self._placed,
            uses=origins,
        )
        text = f"⟦{number}{key}{at}⟧"
        if use.bare:
            return text
        if several:
            return f'try([for i, v in {to.node}[*] : "{text}"], [])'
        text = self._guarded(use, f'"{text}"') if use.tried else f'"{text}"'
        return f"[{text}]" if kind.listed else text

    def _guarded(self, use: Use, text: str) -> str:
        """A text that is there only if the block is, where somebody asks by `try` or `can`."""
        to = self._flow.target(use.text)
        block = self._flow.block(self._module, use)
        if (
            not to.key
            or to.key == "*"
            or block is None
            or (self._module.path, to.node, "for_each") in self._forced
        ):  # fmt: skip
            return text
        count = block.arguments.get("count")
        if count is not None and to.key.isdigit() and self._is_plain(count):
            # A for_each is expanded before a count is: then the block would not have that instance yet.
            return f"[{text}][{to.key} < ({self._module.texts[count.file][count.start : count.end]}) ? 0 : 1]"
        return f"[{to.node}[{to.key}], {text}][1]"

    def _is_plain(self, item: Expression) -> bool:
        """Whether an expression can be repeated elsewhere, and nothing that it refers to is lost."""
        uses = self._module.found.uses[item.first : item.last]
        text = self._module.texts[item.file][item.start : item.end]
        return not (self._is_json(item) or "\n" in text or any(self._flow.is_lost(self._module, use) for use in uses))

    def _is_list(self, use: Use) -> bool | None:
        """Whether a mark that is all that a variable of a module is set to must be a list; None if no mark would do."""
        if not use.whole or not use.node.startswith("module."):
            return False
        child = self._module.calls.get(use.node.removeprefix("module."))
        body = child.found.variables.get(use.attribute, "") if child else ""
        declared = _PLAIN_TYPE.search(body)
        if declared is None or declared[1] in ("string", "any"):
            return False
        return True if declared[1] in ("list", "set") else None

    # -- arguments --------------------------------------------------------------------------------------------------

    def _expression(self, item: Expression) -> None:
        path = self._module.path
        kind = item.node.partition(".")[0]
        refers = self._refers(item)
        if item.attribute == "for_each" and not item.nested:
            if (path, item.node, "for_each") in self._forced:
                new = f'{{"{UNKNOWN_KEY}":"{UNKNOWN_KEY}"}}' if self._is_json(item) else f'toset(["{UNKNOWN_KEY}"])'
                self._edits.overwrite(item, new)
            elif refers:
                number = len(self._reading.probes.repeated) + 1
                self._reading.probes.repeated[number] = (path, item.node, "for_each")
                self._probes.append(f"{PROBE}r{number} = length({self._native(item)}) + 0")
        elif item.dynamic:
            if refers:
                number = len(self._reading.probes.dynamic) + 1
                self._reading.probes.dynamic[number] = (self._module, item)
                probe = f"{PROBE}d{number} = [for v in {self._native(item)} : v]"
                self._edits.insert(item.file, item.around, probe)
        elif kind not in ("local", "output", "module", "provider", "variable") and item.name not in (
            "count",
            "for_each",
        ):
            text = self._module.texts[item.file][item.start : item.end]
            computed = (path, item.node, item.attribute) in self._computed or (path, item.node, "") in self._computed
            asks = item.nullable and not computed and (refers or "null" in text) and "<<" not in text
            if asks and may_be_null(self._module, item):
                self._edits.wrap(item, *_NULL_OR)

    def _refers(self, item: Expression) -> bool:
        uses = self._module.found.uses
        return any(uses[number].text and number not in self._replaced for number in range(item.first, item.last))

    def _native(self, item: Expression) -> str:
        """The expression as it is written in HCL, marks included."""
        text = self._edits.slice(item)
        if not self._is_json(item):
            return text
        inner = text.strip().removeprefix('"${').removesuffix('}"')
        if len(inner) + _AROUND != len(text.strip()) or "${" in inner:
            return text  # a text of JSON is one of HCL, too
        return inner.replace('\\"', '"')

    def _is_json(self, item: Expression) -> bool:
        return item.file.endswith(".json")

    # -- calls ------------------------------------------------------------------------------------------------------

    def _calls(self) -> None:
        for name, child in self._module.calls.items():
            declared = self._module.found.declared[f"module.{name}"]
            if child.path in self._reading.sources:
                self._edits.overwrite(declared.arguments["source"], self._source(child, declared))
            for argument, expression in declared.arguments.items():
                if argument not in child.found.variables:
                    continue
                if argument in child.unset:
                    self._forget(f"module.{name}", argument)
                elif self._refers(expression):
                    number = len(self._reading.probes.arguments) + 1
                    lost = any(
                        self._flow.is_lost(self._module, self._module.found.uses[use]) and use not in self._replaced
                        for use in range(expression.first, expression.last)
                    )
                    self._reading.probes.arguments[number] = Argument(child, argument, lost=lost)
                    if not self._is_json(expression):
                        probe = f"{PROBE}a{number} = [for v in [{self._native(expression)}] : v == null][0]"
                        self._edits.insert_into(declared, probe)
            if is_placed(child):
                own = _OWN_KEYS[child.repetition]
                outer = f"${{var.{_AT}}}" if self._placed else ""
                self._edits.insert_into(declared, f'{_AT} = "{outer}{own}"')

    def _source(self, child: Module, declared: Declared) -> str:
        """Where a call finds its module: in one place, or for some of its instances only."""
        own = f'"{self._reading.sources[child.path]}"'
        if self._reading.only is None:
            return own
        keys = self._reading.only[child.path]
        if not child.repetition or not keys:
            return own if keys else f'"./{NOWHERE}"'
        index = "each.key" if child.repetition == "for_each" else "count.index"
        listed = ", ".join(key.replace("${", "$${").replace("%{", "%%{") for key in sorted(keys))
        choice = f'contains([{listed}], {index}) ? {own} : "./{NOWHERE}"'
        return json.encode(f"${{{choice}}}").decode() if declared.span.file.endswith(".json") else choice

    def _forget(self, node: str, argument: str) -> None:
        """Rename an argument, so that it is not set."""
        declared = self._module.found.declared.get(node)
        expression = declared.arguments.get(argument) if declared else None
        if expression is not None:
            self._edits.rename(expression, f"{PROBE}not_{argument}")


_OWN_KEYS: Final = {"for_each": "¦${each.key}", "count": "¦${count.index}", "": ""}
