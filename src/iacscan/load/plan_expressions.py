"""The expressions of a plan's configuration, and the modules that they stand in.

The plan gives for each expression a flat list of references, each followed by its own prefixes, and neither literals
nor positions. This module reads these lists; `plan_references` follows them. Nothing is ever evaluated.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Raw

from ..errors import InputError
from .plan_format import NULL, REMAKE, Json, ModuleCall, ModuleConfig, ResourceConfig, decode_part

# A reference or address, cut where a dot or bracket says so outside of quotes. A key keeps its brackets: `["a.b"]`, `[0]`.
Steps = tuple[str, ...]
_STEP: Final = re.compile(r'\.?(\[(?:\d+|"(?:[^"\\]|\\.)*")\]|[^.\[]+)')
_TEXT: Final = frozenset((str,))


@lru_cache(maxsize=65536)
def split_address(text: str) -> Steps:
    """Cut an address or reference into steps; keys may contain dots, slashes and quotes."""
    return tuple(_STEP.findall(text))


@lru_cache(maxsize=65536)
def parent_module(address: str) -> tuple[str, str, str]:
    """Cut `module.a["x"].module.b[0]` into the parent `module.a["x"]`, the call's name `b` and the key `[0]` or empty.

    The parent is always shorter. Raises InputError for what is not the address of a module.
    """
    steps = split_address(address)
    key = steps[-1] if steps and steps[-1].startswith("[") else ""
    steps = steps[:-1] if key else steps
    name = steps[-1] if steps else ""
    last = f"module.{name}{key}"
    parent = address.removesuffix(last).removesuffix(".")
    if within(parent, last) != address:
        what = f"{address!r} is not the address of a module"
        raise InputError(what, REMAKE)
    return parent, name, key


def within(module: str, relative: str) -> str:
    """The absolute address of something in a module."""
    return f"{module}.{relative}" if module else relative


def is_leaf(expression: Json) -> bool:
    """Whether an expression is one attribute's, not a nested block's: `{}`, a constant, or a list of references."""
    if not isinstance(expression, dict):
        return False
    if not expression or "constant_value" in expression:
        return True
    references = expression.get("references")
    return isinstance(references, list) and _TEXT.issuperset(map(type, references))


def references_in(expression: Json) -> tuple[Steps, ...]:
    """Every reference that an expression, or any expression in a nested block, makes; prefixes left out."""
    found: dict[Steps, None] = {}
    todo = [expression]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo.extend(reversed(item))
        elif isinstance(item, dict):
            if is_leaf(item):
                found.update(dict.fromkeys(_most_specific(item.get("references"))))
            else:
                todo.extend(reversed(item.values()))
    return tuple(found)


def _most_specific(references: Json) -> Iterator[Steps]:
    kept = ""
    for text in references if isinstance(references, list) else ():
        if isinstance(text, str) and not (kept.startswith(text) and kept[len(text) : len(text) + 1] in (".", "[")):
            kept = text
            yield split_address(text)


class Expressions:
    """The expressions of one block of the configuration, decoded when first asked for."""

    __slots__ = ("_each", "_for_each", "_raw", "_tree", "account", "depends_on", "where")

    def __init__(
        self, raw: Raw, where: str, account: str = "", for_each: Raw = NULL, depends_on: tuple[str, ...] = ()
    ) -> None:
        self._raw = raw
        self._tree: dict[str, Json] | None = None
        self._for_each = for_each
        self._each: tuple[Steps, ...] | None = None
        self.where = where
        self.account = account
        self.depends_on = depends_on

    @classmethod
    def of(cls, config: ResourceConfig, module: str) -> "Expressions":
        """Those of a resource or data source in a module."""
        where = f"the configuration of {within(module, config.address)}"
        return cls(config.expressions, where, config.provider_config_key, config.for_each_expression, config.depends_on)

    @property
    def tree(self) -> dict[str, Json]:
        """Expressions by attribute. Raises InputError if they cannot be read."""
        if self._tree is None:
            tree = decode_part(self._raw, self.where)
            self._tree = tree if isinstance(tree, dict) else {}
        return self._tree

    @property
    def each(self) -> tuple[Steps, ...]:
        """References of for_each, which is where `each.value` comes from. Raises InputError if it cannot be read."""
        if self._each is None:
            self._each = references_in(decode_part(self._for_each, "a for_each expression"))
        return self._each


# The expression of what a `dynamic` block makes: the plan leaves these blocks out of the configuration.
DYNAMIC: Final[Json] = {}


def part(expression: Json, step: str | int) -> Json:
    """The expression of a nested attribute or block; None where the configuration sets nothing.

    An attribute's expression covers all that is in it.
    """
    if expression is None or is_leaf(expression):
        return expression
    if isinstance(expression, list) and isinstance(step, int):
        return expression[step] if step < len(expression) else expression
    return expression.get(step) if isinstance(expression, dict) and isinstance(step, str) else expression


def parts(expression: Json, values: Sequence[object]) -> Sequence[Json]:
    """The expression of each element of a list.

    Blocks stand in the configuration in the order in which they are written, and without those that a `dynamic` block
    makes. So where there are not as many, or sets have another order, a block is known by its constants. All of the list is
    the expression of one that could be several.
    """
    if not isinstance(expression, list) or is_leaf(expression):
        return [expression] * len(values)
    alike = len(expression) == len(values)
    if alike and all(map(_fits, expression, values)):
        return expression
    fitting = [[at for at, block in enumerate(expression) if _fits(block, value)] for value in values]
    wanted = Counter(at for found in fitting for at in found)
    paired = [found[0] if len(found) == 1 and wanted[found[0]] == 1 else None for found in fitting]
    complete = len(set(paired) - {None}) == len(expression)
    if alike and not complete:
        return expression  # the provider writes some constant in another way
    rest = DYNAMIC if complete else expression
    return [rest if at is None else expression[at] for at in paired]


def _fits(block: Json, value: object) -> bool:
    """Whether a value has the constants that a block sets."""
    return not (isinstance(block, dict) and isinstance(value, dict)) or all(
        _plain(inner["constant_value"]) == _plain(value.get(name))
        for name, inner in block.items()
        if isinstance(inner, dict) and "constant_value" in inner
    )


def _plain(value: object) -> object:
    """A constant as it compares: lists may be sets, and the provider turns scalars into texts, and nothing into null."""
    match value:
        case list():
            return frozenset(_plain(item) for item in value) or ""
        case bool():
            return str(value).lower()
        case dict():
            return frozenset((name, _plain(item)) for name, item in value.items()) or ""
        case _:
            return "" if value is None else str(value)


class Scope:
    """A module of the configuration, once however often it is called; `path` has no keys."""

    def __init__(
        self, path: str, config: ModuleConfig, parent: "Scope | None" = None, call: ModuleCall | None = None
    ) -> None:
        self.path = path
        self.config = config
        self.parent = parent
        calls = call if call is not None else ModuleCall()
        self.call = Expressions(calls.expressions, f"the call of {path}", for_each=calls.for_each_expression)
        self.blocks = {item.address: Expressions.of(item, path) for item in config.resources or ()}
        self.children: dict[str, Scope] = {}
        self._outputs: dict[str, Json] = {}

    def output(self, name: str) -> Json:
        """The expression of an output; None if there is none."""
        if name not in self._outputs:
            config = (self.config.outputs or {}).get(name)
            where = f"output {within(self.path, name)}"
            self._outputs[name] = None if config is None else decode_part(config.expression, where)
        return self._outputs[name]


class Scopes:
    """All modules of the configuration."""

    def __init__(self, root: ModuleConfig | None) -> None:
        self.root = Scope("", root or ModuleConfig())
        self.calls: list[tuple[str, ModuleCall]] = []
        self.all = [self.root]
        for scope in self.all:  # grows while it is walked: breadth first, without recursion
            for name, call in (scope.config.module_calls or {}).items():
                path = within(scope.path, f"module.{name}")
                child = Scope(path, call.module or ModuleConfig(), scope, call)
                scope.children[name] = child
                self.calls.append((path, call))
                self.all.append(child)
        self._found: dict[str, Scope | None] = {"": self.root}

    def of(self, module: str) -> Scope | None:
        """The scope of a module instance; None if the configuration does not have it (any more)."""
        if module in self._found:
            return self._found[module]
        missing = [module]
        while missing[-1] not in self._found:
            missing.append(parent_module(missing[-1])[0])
        for address in reversed(missing):
            if address not in self._found:
                parent, name, _ = parent_module(address)
                above = self._found[parent]
                self._found[address] = above.children.get(name) if above else None
        return self._found[module]
