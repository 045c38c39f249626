"""Which statements refuse plain HTTP."""

import pytest

from iacscan.policy.document import parse
from iacscan.policy.transport import refuses_insecure
from iacscan.value import Truth, Unknown

BUCKET = "arn:aws:s3:::data"
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}


def deny(**changes):
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [BUCKET, f"{BUCKET}/*"],
        "Condition": PLAIN,
    }
    return parse({"Version": "2012-10-17", "Statement": statement | changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Principal": {"AWS": "*"}},
        {"Action": "*"},
        {"Resource": "*"},
        {"Condition": {"BoolIfExists": {"AWS:securetransport": "FALSE"}}},
        {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        {"Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"]},
    ],
)
def test_refuses_all_of_it(changes):
    assert refuses_insecure(deny(**changes), BUCKET).whole is Truth.YES


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Action": "s3:PutObject"},
        {"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": PLAIN | {"StringEquals": {"aws:PrincipalTag/team": "red"}}},
    ],
)
def test_does_not_refuse_all_of_it(changes):
    assert refuses_insecure(deny(**changes), BUCKET).whole is Truth.NO


def test_objects_and_listing_are_told_apart():
    found = refuses_insecure(deny(Resource=f"{BUCKET}/*"), BUCKET)
    assert (found.objects, found.bucket) == (Truth.YES, Truth.NO)


@pytest.mark.parametrize("element", ["Effect", "Action", "Resource", "Principal", "Condition"])
def test_what_is_not_known_leaves_the_answer_open(element):
    assert refuses_insecure(deny(**{element: Unknown("not known")}), BUCKET).whole is Truth.UNKNOWN


def test_to_refuse_reading_and_writing_is_less_than_all_that_is_done_with_objects():
    found = refuses_insecure(deny(Action=["s3:GetObject", "s3:PutObject"], Resource=f"{BUCKET}/*"), BUCKET)
    assert (found.data, found.objects, found.bucket) == (Truth.YES, Truth.NO, Truth.NO)
