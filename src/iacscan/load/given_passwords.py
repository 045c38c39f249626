"""Passwords that stand in what a workload is started with: its environment, and its start-up script.

The names there are anybody's, so only those that end in a word for a password are looked at, and of those only constants that can be
one: no reference, no path or ARN of where it is kept, no switch. Not one character of a value is kept.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
"""

import re
from typing import Final

from ..lazy import regex

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
    if _SCRIPT.search(path):
        found = _ASSIGNED.findall(text)
    elif _ENVIRONMENT.search(path):
        found = [text] if _NAME.search(name) else _QUOTED.findall(text)
    else:
        return False
    return any(_is_constant(value) for value in found)


def _is_constant(value: str) -> bool:
    plain = value.strip()
    return (
        len(plain) >= len("1234")
        and " " not in plain
        and plain.lower() not in _SWITCHES
        and _NO_CONSTANT.search(plain) is None
    )
