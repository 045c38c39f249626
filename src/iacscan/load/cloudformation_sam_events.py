"""What SAM makes of the events of functions and state machines: who may invoke them, and which roles that takes.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from .cloudformation_decode import Node
from .cloudformation_made import Written, get_att, made, ref, resource, sub
from .cloudformation_sam_apis import API_GATEWAY, called_by, is_default, permission
from .cloudformation_sam_policies import trust
from .cloudformation_sam_pulled import POLLED, subscribes_queue
from .cloudformation_sam_queues import QUEUE, allow, dead_letters, filled_by, policy, rule_queue, text_of

REST_API: Final = "ServerlessRestApi"
HTTP_API: Final = "ServerlessHttpApi"
RULES: Final = frozenset(("CloudWatchEvent", "EventBridgeRule", "Schedule"))
_EVENTS: Final = "events.amazonaws.com"
# Sources that invoke the function: the service.
_INVOKERS: Final = {
    "AlexaSkill": "alexa-appkit.amazon.com",
    "CloudWatchLogs": "logs.amazonaws.com",
    "Cognito": "cognito-idp.amazonaws.com",
    "IoTRule": "iot.amazonaws.com",
    "S3": "s3.amazonaws.com",
    "SNS": "sns.amazonaws.com",
}
_POLLED_FROM: Final = ("Stream", "Queue", "Broker", "Cluster")
_RULE_PROPERTIES: Final = ("Description", "EventBusName", "Name", "ScheduleExpression", "State")
_IN_ACCOUNT: Final = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"


class Invoked(Struct, frozen=True):
    """A function that events invoke: its logical id, and the resource that it is written as.

    `stages` are the names of APIs' stages, by the logical ids of the APIs.
    """

    id: str
    source: Node
    stages: Mapping[str, str] = {}

    @property
    def name(self) -> Written:
        """What a permission calls it."""
        return ref(self.id)

    @property
    def arn(self) -> Written:
        """What a target calls it."""
        return get_att(self.id, "Arn")


def events_of(properties: Node) -> Iterator[tuple[str, str, Node]]:
    """Name, type and properties of every event."""
    for name, event in (properties.get("Events") or Node({})).items.items():
        yield name, text_of(event.get("Type")), event.get("Properties") or Node({}, event.line, event.end)


def api_of(kind: str, event: Node) -> tuple[Node, str]:
    """What names the API of an event, and its logical id; empty if it is not in the template."""
    own, default = ("RestApiId", REST_API) if kind == "Api" else ("ApiId", HTTP_API)
    api = event.get(own) or made(ref(default), event)
    return api, text_of(api.get("Ref")) or text_of(api)


def function_events(to: Invoked, properties: Node) -> Iterator[tuple[str, Node]]:
    """The resources for all events of a function, by logical id."""
    events = list(events_of(properties))
    default = {api_of(kind, event)[1] for _, kind, event in events if kind == "HttpApi" and is_default(event)}
    for name, kind, event in events:
        if kind == "HttpApi" and api_of(kind, event)[1] in default and not is_default(event):
            continue  # the permission of the default route of the API is one for all routes
        yield from _event(to, f"{to.id}{name}", kind, event)


def _event(to: Invoked, name: str, kind: str, event: Node) -> Iterator[tuple[str, Node]]:
    source = to.source
    if kind in POLLED:
        origin = next((found for key in _POLLED_FROM if (found := event.get(key)) is not None), None)
        yield name, _polling(to, origin, source)
    elif kind in RULES:
        arn, queues = rule_queue(name, event, source)
        target = {"Arn": to.arn, "Id": f"{name}LambdaTarget", "DeadLetterConfig": _to_queue(arn)}
        yield name, _rule(event, target, source)
        yield f"{name}Permission", permission(to.name, {"SourceArn": get_att(name, "Arn")}, source, _EVENTS)
        yield from queues
    elif kind == "ScheduleV2":
        yield from _schedule(name, event, to.arn, "lambda:InvokeFunction", source)
    elif kind in ("Api", "HttpApi"):
        api, id_ = api_of(kind, event)
        suffix = "" if kind == "HttpApi" else to.stages.get(id_, "AllStages")
        yield f"{name}Permission{suffix}", permission(to.name, {"SourceArn": called_by(api, event)}, source)
    elif kind == "SNS":
        yield from _topic(to, name, event)
    elif kind == "Cognito":  # one permission for all pools that trigger the function; the last pool counts
        yield f"{to.id}CognitoPermission", permission(to.name, _origin(kind, event), source, _INVOKERS[kind])
    elif kind in _INVOKERS:
        if kind == "IoTRule":
            action: Written = {"Lambda": {"FunctionArn": to.arn}}
            yield (
                name,
                resource(
                    "AWS::IoT::TopicRule", {"TopicRulePayload": {"Sql": event.get("Sql"), "Actions": [action]}}, source
                ),
            )
        yield f"{name}Permission", permission(to.name, _origin(kind, event, name), source, _INVOKERS[kind])


def _polling(to: Invoked, origin: Written, source: Node) -> Node:
    return resource("AWS::Lambda::EventSourceMapping", {"FunctionName": to.name, "EventSourceArn": origin}, source)


def _origin(kind: str, event: Node, rule: str = "") -> dict[str, Written]:
    """By what a permission for a service is bound to the event's source."""
    match kind:
        case "S3":
            return {"SourceAccount": ref("AWS::AccountId")}
        case "AlexaSkill":
            return {"EventSourceToken": event.get("SkillId")}
        case "Cognito":
            pool = event.get("UserPool")
            name = text_of(pool.get("Ref")) if pool is not None else ""
            return {"SourceArn": get_att(name, "Arn") if name else None}
        case "CloudWatchLogs":
            text = f"{_IN_ACCOUNT % 'logs'}log-group:${{group}}:*"
            return {"SourceArn": sub(text, group=event.get("LogGroupName"))}
        case _:
            return {
                "SourceArn": sub(f"{_IN_ACCOUNT % 'iot'}rule/${{rule}}", rule=ref(rule)),
                "SourceAccount": ref("AWS::AccountId"),
            }


def _topic(to: Invoked, name: str, event: Node) -> Iterator[tuple[str, Node]]:
    """A topic that invokes the function, or fills a queue that the function reads."""
    topic, wanted = event.get("Topic"), subscribes_queue(event)
    protocol, endpoint = "lambda", to.arn
    if wanted is None:
        yield f"{name}Permission", permission(to.name, {"SourceArn": topic}, to.source, _INVOKERS["SNS"])
    else:
        queue, url, filler = wanted.get("QueueArn"), wanted.get("QueueUrl"), text_of(wanted.get("QueuePolicyLogicalId"))
        own = f"{name}Queue"
        protocol, endpoint = "sqs", queue or get_att(own, "Arn")
        if queue is None:
            yield own, resource(QUEUE, {}, to.source)
        yield (
            filler or f"{name}QueuePolicy",
            filled_by(topic, endpoint, url or ref(own), "*", to.source),
        )
        yield f"{name}EventSourceMapping", _polling(to, endpoint, to.source)
    body: dict[str, Written] = {"Protocol": protocol, "Endpoint": endpoint, "TopicArn": topic}
    yield name, resource("AWS::SNS::Subscription", body, to.source)


def _to_queue(arn: Written) -> Written:
    return None if arn is None else {"Arn": arn}


def _rule(event: Node, target: dict[str, Written], source: Node) -> Node:
    body: dict[str, Written] = {key: event.get(key) for key in _RULE_PROPERTIES}
    pattern = event.get("Pattern") or event.get("EventPattern")
    schedule = event.get("Schedule") or body.pop("ScheduleExpression", None)
    targets: Written = [{key: item for key, item in target.items() if item is not None}]
    body |= {"EventPattern": pattern, "ScheduleExpression": schedule, "Targets": targets}
    return resource("AWS::Events::Rule", body, source)


def _schedule(name: str, event: Node, arn: Written, action: str, source: Node) -> Iterator[tuple[str, Node]]:
    """A schedule, with the role that it invokes its target by, and that its queue is filled by."""
    queue, made_ = dead_letters(name, event, source)
    role: Written = event.get("RoleArn")
    if role is None:
        more = [] if queue is None else [policy(f"{name}SQSPolicy", allow("sqs:SendMessage", queue))]
        boundary = event.get("PermissionsBoundary")
        yield f"{name}Role", _invoking_role(name, "scheduler.amazonaws.com", allow(action, arn), boundary, source, more)
        role = get_att(f"{name}Role", "Arn")
    target: dict[str, Written] = {"Arn": arn, "RoleArn": role}
    if queue is not None:
        target["DeadLetterConfig"] = _to_queue(queue)
    body: dict[str, Written] = {"ScheduleExpression": event.get("ScheduleExpression"), "Target": target}
    yield name, resource("AWS::Scheduler::Schedule", body, source)
    yield from made_


def _invoking_role(
    name: str, service: str, statement: Written, boundary: Written, source: Node, more: list[Written] | None = None
) -> Node:
    body: dict[str, Written] = {
        "AssumeRolePolicyDocument": trust(service),
        "Policies": [policy(f"{name}StartExecutionPolicy", statement), *(more or ())],
        "PermissionsBoundary": boundary,
    }
    return resource("AWS::IAM::Role", body, source)


def machine_events(machine: str, source: Node, properties: Node) -> Iterator[tuple[str, Node]]:
    """The resources for all events of a state machine: rules, schedules, and the roles that start it."""
    action = "states:StartExecution"
    boundary = properties.get("PermissionsBoundary")
    for event_name, kind, event in events_of(properties):
        name = f"{machine}{event_name}"
        if kind == "ScheduleV2":
            yield from _schedule(name, event, ref(machine), action, source)
            continue
        service = _EVENTS if kind in RULES else API_GATEWAY
        role: Written = event.get("RoleArn") or event.get("Role")
        if role is None:
            yield f"{name}Role", _invoking_role(name, service, allow(action, ref(machine)), boundary, source)
            role = get_att(f"{name}Role", "Arn")
        if kind in RULES:
            arn, queues = rule_queue(name, event, source)
            target = {
                "Arn": ref(machine),
                "Id": f"{name}StepFunctionsTarget",
                "RoleArn": role,
                "DeadLetterConfig": _to_queue(arn),
            }
            yield name, _rule(event, target, source)
            yield from queues
