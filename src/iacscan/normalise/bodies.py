"""Policy documents while they are put together from parts."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec import Struct

from ..policy.arn import REST
from ..policy.document import PolicyDocument, parse
from ..value import Maybe, Reference, Unknown, Value

Tree: TypeAlias = dict[str, Value]


class Body(Struct):
    """Statements in the policy language, with what their conditions lack."""

    version: Value
    statements: list[Value]


def merge(statements: list[Value], added: list[Value]) -> None:
    """Append, except that a statement replaces the earlier one with the same Sid, as the data source's overrides do.

    One without a Sid neither replaces nor is replaced. Where a Sid, or all of a statement, is not known, an earlier statement may
    be replaced: it stays, with an effect that is not known.
    """
    before = len(statements)
    for item in added:
        sid = _sid(item)
        place = (
            None if sid is None else next((at for at, old in enumerate(statements) if _is_same(_sid(old), sid)), None)
        )
        if place is not None:
            statements[place] = item
            continue
        for at in range(before):
            old = statements[at]
            if isinstance(old, dict) and _may_be_same(_sid(old), sid):
                statements[at] = _doubted(old, item)
        statements.append(item)


def _sid(statement: Value) -> Maybe[str] | None:
    """The Sid of a statement, which may be unknown as all of it may be; None if it has none."""
    if isinstance(statement, Unknown):
        return statement
    given = statement if isinstance(statement, dict) else {}
    found = next((value for key, value in given.items() if key.lower() == "sid"), None)
    return found if isinstance(found, str | Unknown) and found != "" else None


def _is_same(one: Maybe[str] | None, other: Maybe[str] | None) -> bool:
    """Whether two Sids are certainly the same; a symbol is, to itself."""
    return isinstance(one, str) and one == other and REST not in one


def _may_be_same(one: Maybe[str] | None, other: Maybe[str] | None) -> bool:
    """Whether two Sids, which are not certainly the same, may be: what is known of their beginnings and ends agrees."""
    if one is None or other is None:
        return False
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return True
    if "⟦" not in one + other:
        return False
    begins, ends = (
        (one.partition("⟦")[0], other.partition("⟦")[0]),
        (one.rpartition("⟧")[2], other.rpartition("⟧")[2]),
    )
    return _agree(*begins, str.startswith) and _agree(*ends, str.endswith)


def _agree(one: str, other: str, has: Callable[[str, str], bool]) -> bool:
    return has(one, other) or has(other, one)


def _doubted(statement: Tree, by: Value) -> Tree:
    """A statement that another one may replace: whether it has an effect is not known."""
    sid = _sid(by)
    why = sid if isinstance(sid, Unknown) else _sid(statement)
    because, references = "one of the two Sids is known only after apply", tuple[Reference, ...]()
    if isinstance(why, Unknown):
        because, references = why.because, why.references
    effect = Unknown(f"a statement that overrides those with its Sid may replace it ({because})", references)
    return {key: value for key, value in statement.items() if key.lower() != "effect"} | {"Effect": effect}


def parse_body(body: Body, where: str) -> Maybe[PolicyDocument]:
    """The document that a body is; one without statements says nothing, and is no mistake."""
    version = body.version
    if not body.statements:
        return PolicyDocument(version=version if isinstance(version, str) else None)
    return parse({"Version": version, "Statement": body.statements}, where)


def decode(text: str) -> Tree | None:
    """The object that a text of JSON holds; None if it holds none."""
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return tree if isinstance(tree, dict) else None
