"""APIs of SAM: who may call them by their resource policy, and which functions they may call.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html.
The lists of addresses, networks and accounts there become statements, for each path by itself: what follows is what they become.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ..lazy import regex
from ..value import Unknown
from .cloudformation_decode import Node
from .cloudformation_made import Written, made, ref, resource, sub
from .cloudformation_sam_queues import text_of
from .cloudformation_text import function_of

PERMISSION: Final = "AWS::Lambda::Permission"
API_GATEWAY: Final = "apigateway.amazonaws.com"
INVOKE: Final = "lambda:InvokeFunction"
_POLICY: Final = "x-amazon-apigateway-policy"
_ANY: Final = ("any", "x-amazon-apigateway-any-method")
_SHARED: Final = ("parameters", "$ref", "summary", "description", "servers")  # of a path, and no methods of it
_VARIABLE: Final = regex(r"\{[A-Za-z0-9._-]+\+?\}")  # a part of a path that may be anything
_PREFIXES: Final = {"vpc-": "aws:SourceVpc", "vpce-": "aws:SourceVpce"}
_ACCOUNTS: Final = (("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny"))
_ADDRESSES: Final = (("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress"))
_NETWORKS: Final = (("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals"))


class Route(Struct, frozen=True):
    """A path of an API that an event has, with its methods so far, and the event's own resource policy."""

    path: str
    methods: tuple[str, ...]
    policy: Node | None


def resource_policy(written: Node, routes: Sequence[Route]) -> Written:
    """The resource policy of an `AWS::Serverless::Api`; None if it has none."""
    auth = written.get("Auth") or Node({})
    own, body = auth.get("ResourcePolicy"), written.get("DefinitionBody")
    if body is not None and (function_of(body) is not None or not isinstance(body.value, dict)):
        return Unknown("part of the definition of the API, which is made at deployment")
    if body is None and written.get("DefinitionUri") is not None:
        return written.get("Policy") or Unknown("part of the definition of the API, which is in another file")
    stage: Written = written.get("StageName") or "Prod"
    found: list[Written] = []
    if body is None:
        for route in routes:
            if route.policy is not None:
                _add(found, _by_lists(route.policy, {route.path: route.methods}, stage))
                _add(found, _items(route.policy.get("CustomStatements")))
    if own is not None:
        _add(found, _by_lists(own, _paths(body, routes, cors=written.get("Cors") is not None), stage))
        _add(found, _items(own.get("CustomStatements")))
    given = body.get(_POLICY) if body is not None else None
    if given is None:
        return {"Version": "2012-10-17", "Statement": found} if found else written.get("Policy")
    if not found:
        return given
    if function_of(given) is not None or not isinstance(given.value, dict):
        return Unknown("put together by SAM of a policy that is made at deployment")
    statements = given.get("Statement")
    return {**given.items, "Statement": [*_items(statements), *found]}


def _paths(body: Node | None, routes: Sequence[Route], *, cors: bool) -> dict[str, tuple[str, ...]]:
    """The methods of each path. To answer browsers of other sites (CORS), SAM adds one."""
    found: dict[str, tuple[str, ...]] = {}
    if body is not None:
        paths = body.get("paths") or Node({})
        found = {path: tuple(key for key in item.items if key not in _SHARED) for path, item in paths.items.items()}
    else:
        for route in routes:
            found[route.path] = tuple(dict.fromkeys((*found.get(route.path, ()), *route.methods)))
    added = ("options",) if cors else ()
    return {path: tuple(dict.fromkeys((*methods, *added))) for path, methods in found.items()}


def _add(found: list[Written], more: Iterator[Written] | list[Node]) -> None:
    for item in more:
        if item not in found:
            found.append(item)


def _items(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.value if isinstance(node.value, list) else [node]


def _by_lists(policy: Node, paths: Mapping[str, Sequence[str]], stage: Written) -> Iterator[Written]:
    """The statements that lists of accounts, addresses and networks become on each path."""
    for path, methods in paths.items():
        place: Written = [
            sub(f"execute-api:/${{stage}}/{_verb(method)}{_open(path)}", stage=stage) for method in methods
        ]

        def statement(effect: str, principal: Written, place: Written = place, **condition: Written) -> Written:
            body: dict[str, Written] = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": place}
            return body | {"Principal": principal} | ({"Condition": condition} if condition else {})

        for key, effect in _ACCOUNTS:
            accounts = policy.get(key)
            if accounts is not None and _items(accounts):
                yield statement(effect, {"AWS": accounts})
        for key, operator in _ADDRESSES:
            ranges = policy.get(key)
            if ranges is not None and _items(ranges):
                yield statement("Allow", "*")
                yield statement("Deny", "*", **{operator: {"aws:SourceIp": ranges}})
        for ending, operator in _NETWORKS:
            networks = _networks(policy, ending)
            if networks:
                yield statement("Allow", "*")
                yield statement("Deny", "*", **{operator: networks})


def _networks(policy: Node, ending: str) -> dict[str, Written]:
    """The keys of a condition about networks and endpoints: those that are written out, told by their ids, and others."""
    found: dict[str, list[Written]] = {}
    for item in _items(policy.get(f"SourceVpc{ending}")):
        key = next((key for prefix, key in _PREFIXES.items() if text_of(item).startswith(prefix)), None)
        if key is not None:
            found.setdefault(key, []).append(item)
    for name, key in (("Vpc", "aws:SourceVpc"), ("Vpce", "aws:SourceVpce")):
        found.setdefault(key, []).extend(_items(policy.get(f"Intrinsic{name}{ending}")))
    return {key: items for key, items in found.items() if items}


def _verb(method: str) -> str:
    return "*" if method.lower() in _ANY else method.upper()


def _open(path: str) -> str:
    """A path as a pattern: what may be anything is a star."""
    return _VARIABLE.sub("*", path)


def called_by(api: Node, event: Node) -> Written:
    """The ARN of a route of an API, in any stage, by which the route may call a function."""
    method, path = text_of(event.get("Method")) or "any", text_of(event.get("Path"))
    route = "" if is_default(event) else _open(re.sub(r"(.)/$", r"\1", path))
    text = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{api}}/*/{_verb(method)}{route}"
    return sub(text, api=api)


def is_default(event: Node) -> bool:
    """Whether an event of an HTTP API is for whatever has no route of its own."""
    return text_of(event.get("Path")) in ("", "$default")


def authorizers(
    name: str, written: Node, node: Node, *, unless: str = "", only: str = ""
) -> Iterator[tuple[str, Node]]:
    """The permissions by which an API may ask functions who a caller is.

    They are there `unless` a property of the authorizer is set, or `only` if one is.
    """
    listed = (written.get("Auth") or Node({})).get("Authorizers") or Node({})
    for key, item in listed.items.items():
        function = item.get("FunctionArn")
        if function is None or _is_set(item, unless) or (only and not _is_set(item, only)):
            continue
        yield f"{name}{key}AuthorizerPermission", _asks(name, function, node)


def _is_set(item: Node, name: str) -> bool:
    return text_of(item.get(name)).lower() == "true"


def _asks(name: str, function: Node, node: Node) -> Node:
    text = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${api}/authorizers/*"
    return permission(function, {"SourceArn": sub(text, api=ref(name))}, node)


def permission(function: Written, bound: Mapping[str, Written], node: Node, service: str = API_GATEWAY) -> Node:
    """The permission of a service to call a function."""
    return resource(PERMISSION, {"Action": INVOKE, "FunctionName": function, "Principal": service, **bound}, node)


def websocket(name: str, node: Node, written: Node) -> Iterator[tuple[str, Node]]:
    """The permissions of an `AWS::Serverless::WebSocketApi`: for the function of each route, and for the authorizer."""
    stage: Written = written.get("StageName") or "default"
    for key, route in (written.get("Routes") or Node({})).items.items():
        text = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{api}}/${{stage}}/{key}"
        bound = {"SourceArn": sub(text, api=ref(name), stage=stage)}
        id_ = f"{name}{key.removeprefix('$').capitalize()}Permission"
        yield id_, permission(route.get("FunctionArn") or made(None, route), bound, node)
    auth = written.get("Auth") or Node({})
    function = auth.get("AuthArn")
    if text_of(auth.get("AuthType")) == "CUSTOM" and function is not None and auth.get("InvokeRole") is None:
        yield f"{name}AuthorizerPermission", _asks(name, function, node)
