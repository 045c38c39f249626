"""Which ways to somebody else's rights a holder's policies open: the table of paths, asked of its powers.

Pure: who else there is, and what they have, is told by `Surroundings`; `NOBODY` stands for an account of which nothing is known.
What is asked of a target is whether it is allowed *for certain*, so that a path is never made of what is not known.
"""

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from msgspec import Struct

from ..value import Truth, all_of
from .action import ActionSet
from .arn import ACCOUNT
from .document import Statement
from .escalation_table import Row, rows_within
from .pattern import overlaps_arn
from .power import NONE, Permission, Power


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
    """Something that the holder may act on. `label` is its address; `truth` says whether it fits the path at all."""

    arn: str
    label: str
    gain: Gain = Gain.ADMIN
    truth: Truth = Truth.YES
    policies: tuple[str, ...] = ()


class Surroundings(Protocol):
    """What is known of the account around a holder."""

    def selves(self, target: str) -> Sequence[str]:
        """ARNs of what `self-user`, `self-role`, `own-group` or `own-policy` means; empty if the holder has none."""

    def has(self, given: str) -> bool:
        """Whether the holder has a permissions "boundary", or a "deny" that restricts it."""

    def others(self, row: Row, kind: str, *, assumed: bool) -> Sequence[Candidate]:
        """Users, roles or groups (`kind`) other than the holder, those with most to gain first.

        For `assumed` with whether their trust admits the holder.

        For a row with a `service`, roles that the service may run as.
        """

    def workloads(self, row: Row) -> Iterable[Candidate]:
        """Workloads of the kinds that the row takes over; their gain is that of their role."""

    def is_known(self, kind: str, pattern: str) -> bool:
        """Whether a pattern means something of a kind that is in the input."""


class _Nobody:
    """An account of which nothing is known, and a holder that may be of any kind."""

    def selves(self, target: str) -> Sequence[str]:
        kinds = {"self-user": "user", "self-role": "role", "own-group": "group", "own-policy": "policy"}
        return (f"arn:aws:iam::{ACCOUNT}:{kinds[target]}/⟦holder⟧",)

    def has(self, given: str) -> bool:  # noqa: ARG002  # a holder of which nothing is known may have either
        return True

    def others(self, row: Row, kind: str, *, assumed: bool) -> Sequence[Candidate]:  # noqa: ARG002  # there are none
        return ()

    def workloads(self, row: Row) -> Iterable[Candidate]:  # noqa: ARG002  # there are none
        return ()

    def is_known(self, kind: str, pattern: str) -> bool:  # noqa: ARG002  # nothing is
        return False


NOBODY: Final[Surroundings] = _Nobody()


class Opening(Struct, frozen=True):
    """A path that is open, or may be.

    `target` is the address of what is acted upon; empty for the holder itself, or where any will do. `statements` allow it, in the order
    of the row's actions. `truth` is yes or unknown, `because` says why it is unknown.
    """

    row: Row
    truth: Truth
    how: How
    gain: Gain
    target: str
    statements: tuple[Statement, ...]
    because: str = ""


class _Found(Struct, frozen=True):
    """A target with the permissions that reach it."""

    truth: Truth
    how: How
    gain: Gain
    label: str = ""
    permissions: tuple[tuple[str, Permission], ...] = ()
    because: str = ""


_ANYTHING: Final = "⟦another⟧"
_KINDS: Final = {
    "self-user": "user", "user": "user", "other-user": "user", "new-user": "user",
    "self-role": "role", "role": "role", "other-role": "role", "new-role": "role", "passed-role": "role",
    "own-group": "group", "group": "group", "own-policy": "policy",
}  # fmt: skip
_RICHER: Final = ("other-user", "other-role", "group", "passed-role")


def openings(
    power: Power, cap: Power | None, around: Surroundings, actions: ActionSet | None = None
) -> Iterator[Opening]:
    """Every path that a holder's powers open. `cap` is its permissions boundary; `actions` its actions if they are at hand."""
    asker = _Asker(power, cap, around)
    for row in rows_within(power.actions if actions is None else actions):
        found = asker.opening(row)
        if found is not None:
            yield found


class _Asker(Struct, frozen=True):
    power: Power
    cap: Power | None
    around: Surroundings

    def opening(self, row: Row) -> Opening | None:
        """The surest way in which the powers open a path; None if they do not."""
        if row.given and not self.around.has(row.given):
            return None
        if row.runs or row.kind == "existing-role":
            found = [self._takeover(row)]
        else:
            groups: dict[str, list[str]] = {}
            for action, target in row.needs.items():
                groups.setdefault("role" if target == "policy-of-role" else target, []).append(action)
            found = [self._target(row, target, actions) for target, actions in groups.items()]
        truth = all_of(item.truth for item in found)
        if truth is Truth.NO:
            return None
        by_action = {action: permission for item in found for action, permission in item.permissions}
        statements = [by_action[action].statement for action in row.needs if action in by_action]
        return Opening(
            row=row,
            truth=truth,
            how=min(item.how for item in found),
            gain=min(item.gain for item in found),
            target=next((item.label for item in found if item.label), ""),
            statements=tuple(dict.fromkeys(item for item in statements if item is not None)),
            because=next((item.because for item in found if item.because), ""),
        )

    # -- permissions ------------------------------------------------------------------------------------------------

    def _allows(self, action: str, resource: str, service: str) -> Permission:
        permission = self.power.allows(action, resource, service)
        if self.cap is None or permission.truth is Truth.NO:
            return permission
        truth = all_of((permission.truth, self.cap.allows(action, resource, service).truth))
        return Permission(truth, permission.statement)

    def _somewhere(self, action: str, service: str) -> Permission:
        found = NONE
        for pattern in self.power.resources(action):
            permission = self._allows(action, pattern, service)
            if permission.truth is Truth.YES:
                return permission
            if found is NONE and permission.truth is Truth.UNKNOWN:
                found = permission
        return found

    def _all(self, row: Row, actions: Iterable[str], candidate: Candidate, how: How) -> _Found:
        """Ask for all actions on one candidate."""
        permissions: list[tuple[str, Permission]] = []
        for action in actions:
            if row.needs[action] == "policy-of-role":
                asked = [self._allows(action, policy, row.service) for policy in candidate.policies]
                permission = max(asked, key=lambda item: _ORDER[item.truth], default=NONE)
            else:
                permission = self._allows(action, candidate.arn, row.service)
            if permission.truth is Truth.NO:
                return _NOT_FOUND
            permissions.append((action, permission))
        truth = all_of((candidate.truth, *(permission.truth for _, permission in permissions)))
        because = next((_reason(permission) for _, permission in permissions if permission.truth is Truth.UNKNOWN), "")
        if candidate.truth is Truth.UNKNOWN and not because:
            because = f"the trust policy of {candidate.label} is not known"
        return _Found(truth, how, candidate.gain, candidate.label, tuple(permissions), because)

    # -- targets ----------------------------------------------------------------------------------------------------

    def _target(self, row: Row, target: str, actions: list[str]) -> _Found:
        if target == "any":
            return self._any(row, actions)
        kind = _KINDS[target]
        if target.startswith("new-"):
            patterns = (pattern for action in actions for pattern in self.power.resources(action))
            return _best(self._all(row, actions, Candidate(pattern, ""), How.PROVEN) for pattern in patterns)
        if target.startswith(("self-", "own-")):
            return self._itself(row, target, kind, actions)
        assumed = "sts:AssumeRole" in actions
        known = (
            self._all(row, actions, candidate, How.PROVEN)
            for candidate in self.around.others(row, kind, assumed=assumed)
            if candidate.truth is not Truth.NO and (target not in _RICHER or candidate.gain is not Gain.NOTHING)
        )
        found = _best(known)
        if found.truth is Truth.YES:
            return found
        anything = self._all(row, actions, _anything(kind), How.OPEN)
        if anything.truth is Truth.YES:
            return anything
        return _best((found, anything, self._outside(row, target, kind, actions)))

    def _any(self, row: Row, actions: list[str]) -> _Found:
        permissions = tuple((action, self._somewhere(action, row.service)) for action in actions)
        truth = all_of(permission.truth for _, permission in permissions)
        if truth is Truth.NO:
            return _NOT_FOUND
        because = next((_reason(permission) for _, permission in permissions if permission.truth is Truth.UNKNOWN), "")
        how = How.OPEN if row.kind == "trust" else How.PROVEN  # whom they trust is not known here
        return _Found(truth, how, Gain.ADMIN, "", permissions, because)

    def _itself(self, row: Row, target: str, kind: str, actions: list[str]) -> _Found:
        """The holder; else anything of the kind, if all of it is open: somebody whom the holder can use may be among it."""
        own = self.around.selves(target)
        found = _best(self._all(row, actions, Candidate(arn, ""), How.PROVEN) for arn in own)
        if found.truth is Truth.YES or row.given:
            return found
        return _best((found, self._all(row, actions, _anything(kind), How.LOOSE)))

    def _outside(self, row: Row, target: str, kind: str, actions: list[str]) -> _Found:
        """A target that is named but not in the input. What is done to it counts, or else what it has, and that is not known."""
        own = {_name(arn) for arn in self.around.selves("own-group" if kind == "group" else f"self-{kind}")}
        of_kind = f"arn:aws:iam::{ACCOUNT}:{kind}/*"
        for pattern in self.power.resources(actions[0]):
            if pattern == "*" or _name(pattern) in own or overlaps_arn(pattern, of_kind) is not Truth.YES:
                continue
            if self.around.is_known(kind, pattern):
                continue
            candidate = Candidate(pattern, _name(pattern))
            found = self._all(row, actions, candidate, How.OUTSIDE)
            if found.truth is Truth.NO:
                continue
            if target not in _RICHER:
                return found
            because = f"{found.label} is not in this input"
            return _Found(Truth.UNKNOWN, How.OUTSIDE, found.gain, found.label, found.permissions, because)
        return _NOT_FOUND

    def _takeover(self, row: Row) -> _Found:
        """A workload whose role has more rights; else every workload there is, if the holder may act on all."""
        actions = tuple(row.needs)
        somewhere = self._any(row, list(actions))
        if somewhere.truth is Truth.NO:
            return _NOT_FOUND
        everywhere = all(self._allows(action, "*", row.service).truth is Truth.YES for action in actions)
        for candidate in self.around.workloads(row):
            if candidate.gain is Gain.NOTHING:
                continue
            on_it = any(self._allows(action, candidate.arn, row.service).truth is Truth.YES for action in actions)
            if everywhere or on_it:
                return _Found(somewhere.truth, How.PROVEN, candidate.gain, candidate.label, somewhere.permissions)
        if everywhere:
            return _Found(Truth.YES, How.LOOSE, Gain.ADMIN, "", somewhere.permissions)
        return _NOT_FOUND


_ORDER: Final = {Truth.NO: 0, Truth.UNKNOWN: 1, Truth.YES: 2}
_NOT_FOUND: Final = _Found(Truth.NO, How.OUTSIDE, Gain.NOTHING)


def _best(found: Iterable[_Found]) -> _Found:
    """The surest. Of those that are equally sure the first, so no more is asked for after one that is certain and known."""
    best = _NOT_FOUND
    for item in found:
        if (_ORDER[item.truth], item.how) > (_ORDER[best.truth], best.how):
            best = item
            if item.truth is Truth.YES and item.how is How.PROVEN:
                break
    return best


def _anything(kind: str) -> Candidate:
    policy = f"arn:aws:iam::{ACCOUNT}:policy/{_ANYTHING}"
    return Candidate(f"arn:aws:iam::{ACCOUNT}:{kind}/{_ANYTHING}", "", policies=(policy,))


def _name(arn: str) -> str:
    """What an ARN of IAM names, without its account: `user/ada`."""
    return arn.rpartition(":")[2]


def _reason(permission: Permission) -> str:
    statement = permission.statement
    unknowns = statement.unknowns if statement is not None else ()
    return unknowns[0].because if unknowns else "a Deny may or may not apply"
