"""Finds the rules by walking the package: a new rule is a new file, and no list is edited."""

import importlib
import pkgutil
from functools import cache

from ..errors import DefectError, UsageError
from ._rule import TIPS, Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code.

    Raises DefectError unless each file in the nine folders holds exactly one rule and no code is used twice.
    """
    package = __package__ or ""
    found: dict[str, Rule] = {}
    for folder in TIPS:
        parent = importlib.import_module(f"{package}.{folder}")
        for info in pkgutil.iter_modules(parent.__path__):
            if info.name.startswith("_"):
                continue
            module = importlib.import_module(f"{parent.__name__}.{info.name}")
            rules = [value for value in vars(module).values() if isinstance(value, Rule)]
            if len(rules) != 1:
                message = f"{module.__name__} holds {len(rules)} rules; a file is one rule"
                raise DefectError(message)
            if rules[0].code in found:
                message = f"{rules[0].code} is used by {found[rules[0].code].module} and {module.__name__}"
                raise DefectError(message)
            found[rules[0].code] = rules[0]
    return tuple(found[code] for code in sorted(found))


def find_rule(wanted: str) -> Rule:
    """Return the rule with that code or name, in any case.

    Raises UsageError if there is none.
    """
    for candidate in all_rules():
        if wanted.upper() == candidate.code or wanted.lower() == candidate.name:
            return candidate
    message = f"there is no rule {wanted}; `iacscan rules` lists them"
    raise UsageError(message)
