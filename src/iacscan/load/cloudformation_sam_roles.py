"""The role that SAM makes for a function.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from typing import Final

from .cloudformation_decode import Node
from .cloudformation_made import Written, resource
from .cloudformation_sam_events import events_of
from .cloudformation_sam_policies import aws_policy, role_properties
from .cloudformation_sam_pulled import attached, inline
from .cloudformation_sam_queues import allow, policy, text_of
from .cloudformation_text import function_of

_DEAD_LETTERS: Final = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


def function_role(name: str, written: Node, results: list[Written], node: Node) -> Node:
    """The role that SAM makes for a function, of all that the function uses."""
    tracing, queue = written.get("Tracing"), written.get("DeadLetterQueue")
    durable = "Durable" if written.get("DurableConfig") is not None else ""
    ending = "Policy" if durable else ""
    managed: list[Written] = [aws_policy(f"service-role/AWSLambdaBasic{durable}ExecutionRole{ending}")]
    if tracing is not None and tracing.text != "Disabled":
        managed.append(aws_policy("AWSXrayWriteOnlyAccess"))
    if written.get("VpcConfig") is not None:
        managed.append(aws_policy("service-role/AWSLambdaVPCAccessExecutionRole"))
    events = list(events_of(written))
    role = role_properties(name, written, "lambda.amazonaws.com", [*managed, *attached(events)])
    letters = [] if queue is None else [_dead_letters(queue)]
    role["Policies"] = [*_listed(role["Policies"]), *letters, *results, *inline(name, events)]
    role["Tags"] = tags_of(written, "lambda:createdBy")
    return resource("AWS::IAM::Role", role, node)


def tags_of(written: Node, mark: str) -> Written:
    """The tags of a role that SAM makes: those of what it is for, and one that tells who made it."""
    tags = written.get("Tags") or Node({})
    own = {} if function_of(tags) is not None else tags.items
    pairs: dict[str, Written] = {**own, mark: "SAM"}
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def _listed(value: Written) -> list[Written]:
    return list(value) if isinstance(value, list) else []


def _dead_letters(queue: Node) -> Written:
    action = _DEAD_LETTERS.get(text_of(queue.get("Type")), "sqs:SendMessage")
    return policy("DeadLetterQueuePolicy", allow(action, queue.get("TargetArn")))
