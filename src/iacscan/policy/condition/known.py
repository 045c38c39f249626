"""Which condition keys there are.

Global keys: `keys.py`. Keys of services: the service authorization reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

from functools import cache, lru_cache
from typing import Final

from ...lazy import regex
from ...value import Truth
from ..action_data import detail, services
from ..pattern import matches
from .keys import global_names, key_info

_PLACEHOLDER: Final = regex(r"\$\{[^}]*\}|<[^>]*>|(?<=/)tag-key$")
_CLOSE: Final = 0.7  # how alike keys must be (difflib's ratio) to suggest one for the other


@lru_cache(maxsize=4096)
def exists(key: str) -> Truth:
    """Whether AWS has a condition key, in any case.

    Unknown for prefixes that are no service: claims of identity providers, and services that AWS does not list.
    """
    folded = key.lower()
    prefix, colon, _ = folded.partition(":")
    if not colon:
        return Truth.NO
    if key_info(folded) is not None:
        return Truth.YES
    if prefix == "aws":
        return Truth.NO
    if prefix not in services():
        return Truth.UNKNOWN
    return Truth.of(known=any(matches(pattern, folded) for pattern in _patterns(prefix)))


def suggest(key: str) -> str | None:
    """The key that was probably meant by one that does not exist; None if nothing comes close."""
    import difflib  # noqa: PLC0415  # slow to import, and needed only to word a finding

    folded = key.lower().rstrip("/")
    prefix = folded.partition(":")[0]
    names = detail(prefix).key_types if prefix in services() else global_names()
    spelt = {_PLACEHOLDER.sub("TAG", name).lower().rstrip("/"): name for name in names}
    close = difflib.get_close_matches(folded if ":" in folded else f"aws:{folded}", spelt, n=1, cutoff=_CLOSE)
    if not close:
        return None
    found = spelt[close[0]]
    return f"{found}TAG" if found.endswith("/") else found


def as_pattern(listed: str) -> str:
    """A key as AWS lists it, in lower case, with a star for what the writer of a policy fills in."""
    pattern = _PLACEHOLDER.sub("*", listed).lower()
    return f"{pattern}*" if pattern.endswith("/") else pattern


@cache
def _patterns(prefix: str) -> tuple[str, ...]:
    """The keys that a service's table has, as patterns."""
    return tuple(map(as_pattern, detail(prefix).key_types))
