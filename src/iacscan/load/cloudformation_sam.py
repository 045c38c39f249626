"""The Serverless Application Model: its resources, made into the plain ones that CloudFormation makes of them.

Roles, permissions and policies come out whole, with the logical ids that SAM gives them; of the rest, what bears on access.
Types that are not in the table stay as they are, and are reported as not evaluated.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from ..value import Unknown
from .cloudformation_decode import Node
from .cloudformation_made import Written, get_att, made, ref, resource
from .cloudformation_sam_connectors import connect, end
from .cloudformation_sam_events import HTTP_API, REST_API, events_of, function_events, machine_events, polled
from .cloudformation_sam_policies import aws_policy, role_properties
from .cloudformation_template import Template
from .cloudformation_text import function_of

SERVERLESS: Final = "AWS::Serverless::"
CONNECTOR: Final = "AWS::Serverless::Connector"
# Properties of a function that are SAM's own; all others are those of AWS::Lambda::Function.
_OWN: Final = frozenset(
    ("AssumeRolePolicyDocument", "AutoPublishAlias", "AutoPublishCodeSha256", "CodeUri", "DeadLetterQueue",
     "DeploymentPreference", "EventInvokeConfig", "Events", "FunctionUrlConfig", "ImageUri", "InlineCode",
     "PermissionsBoundary", "Policies", "PropagateTags", "ProvisionedConcurrencyConfig", "RolePath", "Tracing",
     "VersionDescription")
)  # fmt: skip
_DEAD_LETTERS: Final = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


def expand_sam(template: Template) -> Template:
    """The template with SAM's resources made into plain ones; Globals are merged into each first."""
    sam = _Sam(template)
    for name, node in template.resources.items():
        sam.add(name, node)
    sam.connect()
    return replace(template, resources=sam.resources)


class _Sam:
    def __init__(self, template: Template) -> None:
        self._globals = template.globals or Node({})
        self._connectors: list[tuple[str, Node | None, Node, Node]] = []  # name, source, properties, where
        self.resources: dict[str, Node] = {}

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
        shared = self._globals.get(what.removeprefix(SERVERLESS))
        expander(self, name, node, _merged(shared, written) if shared is not None else written)

    def put(self, name: str, kind: str, properties: dict[str, Written], node: Node) -> None:
        """The resource itself: of another type and with other properties, but all else that stands beside them."""
        plain = resource(kind, properties, node)
        self.resources[name] = Node({**node.items, **plain.items}, node.line, node.end)

    def function(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::Function`."""
        properties: dict[str, Written] = {key: item for key, item in written.items.items() if key not in _OWN}
        tracing, queue = written.get("Tracing"), written.get("DeadLetterQueue")
        if "Role" not in properties:
            attached: list[Written] = [aws_policy("service-role/AWSLambdaBasicExecutionRole")]
            if tracing is not None and tracing.text != "Disabled":
                attached.append(aws_policy("AWSXrayWriteOnlyAccess"))
            if written.get("VpcConfig") is not None:
                attached.append(aws_policy("service-role/AWSLambdaVPCAccessExecutionRole"))
            role = role_properties(name, written, "lambda.amazonaws.com", [*attached, *polled(written)])
            if queue is not None:
                role["Policies"] = [*_listed(role["Policies"]), _dead_letters(queue)]
            role["Tags"] = _tags(written, "lambda:createdBy")
            self.resources[f"{name}Role"] = resource("AWS::IAM::Role", role, node)
            properties["Role"] = get_att(f"{name}Role", "Arn")
        inline, image = written.get("InlineCode"), written.get("ImageUri")
        code: Written = written.get("CodeUri")
        code = {"ZipFile": inline} if inline is not None else {"ImageUri": image} if image is not None else code
        target = queue.get("TargetArn") if queue is not None else None
        properties |= {
            "Code": code,
            "TracingConfig": None if tracing is None else {"Mode": tracing},
            "DeadLetterConfig": None if target is None else {"TargetArn": target},
        }
        self.put(name, "AWS::Lambda::Function", properties, node)
        self.resources.update(function_events(name, node, written))
        self._implicit_apis(written, node)
        self._url(name, node, written)

    def _implicit_apis(self, written: Node, node: Node) -> None:
        for _, kind, event in events_of(written):
            if kind == "Api" and event.get("RestApiId") is None and REST_API not in self.resources:
                self.rest_api(REST_API, Node({}, node.line, node.end), self._globals.get("Api") or Node({}))
            if kind == "HttpApi" and event.get("ApiId") is None and HTTP_API not in self.resources:
                self.http_api(HTTP_API, Node({}, node.line, node.end), self._globals.get("HttpApi") or Node({}))

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
            self.resources[f"{name}UrlPublicPermissions"] = resource("AWS::Lambda::Permission", by_url, node)
            self.resources[f"{name}URLInvokeAllowPublicAccess"] = resource("AWS::Lambda::Permission", invoke, node)

    def state_machine(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::StateMachine`."""
        role: Written = written.get("Role")
        if role is None:
            tracing = written.get("Tracing")
            attached = [aws_policy("AWSXrayWriteOnlyAccess")] if tracing is not None else []
            body = role_properties(name, written, "states.amazonaws.com", attached)
            body["Tags"] = _tags(written, "stateMachine:createdBy")
            self.resources[f"{name}Role"] = resource("AWS::IAM::Role", body, node)
            role = get_att(f"{name}Role", "Arn")
        properties: dict[str, Written] = {
            "RoleArn": role,
            "StateMachineName": written.get("Name"),
            "StateMachineType": written.get("Type"),
            "Definition": written.get("Definition"),
            "LoggingConfiguration": written.get("Logging"),
        }
        self.put(name, "AWS::StepFunctions::StateMachine", properties, node)
        self.resources.update(machine_events(name, node, written))

    def rest_api(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::Api`."""
        body = written.get("DefinitionBody")
        auth = written.get("Auth")
        policy = auth.get("ResourcePolicy") if auth is not None else None
        endpoint = written.get("EndpointConfiguration")
        kind = endpoint.get("Type") if endpoint is not None and isinstance(endpoint.value, dict) else endpoint
        from_body = body.get("x-amazon-apigateway-policy") if body is not None else None
        properties: dict[str, Written] = {
            "Name": written.get("Name") or name,
            "Body": body,
            "Policy": from_body if policy is None else _resource_policy(policy),
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

    def application(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::Application`: a nested stack, from a file or from the application repository."""
        properties: dict[str, Written] = {
            "TemplateURL": written.get("Location"),
            "Parameters": written.get("Parameters"),
        }
        self.put(name, "AWS::CloudFormation::Stack", properties, node)

    def table(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::SimpleTable`."""
        self.put(name, "AWS::DynamoDB::Table", {"TableName": written.get("TableName")}, node)

    def layer(self, name: str, node: Node, written: Node) -> None:
        """`AWS::Serverless::LayerVersion`."""
        self.put(name, "AWS::Lambda::LayerVersion", {**written.items}, node)

    def connect(self) -> None:
        """Write out the connectors, once all that they may connect is there. Those that cannot be stay as they are."""
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


def _items(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.value if isinstance(node.value, list) else [node]


def _listed(value: Written) -> list[Written]:
    return list(value) if isinstance(value, list) else []


def _tags(written: Node, mark: str) -> Written:
    """The tags of a role that SAM makes: those of what it is for, and one that tells who made it."""
    tags = written.get("Tags") or Node({})
    own = {} if function_of(tags) is not None else tags.items
    pairs: dict[str, Written] = {**own, mark: "SAM"}
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def _dead_letters(queue: Node) -> Written:
    kind = queue.get("Type")
    action = _DEAD_LETTERS.get((kind.text if kind is not None else None) or "", "sqs:SendMessage")
    statement: Written = {"Effect": "Allow", "Action": action, "Resource": queue.get("TargetArn")}
    return {
        "PolicyName": "DeadLetterQueuePolicy",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }


def _resource_policy(policy: Node) -> Written:
    """The resource policy of an API: the statements as they are written; what SAM makes of its lists is not known here."""
    custom = policy.get("CustomStatements")
    statements: list[Written] = list(_items(custom))
    if set(policy.items) - {"CustomStatements"}:
        statements.append(Unknown("made by SAM of the lists in ResourcePolicy"))
    return {"Version": "2012-10-17", "Statement": statements}


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
    f"{SERVERLESS}Function": _Sam.function,
    f"{SERVERLESS}HttpApi": _Sam.http_api,
    f"{SERVERLESS}LayerVersion": _Sam.layer,
    f"{SERVERLESS}SimpleTable": _Sam.table,
    f"{SERVERLESS}StateMachine": _Sam.state_machine,
}
