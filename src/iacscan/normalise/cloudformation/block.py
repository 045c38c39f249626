"""A resource of a template, or a part of one, as a block of Terraform."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol, runtime_checkable

from ...lazy import regex
from ...load.block import Block, Mode
from ...source import Span
from ...value import Reference, Value
from ..written import Rewritten
from .row import Row
from .shapes import Spec, is_of_root, pairs, path_of, shaped

_WAITS: Final = "@DependsOn"
_TAGS: Final = pairs("Tags")
_STEP: Final = regex(r"[^.\[\]]+")


@runtime_checkable
class _Located(Protocol):
    """A block of a loader that keeps the place of every property."""

    def span_of(self, *path: str | int) -> Span | None:
        """The lines of what is at a path."""


class Properties(dict[str, Value]):
    """The properties of a resource. One that is not among them may be set all the same: what the block says of it counts."""

    def __init__(self, block: Block, written: Mapping[str, Value]) -> None:
        super().__init__(written)
        self._block = block

    def get(self, name: str, default: Value = None) -> Value:  # type: ignore[override]  # that of dict has overloads
        """The value of a property; Unknown for one that may be added."""
        value = self[name] if name in self else self._block.get(name)
        return default if value is None else value


class Resource(NamedTuple):
    """A resource of a template with its properties, in which references are already put in Terraform's words.

    `refer` does the same to references; `row` says what its type is in Terraform, and `used` which properties have names there.
    """

    written: Block
    row: Row
    properties: Properties
    used: frozenset[str]
    refer: Callable[[tuple[Reference, ...]], tuple[Reference, ...]]


class Respelled(Rewritten):
    """A block with a type and attributes of Terraform, and an address of its own; `written` is the resource as people know it."""

    module: Final = ""
    index: Final = None

    def __init__(self, resource: Resource, type_: str, address: str, keys: Mapping[str, Spec]) -> None:
        self._resource = resource
        self.written = resource.written
        self.type = type_
        self.address = address
        self.keys = keys
        self._values: dict[str, Value] = {}

    @property
    def name(self) -> str:
        """The logical id."""
        return self.written.address

    @property
    def mode(self) -> Mode:
        """Managed."""
        return self.written.mode

    @property
    def account(self) -> str:
        """The account that the stack is for."""
        return self.written.account

    @property
    def action(self) -> str:
        """What the change does."""
        return self.written.action

    @property
    def span(self) -> Span | None:
        """Where the resource is written."""
        return self.written.span

    @property
    def possible(self) -> bool:
        """Whether the resource may not come to be."""
        return self.written.possible

    def names(self) -> frozenset[str]:
        """Attributes that have a value, and properties for which Terraform's spelling has no name."""
        known = {name for name in self.keys if self.get(name) is not None}
        return frozenset(known | (self._resource.properties.keys() - self.used))

    @property
    def used(self) -> frozenset[str]:
        """The properties that Terraform's spelling has names for."""
        return self._resource.used

    def get(self, name: str) -> Value:
        """The value of an attribute, in Terraform's form; also of a property, by its own name."""
        if name not in self._values:
            self._values[name] = self._read(name)
        return self._values[name]

    def _read(self, name: str) -> Value:
        properties = self._resource.properties
        spec = self.keys.get(name)
        if spec is not None:
            return shaped(spec, properties)
        return shaped(_TAGS, properties) if name == "tags" else properties.get(name)

    def literal(self, name: str) -> str | None:
        """None: a template shows what is written, and nothing beside it."""
        del name
        return None

    def configured(self, name: str) -> bool | None:
        """Whether the template sets the attribute, as nothing else shows in it; None if a macro may."""
        if self.get(name) is None:
            return False
        return True if self.written.configured(_top(self.property_of(name))) is not None else None

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What the property refers to; for no path, what all of them do; `depends_on` gives what `DependsOn` names."""
        if not path:
            found = (reference for name in sorted(self.names()) for reference in self.references(name))
            return tuple(dict.fromkeys(found))
        name = _WAITS if path == ("depends_on",) else self.property_of(str(path[0]))
        return self._resource.refer(self.written.references(_top(name)))

    def sensitive(self, name: str) -> bool:
        """Whether the property is made of a parameter that is not to be shown."""
        return self.written.sensitive(_top(self.property_of(name)))

    def property_of(self, name: str) -> str:
        """How the template spells an attribute: the path of the property."""
        spec = self.keys.get(name)
        if spec is None:
            return "Tags" if name == "tags" else name
        return path_of(spec) or name


class Part(Respelled):
    """A block for one element of a property. `owner` is the attribute that names the resource, with its text."""

    def __init__(
        self,
        resource: Resource,
        type_: str,
        address: str,
        keys: Mapping[str, Spec],
        at: str,
        element: Value,
        owner: tuple[str, str] | None,
    ) -> None:
        super().__init__(resource, type_, address, keys)
        self._at = at
        self._element = element
        self._owner = owner

    @property
    def span(self) -> Span | None:
        """Where the element is written; the whole resource if that says more about the block than its element does."""
        if not isinstance(self.written, _Located) or any(is_of_root(spec) for spec in self.keys.values()):
            return self.written.span
        steps = (int(step) if step.isdigit() else step for step in _STEP.findall(self._at))
        return self.written.span_of(*steps)

    def names(self) -> frozenset[str]:
        """Attributes that have a value."""
        owner = (self._owner[0],) if self._owner else ()
        return frozenset(name for name in (*self.keys, *owner) if self.get(name) is not None)

    def _read(self, name: str) -> Value:
        if self._owner is not None and name == self._owner[0]:
            return self._owner[1]
        spec = self.keys.get(name)
        if spec is None:
            return None
        return shaped(spec, self._resource.properties if is_of_root(spec) else self._element)

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What the property refers to; the attribute that names the resource refers to it and to nothing else."""
        if self._owner is not None and path and path[0] == self._owner[0]:
            address, _, attribute = self._owner[1].strip("⟦⟧").rpartition(".")
            return (Reference(address, attribute),)
        return super().references(*path)

    def property_of(self, name: str) -> str:
        """How the template spells an attribute: the path of the property, from the resource on."""
        spec = self.keys.get(name)
        if spec is None:
            return self._at
        path = path_of(spec)
        return path if is_of_root(spec) else f"{self._at}.{path}" if path else self._at


def _top(path: str) -> str:
    """The property that a path begins with."""
    return path.partition(".")[0].partition("[")[0]
