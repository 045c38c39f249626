"""Where in Terraform source an attribute or a statement of a policy is written."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from ..source import Span
from .block import Block
from .terraform_flow import Flow, static
from .terraform_found import Expression
from .terraform_tree import Module


class Places:
    """Finds places; nothing is looked for before it is asked for."""

    def __init__(self, flow: Flow, blocks: Iterable[Block]) -> None:
        self._flow = flow
        self._blocks = {block.address: block for block in blocks}
        self._breaks: dict[tuple[str, str], list[int]] = {}

    def locate(self, address: str, name: str, is_statement: bool) -> Span | None:  # noqa: FBT001  the only question
        """The lines of an attribute of a block, or of the Sid of a statement that is its own or in a document it names."""
        block = self._blocks.get(address)
        if block is None:
            return None
        if not is_statement:
            found = self._expressions(block, name)
            return self._span(*found[0]) if len(found) == 1 else None
        documents = (self._blocks.get(reference.address) for reference in block.references())
        for owner in (block, *documents):
            if owner is not None and (owner is block or owner.type == "aws_iam_policy_document"):
                place = self._statement(owner, name)
                if place is not None:
                    return place
        return None

    def _expressions(self, block: Block, name: str) -> list[tuple[Module, Expression]]:
        module = self._flow.modules[static(block.module)]
        node = f"{'data.' if block.mode == 'data' else ''}{block.type}.{block.name}"
        return [(module, item) for item in module.found.expressions if item.node == node and name in ("", item.name)]

    def _statement(self, block: Block, sid: str) -> Span | None:
        named = re.compile(rf'\b[Ss]id"?\s*[=:]\s*"{re.escape(sid)}"')
        for module, item in self._expressions(block, ""):
            text = module.texts[item.file]
            if item.name == "sid" and text[item.start : item.end] == f'"{sid}"':
                return self._span(module, item)
            found = named.search(text, item.start, item.end)
            if found is not None:
                return self._lines(module, item.file, found.start(), found.end())
        return None

    def _span(self, module: Module, item: Expression) -> Span:
        return self._lines(module, item.file, item.start, item.end)

    def _lines(self, module: Module, file: str, start: int, end: int) -> Span:
        key = (module.path, file)
        if key not in self._breaks:
            self._breaks[key] = [found.start() for found in re.finditer("\n", module.texts[file])]
        first, last = (bisect_right(self._breaks[key], place - 1) + 1 for place in (start, end))
        return module.span(file, first, last)
