"""Text from an input, made safe for where it is shown: workflow commands, Markdown, code.

What a resource is called and what a policy says is written by whoever opened the pull request.
"""

import re
from collections.abc import Iterable
from typing import Final

from . import clean

# A character reference is text and never markup (https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references),
# in the cells of tables as well.
_MARKUP: Final = re.compile(r"[\\`*_\[\]<>&|~$@]")
# GitHub reads these in the finished page: mentions, issues, addresses. A space without width takes the meaning away.
_REFERENCES: Final = re.compile(r"(?<=@)(?=[\w-])|(?<=#)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_NO_SPACE: Final = "\N{ZERO WIDTH SPACE}"


def command_message(text: str) -> str:
    """The message of a workflow command, https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions."""
    lines = "\n".join(clean(line) for line in text.splitlines())
    return lines.replace("%", "%25").replace("\n", "%0A")


def command_property(text: str) -> str:
    """The value of a property of a workflow command, such as its file or title."""
    return command_message(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str) -> str:
    """One line of prose within a line: no markup, no links, no mentions, no HTML."""
    return _as_text(_REFERENCES.sub(_NO_SPACE, clean(" ".join(text.split()))))


def code(text: str) -> str:
    """The same as code, which may be copied: nothing is put in, as GitHub looks for no references there."""
    return f"<code>{_as_text(clean(' '.join(text.split())))}</code>"


def code_block(lines: Iterable[str]) -> str:
    """Lines of code, in a fence that is longer than any within."""
    body = [clean(line) for line in lines]
    longest = max((len(run) for line in body for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}text", *body, fence))


def _as_text(text: str) -> str:
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", text)
