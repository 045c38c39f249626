"""Rewrites a tree of modules, so that the evaluator loses nothing without saying so.

The evaluator (`terraform_evaluate`) gives null for what it cannot resolve, and a null makes everything around it null, up
to a whole policy statement; it leaves out blocks whose for_each it cannot decide; a variable of a module that is set to
something unknown is null to it, and compares as such; of what a variable without a value would add to a map, it says nothing. So, before the evaluation:

* a reference whose text is only carried along becomes a numbered mark: `"${aws_s3_bucket.a.arn}/*"` is `"⟦3⟧/*"`;
* a call that cuts the beginning off of such a text is left for later: `"⟦|⟦3⟧ without https://⟧"` (see `cuts`);
* any other call that nobody can evaluate becomes the mark of nothing, `"⟦0⟧"`;
* an argument that may be null on purpose says so: `"⟦null⟧"`;
* probes tell whether a for_each, a dynamic block, an argument of a module could be decided (`terraform_probes`).

What is computed with is left alone, and so is every reference inside an argument that is itself computed with elsewhere.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from ..value import Reference
from .cuts import to_cut
from .terraform_edits import Edits
from .terraform_flow import OF_REGIONS, Flow, Key, Target, is_placed
from .terraform_found import Cut, Expression, Use
from .terraform_probes import Arguments
from .terraform_reading import (
    ABSENT,
    AT,
    UNKNOWN_KEY,
    UNSET,
    Forced,
    Mark,
    Probes,
    Reading,
    Rewritten,
)
from .terraform_shadows import MadeUp, past_arguments, provided_regions
from .terraform_tree import Module, Tree, hand_down

_CUT: Final = "iacscan_cut"  # the argument of a call that cuts, while it is looked at
_OPEN: Final = "⟦|[0-9a-f]{8}-[0-9a-f]{4}-"  # marks, and the ids that the evaluator gives to blocks
NOTHING: Final[Forced] = MappingProxyType({})
_PLAIN_TYPE: Final = re.compile(r"type\s*=\s*(\w+)")


def rewrite(
    tree: Tree,
    forced: Forced = NOTHING,
    lossy: frozenset[tuple[str, str]] = frozenset(),
    sources: dict[str, str] | None = None,
    up: int = 0,
    only: Mapping[str, frozenset[str]] | None = None,
) -> Reading:
    """Rewrite a tree, with the instances that are `forced`; `lossy` is as in `Reading`.

    `up` is as in `Reading`, too. `sources` are the directories of modules by their path, as their callers should name them. If there is `only`, calls
    lead nowhere but for the instances that it names (see `terraform_batches`).
    """
    hand_down(tree)
    flow = Flow(tree)
    flow.regions = provided_regions(tree)
    reading = Reading(tree, flow, {}, {}, Probes({}, {}, {}), forced, lossy, sources or {}, up, only)
    computed, measured = flow.closure(measured=False), flow.closure(measured=True)
    invented = MadeUp(flow)
    rewriters = {module.path: _Rewriter(reading, module, computed, measured, invented) for module in tree.modules}
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
        self,
        reading: Reading,
        module: Module,
        computed: dict[Key, set[str]],
        measured: dict[Key, set[str]],
        made_up: MadeUp,
    ) -> None:
        self._reading = reading
        self._flow = reading.flow
        self._module = module
        self._computed = computed
        self._measured = measured
        self._made_up = made_up
        self._forced = reading.forced
        self._edits = Edits(module.texts, module.found.replacements)
        self._replaced: set[int] = set()  # uses that the evaluator does not see any more
        self._placed = is_placed(module)

    def run(self) -> Rewritten:
        uses = self._module.found.uses
        for number, use in enumerate(uses):
            self._use(number, use)
        self._each()
        left = {
            (use.node, use.attribute)
            for number, use in enumerate(uses)
            if use.text and number not in self._replaced
        }  # fmt: skip
        arguments = Arguments(self._reading, self._module, self._edits, self._replaced, self._computed)
        helpers = arguments.run()
        return Rewritten(
            self._module, self._edits, helpers, frozenset(left), frozenset(arguments.never_null), arguments.deep
        )

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
            new = self._guarded(use, UNSET)  # else `try` would take its next argument
        else:
            new = self._absent(use) or self._past_arguments(use)
        if new is not None:
            self._edits.replace(use.file, use.start, use.end, new)

    def _each(self) -> None:
        """Let `each.value` be looked up in what a for_each goes over, where only its keys stand in the place of that."""
        for item in self._module.found.expressions:
            if not self._forced.get((self._module.path, item.node, item.attribute)) or item.nested:
                continue
            value = f"try(({self._edits.preview(item)})[each.key], each.key)"
            for use in self._flow.uses((self._module.path, item.node, "")):
                if use.text.startswith("each.value"):
                    self._edits.replace(use.file, use.start, use.end, value + use.text.removeprefix("each.value"))

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
        misled = use.guards and self._is_misled(inner)
        may_be_left = use.guards and not use.changed
        if lost is None or not (misled or use.structure or (carried and not may_be_left)):
            return
        if use.structure or not carried:  # `merge` would leave out what `try` does not know, so it must be an error
            new = f"{ABSENT}.{self._flow.target(lost.text).node.rpartition('.')[2]}.value"
            self._replaced.difference_update(range(use.inside, number))
        else:
            self._replaced.update(range(use.inside, number))
            new = f'["{UNKNOWN_KEY}"]' if use.loop[1] or use.listed or use.joined else f'"{UNKNOWN_KEY}"'
        self._edits.replace(use.file, use.start, use.end, new)

    def _is_misled(self, inner: Iterable[Use]) -> bool:
        """Whether `try` or `can` would take what is not known for an error: in a module that is called, the evaluator fails with it."""
        return self._module.parent is not None and any(
            item.tried and not item.direct and self._flow.is_lost(self._module, item, marked=True) for item in inner
        )

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
        if not use.text:
            return None
        to = self._flow.target(use.text)
        if self._made_up.decides(self._module, use):
            text: str | None = f"{ABSENT}.{to.node.rpartition('.')[2]}.{to.argument or 'value'}"
        else:
            text = None if use.via or use.over[1] else past_arguments(self._module, to, use.text)
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
        if to.argument in OF_REGIONS and (self._module.path, to.node) in self._flow.regions:
            return None
        if not fits or "for_each" in arguments or to.argument in arguments or (splat and use.bare):
            return None  # what is an argument the evaluator knows
        return _Kind(to, (use,) if absent else (), listed=listed or splat, several=splat and "count" in arguments)

    def _marked(self, use: Use, kind: "_Kind") -> str:
        """The text of a mark."""
        to, origins, several = kind.to, kind.origins, kind.several
        number = len(self._reading.marks) + 1
        at = f"${{var.{AT}}}" if self._placed else ""
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
        return f"[{text}]" if kind.listed or use.joined else text

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
        return not (
            item.file.endswith(".json") or "\n" in text or any(self._flow.is_lost(self._module, use) for use in uses)
        )

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
