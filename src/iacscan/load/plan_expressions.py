"""What the expressions of a plan's configuration refer to, followed to the resources behind variables and outputs.

The plan gives for each expression a flat list of references, each followed by its own prefixes, and neither literals
nor positions. This module reads these lists (`Expressions`, `Scope`) and follows them over module boundaries
(`Places.follow`). It never evaluates anything.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Protocol

from msgspec import Raw, Struct

from ..errors import InputError
from ..value import Reference
from .plan_format import NULL, REMAKE, Json, ModuleCall, ModuleConfig, ResourceConfig, decode_part

MAX_STEPS: Final = 2000  # references followed for one expression; what is left over is named, not dropped
MAX_INSTANCES: Final = 32  # instances that one reference without a key may mean; more are named by the block alone

# A reference or address, cut where a dot or bracket says so outside of quotes. A key keeps its brackets: `["a.b"]`, `[0]`.
Steps = tuple[str, ...]
_STEP: Final = re.compile(r'\.?(\[(?:\d+|"(?:[^"\\]|\\.)*")\]|[^.\[]+)')
# Stands where a reference goes on inside of what was passed along whole: what follows it need not fit exactly.
_PASSED: Final = ""
_TEXT: Final = frozenset((str,))
# Known at plan time in every plan, so never the reason why something is not known.
_ALWAYS_KNOWN: Final = frozenset(("count", "path", "terraform", "tofu"))


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

    __slots__ = ("_each", "_for_each", "_raw", "_tree", "account", "where")

    def __init__(self, raw: Raw, where: str, account: str = "", for_each: Raw = NULL) -> None:
        self._raw = raw
        self._tree: dict[str, Json] | None = None
        self._for_each = for_each
        self._each: tuple[Steps, ...] | None = None
        self.where = where
        self.account = account

    @classmethod
    def of(cls, config: ResourceConfig, module: str) -> "Expressions":
        """Those of a resource or data source in a module."""
        where = f"the configuration of {within(module, config.address)}"
        return cls(config.expressions, where, config.provider_config_key, config.for_each_expression)

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


def part(expression: Json, step: str | int, size: int | None = None) -> Json:
    """The expression of a nested attribute or of one of `size` blocks; None where the configuration sets nothing.

    An attribute's expression covers all that is in it, and so does a list of blocks that is not as long as the value
    (a `dynamic` block stands beside it, and the plan does not show those).
    """
    if expression is None or is_leaf(expression):
        return expression
    if isinstance(expression, list):
        if isinstance(step, int) and step < len(expression) and size in (None, len(expression)):
            return expression[step]
        return expression
    if isinstance(expression, dict) and isinstance(step, str):
        return expression.get(step)
    return expression


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
        missing = [module]
        while missing[-1] not in self._found:
            missing.append(parent_module(missing[-1])[0])
        for address in reversed(missing):
            if address not in self._found:
                parent, name, _ = parent_module(address)
                above = self._found[parent]
                self._found[address] = above.children.get(name) if above else None
        return self._found[module]


class Instance(Protocol):
    """What this module needs to know of a block."""

    address: str
    module: str
    static: str

    def names(self) -> frozenset[str]:
        """Names of its attributes."""


class Place(Struct, frozen=True):
    """Where an expression stands: the module instance, and key, expressions and address (`self`) of the block around it."""

    scope: Scope
    module: str
    key: str = ""
    around: Expressions | None = None
    block: str = ""


class Places:
    """Which instances exist on one side of the change, and what references mean there.

    `closed` says that the input is complete: then a configured block without an instance does not exist.
    """

    def __init__(self, instances: Iterable[Instance], scopes: Scopes, *, closed: bool) -> None:
        self._scopes = scopes
        self._closed = closed
        self._steps: dict[int, tuple[Steps, ...]] = {}
        self._blocks: defaultdict[tuple[str, str], dict[str, Instance]] = defaultdict(dict)
        self._modules: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for item in instances:
            self._blocks[item.module, item.static][item.address] = item
        for module in dict.fromkeys(module for module, _ in self._blocks):
            address = module
            while address:
                parent, name, _ = parent_module(address)
                siblings = self._modules[parent, name]
                if address in siblings:
                    break
                siblings[address] = None
                address = parent

    def follow(self, wanted: Iterable[Steps], place: Place) -> tuple[Reference, ...]:
        """The resource attributes that references come from, in the order of the expression.

        What cannot be followed is named as it is written (`local.x`, `var.x`).
        """
        return tuple(_Walk(self, place).run(wanted))

    def steps(self, expression: Json) -> tuple[Steps, ...]:
        """What `references_in` gives for an expression of the configuration, each looked through once.

        The configuration lives longer than this, so that its expressions are known by their identity.
        """
        found = self._steps.get(id(expression))
        if found is None:
            found = self._steps[id(expression)] = references_in(expression)
        return found

    def module_instances(self, module: str, name: str, written: str, own: str) -> Iterable[str]:
        """Instances of a call that a reference with the key `written`, made under the key `own`, may mean."""
        found = self._modules.get((module, name), {})
        plain = within(module, f"module.{name}")
        if written or not found:
            return (plain + written,)
        return _choose(found, plain, own)

    def instances(self, module: str, static: str) -> dict[str, Instance]:
        """Instances of a block of one module instance, by address."""
        return self._blocks.get((module, static), {})

    def absent(self, scope: Scope, static: str) -> bool:
        """Whether a block is known not to exist on this side."""
        return self._closed and static in scope.blocks

    def scope_of(self, module: str) -> Scope | None:
        """The scope of a module instance."""
        return self._scopes.of(module)


def _choose(found: Iterable[str], plain: str, own: str) -> tuple[str, ...]:
    """The instance under the same key as the one that refers, else all (the only one, where there is one)."""
    candidates = tuple(found)
    return (plain + own,) if own and plain + own in candidates else candidates


class _Walk:
    """One walk from an expression to the resources that it comes from."""

    def __init__(self, places: Places, start: Place) -> None:
        self._places = places
        self._start = start
        self._todo: list[tuple[Steps, Place]] = []
        self._found: dict[Reference, None] = {}

    def run(self, wanted: Iterable[Steps]) -> Iterable[Reference]:
        """Follow all of them; the keys are in order and without repetition."""
        self._push(wanted, self._start)
        seen: set[tuple[Steps, str, str]] = set()
        while self._todo:
            steps, place = self._todo.pop()
            mark = (steps, place.module, place.key)
            if mark in seen:
                continue
            seen.add(mark)
            if len(seen) > MAX_STEPS:
                self._name(steps)
            else:
                self._step(steps, place)
        return self._found

    def _push(self, wanted: Iterable[Steps], place: Place, rest: Steps = ()) -> None:
        """Go on with what an expression refers to. `rest` is read inside of it, if it passes one thing along whole."""
        steps = tuple(wanted)
        if rest and len(steps) == 1:
            steps = ((*steps[0], _PASSED, *rest),)
        if len(steps) > 1:
            # A key is a text that is known; it matters only where it is all that there is (`user = each.key`).
            steps = tuple(item for item in steps if item[:2] != ("each", "key"))
        self._todo.extend((item, place) for item in reversed(steps))

    def _name(self, steps: Steps, module: str = "") -> None:
        given = tuple(step for step in steps if step)
        self._found[Reference(within(module, ".".join(given[:2])), _join(given[2:]))] = None

    def _step(self, steps: Steps, place: Place) -> None:
        head = steps[0] if steps else ""
        if head in _ALWAYS_KNOWN:
            return
        if head == "var" and len(steps) > 1:
            self._variable(steps, place)
        elif head == "each":
            self._push(place.around.each if place.around else (), place, steps[2:])
        elif head == "module" and len(steps) > 1:
            self._module(steps, place)
        elif head == "self" and place.block:
            self._found[Reference(place.block, _join(steps[1:]))] = None
        elif head == "local" or len(steps) < 2:  # noqa: PLR2004  a type and a name
            self._name(steps)
        else:
            self._resource(steps, place)

    def _variable(self, steps: Steps, place: Place) -> None:
        above = place.scope.parent
        if above is None:
            self._name(steps)
            return
        # A variable that the call does not set has its default, which is a constant.
        module, _, key = parent_module(place.module)
        call = place.scope.call
        self._push(self._places.steps(call.tree.get(steps[1])), Place(above, module, key, call), steps[2:])

    def _module(self, steps: Steps, place: Place) -> None:
        name = steps[1]
        rest = tuple(step for step in steps[2:] if step)
        written = rest[0] if rest and rest[0].startswith("[") else ""
        rest = rest[1:] if written else rest
        child = place.scope.children.get(name)
        if child is None or not rest:
            self._name(steps, place.module)
            return
        inner = self._places.steps(child.output(rest[0]))
        for module in self._places.module_instances(place.module, name, written, place.key):
            self._push(inner, Place(child, module), rest[1:])

    def _resource(self, steps: Steps, place: Place) -> None:
        size = 3 if steps[0] in ("data", "ephemeral") else 2
        static = ".".join(steps[:size])
        rest = steps[size:]
        plain = within(place.module, static)
        found = self._places.instances(place.module, static)
        written = rest[0] if rest and rest[0].startswith("[") else ""
        if not found:
            if not self._places.absent(place.scope, static):
                attribute = _join(rest[1:] if written else rest)
                self._found[Reference(plain + written, attribute)] = None
            return
        if written:
            if plain + written in found:
                self._refer(found[plain + written], rest[1:])
            return
        if _PASSED in rest:
            inner = rest[rest.index(_PASSED) + 1 :]
            if inner and inner[0].startswith("[") and plain + inner[0] in found:
                self._refer(found[plain + inner[0]], (_PASSED, *inner[1:]))
                return
        chosen = _choose(found, plain, place.key)
        if len(chosen) > MAX_INSTANCES:
            self._found[Reference(plain, _join(rest))] = None
            return
        for address in chosen:
            self._refer(found[address], rest)

    def _refer(self, block: Instance, rest: Steps) -> None:
        if _PASSED in rest:
            rest = _fitting(rest, block.names())
        self._found[Reference(block.address, _join(rest))] = None


def _fitting(rest: Steps, names: frozenset[str]) -> Steps:
    """What is read of a block that came through a map or list: from the first step on that is one of its attributes."""
    given = tuple(step for step in rest if step)
    for start, step in enumerate(given):
        if step in names:
            return given[start:]
    return ()


def _join(steps: Steps) -> str:
    """`("roots", "[0]", "id")` as `roots[0].id`."""
    text = ""
    for step in steps:
        if step:
            text += step if step.startswith("[") or not text else f".{step}"
    return text
