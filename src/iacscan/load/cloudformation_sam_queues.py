"""Where SAM lets go what could not be delivered or is handed on: queues that it makes, and rights to use them.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-scheduledeadletterconfig.html
and sam-property-function-eventinvokeconfiguration.html beside it
"""

from collections.abc import Iterator
from typing import Final

from .cloudformation_decode import Node
from .cloudformation_made import Written, get_att, ref, resource

QUEUE: Final = "AWS::SQS::Queue"
TOPIC: Final = "AWS::SNS::Topic"
# What a destination takes: the actions on it itself, and those on what is in it.
_DESTINATIONS: Final[dict[str, tuple[str, str]]] = {
    "EventBridge": ("events:PutEvents", ""),
    "Lambda": ("lambda:InvokeFunction", ""),
    "S3": ("s3:ListBucket", "s3:PutObject"),
    "S3Bucket": ("s3:ListBucket", "s3:PutObject"),
    "SNS": ("sns:Publish", ""),
    "SQS": ("sqs:SendMessage", ""),
}
_MADE: Final = {"SQS": (QUEUE, "Queue"), "SNS": (TOPIC, "Topic")}  # destinations that SAM makes where none is named
_OUTCOMES: Final = ("OnSuccess", "OnFailure")


def text_of(node: Node | None) -> str:
    """The text of a node, or an empty one."""
    return (node.text if node is not None else None) or ""


def policy(name: str, *statements: Written) -> Written:
    """A policy that stands in a role."""
    return {"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}


def allow(actions: Written, resource_: Written) -> Written:
    """A statement that allows actions on a resource."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource_}


def may_deliver(name: str, kind: str, arn: Written) -> list[Written]:
    """The policy by which a role may deliver to a destination; none if it is of no kind that SAM makes a policy for."""
    if kind not in _DESTINATIONS:
        return []
    whole, within = _DESTINATIONS[kind]
    inside = [allow(within, {"Fn::Join": ["/", [arn, "*"]]})] if within else []
    return [policy(f"{name}{kind}Policy", allow(whole, arn), *inside)]


def invocation_results(function: str, config: Node, source: Node) -> tuple[list[Written], list[tuple[str, Node]]]:
    """What `EventInvokeConfig` takes: policies for the function's role, and queues or topics where none is named."""
    policies: list[Written] = []
    made: list[tuple[str, Node]] = []
    wanted = config.get("DestinationConfig") or Node({})
    for outcome in _OUTCOMES:
        target = wanted.get(outcome)
        if target is None:
            continue
        kind, arn = text_of(target.get("Type")), target.get("Destination")
        place: Written = arn
        if arn is None and kind in _MADE:
            type_, ending = _MADE[kind]
            name = f"{function}EventInvokeConfig{outcome}{ending}"
            made.append((name, resource(type_, {}, source)))
            place = get_att(name, "Arn") if kind == "SQS" else ref(name)
        if place is not None:
            policies += may_deliver(f"{function}EventInvokeConfig{outcome}", kind, place)
    return policies, made


def dead_letters(name: str, event: Node, source: Node) -> tuple[Written, list[tuple[str, Node]]]:
    """The ARN of the queue for what an event could not deliver, and the queue if SAM makes it; None if there is none."""
    config = event.get("DeadLetterConfig")
    if config is None:
        return None, []
    if config.get("Arn") is not None:
        return config.get("Arn"), []
    queue = text_of(config.get("QueueLogicalId")) or f"{name}Queue"
    return get_att(queue, "Arn"), [(queue, resource(QUEUE, {}, source))]


def filled_by(sender: Written, queue: Written, url: Written, principal: Written, source: Node) -> Node:
    """The policy of a queue that something may send to: a rule of EventBridge, or a topic."""
    condition: Written = {"ArnEquals": {"aws:SourceArn": sender}}
    statement: Written = {
        "Effect": "Allow", "Action": "sqs:SendMessage", "Principal": principal, "Resource": queue, "Condition": condition,
    }  # fmt: skip
    document: Written = {"Version": "2012-10-17", "Statement": [statement]}
    return resource("AWS::SQS::QueuePolicy", {"PolicyDocument": document, "Queues": [url]}, source)


def rule_queue(name: str, event: Node, source: Node) -> tuple[Written, Iterator[tuple[str, Node]]]:
    """The queue for what a rule could not deliver: its ARN or None, and the queue with its policy if SAM makes them."""
    arn, made = dead_letters(name, event, source)
    queues = [
        (
            f"{name}QueuePolicy",
            filled_by(get_att(name, "Arn"), arn, ref(queue), {"Service": "events.amazonaws.com"}, source),
        )
        for queue, _ in made
    ]
    return arn, iter((*made, *queues))
