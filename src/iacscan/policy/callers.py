"""Principal elements of whole statements, compared: who is meant by one is meant by another, or by both.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html. An account stands for all that it
delegates to, so it means its users and roles; a role means its sessions.
"""

from typing import Final, TypeAlias

from msgspec import Struct

from ..value import Maybe, Truth, Unknown, all_of, any_of
from .document import Principal, Statement
from .principal import Caller, Kind, account_of, classify

Elements: TypeAlias = tuple[Maybe[Principal], ...]

EVERYBODY: Final = Principal("*", "*")
_OF_ACCOUNTS: Final = frozenset((Kind.ACCOUNT, Kind.ROLE, Kind.USER, Kind.SESSION))


class Callers(Struct, frozen=True):
    """Whom a statement is about: some principals, everybody but some (`excluded`), or the holder of the policy (None)."""

    named: Elements | None
    excluded: Elements = ()

    @staticmethod
    def of(statement: Statement) -> "Callers":
        """The principals of a statement."""
        if statement.not_principals is not None:
            return Callers((EVERYBODY,), statement.not_principals)
        return Callers(statement.principals)

    def parts(self) -> tuple[Maybe[Principal] | None, ...]:
        """The elements to be judged one by one; None for the holder."""
        return (None,) if self.named is None else self.named

    def cover(self, caller: Maybe[Principal] | None, left_out: Elements = ()) -> Truth:
        """Whether all that an element means, except what is `left_out` of it, is meant here."""
        if caller is None or self.named is None:
            return Truth.YES if self.named is None and caller is None else Truth.UNKNOWN
        inside = any_of(_covers(item, caller) for item in self.named)
        outside = all_of(
            any_of((~_meets(item, caller), any_of(_covers(other, item) for other in left_out)))
            for item in self.excluded
        )
        return all_of((inside, outside))

    def meet(self, caller: Maybe[Principal] | None) -> Truth:
        """Whether some caller that an element means may be meant here too."""
        if caller is None or self.named is None:
            return Truth.YES
        left_out = any_of(_covers(item, caller) for item in self.excluded)
        return all_of((any_of(_meets(item, caller) for item in self.named), ~left_out))


def _covers(wide: Maybe[Principal], narrow: Maybe[Principal]) -> Truth:
    if not isinstance(wide, Unknown) and classify(wide).kind is Kind.ANYONE:
        return Truth.YES
    if isinstance(wide, Unknown) or isinstance(narrow, Unknown):
        return Truth.UNKNOWN
    if wide == narrow:
        return Truth.UNKNOWN if classify(wide).kind is Kind.UNKNOWN else Truth.YES
    outer, inner = classify(wide), classify(narrow)
    if outer.kind is Kind.ACCOUNT and inner.kind in _OF_ACCOUNTS:
        return _same_account(outer, inner)
    if outer.kind is Kind.ROLE and inner.kind is Kind.SESSION and _is_session_of(narrow, wide):
        return Truth.YES
    return Truth.NO if _are_told_apart(outer, inner) or inner.kind is Kind.ANYONE else Truth.UNKNOWN


def _meets(one: Maybe[Principal], other: Maybe[Principal]) -> Truth:
    return any_of((_covers(one, other), _covers(other, one)))


def _same_account(one: Caller, other: Caller) -> Truth:
    if one.account is None or other.account is None:
        return Truth.UNKNOWN
    if one.account == other.account:
        return Truth.YES
    return Truth.UNKNOWN if "⟦" in one.account + other.account else Truth.NO


def _are_told_apart(one: Caller, other: Caller) -> bool:
    """Whether two elements that are written differently are certainly different callers."""
    hidden = frozenset((Kind.UNKNOWN, Kind.OTHER, Kind.UNIQUE_ID, Kind.CANONICAL_USER))
    if hidden & {one.kind, other.kind}:
        return False
    accounts = one.account is None or other.account is None or "⟦" not in one.account + other.account
    return accounts or one.account == other.account


def _is_session_of(session: Principal, role: Principal) -> bool:
    """Whether `…:assumed-role/NAME/session` is a session of `…:role/[path/]NAME` in the same account."""
    parts = session.value.split("/")
    named = len(parts) > 1 and parts[1] == role.value.rpartition("/")[2]
    return named and account_of(session) == account_of(role)
