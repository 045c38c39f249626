"""The records of `terraform show -json`, and their decoder.

Only what is asked for is materialised: every field that this module does not name is skipped by the decoder, and what
resources hold stays `msgspec.Raw` (a view into the file's bytes) until somebody asks for one attribute of it.
The format: https://developer.hashicorp.com/terraform/internals/json-format (versions 1.0 to 1.2, OpenTofu's too).
"""

import re
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct

from ..errors import InputError

MAX_DEPTH: Final = 64  # levels of nesting inside one attribute; real plans have fewer than 15
MAJOR: Final = "1"
REMAKE: Final = 'make it again with "terraform show -json tfplan > plan.json"'

R = TypeVar("R")

# What msgspec makes of JSON without a schema.
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

NULL: Final = Raw(b"null")


class Change(Struct, frozen=True, gc=False):
    """What happens to one object; each side is null where the object is not there."""

    actions: tuple[str, ...]
    before: Raw = NULL
    after: Raw = NULL
    after_unknown: Raw = NULL
    before_sensitive: Raw = NULL
    after_sensitive: Raw = NULL
    importing: Raw = NULL


class Row(Struct, frozen=True, gc=False):
    """One entry of `resource_changes`. `index` is the count or for_each key; `deposed` marks the leftover of a replacement."""

    address: str
    mode: str
    type: str
    name: str
    change: Change
    module_address: str = ""
    index: int | str | None = None
    provider_name: str = ""
    previous_address: str | None = None
    deposed: str | None = None


class DeferredRow(Struct, frozen=True):
    """One entry of `deferred_changes`: an object that this plan leaves to the next one."""

    resource_change: Row | None = None
    reason: str = ""


class StateResource(Struct, frozen=True, gc=False):
    """One object of `prior_state`."""

    address: str
    mode: str
    type: str
    name: str
    index: int | str | None = None
    provider_name: str = ""
    values: Raw = NULL
    sensitive_values: Raw = NULL
    deposed_key: str | None = None


class StateModule(Struct, frozen=True):
    """A module instance of `prior_state`; `address` is empty in the root."""

    address: str = ""
    resources: tuple[StateResource, ...] | None = None
    child_modules: "tuple[StateModule, ...] | None" = None


class StateValues(Struct, frozen=True):
    """The wrapper around the root module."""

    root_module: StateModule | None = None


class State(Struct, frozen=True):
    """`prior_state`: what was there, after refresh."""

    values: StateValues | None = None


class ResourceConfig(Struct, frozen=True):
    """A block of the configuration; `address` is relative to its module and has no key."""

    address: str
    provider_config_key: str = ""
    expressions: Raw = NULL
    for_each_expression: Raw = NULL
    depends_on: tuple[str, ...] = ()


class OutputConfig(Struct, frozen=True):
    """An output of a module."""

    expression: Raw = NULL
    sensitive: bool | None = None


class VariableConfig(Struct, frozen=True):
    """A variable of a module."""

    default: Raw = NULL
    sensitive: bool | None = None


class ModuleCall(Struct, frozen=True):
    """A `module` block and the module that it calls."""

    source: str = ""
    expressions: Raw = NULL
    for_each_expression: Raw = NULL
    module: "ModuleConfig | None" = None


class ModuleConfig(Struct, frozen=True):
    """A module of the configuration."""

    resources: tuple[ResourceConfig, ...] | None = None
    module_calls: dict[str, ModuleCall] | None = None
    outputs: dict[str, OutputConfig] | None = None
    variables: dict[str, VariableConfig] | None = None


class ProviderConfig(Struct, frozen=True):
    """A `provider` block."""

    name: str = ""
    alias: str = ""
    module_address: str = ""
    expressions: Raw = NULL


class Configuration(Struct, frozen=True):
    """`configuration`: the source as far as the plan tells it."""

    provider_config: dict[str, ProviderConfig] | None = None
    root_module: ModuleConfig | None = None


class Variable(Struct, frozen=True):
    """The value of a root variable, in clear even if it is sensitive."""

    value: Raw = NULL


class Plan(Struct, frozen=True):
    """The whole file; `decode_configuration` gives its configuration."""

    format_version: str
    terraform_version: str = ""
    variables: dict[str, Variable] | None = None
    resource_changes: tuple[Row, ...] | None = None
    deferred_changes: tuple[DeferredRow, ...] | None = None
    prior_state: State | None = None
    configuration: Raw = NULL
    complete: bool | None = None
    errored: bool | None = None


def decode_plan(data: bytes) -> Plan:
    """Decode a plan.

    Raises InputError, with the place, if it is not JSON, not of format 1.x, not shaped like a plan, or if it is the
    plan of a run that failed.
    """
    plan = decode_as(data, Plan, "a Terraform plan")
    if plan.format_version.partition(".")[0] != MAJOR:
        what = f"is a plan of format {plan.format_version}, and only formats {MAJOR}.x can be read"
        raise InputError(what, "make it with Terraform 1.1 or newer, or with a newer iacscan")
    if plan.errored:
        what = "the plan has errors, so that it does not show the whole change"
        raise InputError(what, "correct what `terraform plan` reports and plan again")
    return plan


def decode_configuration(plan: Plan) -> Configuration | None:
    """Decode the configuration of a plan, from a copy: what is kept of it then does not keep the whole file in memory.

    Raises InputError, with the place, if it is not shaped like one.
    """
    if plan.configuration == NULL:
        return None
    return decode_as(bytes(plan.configuration), Configuration, "a Terraform plan", "configuration")


def decode_as(data: bytes, record: type[R], kind: str, inside: str = "") -> R:
    """Decode a file, or the part `inside` of it, into a record; `kind` names what the file should be.

    Raises InputError with the place of the fault.
    """
    try:
        return msgspec.json.decode(data, type=record)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).rpartition(" - at `")
        part = ".".join(filter(None, (inside, place.rstrip("`").removeprefix("$.") if problem else "")))
        where = f"its part {part} is not as expected" if part else "it is not as expected"
        what = f"is not {kind} that can be read: {where} ({problem or error})"
        raise InputError(what, REMAKE) from error
    except msgspec.DecodeError as error:
        raise broken_json(error, len(data)) from error
    except RecursionError as error:
        what = "its JSON is nested too deeply"
        raise InputError(what, REMAKE) from error


def broken_json(error: msgspec.DecodeError, size: int) -> InputError:
    """Say where JSON breaks off or goes wrong."""
    text = str(error)
    if "truncated" in text:
        what = f"its JSON is cut off: it ends at byte {size:,} in the middle of a value"
        return InputError(what, "the file was not written or copied to its end; " + REMAKE)
    found = re.search(r"(?:malformed: )?([^:]*) \(byte (\d+)\)", text)
    fault = f"{found[1].strip()} at byte {int(found[2]):,}" if found else text
    what = f"is not valid JSON: {fault}"
    return InputError(what, REMAKE)


def decode_part(raw: Raw, where: str) -> Json:
    """Decode one attribute or expression; `where` names it for the message.

    Raises InputError if it is broken or nested more than MAX_DEPTH levels, so that whoever walks it may recurse.
    """
    try:
        tree: Json = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        what = f"{where} is not a value that can be read"
        raise InputError(what, REMAKE) from error
    if isinstance(tree, dict | list) and may_be_deep(raw):
        bound_depth(tree, where)
    return tree


def may_be_deep(raw: Raw) -> bool:
    """Whether a value must be looked at: there are no more levels than brackets, and most values have few."""
    text = bytes(raw)
    return text.count(b"[") + text.count(b"{") > MAX_DEPTH


def decode_fields(raw: Raw, where: str) -> dict[str, Json]:
    """Decode an object with its attributes; null has none. The depth of each is bounded when it is asked for.

    Raises InputError if it is something else.
    """
    try:
        return msgspec.json.decode(raw, type=dict[str, Any] | None) or {}
    except (msgspec.DecodeError, RecursionError) as error:
        what = f"{where} is not an object with attributes"
        raise InputError(what, REMAKE) from error


def split_fields(raw: Raw, where: str) -> dict[str, Raw]:
    """The same with each attribute as it stands in the file."""
    try:
        return msgspec.json.decode(raw, type=dict[str, Raw] | None) or {}
    except (msgspec.DecodeError, RecursionError) as error:
        what = f"{where} is not an object with attributes"
        raise InputError(what, REMAKE) from error


def bound_depth(tree: Json, where: str) -> None:
    """Raise InputError if a tree is nested more than MAX_DEPTH levels."""
    level: list[Json] = [tree]
    for _ in range(MAX_DEPTH):
        below: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = below
        if not level:
            return
    what = f"{where} is nested more than {MAX_DEPTH} levels deep"
    raise InputError(what, REMAKE)
