"""What a file is, by what is in it and never by its name; what is neither plan nor template is refused in one clear line."""

import codecs
import errno
import os
import re
import stat
import sys
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Raw, Struct

from ..errors import InputError
from .plan_format import NULL, REMAKE, broken_json

STDIN: Final = "-"  # the path that stands for standard input
MAX_SIZE: Final = 500_000_000  # bytes; a plan of 100,000 resources has about 250 MB
PLAN_FIRST: Final = 'run "terraform plan -out=tfplan && terraform show -json tfplan > plan.json" and scan plan.json'
_SHOW: Final = 'run "terraform show -json {0} > plan.json" and scan plan.json'
_HEAD: Final = 4096  # bytes that are looked at before anything is decoded
_VARIABLES: Final = 4_000_000  # bytes; the variables stand before the planned values, and may be many
_SPACE: Final = b" \t\r\n"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),  # what `>` writes in Windows PowerShell
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARCHIVE: Final = b"PK\x03\x04"
# A template's own words: the sections in JSON, the same at the beginning of a line in YAML, a resource's type.
_JSON_SECTION: Final = rb'"(?:AWSTemplateFormatVersion|Resources|TemplateBody)"[ \t\r\n]*:'
_SECTION: Final = rb"""(?m)^["']?(?:AWSTemplateFormatVersion|Resources)["']?[ \t]*:"""
_VERSION: Final = rb"""(?m)^["']?AWSTemplateFormatVersion["']?[ \t]*:"""
_TYPE: Final = rb"""["']?Type["']?[ \t\r\n]*:[ \t\r\n]*["']?[A-Za-z0-9]+::[A-Za-z0-9]"""
# A change set's own words: as an object, its list of changes and its id, in JSON or YAML; else a list of changes of resources.
_CHANGES: Final = rb"""(?m)(?:^|["'])Changes["']?[ \t]*:"""
_CHANGE_SET: Final = rb"""["']?ChangeSet(?:Id|Name)["']?[ \t\r\n]*:"""
_CHANGE: Final = rb"""["']?[Rr]esourceChange["']?[ \t\r\n]*:"""
# What text that is not JSON is; the first row that fits counts. Patterns are compiled only when one is needed.
_TEXTS: Final = (
    (
        r'(?m)^\s*\{"format_version"',
        "has other text before the JSON",
        'redirect with ">" only: not with "2>&1", not with a tool that adds lines',
    ),
    (
        r"(?m)^\s*(?:\x1b\[[0-9;]*m)*(?:Terraform|OpenTofu) (?:will perform|used the selected)",
        "is a plan as text for people",
        PLAN_FIRST,
    ),
    (
        (
            r'(?m)^[ \t]*(?:(?:resource|data)[ \t]+"[^"\n]+"[ \t]+"[^"\n]+"|(?:module|variable|output|provider)[ \t]+"[^"\n]+"'
            r"|terraform|locals)[ \t]*\{"
        ),
        "is Terraform source",
        PLAN_FIRST,
    ),
    (r"\0", "is a binary file", PLAN_FIRST),
)
_FAULTS: Final = {
    errno.ENOENT: ("there is no such file", "give the path of a plan in JSON"),
    errno.ENOTDIR: ("there is no such file", "give the path of a plan in JSON"),
    errno.EACCES: ("it may not be read (permission denied)", "give yourself the right to read it"),
    errno.EPERM: ("it may not be read (permission denied)", "give yourself the right to read it"),
    errno.ELOOP: ("is a symbolic link that leads back to itself", "give the path of the file itself"),
    errno.ENAMETOOLONG: ("the path is too long to be a file's", "give the path of a plan in JSON"),
}


class _Top(Struct, frozen=True):
    """The keys that tell one kind of JSON document from another; each is null where the document does not have it."""

    planned_values: Raw = NULL
    resource_changes: Raw = NULL
    configuration: Raw = NULL
    format_version: Raw = NULL
    values: Raw = NULL
    lineage: Raw = NULL
    resources: Raw = NULL
    provider_schemas: Raw = NULL
    level: Raw = msgspec.field(default=NULL, name="@level")
    resource: Raw = NULL
    statement: Raw = msgspec.field(default=NULL, name="Statement")


class _Resource(Struct, frozen=True):
    type: str | None = msgspec.field(default=None, name="Type")


class _Template(Struct, frozen=True):
    """The sections that tell a template, or the answer of `aws cloudformation get-template`, from other JSON."""

    version: Raw = msgspec.field(default=NULL, name="AWSTemplateFormatVersion")
    resources: dict[str, _Resource] = msgspec.field(default={}, name="Resources")
    body: Raw = msgspec.field(default=NULL, name="TemplateBody")
    stages: Raw = msgspec.field(default=NULL, name="StagesAvailable")


# Any of the keys makes the document that kind; the first row that fits counts.
_KINDS: Final = (
    (("lineage",), "is a Terraform state file", PLAN_FIRST),
    (("values",), "is a Terraform state, not a plan", PLAN_FIRST),
    (("provider_schemas",), "is a listing of provider schemas", PLAN_FIRST),
    (("level",), 'is the log of "terraform plan -json", not a plan', PLAN_FIRST),
    (("resource",), "is Terraform source in JSON", PLAN_FIRST),
    (("statement",), "is a policy document, not a plan", PLAN_FIRST),
    (("resources",), "is a Terraform state file", PLAN_FIRST),
    (("format_version",), "is JSON of Terraform, but not a plan", PLAN_FIRST),
)


def read(path: str, limit: int = MAX_SIZE) -> bytes:
    """Return the text of a plan in JSON, of a template (`is_template`) or of a change set (`is_change_set`), as UTF-8.

    Raises InputError, with what the file is and what to do instead, if it cannot be read, has more than `limit` bytes, or
    is neither.
    """
    data = _decoded(_bytes(path, limit))
    if not is_template(data) and not is_change_set(data):
        _refuse_unless_plan(data, Path(path).name)
    return data


def is_template(data: bytes) -> bool:
    """Whether a text is a CloudFormation template in JSON or YAML, perhaps a broken one, or an answer that holds one.

    It has a format version, or Resources whose types are of the form `Service::Kind` with at least two colons.
    """
    head = data[:_HEAD].lstrip(_SPACE)
    if head.startswith(b"{") and b'"format_version"' in head:
        return False  # a plan; nothing is searched here
    if not head.startswith(b"{"):
        return re.search(_SECTION, data) is not None and bool(re.search(_VERSION, data) or re.search(_TYPE, data))
    if re.search(_JSON_SECTION, data) is None:
        return False
    try:
        template = msgspec.json.decode(data, type=_Template)
    except (msgspec.DecodeError, RecursionError):
        return re.search(_TYPE, data) is not None  # broken, or YAML in braces: judged by its words
    types = (resource.type for resource in template.resources.values())
    if b"null" not in (bytes(template.body), bytes(template.stages)):
        return True
    return bytes(template.version) != b"null" or any("::" in kind for kind in types if kind)


def is_change_set(data: bytes) -> bool:
    """Whether a text is a change set of CloudFormation as its API describes it, or the list of changes of one."""
    head = data[:_HEAD].lstrip(_SPACE)
    if head.startswith(b"{") and b'"format_version"' in head:
        return False  # a plan; nothing is searched here
    if head.startswith((b"[", b"- ")):
        return re.search(_CHANGE, head) is not None
    return re.search(_CHANGES, data) is not None and re.search(_CHANGE_SET, data) is not None


def _bytes(path: str, limit: int) -> bytes:
    try:
        if path == STDIN:
            return _bounded(sys.stdin.buffer.read(limit + 1), limit)
        status = os.stat(path)  # noqa: PTH116  Path.stat raises ValueError for the same paths, and later
        if stat.S_ISDIR(status.st_mode):
            what = "is a directory"
            raise InputError(what, PLAN_FIRST)
        if status.st_size > limit:
            what = f"is too large ({status.st_size:,} bytes; the limit is {limit:,})"
            raise InputError(what, "plan a smaller part of the infrastructure")
        with Path(path).open("rb") as file:
            # Asked for a number of bytes, Python makes room for all of them first.
            data = file.read() if stat.S_ISREG(status.st_mode) else file.read(limit + 1)
    except OSError as error:
        what, advice = _FAULTS.get(
            error.errno or 0, (f"cannot be read ({error.strerror or error})", "look at the file")
        )
        raise InputError(what, advice) from error
    except ValueError as error:  # a path with a null character
        what = "the path is not one that a file can have"
        raise InputError(what, "give the path of a plan in JSON") from error
    return _bounded(data, limit)


def _bounded(data: bytes, limit: int) -> bytes:
    if len(data) > limit:  # a pipe has no size beforehand
        what = f"is too large (more than {limit:,} bytes)"
        raise InputError(what, "plan a smaller part of the infrastructure")
    return data


def _decoded(data: bytes) -> bytes:
    """The text in UTF-8, without a byte order mark."""
    if not data[:_HEAD].strip(_SPACE) and not data.strip(_SPACE):
        what = "is empty"
        raise InputError(what, PLAN_FIRST)
    if data.startswith(_ARCHIVE):
        return data
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding).encode()
            except UnicodeError as error:
                what = f"begins as {encoding.upper()} text, but is not"
                raise InputError(what, REMAKE) from error
    if not data.isascii():
        try:
            codecs.utf_8_decode(data, "strict", True)  # noqa: FBT003  it takes no keywords
        except UnicodeDecodeError as error:
            what = f"is not text in UTF-8 (byte {error.start:,})"
            raise InputError(what, PLAN_FIRST) from error
    return data


def _refuse_unless_plan(data: bytes, name: str) -> None:
    if data.startswith(_ARCHIVE):
        what = "is a binary plan file"
        raise InputError(what, _SHOW.format(name))
    head = data[:_HEAD].lstrip(_SPACE)
    if not head.startswith(b"{"):
        raise _not_an_object(data, head)
    if b'"format_version"' in head and data.find(b'"planned_values":{', 0, _VARIABLES) >= 0:
        return  # how Terraform writes it; nothing is decoded here
    try:
        top = msgspec.json.decode(data, type=_Top)
    except msgspec.DecodeError as error:
        raise broken_json(error, len(data)) from error
    except RecursionError as error:
        what = "its JSON is nested too deeply"
        raise InputError(what, REMAKE) from error
    if _has(top, ("format_version",)) and _has(top, ("planned_values", "resource_changes", "configuration")):
        return
    for keys, what, advice in _KINDS:
        if _has(top, keys):
            raise InputError(what, advice)
    what = "is JSON, but not a Terraform plan"
    raise InputError(what, PLAN_FIRST)


def _has(top: _Top, keys: tuple[str, ...]) -> bool:
    return any(bytes(getattr(top, key)) != b"null" for key in keys)


def _not_an_object(data: bytes, head: bytes) -> InputError:
    if head.startswith((b"[", b'"')):
        return InputError("is JSON, but not a Terraform plan", PLAN_FIRST)
    for pattern, what, advice in _TEXTS:
        if re.search(pattern.encode(), data):
            return InputError(what, advice)
    return InputError("is not a Terraform plan in JSON", PLAN_FIRST)
