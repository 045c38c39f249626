"""Links between objects of the model, and what they mean.

A link in the model is a text: a symbol `⟦address⟧`, a name, or an ARN. It is resolved in this order (spec 00, section
0.3): by the symbol's address, by literal name, by the last segment of an ARN. IAM names are compared without case, as IAM does.
Names count only inside one account, that is one provider configuration, unless only one object bears the name.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, Generic, Protocol, TypeVar

from .finding import Origin
from .value import Maybe, Unknown

_SYMBOL: Final = re.compile(r"⟦([^⟧]*)⟧")


class Placed(Protocol):
    """What has a place in the input."""

    @property
    def origin(self) -> Origin:
        """The block that it comes from."""
        ...


P = TypeVar("P", bound=Placed)


def symbols(text: str) -> tuple[str, ...]:
    """Addresses of all symbols in a text."""
    return tuple(_SYMBOL.findall(text)) if "⟦" in text else ()


class Index(Generic[P]):
    """Objects of one kind by everything that a link may call them."""

    def __init__(self, objects: Iterable[P], names: Callable[[P], Iterable[Maybe[str] | None]], *, fold: bool) -> None:
        self._fold = fold
        self._by_address: dict[str, P] = {}
        self._by_name: defaultdict[str, list[P]] = defaultdict(list)
        for item in objects:
            self._by_address[item.origin.identity] = item
            for key in {self._key(name) for name in names(item) if isinstance(name, str) and name}:
                self._by_name[key].append(item)

    def _key(self, name: str) -> str:
        return name.lower() if self._fold else name

    def find(self, link: Maybe[str] | None, account: str) -> P | None:
        """Return the object that the link means, None if it is not in this input."""
        if link is None or isinstance(link, Unknown):
            return None
        if "⟦" in link:
            for address in symbols(link):
                if address in self._by_address:
                    return self._by_address[address]
        found = self._by_name.get(self._key(link))
        if found is None and link.startswith("arn:"):
            found = self._by_name.get(self._key(link.rpartition("/")[2] if "/" in link else link.rpartition(":")[2]))
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        return next((item for item in found if item.origin.account == account), None)
