"""Nodes that no template has as text: what SAM makes of its own resources."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ..value import Unknown
from .cloudformation_decode import Node, Scalar

Written: TypeAlias = "Node | Unknown | Scalar | Mapping[str, Written] | Sequence[Written]"

NO_VALUE: Node = Node({"Ref": Node("AWS::NoValue")})


def made(value: Written, at: Node) -> Node:
    """A tree as nodes, with the lines of what it is made of; parts that are nodes stay as they are."""
    match value:
        case Node():
            return value
        case str() | bool() | int() | float() | None | Unknown():
            return Node(value, at.line, at.end)
        case Mapping():
            return Node({key: made(item, at) for key, item in value.items()}, at.line, at.end)
        case _:
            return Node([made(item, at) for item in value], at.line, at.end)


def resource(kind: str, properties: Mapping[str, Written], source: Node) -> Node:
    """A resource that stands where another one is written, under the same condition. Properties that are None are absent."""
    given = {key: value for key, value in properties.items() if value is not None}
    condition = source.get("Condition")
    return made({"Type": kind, "Properties": given, **({"Condition": condition} if condition else {})}, source)


def with_properties(node: Node, more: dict[str, Node]) -> Node:
    """A resource with more properties: what a macro adds to the one that it is made of may show in it."""
    own = (node.get("Properties") or Node({})).items
    return Node({**node.items, "Properties": Node({**own, **more}, node.line, node.end)}, node.line, node.end)


def ref(name: str) -> Written:
    """`!Ref name`."""
    return {"Ref": name}


def get_att(name: str, attribute: str) -> Written:
    """`!GetAtt name.attribute`."""
    return {"Fn::GetAtt": [name, attribute]}


def sub(text: str, **values: Written) -> Written:
    """`!Sub text`, with values for names in it."""
    return {"Fn::Sub": [text, values]} if values else {"Fn::Sub": text}
