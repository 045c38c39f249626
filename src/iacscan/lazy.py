"""Regular expressions that are compiled when they are first asked, not when their module is imported.

A scan imports every rule and needs few of their expressions: to compile them all would take a tenth of a small plan's time.
"""

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever a compiled expression has by that name
        """Only what the instance does not have comes here, so each method costs this once."""
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what behaves like `re.compile(text, flags)`; a faulty expression raises `re.error` at its first use."""
    return cast("re.Pattern[str]", _Lazy(text, flags))
