"""What AWS says about its actions: names, access levels, resource types, condition keys.

The tables in `data/` are generated (`scripts/make_action_data.py`) from AWS's service authorization reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/). Each file is read when it is first asked for, and
of each only the paragraph or line of the service in question is taken apart.
"""

from bisect import bisect_right
from functools import cache, cached_property, lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

Level = Literal["List", "Read", "Write", "Tagging", "Permissions management"]
LEVELS: Final[dict[str, Level]] = {
    "L": "List",
    "R": "Read",
    "W": "Write",
    "T": "Tagging",
    "P": "Permissions management",
}

# API operations and common slips -> the action that authorises the call, from AWS's "Actions" pages of each service.
ALIASES: Final = {
    "apigateway:invoke": "execute-api:Invoke",
    "cloudwatch:createloggroup": "logs:CreateLogGroup",
    "cloudwatch:createlogstream": "logs:CreateLogStream",
    "cloudwatch:putlogevents": "logs:PutLogEvents",
    "dynamodb:transactgetitems": "dynamodb:GetItem",
    "dynamodb:transactwriteitems": "dynamodb:PutItem",
    "iam:passroles": "iam:PassRole",
    "lambda:invoke": "lambda:InvokeFunction",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:copyobject": "s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:listmultipartuploads": "s3:ListBucketMultipartUploads",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:selectobjectcontent": "s3:GetObject",
    "s3:uploadpart": "s3:PutObject",
    "ses:sendmail": "ses:SendEmail",
}

_DATA: Final = Path(__file__).parent / "data"


def lines(name: str) -> list[str]:
    """The lines of a table, without its header."""
    return [line for line in _text(name).splitlines() if line and not line.startswith("#")]


def _text(name: str) -> str:
    return (_DATA / name).read_text(encoding="utf-8")


def table_bytes(name: str) -> bytes:
    """A table whole."""
    return (_DATA / name).read_bytes()


def find_line(name: str, key: str, separator: str) -> bytes | None:
    """The rest of the only line of a table that begins with a key and its separator; None if there is none.

    For tables that are too long to read: their lines are in the order of their keys, as bytes, and only those that a binary search
    meets are looked at.
    """
    wanted, mark = key.encode(), separator.encode()
    with (_DATA / name).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as table:
        low, high = 0, len(table)  # both are starts of lines; the one that is wanted starts between them
        while low < high:
            start = table.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = table.find(b"\n", start)
            found, _, rest = table[start:end].partition(mark)
            if found == wanted:
                return rest
            low, high = (end + 1, high) if found < wanted else (low, start)
    return None


class Service:
    """One service: its prefix and its actions in the order of their lower-case names.

    `first` is the bit of its first action in an action set; the bit after its last is its reserve.
    """

    def __init__(self, paragraph: str, first: int) -> None:
        head, _, self._body = paragraph.partition("\n")
        self.prefix, _, count = head.partition(" ")
        self.count = int(count)
        self.first = first

    @property
    def reserve(self) -> int:
        """The bit that stands for actions that AWS has not published yet."""
        return self.first + self.count

    @cached_property
    def _rows(self) -> list[str]:
        return self._body.split("\n", self.count)[: self.count]

    @cached_property
    def names(self) -> list[str]:
        """The actions' names as AWS writes them, without prefix."""
        return [row.partition(" ")[0] for row in self._rows]

    @cached_property
    def folded(self) -> list[str]:
        """The names in lower case, sorted."""
        return [row.partition(" ")[0] for row in self._body.lower().split("\n", self.count)[: self.count]]

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each lower-case name."""
        return dict(zip(self.folded, range(self.count), strict=True))

    @cached_property
    def marks(self) -> list[str]:
        """For each action the letters of its access levels (LEVELS, the telling one first), then `+` if it takes resources."""
        return [row.partition(" ")[2] for row in self._rows]


@cache
def services() -> dict[str, Service]:
    """Every service by its prefix, in the order of their bits."""
    found: dict[str, Service] = {}
    first = 0
    # The text before the first paragraph is the header.
    for paragraph in _text("actions.txt").split("\n@")[1:]:
        service = Service(paragraph, first)
        found[service.prefix] = service
        first = service.reserve + 1
    return found


@cache
def _firsts() -> tuple[list[int], list[Service]]:
    """The services in the order of their bits, and the first bit of each."""
    ordered = list(services().values())
    return [service.first for service in ordered], ordered


@lru_cache(maxsize=512)
def parts(bits: int) -> tuple[tuple[Service, int], ...]:
    """Each service with its part of the bits of a set, the reserve as the highest; empty parts are left out."""
    firsts, ordered = _firsts()
    found: list[tuple[Service, int]] = []
    position = 0  # how many bits are done with and shifted out
    while bits:
        lowest = position + (bits & -bits).bit_length() - 1
        service = ordered[bisect_right(firsts, lowest) - 1]
        if lowest > service.reserve:  # all services that are not known
            break
        bits >>= service.first - position
        found.append((service, bits & ((2 << service.count) - 1)))
        bits >>= service.count + 1
        position = service.reserve + 1
    return tuple(found)


@cache
def marked() -> dict[str, int]:
    """The bits of the actions that carry each mark: the letters of LEVELS, and `+`."""
    return {mark: int(digits, 16) for mark, digits in (line.split(" ") for line in lines("marks.txt"))}


@cache
def resource_control_services() -> frozenset[str]:
    """Prefixes of the services that resource control policies apply to.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    return frozenset(lines("rcp.txt"))


class ResourceType(Struct, frozen=True):
    """A type of resource. `arn` is its format, e.g. `arn:${Partition}:s3:::${BucketName}/${ObjectName}`."""

    name: str
    arn: str
    condition_keys: tuple[str, ...]


class Detail(Struct, frozen=True):
    """A service in full; actions by lower-case name. Services without resources and keys have empty tables."""

    key_types: dict[str, str]  # condition key as AWS writes it -> String, ARN, Bool, ArrayOfString, ...
    resource_types: dict[str, ResourceType]
    action_resources: dict[str, tuple[tuple[str, bool], ...]]  # -> type and whether it is required
    action_keys: dict[str, tuple[str, ...]]


class _Line(Struct, frozen=True):
    keys: dict[str, str]
    types: dict[str, tuple[str, tuple[str, ...]]]
    actions: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]


@cache
def detail(prefix: str) -> Detail:
    """Everything about one known service.

    Raises KeyError if AWS has no such service.
    """
    found = find_line("detail.txt", prefix, " ")
    if found is None:
        raise KeyError(prefix)
    line = msgspec.json.decode(found, type=_Line)
    return Detail(
        key_types=line.keys,
        resource_types={name: ResourceType(name, arn, keys) for name, (arn, keys) in line.types.items()},
        action_resources={
            name.lower(): tuple((use.removesuffix("!"), use.endswith("!")) for use in uses)
            for name, (uses, _) in line.actions.items()
        },
        action_keys={name.lower(): keys for name, (_, keys) in line.actions.items()},
    )


@cache
def risk_tags() -> dict[str, tuple[str, ...]]:
    """Reviewed risk tag -> its actions (`data/risk.txt` explains each tag)."""
    table: dict[str, tuple[str, ...]] = {}
    for paragraph in _text("risk.txt").split("\n@")[1:]:
        head, *actions = paragraph.splitlines()
        table[head.partition(" ")[0]] = tuple(action for action in actions if action)
    return table
