"""The words, signs and templates that Terraform source is made of.

https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

import re
from typing import Final

NAME: Final = r"[A-Za-z_][\w-]*"
CODE: Final = re.compile(
    rf"""
    (?: [ \t\r]+ | \#[^\n]* | //[^\n]* | /\*.*?(?:\*/|\Z) )*+
    (?:
      (?P<newline>\n[ \t\r\n]*)
    | <<-?(?P<heredoc>{NAME})[ \t\r]*\n
    | (?P<name>{NAME}(?:\.{NAME} | \[(?:\d+ | "[^"$%\\\n]*" | each\.key | each\.value | count\.index | \*)\] | \.\*)*)
    | (?P<number>\d[\w.]*)
    | (?P<string>"[^"$%\\\n]*")
    | (?P<quote>")
    | (?P<sign>== | != | => | <= | >= | .)
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
OPENING: Final = frozenset("[({")
CLOSING: Final = frozenset("])}")
LABEL: Final = re.compile(r'"([^"\n]*)"')
TEMPLATE: Final = re.compile(r'\$\$\{|%%\{|\\.|(?P<enter>[$%]\{~?)|(?P<quote>")|[^"$%\\]+|.', re.DOTALL)
EMPTY: Final = re.compile(r'\s*(?:null\b|"")')
EMPTY_BEFORE: Final = re.compile(r'(?:\bnull|(?<!\\)"")\Z')
SHORT: Final = 10  # characters that are enough to see what the former looks for
COMPARING: Final = frozenset(("==", "!=", "<", ">", "<=", ">="))
FOR: Final = re.compile(rf"for\s+({NAME})(?:\s*,\s*({NAME}))?\s+in\b")
NO_VALUE: Final = frozenset(
    (
        "depends_on", "provider", "providers", "lifecycle", "provisioner", "connection", "validation", "precondition",
        "postcondition",
    )
)  # fmt: skip
VALUE_BLOCKS: Final = frozenset(("resource", "data", "output", "locals", "module", "provider"))
