"""What a change set says: the resources that it adds, changes and removes, as two templates, one before and one after.

It is the answer of `aws cloudformation describe-change-set --include-property-values`, in JSON or YAML, or the list of
changes that the console shows. Each change carries its resource as it is and as it will be, functions worked out, in texts
that hold JSON. What is only known when the change set is executed is masked there, and so is what comes from a NoEcho
parameter or is too long. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from ..errors import InputError
from ..policy.arn import REST
from ..value import Reference, Unknown
from .cloudformation_decode import Node, decode, decode_text

_LATER: Final = "{{changeSet:KNOWN_AFTER_APPLY}}"
_CUT: Final = "(Truncated-Signature):"
_MASKED: Final = "****"
_AFTER_ONLY: Final = frozenset(("Add",))
_BEFORE_ONLY: Final = frozenset(("Remove",))
_BOTH: Final = frozenset(("Modify", "Import", "Dynamic", "SyncWithActual"))
_NOTHING: Final = ("didn't contain changes", "No updates are to be performed")
_WARNING: Final = "[WARN]"
_VALUES: Final = (
    "describe it with the values: aws cloudformation describe-change-set --include-property-values"
    " --change-set-name NAME --stack-name STACK"
)
_LINKS: Final = 3  # steps of a path such as Properties/Roles/0, which names a resource and holds no longer text


class ChangeSet(Struct, frozen=True):
    """Two templates of resolved values; `replaced` are the resources that are made anew, by logical id.

    `hidden` are those that change, and it does not say from what to what; `unevaluated` tells of them and why.
    `parameters` are the values of the parameters, those excepted that are NoEcho.
    """

    before: Node
    after: Node
    replaced: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    parameters: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    unevaluated: tuple[str, ...] = ()


class _Change(Struct, frozen=True):
    """One changed resource. The contexts are trees of JSON; `causes` tells by path what decides values that are not known."""

    name: str
    type: str
    action: str
    physical: str
    replaced: bool
    line: int
    before: Node | None
    after: Node | None
    causes: Mapping[tuple[str, ...], tuple[tuple[str, str], ...]]  # (kind of cause, what it is called)


def read_change_set(data: bytes) -> ChangeSet:
    """Read a change set from its text. Raises InputError if it cannot be decoded, failed, is not finished or not whole, or says nothing of its resources' values."""
    try:
        root = _spelled(decode(data))
    except InputError as error:
        raise InputError(error.what, "describe the change set again") from error
    _refuse_unfinished(root)
    listed = root if isinstance(root.value, list) else root.get("Changes")
    if listed is None or not isinstance(listed.value, list):
        what = "is a change set whose changes are no list"
        raise InputError(what, _VALUES)
    unread: dict[str, str] = {}
    changes = []
    for node in listed.value:
        change = _spelled(node).get("ResourceChange")
        if change is None:
            unread[f"line {node.line}"] = "a change of something that is no resource"
        else:
            changes.append(_change(_spelled(change), unread))
    if changes and all(change.before is None and change.after is None for change in changes):
        what = "is a change set without the values of properties: it says what changes, and not to what"
        raise InputError(what, _VALUES)
    warnings = (
        [reason.replace(_WARNING, "").strip()] if _WARNING in (reason := _text(root, "StatusReason") or "") else []
    )
    warned = (name for text in warnings for name in re.findall(r"Logical Id: (\w+)", text))
    account = (_text(root, "StackId") or "").split(":")
    own = account[4] if len(account) > 5 and re.fullmatch(r"\d{12}", account[4]) else ""  # noqa: PLR2004  the parts of an ARN
    return ChangeSet(
        before=_template(((item, item.before) for item in changes), own, is_after=False),
        after=_template(((item, item.after) for item in changes), own, is_after=True),
        replaced=frozenset(item.name for item in changes if item.replaced),
        hidden=frozenset((*unread, *warned)),
        parameters=dict(_parameters(root)),
        notes=tuple(_notes(root)),
        unevaluated=(*(f"{name}: {why}" for name, why in unread.items()), *warnings),
    )


def _refuse_unfinished(root: Node) -> None:
    status, reason = _text(root, "Status") or "", _text(root, "StatusReason") or ""
    if status == "FAILED" and not reason:  # AWS leaves the reason out where the values are asked for
        what = "is a change set that failed, or changes nothing: it does not say which"
        raise InputError(what, "see why: aws cloudformation describe-change-set, without --include-property-values")
    if status == "FAILED" and not any(words in reason for words in _NOTHING):
        what = f"is a change set that failed: {reason}"
        raise InputError(what, "correct what it says, and create it again")
    if status.endswith(("_PENDING", "_IN_PROGRESS")):
        what = f"is a change set that is not finished ({status})"
        raise InputError(what, "wait for it: aws cloudformation wait change-set-create-complete")
    if _text(root, "NextToken"):
        what = "is one page of a change set, and there are more (it has a NextToken)"
        raise InputError(what, "describe it without --no-paginate and --max-items")


def _notes(root: Node) -> Iterator[str]:
    """What a reader should know of the whole of it."""
    status = _text(root, "ExecutionStatus") or "AVAILABLE"
    if status != "AVAILABLE":
        yield f"the change set cannot be executed (any more): its execution status is {status}"
    if any(words in (_text(root, "StatusReason") or "") for words in _NOTHING):
        yield "the change set changes nothing"


def _parameters(root: Node) -> Iterator[tuple[str, str]]:
    node = root.get("Parameters")
    for item in node.value if node is not None and isinstance(node.value, list) else []:
        name, value = _text(item, "ParameterKey"), _text(item, "ResolvedValue") or _text(item, "ParameterValue")
        if name is not None and value is not None and value != _MASKED:
            yield name, value


def _change(node: Node, unread: dict[str, str]) -> _Change:
    name, action = _text(node, "LogicalResourceId") or "", _text(node, "Action") or ""
    kind = _text(node, "ResourceType") or ""
    before, after = _context(node.get("BeforeContext")), _context(node.get("AfterContext"))
    if action == "Import" and before is None:
        before = after  # what is taken into the stack exists, and stays as it is
    needed = {
        "before": (before, action in _BEFORE_ONLY | _BOTH),
        "after": (after, action in _AFTER_ONLY | _BOTH),
    }
    missing = [side for side, (context, is_needed) in needed.items() if is_needed and context is None]
    if missing:
        unread[name] = f"the change set does not say what it is {' and '.join(missing)} ({kind}, line {node.line})"
    elif action == "Dynamic" or action not in _AFTER_ONLY | _BEFORE_ONLY | _BOTH:
        unread[name] = f"what happens to it is only known when the change set is executed ({kind}, line {node.line})"
    return _Change(
        name=name,
        type=kind,
        action=action,
        physical=_text(node, "PhysicalResourceId") or "",
        replaced=_text(node, "Replacement") == "True" and action in _BOTH,
        line=node.line,
        before=None if action in _AFTER_ONLY else before,
        after=None if action in _BEFORE_ONLY else after,
        causes=_causes(node.get("Details")),
    )


def _context(node: Node | None) -> Node | None:
    """The tree of a context; None if there is none that can be read."""
    if node is None or not isinstance(node.value, str):
        return node if node is not None and isinstance(node.value, dict) else None
    try:
        tree = decode_text(node.value)
    except InputError:
        return None
    return tree if isinstance(tree.value, dict) else None


def _causes(node: Node | None) -> dict[tuple[str, ...], tuple[tuple[str, str], ...]]:
    found: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
    for item in node.value if node is not None and isinstance(node.value, list) else []:
        detail = _spelled(item)
        target = _spelled(detail.get("Target") or Node({}))
        path, entity = _text(target, "Path"), _text(detail, "CausingEntity")
        if path and entity:
            steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in path.strip("/").split("/"))
            cause = (_text(detail, "ChangeSource") or "", entity)
            found[steps] = tuple(dict.fromkeys((*found.get(steps, ()), cause)))
    return found


def _template(sides: Iterable[tuple[_Change, Node | None]], account: str, *, is_after: bool) -> Node:
    """A template of what stands on one side."""
    present = {change.name: (change, context) for change, context in sides if context is not None}
    names = {
        change.physical: name
        for name, (change, context) in present.items()
        if _is_made_up(change.physical, context) and not (is_after and change.replaced)
    }
    resources = {
        name: _Filled(change, names, account, frozenset(present) if is_after else frozenset()).resource(context)
        for name, (change, context) in present.items()
    }
    return Node({"Resources": Node(resources)})


def _is_made_up(physical: str, context: Node) -> bool:
    """Whether CloudFormation has made up the id of a resource, so that nothing else can be called the same."""
    properties = context.get("Properties") or Node({})
    return len(physical) >= 12 and all(node.text != physical for node in properties.items.values())  # noqa: PLR2004  characters


class _Filled:
    """Puts functions and unknown values back where a resource's context has ids and masks.

    `names` are logical ids by the ids that CloudFormation has made up, and `present` those that something may refer to.
    """

    def __init__(self, change: _Change, names: Mapping[str, str], account: str, present: frozenset[str]) -> None:
        self._change = change
        self._names = names
        self._present = present
        known = sorted(map(re.escape, names), key=len, reverse=True)
        known += [account] if account else []
        self._known = re.compile(rf"(?<![\w-])(?:{'|'.join(known)})(?![\w-])") if known else None

    def resource(self, context: Node) -> Node:
        """The resource as a template would have it."""
        line = self._change.line
        parts = {key: self._part(node, (key,)) for key, node in context.items.items() if key != "Type"}
        return Node({"Type": Node(self._change.type, line, line), **parts}, line, line)

    def _part(self, node: Node, path: tuple[str, ...]) -> Node:
        line = self._change.line
        match node.value:
            case dict() as items:
                return Node({key: self._part(item, (*path, key)) for key, item in items.items()}, line, line)
            case list() as parts:
                return Node([self._part(item, (*path, str(at))) for at, item in enumerate(parts)], line, line)
            case str() as text:
                return Node(self._leaf(text, path), line, line)
            case other:
                return Node(other, line, line)

    def _leaf(self, text: str, path: tuple[str, ...]) -> "str | dict[str, Node] | Unknown":
        known, later, _ = text.partition(_LATER)
        if later:
            return f"{known}{REST}" if known else self._later(path)
        if text == _MASKED:
            return Unknown("given at deployment and not shown")
        if text.startswith(_CUT):
            return Unknown("too long for the change set to show")
        if self._known is None or self._known.search(text) is None:
            return text
        if text in self._names:
            return {"Ref": Node(self._names[text])}
        marked = self._known.sub(
            lambda found: f"${{{self._names.get(found[0], 'AWS::AccountId')}}}", text.replace("${", "${!")
        )
        return {"Fn::Sub": Node(marked)}

    def _later(self, path: tuple[str, ...]) -> "dict[str, Node] | Unknown":
        """What is only known when the change set is executed, with what it comes from as far as the details say it."""
        causes = self._change.causes.get(path, ())
        match causes:
            case (("ResourceReference", name),) if name in self._present and len(path) <= _LINKS:
                return {"Ref": Node(name)}
            case _:
                pass
        references = tuple(Reference(*name.split(".", 1)) for _, name in causes)
        origin = f" (from {', '.join(name for _, name in causes)})" if causes else ""
        return Unknown(f"known only when the change set is executed{origin}", references)


def _spelled(node: Node) -> Node:
    """A mapping with its keys as the API has them: the console begins them with small letters."""
    if not isinstance(node.value, dict):
        return node
    return Node({key[:1].upper() + key[1:]: item for key, item in node.value.items()}, node.line, node.end)


def _text(node: Node, key: str) -> str | None:
    found = node.get(key)
    return None if found is None else found.text
