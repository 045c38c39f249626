"""Whom and what a holder may act upon: what `escalation` asks of the account around it."""

import enum
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from msgspec import Struct

from ..value import Truth
from .arn import ACCOUNT
from .escalation_table import Row
from .tagging import NO_TAGS, Tags


class Gain(enum.IntEnum):
    """What a target has that the holder has not."""

    NOTHING = 0
    SOME = 1
    ADMIN = 2


class How(enum.IntEnum):
    """How sure it is that there is something to gain; the higher the surer."""

    OUTSIDE = 0  # a named target of which nothing is known
    LOOSE = 1  # anything of a kind, of which some may serve the holder
    OPEN = 2  # anything of a kind, of which some is sure to have more rights
    PROVEN = 3  # a target that is known, or the holder itself


class Candidate(Struct, frozen=True):
    """Something that the holder may act on.

    `label` is its address; of a workload, that of the role it runs as. `truth` says whether it fits the path at all. `doubt`
    says, where nothing is known to be gained, why there may be something all the same.
    """

    arn: str
    label: str
    gain: Gain = Gain.ADMIN
    truth: Truth = Truth.YES
    policies: tuple[str, ...] = ()
    tags: Tags = NO_TAGS
    doubt: str = ""


class Surroundings(Protocol):
    """What is known of the account around a holder."""

    def selves(self, target: str) -> Sequence[str]:
        """ARNs of what `self-user`, `self-role`, `own-group` or `own-policy` means; empty if the holder has none."""

    def has(self, given: str) -> bool:
        """Whether the holder has a permissions "boundary", or a "deny" that restricts it."""

    def others(self, row: Row, kind: str, *, assumed: bool, among: Sequence[str] | None = None) -> Iterable[Candidate]:
        """Users, roles or groups (`kind`) other than the holder, those with most to gain first.

        For `assumed` with whether their trust admits the holder. For a row with a `service`, roles that the service may run
        as. With `among` only those with these addresses, in this order.
        """

    def workloads(self, row: Row, among: Sequence[str] | None = None) -> Iterable[Candidate]:
        """Workloads of the kinds that the row takes over; their gain is that of their role, and `among` limits their roles."""

    def is_known(self, kind: str, pattern: str) -> bool:
        """Whether a pattern means something of a kind that is in the input."""


class _Nobody:
    """An account of which nothing is known, and a holder that may be of any kind."""

    def selves(self, target: str) -> Sequence[str]:
        kinds = {"self-user": "user", "self-role": "role", "own-group": "group", "own-policy": "policy"}
        return (f"arn:aws:iam::{ACCOUNT}:{kinds[target]}/⟦holder⟧",)

    def has(self, given: str) -> bool:  # noqa: ARG002  # a holder of which nothing is known may have either
        return True

    def others(
        self,
        row: Row,  # noqa: ARG002  # there are none
        kind: str,  # noqa: ARG002  # there are none
        *,
        assumed: bool,  # noqa: ARG002  # there are none
        among: Sequence[str] | None = None,  # noqa: ARG002  # there are none
    ) -> Iterable[Candidate]:
        return ()

    def workloads(self, row: Row, among: Sequence[str] | None = None) -> Iterable[Candidate]:  # noqa: ARG002  # there are none
        return ()

    def is_known(self, kind: str, pattern: str) -> bool:  # noqa: ARG002  # nothing is
        return False


NOBODY: Final[Surroundings] = _Nobody()
