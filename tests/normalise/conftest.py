"""A block in memory, and the way from blocks to an estate."""

from collections.abc import Callable, Mapping

import pytest

from iacscan.load.block import Block, Loaded, Output, Side
from iacscan.model.estate import Estate
from iacscan.normalise import normalise
from iacscan.value import Reference, Unknown, Value


class MemoryBlock:
    """What a loader would give; `unset` names attributes that AWS fills in and the configuration does not mention."""

    span = None

    def __init__(  # noqa: PLR0913  keyword arguments, each a fact about the block
        self,
        address: str,
        values: Mapping[str, Value] | None = None,
        *,
        action: str = "create",
        account: str = "aws",
        index: int | str | None = None,
        unset: tuple[str, ...] = (),
        refers: Mapping[str, tuple[Reference, ...]] | None = None,
        possible: bool = False,
        literals: Mapping[str, str] | None = None,
    ) -> None:
        self.address = address
        local = address
        self.module = ""
        while local.startswith("module."):
            _, name, local = local.split(".", 2)
            self.module = f"{self.module}.module.{name}".lstrip(".")
        self.mode = "data" if local.startswith("data.") else "managed"
        self.type, name = local.removeprefix("data.").split(".", 1)
        self.name = name.partition("[")[0]
        self.index = index
        self.account = account
        self.action = action
        self.possible = possible
        self._values = dict(values or {})
        self._unset = unset
        self._refers = dict(refers or {})
        self._literals = dict(literals or {})

    def names(self) -> frozenset[str]:
        return frozenset(self._values)

    def get(self, name: str) -> Value:
        return self._values.get(name)

    def literal(self, name: str) -> str | None:
        return self._literals.get(name)

    def configured(self, name: str) -> bool | None:
        return name in self._values and name not in self._unset

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        if not path:
            return tuple(item for name in {**self._values, **self._refers} for item in self.references(name))
        found = list(self._refers.get(str(path[0]), ()))
        todo: list[Value] = [self._values.get(str(path[0]))]
        while todo:
            value = todo.pop()
            if isinstance(value, Unknown):
                found += value.references
            elif isinstance(value, list):
                todo += value
            elif isinstance(value, dict):
                todo += value.values()
        return tuple(found)

    def sensitive(self, name: str) -> bool:
        del name
        return False


@pytest.fixture
def block() -> type[MemoryBlock]:
    return MemoryBlock


@pytest.fixture
def unknown() -> Callable[..., Unknown]:
    """Make a value known after apply from references written `address attribute`."""

    def make(*references: str) -> Unknown:
        split = (text.partition(" ") for text in references)
        return Unknown("known only after apply", tuple(Reference(address, name) for address, _, name in split))

    return make


@pytest.fixture
def both() -> Callable[..., tuple[Estate, Estate]]:
    def run(before: list[Block], after: list[Block], outputs: tuple[Output, ...] = ()) -> tuple[Estate, Estate]:
        return normalise(Loaded("plan.json", "terraform-plan", Side(before), Side(after), outputs))

    return run


@pytest.fixture
def estate(both: Callable[..., tuple[Estate, Estate]]) -> Callable[..., Estate]:
    """Normalise blocks that are all new."""

    def run(*blocks: Block, outputs: tuple[Output, ...] = ()) -> Estate:
        return both([], list(blocks), outputs)[1]

    return run
