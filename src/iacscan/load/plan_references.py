"""What the expressions of a plan's configuration come from: references followed over module boundaries to resources."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final, Protocol

from msgspec import Struct

from ..value import Reference
from .plan_expressions import Expressions, Scope, Steps, parent_module, references_in, within
from .plan_format import Json

MAX_STEPS: Final = 2000  # references followed for one expression; what is left over is named, not dropped
MAX_INSTANCES: Final = 32  # instances that one reference without a key may mean; more are named by the block alone

# Stands where a reference goes on inside of what was passed along whole: what follows it need not fit exactly.
_PASSED: Final = ""
# Known at plan time in every plan, so never the reason why something is not known.
_ALWAYS_KNOWN: Final = frozenset(("count", "path", "terraform", "tofu"))
_NOT_BLOCKS: Final = _ALWAYS_KNOWN.union(("each", "local", "module", "self", "var"))


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

    def __init__(self, instances: Iterable[Instance], *, closed: bool) -> None:
        self._closed = closed
        self._steps: dict[int, tuple[Steps, ...]] = {}
        self._single: dict[tuple[str, str], Instance] = {}
        self._several: dict[tuple[str, str], dict[str, Instance]] = {}
        self._modules: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for item in instances:
            key = (item.module, item.static)
            first = self._single.setdefault(key, item)
            if first is not item:
                self._several.setdefault(key, {first.address: first})[item.address] = item
        for module in dict.fromkeys(module for module, _ in self._single):
            address = module
            while address:
                parent, name, _ = parent_module(address)
                siblings = self._modules[parent, name]
                if address in siblings:
                    break
                siblings[address] = None
                address = parent

    def follow(self, wanted: Collection[Steps], place: Place) -> tuple[Reference, ...]:
        """The resource attributes that references come from, in the order of the expression.

        What cannot be followed is named as it is written (`local.x`, `var.x`).
        """
        direct = self._direct(wanted, place)
        return tuple(_Walk(self, place).run(wanted)) if direct is None else direct

    def _direct(self, wanted: Collection[Steps], place: Place) -> tuple[Reference, ...] | None:
        """The same where each of them names, without a key, the only instance of a block in its own module: most do.

        None if one does not, and a walk is needed.
        """
        found: dict[Reference, None] = {}
        for steps in wanted:
            plain = _plain(steps)
            key = (place.module, plain[0]) if plain else None
            block = self._single.get(key) if key else None
            if plain is None or block is None or key in self._several:
                return None
            found[Reference(block.address, plain[1])] = None
        return tuple(found)

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
        key = (module, static)
        several = self._several.get(key)
        if several is not None:
            return several
        single = self._single.get(key)
        return {} if single is None else {single.address: single}

    def absent(self, scope: Scope, static: str) -> bool:
        """Whether a block is known not to exist on this side."""
        return self._closed and static in scope.blocks


def _choose(found: Mapping[str, object], plain: str, own: str) -> Collection[str]:
    """The instance under the same key as the one that refers, else all (the only one, where there is one)."""
    return (plain + own,) if own and plain + own in found else found


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
        if len(steps) == 1 and not rest:
            self._todo.append((steps[0], place))
            return
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
        static, written, rest = _take_apart(steps)
        plain = within(place.module, static)
        found = self._places.instances(place.module, static)
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


@lru_cache(maxsize=4096)
def _plain(steps: Steps) -> tuple[str, str] | None:
    """The block and the attribute of a reference to a resource or data source without a key; None for all others."""
    if len(steps) < 2 or steps[0] in _NOT_BLOCKS:  # noqa: PLR2004  a type and a name
        return None
    static, written, rest = _take_apart(steps)
    return None if written else (static, _join(rest))


@lru_cache(maxsize=4096)
def _take_apart(steps: Steps) -> tuple[str, str, Steps]:
    """The block that a reference names, the key that it is written with or empty, and the rest, the key included."""
    size = 3 if steps[0] in ("data", "ephemeral") else 2
    rest = steps[size:]
    return ".".join(steps[:size]), rest[0] if rest and rest[0].startswith("[") else "", rest


@lru_cache(maxsize=4096)
def _join(steps: Steps) -> str:
    """`("roots", "[0]", "id")` as `roots[0].id`."""
    text = ""
    for step in steps:
        if step:
            text += step if step.startswith("[") or not text else f".{step}"
    return text
