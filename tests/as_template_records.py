"""The records of an estate as names and texts, without what only its format has, so that those of two formats can be compared."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from as_template_rows import MADE_UP
from msgspec import Struct

from iacscan.finding import Origin
from iacscan.model.estate import Estate
from iacscan.policy.arn import REST
from iacscan.policy.document import Condition, PolicyDocument, Principal, Statement
from iacscan.value import Unknown

Rename = Callable[[str], str]
Fields = dict[str, str]
UNKNOWN = "?"
_MARK = re.compile(r"⟦([^⟧]*)⟧")
_SHOWN = {PolicyDocument: ("text",), Statement: ("span", "hidden")}  # how it is shown, not what it says


class Difference(NamedTuple):
    """A field that two estates do not have alike. `kind` is the field of the estate, `field` that of its record."""

    kind: str
    field: str
    text: str

    def __str__(self) -> str:
        return self.text


def of_terraform(names: Mapping[str, str]) -> Rename:
    """Addresses as logical ids; what follows an address in a symbol stays."""

    def rename(text: str) -> str:
        address, rest = text, ""
        while address and address not in names:
            address, dot, last = address.rpartition(".")
            rest = f"{dot}{last}{rest}"
        return f"{names[address]}{rest}" if address else text

    return rename


def of_template(ids: Mapping[str, str]) -> Rename:
    """Logical ids of parts as those of their wholes; in symbols a type stands before them."""

    def rename(text: str) -> str:
        found = re.match(r"(?:[a-z]\w*\.)?([A-Za-z0-9]+)(?:#.*)?((?:\..*)?)", text)
        return f"{ids[found[1]]}{found[2]}" if found and found[1] in ids else text

    return rename


def renamed(text: str, rename: Rename) -> str:
    """A text with the symbols in it as logical ids."""
    return _MARK.sub(lambda mark: f"⟦{rename(mark[1])}⟧", text)


def records(estate: Estate, rename: Rename) -> dict[tuple[str, str], Fields]:
    """Every record by its kind and what it is made of; of several of one block each has a number."""
    found: dict[tuple[str, str], Fields] = {}
    for kind in estate.__struct_fields__:
        value = getattr(estate, kind)
        if kind == "coverage":
            found[kind, ""] = {"": f"{value.analysed} known, {value.partial} in part, {len(value.unknown)} not"}
        elif isinstance(value, tuple) and value and isinstance(value[0], Struct):
            places: defaultdict[str, list[Fields]] = defaultdict(list)
            for record in value:
                places[_plain(getattr(record, "origin", None), rename)].append(_fields(record, rename))
            for place, several in places.items():
                for at, fields in enumerate(sorted(several, key=repr)):
                    found[kind, f"{place} ({at + 1})" if at else place] = fields
        elif isinstance(value, tuple | frozenset):
            found[kind, ""] = {_plain(item, rename): "there" for item in value if _counts(kind, item)}
        elif not isinstance(value, Struct):
            found[kind, ""] = {"": _plain(value, rename)}
    return found


def differences(
    one: Mapping[tuple[str, str], Fields], other: Mapping[tuple[str, str], Fields], *, certain: bool = False
) -> Iterator[Difference]:
    """Fields that differ; with `certain` only those that are known on both sides."""
    for kind, place in dict.fromkeys((*one, *other)):
        ours, theirs = one.get((kind, place)), other.get((kind, place))
        of = f"{kind} of {place}" if place else kind
        if place and (ours is None or theirs is None):
            yield Difference(kind, "", f"{of}: only in the {'second' if ours is None else 'first'}: {ours or theirs}")
            continue
        ours, theirs = ours or {}, theirs or {}
        for path in dict.fromkeys((*ours, *theirs)):
            first, second = ours.get(path, "nothing"), theirs.get(path, "nothing")
            hidden = certain and (_is_open(ours, path) or _is_open(theirs, path))
            if first != second and not hidden:
                field = re.split(r"[.\[]", path)[0] if place else path
                yield Difference(kind, field, f"{of}: {path}: {first} in the first, {second} in the second")


def _is_open(fields: Fields, path: str) -> bool:
    """Whether a field, or the whole that it would be a part of, is not known to its end."""
    above = path
    while above and above not in fields:
        above = above[: max(above.rfind("."), above.rfind("["), 0)]
    return any(mark in fields.get(above, "") for mark in (UNKNOWN, REST))


def _counts(kind: str, item: str) -> bool:
    """Whether an element says something of an object; of what is mentioned, values and documents are none."""
    return kind != "mentions" or re.match(r"(?:module\.[^.]+\.)*(?:data|local|var)\.", item) is None


def _fields(value, rename: Rename, path: str = "") -> Fields:
    """Every leaf below a record, by its path; a list of texts is one leaf, in which order does not count."""
    match value:
        case Struct() if not isinstance(value, Unknown | Origin):
            hidden = (*_SHOWN.get(type(value), ()), "origin")
            pairs = [
                (f"{path}.{name}".lstrip("."), getattr(value, name))
                for name in value.__struct_fields__
                if name not in hidden
            ]
        case tuple() if value and isinstance(value[0], Condition | Principal):
            pairs = [(f"{path}[{at}]", item) for at, item in enumerate(sorted(value, key=lambda x: _plain(x, rename)))]
        case tuple() if value and all(isinstance(item, Struct) and not isinstance(item, Unknown) for item in value):
            pairs = [(f"{path}[{at}]", item) for at, item in enumerate(value)]
        case _:
            return {path: _plain(value, rename)}
    return {name: text for inner, item in pairs for name, text in _fields(item, rename, inner).items()}


def _plain(value, rename: Rename) -> str:
    match value:
        case Unknown():
            return UNKNOWN
        case str():
            return UNKNOWN if value == MADE_UP else renamed(rename(value), rename)
        case Origin():
            return rename(value.address) + (" (perhaps)" if value.possible else "")
        case Struct():
            return ", ".join(_fields(value, rename).values())
        case tuple() | list() | frozenset():
            return f"[{', '.join(sorted({_plain(item, rename) for item in value}))}]"
        case _:
            return repr(value)
