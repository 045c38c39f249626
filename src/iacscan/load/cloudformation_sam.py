"""The Serverless Application Model: its resources, made into the plain ones that CloudFormation makes of them.

Roles, permissions and policies come out whole, with the logical ids that SAM gives them; of the rest, what bears on access.
Types that are not in the table stay as they are, and are reported as not evaluated.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from .cloudformation_decode import Node
from .cloudformation_made import Written, get_att, made, ref, resource, with_properties
from .cloudformation_sam_apis import PERMISSION, Route, authorizers, resource_policy, websocket
from .cloudformation_sam_connectors import connect, end
from .cloudformation_sam_events import HTTP_API, REST_API, Invoked, api_of, events_of, function_events, machine_events
from .cloudformation_sam_generated import alias_id, of_function, of_http_api, of_rest_api
from .cloudformation_sam_graphql import graphql_api
from .cloudformation_sam_policies import aws_policy, role_properties, trust
from .cloudformation_sam_queues import invocation_results, text_of
from .cloudformation_sam_roles import function_role, tags_of
from .cloudformation_template import Template
from .cloudformation_text import function_of

SERVERLESS: Final = "AWS::Serverless::"
CONNECTOR: Final = "AWS::Serverless::Connector"
# Properties of a function that are SAM's own; all others are those of AWS::Lambda::Function.
_OWN: Final = frozenset(
    ("AssumeRolePolicyDocument", "AutoPublishAlias", "AutoPublishAliasAllProperties", "AutoPublishCodeSha256", "CodeUri",
     "DeadLetterQueue", "DeploymentPreference", "EventInvokeConfig", "Events", "FunctionUrlConfig", "ImageUri", "InlineCode",
     "PermissionsBoundary", "Policies", "PropagateTags", "ProvisionedConcurrencyConfig", "RolePath", "Tracing",
     "VersionDescription")
)  # fmt: skip
_DEPLOYER: Final = "CodeDeployServiceRole"  # one for all functions that are deployed bit by bit


def expand_sam(template: Template, holds: Callable[[str], bool | None]) -> Template:
    """The template with SAM's resources made into plain ones; Globals are merged into each first.

    `holds` says whether a condition does, by its name; None if that is not decided.
    """
    sam = _Sam(template, holds)
    for name, node in template.resources.items():
        sam.add(name, node)
    sam.finish()
    return replace(template, resources=sam.resources, generated=sam.generated)


class _Sam:
    def __init__(self, template: Template, holds: Callable[[str], bool | None]) -> None:
        self._globals = template.globals or Node({})
        self._holds = holds
        self._stages = {REST_API: "Prod", **_stages(template)}
        self._routes: dict[str, list[Route]] = {}
        self._apis: dict[
            str, tuple[Node, Node]
        ] = {}  # REST APIs, as they are written; their routes are known at the end
        self._connectors: list[tuple[str, Node | None, Node, Node]] = []  # name, source, properties, where
        self.resources: dict[str, Node] = {}
        self.generated: dict[str, Node] = {}

    def add(self, name: str, node: Node) -> None:
        """One resource of the template."""
        kind = node.get("Type")
        what = (kind.text if kind is not None else None) or ""
        for label, item in (node.get("Connectors") or Node({})).items.items():
            inner = item.get("Properties") or Node({})
            self._connectors.append((f"{name}{label}", made({"Id": name}, item), inner, item))
        if what == CONNECTOR:
            inner = node.get("Properties") or Node({})
            self._connectors.append((name, inner.get("Source"), inner, node))
            return
        expander = _EXPANDERS.get(what)
        if expander is None:
            self.resources.setdefault(name, node)
            return
        written = node.get("Properties") or Node({}, node.line, node.end)
        shared = self._shared(what, node.get("IgnoreGlobals"))
        before = set(self.resources)
        written = _merged(shared, written) if shared is not None else written
        expander(self, name, node, written)
        if open_ := {key: item for key, item in written.items.items() if key.startswith("Fn::")}:
            for made_ in self.resources.keys() - before - {name}:
                self.resources[made_] = with_properties(self.resources[made_], open_)

    def _shared(self, kind: str, ignored: Node | None) -> Node | None:
        """What Globals has for a type of resources, but for what one of them does not want to have."""
        shared = self._globals.get(kind.removeprefix(SERVERLESS))
        if shared is None or ignored is None:
            return shared
        if ignored.text == "*":
            return None
        kept = {key: item for key, item in shared.items.items() if key not in ignored.texts}
        return Node(kept, shared.line, shared.end)

    def put(self, name: str, kind: str, properties: dict[str, Written], node: Node) -> None:
        """The resource itself: of another type and with other properties, but all else that stands beside them."""
        plain = resource(kind, properties, node)
        self.resources[name] = Node({**node.items, **plain.items}, node.line, node.end)

    def function(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::Function`."""
        properties: dict[str, Written] = {key: item for key, item in written.items.items() if key not in _OWN}
        tracing, queue = written.get("Tracing"), written.get("DeadLetterQueue")
        results, queues = invocation_results(name, written.get("EventInvokeConfig") or Node({}), node)
        own, maker = self._own_role(name, node, written)
        properties["Role"] = own
        if maker is not None:
            self.resources[f"{name}Role"] = function_role(name, written, results, maker)
        text, image = written.get("InlineCode"), written.get("ImageUri")
        code: Written = written.get("CodeUri")
        code = {"ZipFile": text} if text is not None else {"ImageUri": image} if image is not None else code
        target = queue.get("TargetArn") if queue is not None else None
        properties |= {
            "Code": code,
            "TracingConfig": None if tracing is None else {"Mode": tracing},
            "DeadLetterConfig": None if target is None else {"TargetArn": target},
        }
        self.put(name, "AWS::Lambda::Function", properties, node)
        self.resources.update(queues)
        self.generated.update(of_function(name, written, dict(queues)))
        self._alias(name, node, written)
        self.resources.update(function_events(Invoked(name, node, self._stages), written))
        self._events(written, node)
        self._url(name, node, written)
        self._deployer(node, written)

    def _own_role(self, name: str, node: Node, written: Node) -> tuple[Written, Node | None]:
        """What stands as a role, and the resource under whose condition SAM makes one; None if it makes none.

        It makes one as well where an `Fn::If` leaves the role out, if that is so in this world or may be.
        """
        role = written.get("Role")
        made_ = get_att(f"{name}Role", "Arn")
        if role is None:
            return made_, node
        choice = role.get("Fn::If")
        if choice is None or not isinstance(choice.value, list) or len(choice.value) != 3:  # noqa: PLR2004  as If has
            return role, None
        condition, *branches = choice.value
        absent = [_leaves_out(branch) for branch in branches]
        if not any(absent):
            return role, None
        value: Written = {
            "Fn::If": [condition, *(made_ if out else own for out, own in zip(absent, branches, strict=True))]
        }
        holds = self._holds(condition.text or "")
        if holds is not None:
            return value, node if absent[0 if holds else 1] else None
        outer = node.get("Condition")
        gone = outer is not None and self._holds(outer.text or "") is False
        return value, node if gone else Node({**node.items, "Condition": condition}, node.line, node.end)

    def _alias(self, name: str, node: Node, written: Node) -> None:
        """The alias that SAM publishes for a function.

        Events invoke it, and permissions are for it; here they are for the function, whose code and role it is.
        """
        alias = text_of(written.get("AutoPublishAlias"))
        if alias:
            self.resources[alias_id(name, alias)] = resource(
                "AWS::Lambda::Alias", {"FunctionName": ref(name), "Name": alias}, node
            )

    def _deployer(self, node: Node, written: Node) -> None:
        """The role of CodeDeploy, for functions whose traffic is shifted bit by bit and that name no other role."""
        wanted = written.get("DeploymentPreference")
        if wanted is None or text_of(wanted.get("Enabled")) == "false" or wanted.get("Role") is not None:
            return
        known = self.resources.get(_DEPLOYER)
        if known is None or node.get("Condition") is None:
            attached_ = [aws_policy("service-role/AWSCodeDeployRoleForLambda")]
            body: dict[str, Written] = {
                "AssumeRolePolicyDocument": trust("codedeploy.amazonaws.com"), "ManagedPolicyArns": attached_,
            }  # fmt: skip
            self.resources[_DEPLOYER] = resource("AWS::IAM::Role", body, node)

    def _events(self, written: Node, node: Node) -> None:
        """The APIs that no one has written down, and the routes that events give to APIs."""
        for _, kind, event in events_of(written):
            api = api_of(kind, event)[1] if kind in ("Api", "HttpApi") else ""
            if api == REST_API and REST_API not in self.resources:
                self.rest_api(REST_API, Node({}, node.line, node.end), self._globals.get("Api") or Node({}))
            if api == HTTP_API and HTTP_API not in self.resources:
                self.http_api(HTTP_API, Node({}, node.line, node.end), self._globals.get("HttpApi") or Node({}))
            if kind == "Api":
                self._route(api, event)

    def _route(self, api: str, event: Node) -> None:
        path, method = text_of(event.get("Path")), text_of(event.get("Method")).lower()
        routes = self._routes.setdefault(api, [])
        before = next((route.methods for route in reversed(routes) if route.path == path), ())
        policy_ = (event.get("Auth") or Node({})).get("ResourcePolicy")
        routes.append(Route(path, tuple(dict.fromkeys((*before, method))), policy_))

    def _url(self, name: str, node: Node, written: Node) -> None:
        """A function's URL; without authorisation, SAM lets everyone in."""
        config = written.get("FunctionUrlConfig")
        if config is None:
            return
        kind = config.get("AuthType")
        body: dict[str, Written] = {"TargetFunctionArn": ref(name), **config.items}
        self.resources[f"{name}Url"] = resource("AWS::Lambda::Url", body, node)
        if kind is not None and kind.text == "NONE":
            everyone: dict[str, Written] = {"FunctionName": ref(name), "Principal": "*"}
            by_url = {**everyone, "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}
            invoke = {**everyone, "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}
            self.resources[f"{name}UrlPublicPermissions"] = resource(PERMISSION, by_url, node)
            self.resources[f"{name}URLInvokeAllowPublicAccess"] = resource(PERMISSION, invoke, node)

    def state_machine(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::StateMachine`."""
        role, maker = self._own_role(name, node, written)
        if maker is not None:
            traced = text_of((written.get("Tracing") or Node({})).get("Enabled")) not in ("", "false")
            managed = [aws_policy("AWSXrayWriteOnlyAccess")] if traced else []
            body = role_properties(name, written, "states.amazonaws.com", managed)
            body["Tags"] = tags_of(written, "stateMachine:createdBy")
            self.resources[f"{name}Role"] = resource("AWS::IAM::Role", body, maker)
        properties: dict[str, Written] = {
            "RoleArn": role,
            "StateMachineName": written.get("Name"),
            "StateMachineType": written.get("Type"),
            "Definition": written.get("Definition"),
            "LoggingConfiguration": written.get("Logging"),
        }
        self.put(name, "AWS::StepFunctions::StateMachine", properties, node)
        self.resources.update(machine_events(name, node, written))
        self._events(written, node)

    def rest_api(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::Api`. Its policy speaks of its routes, which other resources may bring: `finish` puts it."""
        self._apis[name] = (node, written)
        self.generated.update(of_rest_api(name, written))
        self.resources[name] = node
        self.resources.update(authorizers(name, written, node, unless="DisableFunctionDefaultPermissions"))

    def _put_api(self, name: str, node: Node, written: Node) -> None:
        endpoint = written.get("EndpointConfiguration")
        kind = endpoint.get("Type") if endpoint is not None and isinstance(endpoint.value, dict) else endpoint
        properties: dict[str, Written] = {
            "Name": written.get("Name") or name,
            "Body": written.get("DefinitionBody"),
            "Policy": resource_policy(written, self._routes.get(name, ())),
            "EndpointConfiguration": None if kind is None else {"Types": [kind]},
        }
        self.put(name, "AWS::ApiGateway::RestApi", properties, node)

    def http_api(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::HttpApi`."""
        properties: dict[str, Written] = {
            "Name": written.get("Name") or name,
            "ProtocolType": "HTTP",
            "Body": written.get("DefinitionBody"),
        }
        self.put(name, "AWS::ApiGatewayV2::Api", properties, node)
        self.generated.update(of_http_api(name, written))
        self.resources.update(authorizers(name, written, node, only="EnableFunctionDefaultPermissions"))

    def websocket_api(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::WebSocketApi`."""
        properties: dict[str, Written] = {"Name": written.get("Name") or name, "ProtocolType": "WEBSOCKET"}
        self.put(name, "AWS::ApiGatewayV2::Api", properties, node)
        self.resources.update(websocket(name, node, written))

    def graphql_api(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::GraphQLApi`."""
        for id_, made_ in graphql_api(name, node, written):
            self.resources[id_] = Node({**node.items, **made_.items}, node.line, node.end) if id_ == name else made_

    def capacity_provider(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::CapacityProvider`: the machines that functions run on, and the role that manages them."""
        operator: Written = written.get("OperatorRole")
        if operator is None:
            body: dict[str, Written] = {
                "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
                "ManagedPolicyArns": [aws_policy("AWSLambdaManagedEC2ResourceOperator")],
            }
            self.resources[f"{name}OperatorRole"] = resource("AWS::IAM::Role", body, node)
            operator = get_att(f"{name}OperatorRole", "Arn")
        properties: dict[str, Written] = {"PermissionsConfig": {"CapacityProviderOperatorRoleArn": operator}}
        self.put(name, "AWS::Lambda::CapacityProvider", properties, node)

    def application(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::Application`: a nested stack, from a file or from the application repository."""
        properties: dict[str, Written] = {
            "TemplateURL": written.get("Location"),
            "Parameters": written.get("Parameters"),
        }
        self.put(name, "AWS::CloudFormation::Stack", properties, node)

    def table(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::SimpleTable`."""
        self.put(
            name,
            "AWS::DynamoDB::Table",
            {"TableName": written.get("TableName"), "SSESpecification": written.get("SSESpecification")},
            node,
        )

    def layer(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::LayerVersion`."""
        self.put(name, "AWS::Lambda::LayerVersion", {**written.items}, node)

    def finish(self) -> None:
        """Write out what speaks of other resources, once all of them are there: the policies of APIs, and connectors."""
        for name, (node, written) in self._apis.items():
            self._put_api(name, node, written)
        self._connect()

    def _connect(self) -> None:
        """Write out the connectors. Those that cannot be stay as they are."""
        for name, origin, written, node in self._connectors:
            source = end(origin, self.resources) if origin is not None else None
            targets = written.get("Destination")
            several = targets is not None and isinstance(targets.value, list)
            wanted = (written.get("Permissions") or Node([])).texts
            for index, target in enumerate(_items(targets)):
                destination = end(target, self.resources)
                label = f"{name}Destination{index}" if several else name
                found: dict[str, Node] = {}
                if source is not None and destination is not None:
                    found.update(connect(label, source, destination, wanted, node))
                self.resources.update(found or {label: made({"Type": CONNECTOR}, node)})


def _stages(template: Template) -> dict[str, str]:
    """What each REST API's stage is called, as a part of logical ids."""
    found: dict[str, str] = {}
    shared = (template.globals or Node({})).get("Api") or Node({})
    for name, node in template.resources.items():
        if text_of(node.get("Type")) == f"{SERVERLESS}Api":
            stage = (node.get("Properties") or Node({})).get("StageName") or shared.get("StageName")
            found[name] = text_of(stage) or "Stage"
    return found


def _leaves_out(role: Node) -> bool:
    """Whether a role is AWS::NoValue."""
    return text_of(role.get("Ref")) == "AWS::NoValue"


def _items(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.value if isinstance(node.value, list) else [node]


def _merged(shared: Node, own: Node) -> Node:
    """Globals and a resource's own properties: mappings are merged, lists joined, else the own value counts."""
    if isinstance(shared.value, list) and isinstance(own.value, list):
        return Node([*shared.value, *own.value], own.line, own.end)
    if not isinstance(shared.value, dict) or not isinstance(own.value, dict) or function_of(shared) or function_of(own):
        return own
    both = {key: _merged(shared.value[key], own.value[key]) for key in shared.value if key in own.value}
    return Node({**shared.value, **own.value, **both}, own.line, own.end)


_EXPANDERS: Final[dict[str, Callable[[_Sam, str, Node, Node], None]]] = {
    f"{SERVERLESS}Api": _Sam.rest_api,
    f"{SERVERLESS}Application": _Sam.application,
    f"{SERVERLESS}CapacityProvider": _Sam.capacity_provider,
    f"{SERVERLESS}Function": _Sam.function,
    f"{SERVERLESS}GraphQLApi": _Sam.graphql_api,
    f"{SERVERLESS}HttpApi": _Sam.http_api,
    f"{SERVERLESS}LayerVersion": _Sam.layer,
    f"{SERVERLESS}SimpleTable": _Sam.table,
    f"{SERVERLESS}StateMachine": _Sam.state_machine,
    f"{SERVERLESS}WebSocketApi": _Sam.websocket_api,
}
