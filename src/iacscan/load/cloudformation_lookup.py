"""`Fn::FindInMap`: a mapping, two keys, and perhaps a default. A key may be open where it makes no difference.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from ..policy.arn import symbol
from ..value import Unknown, Value
from .cloudformation_decode import Node
from .cloudformation_includes import TRANSFORM, macro_of
from .cloudformation_surroundings import Surroundings
from .cloudformation_text import ABSENT, Result, entries, is_open, lookup, merged

_DEFAULT: Final = 4  # parts of a lookup that has a default


class Several(Struct, frozen=True):
    """Values of which it is not known which one counts; `mark` stands for it in texts."""

    values: Sequence[Result]
    unknown: Unknown
    mark: str


def look_up(argument: Node, stack: Surroundings, value: Callable[[Node], Result]) -> Result | Several:
    """What a lookup gives; `value` works out nodes."""
    parts = argument.value if isinstance(argument.value, list) else []
    if len(parts) not in (_DEFAULT - 1, _DEFAULT):
        return Unknown("a FindInMap that is not written as a mapping and two keys")
    name, first, second = (None if (found := value(part)) is ABSENT else found for part in parts[:3])
    if isinstance(name, Unknown):
        return name
    table = stack.mapping(name) if isinstance(name, str) else None
    if table is None:
        return Unknown(f"looked up in {name}, which {_why_not(stack)}")
    return _in(
        table, (name, first, second), parts[3].get("DefaultValue") if len(parts) == _DEFAULT else None, stack, value
    )


def _in(
    table: Node,
    names: tuple[Value, Value, Value],
    default: Node | None,
    stack: Surroundings,
    value: Callable[[Node], Result],
) -> Result | Several:
    name, first, second = names
    is_vague = is_open(first) or is_open(second)
    cells = list(entries(entries([table], first), second))
    maker = _maker([table, *entries([table], first)])
    if maker and (is_vague or not cells):
        return Unknown(f"looked up in the mapping {name}, which has {maker} in it")
    values = [value(cell) for cell in cells]
    if default is not None and (not values or is_vague):
        values.append(value(default))
    if not values:
        return Unknown(f"looked up in the mapping {name}, which has no such key")
    if len(left := merged(values)) == 1:
        return left[0]
    unknown = next((key for key in (first, second) if isinstance(key, Unknown)), None)
    unknown = unknown or Unknown(f"looked up in the mapping {name} by {first if is_open(first) else second}")
    return Several(values, unknown, symbol(stack.prefix + lookup(name, first, second)))


def _why_not(stack: Surroundings) -> str:
    """Why there is no such mapping."""
    call = stack.mapping(TRANSFORM)
    return "is no mapping of the template" if call is None else f"may be in {_maker([Node({TRANSFORM: call})])}"


def _maker(nodes: Iterable[Node]) -> str:
    """What makes a part of tables, for people; empty if all of them is written."""
    call = next((call for node in nodes if (call := node.get(TRANSFORM)) is not None), None)
    return "" if call is None else f"what {macro_of(call)} makes"
