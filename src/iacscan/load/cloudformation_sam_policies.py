"""Roles that SAM makes for functions and state machines, of what is written under Policies.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html. What the policy
templates grant is a table (`policy/data/sam.txt`).
"""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import msgspec

from ..policy.action_data import find_line
from ..policy.managed import managed_policy_arn
from ..value import Unknown
from .cloudformation_decode import Node
from .cloudformation_made import NO_VALUE, Written, made, sub
from .cloudformation_text import function_of

_TABLE: Final = "sam.txt"
Row: TypeAlias = dict[str, Any]


def row(key: str) -> Row | None:
    """What a policy template or a connector (`Source>Destination`) grants; None if the table does not have it."""
    line = find_line(_TABLE, key, "\t")
    return None if line is None else msgspec.json.decode(line, type=Row)


def aws_policy(path: str) -> Written:
    """The ARN of one of AWS's own policies, in whatever partition."""
    return sub(f"arn:${{AWS::Partition}}:iam::aws:policy/{path}")


def trust(service: str) -> Written:
    """A trust policy for a service."""
    statement: Written = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [service]}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def role_properties(name: str, written: Node, service: str, attached: Sequence[Written]) -> dict[str, Written]:
    """The properties of the role of a function or state machine. `attached` are policies that SAM adds by itself."""
    policies = written.get("Policies")
    entries: Sequence[Node] = ()
    if policies is not None:
        entries = policies.value if isinstance(policies.value, list) else [policies]
    managed: list[Written] = list(attached)
    inline: list[Written] = []
    for index, entry in enumerate(entries):
        arn, document = _policy(entry, f"{name}RolePolicy{index}")
        managed += [arn] if arn is not None and not _is_among(arn, attached) else []
        inline += [document] if document is not None else []
    return {
        "AssumeRolePolicyDocument": written.get("AssumeRolePolicyDocument") or trust(service),
        "ManagedPolicyArns": managed,
        "Policies": inline,
        "PermissionsBoundary": written.get("PermissionsBoundary"),
        "Path": written.get("RolePath"),
    }


def _is_among(arn: Written, attached: Sequence[Written]) -> bool:
    """Whether one of AWS's policies is attached anyhow: SAM lists it once."""
    name = arn.value if isinstance(arn, Node) else arn
    return isinstance(name, str) and aws_policy(name.removeprefix("arn:aws:iam::aws:policy/")) in attached


def _policy(entry: Node, name: str) -> tuple[Written, Written]:
    """What one entry of Policies attaches, and the policy that it writes into the role; None where it does neither."""
    match entry.value:
        case str() as text:
            return (made(managed_policy_arn(text) or text, entry), None)
        case {"Fn::If": choice} if isinstance(choice.value, list) and len(choice.value) == 3:  # noqa: PLR2004  as If has
            condition, *branches = choice.value
            pairs = [_policy(branch, name) for branch in branches]
            return (_either(condition, [pair[0] for pair in pairs]), _either(condition, [pair[1] for pair in pairs]))
        case dict() if function_of(entry) is not None:
            return (entry, None)
        case {"Statement": _}:
            return (None, {"PolicyName": name, "PolicyDocument": entry})
        case dict() if len(entry.value) == 1:
            ((template, values),) = entry.value.items()
            return (None, {"PolicyName": name, "PolicyDocument": _document(template, values)})
        case _:
            return (None, {"PolicyName": name, "PolicyDocument": Unknown("no policy that SAM takes")})


def _either(condition: Node, branches: Sequence[Written]) -> Written:
    if all(branch is None for branch in branches):
        return None
    return {"Fn::If": [condition, *(NO_VALUE if branch is None else branch for branch in branches)]}


def _document(template: str, values: Node) -> Written:
    """The policy that a template makes with the values given for its parameters."""
    found = row(template)
    if found is None:
        return Unknown(f"made by the policy template {template}, which is not in this version's table")
    given = {
        name: values.get(name) or Unknown(f"the value of {name}, which the policy template {template} is not given")
        for name in found["parameters"]
    }
    return {"Version": "2012-10-17", "Statement": _filled(found["statements"], given)}


def _filled(tree: Any, given: dict[str, Node | Unknown]) -> Written:  # noqa: ANN401  JSON of the table
    """A template's statements with its parameters' values in place of the references to them."""
    match tree:
        case {"Ref": str(name)} if name in given:
            return given[name]
        case dict():
            return {key: _filled(item, given) for key, item in tree.items()}
        case list():
            return [_filled(item, given) for item in tree]
        case other:
            result: Written = other
            return result
