"""What a holder may do: its power, within its permissions boundary, after setting the tags that a condition asks for."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ..value import Truth, all_of
from .document import Statement
from .power import NONE, Permission, Power
from .tagging import NO_TAGS, Labels, Tags, Wish, tag_action


class Tagging(Struct, frozen=True):
    """Tags that the holder sets first, with `action`, which `statement` allows. `itself` says that they are its own."""

    tags: Tags
    action: str
    statement: Statement | None
    itself: bool = False


class Allowed(Struct, frozen=True):
    """A permission, and what the holder has to tag to have it."""

    truth: Truth
    statement: Statement | None = None
    tagging: tuple[Tagging, ...] = ()


REFUSED = Allowed(Truth.NO)


class Capped(Struct, frozen=True):
    """Powers under a permissions boundary (`cap`, None without one). `own` are ARNs of the holder, if it can be tagged."""

    power: Power
    cap: Power | None = None
    own: Sequence[str] = ()

    def allows(self, action: str, resource: str, service: str = "", tags: Tags = NO_TAGS) -> Allowed:
        """Whether an action is allowed on all that a resource pattern matches, where it carries `tags`."""
        labels = self.power.labels if tags is NO_TAGS else Labels(tags, self.power.labels.own)
        found = self._within(action, resource, service, labels)
        if found.truth is not Truth.YES:
            for wish in self._wishes(action, resource, labels):
                granted = self._granted(wish, action, resource, labels)
                if granted is None:
                    continue
                again = self._within(action, resource, service, _after(wish, labels))
                if again.truth is Truth.YES:
                    return Allowed(again.truth, again.statement, granted)
        return Allowed(found.truth, found.statement)

    def somewhere(self, action: str, service: str = "") -> Allowed:
        """Whether an action is allowed on any resource at all."""
        found = REFUSED
        for pattern in self.power.resources(action):
            permission = self.allows(action, pattern, service)
            if permission.truth is Truth.YES:
                return permission
            if found is REFUSED and permission.truth is Truth.UNKNOWN:
                found = permission
        return found

    def _within(self, action: str, resource: str, service: str, labels: Labels) -> Permission:
        permission = self.power.allows(action, resource, service, labels)
        if self.cap is None or permission.truth is Truth.NO:
            return permission
        capped = self.cap.allows(action, resource, service, labels)
        truth = all_of((permission.truth, capped.truth))
        return NONE if truth is Truth.NO else Permission(truth, permission.statement)

    def _wishes(self, action: str, resource: str, labels: Labels) -> Iterator[Wish]:
        yield from self.power.wishes(action, resource, labels)
        if self.cap is not None:
            yield from self.cap.wishes(action, resource, labels)

    def _granted(self, wish: Wish, action: str, resource: str, labels: Labels) -> tuple[Tagging, ...] | None:
        """How the holder sets the tags of a wish; None if it may not, one by one, as they are now."""
        own = self.own[0] if len(self.own) == 1 else None
        found: list[Tagging] = []
        for tags, target, itself in (
            (wish.target, resource, False),
            (wish.request, resource, False),
            (wish.own, own, True),
        ):
            if not tags.pairs:
                continue
            setting = None if target is None else tag_action(target, action)
            if target is None or setting is None:
                return None
            present = labels.own if itself else labels.target
            asked = [
                self._within(setting, target, "", Labels(present or NO_TAGS, labels.own, Tags((pair,))))
                for pair in tags.pairs
            ]
            if not _all_yes(asked):
                return None
            found.append(Tagging(tags, setting, asked[0].statement, itself))
        return tuple(found)


def _all_yes(permissions: Iterable[Permission]) -> bool:
    return all(permission.truth is Truth.YES for permission in permissions)


def _after(wish: Wish, labels: Labels) -> Labels:
    """The tags once a wish is granted."""
    own = None if labels.own is None else labels.own.having(wish.own)
    return Labels(labels.target.having(wish.target), own, labels.request.having(wish.request))
