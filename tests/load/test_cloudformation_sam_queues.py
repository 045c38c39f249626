import pytest
from load.sam import expand

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
RULE = "{Schedule: rate(1 day), DeadLetterConfig: %s}"


def function(properties):
    return expand(f"F: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}")[1]


def granted(role):
    """Actions and resources of the policies in a role."""
    found = [policy["PolicyDocument"]["Statement"] for policy in role.get("Policies")]
    return [(item["Action"], item["Resource"]) for statements in found for item in statements]


@pytest.mark.parametrize(
    ("target", "rights"),
    [
        (f"{{Type: SQS, Destination: '{QUEUE}'}}", [("sqs:SendMessage", QUEUE)]),
        ("{Type: SNS, Destination: t}", [("sns:Publish", "t")]),
        ("{Type: Lambda, Destination: f}", [("lambda:InvokeFunction", "f")]),
        ("{Type: EventBridge, Destination: b}", [("events:PutEvents", "b")]),
        (
            "{Type: S3Bucket, Destination: 'arn:aws:s3:::b'}",
            [("s3:ListBucket", "arn:aws:s3:::b"), ("s3:PutObject", "arn:aws:s3:::b/*")],
        ),
        ("{Destination: b}", []),
    ],
)
def test_a_function_may_hand_on_its_results(target, rights):
    blocks = function(f"EventInvokeConfig: {{DestinationConfig: {{OnFailure: {target}}}}}")
    assert granted(blocks["FRole"]) == rights


@pytest.mark.parametrize(
    ("kind", "name", "type_", "mark"),
    [
        ("SQS", "FEventInvokeConfigOnSuccessQueue", "AWS::SQS::Queue", "Arn"),
        ("SNS", "FEventInvokeConfigOnSuccessTopic", "AWS::SNS::Topic", "Ref"),
    ],
)
def test_a_destination_without_a_name_is_made(kind, name, type_, mark):
    blocks = function(f"EventInvokeConfig: {{DestinationConfig: {{OnSuccess: {{Type: {kind}}}}}}}")
    assert blocks[name].type == type_
    assert granted(blocks["FRole"])[0][1] == f"⟦{name}.{mark}⟧"


@pytest.mark.parametrize(("config", "queue"), [("{Type: SQS}", "FEQueue"), ("{Type: SQS, QueueLogicalId: Own}", "Own")])
def test_a_rule_fills_the_queue_that_sam_makes_for_it(config, queue):
    blocks = function(f"Events: {{E: {{Type: Schedule, Properties: {RULE % config}}}}}")
    (statement,) = blocks["FEQueuePolicy"].get("PolicyDocument")["Statement"]
    assert blocks[queue].type == "AWS::SQS::Queue"
    assert blocks["FEQueuePolicy"].get("Queues") == [f"⟦{queue}.Ref⟧"]
    assert (statement["Principal"], statement["Resource"]) == ({"Service": "events.amazonaws.com"}, f"⟦{queue}.Arn⟧")
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": "⟦FE.Arn⟧"}}
    assert blocks["FE"].get("Targets")[0]["DeadLetterConfig"] == {"Arn": f"⟦{queue}.Arn⟧"}


def test_a_rule_with_a_queue_of_its_own_gets_none():
    blocks = function(f"Events: {{E: {{Type: Schedule, Properties: {RULE % f'{{Arn: {QUEUE}}}'}}}}}")
    assert not [block for block in blocks.values() if "SQS" in block.type]


def test_a_schedule_fills_its_queue_by_its_role():
    blocks = function(
        "Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: x, DeadLetterConfig: {Type: SQS}}}}"
    )
    assert granted(blocks["FERole"]) == [("lambda:InvokeFunction", "⟦F.Arn⟧"), ("sqs:SendMessage", "⟦FEQueue.Arn⟧")]
    assert "FEQueuePolicy" not in blocks


@pytest.mark.parametrize(
    ("wanted", "queue", "policy"),
    [
        ("true", "⟦FEQueue.Arn⟧", "FEQueuePolicy"),
        (f"{{QueueArn: '{QUEUE}', QueueUrl: u, QueuePolicyLogicalId: Own}}", QUEUE, "Own"),
    ],
)
def test_a_topic_may_fill_a_queue_that_the_function_reads(wanted, queue, policy):
    blocks = function(f"Events: {{E: {{Type: SNS, Properties: {{Topic: t, SqsSubscription: {wanted}}}}}}}")
    (statement,) = blocks[policy].get("PolicyDocument")["Statement"]
    assert statement["Resource"] == queue
    assert (statement["Principal"], statement["Condition"]) == ("*", {"ArnEquals": {"aws:SourceArn": "t"}})
    assert blocks["FE"].get("Protocol") == "sqs"
    assert blocks["FEEventSourceMapping"].get("EventSourceArn") == queue
    assert "FEPermission" not in blocks
    assert blocks["FRole"].get("ManagedPolicyArns")[-1].endswith("AWSLambdaSQSQueueExecutionRole")
