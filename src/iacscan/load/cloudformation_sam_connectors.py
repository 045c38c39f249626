"""SAM's connectors: what one resource may do with another, as policies.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/managing-permissions-connectors.html. What
each pair of types grants is a table (`policy/data/sam.txt`).
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from ..lazy import regex
from ..value import Unknown
from .cloudformation_decode import Node
from .cloudformation_made import Written, get_att, ref, resource, sub
from .cloudformation_sam_policies import row

_PLACE: Final = regex(r"%\{(Source|Destination)\.(\w+)\}")
_BY_REF: Final = frozenset(("AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"))  # whose Ref is the ARN
_ROLES: Final = {
    "AWS::Lambda::Function": "Role",
    "AWS::StepFunctions::StateMachine": "RoleArn",
    "AWS::AppSync::DataSource": "ServiceRoleArn",
}
_IDS: Final = {"AWS::AppSync::GraphQLApi": "ApiId"}  # whose Ref is not the id that ARNs are made of
_QUEUE: Final = "AWS_SQS_QUEUE_POLICY"
_TOPIC: Final = "AWS_SNS_TOPIC_POLICY"


class End(Struct, frozen=True):
    """One end of a connector. `role` is what names its role, `name` its logical id or empty."""

    kind: str
    name: str
    arn: Written
    role: Written


def end(written: Node, resources: dict[str, Node]) -> End | None:
    """The end that a connector names; None if it is not in the template, so that its type is not known."""
    given = written.get("Id")
    name = given.text if given is not None else None
    if name is None:
        kind = written.get("Type")
        role = written.get("RoleName")
        arn = written.get("Arn")
        return None if kind is None or kind.text is None else End(kind.text, "", arn, role)
    node = resources.get(name)
    kind = node.get("Type") if node is not None else None
    if node is None or kind is None or kind.text is None:
        return None
    arn_of: Written = ref(name) if kind.text in _BY_REF else get_att(name, "Arn")
    return End(kind.text, name, arn_of, _role_of(kind.text, node))


def _role_of(kind: str, node: Node) -> Written:
    """What names the role of a resource: the role's Ref, if it is a role of the template."""
    properties = node.get("Properties")
    role = properties.get(_ROLES[kind]) if properties is not None and kind in _ROLES else None
    attribute = role.get("Fn::GetAtt") if role is not None else None
    if attribute is not None and len(attribute.texts) in (1, 2):
        return ref(attribute.texts[0].split(".")[0])
    return None


def connect(
    name: str, source: End, destination: End, wanted: tuple[str, ...], node: Node
) -> Iterator[tuple[str, Node]]:
    """The resources that a connector makes, by logical id; none if SAM does not connect these types."""
    found = row(f"{source.kind}>{destination.kind}")
    if found is None:
        return
    categories = {key: value for key, value in found["categories"].items() if key in wanted}
    if found["kind"] == "AWS_LAMBDA_PERMISSION":
        for category, permission in categories.items():
            body: dict[str, Any] = {key: _filled(value, source, destination) for key, value in permission.items()}
            body["FunctionName"] = destination.arn
            yield f"{name}{category}LambdaPermission", resource("AWS::Lambda::Permission", body, node)
        return
    statements = [_filled(item, source, destination) for value in categories.values() for item in value["Statement"]]
    document: Written = {"Version": "2012-10-17", "Statement": statements}
    if found["kind"] == _QUEUE:
        body = {"PolicyDocument": document, "Queues": [ref(destination.name) if destination.name else destination.arn]}
        yield f"{name}QueuePolicy", resource("AWS::SQS::QueuePolicy", body, node)
    elif found["kind"] == _TOPIC:
        yield (
            f"{name}TopicPolicy",
            resource("AWS::SNS::TopicPolicy", {"PolicyDocument": document, "Topics": [destination.arn]}, node),
        )
    else:
        role = source.role if found["of_source"] else destination.role
        holder = Unknown(f"the role of {name}, which is not in this template") if role is None else role
        body = {"PolicyDocument": document, "Roles": [holder]}
        yield f"{name}Policy", resource("AWS::IAM::ManagedPolicy", body, node)


def _filled(tree: Any, source: End, destination: End) -> Written:  # noqa: ANN401  JSON of the table
    """What the table has, with the ends' names in it."""
    match tree:
        case str():
            values: dict[str, Written] = {}
            for place, attribute in _PLACE.findall(tree):
                values[f"{place}{attribute}"] = _attribute(source if place == "Source" else destination, attribute)
            text = _PLACE.sub(r"${\1\2}", tree)
            if len(values) == 1 and text == f"${{{next(iter(values))}}}":
                return next(iter(values.values()))
            return sub(text, **values) if "${" in text else text
        case dict():
            return {key: _filled(item, source, destination) for key, item in tree.items()}
        case list():
            return [_filled(item, source, destination) for item in tree]
        case other:
            result: Written = other
            return result


def _attribute(of: End, attribute: str) -> Written:
    if attribute == "Arn":
        return of.arn
    if attribute == "Qualifier":
        return "*"
    if not of.name:
        return Unknown(f"the {attribute} of a resource outside of the template")
    if attribute != "ResourceId":
        return get_att(of.name, attribute)
    return get_att(of.name, _IDS[of.kind]) if of.kind in _IDS else ref(of.name)
