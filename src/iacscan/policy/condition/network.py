"""Address ranges in conditions: which are too wide to name anybody, and which never reach AWS."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from ...value import Maybe, Truth, Unknown

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network: TypeAlias = IPv4Network | IPv6Network

# Wider than this, S3 takes a range for the whole internet
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
_NARROW_V4: Final = 8
_NARROW_V6: Final = 32
_V4: Final = 4
_LARGE_V4: Final = 16  # no single organization's office has more addresses than a /16
_HALF_V4: Final = 2**31  # addresses; lists that add up to more name the internet piece by piece
# Ranges that no caller of a public AWS endpoint has (RFC 1918, 6598, 1122, 3927, 4193, 4291).
_PRIVATE: Final = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "fc00::/7", "fe80::/10",
)  # fmt: skip


@lru_cache(maxsize=4096)
def network(text: str) -> "Network | None":
    """Read an address or a range (bits of the host are ignored, as AWS does); None if it is neither."""
    import ipaddress  # noqa: PLC0415  # costs milliseconds, and most inputs have no such condition

    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def is_private(text: str) -> bool:
    """Whether no caller of a public endpoint has an address of this range."""
    given = network(text)
    if given is None:
        return False
    # Ranges of one family only compare with each other, which their versions say.
    return any(
        inner.version == given.version
        and inner.prefixlen <= given.prefixlen
        and inner.network_address == given.supernet(new_prefix=inner.prefixlen).network_address
        for inner in map(network, _PRIVATE)
        if inner is not None
    )


def is_broad(text: str) -> bool:
    """Whether the range is wider than /8 (IPv4) or /32 (IPv6), which names nobody. Private ranges are not."""
    given = network(text)
    if given is None or is_private(text):
        return False
    return given.prefixlen < (_NARROW_V4 if given.version == _V4 else _NARROW_V6)


def is_large(text: str) -> bool:
    """Whether an IPv4 range holds more addresses than a /16, though not so many that it names nobody. Private ranges do not."""
    given = network(text)
    if given is None or given.version != _V4 or is_private(text):
        return False
    return _NARROW_V4 <= given.prefixlen < _LARGE_V4


def names_the_internet(values: Iterable[Maybe[str]]) -> Truth:
    """Whether the ranges together admit callers that nobody chose. Symbols are ranges that somebody chose."""
    total = 0
    result = Truth.NO
    for value in values:
        if isinstance(value, Unknown):
            result = Truth.UNKNOWN
            continue
        given = network(value)
        if given is None:
            if not value.startswith("⟦") or "…" in value:
                result = Truth.UNKNOWN
            continue
        if is_broad(value):
            return Truth.YES
        if given.version == _V4 and not is_private(value):
            total += given.num_addresses
    return Truth.YES if total > _HALF_V4 else result


def covers_all_of_ipv4(values: Iterable[Maybe[str]]) -> Truth:
    """Whether every IPv4 address is in one of the ranges."""
    import ipaddress  # noqa: PLC0415  # as above

    known: list[ipaddress.IPv4Network] = []
    unknown = False
    for value in values:
        given = None if isinstance(value, Unknown) else network(value)
        if isinstance(given, ipaddress.IPv4Network):
            known.append(given)
        unknown = unknown or given is None
    if any(item.prefixlen == 0 for item in ipaddress.collapse_addresses(known)):
        return Truth.YES
    return Truth.UNKNOWN if unknown else Truth.NO
