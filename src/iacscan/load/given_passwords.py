"""Passwords that stand in what a workload is started with: its environment, and its start-up script.

The names there are anybody's, so only those that end in a word for a password are looked at, and of those only constants that can be
one: no reference, no path or ARN of where it is kept, no switch. Not one character of a value is kept.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
"""

import re
from collections.abc import Container, Iterator, Mapping
from typing import Final

from ..lazy import regex
from ..value import Value

GIVEN: Final = "given"  # to a workload, in clear text

_WORDS: Final = r"(?:password|passwd|passphrase)"
_NAME: Final = regex(rf"{_WORDS}\Z", re.IGNORECASE)
_ENVIRONMENT: Final = regex(
    r"(?:^|[.\]])\w*environment|^container_?(?:definitions|properties)|^setting\b", re.IGNORECASE
)
_SCRIPT: Final = regex(r"(?:^|\.)user_?data", re.IGNORECASE)
# In JSON and HCL: `"DB_PASSWORD": "…"`, `DB_PASSWORD = "…"`, `{"name": "DB_PASSWORD", "value": "…"}`.
_QUOTED: Final = regex(rf"{_WORDS}[\"']?\s*(?:,\s*[\"']?value[\"']?\s*)?[:=]\s*\"([^\"\s]{{4,200}})\"", re.IGNORECASE)
# In a shell: `export DB_PASSWORD=…`. Only names in capitals are variables of the environment.
_ASSIGNED: Final = regex(r"\b[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|PASSPHRASE)=[\"']?([^\s\"';|&()]{4,200})")
# References, commands and templates, and what stands for a password that is left out.
_NO_CONSTANT: Final = regex(
    r"[$`{}<>⟦%]|\\|\*{3}|x{4}|\A(?:arn:|ssm:|/|file:|[a-z][a-z0-9+.-]*://)|\A[\w.-]+(?:/[\w.-]+)+\Z", re.IGNORECASE
)
_SWITCHES: Final = frozenset({
    "true", "false", "none", "null", "yes", "required", "optional", "always", "never", "disabled", "enabled", "string",
})  # fmt: skip


def gives_password(text: str, name: str, path: str) -> bool:
    """Whether a text of a block, under that name and at that path, is or holds such a password."""
    return any(map(is_constant, _called(text, name, path)))


def passwords_through(
    value: Value, path: str, defaults: Mapping[str, str], secret: Container[str]
) -> Iterator[tuple[str, str]]:
    """Passwords in the value of an argument that are defaults of variables: the path and the variable of each.

    `defaults` are those of the variables that go into the argument, by their names. Where a variable is declared `secret`, what it
    is handed on as need not be called a password.
    """
    named = {text: name for name, text in defaults.items() if is_constant(text)}
    todo: list[tuple[Value, str, str]] = [(value, path, path)]
    while todo:
        item, where, called = todo.pop()
        match item:
            case str():
                through = {named[text] for text in _called(item, called, where) if text in named}
                if item in named and named[item] in secret and _ENVIRONMENT.search(where):
                    through.add(named[item])
                yield from ((where, name) for name in sorted(through))
            case list():
                todo += ((below, f"{where}[{at}]", called) for at, below in enumerate(item))
            case dict():
                label = item.get("name")
                todo += (
                    (below, f"{where}.{key}", label if key == "value" and isinstance(label, str) else key)
                    for key, below in item.items()
                )
            case _:
                pass


def _called(text: str, name: str, path: str) -> list[str]:
    """What is called a password in a text."""
    if _SCRIPT.search(path):
        found: list[str] = _ASSIGNED.findall(text)
        return found
    if _ENVIRONMENT.search(path):
        return [text] if _NAME.search(name) else _QUOTED.findall(text)
    return []


def is_constant(value: str) -> bool:
    """Whether a text can be a password: it is no reference, no path or ARN of where one is kept, and no switch."""
    plain = value.strip()
    return (
        len(plain) >= len("1234")
        and " " not in plain
        and plain.lower() not in _SWITCHES
        and _NO_CONSTANT.search(plain) is None
    )
