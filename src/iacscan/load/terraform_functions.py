"""Terraform's functions, by what they do to the references in their arguments.

https://developer.hashicorp.com/terraform/language/functions
"""

from typing import Final

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
