"""Which ways to somebody else's rights a holder's policies open: the table of paths, asked of its powers.

Pure: who else there is, and what they have, is told by `Surroundings`; `NOBODY` stands for an account of which nothing is known.
What is asked of a target is whether it is allowed *for certain*, so that a path is never made of what is not known.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ..value import Truth, all_of
from .action import ActionSet
from .arn import ACCOUNT
from .capped import REFUSED, Allowed, Capped, Tagging
from .document import Condition, Statement
from .escalation_table import Row, rows_within
from .pattern import overlaps_arn
from .power import Power
from .tagging import is_about_tags
from .targets import NOBODY, Candidate, Gain, How, Surroundings

__all__ = ["NOBODY", "Candidate", "Gain", "How", "Opening", "Surroundings", "hops", "openings"]


class Opening(Struct, frozen=True):
    """A path that is open, or may be.

    `target` is the address of what is acted upon; empty for the holder itself, or where any will do. `statements` allow it, in the order
    of the row's actions. `truth` is yes or unknown, `because` says why it is unknown. `tagging` are tags that the holder sets first.
    """

    row: Row
    truth: Truth
    how: How
    gain: Gain
    target: str
    statements: tuple[Statement, ...]
    because: str = ""
    tagging: tuple[Tagging, ...] = ()


class _Found(Struct, frozen=True):
    """A target with the permissions that reach it."""

    truth: Truth
    how: How
    gain: Gain
    label: str = ""
    permissions: tuple[tuple[str, Allowed], ...] = ()
    because: str = ""


_ANYTHING: Final = "⟦another⟧"
_KINDS: Final = {
    "self-user": "user", "user": "user", "other-user": "user", "new-user": "user",
    "self-role": "role", "role": "role", "other-role": "role", "new-role": "role", "passed-role": "role",
    "own-group": "group", "group": "group", "own-policy": "policy",
}  # fmt: skip
_NAMELESS: Final = "${aws:username}"  # left in a pattern where the holder is no user: it names nobody
_RICHER: Final = ("other-user", "other-role", "group", "passed-role")


# Paths by which the holder becomes a principal of the input, by the kind of the row and of its target.
_BECOMING: Final = frozenset({"principal", "new-passrole", "existing-role", "self"})
_TARGETS: Final = frozenset({"other-user", "other-role", "group", "passed-role"})


def openings(
    power: Power, cap: Power | None, around: Surroundings, actions: ActionSet | None = None
) -> Iterator[Opening]:
    """Every path that a holder's powers open. `cap` is its permissions boundary; `actions` its actions if they are at hand."""
    asker = _Asker(_capped(power, cap, around), around)
    for row in rows_within(power.actions if actions is None else actions):
        found = asker.opening(row)
        if found is not None:
            yield found


def hops(
    power: Power, cap: Power | None, around: Surroundings, actions: ActionSet, goals: Sequence[str]
) -> Iterator[Opening]:
    """Every proven way to become one of several principals of the input, given by address, be it richer or not.

    Those with the fewest actions first, and of these the first of the goals.
    """
    asker = _Asker(_capped(power, cap, around), around)
    rows = (row for row in rows_within(actions) if row.kind in _BECOMING and _is_certain(row))
    for row in sorted(rows, key=lambda row: len(row.needs)):
        yield from asker.ways(row, goals)


def _capped(power: Power, cap: Power | None, around: Surroundings) -> Capped:
    return Capped(power, cap, around.selves("self-user") if power.labels.own is not None else ())


def _is_certain(row: Row) -> bool:
    """Whether who walks a path has its target's rights for certain. `sts:AssumeRole` has; alone it is just what it is for."""
    targets = {target for target in row.needs.values() if target != "any"}
    whole = bool(row.runs) or (len(targets) == 1 and targets <= _TARGETS)
    return whole and (row.alone or "sts:AssumeRole" in row.needs)


class _Asker(Struct, frozen=True):
    may: Capped
    around: Surroundings

    def opening(self, row: Row) -> Opening | None:
        """The surest way in which the powers open a path; None if they do not."""
        if row.given and not self.around.has(row.given):
            return None
        if row.runs or row.kind == "existing-role":
            found = [_best(self._takeovers(row))]
        else:
            found = [self._target(row, target, actions) for target, actions in _by_target(row).items()]
        return _opening(row, found)

    def ways(self, row: Row, goals: Sequence[str]) -> Iterator[Opening]:
        """Every certain way in which a path leads to one of the goals."""
        if row.runs:
            for taken in self._takeovers(row, goals):
                if taken.truth is Truth.YES and taken.label:
                    yield from _opened(row, (taken,))
            return
        by_target = _by_target(row)
        rest = self._any(row, by_target.pop("any")) if "any" in by_target else None
        if rest is not None and rest.truth is not Truth.YES:
            return
        ((target, actions),) = by_target.items()
        assumed = "sts:AssumeRole" in actions
        for candidate in self.around.others(row, _KINDS[target], assumed=assumed, among=goals):
            found = self._all(row, actions, candidate, How.PROVEN)
            if found.truth is Truth.YES:
                yield from _opened(row, (found,) if rest is None else (found, rest))

    # -- permissions ------------------------------------------------------------------------------------------------

    def _all(self, row: Row, actions: Iterable[str], candidate: Candidate, how: How) -> _Found:
        """Ask for all actions on one candidate."""
        permissions: list[tuple[str, Allowed]] = []
        for action in actions:
            if row.needs[action] == "policy-of-role":
                asked = [self.may.allows(action, policy, row.service) for policy in candidate.policies]
                permission = max(asked, key=lambda item: _ORDER[item.truth], default=REFUSED)
            else:
                permission = self.may.allows(action, candidate.arn, row.service, candidate.tags)
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
            patterns = (pattern for action in actions for pattern in self.may.power.resources(action))
            return _best(self._all(row, actions, Candidate(pattern, ""), How.PROVEN) for pattern in patterns)
        if target.startswith(("self-", "own-")):
            return self._itself(row, target, kind, actions)
        assumed = "sts:AssumeRole" in actions
        richer = target in _RICHER
        known = (
            _doubted(self._all(row, actions, candidate, How.PROVEN), candidate if richer else None)
            for candidate in self.around.others(row, kind, assumed=assumed)
            if candidate.truth is not Truth.NO and (not richer or candidate.gain is not Gain.NOTHING or candidate.doubt)
        )
        found = _best(known)
        if not richer:
            found = replace(found, gain=Gain.ADMIN)  # the holder writes what it has, whatever that is now
        if found.truth is Truth.YES:
            return found
        anything = self._all(row, actions, _anything(kind), How.OPEN)
        if anything.truth is Truth.YES:
            return anything
        return _best((found, anything, self._outside(row, target, kind, actions)))

    def _any(self, row: Row, actions: list[str]) -> _Found:
        permissions = tuple((action, self.may.somewhere(action, row.service)) for action in actions)
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
        for pattern in self.may.power.resources(actions[0]):
            if pattern == "*" or _name(pattern) in own or overlaps_arn(pattern, of_kind) is not Truth.YES:
                continue
            if self.around.is_known(kind, pattern) or _NAMELESS in pattern.lower():
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

    def _takeovers(self, row: Row, goals: Sequence[str] | None = None) -> Iterator[_Found]:
        """Workloads whose role has more rights, or is a goal; else every workload there is, if the holder may act on all."""
        actions = tuple(row.needs)
        somewhere = self._any(row, list(actions))
        if somewhere.truth is Truth.NO:
            return
        everywhere = all(self.may.allows(action, "*", row.service).truth is Truth.YES for action in actions)
        for candidate in self.around.workloads(row, goals):
            if goals is None and candidate.gain is Gain.NOTHING and not candidate.doubt:
                continue
            asked = (self.may.allows(action, candidate.arn, row.service, candidate.tags) for action in actions)
            if everywhere or any(permission.truth is Truth.YES for permission in asked):
                found = _Found(somewhere.truth, How.PROVEN, candidate.gain, candidate.label, somewhere.permissions)
                yield _doubted(found, candidate if goals is None else None)
        if everywhere and goals is None:
            yield _Found(Truth.YES, How.LOOSE, Gain.ADMIN, "", somewhere.permissions)


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


def _doubted(found: _Found, candidate: Candidate | None) -> _Found:
    """What was found about a candidate of which it is not known whether it has anything to give."""
    if candidate is None or not candidate.doubt or candidate.gain is not Gain.NOTHING:
        return found
    doubted = all_of((found.truth, Truth.UNKNOWN))
    return _Found(doubted, found.how, Gain.SOME, found.label, found.permissions, found.because or candidate.doubt)


def _anything(kind: str) -> Candidate:
    policy = f"arn:aws:iam::{ACCOUNT}:policy/{_ANYTHING}"
    return Candidate(f"arn:aws:iam::{ACCOUNT}:{kind}/{_ANYTHING}", "", policies=(policy,))


def _name(arn: str) -> str:
    """What an ARN of IAM names, without its account: `user/ada`."""
    return arn.rpartition(":")[2]


def _by_target(row: Row) -> dict[str, list[str]]:
    """The actions of a row by what they are needed on."""
    groups: dict[str, list[str]] = {}
    for action, target in row.needs.items():
        groups.setdefault("role" if target == "policy-of-role" else target, []).append(action)
    return groups


def _opening(row: Row, found: Iterable[_Found]) -> Opening | None:
    """What was found for all targets of a row, as one; None if something is missing."""
    parts = tuple(found)
    truth = all_of(item.truth for item in parts)
    if truth is Truth.NO:
        return None
    by_action = {action: permission for item in parts for action, permission in item.permissions}
    permissions = [by_action[action] for action in row.needs if action in by_action]
    tagging = tuple(dict.fromkeys(tag for permission in permissions for tag in permission.tagging))
    statements = [permission.statement for permission in permissions] + [tag.statement for tag in tagging]
    return Opening(
        row=row,
        truth=truth,
        how=min(item.how for item in parts),
        gain=min(item.gain for item in parts),
        target=next((item.label for item in parts if item.label), ""),
        statements=tuple(dict.fromkeys(item for item in statements if item is not None)),
        because=next((item.because for item in parts if item.because), ""),
        tagging=tagging,
    )


def _opened(row: Row, found: tuple[_Found, ...]) -> Iterator[Opening]:
    opening = _opening(row, found)
    if opening is not None:
        yield opening


def _reason(permission: Allowed) -> str:
    statement = permission.statement
    if statement is None:
        return "a Deny may or may not apply"
    if statement.unknowns:
        return statement.unknowns[0].because
    tagged = any(isinstance(item, Condition) and is_about_tags(item, own=True) for item in statement.conditions)
    return "the tag that a condition asks for is not known" if tagged else "a Deny may or may not apply"
