"""Which instances of modules are evaluated together, where one module calls more of them than the evaluator can do.

Of all instances that one module calls, the evaluator goes into 32. So it runs again, each time for some of the others:
every call is told by its `source` for which of its keys there is a module. What the chosen ones are given by other modules is
evaluated along with them, as far as it fits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from .terraform_flow import Flow, instance_of, static
from .terraform_process import Raw

_TOGETHER: Final = 28  # instances that one module calls: fewer than 32, as some are gone into twice

# The keys of the instances that there is a module for, as they stand between brackets (`"x"`, `0`; empty if there is none),
# by the path of the call.
Only: TypeAlias = dict[str, frozenset[str]]


def reached(raw: Mapping[str, Iterable[Raw]]) -> set[str]:
    """The module instances that the evaluator went into: the rewriting gives every module a variable."""
    return {instance_of(item["__tfmeta"]["path"]) for item in raw.get("variable", ())}


def unreached(flow: Flow, raw: Mapping[str, Iterable[Raw]]) -> list[str]:
    """The module instances that it did not go into, though they are there and not switched off."""
    inside = reached(raw)
    paths = ((item["__tfmeta"]["path"], item) for item in raw.get("module", ()))
    return [
        path
        for path, item in paths
        if path not in inside and static(path) in flow.modules and item.get("count") != 0
    ]  # fmt: skip


def deprived(flow: Flow, raw: Mapping[str, Iterable[Raw]]) -> list[str]:
    """The module instances that it went into without what those give them that it did not go into."""
    missing = {static(instance) for instance in unreached(flow, raw)}
    if not missing:
        return []
    lacking = {path for path in flow.modules if not missing.isdisjoint(givers(flow, path))}
    return [
        instance for instance in sorted(reached(raw)) if any(static(outer) in lacking for outer in _chain(instance))
    ]


def next_batch(flow: Flow, raw: Mapping[str, Iterable[Raw]], pending: Iterable[str]) -> tuple[Only, set[str]]:
    """Choose from the instances that are pending; the first is always chosen. What to evaluate, and the choice."""
    batch = _Batch(flow)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for item in raw.get("module", ()):
        keys[static(item["__tfmeta"]["path"])].add(_key(item["__tfmeta"]["path"]))
    chosen: set[str] = set()
    for instance in pending:
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for outer in _chain(instance):
            wanted[static(outer)].add(_key(outer))
        given = {giver: keys[giver] | wanted[giver] for path in tuple(wanted) for giver in givers(flow, path)}
        if batch.add({**wanted, **given}) or (not chosen and batch.add(wanted)):
            chosen.add(instance)
    return {path: frozenset(found) for path, found in batch.only.items()}, chosen


class _Batch:
    """Keys of instances by call, and how many of them every module calls."""

    def __init__(self, flow: Flow) -> None:
        self.only: dict[str, set[str]] = {path: set() for path in flow.modules if path}
        self._callers = {path: module.parent.path for path, module in flow.modules.items() if module.parent}
        self._size: Counter[str] = Counter()

    def add(self, wanted: Mapping[str, set[str]]) -> bool:
        """Add keys of calls; nothing if they do not all fit."""
        more: Counter[str] = Counter()
        for path, keys in wanted.items():
            more[self._callers[path]] += len(keys - self.only[path])
        if any(self._size[caller] + count > _TOGETHER for caller, count in more.items()):
            return False
        self._size += more
        for path, keys in wanted.items():
            self.only[path] |= keys
        return True


def givers(flow: Flow, path: str) -> Iterable[str]:
    """The other calls of the same module that the arguments of a call come from, and those that these come from."""
    module = flow.modules[path]
    caller = module.parent
    if caller is None:
        return ()
    prefix = f"{caller.path}.module." if caller.path else "module."
    found: dict[str, None] = {}
    pending = [(caller.path, f"module.{module.call}", "")]
    seen = set(pending)
    while pending:
        key = pending.pop()
        for use in flow.uses(key):
            for source, _ in flow.sources(caller, use):
                inner = source[0]
                if inner != caller.path and inner.startswith(prefix):
                    found[inner] = None
                    source = (caller.path, f"module.{flow.modules[inner].call}", "")  # noqa: PLW2901  what that is given
                if source[0] == caller.path and source not in seen:
                    seen.add(source)
                    pending.append(source)
    found.pop(path, None)
    return found


def _chain(instance: str) -> Iterator[str]:
    """A module instance and those around it."""
    while instance:
        yield instance
        instance = instance_of(instance)


def _key(instance: str) -> str:
    """What stands between the last brackets of the address of a module instance."""
    last = instance[len(instance_of(instance)) :]
    return last.partition("[")[2].removesuffix("]")
