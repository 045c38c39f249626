"""Policy documents while they are put together from parts."""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from ..policy.document import PolicyDocument, parse
from ..value import Maybe, Value

Tree: TypeAlias = dict[str, Value]


class Body(Struct):
    """Statements in the policy language, with what their conditions lack."""

    version: Value
    statements: list[Value]


def merge(statements: list[Value], added: list[Value]) -> None:
    """Append, except that a statement replaces an earlier one with the same Sid. Two that are not known are not the same."""
    for item in added:
        sid = item.get("Sid") if isinstance(item, dict) else None
        known = isinstance(sid, str) and sid != ""
        place = next(
            (at for at, old in enumerate(statements) if known and isinstance(old, dict) and old.get("Sid") == sid), None
        )
        if place is None:
            statements.append(item)
        else:
            statements[place] = item


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
