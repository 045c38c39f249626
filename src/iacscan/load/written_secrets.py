"""Passwords and tokens of AWS resources that stand in the code, told by the property that holds them.

A password has no form of its own, so only properties are looked at that AWS's own schemas make for a secret: those whose name ends like
`MasterUserPassword`, `OauthToken` or `PrivateKey`. What stands in free-form maps (environment variables, tags) is not: names there
are anybody's; `given_passwords` looks at some. Not one character of a value is kept.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html#creds
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from ..lazy import regex
from ..value import Reference, Unknown, Value
from .block import Block, CredentialLeaf
from .given_passwords import GIVEN, passwords_through

WRITTEN: Final = "written"  # the value itself
SHOWN: Final = "shown"  # a parameter without NoEcho: whoever may describe the stack can read its value
PRESET: Final = "preset"  # the default of a parameter, which holds where nobody gives another value
PLAIN: Final = "plain"  # a parameter of Systems Manager that is not encrypted

_NAME: Final = regex(
    r"(?:passwords?|passphrase|(?:oauth|access|auth|refresh|secret|hec|api|jwt|sas)_?token|token_?(?:key|value)|private_?key"
    r"|secret_?(?:access_?)?key|pre_?shared_?key|client_?secret|api_?key(?:_?value)?|secret_?string|credential_?pair_?secret"
    r"|master_user_secret_value|\A(?:token|ssh_?key))\Z",
    re.IGNORECASE,
)
# Maps whose keys are not a schema's, and one that says how long tokens last.
_FREE: Final = regex(
    r"(?:variables|environment\w*|tags|parameters|metadata|labels|options|tokenvalidityunits)\Z", re.IGNORECASE
)
# Names that end like a secret's and hold none: references to where it is kept, and switches.
_OTHERS: Final = frozenset({"forgotpassword", "generatesecretstring", "removeprivatekey"})
_PATHS: Final = "File"  # what stands in it names files
# IAM106 speaks of the passwords that people sign in to the console with.
_CONSOLE: Final = frozenset({"AWS::IAM::User", "aws_iam_user_login_profile"})
# Empty, or the word that AWS's reference shows in the place of a value.
_NOT_FILLED_IN: Final = frozenset({"", "{}", "String"})
# Types whose secrets AWS makes, and those of IAM106.
_MADE: Final = _CONSOLE | {"aws_iam_access_key"}
# What is to be filled in by hand, once the resource is there.
_PLACEHOLDER: Final = regex(
    r"(?<![a-z])(?:change|place.?holder|replace|dummy|example|todo|tbd|initial|fill|update|overrid)|xxx|\A\W*\Z|<[^>]*>",
    re.IGNORECASE,
)
_DEPTH: Final = 12
_NO_DEFAULTS: Final[Mapping[str, Value]] = MappingProxyType({})


class Parameter(Protocol):
    """A parameter of a template. NoEcho hides its value from whoever describes the stack, but not its default from the code."""

    @property
    def secret(self) -> bool:
        """Whether it is marked NoEcho."""

    @property
    def default(self) -> str | None:
        """Its default."""


def find_written(blocks: Iterable[Block], parameters: Mapping[str, Parameter]) -> Iterator[CredentialLeaf]:
    """Every secret of a resource that a template gives away, with how it does."""
    for block in blocks:
        if block.type in _CONSOLE or block.type.startswith("Custom::"):
            continue
        for name in sorted(block.names()):
            for path, value in _secrets(block.get(name), (name,)):
                inside = value.references if isinstance(value, Unknown) else ()
                how, via = given_away(value, (*block.references(*path), *inside), parameters)
                if how:
                    yield CredentialLeaf(block.address, block.type, _shown(path), how, "", dummy=False, via=via)


def find_constants(
    blocks: Iterable[Block], defaults: Mapping[str, Value] = _NO_DEFAULTS, secret: Container[str] = ()
) -> Iterator[CredentialLeaf]:
    """Every secret of a resource that stands in Terraform's code.

    As a constant: nothing else is referred to, and it is known. Or as the default of a root variable, if that is what the attribute is:
    `defaults` has them by the variables' addresses (`var.password`); `secret` are those that are declared sensitive. Passwords that
    workloads are given are found where they are defaults; their constants are found by what their text says (`credentials`).
    """
    texts = {name: text for name, text in defaults.items() if isinstance(text, str) and not _PLACEHOLDER.search(text)}
    for block in blocks:
        if block.mode != "managed" or not block.type.startswith("aws_") or block.type in _MADE:
            continue
        yield from _given(block, texts, secret) if texts else ()
        for name in sorted(block.names()):
            if not _NAME.search(name) or block.configured(name) is False:
                continue
            value = block.get(name)
            if not isinstance(value, str) or value in _NOT_FILLED_IN or "⟦" in value:
                continue
            through = {reference.address for reference in block.references(name)}
            via = next(iter(through), "")
            if not through or (len(through) == 1 and defaults.get(via) == value):
                how, dummy = PRESET if via else WRITTEN, _PLACEHOLDER.search(value) is not None
                yield CredentialLeaf(block.address, block.type, name, how, "", dummy=dummy, via=via)


def _given(block: Block, defaults: Mapping[str, str], secret: Container[str]) -> Iterator[CredentialLeaf]:
    for name in sorted(block.names()):
        own = {ref.address: defaults[ref.address] for ref in block.references(name) if ref.address in defaults}
        for path, via in passwords_through(block.get(name), name, own, secret) if own else ():
            yield CredentialLeaf(block.address, block.type, path, GIVEN, "", dummy=False, via=via)


def given_away(value: Value, references: Iterable[Reference], parameters: Mapping[str, Parameter]) -> tuple[str, str]:
    """How a secret is given away, as one of the constants above, and the parameter that it comes through.

    Both are empty if it is not given away, or is not known to be.
    """
    through = [item.address for item in references]
    if any(address == "resolve:ssm" for address in through):
        return PLAIN, ""
    named = [(name, parameters[name]) for address in through if (name := address.removeprefix("var.")) in parameters]
    for name, parameter in named:
        if parameter.default:
            return PRESET, name
    for name, parameter in named:
        if not parameter.secret:
            return SHOWN, name
    if through or not isinstance(value, str) or value in _NOT_FILLED_IN or "⟦" in value:
        return "", ""
    # The name of a parameter: its author meant the parameter, and made the name itself the secret.
    return WRITTEN, value if value in parameters else ""


def _secrets(value: Value, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Value]]:
    """Every leaf that is called like a secret, with its path."""
    if len(path) > _DEPTH:
        return
    name = next(step for step in reversed(path) if isinstance(step, str))  # of a list, for what stands in it
    match value:
        case dict() if not _FREE.match(str(path[-1])) and path[-1] != _PATHS:
            for key, item in value.items():
                yield from _secrets(item, (*path, key))
        case list():
            for at, item in enumerate(value):
                yield from _secrets(item, (*path, at))
        case str() | Unknown() if _NAME.search(name) and name.lower() not in _OTHERS:
            yield path, value
        case _:
            pass


def _shown(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".@")
