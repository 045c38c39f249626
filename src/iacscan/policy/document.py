"""The policy document: parses every legal spelling, judges nothing.

AWS accepts one statement as an object or several as a list, and one value as a string or several as a list
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). All of that ends here: a
`PolicyDocument` has one form. What cannot be parsed is never dropped: it becomes an `Unknown` or a `Problem`.
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..source import Span
from ..value import Maybe, Unknown, Value

MAX_DOCUMENT: Final = 1_000_000  # characters; the largest AWS quota is 20 KB (bucket policies)


class Principal(Struct, frozen=True, order=True, gc=False):
    """One principal element.

    `kind` is `*` for the bare star, else the key as AWS spells it: AWS, Service, Federated, CanonicalUser.
    """

    kind: str
    value: str

    def __str__(self) -> str:
        return "*" if self.kind == "*" else f"{self.kind}: {self.value}"


class Condition(Struct, frozen=True, gc=False):
    """One leaf of a condition block: operator and key as written, the values that are or-ed (and-ed if negated)."""

    operator: str
    key: str
    values: tuple[Maybe[str], ...]


class Problem(Struct, frozen=True):
    """Something that AWS would refuse or ignore; `where` is a path such as `Statement[1].Effect`.

    `duplicate` marks a name that one object of the text has twice, of which readers of JSON keep the last.
    """

    where: str
    message: str
    duplicate: bool = False


class Statement(Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """One statement.

    An element that is absent is None. An `Unknown` inside a tuple stands for one or more values that are not known.
    `effect` is `Allow` or `Deny` exactly, else Unknown (AWS compares it case-sensitively). `index` counts from 0 in
    the document's order and is what people call the statement by where it has no Sid. A statement that is `hidden` is judged
    like any other, but never shown: the input marks it as sensitive.
    """

    effect: Maybe[str] = "Allow"
    actions: tuple[Maybe[str], ...] | None = None
    not_actions: tuple[Maybe[str], ...] | None = None
    resources: tuple[Maybe[str], ...] | None = None
    not_resources: tuple[Maybe[str], ...] | None = None
    principals: tuple[Maybe[Principal], ...] | None = None
    not_principals: tuple[Maybe[Principal], ...] | None = None
    conditions: tuple[Maybe[Condition], ...] = ()
    sid: str | None = None
    index: int = 0
    span: Span | None = None
    hidden: bool = False

    @property
    def label(self) -> str:
        """What to call the statement in a message: its Sid, else its position counted from 1."""
        return f'statement "{self.sid}"' if self.sid and not self.hidden else f"statement {self.index + 1}"

    @property
    def named_principals(self) -> "Iterator[tuple[str, tuple[Maybe[Principal], ...]]]":
        """The elements of the statement that name principals, as AWS calls them and in its order."""
        for name, principals in (("Principal", self.principals), ("NotPrincipal", self.not_principals)):
            if principals is not None:
                yield name, principals

    @property
    def named_texts(self) -> "Iterator[tuple[str, tuple[Maybe[str], ...]]]":
        """The elements of the statement that name actions and resources, likewise."""
        for name, texts in (
            ("Action", self.actions),
            ("NotAction", self.not_actions),
            ("Resource", self.resources),
            ("NotResource", self.not_resources),
        ):
            if texts is not None:
                yield name, texts

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Everything in the statement that is not known."""
        return tuple(_unknowns(self))


class PolicyDocument(Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """A parsed policy.

    `unknown` holds what is missing as a whole (an unknown list of statements, an unknown source document): anything
    may stand there. `text` is the text as it will be sent, where the input has it (for size quotas). `version` is None if
    there is none, and if `unknown_version` says why it is not known.
    """

    version: str | None = None
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    text: str | None = None
    unknown_version: Unknown | None = None

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Everything in the document that is not known; empty if all of it is."""
        return self.unknown + tuple(u for statement in self.statements for u in statement.unknowns)


def hide(document: PolicyDocument) -> PolicyDocument:
    """The same policy, marked so that no part of its text is shown."""
    return replace(document, statements=tuple(replace(item, hidden=True) for item in document.statements), text=None)


def names_in(document: PolicyDocument) -> frozenset[str]:
    """What a policy names: resources, principals, condition values, Sids. Actions are AWS's words, and stars nobody's."""
    found: set[str] = set()
    for statement in document.statements:
        elements = (statement.resources, statement.not_resources, statement.principals, statement.not_principals)
        for item in (item for element in elements for item in element or ()):
            found.add(item.value if isinstance(item, Principal) else item if isinstance(item, str) else "")
        for leaf in statement.conditions:
            if isinstance(leaf, Condition):
                found.update(value for value in leaf.values if isinstance(value, str))
        found.add(statement.sid or "")
    return frozenset(found - {"", "*", "true", "false"})


def parse(value: Value, where: str = "policy") -> Maybe[PolicyDocument]:
    """Parse a policy given as JSON text or as a decoded tree (CloudFormation, rebuilt documents).

    `where` names the attribute for messages. Returns Unknown, with the reason, if there is no document to see: the value
    is unknown, is not JSON, or is not an object.
    """
    match value:
        case Unknown():
            return value
        case str():
            return _parse_text(value, where)
        case dict():
            return _document(value, None)
        case _:
            return Unknown(f"{where} is not a policy document")


@lru_cache(maxsize=4096)
def _parse_text(text: str, where: str) -> Maybe[PolicyDocument]:
    if len(text) > MAX_DOCUMENT:
        return Unknown(f"{where} is longer than {MAX_DOCUMENT:,} characters")
    try:
        tree = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        return Unknown(f"{where} is not JSON: {error}")
    except RecursionError:
        return Unknown(f"{where} is nested too deeply to be a policy")
    if not isinstance(tree, dict):
        return Unknown(f"{where} is JSON, but not a policy object")
    return _document(tree, text, tuple(_duplicates(text, tree)))


def _duplicates(text: str, tree: dict[str, Value]) -> Iterator[Problem]:
    """Names that an object of a JSON text has twice. The decoder keeps the last of them and says nothing.

    The text is decoded once more, slowly, only if it does not have as many names as what came of it.
    """
    if text.count('":') == msgspec.json.encode(tree).count(b'":'):
        return
    import json  # noqa: PLC0415  # needed only for the rare text with spaces before its colons, or with duplicates

    twice: list[str] = []

    def noted(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
        counted = Counter(name for name, _ in pairs)
        twice.extend(name for name, count in counted.items() if count > 1)
        return dict(pairs)

    json.loads(text, object_pairs_hook=noted)
    yield from (
        Problem(name, "stands twice in one object, of which only one can count", duplicate=True) for name in twice
    )


_TOP: Final = {"version": "Version", "id": "Id", "statement": "Statement"}
_ELEMENTS: Final = {
    name.lower(): name
    for name in (
        "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
    )
}  # fmt: skip
_PRINCIPALS: Final = {name.lower(): name for name in ("AWS", "Service", "Federated", "CanonicalUser")}


def _document(tree: dict[str, Value], text: str | None, found: tuple[Problem, ...] = ()) -> PolicyDocument:
    problems = list(found)
    top = _canonical(tree, _TOP, "", problems)
    unknown: list[Unknown] = []
    statements: list[Statement] = []
    body = top.get("Statement")
    for index, item in enumerate(body if isinstance(body, list) else [body]):
        match item:
            case dict():
                statements.append(_statement(item, index, problems))
            case Unknown():
                unknown.append(item)
            case None:
                problems.append(Problem("Statement", "the document has no statement"))
            case _:
                problems.append(Problem(f"Statement[{index}]", "a statement must be an object"))
    version = top.get("Version")
    return PolicyDocument(
        version=version if isinstance(version, str) else None,
        statements=tuple(statements),
        problems=tuple(problems),
        unknown=tuple(unknown),
        text=text,
        unknown_version=version if isinstance(version, Unknown) else None,
    )


def _statement(tree: dict[str, Value], index: int, problems: list[Problem]) -> Statement:
    where = f"Statement[{index}]"
    given = _canonical(tree, _ELEMENTS, where, problems)
    sid = given.get("Sid")
    effect = given.get("Effect")
    known_effect: Maybe[str]
    if isinstance(effect, Unknown) or effect in ("Allow", "Deny"):
        known_effect = effect
    else:
        known_effect = Unknown(f'its Effect is {effect!r}; AWS takes only "Allow" and "Deny"')
        problems.append(Problem(f"{where}.Effect", f"must be Allow or Deny, not {effect!r}"))
    return Statement(
        effect=known_effect,
        actions=_strings(given, "Action", where, problems),
        not_actions=_strings(given, "NotAction", where, problems),
        resources=_strings(given, "Resource", where, problems),
        not_resources=_strings(given, "NotResource", where, problems),
        principals=_principals(given, "Principal", where, problems),
        not_principals=_principals(given, "NotPrincipal", where, problems),
        conditions=_conditions(given.get("Condition"), where, problems),
        sid=sid if isinstance(sid, str) and sid else None,
        index=index,
    )


def _canonical(tree: dict[str, Value], names: dict[str, str], where: str, problems: list[Problem]) -> dict[str, Value]:
    """Bring element names to AWS's spelling; unknown elements are reported, as AWS refuses such documents."""
    given: dict[str, Value] = {}
    for key, value in tree.items():
        name = names.get(key.lower())
        if name != key:
            path = f"{where}.{key}" if where else key
            if name is None:
                problems.append(Problem(path, "is not an element of the policy language"))
                continue
            problems.append(Problem(path, f'is spelt "{name}" in the policy language'))
        given[name] = value
    return given


def _strings(given: dict[str, Value], name: str, where: str, problems: list[Problem]) -> tuple[Maybe[str], ...] | None:
    """One string or a list of them; null stands for absent, as in `jsonencode` of an unset attribute."""
    value = given.get(name)
    if value is None:
        return None
    found: list[Maybe[str]] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str | Unknown):
            found.append(item)
        else:
            problems.append(Problem(f"{where}.{name}", f"must hold strings, not {type(item).__name__}"))
            found.append(Unknown(f"{name} holds something that is not a string"))
    return tuple(found)


def _principals(
    given: dict[str, Value], name: str, where: str, problems: list[Problem]
) -> tuple[Maybe[Principal], ...] | None:
    value = given.get(name)
    found: tuple[Maybe[Principal], ...]
    match value:
        case None:
            return None
        case Unknown():
            found = (value,)
        case "*":
            found = (Principal("*", "*"),)
        case dict():
            found = tuple(_principal_items(value, f"{where}.{name}", problems))
        case str() | list():
            # AWS refuses it; what it names is read all the same, so that a star in a list is seen.
            problems.append(Problem(f"{where}.{name}", 'must be "*" or an object'))
            found = tuple(_principal_items({"AWS": value}, f"{where}.{name}", problems))
        case _:
            problems.append(Problem(f"{where}.{name}", 'must be "*" or an object'))
            found = (Unknown(f"its {name} is neither an object nor a star"),)
    return found


def _principal_items(tree: dict[str, Value], where: str, problems: list[Problem]) -> Iterator[Maybe[Principal]]:
    for key, values in tree.items():
        kind = _PRINCIPALS.get(key.lower())
        if kind is None:
            # `aws_iam_policy_document` also writes type "*" here; AWS refuses other kinds.
            kind = key
            if key != "*":
                problems.append(Problem(f"{where}.{key}", "is not a kind of principal"))
        for value in values if isinstance(values, list) else [values]:
            match value:
                case Unknown():
                    yield value
                case str():
                    yield Principal("*", "*") if kind == "*" else Principal(kind, value)
                case int() if not isinstance(value, bool):
                    # An unquoted account id: JSON has lost its leading zeros.
                    yield Principal(kind, f"{value:012d}")
                case _:
                    problems.append(Problem(f"{where}.{key}", "must hold strings"))
                    yield Unknown(f"its principal {key} holds something that is not a string")


def _conditions(block: Value, where: str, problems: list[Problem]) -> tuple[Maybe[Condition], ...]:
    match block:
        case None:
            return ()
        case Unknown():
            return (block,)
        case dict():
            return tuple(_condition_leaves(block, f"{where}.Condition", problems))
        case _:
            problems.append(Problem(f"{where}.Condition", "must be an object"))
            return (Unknown("its Condition is not an object"),)


def _condition_leaves(block: dict[str, Value], where: str, problems: list[Problem]) -> Iterator[Maybe[Condition]]:
    for operator, keys in block.items():
        match keys:
            case Unknown():
                yield keys
            case dict():
                for key, value in keys.items():
                    values = value if isinstance(value, list) else [value]
                    yield Condition(operator, key, tuple(_scalar(item) for item in values))
            case _:
                problems.append(Problem(f"{where}.{operator}", "must be an object"))
                yield Unknown(f"its condition {operator} is not an object")


def _scalar(value: Value) -> Maybe[str]:
    """Condition values may be written as JSON booleans and numbers; AWS reads them as their text."""
    match value:
        case str() | Unknown():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return Unknown("a condition value that is neither text, number nor boolean")


def _unknowns(statement: Statement) -> Iterator[Unknown]:
    if isinstance(statement.effect, Unknown):
        yield statement.effect
    for element in (
        statement.actions,
        statement.not_actions,
        statement.resources,
        statement.not_resources,
        statement.principals,
        statement.not_principals,
        statement.conditions,
    ):
        for item in element or ():
            if isinstance(item, Unknown):
                yield item
            elif isinstance(item, Condition):
                yield from (value for value in item.values if isinstance(value, Unknown))
