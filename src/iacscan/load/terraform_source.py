"""Terraform source: evaluated by tfparse, with what it cannot evaluate made visible.

The evaluator is silent about four things, and this module is not: references that it cannot resolve become null (see
`terraform_marks`), blocks whose number of instances is not known are left out, dynamic blocks likewise, and so are modules
that are not on disk. They come back as `Unknown` leaves, as blocks that are `possible`, or in `Loaded.unevaluated`.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

from ..source import Span
from ..value import Reference, Unknown, Value
from .block import Block, Loaded, Mode, Output, Side
from .credentials import find_in_values
from .terraform_evaluate import Raw, evaluate
from .terraform_marks import UNKNOWN_KEY, Reading
from .terraform_text import Declared
from .terraform_value import MODULE, NOT_VALUES, Place, Values

_INSTANCE: Final = re.compile(r'(?P<base>.*?)\[(?:(?P<count>\d+)|"(?P<key>.*)")\]', re.DOTALL)

_CALL: Final = re.compile(r"(module\.[\w-]+)\S*?\.")


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
    others: tuple[Reference, ...]
    secret: frozenset[str]

    def names(self) -> frozenset[str]:
        """Names of all attributes that have a value or an unknown value here."""
        return frozenset(name for name, value in self.tree.items() if value is not None)

    def get(self, name: str) -> Value:
        """The attribute's tree, with `Unknown` leaves; None if it is unset or absent."""
        return self.tree.get(name)

    def configured(self, name: str) -> bool | None:
        """Whether the source sets the attribute; None where a dynamic block may or may not."""
        value = self.tree.get(name)
        only_unknown = isinstance(value, list) and len(value) == 1 and isinstance(value[0], Unknown)
        return None if only_unknown else value is not None

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What the attribute refers to as a whole (source gives no finer answer); all of the block's for no path."""
        if path:
            return self.leaves.get(str(path[0]), ())
        return tuple(dict.fromkeys((*(item for refs in self.leaves.values() for item in refs), *self.others)))

    def sensitive(self, name: str) -> bool:
        """Whether a variable that is declared sensitive goes into the attribute."""
        return name in self.secret


def load_source(directory: Path) -> Loaded:
    """Evaluate the root module in a directory.

    Raises InputError if there is no Terraform file, or one cannot be read or parsed; UsageError if the evaluator is
    not installed.
    """
    reading, raw = evaluate(directory)
    return _Loader(directory, reading, raw).loaded()


class _Loader:
    """Turns what the evaluator gives into blocks."""

    def __init__(self, directory: Path, reading: Reading, raw: dict[str, list[Raw]]) -> None:
        self._directory = directory
        self._reading = reading
        self._raw = raw
        self._values = Values(reading, raw)

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
            after=Side(sorted(blocks, key=_place)),
            outputs=tuple(self._outputs()),
            credentials=find_in_values(self._written(blocks), (b for b in blocks if b.mode == "provider")),
            unevaluated=self._missing(),
            module_sources=tuple(
                f"{item['__tfmeta']['label']} {item.get('source') or ''}".strip()
                for item in self._raw.get("module", ())
            ),
        )

    def _written(self, blocks: Iterable[Block]) -> Iterable[tuple[str, str, str, Value]]:
        """What the code itself says, for the search for credentials: not what a variable or another block passes on."""
        for kind, value in (("variable", "default"), ("output", "value")):
            for item in self._raw.get(kind, ()):
                address = item["__tfmeta"]["path"].replace("variable.", "var.")
                yield address, kind, item["__tfmeta"]["label"], self._values.decode(item.get(value), Place())
        for block in blocks:
            base = _INSTANCE.sub(r"\g<base>", block.address)
            passed = any(not reference.address.startswith("local.") for reference in block.references())
            for name in block.names() if block.mode != "provider" else ():
                if not (passed and (block.module or (base, name) in self._reading.referring)):
                    yield block.address, block.type, name, block.get(name)

    def _missing(self) -> tuple[str, ...]:
        """Blocks of the root module that the evaluator left out, unless their count is known to be none."""
        seen = {_INSTANCE.sub(r"\g<base>", address) for address in self._values.by_address}
        inside = {found[1] for address in seen if (found := _CALL.match(address))}
        missing = []
        for address, declared in self._reading.declared.items():
            if address.startswith("module.") and address in seen:
                gone = address not in inside  # its source is not on disk
            elif address.startswith(("variable.", "output.", "provider.")):
                gone = False
            else:
                # With a count that is known the block is not there, because it is switched off.
                gone = address not in seen and (not declared.repeated or declared.open or declared.computed)
            if gone:
                missing.append(address)
        return tuple(missing)

    def _outputs(self) -> Iterable[Output]:
        for item in self._raw.get("output", ()):
            meta = item["__tfmeta"]
            if meta["path"].startswith("module."):
                continue
            place = Place(argument=(meta["path"], "value"))
            self._values.decode(item.get("value"), place)
            references = dict.fromkeys((*place.found, *self._values.others(item, "")))
            exact = {reference.address for reference in place.found if reference.attribute}
            yield Output(
                meta["label"],
                item.get("sensitive") is True,
                tuple(r for r in references if r.attribute or r.address not in exact),
            )

    def _block(self, item: Raw) -> SourceBlock | None:
        meta = item["__tfmeta"]
        path = meta.get("path", "")
        prefix = MODULE.match(path)
        module = prefix.group().rstrip(".") if prefix else ""
        local = path[len(prefix.group()) :] if prefix else path
        if local.startswith("provider."):
            return self._provider(item, path, module)
        if meta.get("type") not in ("resource", "data"):
            return None
        whole = _INSTANCE.fullmatch(local)
        base = whole["base"] if whole else local
        declared = None if module else self._reading.declared.get(base)
        index: int | str | None = None
        if whole:
            index = int(whole["count"]) if whole["count"] is not None else whole["key"]
        if index == UNKNOWN_KEY:
            index, path = None, path.replace(f'["{UNKNOWN_KEY}"]', "")
        tree, leaves = self._attributes(item, module, base, declared)
        kind, name = base.removeprefix("data.").split(".", 1)
        data = meta["type"] == "data"
        provider = item.get("provider")
        account = provider.get("__attribute__") if isinstance(provider, dict) else provider
        return SourceBlock(
            address=path,
            module=module,
            type=kind,
            name=name,
            mode="data" if data else "managed",
            index=index,
            account=account or kind.partition("_")[0],
            action="read" if data else "create",
            span=_span(meta),
            possible=declared.open if declared else False,
            tree=tree,
            leaves=leaves,
            others=self._values.others(item, module),
            secret=declared.sensitive if declared else frozenset(),
        )

    def _provider(self, item: Raw, path: str, module: str) -> SourceBlock:
        kind = item["__tfmeta"]["label"]
        alias = item.get("alias")
        tree, leaves = self._attributes(item, module, f"provider.{kind}", None)
        return SourceBlock(
            address=f"{path}.{alias}" if alias else path,
            module=module,
            type=kind,
            name=alias or "",
            mode="provider",
            index=None,
            account=f"{kind}.{alias}" if alias else kind,
            action="no-op",
            span=_span(item["__tfmeta"]),
            possible=False,
            tree=tree,
            leaves=leaves,
            others=self._values.others(item, module),
            secret=frozenset(),
        )

    def _attributes(
        self, item: Raw, module: str, base: str, declared: Declared | None
    ) -> tuple[dict[str, Value], dict[str, tuple[Reference, ...]]]:
        tree: dict[str, Value] = {}
        leaves: dict[str, tuple[Reference, ...]] = {}
        for name, raw in item.items():
            if name in NOT_VALUES:
                continue
            place = Place(module, None if module else (base, name))
            null = raw is None and self._values.is_null(item, name, place)
            tree[name] = None if null else self._values.decode(raw, place)
            leaves[name] = tuple(dict.fromkeys(place.found))
        for name, because in (declared.dynamic if declared else {}).items():
            present = tree.get(name)
            known: list[Value] = present if isinstance(present, list) else []
            tree[name] = [*known, Unknown(f"its dynamic blocks depend on {because}")]
        return tree, leaves


def _place(block: Block) -> tuple[str, str, int]:
    return (block.module, block.span.file if block.span else "", block.span.line if block.span else 0)


def _span(meta: Raw) -> Span:
    return Span(meta["filename"], meta["line_start"], meta["line_end"])
