"""Terraform's functions, by what they do to the references in their arguments.

https://developer.hashicorp.com/terraform/language/functions
"""

import re
from typing import Final

from .cuts import AFTER, CUTS, WITHOUT
from .terraform_found import Cut

# Functions that pass texts on unchanged; those of lists take lists.
LIST_CARRIERS: Final = frozenset(
    (
        "coalescelist", "compact", "concat", "distinct", "element", "flatten", "one", "reverse", "setunion", "tolist",
        "toset",
    )
)  # fmt: skip
CARRIERS: Final = LIST_CARRIERS | frozenset(
    (
        "coalesce", "format", "join", "jsonencode", "lookup", "merge", "nonsensitive", "sensitive", "tomap", "tostring",
        "try", "values",
    )
)  # fmt: skip
STRUCTURES: Final = frozenset(("lookup", "merge", "tomap", "values"))  # functions of maps and objects
GUARDS: Final = frozenset(("try", "can"))  # functions that make something else of what cannot be resolved
# Functions whose answer depends on what a text says, and those that ask for the number or the keys of elements only.
DECIDING: Final = frozenset(
    (
        "contains", "endswith", "index", "matchkeys", "regex", "regexall", "setintersection", "setsubtract", "startswith",
        "strcontains",
    )
)  # fmt: skip
COUNTING: Final = frozenset(("keys", "length"))

# Functions that read what is at a path, which is their first argument.
READING: Final = frozenset(
    (
        "file", "filebase64", "filebase64sha256", "filebase64sha512", "fileexists", "filemd5", "fileset", "filesha1",
        "filesha256", "filesha512", "templatefile",
    )
)  # fmt: skip

# Functions whose value depends on nothing but their arguments, and which the evaluator knows. Of any other (of files, of
# providers, of time), it gives null for what it could not do.
PURE: Final = CARRIERS | frozenset(
    (
        "abs", "alltrue", "anytrue", "base64decode", "base64encode", "can", "ceil", "chomp", "chunklist", "cidrhost",
        "cidrnetmask", "cidrsubnet", "cidrsubnets", "contains", "csvdecode", "endswith", "floor", "formatlist",
        "indent", "index", "jsondecode", "keys", "length", "list", "log", "lower", "map", "matchkeys", "max", "md5",
        "min", "parseint", "pow", "range", "regex", "regexall", "replace", "setintersection", "setproduct",
        "setsubtract", "sha1", "sha256", "sha512", "signum", "slice", "sort", "split", "startswith", "strrev",
        "substr", "sum", "title", "tobool", "tonumber", "transpose", "trim", "trimprefix", "trimspace", "trimsuffix",
        "upper", "urlencode", "yamldecode", "yamlencode", "zipmap",
    )
)  # fmt: skip

# How an expression begins that may give null, and so does a branch of one.
_MAY_BE_NULL: Final = (
    r"[A-Za-z_][\w-]*[.\[]|\(|null\b"
    r"|(?:length|lookup|try|one|element|nonsensitive|sensitive|to\w+|coalesce|coalescelist|max|min)\("
)
NULLABLE: Final = re.compile(_MAY_BE_NULL)
NULLABLE_BRANCH: Final = re.compile(rf"\s*(?:{_MAY_BE_NULL})")

_ARGUMENT: Final = r'(?:[^()\[\]{}",#\\]|\[[^\[\]{}]*\]|"[^"\\]*"|\((?:[^()\[\]{}"#\\]|\[[^\[\]{}]*\]|"[^"\\]*")*+\))++'
_PARTS: Final = rf'(?P<at>"[^"$%]+")\s*,\s*(?P<text>{_ARGUMENT})'
# How functions are called that cut the beginning off of a text: `at` is where, `text` the argument.
_CUTTING: Final = {
    "replace": re.compile(rf'replace\(\s*(?P<text>{_ARGUMENT}),\s*(?P<at>"[^"$%]+")\s*,\s*""\s*,?\s*\)'),
    "trimprefix": re.compile(rf'trimprefix\(\s*(?P<text>{_ARGUMENT}),\s*(?P<at>"[^"$%]+")\s*,?\s*\)'),
    "element": re.compile(rf"element\(\s*split\(\s*{_PARTS}\)\s*,\s*1\s*\)"),
    "split": re.compile(rf"split\(\s*{_PARTS}\)\[1\]"),
}
_BEHIND: Final = re.compile(r"/\.\*(:?(?:oidc-)?provider/)/")
_HTTPS: Final = "https://"


def cut_of_call(text: str, name: str, start: int) -> Cut | None:
    """What the call of a function, which begins at a place, cuts off; None if it is none of the known ones."""
    found = _CUTTING[name].match(text, start) if name in _CUTTING else None
    if found is None:
        return None
    at = found["at"][1:-1]
    if name == "replace" and at.startswith("/"):  # a regular expression, without what makes no difference to it
        plain = re.sub(r"\\\\(?=/)|[()]|(?<=\A/)\^|(?<=\A/\()\^", "", at)
        behind = _BEHIND.fullmatch(plain)
        cut = AFTER + behind[1] if behind else WITHOUT + _HTTPS if plain == f"/{_HTTPS}/" else ""
    else:
        cut = (WITHOUT if name in ("replace", "trimprefix") else AFTER) + at
    return Cut(start, found.end(), found.start("text"), found.end("text"), cut) if cut in CUTS else None
