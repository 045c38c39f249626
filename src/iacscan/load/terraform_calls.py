"""Where in Terraform source modules are called."""

from collections.abc import Mapping

from ..source import Span
from .plan_expressions import parent_module
from .terraform_flow import static
from .terraform_tree import Module


class Calls:
    """The calls of all modules of a tree, which are given by their paths."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._modules = modules

    def chain(self, instance: str) -> tuple[tuple[str, Span], ...]:
        """The calls that make a module instance, innermost first: each instance with the lines of its call.

        A call that is not in the source is left out.
        """
        found: list[tuple[str, Span]] = []
        while instance.startswith("module."):
            above, name, _ = parent_module(instance)
            module = self._modules.get(static(above))
            declared = module.found.declared.get(f"module.{name}") if module else None
            if module and declared:
                span = declared.span
                found.append((instance, module.span(span.file, span.line, span.end_line)))
            instance = above
        return tuple(found)
