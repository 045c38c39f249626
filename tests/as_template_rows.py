"""How a row says what one of Terraform's types is in a template; `as_template_types` and `as_template_more` are made of them."""

import re
from collections.abc import Mapping
from typing import NamedTuple


class Shape(NamedTuple):
    """A property by its path, and how its value is written: one of the methods of `as_template.Template`."""

    path: str
    how: str
    keys: Mapping[str, "str | Shape"] = {}


class Row(NamedTuple):
    """A type. `ref` are attributes that `Ref` gives, `get` those of `Fn::GetAtt`, or of `Fn::Sub` with the resource as
    `@`; `always` are properties that must be there.

    What is `silent` says nothing that anybody reads; `*` is all that has no key. A policy that is an attribute in Terraform and a
    resource here is `beside`: its type, and the property with what it is for.
    """

    type: str
    keys: Mapping[str, str | Shape] = {}
    ref: tuple[str, ...] = ("id",)
    get: Mapping[str, str] = {}
    silent: tuple[str, ...] = ()
    always: Mapping[str, object] = {}
    beside: Mapping[str, tuple[str, str]] = {}


class Fold(NamedTuple):
    """A type that is written into another resource, the one of type `into` that the attribute `owner` names.

    `at` is a list of that resource which gets one more element; with none the keys are the resource's own properties.
    """

    owner: str
    into: str
    keys: Mapping[str, str | Shape]
    at: str = ""
    always: Mapping[str, object] = {}
    silent: tuple[str, ...] = ()


def path_of(spec: str | Shape) -> str:
    return spec if isinstance(spec, str) else spec.path


def document(path: str) -> Shape:
    return Shape(path, "document")


def listed(path: str) -> Shape:
    return Shape(path, "listed")


def block(path: str, keys: Mapping[str, str | Shape]) -> Shape:
    return Shape(path, "block", keys)


def blocks(path: str, keys: Mapping[str, str | Shape]) -> Shape:
    return Shape(path, "blocks", keys)


def spelled(value: str) -> str:
    """`public-read` is `PublicRead` in a template."""
    return "".join(part[:1].upper() + part[1:] for part in re.split("-", value))


ARN = {"arn": "Arn"}
TAGS = {"tags": Shape("Tags", "tags")}
BOUNDARY = {"permissions_boundary": "PermissionsBoundary"}
FLAGS = {
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "ignore_public_acls": "IgnorePublicAcls",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
PUBLIC_ACCESS = "PublicAccessBlockConfiguration"
# A template names every inline policy, Terraform makes a name up.
MADE_UP = "made-up"
NAMED = {"PolicyName": MADE_UP}
# Terraform keeps a password where it can be read, unless it is encrypted; this one anybody can read.
PASSWORD = "Written-in-1-template"  # noqa: S105  of nobody
