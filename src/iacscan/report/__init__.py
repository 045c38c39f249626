"""Findings to text; each format has a module and versioned records of its own, imported when it is asked for.

A `Report` is what a scan found, whole and in order. A `View` is what a reader wants to see of it.
"""

import unicodedata
from typing import Final, Protocol

from msgspec import Struct

from ..change import Gate
from ..finding import Confidence, Finding, Severity, State
from ..model.estate import Coverage

FORMATS: Final = ("text", "json", "sarif", "markdown", "github", "gitlab", "junit")


class RuleText(Protocol):
    """What reports say about a rule; `rules._rule.Rule` is one."""

    @property
    def code(self) -> str:
        """Its code, e.g. `IAM902`."""

    @property
    def name(self) -> str:
        """Its name in words, e.g. `bucket-policy-public-read`."""

    @property
    def tip(self) -> int:
        """The number of its tip, 1 to 9."""

    @property
    def severity(self) -> Severity:
        """The severity that its findings have unless they say otherwise."""

    @property
    def confidence(self) -> Confidence:
        """Likewise the confidence."""

    @property
    def references(self) -> tuple[str, ...]:
        """Addresses of the pages it rests on."""

    @property
    def summary(self) -> str:
        """What is wrong, in one paragraph."""

    @property
    def why(self) -> str:
        """Why it matters, in Markdown."""

    @property
    def fix(self) -> str:
        """How to fix it, in Markdown."""

    @property
    def template_fix(self) -> str:
        """How to fix it in a template, in Markdown; empty if `fix` serves templates as well."""


class Input(Struct, frozen=True, kw_only=True):
    """One input, and how much of it could be judged.

    `status` is "scanned", "empty" (readable, but without a resource) or "unreadable"; then `error` says why in one line.
    `complete`, `unseen` and `notes` are the loader's: a targeted plan, modules that are not on disk, remarks.
    """

    path: str
    status: str
    kind: str = ""
    error: str = ""
    coverage: Coverage = Coverage()
    complete: bool = True
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Report(Struct, frozen=True, kw_only=True):
    """What a scan found: findings of every state and severity, worst first, and the rules that were run.

    `passed` are the files in directories that are nothing to scan. `notes` are remarks on the run as a whole, such as
    suppressions that do not count.
    """

    inputs: tuple[Input, ...]
    findings: tuple[Finding, ...]
    rules: tuple[RuleText, ...]
    passed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class View(Struct, frozen=True):
    """What to show: findings from `severity` up, though never less than what fails the run; `width` in columns.

    `verbose` names what is only counted otherwise.
    """

    severity: Severity = Severity.LOW
    gate: Gate = Gate()
    width: int = 100
    colour: bool = False
    verbose: bool = False

    def shows(self, finding: Finding) -> bool:
        """Whether the finding is severe enough to be shown."""
        return finding.severity >= self.severity or self.gate.fails(finding)

    def is_news(self, finding: Finding) -> bool:
        """Whether the finding is listed for people, rather than counted."""
        return self.gate.concerns(finding) and finding.state is not State.FIXED and self.shows(finding)


def render(report: Report, form: str, view: View) -> str:
    """Write the report in one of `FORMATS`; the text ends with a line break."""
    from importlib import import_module  # noqa: PLC0415  each format is imported when it is asked for: JSON brings pydantic

    if form not in FORMATS:
        raise ValueError(form)
    written: str = import_module(f".{form}", __name__).render(report, view)
    return written


def clean(text: str) -> str:
    """Make text from an input safe to print: control, format and bidirectional characters become visible escapes.

    So a resource name can neither move the cursor, nor recolour the screen, nor reorder what is read.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(character) for character in text)


# Categories that do not print a glyph of their own: control, format, surrogate, unassigned, line and paragraph separators.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})


def _escape(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    return character.encode("unicode_escape").decode("ascii")
