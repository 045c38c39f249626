"""What the policies of one holder let it do, asked about one action on one resource at a time.

`grant` asks what documents allow whatever the request; here the request is known: which service a role is passed to, which policy is
attached, that no approved boundary is set. Conditions on these are judged, not just named
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

import msgspec
from msgspec import Struct

from ..lazy import regex
from ..value import Maybe, Truth, Unknown, all_of, any_of
from .action import ActionSet, condition_keys
from .applies import applies_to, is_of_service
from .arn import ACCOUNT, REGION, REST, Arn, parse_arn
from .condition.judge import Context, Facts, Nature, holds
from .document import Condition, PolicyDocument, Statement
from .grant import covers_resource, is_narrowed, possible_actions, statement_actions
from .pattern import has_wildcard, matches
from .tagging import Labels, Tags, Wish, is_about_tags, judge, wish

_ACCOUNT_ID: Final = regex(r"\d{12}")
_USERNAME: Final = regex(r"\$\{\s*aws:username\s*\}", re.IGNORECASE)
_OWN: Final = "arn:aws:iam::aws:policy/"
# What somebody would attach to gain the most, what he would set as a boundary, and that he may set none.
_ATTACHED: Final = tuple(f"{_OWN}{name}" for name in ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess"))
_BOUNDARIES: Final = (None, "⟦a boundary that nobody approved⟧")
_BOUNDARY: Final = "iam:permissionsboundary"
_JUDGED: Final = ("iam:passedtoservice", "iam:policyarn", _BOUNDARY)


class Permission(Struct, frozen=True):
    """Whether something is allowed, with the statement that allows it, or may."""

    truth: Truth
    statement: Statement | None = None


NONE: Final = Permission(Truth.NO)


class _Clause(Struct, frozen=True):
    """A statement made ready: `asked` has its resources as the holder sees them, `judged` the conditions on the request.

    `tagged` are the conditions on tags. `rest` says what the other conditions make of it: for an Allow, whether it grants its full power; for a Deny, whether it
    applies to every request.
    """

    original: Statement
    asked: Statement
    judged: tuple[Condition, ...]
    tagged: tuple[Condition, ...]
    rest: Truth
    certain: ActionSet
    possible: ActionSet


class Power:
    """The Allows of several documents minus their Denies, as one holder has them.

    `username` replaces `${aws:username}`. `home` are the account ids that may be the holder's own, empty if none is known; `foreign` are ids that
    are not. Without `home`, every other id in a resource is taken for its own account. `tags` are the holder's own; None if they are not known, or a session may bring others.
    Documents that are not known allow nothing and deny nothing.
    """

    def __init__(
        self,
        documents: Iterable[Maybe[PolicyDocument]],
        *,
        username: str | None = None,
        foreign: frozenset[str] = frozenset(),
        home: frozenset[str] = frozenset(),
        tags: Tags | None = None,
    ) -> None:
        self._username = username
        self._foreign = foreign
        self._home = home
        self._labels = Labels(own=tags)
        clauses = [
            self._clause(statement)
            for document in documents
            if isinstance(document, PolicyDocument)
            for statement in document.statements
        ]
        self._allows = [clause for clause in clauses if clause.original.effect == "Allow"]
        self._denies = [clause for clause in clauses if clause.original.effect == "Deny"]
        self._relevant: dict[str, tuple[list[_Clause], list[tuple[_Clause, Truth]]]] = {}
        self._answers: dict[tuple[str, str, str, Labels], Permission] = {}

    @property
    def actions(self) -> ActionSet:
        """Every action that some Allow names; Denies are not subtracted."""
        return named_actions(clause.original for clause in self._allows)

    @property
    def restricted(self) -> bool:
        """Whether there is any Deny."""
        return bool(self._denies)

    @property
    def labels(self) -> Labels:
        """The holder's own tags, on a target that has none."""
        return self._labels

    def allows(self, action: str, resource: str, service: str = "", labels: Labels | None = None) -> Permission:
        """Whether an action is allowed on all that a resource pattern matches; `service` is what a role is passed to.

        `labels` are the tags in play; without them the target and the request have none.
        """
        labels = labels or self._labels
        key = (action, resource, service, labels)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = self._judge(action, resource, service, labels)
        return found

    def wishes(self, action: str, resource: str, labels: Labels) -> Iterator[Wish]:
        """Tags that would get the holder past the conditions on tags of the statements about an action and a resource."""
        allows, denies = self._about(action)
        about = ((clause, True) for clause in allows), ((clause, False) for clause, _ in denies)
        for clause, fulfilled in (*about[0], *about[1]):
            if not clause.tagged or covers_resource(clause.asked, resource) is Truth.NO:
                continue
            wanted = [wish(item, labels, fulfilled=fulfilled) for item in clause.tagged]
            known_ = [item for item in wanted if item is not None]
            if fulfilled and len(known_) == len(wanted):
                yield _together(known_)
            elif not fulfilled:
                yield from known_  # one condition that is false is enough to escape a Deny

    def statement_of(self, action: str) -> Statement | None:
        """An Allow that names an action for certain, under whatever conditions."""
        return next((clause.original for clause in self._about(action)[0]), None)

    def asks_for_boundary(self, action: str) -> bool:
        """Whether a statement about an action asks which permissions boundary is set."""
        allows, denies = self._about(action)
        clauses = (*allows, *(clause for clause, _ in denies))
        return any(item.key.lower() == _BOUNDARY for clause in clauses for item in clause.judged)

    def may_name(self, arn: str) -> bool:
        """Whether any Allow, of whatever action, may be about an ARN; quick, to be asked first."""
        return self._patterns is None or any(matches(pattern, arn) for pattern in self._patterns)

    @cached_property
    def _patterns(self) -> tuple[str, ...] | None:
        """All resource patterns of Allows; None if one is not known, or an Allow names what it is not about."""
        found: dict[str, None] = {}
        for clause in self._allows:
            for text in clause.asked.resources or (REST,):
                if isinstance(text, Unknown) or text == "*" or REST in text:
                    return None
                found[text] = None
        return tuple(found)

    def _judge(self, action: str, resource: str, service: str, labels: Labels) -> Permission:
        allows, denies = self._about(action)
        found = NONE
        for clause in allows:
            truth = all_of((covers_resource(clause.asked, resource), _conditions(clause, action, service, labels)))
            if truth is Truth.YES:
                found = Permission(truth, clause.original)
                break
            if truth is Truth.UNKNOWN and found is NONE:
                found = Permission(truth, clause.original)
        if found is NONE:
            return NONE
        denied = any_of(
            all_of(
                (
                    named,
                    covers_resource(_sparing(clause.asked, action), resource),
                    _conditions(clause, action, service, labels),
                )
            )
            for clause, named in denies
        )
        return NONE if denied is Truth.YES else Permission(all_of((found.truth, ~denied)), found.statement)

    def resources(self, action: str) -> Iterator[str]:
        """The resource patterns that an action is allowed on; a made-up name where a statement does not list them all.

        What the action cannot work on is left out: `*` on the ARNs of logs makes nobody a role.
        """
        for clause in self._about(action)[0]:
            texts = clause.asked.resources
            named = (text for text in texts or () if isinstance(text, str))
            yield from (text for text in named if _may_be_about(action, text))
            if texts is None or any(isinstance(text, Unknown) for text in texts):
                yield f"arn:aws:{action.partition(':')[0]}:{REGION}:{ACCOUNT}:⟦something⟧"

    def localised(self, text: str) -> str:
        """As `localise`, with the holder's name in the place of `${aws:username}`."""
        return localise(
            text if self._username is None else _USERNAME.sub(self._username, text), self._foreign, self._home
        )

    def _about(self, action: str) -> tuple[list[_Clause], list[tuple[_Clause, Truth]]]:
        """The Allows that name an action for certain, and the Denies that may, with whether they do."""
        if action not in self._relevant:
            wanted = ActionSet.of((action,))
            allows = [clause for clause in self._allows if clause.certain.covers(wanted)]
            denies = [
                (clause, Truth.YES if clause.certain.covers(wanted) else Truth.UNKNOWN)
                for clause in self._denies
                if clause.possible.covers(wanted)
            ]
            self._relevant[action] = (allows, denies)
        return self._relevant[action]

    def _clause(self, statement: Statement) -> _Clause:
        judged = tuple(item for item in statement.conditions if isinstance(item, Condition) and _is_judged(item))
        own = self._labels.own is not None
        tagged = tuple(
            item for item in statement.conditions if isinstance(item, Condition) and is_about_tags(item, own=own)
        )
        others = tuple(item for item in statement.conditions if item not in judged and item not in tagged)
        if statement.effect == "Allow":
            rest = ~is_narrowed(msgspec.structs.replace(statement, conditions=others))
        else:
            rest = all_of(Truth.UNKNOWN if isinstance(item, Unknown) else Truth.NO for item in others)
        asked = msgspec.structs.replace(
            statement, resources=self._seen(statement.resources), not_resources=self._seen(statement.not_resources)
        )
        certain, _ = statement_actions(statement)
        return _Clause(statement, asked, judged, tagged, rest, certain, possible_actions(statement))

    def _seen(self, texts: tuple[Maybe[str], ...] | None) -> tuple[Maybe[str], ...] | None:
        if texts is None:
            return None
        return tuple(text if isinstance(text, Unknown) else self.localised(text) for text in texts)


def localise(text: str, foreign: frozenset[str] = frozenset(), home: frozenset[str] = frozenset()) -> str:
    """An ARN with one symbol for the own account and one for the region in the place of literal ones, so that they can be compared.

    `foreign` are account ids that are not one's own, `home` all that may be, empty if none is known.
    """
    arn = parse_arn(text)
    if arn is None:
        return text
    literal = _ACCOUNT_ID.fullmatch(arn.account) and arn.account not in foreign
    own = "⟦" in arn.account or (literal and (not home or arn.account in home))
    return str(
        Arn(
            partition=arn.partition if has_wildcard(arn.partition) else "aws",
            service=arn.service,
            region=arn.region if not arn.region or has_wildcard(arn.region) else REGION,
            account=ACCOUNT if own else arn.account,
            resource=arn.resource,
        )
    )


def _may_be_about(action: str, text: str) -> bool:
    """Whether an action may work on what a pattern means; the lists of most services have gaps, but not across services."""
    arn = parse_arn(text)
    if arn is not None and not has_wildcard(arn.service) and not is_of_service(action, text):
        return False
    return applies_to(action, text) is not Truth.NO


def _sparing(deny: Statement, action: str) -> Statement:
    """A Deny as it counts for one action: what its NotResource names spares nothing if the action cannot work on it."""
    if deny.not_resources is None:
        return deny
    spared = tuple(text for text in deny.not_resources if isinstance(text, Unknown) or _may_be_about(action, text))
    return msgspec.structs.replace(deny, not_resources=spared)


def named_actions(statements: Iterable[Statement]) -> ActionSet:
    """Every action that Allows among the statements name for certain; Denies are not subtracted."""
    found = ActionSet()
    for statement in statements:
        if statement.effect == "Allow":
            found |= statement_actions(statement)[0]
    return found


def _is_judged(condition: Condition) -> bool:
    return condition.key.lower() in _JUDGED


def _together(wishes: Iterable[Wish]) -> Wish:
    """All of several wishes at once."""
    target, own, request = Tags(), Tags(), Tags()
    for item in wishes:
        target, own, request = target.having(item.target), own.having(item.own), request.having(item.request)
    return Wish(target, own, request)


def _conditions(clause: _Clause, action: str, service: str, labels: Labels) -> Truth:
    """Whether a statement applies to the request that serves the caller best: to one of them, or, for a Deny, to all."""
    if not clause.judged and not clause.tagged:
        return clause.rest
    combine = any_of if clause.original.effect == "Allow" else all_of
    leaves = (
        combine(holds((item,), context) for context in _requests(item.key.lower(), action, service))
        for item in clause.judged
    )
    return all_of((clause.rest, *leaves, *(judge(item, action, labels) for item in clause.tagged)))


def _requests(key: str, action: str, service: str) -> Iterator[Context]:
    """What a key may hold in the caller's request; it is absent where the action does not know it."""
    values: tuple[str | None, ...] = (None,)
    if key in {known.lower() for known in condition_keys(action)}:
        match key:
            case "iam:passedtoservice":
                values = (f"{service}.amazonaws.com",)
            case "iam:policyarn":
                values = _ATTACHED
            case _:
                values = _BOUNDARIES
    for value in values:
        facts = Facts(Truth.NO) if value is None else Facts(Truth.YES, Nature.FIXED, (value,))
        yield Context("the caller's request", {key: facts})
