"""AWS credentials that stand in the configuration as literals, and passwords that are given to workloads.

What looks like one: an access key id (`AKIA` or `ASIA` and 16 characters of base32), or 40 characters of base64 under a
name such as `AWS_SECRET_ACCESS_KEY`; anything in a provider's `secret_key`. Values that come from a resource are not in
the code and are left out. Only the first four characters are kept.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from msgspec import Raw

from ..lazy import regex
from ..value import Value
from .block import Block, CredentialLeaf
from .given_passwords import GIVEN, gives_password
from .plan_block import PlanBlock, ProviderBlock
from .plan_expressions import Scopes, within
from .plan_format import Json, Plan, decode_part
from .written_secrets import find_constants

# One of these stands in every object that holds a credential; searching for them costs next to nothing.
_TRACES: Final = (
    b"AKIA", b"ASIA", b"ecret", b"ECRET", b"user_data", b"sak", b"SAK",
    b"assword", b"ASSWORD", b"asswd", b"ASSWD", b"assphrase", b"ASSPHRASE", b"_token", b"private_key",
)  # fmt: skip
_PASSWORD: Final = regex(r"pass(?:word|wd|phrase)", re.IGNORECASE)
_ACCESS_KEY: Final = regex(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")
_SECRET_NAME: Final = regex(r"aws.{0,20}(?:secret|sak)|secret_access_key", re.IGNORECASE)
_SECRET: Final = regex(r"[A-Za-z0-9/+=]{40}")
# A secret that is assigned inside of a longer text: a script, an env file, the JSON of a container definition.
_ASSIGNED: Final = regex(
    r"(?:aws.{0,20}(?:secret|sak)|secret_access_key)\w{0,12}[\"']?\s*(?:,\s*[\"']value[\"']\s*)?[:=]\s*[\"']?"
    r"([A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])",
    re.IGNORECASE,
)
_HEX: Final = regex(r"[0-9a-fA-F]+")
_DUMMY: Final = regex(r"EXAMPLE|XXXX|0{6}", re.IGNORECASE)
_EMULATOR_KEYS: Final = frozenset(
    ("test", "mock", "mock_access_key", "fake", "dummy", "foo", "anaccesskey", "localstack")
)
_ENCODED: Final = frozenset(("user_data", "user_data_base64"))
_TOGETHER: Final = 64  # blocks whose values are searched as one text
_LONGEST: Final = 1_000_000  # characters of one text that are searched

_ID: Final = "access-key-id"
_KEY: Final = "secret-access-key"


def find_credentials(
    plan: Plan, scopes: Scopes, blocks: Sequence[PlanBlock], providers: Iterable[ProviderBlock]
) -> tuple[CredentialLeaf, ...]:
    """Every literal in the plan that looks like a credential. Raises InputError for values that cannot be read."""
    found: dict[tuple[str, str, str], CredentialLeaf] = {}
    leaves = (
        _of_providers(providers),
        _of_variables(plan, scopes),
        _of_outputs(scopes),
        _of_blocks(blocks, _defaults(scopes)),
    )
    for leaf in chain(*leaves, _of_user_data(scopes)):
        found.setdefault((leaf.address, leaf.path, leaf.kind), leaf)
    return tuple(found.values())


def find_in_values(
    values: Iterable[tuple[str, str, str, Value]], providers: Iterable[Block]
) -> tuple[CredentialLeaf, ...]:
    """Likewise, for inputs that are not plans: `values` are (address, type, attribute, value) of what the code writes."""
    written = (leaf for address, kind, name, value in values for leaf in _search(value, address, kind, name))
    return tuple(dict.fromkeys((*_of_providers(providers), *written)))


def _suspects(blocks: Sequence[PlanBlock]) -> Iterator[PlanBlock]:
    """Blocks with a trace. Many are searched as one text, which is several times faster and mostly finds nothing."""
    for start in range(0, len(blocks), _TOGETHER):
        group = blocks[start : start + _TOGETHER]
        text = b"\n".join([block.values for block in group])
        traces = tuple(trace for trace in _TRACES if trace in text)
        if traces:
            yield from (block for block in group if _has_trace(block.values, traces))


def _of_blocks(blocks: Sequence[PlanBlock], defaults: Mapping[str, Value]) -> Iterator[CredentialLeaf]:
    for block in _suspects(blocks):
        if block.type == "aws_iam_access_key":
            continue
        yield from find_constants((block,), defaults)
        for name, raw in block.split().items():
            if not (_has_trace(raw) or name in _ENCODED or _SECRET_NAME.search(name)):
                continue
            for leaf in _search(block.get(name), block.address, block.type, name):
                if _is_literal(block, name):
                    yield leaf


def _is_literal(block: PlanBlock, name: str) -> bool:
    """Whether the value can stand in the code: not computed, not made by Terraform, not only passed in by a variable.

    References are known for the attribute as a whole: that a sibling of the leaf names a bucket says nothing about it.
    """
    if block.configured(name) is False:
        return False
    references = block.references(name)
    if any(_makes_credentials(item.address) for item in references):
        return False
    # A root variable is reported itself.
    return not references or any(not item.address.startswith("var.") for item in references)


def _makes_credentials(address: str) -> bool:
    """Whether what stands at an address may have made a credential: an access key, a secret, any data source."""
    kind = address.rpartition(".")[0].rpartition(".")[2]
    return ".data." in f".{address}" or kind == "aws_iam_access_key" or "secret" in kind or "ssm_parameter" in kind


def _of_user_data(scopes: Scopes) -> Iterator[CredentialLeaf]:
    """User data as the code has it: the AWS provider keeps no more than its hash in the values of a plan."""
    for scope in scopes.all:
        for block in scope.config.resources or ():
            if not (b"user_data" in bytes(block.expressions) and _has_trace(block.expressions)):
                continue
            address = within(scope.path, block.address)
            expressions = decode_part(block.expressions, address)
            if not isinstance(expressions, dict):
                continue
            for name in sorted(_ENCODED & expressions.keys()):
                given = expressions[name]
                if isinstance(given, dict) and "constant_value" in given:
                    yield from _search(_value(given["constant_value"]), address, block.address.partition(".")[0], name)


def _of_variables(plan: Plan, scopes: Scopes) -> Iterator[CredentialLeaf]:
    for scope in scopes.all:
        for name, variable in (scope.config.variables or {}).items():
            address = within(scope.path, f"var.{name}")
            yield from _search_raw(variable.default, address, "variable", name)
    for name, given in (plan.variables or {}).items():
        yield from _search_raw(given.value, f"var.{name}", "variable", name)


def _defaults(scopes: Scopes) -> dict[str, Value]:
    """The defaults of the root variables that have one, by address."""
    return {
        (address := f"var.{name}"): _value(decode_part(variable.default, address))
        for name, variable in (scopes.root.config.variables or {}).items()
    }


def _of_outputs(scopes: Scopes) -> Iterator[CredentialLeaf]:
    for scope in scopes.all:
        for name in scope.config.outputs or ():
            expression = scope.output(name)
            if isinstance(expression, dict) and "constant_value" in expression:
                yield from _search(
                    _value(expression["constant_value"]), within(scope.path, f"output.{name}"), "output", name
                )


def _of_providers(providers: Iterable[Block]) -> Iterator[CredentialLeaf]:
    for block in providers:
        if block.type != "aws":
            continue
        access_key, secret_key = _said_by(block, "access_key"), _said_by(block, "secret_key")
        emulated = (
            block.configured("endpoints") is True
            or block.get("skip_credentials_validation") is True
            or (isinstance(access_key, str) and access_key.lower() in _EMULATOR_KEYS)
        )
        if isinstance(access_key, str) and _ACCESS_KEY.search(access_key):
            yield _leaf(block.address, "provider", "access_key", _ID, access_key, dummy=emulated)
        if isinstance(secret_key, str) and secret_key:
            emulated = emulated or secret_key.lower() in _EMULATOR_KEYS
            yield _leaf(block.address, "provider", "secret_key", _KEY, secret_key, dummy=emulated)


def _said_by(provider: Block, name: str) -> Value:
    """What a provider itself says. What a variable passes on stands in the variable's default, or in no code at all."""
    passed = any(reference.address.startswith("var.") for reference in provider.references(name))
    return None if passed else provider.get(name)


def _search_raw(raw: Raw, address: str, kind: str, name: str) -> Iterator[CredentialLeaf]:
    if _has_trace(raw) or _SECRET_NAME.search(name):
        yield from _search(_value(decode_part(raw, address)), address, kind, name)


def _search(value: Value, address: str, kind: str, path: str) -> Iterator[CredentialLeaf]:
    """Credentials in the leaves of a tree. The name that counts is the nearest one above a leaf."""
    todo: list[tuple[Value, str, str]] = [(value, path, path)]
    while todo:
        item, where, name = todo.pop()
        match item:
            case str():
                yield from _in_text(item, name, where, address, kind)
            case list():
                todo.extend((below, f"{where}[{at}]", name) for at, below in enumerate(item))
            case dict():
                # `{name = "AWS_SECRET_ACCESS_KEY", value = "..."}`, as environments are often written; templates: Name, Value
                label = item.get("name") or item.get("Name")
                # beside an access key id, whatever is called a secret is that key's
                paired = any(isinstance(below, str) and _ACCESS_KEY.search(below) for below in item.values())
                for key, below in item.items():
                    called = label if key in ("value", "Value") and isinstance(label, str) else key
                    if paired and "secret" in called.lower():
                        called = "aws_secret_access_key"
                    todo.append((below, f"{where}.{key}", called))
            case _:
                pass


def _in_text(text: str, name: str, path: str, address: str, kind: str) -> Iterator[CredentialLeaf]:
    text = text[:_LONGEST]
    if name in _ENCODED:
        text += _decoded(text)
    for found in _ACCESS_KEY.finditer(text):
        yield _leaf(address, kind, path, _ID, found[0])
    if _SECRET.fullmatch(text):
        if _SECRET_NAME.search(name) and not _HEX.fullmatch(text):
            yield _leaf(address, kind, path, _KEY, text)
    elif "ecret" in text or "ECRET" in text or "sak" in text.lower():
        for found in _ASSIGNED.finditer(text):
            if not _HEX.fullmatch(found[1]):
                yield _leaf(address, kind, path, _KEY, found[1])
    if (_PASSWORD.search(name) or _PASSWORD.search(text)) and gives_password(text, name, path):
        yield CredentialLeaf(address, kind, path, GIVEN, "", dummy=False)


def _leaf(address: str, kind: str, path: str, what: str, secret: str, *, dummy: bool = False) -> CredentialLeaf:
    return CredentialLeaf(address, kind, path, what, secret[:4], dummy or _DUMMY.search(secret) is not None)


def _decoded(text: str) -> str:
    """What user data is to the instance if it is base64, on a line of its own; else nothing."""
    try:
        return "\n" + base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _has_trace(raw: Raw, traces: tuple[bytes, ...] = _TRACES) -> bool:
    text = bytes(raw)
    return any(trace in text for trace in traces)


def _value(tree: Json) -> Value:
    """A tree without unknown leaves, as a Value: the same thing, but list and dict are invariant to the type checker."""
    return tree  # type: ignore[return-value]  # see above
