"""Where reports go: standard output, and files that are written whole or not at all."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .errors import UsageError

# What `report.FORMATS` holds; help and version do without that module.
FORMATS: Final = ("text", "json", "sarif", "markdown", "github", "gitlab", "junit")


def destinations(given: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Read the values of --output: the file that stands in for standard output, and the format of each file besides it.

    A value is FILE or FORMAT=FILE. Raises UsageError for a format that does not exist and for two reports in one place.
    """
    instead: str | None = None
    besides: dict[str, str] = {}
    for item in given:
        form, equals, file = item.partition("=")
        if not equals or not form.isalpha():
            form, file = "", item
        elif form not in FORMATS:
            message = f"--output: there is no format {form}; a file of that name is given as ./{item}"
            raise UsageError(message)
        if not file:
            message = f"--output {item}: the name of the file is missing"
            raise UsageError(message)
        if file in (instead, *besides) or not (form or instead is None):
            message = f"--output {item}: each report needs a file of its own, and only one goes without FORMAT="
            raise UsageError(message)
        if form:
            besides[file] = form
        else:
            instead = file
    return instead, besides


def write_stdout(text: str) -> None:
    """Write to standard output; a reader that has gone away (`| head`) is no error."""
    try:
        sys.stdout.buffer.write(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit, which would fail again and change the exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_file(path: str, text: str) -> None:
    """Replace a file in one step, so that no reader ever sees half a report. Pipes and devices are written to directly.

    Raises UsageError if that is not possible.
    """
    import tempfile  # noqa: PLC0415  only needed here

    target = Path(path)
    content = text.encode("utf-8", "backslashreplace")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        target = target.resolve()  # a link stays a link
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as directory:
            whole = Path(directory, target.name)
            whole.write_bytes(content)
            whole.replace(target)
    except OSError as error:
        message = f"the report cannot be written to {path}: {error.strerror}"
        raise UsageError(message) from error
