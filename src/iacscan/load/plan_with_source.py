"""A plan and the source that it was made from: lines for its blocks, and the texts that it does not know.

A policy of `jsonencode` in which one ARN is known only after apply is unknown in the plan as a whole; the source shows all
but the ARN. It is evaluated with the plan's own variables, and only if something is asked for that the plan does not know
and that is more than a reference to another resource.

What the plan knows always stays. Where it knows something else than the source, the source has been changed since, or the
evaluation is wrong: then of this block, nothing but its lines is taken from the source.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from ..errors import InputError
from ..source import Span
from ..value import Value
from .block import Block, Loaded
from .plan_block import PlanBlock, PlanSide
from .plan_format import decode_part
from .source_values import contradicts, filled
from .terraform_calls import Calls
from .terraform_flow import Flow, static
from .terraform_found import Expression
from .terraform_places import Places
from .terraform_plan import Making
from .terraform_source import load_tree
from .terraform_tree import Module, read_tree

_DEPTH: Final = 20  # variables, locals and outputs that a reference is followed through
_MARK: Final = "⟦".encode()
_NAMED: Final = 3  # addresses that a note gives


def with_source(loaded: Loaded, making: Making, directory: Path) -> Loaded:
    """The plan with the source in a directory.

    Source that cannot be read is told of in a note: the plan alone is judged then.
    """
    directory = Path(os.path.normpath(directory))
    try:
        source = _Source(directory, making)
    except InputError as error:
        return replace(loaded, notes=(*loaded.notes, _unused(directory, error)))
    return replace(
        loaded,
        notes=(*loaded.notes, *source.notes),
        source=str(directory),
        locate=source.locate,
        calls=source.calls,
        remarks=source.remarks,
    )


def _unused(directory: Path, error: InputError) -> str:
    return f"the Terraform source in {directory} is not used: {error.what}"


class _Source:
    """The source of one plan. Raises InputError if it cannot be read."""

    def __init__(self, directory: Path, making: Making) -> None:
        self._directory = directory
        self._making = making
        with _Variables(making.variables) as file:
            self._tree = read_tree(directory, [str(file)], planned=True)
        self._modules = {module.path: module for module in self._tree.modules}
        self._paths: dict[str, str] = {}
        self._expressions: dict[str, dict[str, list[Expression]]] = {}
        self._evaluated: dict[str, Block] | None = None
        self._fits: dict[str, bool] = {}
        self._places: Places | None = None
        self._failed: InputError | None = None
        self._absent: dict[str, None] = {}
        self.calls = Calls(self._modules).chain
        self.notes = tuple(self._place())
        making.after.ask(self.rebuild)

    def _place(self) -> Iterator[str]:
        """Give every block its lines; say which have none."""
        lost: dict[str, None] = {}
        sides: tuple[PlanSide, ...] = (self._making.before, self._making.after)
        for block in dict.fromkeys(block for side in sides for block in side.blocks):
            module = self._module(block)
            declared = module.found.declared.get(block.static) if module else None
            if module and declared:
                span = declared.span
                block.span = Span(module.file(span.file), span.line, span.end_line)
            elif module and block.action != "delete":
                lost[f"{module.path}.{block.static}" if module.path else block.static] = None
        missing = [why for module in self._tree.modules for why in module.missing.values()]
        yield from missing
        if lost:
            yield f"the Terraform source in {self._directory} does not declare {_listed(list(lost))}"

    def _module(self, block: Block) -> Module | None:
        path = self._paths.get(block.module)
        if path is None:
            path = self._paths[block.module] = static(block.module)
        return self._modules.get(path)

    # -- values -----------------------------------------------------------------------------------------------------

    def rebuild(self, block: PlanBlock, name: str, value: Value) -> Value:
        """What is known of an attribute by the plan and the source together."""
        module = self._module(block)
        if module is None or block.span is None or not self._is_more(module, block.static, name):
            return value
        origin = self._blocks().get(block.address)
        if origin is None:
            self._absent[block.address] = None
            return value
        # What is secret by way of the source alone is not shown, as the plan would not know to hide it.
        if origin.sensitive(name) and not block.sensitive(name):
            return value
        return filled(value, origin.get(name)) if self._fit(block, origin) else value

    def _is_more(self, module: Module, node: str, name: str) -> bool:
        """Whether the source says more of an attribute than the plan, which shows what a plain reference refers to."""
        return any(
            item.nested or self._is_text(module, item, _DEPTH)
            for item in self._expressions_of(module, node)
            if name in (item.attribute, item.name)
        )

    def _expressions_of(self, module: Module, node: str) -> list[Expression]:
        if module.path not in self._expressions:
            by_node: dict[str, list[Expression]] = {}
            for item in module.found.expressions:
                by_node.setdefault(item.node, []).append(item)
            self._expressions[module.path] = by_node
        return self._expressions[module.path].get(node, [])

    def _is_text(self, module: Module, item: Expression, depth: int) -> bool:
        """Whether an expression is more than a reference to an attribute of a resource, be it by way of variables."""
        if item.last != item.first + 1:
            return True
        use = module.found.uses[item.first]
        if not use.whole or not depth:
            return True
        kind, name, *rest = use.text.split(".")
        match kind:
            case "var" if module.parent is not None and not rest:
                declared = module.parent.found.declared[f"module.{module.call}"]
                passed = declared.arguments.get(name)
                return passed is not None and self._is_text(module.parent, passed, depth - 1)
            case "module" if name in module.calls and len(rest) == 1:
                child = module.calls[name]
                return any(
                    self._is_text(child, other, depth - 1)
                    for other in self._expressions_of(child, f"output.{rest[0]}")
                    if other.name == "value"
                )
            case "var" | "local" | "module" | "each" | "count":
                return True
            case _:
                return False

    def _blocks(self) -> dict[str, Block]:
        """The blocks of the source by address; none if it cannot be evaluated."""
        if self._evaluated is None:
            self._evaluated = {}
            try:
                with _Variables(self._making.variables) as file:
                    evaluated = load_tree(self._directory, replace(self._tree, values=[file]))
            except InputError as error:
                self._failed = error
            else:
                self._evaluated = {block.address: block for block in evaluated.after.blocks}
        return self._evaluated

    def _fit(self, block: PlanBlock, origin: Block) -> bool:
        """Whether what the plan knows of a block is what the source says."""
        found = self._fits.get(block.address)
        if found is None:
            known = block.known()
            found = self._fits[block.address] = not any(
                contradicts(known[name], origin.get(name), name)  # type: ignore[arg-type]  # a Json is a Value, as in PlanBlock
                for name in sorted(origin.names() & known.keys())
            )
        return found

    def remarks(self) -> tuple[str, ...]:
        """What came to light when the source was asked."""
        if self._failed is not None:
            return (_unused(self._directory, self._failed),)
        stale = [address for address, fits in self._fits.items() if not fits]
        clauses = [f"differs from the plan in {_listed(stale)}; what the plan says counts"] if stale else []
        if self._absent:
            clauses.append(f"could not be evaluated for {_listed(list(self._absent))}; the plan alone is judged there")
        return tuple(f"the Terraform source in {self._directory} {clause}" for clause in clauses)

    # -- places -----------------------------------------------------------------------------------------------------

    def locate(self, address: str, name: str, is_statement: bool) -> Span | None:  # noqa: FBT001  as `Locate` has it
        """The lines of an attribute or a statement."""
        if self._places is None:
            placed = [block for block in self._making.after.blocks if block.span is not None]
            self._places = Places(Flow(self._tree), placed)
        return self._places.locate(address, name, is_statement)


class _Variables:
    """A file with the values of the plan's variables, while it is needed. Raises InputError if one cannot be read."""

    def __init__(self, values: dict[str, Raw]) -> None:
        texts = {name: msgspec.json.encode(decode_part(raw, f"variable {name}")) for name, raw in values.items()}
        # What looks like a mark of ours would be taken for one.
        self._values = {name: Raw(text) for name, text in texts.items() if _MARK not in text}
        self._directory = tempfile.TemporaryDirectory(prefix="iacscan-")

    def __enter__(self) -> Path:
        file = Path(self._directory.__enter__(), "plan.tfvars.json")
        file.write_bytes(msgspec.json.encode(self._values))
        return file

    def __exit__(self, *error: object) -> None:
        self._directory.cleanup()


def _listed(addresses: list[str]) -> str:
    more = f" and {len(addresses) - _NAMED:,} more" if len(addresses) > _NAMED else ""
    return ", ".join(addresses[:_NAMED]) + more


__all__ = ["with_source"]
