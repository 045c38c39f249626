"""Texts with marks in them, and lookups in mappings: what the intrinsic functions of templates share."""

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from ..policy.arn import REST
from ..value import Reference, Unknown, Value
from .cloudformation_decode import Node

MARK: Final = re.compile("⟦[^⟧]*⟧")
STACK_ID: Final = (
    "arn:⟦AWS::Partition⟧:cloudformation:⟦AWS::Region⟧:⟦AWS::AccountId⟧:stack",
    "⟦AWS::StackName⟧",
    "⟦AWS::StackId.uuid⟧",
)  # what stands between its slashes
UNCLEAR: Final = {
    "Fn::Cidr": "a block of addresses that is worked out at deployment",
    "Fn::GetAZs": "the list of availability zones, which depends on the region",
    "Fn::GetStackOutput": "an output of another stack",
    "Fn::RefAll": "depends on all parameters of a type",
    "Fn::ValueOf": "an attribute of a parameter's value",
    "Fn::ValueOfAll": "an attribute of the values of parameters",
}
_HOLE: Final = "\ue000"  # of Unicode's private use: stands around the number of an unknown part of a text
_CLAIM: Final = re.compile(rf"{_HOLE}(\d+){_HOLE}(:(?:amr|app_id|aud|azp|email|oaud|sub))")
_PLAIN: Final = re.compile(r"[\w.:/@+=,-]+", re.ASCII)
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_RESOLVE: Final = re.compile(r"\{\{resolve:([\w-]+):([^}]*)")
_STORES: Final = {"secretsmanager": "Secrets Manager", "ssm-secure": "Systems Manager", "ssm": "Systems Manager"}


class Absent(enum.Enum):
    """The value of AWS::NoValue: the property is as if it were not written."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
Result: TypeAlias = Value | Literal[Absent.ABSENT]


def function_of(node: Node) -> str | None:
    """The function that a node calls."""
    if isinstance(node.value, dict) and len(node.value) == 1:
        (name,) = node.value
        if name == "Ref" or (name.startswith("Fn::") and not name.startswith("Fn::ForEach::")):
            return name
    return None


def settled(text: str, hole: Unknown | None = None) -> Value:
    """The text, unless it is a dynamic reference: then it is what another service keeps, and never stands in the template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    found = _RESOLVE.search(text)
    if found is None:
        return text
    service, key = found[1], found[2].removesuffix(REST)
    store = _STORES.get(service, service)
    references = hole.references if hole else ()
    because = f"kept in {store} and read at deployment ({{{{resolve:{service}:{key}}}}})"
    return Unknown(because, (Reference(f"resolve:{service}", key), *references))


def is_plain(text: str) -> bool:
    """Whether a text is fixed: no wildcard, no variable, no mark."""
    return _PLAIN.fullmatch(text) is not None


def is_account(text: str) -> bool:
    """Whether a text is the id of an account."""
    return _ACCOUNT.fullmatch(text) is not None


def lookup(*parts: Value) -> str:
    """What to call a lookup in a mapping by its name and keys: the same lookups have the same name, and others do not."""
    keys = (" ".join(map(str, part.references)) if isinstance(part, Unknown) else str(part) for part in parts)
    return re.sub(r"[^A-Za-z0-9]", "", "".join(keys))


def holed_json(pieces: Sequence[Value], keys: Mapping[Unknown, str]) -> Value:
    """The tree of a text in JSON of which parts are not known; None if it is no object in JSON, whatever these parts are.

    A text ends where its unknown part begins, and is unknown if it begins so. So is what has a key with such a part, but for
    condition keys about a claim of a token that begin with a part which `keys` has a mark for.
    """
    text = ""
    holes: list[Unknown] = []
    for piece in pieces:
        match piece:
            case Unknown():
                text += f"{_HOLE}{len(holes)}{_HOLE}"
                holes.append(piece)
            case str() if _HOLE not in piece:
                text += piece
            case bool():
                text += "true" if piece else "false"
            case int() | float():
                text += str(piece)
            case _:
                return None
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return _with_holes(tree, holes, keys) if isinstance(tree, dict) else None


def _with_holes(tree: Value, holes: Sequence[Unknown], keys: Mapping[Unknown, str]) -> Value:
    match tree:
        case str() if _HOLE in tree:
            before, number, _ = tree.split(_HOLE, 2)
            return f"{before}{REST}" if before else holes[int(number)]
        case list():
            return [_with_holes(item, holes, keys) for item in tree]
        case dict():
            found: dict[str, Value] = {}
            for key, item in tree.items():
                hole = _CLAIM.fullmatch(key)
                known = keys.get(holes[int(hole[1])]) if hole else None
                if _HOLE in key and (hole is None or known is None):
                    return holes[int(key.split(_HOLE, 2)[1])]
                found[f"{known}{hole[2]}" if hole else key] = _with_holes(item, holes, keys)
            return found
        case _:
            return tree


def has_unknown(value: Value) -> bool:
    """Whether any part of a tree is not known."""
    match value:
        case Unknown():
            return True
        case list():
            return any(has_unknown(item) for item in value)
        case dict():
            return any(has_unknown(item) for item in value.values())
        case _:
            return False


def is_open(key: Value) -> bool:
    """Whether a key of a mapping is not known as a text."""
    return not isinstance(key, str | int) or "⟦" in str(key)


def entries(tables: Iterable[Node], key: Value) -> Iterable[Node]:
    """What tables have under a key; all that they have if it is open."""
    for table in tables:
        if is_open(key):
            yield from table.items.values()
        elif (found := table.get(str(key))) is not None:
            yield found


def selected(at: Value, values: Value) -> Value:
    """What stands at a position of a list."""
    if isinstance(at, Unknown) or isinstance(values, Unknown):
        return at if isinstance(at, Unknown) else values
    if not isinstance(values, list) or not str(at).isdecimal():
        return Unknown("a Select that is not written as a position and a list")
    # A list with a hole may have more or fewer items than are seen; before the hole they are counted right.
    before = values[: int(str(at)) + 1]
    if len(before) <= int(str(at)):
        return Unknown(f"item {at} of a list that has {len(values)}")
    return next((item for item in before if isinstance(item, Unknown)), before[-1])


def is_free_of(mark: str, delimiter: str) -> bool:
    """Whether what a mark stands for certainly does not hold a delimiter."""
    match mark:
        case "⟦AWS::AccountId⟧":
            return not delimiter.isdecimal()
        case "⟦AWS::Region⟧" | "⟦AWS::Partition⟧" | "⟦AWS::StackName⟧":
            return delimiter in (":", "/", ".", ",", "|", "_")
        case _:
            return mark.endswith("/AWSStackName⟧") and delimiter in (":", "/", ".", ",", "|", "_")


def outside_marks(text: str, delimiter: str) -> Iterable[str]:
    """Split a text, but not inside of its marks."""
    marks = iter(MARK.findall(text))
    for part in MARK.sub("⟦⟧", text).split(delimiter):
        yield re.sub("⟦⟧", lambda _: next(marks), part)
