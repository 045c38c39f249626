"""What an action works on."""

import pytest

from iacscan.policy.applies import applies_to, is_of_service
from iacscan.value import Truth

BUCKET = "arn:aws:s3:::⟦aws_s3_bucket.orders⟧"
KEYED = 'arn:aws:s3:::⟦module.a["x/y"].aws_s3_bucket.orders["in/out"]⟧'
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
GROUP = "arn:aws:logs:eu-west-1:⟦account⟧:log-group:/aws/lambda/x"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "*"),
        ("s3:GetObject", f"{BUCKET}/*"),
        ("s3:GetObject", "arn:aws:s3:::orders*"),
        ("s3:getobject", "arn:aws:s3:::orders/2026/${aws:username}"),
        ("s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/orders/object/*"),
        ("s3:ListBucket", BUCKET),
        ("s3:ListBucket", KEYED),
        ("s3:ListBucket", "arn:aws:s3:::orders*"),
        ("sqs:SendMessage", QUEUE),
        ("logs:PutLogEvents", f"{GROUP}:*"),
        ("logs:CreateLogStream", f"{GROUP}:*"),
        ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/orders/index/*"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/path/orders"),
        ("apigateway:GET", "arn:aws:apigateway:eu-west-1::/restapis/abc/authorizers/x"),
    ],
)
def test_it_works_on_what_aws_lists(action, resource):
    assert applies_to(action, resource) is Truth.YES


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::orders"),
        ("s3:GetObject", BUCKET),
        ("s3:GetObject", KEYED),
        ("s3:ListBucket", f"{BUCKET}/*"),
        ("s3:ListBucket", f"{KEYED}/*"),
        ("s3:ListBucket", "arn:aws:s3:::orders*/*"),
        ("sqs:SendMessage", "arn:aws:sns:eu-west-1:111122223333:orders"),
        ("logs:PutLogEvents", GROUP),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/orders"),
        ("sns:ListTopics", "arn:aws:sns:eu-west-1:111122223333:orders"),
        ("s3:GetObject", "arn:aws:s3::orders/*"),
        ("sqs:SendMessage", "arn:aws:sqs:orders"),
    ],
)
def test_it_does_not_work_on_another_type_of_thing(action, resource):
    assert applies_to(action, resource) is Truth.NO


@pytest.mark.parametrize(
    ("action", "resource", "why"),
    [
        ("s3:NoSuchAction", "arn:aws:s3:::orders", "the action is not known"),
        ("sqs:SendMessage", "orders", "not an ARN"),
        ("sqs:SendMessage", "arn:aws:sqs:*", "a star may stand for several parts"),
        ("s3:GetObject", "arn:aws:s3*", "so may one at the end of a service"),
        ("s3:GetObject", "arn:aws:s3:::orders⟦…⟧", "the end is not known"),
        ("s3:ListBucket", "arn:aws:s3:::orders⟦…⟧", "the end is not known"),
        ("s3:GetObject", "arn:aws:s3:::⟦local.path⟧", "a local may hold a path"),
        ("s3:GetObject", "arn:aws:s3:::⟦aws_ssm_parameter.path.value⟧", "so may an attribute"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*", "undocumented, and it works"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key", "AWS may complete it"),
        ("ecs:RunTask", "arn:aws:ecs:eu-west-1:111122223333:cluster/orders", "the list of the service has gaps"),
    ],
)
def test_it_is_unknown_where_the_list_does_not_settle_it(action, resource, why):
    assert applies_to(action, resource) is Truth.UNKNOWN, why


def test_an_action_belongs_to_its_own_service_and_to_those_whose_resources_it_works_on():
    role = "arn:aws:iam::111122223333:role/orders"

    assert is_of_service("sns:ListTopics", "arn:aws:sns:eu-west-1:111122223333:orders")
    assert is_of_service("sts:AssumeRole", role)
    assert not is_of_service("sns:Publish", QUEUE)
    assert not is_of_service("sns:Publish", "*")
