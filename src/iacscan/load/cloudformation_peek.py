"""Whether files that are scanned together may import anything from each other, at little cost: most do not."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .cloudformation_exports import Exports

_MAX_TEMPLATE: Final = 10_000_000  # bytes, as `cloudformation_decode` has it
_HEAD: Final = 4096  # bytes that tell a plan


def exports_among(paths: Iterable[str], parameters: Mapping[str, str]) -> "Exports | None":
    """What the templates among some files export to each other; None if none imports anything.

    The order of the files makes no difference. Those that cannot be read are told of when they are scanned.
    """
    mentioning = {path: data for path in sorted(set(paths)) if (data := _peek(path)) is not None}
    if len(mentioning) < 2 or not any(b"ImportValue" in data for data in mentioning.values()):  # noqa: PLR2004  to each other
        return None
    from .cloudformation_exports import gather_exports  # noqa: PLC0415  only where something is imported

    return gather_exports(mentioning, parameters)


def _peek(path: str) -> bytes | None:
    """The text of a file that may be a template which imports or exports."""
    file = Path(path)
    try:
        if not file.is_file() or file.stat().st_size > _MAX_TEMPLATE:
            return None
        with file.open("rb") as opened:
            head = opened.read(_HEAD)
            if head.lstrip().startswith(b"{") and b'"format_version"' in head:
                return None
            data = head + opened.read()
    except (OSError, ValueError):
        return None
    return data if b"ImportValue" in data or (b"Export" in data and b"Outputs" in data) else None
