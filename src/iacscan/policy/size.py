"""How long a policy is, as IAM counts it: all characters but white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length, read 2026-11-23.
"""

import re
from functools import lru_cache
from typing import Final

import msgspec

from ..value import Maybe, Unknown
from .arn import ACCOUNT
from .document import Condition, PolicyDocument, Principal, Statement

MANAGED: Final = 6_144  # characters of one managed policy
INLINE: Final = {"user": 2_048, "group": 5_120, "role": 10_240}  # of all inline policies of one principal together

_SYMBOL: Final = re.compile(r"⟦[^⟧]*⟧")
_SPACE: Final = re.compile(r"\s+")
_ACCOUNT_ID: Final = "1" * 12


@lru_cache(maxsize=4096)
def size(document: PolicyDocument) -> int:
    """The least number of characters that a document has; what is not known counts as nothing, an account id as twelve."""
    text = document.text if document.text is not None else _written(document)
    return len(_SYMBOL.sub("", _SPACE.sub("", text.replace(ACCOUNT, _ACCOUNT_ID))))


def _written(document: PolicyDocument) -> str:
    """The shortest text that says the same, in the order of AWS's own examples."""
    tree: dict[str, object] = {"Version": document.version} if document.version else {}
    tree["Statement"] = [_statement(statement) for statement in document.statements]
    return msgspec.json.encode(tree).decode()


def _statement(statement: Statement) -> dict[str, object]:
    tree: dict[str, object] = {"Sid": statement.sid} if statement.sid else {}
    tree["Effect"] = _text(statement.effect)
    for name, principals in statement.named_principals:
        tree[name] = _principals(principals)
    for name, texts in statement.named_texts:
        tree[name] = _one_or_all([_text(text) for text in texts])
    blocks: dict[str, dict[str, object]] = {}
    for leaf in statement.conditions:
        if isinstance(leaf, Condition):
            blocks.setdefault(leaf.operator, {})[leaf.key] = _one_or_all([_text(value) for value in leaf.values])
    if blocks:
        tree["Condition"] = blocks
    return tree


def _principals(principals: tuple[Maybe[Principal], ...]) -> object:
    kinds: dict[str, list[str]] = {}
    for item in principals:
        if isinstance(item, Principal):
            kinds.setdefault(item.kind, []).append(item.value)
    return "*" if list(kinds) == ["*"] else {kind: _one_or_all(values) for kind, values in kinds.items()}


def _one_or_all(texts: list[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else texts


def _text(text: Maybe[str]) -> str:
    return "" if isinstance(text, Unknown) else text
