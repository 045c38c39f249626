"""The known ways in which actions give their caller the rights of somebody else.

One reviewed table, `data/escalation.json`, one line a path. It is read when it is first asked for. The research it rests on:
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, https://github.com/BishopFox/iam-vulnerable,
https://pathfinding.cloud; `sources` has the numbers of each path there.
"""

from functools import cache
from typing import Final, Literal

import msgspec
from msgspec import Struct

from .action import ActionSet
from .action_data import table_bytes

# What an action must be allowed on for the path to open.
Target = Literal[
    "any",  # any resource of its kind
    "self-user",  # the user that holds the policies, or a member of the group that does
    "self-role",  # the role that holds them
    "own-group",  # the group that holds them, or that the user is in
    "own-policy",  # a customer managed policy that the holder has
    "user",  # another user, whatever its rights
    "role",  # another role, whatever its rights; if sts:AssumeRole is needed, its trust must admit the holder
    "other-user",  # another user, with rights that the holder lacks
    "other-role",
    "group",  # a group with rights that the holder lacks
    "policy-of-role",  # a customer managed policy of the `role`
    "passed-role",  # a role that the service may run as, with rights that the holder lacks
    "new-user",  # one name that all actions with this target are allowed on
    "new-role",
]
Kind = Literal["self", "principal", "new-passrole", "existing-role", "credential", "trust", "org"]
_PASSING: Final = "iam:PassRole"
ASSUMING: Final = "PE-STS-01"  # the path that is nobody's fault: to assume a role


class Row(Struct, frozen=True, kw_only=True):
    """One path.

    All of `needs` must be allowed: action -> target, equal targets being one and the same object. `does` says what the
    caller may do and completes "may ..."; `{target}` in it is the object. `service` is the service that a role is passed to,
    without ".amazonaws.com". `runs` are the kinds of workloads (resource types without "aws_") whose role is taken over.
    `given` names what the path needs besides: a permissions "boundary" or a "deny" that restricts the holder. With `alone`
    false a path is no finding by itself: it is common, or often harmless, and only worth telling beside another one.
    """

    id: str
    sources: tuple[str, ...]
    kind: Kind
    severity: Literal["info", "low", "medium", "high", "critical"]
    needs: dict[str, Target]
    does: str
    service: str = ""
    runs: tuple[str, ...] = ()
    given: Literal["", "boundary", "deny"] = ""
    alone: bool = True


class _Table(Struct, frozen=True):
    paths: tuple[Row, ...]


@cache
def rows() -> tuple[Row, ...]:
    """Every path, in the order of the table."""
    return msgspec.json.decode(table_bytes("escalation.json"), type=_Table).paths


def find_row(number: str) -> Row:
    """The path with a number."""
    return next(row for row in rows() if row.id == number)


@cache
def _entries() -> tuple[tuple[Row, ActionSet], ...]:
    return tuple((row, ActionSet.of(row.needs)) for row in rows())


@cache
def _starting() -> ActionSet:
    """One action of each path that is a finding by itself: who lacks all of these has no path."""
    return ActionSet.of(_PASSING if row.service else next(iter(row.needs)) for row in rows() if row.alone)


def starts(actions: ActionSet) -> bool:
    """Whether a set may have all actions of a path that is a finding by itself; quick, to be asked first."""
    return actions.overlaps(_starting())


def rows_within(actions: ActionSet) -> tuple[Row, ...]:
    """The paths all of whose actions are in a set."""
    return tuple(row for row, needed in _entries() if actions.covers(needed))
