"""What a rule says, and what the engine makes of it.

A rule yields `Violation` or `Undecided`; silence means fine. The engine stamps code, severity, state and fingerprint on
it, which makes a `Finding`.
"""

import enum
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from .lazy import regex
from .source import Span

_KEY: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_INSTANCE_KEY: Final = regex(_KEY)
_LAST_KEY: Final = regex(rf"{_KEY}\Z")


class Severity(enum.IntEnum):
    """How bad it would be; ordered, so that thresholds are comparisons."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The lower-case name that reports and options use."""
        return self.name.lower()


class Confidence(enum.IntEnum):
    """How sure we are that the finding is true of the account, once applied."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2

    @property
    def label(self) -> str:
        """The lower-case name that reports use."""
        return self.name.lower()


class State(enum.Enum):
    """What the change does to a finding (decision 6 of the design)."""

    NEW = "new"
    WORSE = "worse"
    EXISTING = "existing"
    FIXED = "fixed"


class Origin(Struct, frozen=True):
    """The block in the input that an object of the model comes from.

    `account` is the provider configuration that creates it (`aws`, `aws.prod`): objects of different accounts are never
    duplicates of each other. `action` is what the plan does to it (`create`, `update`, `no-op`, ...). `input` is the
    path of the file. `possible` says that count or for_each is not known, so the object may not come to be. `id` is set
    where symbols do not have the address itself in them: in templates, where logical ids do not tell the type.
    """

    address: str
    type: str
    input: str = ""
    account: str = ""
    action: str = "create"
    span: Span | None = None
    possible: bool = False
    id: str = ""

    @property
    def identity(self) -> str:
        """What symbols call what the block makes; see `policy.arn`."""
        return self.id or self.address

    @property
    def is_template(self) -> bool:
        """Whether the block is a resource of CloudFormation."""
        return "::" in self.type

    @property
    def module(self) -> str:
        """The address of the module instance that the block stands in; empty in the root."""
        return self.block.rpartition(f"{self.type}.")[0].rstrip(".") if self.type else ""

    @property
    def block(self) -> str:
        """The address without the block's own key: the same for all instances of it in one instance of its module."""
        return _LAST_KEY.sub("", self.address)

    @property
    def resource(self) -> str:
        """The address without the keys of count and for_each: the same for all instances of one block."""
        return _INSTANCE_KEY.sub("", self.address)


class Related(Struct, frozen=True):
    """Another place that takes part in a finding, with a short remark on its part."""

    origin: Origin
    note: str


class Violation(Struct, frozen=True, kw_only=True):
    """A rule's statement that something is wrong.

    `message` starts in lower case and ends without a full stop. `evidence` holds the values that decide, one a line (a
    statement, an ACL, a flag), without secrets; it is compared between the estates before and after. `severity`
    and `confidence` override the rule's own. `remedy` replaces the rule's general advice where the case allows a
    better one. `key` tells apart several findings of one rule on one subject (a statement's Sid, a flag's name). `about` says
    what exactly it is about in words that other rules use too (actions, in lower case), for `together.told_once`.
    """

    subject: Origin
    message: str
    evidence: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    confidence: Confidence | None = None
    remedy: str | None = None
    key: str = ""
    about: tuple[str, ...] = ()


class Undecided(Struct, frozen=True, kw_only=True):
    """A rule's statement that it cannot tell. `message` says what is not known and why."""

    subject: Origin
    message: str
    evidence: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    remedy: str | None = None
    key: str = ""


class Suppression(Struct, frozen=True):
    """Why a finding is not to fail the run: somebody says so, with a reason, in the source or in the configuration.

    `where` is the place that says so (`main.tf:12`, `.iacscan.yaml: ignore[0]`), `until` the last day that it counts.
    """

    kind: Literal["source", "configuration"]
    where: str
    reason: str
    until: date | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """What is reported. `fingerprint` stays the same when lines move or the plan is made again.

    A finding that is `suppressed` is shown in reports for programs; `suppression` says by whom. `about` is that of the
    violation.
    """

    code: str
    name: str
    tip: int
    severity: Severity
    confidence: Confidence
    verdict: str  # "violation" or "undecided"
    state: State
    subject: Origin
    related: tuple[Related, ...]
    message: str
    evidence: tuple[str, ...]
    remedy: str
    fingerprint: str
    key: str = ""
    suppressed: bool = False
    suppression: Suppression | None = None
    about: tuple[str, ...] = ()
