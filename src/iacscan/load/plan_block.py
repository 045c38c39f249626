"""Blocks of a plan: one object on one side of the change, its attributes decoded when they are asked for."""

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

from msgspec import Raw, Struct

from ..source import Span
from ..value import Reference, Unknown, Value
from .block import Mode
from .plan_expressions import DYNAMIC, Expressions, Scopes, Steps, is_leaf, part, parts, references_in, within
from .plan_format import NULL, Json, bound_depth, decode_fields, decode_part, may_be_deep, split_fields
from .plan_references import Place, Places

_SHOWN = 3  # references that an explanation names
_AFTER_APPLY = "known only after apply"
_COMPUTED = Unknown(_AFTER_APPLY)
_MADE = Unknown(f"{_AFTER_APPLY}; it stands in a dynamic block, which a plan file does not describe")


class Content(Struct, frozen=True, gc=False):
    """What one object holds on one side: its values, and masks of the same shape for what is unknown or sensitive."""

    values: Raw
    unknown: Raw = NULL
    sensitive: Raw = NULL


class PlanSide:
    """The blocks of one side of a plan, and what references mean there. `blocks` is filled while loading."""

    def __init__(self, scopes: Scopes, *, closed: bool) -> None:
        self.scopes = scopes
        self.blocks: list[PlanBlock] = []
        self._closed = closed
        self._masks: dict[bytes, dict[str, Json]] = {}
        self._unknowns: dict[tuple[str, int], Unknown] = {}
        self.rebuild: Rebuild | None = None

    def ask(self, rebuild: "Rebuild") -> None:
        """Ask somebody about every attribute that is not known, or not in full, from now on."""
        self.rebuild = rebuild
        for block in self.blocks:
            block.forget()

    @cached_property
    def places(self) -> Places:
        """Which instances exist."""
        return Places(self.blocks, closed=self._closed)

    def masks(self, raw: Raw, where: str) -> dict[str, Json]:
        """What is not known of each attribute of an object; instances of one block mostly share it."""
        text = bytes(raw)
        found = self._masks.get(text)
        if found is None:
            tree = _marks(decode_part(raw, where))
            found = self._masks[text] = tree if isinstance(tree, dict) else {}
        return found

    def unknown(self, expression: Json, place: Place) -> Unknown:
        """What a block does not know of what an expression of its configuration gives.

        Attributes are read several times, and the elements of a list have one expression, so the answer is kept. The
        configuration lives as long as this side, so that an expression is known by its identity.
        """
        key = (place.block, id(expression))
        found = self._unknowns.get(key)
        if found is None:
            references = self.places.follow(self.places.steps(expression), place)
            found = self._unknowns[key] = Unknown(because(references), references)
        return found


class PlanBlock:
    """A resource or data source of a plan; see `Block` for what is not said here.

    `static` is its address without module and key. `previous_address` is set where a `moved` block renamed it; both
    sides then use the new address.
    """

    __slots__ = (
        "_config", "_content", "_deep", "_fields", "_masks", "_now", "_side", "_values", "account", "action", "address", "index", "mode",
        "module", "name", "possible", "previous_address", "span", "static", "type",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913  keyword arguments, each a fact about the block
        self,
        *,
        address: str,
        static: str,
        module: str,
        mode: Mode,
        type: str,  # noqa: A002  the name that Block gives it
        name: str,
        index: int | str | None,
        account: str,
        action: str,
        content: Content,
        side: PlanSide,
        config: Expressions | None = None,
        now: "PlanBlock | None" = None,
        possible: bool = False,
        previous_address: str | None = None,
    ) -> None:
        self.address = address
        self.module = module
        self.mode: Mode = mode
        self.type = type
        self.name = name
        self.index = index
        self.account = account
        self.action = action
        self.possible = possible
        self.previous_address = previous_address
        self.static = static
        self.span: Span | None = None  # a plan has no positions; its source has
        self._content = content
        self._side = side
        self._config = config
        # The same object after the change, where that differs: the configuration describes that one.
        self._now = now
        self._fields: dict[str, Json] | None = None
        self._deep = False
        # What of each attribute is not known. This and `_deep` are valid as soon as `_fields` is.
        self._masks: dict[str, Json] = {}
        # Attributes with parts, once they were asked for.
        self._values: dict[str, Value] = {}

    def __repr__(self) -> str:
        return f"<{self.mode} {self.address} {self.action}>"

    @property
    def values(self) -> Raw:
        """The object's known attributes as they stand in the file."""
        return self._content.values

    def split(self) -> dict[str, Raw]:
        """Known attributes, undecoded."""
        return split_fields(self._content.values, self.address)

    def _known(self) -> dict[str, Json]:
        """Known attributes. How deep they are is not bounded yet."""
        if self._fields is None:
            self._fields = decode_fields(self._content.values, self.address)
            self._deep = may_be_deep(self._content.values)
            self._masks = self._side.masks(self._content.unknown, f"after_unknown of {self.address}")
        return self._fields

    def known(self) -> dict[str, Json]:
        """The attributes that are known in full. Raises InputError if one is nested too deeply."""
        fields = {name: value for name, value in self._known().items() if name not in self._masks}
        if self._deep:
            for name, value in fields.items():
                bound_depth(value, f"{self.address}.{name}")
        return fields

    def forget(self) -> None:
        """Read every attribute anew when it is asked for."""
        self._values.clear()

    def names(self) -> frozenset[str]:
        """Names of all attributes that have a value or an unknown value here."""
        known = {name for name, value in self._known().items() if value is not None}
        return frozenset(known.union(self._masks))

    def get(self, name: str) -> Value:
        """The attribute's tree, with `Unknown` leaves for what is not known; None if it is unset or absent.

        Raises InputError if the value is broken or nested too deeply.
        """
        value = (self._fields or self._known()).get(name)
        mask = self._masks.get(name)
        if mask is None and not isinstance(value, dict | list):
            return value
        if name not in self._values:
            if self._deep:
                bound_depth(value, f"{self.address}.{name}")
            expression = None if mask is None else self._expression(name)
            merged = self._merge(value, mask, expression)  # type: ignore[arg-type]  # a Json is a Value, but list and dict are invariant to the type checker
            if mask is not None and self._side.rebuild is not None:
                merged = self._side.rebuild(self, name, merged)
            self._values[name] = merged
        return self._values[name]

    def literal(self, name: str) -> str | None:
        """The text that the configuration sets the attribute to, if it is a constant and this side has what it says."""
        expression = self._expression(name)
        text = expression.get("constant_value") if isinstance(expression, dict) else None
        return text if isinstance(text, str) else None

    def configured(self, name: str) -> bool | None:
        """Whether the configuration sets the attribute; None if the plan does not tell.

        It does not where the block's configuration is not in it, and for `dynamic` blocks, which it leaves out: then a
        list of objects has no expression, just as one that AWS computed. What is unknown as a whole and has no
        expression is taken for computed in a resource, which it is in all cases but a `dynamic` block of unknown length;
        data sources have blocks of that kind often (`statement`), and nothing that is both set and computed.
        """
        if self._config is None:
            return None
        if name in self._config.tree:
            return True
        value, mask = self._known().get(name), self._masks.get(name)
        blocks = _has_objects(value) or _has_objects(mask)
        return None if blocks or (mask is True and self.mode == "data") else False

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What the expression at the path refers to; all of the block's references for no path.

        Before the change, the configuration still speaks only for attributes that the change leaves as they are.
        """
        if self._config is None:
            return ()
        if not path:
            names = [name for name in self._config.tree if self._speaks_for(name)]
            return self._follow(tuple(steps for name in names for steps in references_in(self._config.tree[name])))
        name = str(path[0])
        if name == "depends_on":
            return tuple(Reference(within(self.module, item)) for item in self._config.depends_on)
        expression = self._expression(name)
        if expression is None:
            return ()
        if len(path) > 1:
            value = self._known().get(name)
            for step in path[1:]:
                if isinstance(value, list) and isinstance(step, int) and step < len(value):
                    expression = parts(expression, value)[step]
                else:
                    expression = part(expression, step)
                value = _below(value, step)
        return self._follow(references_in(expression))

    def sensitive(self, name: str) -> bool:
        """Whether any part of the attribute is marked sensitive."""
        tree = decode_part(self._content.sensitive, f"sensitive marks of {self.address}")
        return tree is True or (isinstance(tree, dict) and _marked(tree.get(name)))

    def _speaks_for(self, name: str) -> bool:
        if self._now is None:
            return True
        ours, theirs = self._known(), self._now._known()  # noqa: SLF001  the same object, later
        return name in ours and name in theirs and ours[name] == theirs[name]

    def _expression(self, name: str) -> Json:
        if self._config is None or not self._speaks_for(name):
            return None
        return self._config.tree.get(name)

    def _follow(self, wanted: tuple[Steps, ...]) -> tuple[Reference, ...]:
        if not wanted or self._config is None:
            return ()
        return self._side.places.follow(wanted, self._place(self._config))

    def _place(self, config: Expressions) -> Place:
        scope = self._side.scopes.of(self.module) or self._side.scopes.root
        key = self.address[len(within(self.module, self.static)) :]
        return Place(scope, self.module, key, config, self.address)

    def _merge(self, value: Value, mask: Json, expression: Json) -> Value:
        """Put `Unknown` where the mask says so. Bounded: decode_part has refused what is nested too deeply."""
        match mask:
            case True:
                if expression is None or self._config is None:
                    return _COMPUTED
                if expression is DYNAMIC:
                    return _MADE
                return self._side.unknown(expression, self._place(self._config))
            case list():
                items = list(value) if isinstance(value, list) else []
                items.extend([None] * (len(mask) - len(items)))
                blocks = parts(expression, items)
                for at, below in enumerate(mask):
                    if below is not None:
                        items[at] = self._merge(items[at], below, blocks[at])
                return items
            case dict():
                fields = dict(value) if isinstance(value, dict) else {}
                for name, below in mask.items():
                    fields[name] = self._merge(fields.get(name), below, part(expression, name))
                return fields
            case _:
                return value


# What is known better of an attribute of a block than what the plan says, which is the last argument.
Rebuild: TypeAlias = Callable[[PlanBlock, str, Value], Value]


class ProviderBlock:
    """A `provider` block: only constants are known, for a plan does not evaluate its arguments."""

    mode: Mode = "provider"
    action = "no-op"
    index: int | str | None = None
    possible = False
    span: Span | None = None

    def __init__(self, key: str, name: str, alias: str, module: str, config: Expressions, side: PlanSide) -> None:
        self.address = within(module, f"provider.{key.rpartition(':')[2]}")
        self.module = module
        self.type = name
        self.name = alias
        self.account = key
        self._config = config
        self._side = side

    def __repr__(self) -> str:
        return f"<{self.address}>"

    def names(self) -> frozenset[str]:
        """Names of all arguments."""
        return frozenset(self._config.tree)

    def get(self, name: str) -> Value:
        """The argument: its constant, else Unknown with what it refers to; None if it is not set."""
        return self._tree(self._config.tree.get(name))

    def literal(self, name: str) -> str | None:
        """None: what `get` gives is what the configuration says."""
        del name
        return None

    def configured(self, name: str) -> bool | None:
        """Whether the argument is set; a dynamic block would not show, but provider blocks have none that matter here."""
        return name in self._config.tree

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What the argument refers to."""
        expression: Json = self._config.tree
        for step in path:
            expression = part(expression, step)
        return self._follow(expression)

    def sensitive(self, name: str) -> bool:
        """No: a plan does not mark the arguments of providers. Credentials among them must be guarded by their name."""
        del name
        return False

    def _follow(self, expression: Json) -> tuple[Reference, ...]:
        scope = self._side.scopes.of(self.module) or self._side.scopes.root
        return self._side.places.follow(references_in(expression), Place(scope, self.module))

    def _tree(self, expression: Json) -> Value:
        match expression:
            case dict() if "constant_value" in expression:
                return expression["constant_value"]  # type: ignore[return-value]  # as in PlanBlock.get
            case dict() if is_leaf(expression):
                references = self._follow(expression)
                return Unknown(because(references, "computed"), references)
            case dict():
                return {name: self._tree(item) for name, item in expression.items()}
            case list():
                return [self._tree(item) for item in expression]
            case _:
                return None


def because(references: tuple[Reference, ...], what: str = _AFTER_APPLY) -> str:
    """The clause that explains why a value is not known."""
    if not references:
        return what
    if all(item.address.startswith("local.") for item in references):
        return f"{what}; it passes through {references[0].address}, which a plan file does not describe"
    names = [str(item) for item in references[:_SHOWN]]
    if len(references) > _SHOWN:
        names.append(f"{len(references) - _SHOWN} more")
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{what} (from {listed})"


def _below(value: Json, step: str | int) -> Json:
    if isinstance(value, list) and isinstance(step, int):
        return value[step] if step < len(value) else None
    return value.get(step) if isinstance(value, dict) and isinstance(step, str) else None


def _has_objects(value: Json) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _marks(mask: Json) -> Json:
    """A mask without what it says of attributes that are known; None if all is. Bounded, as decode_part bounds the depth."""
    match mask:
        case True:
            return True
        case dict():
            return {name: below for name, item in mask.items() if (below := _marks(item)) is not None} or None
        case list():
            items = [_marks(item) for item in mask]
            return items if any(item is not None for item in items) else None
        case _:
            return None


def _marked(mask: Json) -> bool:
    """Whether any leaf of a mask is true. Bounded, as decode_part bounds the depth."""
    if isinstance(mask, dict):
        return any(_marked(item) for item in mask.values())
    return any(_marked(item) for item in mask) if isinstance(mask, list) else mask is True
