"""Texts with marks in them, and lookups in mappings: what the intrinsic functions of templates share."""

import enum
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias, TypeGuard

import msgspec

from ..lazy import regex
from ..policy.arn import REST, symbol
from ..policy.third_parties import is_of_aws
from ..value import Reference, Unknown, Value
from .cloudformation_decode import Node

MARK: Final = regex("⟦[^⟧]*⟧")
_UUID: Final = "⟦AWS::StackId.uuid⟧"
# What stands between the delimiters of texts whose form is known: the stack's id, and the UUID at its end.
_FORMS: Final = {
    ("⟦AWS::StackId⟧", "/"): (
        "arn:⟦AWS::Partition⟧:cloudformation:⟦AWS::Region⟧:⟦AWS::AccountId⟧:stack",
        "⟦AWS::StackName⟧",
        _UUID,
    ),
    (_UUID, "-"): tuple(f"{_UUID[:-1]}.{part}⟧" for part in range(5)),
}
_PARTITIONS: Final = frozenset(
    ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
)
_DOMAIN: Final = "amazonaws.com"  # in China, .cn comes behind it
UNCLEAR: Final = {
    "Fn::Cidr": "a block of addresses that is worked out at deployment",
    "Fn::GetAZs": "the list of availability zones, which depends on the region",
    "Fn::GetStackOutput": "an output of another stack",
    "Fn::RefAll": "depends on all parameters of a type",
    "Fn::ValueOf": "an attribute of a parameter's value",
    "Fn::ValueOfAll": "an attribute of the values of parameters",
}
# Begins the name of an account that is one of AWS's own, as `policy.third_parties` tells it.
_OF_AWS: Final = "aws_service_account"
# Places in a policy whose words have a meaning, so that a part which is not known may be anything.
WORDS: Final = frozenset(("Action", "NotAction", "Effect"))
CALLERS: Final = frozenset(("Principal", "NotPrincipal"))  # where the id of an account is the account
# Places, and keys of conditions, that name one thing: a value without a wildcard is just a name there.
NAMES: Final = CALLERS | frozenset(
    ("Resource", "NotResource", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:ResourceAccount",
     "aws:ResourceOrgID", "aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceVpc", "aws:SourceVpce",
     "sts:ExternalId")
)  # fmt: skip
_HOLE: Final = "\ue000"  # of Unicode's private use: stands around the number of an unknown part of a text
_CLAIM: Final = regex(rf"{_HOLE}(\d+){_HOLE}(:(?:amr|app_id|aud|azp|email|oaud|sub))")
_PLAIN: Final = regex(r"[\w.:/@+=,-]+", re.ASCII)
_ACCOUNT: Final = regex(r"\d{12}", re.ASCII)
_RESOLVE: Final = regex(r"\{\{resolve:([\w-]+):([^}]*)")
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


def are_plain(values: Sequence[Result]) -> TypeGuard[Sequence[str]]:
    """Whether all values are fixed texts: no wildcard, no variable, no mark."""
    return all(isinstance(value, str) and _PLAIN.fullmatch(value) is not None for value in values)


def account_mark(texts: Iterable[str], mark: str) -> str | None:
    """The mark for one of several accounts, and of AWS's own if all of them are; None if they are no ids of accounts."""
    accounts = list(texts)
    if not all(map(_ACCOUNT.fullmatch, accounts)):
        return None
    return symbol(f"{_OF_AWS}.{mark[1:-1]}") if all(map(is_of_aws, accounts)) else mark


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


def parts_of(text: Value, delimiter: str) -> list[Value] | None:
    """The parts of a text that is known at deployment, where its form is known; None for any other."""
    found = _FORMS.get((text, delimiter)) if isinstance(text, str) else None
    return None if found is None else list(found)


def own_of(values: Iterable[object]) -> str | None:
    """What several texts come to, if they are what one thing is called in different parts of AWS.

    However a template chooses between `aws` and `aws-us-gov`, or between `ec2.amazonaws.com` and `ec2.amazonaws.com.cn`,
    it means the partition that it is deployed in, and the service there.
    """
    texts = {value if isinstance(value, str) else "" for value in values}
    if len(texts) > 1 and texts <= _PARTITIONS:
        return "⟦AWS::Partition⟧"
    usual = {text.removesuffix(".cn") for text in texts}
    if len(usual) < len(texts) and len(usual) == 1 and (name := usual.pop()).endswith(_DOMAIN):
        return f"{name.removesuffix(_DOMAIN)}⟦AWS::URLSuffix⟧"
    return None


def merged(values: Sequence[Result]) -> Sequence[Result]:
    """Several values, of which one is left if they are the same, or one thing under different names."""
    own = own_of(values)
    if own is not None:
        return [own]
    return values if any(value != values[0] for value in values[1:]) else values[:1]


def within(path: Iterable[str | int], places: Container[str | int]) -> bool:
    """Whether a path of keys leads through one of some places."""
    return any(step in places for step in path)


def length_of(values: Value) -> Value:
    """How many items a list has."""
    if isinstance(values, list) and not any(isinstance(item, Unknown) for item in values):
        return len(values)
    return values if isinstance(values, Unknown) else Unknown("the length of a list that is not known")


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
