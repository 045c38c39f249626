"""The section Rules of a template: assertions that hold the values of parameters to some.

Where an assertion leaves one parameter only some values, whatever the others are, these are taken for its allowed values. What
assertions say of several parameters together is not worked out, nor what they ask of AWS (`Fn::RefAll`, `Fn::ValueOf`).
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from msgspec.structs import replace

from ..value import Unknown, Value
from .cloudformation_conditions import OTHER, Conditions
from .cloudformation_decode import Node
from .cloudformation_template import Parameter, Template

_MAX_VALUES: Final = 200  # of one parameter
_OPEN: Final = Unknown("another parameter, or what AWS tells")


def restricted(template: Template) -> Template:
    """The template with what its Rules leave of the values of its parameters."""
    if not _rules(template):
        return template
    named = _by_name(template)
    found = {name: _restricted(item, named.get(name, [])) for name, item in template.parameters.items()}
    return replace(template, parameters=found, idle_rules=tuple(_idle(template)))


def _idle(template: Template) -> Iterator[str]:
    """The rules that leave each parameter, taken by itself, all of its values, so that nothing is concluded from them."""
    parameters = template.parameters
    for name, rule in _rules(template).items():
        asked = [parameters[item] for item in _refs(rule) if item in parameters]
        if all(_restricted(item, [rule]) is item for item in asked):
            yield name


def _rules(template: Template) -> dict[str, Node]:
    section = template.root.get("Rules")
    return {} if section is None else section.items


def _by_name(template: Template) -> dict[str, list[Node]]:
    """The rules that speak of a parameter, by its name."""
    found: dict[str, list[Node]] = {}
    for rule in _rules(template).values():
        for name in _refs(rule):
            found.setdefault(name, []).append(rule)
    return found


def _restricted(parameter: Parameter, rules: list[Node]) -> Parameter:
    """The same parameter if the rules leave it all of its values."""
    if not rules or parameter.is_list or parameter.from_ssm:
        return parameter
    forbidden = partial(_forbidden, rules, parameter.name)
    values = parameter.allowed
    if not values and forbidden(OTHER):
        values = tuple(dict.fromkeys(text for rule in rules for text in _texts(rule)))
    if len(values) > _MAX_VALUES:
        return parameter
    left = tuple(value for value in values if not forbidden(value))
    return replace(parameter, allowed=left) if left and left != parameter.allowed else parameter


def _forbidden(rules: list[Node], name: str, value: str) -> bool:
    """Whether some rule certainly refuses a value of a parameter, whatever other parameters are."""
    truth = Conditions({}, _value_of(name, value), {}).truth
    for rule in rules:
        condition, assertions = rule.get("RuleCondition"), rule.get("Assertions")
        if condition is not None and truth(condition) is not True:
            continue
        for item in assertions.value if assertions is not None and isinstance(assertions.value, list) else []:
            asserted = item.get("Assert")
            if asserted is not None and truth(asserted) is False:
                return True
    return False


def _value_of(name: str, value: str) -> Callable[[Node], Value]:
    def work_out(node: Node) -> Value:
        match node.value:
            case {"Ref": Node(value=str(asked))} if len(node.items) == 1:
                return value if asked == name else _OPEN
            case list() as items:
                return [work_out(item) for item in items]
            case dict():
                return _OPEN
            case other:
                return other

    return work_out


def _refs(node: Node) -> set[str]:
    return {below.value for below in _below(node, "Ref") if isinstance(below.value, str)}


def _texts(node: Node) -> Iterator[str]:
    """All values that a rule names, and more."""
    yield from (text for below in _below(node) if (text := below.text) is not None)


def _below(node: Node, key: str = "") -> Iterator[Node]:
    """All nodes below one; with a key, only those that stand under it."""
    todo = [(node, "")]
    while todo:
        item, under = todo.pop()
        if not key or under == key:
            yield item
        if isinstance(item.value, list):
            todo.extend((part, under) for part in reversed(item.value))
        elif isinstance(item.value, dict):
            todo.extend((part, name) for name, part in reversed(item.value.items()))
