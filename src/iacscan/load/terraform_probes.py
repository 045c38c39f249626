"""Puts probes beside the arguments of a module that is rewritten (`terraform_marks`), and marks where they may be null on purpose."""

from typing import Final

from msgspec import json

from .terraform_edits import Edits
from .terraform_flow import Key, is_placed, may_be_null
from .terraform_found import Declared, Expression
from .terraform_nested import deep_blocks, is_outermost
from .terraform_reach import UP
from .terraform_reading import ABSENT, AT, NOWHERE, NULL, PROBE, UNKNOWN_KEY, UNSET, Argument, Reading
from .terraform_shadows import hidden_outputs, region_names
from .terraform_tree import Module

_NULL_OR: Final = ("[for v in [", f'] : [v, "{NULL}"][v == null ? 1 : 0]][0]')
_AROUND: Final = len('"${}"')
_OWN_KEYS: Final = {"for_each": "¦${each.key}", "count": "¦${count.index}", "": ""}


def _plain(text: str) -> str:
    """A text in quotes without templates."""
    return text.replace("${", "$${").replace("%{", "%%{")


def _quoted(key: str) -> str:
    return _plain(json.encode(key).decode())


class Arguments:
    """The arguments of one module, after its references: `replaced` are those that the evaluator does not see any more.

    `never_null` and `deep` are as in `Rewritten`.
    """

    def __init__(
        self, reading: Reading, module: Module, edits: Edits, replaced: set[int], computed: dict[Key, set[str]]
    ) -> None:
        self._reading = reading
        self._flow = reading.flow
        self._module = module
        self._edits = edits
        self._replaced = replaced
        self._computed = computed
        self._forced = reading.forced
        self._placed = is_placed(module)
        self._probes: list[str] = []
        self.deep = deep_blocks(module)
        self.never_null: set[tuple[str, str]] = set()

    def run(self) -> str:
        """Edit them; the text of the file that is added to the module."""
        for expression in self._module.found.expressions:
            self._expression(expression)
        self._calls()
        for name in self._module.unset:
            self._forget(f"variable.{name}", "default")
        for declared, argument in region_names(self._module, self._flow.regions):
            self._edits.insert_into(declared, argument)
        helpers = ['variable "iacscan_unset" {}', f'variable "{AT}" {{}}']
        helpers += [f'variable "{UP}" {{', f"default = {self._reading.up}", "}"]
        if self._probes:
            helpers += ["locals {", *self._probes, "}"]
        for _, name, declared in hidden_outputs(self._module):
            helpers += [f'output "{name}" {{', f"value = {self._native(declared.arguments['value'])}", "}"]
        return "\n".join((*helpers, ""))

    def _expression(self, item: Expression) -> None:
        path = self._module.path
        kind = item.node.partition(".")[0]
        refers = self._refers(item)
        if item.attribute == "for_each" and not item.nested:
            forced = self._forced.get((path, item.node, "for_each"))
            if forced is not None:
                keys = [_quoted(key) for key in sorted(forced)] or [f'"{UNKNOWN_KEY}"']
                new = f"{{{keys[0]}:{keys[0]}}}" if self._is_json(item) else f"toset([{', '.join(keys)}])"
                self._edits.overwrite(item, new)
            if forced or (forced is None and refers):
                number = len(self._reading.probes.repeated) + 1
                self._reading.probes.repeated[number] = (path, item.node, "for_each")
                self._probes.append(f"{PROBE}r{number} = length({self._native(item)}) + 0")
                if not self._is_json(item):  # where `each.value` is not looked up
                    self._probes.append(f"{PROBE}k{number} = [for k, v in {self._native(item)} : k]")
        elif item.dynamic:
            if refers or item.node in self.deep:
                self._dynamic(item)
        elif kind not in ("local", "output", "module", "provider", "variable") and item.name not in (
            "count",
            "for_each",
        ):
            text = self._module.texts[item.file][item.start : item.end]
            computed = (path, item.node, item.attribute) in self._computed or (path, item.node, "") in self._computed
            asks = item.nullable and not computed and (refers or "null" in text) and "<<" not in text
            tells = asks and may_be_null(self._module, item)
            if tells:
                self._edits.wrap(item, *_NULL_OR)
            if (tells or not item.nullable) and not self._replaced.isdisjoint(range(item.first, item.last)):
                self.never_null.add((item.node, item.attribute))

    def _dynamic(self, item: Expression) -> None:
        """Ask for the elements of a dynamic block. An inner one that may have taken others along has none if that fails."""
        number = len(self._reading.probes.dynamic) + 1
        self._reading.probes.dynamic[number] = (self._module, item)
        text = self._native(item)
        self._edits.insert(item.file, item.around, f"{PROBE}d{number} = [for v in {text} : v]")
        if (self._module.path, item.node) in self._reading.lossy and not is_outermost(self._module, item):
            self._edits.overwrite(item, f"try({text.replace(UNSET, f'{ABSENT}.unset.value')}, [])")

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
                outer = f"${{var.{AT}}}" if self._placed else ""
                self._edits.insert_into(declared, f'{AT} = "{outer}{own}"')

    def _source(self, child: Module, declared: Declared) -> str:
        """Where a call finds its module: in one place, or for some of its instances only."""
        own = f'"{self._reading.sources[child.path]}"'
        if self._reading.only is None:
            return own
        keys = self._reading.only[child.path]
        if not child.repetition or not keys:
            return own if keys else f'"./{NOWHERE}"'
        index = "each.key" if child.repetition == "for_each" else "count.index"
        listed = ", ".join(map(_plain, sorted(keys)))
        choice = f'contains([{listed}], {index}) ? {own} : "./{NOWHERE}"'
        return json.encode(f"${{{choice}}}").decode() if declared.span.file.endswith(".json") else choice

    def _forget(self, node: str, argument: str) -> None:
        """Rename an argument, so that it is not set."""
        declared = self._module.found.declared.get(node)
        expression = declared.arguments.get(argument) if declared else None
        if expression is not None:
            self._edits.rename(expression, f"{PROBE}not_{argument}")
