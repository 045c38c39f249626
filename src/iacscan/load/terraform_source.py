"""Terraform source: evaluated by tfparse, with what it cannot evaluate made visible.

The evaluator is silent about what it leaves out, and this module is not: references that it cannot resolve come back as
`Unknown` leaves (see `terraform_marks`), blocks whose number is not known as blocks that are `possible`, modules that are not
on disk and everything else that was declared but not evaluated in `Loaded.unevaluated`.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from ..errors import InputError
from ..source import Span
from ..value import Reference, Unknown, Value
from .block import Block, Loaded, Mode, Output, Side
from .credentials import find_in_values
from .terraform_batches import unreached
from .terraform_calls import Calls
from .terraform_evaluate import Evaluated, evaluate
from .terraform_flow import instance_of, static
from .terraform_places import Places
from .terraform_process import Raw
from .terraform_reading import PROBE, UNKNOWN_KEY
from .terraform_tree import Module, Tree, read_tree
from .terraform_value import NOT_VALUES, Values, without_unknown_keys
from .written_secrets import find_constants

_INDEX: Final = re.compile(r'(?P<base>.*?)\[(?:(?P<count>\d+)|"(?P<key>.*)")\]', re.DOTALL)
_PROVIDERS: Final = re.compile(r'\bproviders"?\s*[=:]\s*\{(.*?)\}', re.DOTALL)
_PROVIDER: Final = re.compile(r'"?([\w.-]+)"?\s*[=:]\s*"?([\w.-]+)"?')


class SourceBlock(Struct, frozen=True, kw_only=True):
    """A block of Terraform source, after evaluation; see `load.block.Block` for the meaning of each member."""

    address: str
    module: str
    type: str
    name: str
    mode: Mode
    index: int | str | None
    account: str
    action: str
    span: Span | None
    possible: bool
    tree: dict[str, Value]
    leaves: dict[str, tuple[Reference, ...]]
    all: tuple[Reference, ...]
    waits: tuple[Reference, ...]
    secret: frozenset[str]

    def names(self) -> frozenset[str]:
        """Names of all attributes that have a value or an unknown value here."""
        return frozenset(name for name, value in self.tree.items() if value is not None)

    def get(self, name: str) -> Value:
        """The attribute's tree, with `Unknown` leaves; None if it is unset or absent."""
        return self.tree.get(name)

    def literal(self, name: str) -> str | None:
        """None: source shows what is written, and nothing beside it."""
        del name
        return None

    def configured(self, name: str) -> bool | None:
        """Whether the source sets the attribute; None where a dynamic block may or may not."""
        value = self.tree.get(name)
        only_unknown = isinstance(value, list) and len(value) == 1 and isinstance(value[0], Unknown)
        return None if only_unknown else value is not None

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What the attribute refers to as a whole (source gives no finer answer); all of the block's for no path."""
        if path[:1] == ("depends_on",):
            return self.waits
        return self.leaves.get(str(path[0]), ()) if path else self.all

    def sensitive(self, name: str) -> bool:
        """Whether a variable that is declared sensitive goes into the attribute."""
        return name in self.secret


def load_source(directory: Path, var_files: Sequence[str] = ()) -> Loaded:
    """Evaluate the root module in a directory, with files of variables besides those that Terraform takes by itself.

    Raises InputError if there is no Terraform file, or one cannot be read or parsed, if modules call each other in a
    circle, or if the evaluator is not installed.
    """
    return load_tree(directory, read_tree(directory, var_files))


def load_tree(directory: Path, tree: Tree) -> Loaded:
    """Evaluate a root module that was read already, with its `tree.values`. Raises InputError as `load_source` does."""
    try:
        return _Loader(directory, evaluate(tree)).loaded()
    except RecursionError as error:
        what = "values are made from each other, or stand in each other, hundreds of times"
        raise InputError(what, "people do not write that; leave it out, or scan a plan") from error


class _Loader:
    """Turns what the evaluator gives into blocks."""

    def __init__(self, directory: Path, evaluated: Evaluated) -> None:
        self._directory = directory
        self._reading = evaluated.reading
        self._flow = evaluated.reading.flow
        self._raw = raw = evaluated.raw
        self._values = Values(evaluated.reading, raw, evaluated.others)
        self._files: dict[tuple[str, str], str] = {}  # by module and the evaluator's name of it
        self._possible = frozenset(
            without_unknown_keys(item["__tfmeta"]["path"])
            for item in raw.get("module", ())
            if _is_undecided(item) or UNKNOWN_KEY in item["__tfmeta"]["path"]
        )
        self._off = frozenset(item["__tfmeta"]["path"] for item in raw.get("module", ()) if self._is_off(item))

    def _defaults(self) -> tuple[dict[str, Value], set[str]]:
        """The defaults of the variables of the root, by their addresses, and which of these are declared sensitive."""
        items = (item for item in self._raw.get("variable", ()) if item["__tfmeta"]["path"].startswith("variable."))
        root = {f"var.{item['__tfmeta']['label']}": item for item in items}
        secret = {address for address, item in root.items() if item.get("sensitive") is True}
        return {address: item.get("default") for address, item in root.items()}, secret

    def loaded(self) -> Loaded:
        """Make the blocks, the outputs and the list of what was not evaluated."""
        blocks: list[Block] = [
            block
            for item in (item for items in self._raw.values() for item in items)
            if (block := self._block(item)) is not None
        ]
        return Loaded(
            path=str(self._directory),
            kind="terraform-source",
            before=Side(()),
            after=Side(sorted(blocks, key=_order)),
            outputs=tuple(self._outputs()),
            credentials=(
                *find_in_values(self._written(blocks), (b for b in blocks if b.mode == "provider")),
                *find_constants(blocks, *self._defaults()),
            ),
            notes=tuple(self._reading.tree.notes),
            unevaluated=tuple(self._missing(blocks)),
            given=tuple(dict.fromkeys(self._given())),
            locate=Places(self._flow, blocks).locate,
            calls=Calls(self._flow.modules).chain,
            module_sources=tuple(f"{name} {source}".strip() for name, source in self._sources()),
        )

    def _sources(self) -> Iterator[tuple[str, str]]:
        for module in self._reading.tree.modules:
            for node, declared in module.found.declared.items():
                if node.startswith("module."):
                    argument = declared.arguments.get("source")
                    text = module.texts[declared.span.file][argument.start : argument.end] if argument else ""
                    yield f"{module.path}.{node}".lstrip("."), text.strip('"')

    def _written(self, blocks: Iterable[Block]) -> Iterator[tuple[str, str, str, Value]]:
        """What the code itself says, for the search for credentials: not what a variable or another block passes on."""
        for kind, value in (("variable", "default"), ("output", "value")):
            for item in self._raw.get(kind, ()):
                path, label = item["__tfmeta"]["path"], item["__tfmeta"]["label"]
                if not label.startswith(PROBE):
                    place = self._values.place(instance_of(path), f"{kind}.{label}", value)
                    yield path.replace("variable.", "var."), kind, label, self._values.decode(item.get(value), place)
        for block in blocks:
            for name in block.names() if block.mode != "provider" else ():
                if block.references(name):
                    yield block.address, block.type, name, self._text(block, name)
                else:
                    yield block.address, block.type, name, block.get(name)

    def _text(self, block: Block, name: str) -> str:
        """An argument as it is written, where other blocks pass something on to it."""
        module = self._flow.modules[static(block.module)]
        node = _node(block)
        return "\n".join(
            f"{item.name} = {module.texts[item.file][item.start : item.end]}"
            for item in module.found.expressions
            if item.node == node and item.attribute == name
        )

    def _missing(self, blocks: Iterable[Block]) -> Iterator[str]:
        """What is declared, but was not evaluated, unless its count is known to be none."""
        seen: defaultdict[str, set[str]] = defaultdict(set)
        for block in blocks:
            seen[static(block.module)].add(_node(block))
        calls = (item["__tfmeta"]["path"] for item in self._raw.get("module", ()))
        instances = Counter(static(path) for path in calls if self._off.isdisjoint(_chain(path)))
        for module in self._reading.tree.modules:
            if module.path and not instances[module.path]:
                continue  # its call is switched off, or is told of already
            prefix = f"{module.path}." if module.path else ""
            yield from (f"{prefix}module.{name}" for name in module.missing)
            for node, declared in module.found.declared.items():
                kind = node.partition(".")[0]
                if kind == "module":
                    name = node.removeprefix("module.")
                    gone = name in module.calls and not instances[f"{prefix}{node}"]
                else:
                    gone = kind not in ("variable", "output", "provider") and node not in seen[module.path]
                if gone and declared.arguments.keys().isdisjoint(("count", "for_each")):
                    yield prefix + node
        yield from self._dropped(blocks)
        yield from map(without_unknown_keys, unreached(self._flow, self._raw))

    def _given(self) -> Iterator[Reference]:
        """What the arguments of modules that are not there refer to, for each instance of the module that calls them."""
        instances = {"", *(without_unknown_keys(item["__tfmeta"]["path"]) for item in self._raw.get("module", ()))}
        for instance in sorted(instances):
            module = self._flow.modules.get(static(instance))
            for name in module.missing if module else ():
                yield from self._flow.references((static(instance), f"module.{name}", ""), instance)

    def _dropped(self, blocks: Iterable[Block]) -> Iterator[str]:
        """Blocks of which the evaluator made fewer instances than their for_each asks for: it drops those set to null."""
        made = Counter((block.module, _node(block)) for block in blocks)
        made.update((instance_of(f"{path}."), f"module.{name}") for path, name in self._call_names())
        for item in self._raw.get("locals", ()):
            module = without_unknown_keys(instance_of(item["__tfmeta"]["path"]))
            for name, wanted in item.items():
                if name.startswith(f"{PROBE}r") and isinstance(wanted, int):
                    node = self._reading.probes.repeated[int(name.removeprefix(f"{PROBE}r"))][1]
                    if made[module, node] < wanted and self._off.isdisjoint(_chain(module)):
                        yield f"{module}.{node}" if module else node

    def _call_names(self) -> Iterator[tuple[str, str]]:
        for item in self._raw.get("module", ()):
            path, _, name = static(item["__tfmeta"]["path"]).rpartition("module.")
            outer = without_unknown_keys(item["__tfmeta"]["path"])[: -len(name)] if path else ""
            yield outer.rpartition("module.")[0].rstrip("."), name

    def _outputs(self) -> Iterator[Output]:
        for item in self._raw.get("output", ()):
            meta = item["__tfmeta"]
            if meta["path"].startswith("module."):
                continue
            node = f"output.{meta['label']}"
            place = self._values.place("", node, "value")
            self._values.decode(item.get("value"), place)
            references = _merged(place.found, self._flow.references(("", node, "value"), ""))
            yield Output(meta["label"], item.get("sensitive") is True, references)

    def _block(self, item: Raw) -> SourceBlock | None:
        meta = item["__tfmeta"]
        path = meta.get("path", "")
        module = instance_of(path)
        local = path[len(module) :].lstrip(".")
        if local.startswith("provider."):
            return self._provider(item, path, module)
        if meta.get("type") not in ("resource", "data"):
            return None
        if self._is_off(item) or not self._off.isdisjoint(_chain(module)):
            return None
        whole = _INDEX.fullmatch(local)
        base = whole["base"] if whole else local
        index: int | str | None = None
        if whole:
            index = int(whole["count"]) if whole["count"] is not None else whole["key"]
        path, module = without_unknown_keys(path), without_unknown_keys(module)
        possible = index == UNKNOWN_KEY or _is_undecided(item) or any(map(self._possible.__contains__, _chain(module)))
        if index == UNKNOWN_KEY:
            index = None
        kind, name = base.removeprefix("data.").split(".", 1)
        data = meta["type"] == "data"
        provider = item.get("provider")
        given = provider.get("__attribute__") if isinstance(provider, dict) else provider
        origin = self._flow.modules[static(module)]
        tree, leaves = self._attributes(item, module, base)
        return SourceBlock(
            address=path,
            module=module,
            type=kind,
            name=name,
            mode="data" if data else "managed",
            index=index,
            account=_account(origin, given or kind.partition("_")[0]),
            action="read" if data else "create",
            span=self._span(meta, origin),
            possible=possible,
            tree=tree,
            leaves=leaves,
            all=self._flow.references((origin.path, base, ""), module),
            waits=self._flow.waits(origin, base, module),
            secret=self._flow.secrets(origin.path, base, tree),
        )

    def _is_off(self, item: Raw) -> bool:
        """Whether a count is known to be none, though the evaluator, which knew it too late, has made an instance."""
        if item.get("count") != 0:
            return False
        path = item["__tfmeta"]["path"]
        instance = instance_of(path)
        key = (static(instance), static(path[len(instance) :].lstrip(".")), "count")
        return not any(self._flow.is_lost(self._flow.modules[key[0]], use) for use in self._flow.uses(key))

    def _provider(self, item: Raw, path: str, module: str) -> SourceBlock:
        kind = item["__tfmeta"]["label"]
        alias = item.get("alias")
        tree, leaves = self._attributes(item, module, f"provider.{kind}")
        origin = self._flow.modules[static(module)]
        return SourceBlock(
            address=f"{path}.{alias}" if alias else path,
            module=module,
            type=kind,
            name=alias or "",
            mode="provider",
            index=None,
            account=f"{kind}.{alias}" if alias else kind,
            action="no-op",
            span=self._span(item["__tfmeta"], origin),
            possible=False,
            tree=tree,
            leaves=leaves,
            all=tuple(dict.fromkeys(reference for found in leaves.values() for reference in found)),
            waits=(),
            secret=frozenset(),
        )

    def _attributes(
        self, item: Raw, module: str, node: str
    ) -> tuple[dict[str, Value], dict[str, tuple[Reference, ...]]]:
        tree: dict[str, Value] = {}
        leaves: dict[str, tuple[Reference, ...]] = {}
        for name, raw in item.items():
            if name in NOT_VALUES or name.startswith(PROBE):
                continue
            place = self._values.place(module, node, name)
            tree[name] = self._values.decode(raw, place)
            leaves[name] = _merged(place.found, self._flow.references((static(module), node, name), module))
        self._values.add_dynamic(tree, item, module, node)
        return tree, leaves

    def _span(self, meta: Raw, module: Module) -> Span:
        place = (module.path, meta["filename"])
        if place not in self._files:
            name = os.path.basename(meta["filename"])  # noqa: PTH119  a Path takes ten times as long
            self._files[place] = name
        name = self._files[place]
        edits = self._reading.modules[module.path].edits
        first, last = (edits.original_line(name, meta[key]) for key in ("line_start", "line_end"))
        return module.span(name, first, last)


def _is_undecided(item: Raw) -> bool:
    """Whether there is a count that the evaluator did not know; it may also say 0, and make an instance all the same."""
    return "count" in item and (not isinstance(item["count"], int | float | str) or item["count"] == 0)


def _node(block: Block) -> str:
    return f"{'data.' if block.mode == 'data' else ''}{block.type}.{block.name}"


def _chain(module: str) -> Iterator[str]:
    """A module instance and those around it."""
    while module:
        yield module
        module = instance_of(module)


def _account(module: Module, local: str) -> str:
    """The provider configuration of the root that a module means by a name of its own."""
    while module.parent is not None:
        declared = module.parent.found.declared[f"module.{module.call}"]
        body = module.parent.texts[declared.span.file][declared.opened : declared.closed]
        passed = _PROVIDERS.search(body)
        local = dict(_PROVIDER.findall(passed[1])).get(local, local) if passed else local
        module = module.parent
    return local


def _merged(found: Iterable[Reference], followed: Iterable[Reference]) -> tuple[Reference, ...]:
    """References with their keys, and those that only the text shows."""
    exact = dict.fromkeys(found)
    known = {(static(item.address), item.attribute) for item in exact}
    return (*exact, *(item for item in followed if (static(item.address), item.attribute) not in known))


def _order(block: Block) -> tuple[str, str, int]:
    return (block.module, block.span.file if block.span else "", block.span.line if block.span else 0)
