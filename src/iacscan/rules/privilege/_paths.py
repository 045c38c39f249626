"""Paths of privilege escalation in words: what they let their holder do, what decides it, how to close them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from ...escalation import Path
from ...finding import Origin, Related, Violation
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import Statement
from ...policy.grant import condition_keys, possible_actions
from ...policy.pattern import has_wildcard
from ...policy.targets import How
from ...routes import Route
from ...surroundings import Holder

_ACTIONS: Final = 3  # actions that are written out
_HOLDERS: Final = 8  # holders that are named


def origin(path: Path) -> Origin:
    """The block to mend: the policy with the first deciding statement, or the attachment of one of AWS's own."""
    first = path.blocks[0]
    return first.policy.origin if first.policy is not None else first.origin


def may(path: Path) -> str:
    """Say what the path lets its holder do: "may attach AdministratorAccess to itself with iam:AttachUserPolicy"."""
    opening = path.opening
    row = opening.row
    target = opening.target
    actions = list(row.needs)
    shown = actions if len(actions) <= _ACTIONS else [*actions[: _ACTIONS - 1], f"{len(actions) - _ACTIONS + 1} more"]
    by = f"with {' and '.join(shown)}"
    if row.service:
        text = f"{row.does} as {target or f'any role that {row.service} may use'} {by}"
    elif row.runs or row.kind == "existing-role":
        text = f"{row.does} {by}, and so act as {target or 'the role that it has'}"
    else:
        text = f"{row.does.format(target=target or _anyone(path))} {by}"
    set_first = {key for tagging in opening.tagging for key, _ in tagging.tags.pairs}
    keys = [key for key in condition_keys(opening.statements) if key.lower().partition("/")[2] not in set_first]
    only = f", only under conditions on {', '.join(keys)}" if keys else ""
    return f"may {text}{only}{_once_tagged(path)}"


def _once_tagged(path: Path) -> str:
    """The tags that the holder sets first, which makes conditions on them no obstacle."""
    told = [
        f"once it has set the tag {tagging.tags} on {'itself' if tagging.itself else 'the target'} with {tagging.action}"
        for tagging in path.opening.tagging
    ]
    return f", {' and '.join(told)}" if told else ""


def _anyone(path: Path) -> str:
    """What the path is about, where it is the holder itself or nothing in particular."""
    kind = next(
        (
            word
            for word in ("user", "role", "group")
            if any(word in target for target in path.opening.row.needs.values())
        ),
        "",
    )
    if path.opening.how is How.PROVEN:
        return "its own group" if kind == "group" else "itself"
    return f"any {kind} of the account" if path.opening.how is How.LOOSE else f"any other {kind}"


def statements(path: Path) -> Iterator[str]:
    """The deciding statements, each with those of its actions that decide."""
    tagging = (item.action for item in path.opening.tagging)
    needed = ActionSet.of((*path.opening.row.needs, *tagging))
    for statement in path.opening.statements:
        actions = statement.actions and tuple(_deciding(statement, needed))
        yield from describe(msgspec.structs.replace(statement, actions=actions))


def _deciding(statement: Statement, needed: ActionSet) -> Iterator[str]:
    """The actions of a statement, as written, that some actions are among."""
    for text in statement.actions or ():
        if isinstance(text, str) and ActionSet.of((text,)).overlaps(needed):
            yield text


def about(paths: Iterable[Path]) -> tuple[str, ...]:
    """The actions that open any of several paths, also as they are written, and the tags that are set for it.

    Of a path by way of a new workload only iam:PassRole, and only if it is the first path: that is what the remedy limits.
    """
    found: dict[str, None] = {}
    for number, path in enumerate(paths):
        tagging = path.opening.tagging
        needs = path.opening.row.needs if not path.opening.row.service else () if number else ("iam:PassRole",)
        actions = (*needs, *(item.action for item in tagging))
        needed = ActionSet.of(actions)
        written = (text for statement in path.opening.statements for text in _deciding(statement, needed))
        tags = (f"tag {key}" for item in tagging for key, _ in item.tags.pairs)
        found.update(dict.fromkeys((*map(str.lower, (*actions, *written)), *tags)))
    return tuple(found)


def remedy(path: Path) -> str:
    """What to limit so that the path closes."""
    row = path.opening.row
    if row.service:
        return (
            f"Limit iam:PassRole to the roles that are needed, with iam:PassedToService, and let none of them that "
            f"{row.service} may use have more rights than the holder."
        )
    action = next(iter(row.needs))
    if path.opening.tagging:
        tags = " and ".join(f"{item.action} by conditions on aws:TagKeys" for item in path.opening.tagging)
        return f"Limit {tags}: who may set a tag may do whatever the tag allows."
    if path.opening.target and _is_named(path, action):
        return f"Take {path.opening.target} out of what {action} may be used on: it has more rights than the holder."
    if row.runs or row.kind == "existing-role":
        return f"Limit {action} to the resources that the holder is responsible for."
    return f"Limit {action} to the resources that are needed, under a path of their own, or require a permissions boundary."


def _is_named(path: Path, action: str) -> bool:
    """Whether the statements that allow an action name its resources one by one: then no limit is missing."""
    return all(
        isinstance(text, str) and not has_wildcard(text)
        for statement in path.opening.statements
        if possible_actions(statement).overlaps(ActionSet.of((action,)))
        for text in statement.resources or ("*",)
    )


def parts(subject: Origin, holders: Iterable[tuple[Holder, list[Path]]]) -> Iterator[Related]:
    """The holders, their attachments, and the other policies that take part; each once, without the subject."""
    told = {subject.address}
    for holder, paths in islice(holders, _HOLDERS):
        places = [(holder.origin, "holds it")]
        for block in paths[0].blocks:
            if block.policy is not None:
                places.append((block.policy.origin, "takes part"))
                if block.policy.origin.address != block.origin.address:
                    places.append((block.origin, "attaches it"))
            else:
                places.append((block.origin, "takes part"))
        for place, note in places:
            if place.address not in told:
                told.add(place.address)
                yield Related(place, note)


def led(routes: Iterable[Route]) -> Iterator[Violation]:
    """A finding for each route; those that begin in one policy and go on alike are one."""
    alike: dict[tuple[str, ...], list[Route]] = {}
    for route in routes:
        first, *rest = route.steps
        way = [f"{step.who.origin.address} {step.path.opening.row.id}" for step in rest]
        alike.setdefault((origin(first.path).address, first.path.opening.row.id, *way), []).append(route)
    for group in alike.values():
        yield _route(*sorted(group, key=lambda route: route.rank))


def _route(route: Route, *alike: Route) -> Violation:
    """Tell a route; of others that are alike it names those who take them."""
    first, *rest = route.steps
    subject = origin(first.path)
    by_way = " and ".join(step.who.origin.address for step in rest)
    others = len(alike)
    steps = (*route.steps, *(other.steps[0] for other in alike))
    more = f", and so may {others} other{'s' if others > 1 else ''}" if others else ""
    return Violation(
        subject=subject,
        message=f"{route.holder.label} may become an administrator in {len(route.steps)} steps, by way of {by_way}{more}",
        evidence=tuple(_steps(route)),
        related=tuple(parts(subject, ((step.who, [step.path]) for step in steps))),
        severity=route.severity,
        confidence=route.confidence,
        remedy=_cut(route),
        key=" > ".join(
            (first.path.opening.row.id, *(f"{step.who.origin.address} {step.path.opening.row.id}" for step in rest))
        ),
        about=about((first.path,)),
    )


def _steps(route: Route) -> Iterator[str]:
    """The steps, numbered, each followed by its deciding statements."""
    for number, step in enumerate(route.steps, start=1):
        yield f"{number}. {step.who.origin.address} {may(step.path)}"
        yield from statements(step.path)


def _cut(route: Route) -> str:
    """Where the route is best cut, and how."""
    step = route.steps[route.cut - 1]
    where = f"Cut it at step {route.cut}, in {origin(step.path).address}."
    if step.is_plain:
        return f"{where} Let only those assume {step.path.opening.target} who are meant to be administrators."
    return f"{where} {remedy(step.path)}"
