"""Whether a Resource element is about the resource that its policy belongs to."""

import pytest

from iacscan.policy.protects import is_about
from iacscan.value import Truth

BUCKET = "arn:aws:s3:::orders"
MADE_UP = "arn:aws:s3:::orders-⟦aws_s3_bucket.orders⟧"
TOPIC = "arn:aws:sns:⟦region⟧:⟦account⟧:⟦aws_sns_topic.orders⟧"


@pytest.mark.parametrize(
    ("element", "arn", "answer"),
    [
        ("*", BUCKET, Truth.YES),
        ("arn:aws:s3:::orders", BUCKET, Truth.YES),
        ("arn:aws:s3:::orders/2026/*", BUCKET, Truth.YES),
        ("arn:aws:s3:::ord*", BUCKET, Truth.YES),
        ("arn:aws:s3:::orders-old/*", BUCKET, Truth.NO),
        ("arn:aws:s3:::${aws:PrincipalTag/bucket}/*", BUCKET, Truth.YES),
        ("arn:aws:sqs:eu-west-1:111122223333:orders", BUCKET, Truth.NO),
        (f"{MADE_UP}/*", MADE_UP, Truth.YES),
        ("arn:aws:s3:::orders-20261123/*", MADE_UP, Truth.UNKNOWN),
        ("arn:aws:s3:::invoices/*", MADE_UP, Truth.NO),
        ("arn:aws:s3:::orders-⟦aws_s3_bucket.invoices⟧", MADE_UP, Truth.NO),
        ("arn:aws:s3:::orders-⟦random_id.suffix⟧", MADE_UP, Truth.UNKNOWN),
        ("arn:aws:s3:::orders⟦…⟧", BUCKET, Truth.UNKNOWN),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/orders", BUCKET, Truth.UNKNOWN),
        ("orders", BUCKET, Truth.UNKNOWN),
        (TOPIC, TOPIC, Truth.YES),
        ("arn:aws:sns:eu-west-1:111122223333:⟦aws_sns_topic.invoices⟧", TOPIC, Truth.NO),
        ("arn:aws:sns:eu-west-1:111122223333:orders/x", "arn:aws:sns:eu-west-1:111122223333:orders", Truth.NO),
    ],
)
def test_a_resource_element_is_about_its_resource_or_not(element, arn, answer):
    assert is_about(element, arn) is answer
