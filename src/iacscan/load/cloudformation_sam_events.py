"""What SAM makes of the events of functions and state machines: who may invoke them, and which roles that takes.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

from collections.abc import Iterator, Mapping
from typing import Final

from .cloudformation_decode import Node
from .cloudformation_made import Written, get_att, made, ref, resource, sub
from .cloudformation_sam_policies import aws_policy, trust

REST_API: Final = "ServerlessRestApi"
HTTP_API: Final = "ServerlessHttpApi"
# Sources that the service polls with the function's role: the policy of AWS's that SAM attaches for them.
POLLED: Final = {
    "DocumentDB": "",
    "DynamoDB": "service-role/AWSLambdaDynamoDBExecutionRole",
    "Kinesis": "service-role/AWSLambdaKinesisExecutionRole",
    "MQ": "",
    "MSK": "service-role/AWSLambdaMSKExecutionRole",
    "SQS": "service-role/AWSLambdaSQSQueueExecutionRole",
    "SelfManagedKafka": "",
}
_RULES: Final = frozenset(("CloudWatchEvent", "EventBridgeRule", "Schedule"))
# Sources that invoke the function: the service, and the property that names the source or None.
_INVOKERS: Final[dict[str, tuple[str, str | None]]] = {
    "AlexaSkill": ("alexa-appkit.amazon.com", None),
    "CloudWatchLogs": ("logs.amazonaws.com", None),
    "Cognito": ("cognito-idp.amazonaws.com", None),
    "IoTRule": ("iot.amazonaws.com", None),
    "S3": ("s3.amazonaws.com", None),
    "SNS": ("sns.amazonaws.com", "Topic"),
}
_RULE_PROPERTIES: Final = ("Description", "EventBusName", "Name", "ScheduleExpression", "State")


def events_of(properties: Node) -> Iterator[tuple[str, str, Node]]:
    """Name, type and properties of every event."""
    for name, event in (properties.get("Events") or Node({})).items.items():
        kind = event.get("Type")
        yield name, (kind.text if kind else None) or "", event.get("Properties") or Node({}, event.line, event.end)


def polled(properties: Node) -> list[Written]:
    """The policies that a function's role needs for the sources that are polled with it."""
    kinds = dict.fromkeys(kind for _, kind, _ in events_of(properties))
    return [aws_policy(POLLED[kind]) for kind in kinds if POLLED.get(kind)]


def function_events(function: str, source: Node, properties: Node) -> Iterator[tuple[str, Node]]:
    """The resources for all events of a function, by logical id."""
    for name, kind, event in events_of(properties):
        yield from _event(function, f"{function}{name}", kind, event, source)


def _event(function: str, name: str, kind: str, event: Node, source: Node) -> Iterator[tuple[str, Node]]:
    def permission(service: str, bound: Mapping[str, Written], suffix: str = "") -> tuple[str, Node]:
        action = "lambda:InvokeFunction"
        body: dict[str, Written] = {"Action": action, "FunctionName": ref(function), "Principal": service, **bound}
        return f"{name}Permission{suffix}", resource("AWS::Lambda::Permission", body, source)

    if kind in POLLED:
        origin = event.get("Stream") or event.get("Queue") or event.get("Broker") or event.get("Cluster")
        body = {"FunctionName": ref(function), "EventSourceArn": origin}
        yield name, resource("AWS::Lambda::EventSourceMapping", body, source)
    elif kind in _RULES:
        target = {"Arn": get_att(function, "Arn"), "Id": f"{name}LambdaTarget"}
        yield name, _rule(event, target, source)
        yield permission("events.amazonaws.com", {"SourceArn": get_att(name, "Arn")})
    elif kind == "ScheduleV2":
        arn = get_att(function, "Arn")
        yield from _schedule(name, event, arn, "lambda:InvokeFunction", source)
    elif kind == "Api":
        api = event.get("RestApiId") or made(ref(REST_API), event)
        yield permission("apigateway.amazonaws.com", {"SourceArn": _execute_api(api, event)}, "Prod")
    elif kind == "HttpApi":
        api = event.get("ApiId") or made(ref(HTTP_API), event)
        yield permission("apigateway.amazonaws.com", {"SourceArn": _execute_api(api, event)})
    elif kind in _INVOKERS:
        service, named = _INVOKERS[kind]
        yield permission(service, _origin(kind, event, named))


def _origin(kind: str, event: Node, named: str | None) -> dict[str, Written]:
    """By what a permission for a service is bound to the event's source."""
    if named is not None:
        return {"SourceArn": event.get(named)}
    region = "arn:${AWS::Partition}:{0}:${AWS::Region}:${AWS::AccountId}"
    match kind:
        case "S3":
            return {"SourceAccount": ref("AWS::AccountId")}
        case "AlexaSkill":
            return {"EventSourceToken": event.get("SkillId")}
        case "Cognito":
            pool = event.get("UserPool")
            name = pool.get("Ref") if pool is not None else None
            return {"SourceArn": get_att(name.text, "Arn") if name is not None and name.text else None}
        case "CloudWatchLogs":
            text = region.replace("{0}", "logs") + ":log-group:${group}:*"
            return {"SourceArn": sub(text, group=event.get("LogGroupName"))}
        case _:
            text = region.replace("{0}", "iot") + ":rule/*"
            return {"SourceArn": sub(text), "SourceAccount": ref("AWS::AccountId")}


def _execute_api(api: Node, event: Node) -> Written:
    """The ARN of a route of an API, in any stage."""
    method, path = event.get("Method"), event.get("Path")
    verb = (method.text if method else None) or "any"
    route = ((path.text if path else None) or "/*").rstrip("/") or "/"
    text = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{api}}/*/{_verb(verb)}{route}"
    return sub(text, api=api)


def _verb(method: str) -> str:
    return "*" if method.lower() in ("any", "x-amazon-apigateway-any-method") else method.upper()


def _rule(event: Node, target: Written, source: Node) -> Node:
    body: dict[str, Written] = {key: event.get(key) for key in _RULE_PROPERTIES}
    pattern = event.get("Pattern") or event.get("EventPattern")
    schedule = event.get("Schedule") or body.pop("ScheduleExpression", None)
    body |= {"EventPattern": pattern, "ScheduleExpression": schedule, "Targets": [target]}
    return resource("AWS::Events::Rule", body, source)


def _schedule(name: str, event: Node, arn: Written, action: str, source: Node) -> Iterator[tuple[str, Node]]:
    """A schedule, with the role that it invokes its target by."""
    role: Written = event.get("RoleArn")
    if role is None:
        yield f"{name}Role", _invoking_role(f"{name}Role", "scheduler.amazonaws.com", arn, action, event, source)
        role = get_att(f"{name}Role", "Arn")
    body = {"ScheduleExpression": event.get("ScheduleExpression"), "Target": {"Arn": arn, "RoleArn": role}}
    yield name, resource("AWS::Scheduler::Schedule", body, source)


def _invoking_role(name: str, service: str, arn: Written, action: str, event: Node, source: Node) -> Node:
    statement: Written = {"Effect": "Allow", "Action": action, "Resource": arn}
    document: Written = {"Version": "2012-10-17", "Statement": [statement]}
    body: dict[str, Written] = {
        "AssumeRolePolicyDocument": trust(service),
        "Policies": [{"PolicyName": f"{name}StartExecutionPolicy", "PolicyDocument": document}],
        "PermissionsBoundary": event.get("PermissionsBoundary"),
    }
    return resource("AWS::IAM::Role", body, source)


def machine_events(machine: str, source: Node, properties: Node) -> Iterator[tuple[str, Node]]:
    """The resources for all events of a state machine: rules, schedules, and the roles that start it."""
    action = "states:StartExecution"
    for event_name, kind, event in events_of(properties):
        name = f"{machine}{event_name}"
        if kind == "ScheduleV2":
            yield from _schedule(name, event, ref(machine), action, source)
            continue
        service = "events.amazonaws.com" if kind in _RULES else "apigateway.amazonaws.com"
        role: Written = event.get("RoleArn") or event.get("Role")
        if role is None:
            yield f"{name}Role", _invoking_role(f"{name}Role", service, ref(machine), action, event, source)
            role = get_att(f"{name}Role", "Arn")
        if kind in _RULES:
            target = {"Arn": ref(machine), "Id": f"{name}StepFunctionsTarget", "RoleArn": role}
            yield name, _rule(event, target, source)
