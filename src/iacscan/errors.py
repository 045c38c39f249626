"""Every exception that iacscan raises on purpose.

    IacscanError
    ├── UsageError            the caller's: wrong options, unknown rule code            exit 2
    ├── InputError            the input's: what was given cannot be read                exit 3
    └── DefectError           ours: a rule or a table is broken; please report it       exit 70

An `InputError` always says what is wrong, where, and what to do about it, in one line.
"""

import enum


class ExitCode(enum.IntEnum):
    """How a run ends. Where several apply, the one that says most about the run itself: 70, 2, 3, 1, 4, 0."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INPUT = 3
    INCOMPLETE = 4
    DEFECT = 70  # EX_SOFTWARE of sysexits.h


class IacscanError(Exception):
    """Base of all; its text is one line for a person."""


class UsageError(IacscanError):
    """The command line or the configuration asks for something that does not exist."""


class InputError(IacscanError):
    """An input cannot be read.

    `what` says what is wrong, `advice` what to do about it. The path is added by whoever reports it.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what}; {advice}")
        self.what = what
        self.advice = advice


class DefectError(IacscanError):
    """Something in iacscan itself is broken; the text names the piece, e.g. the rule that failed."""
