"""Which services a policy lets in for anybody's resources."""

import pytest

from iacscan.policy.deputy import services_for_anyone
from iacscan.policy.document import parse
from iacscan.value import Reference, Truth, Unknown

TRAIL = "cloudtrail.amazonaws.com"


def ask(kind="s3-bucket", deny=None, **changes):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": TRAIL},
        "Action": "s3:PutObject",
        "Resource": "*",
    } | changes
    document = parse({"Version": "2012-10-17", "Statement": [statement, *([deny] if deny else [])]})
    return services_for_anyone(document.statements[0], document.statements, kind)


def test_a_service_without_a_source_acts_for_anyone():
    assert ask() == {TRAIL: Truth.YES}


def test_the_name_of_a_service_may_have_a_region():
    assert ask("kms-key", Principal={"Service": "logs.eu-west-1.amazonaws.com"}, Action="kms:*") == {
        "logs.eu-west-1.amazonaws.com": Truth.YES
    }


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"ArnLike": {"AWS:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}},
        {"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}},
        {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}},
        {"ArnLike": {"aws:SourceArn": Unknown("known only after apply", (Reference("aws_cloudtrail.main", "arn"),))}},
    ],
)
def test_a_source_limits(condition):
    assert ask(Condition=condition) == {}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        {"StringLike": {"aws:SourceAccount": "*"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}},
        {"StringNotEquals": {"aws:SourceAccount": "111122223333"}},
    ],
)
def test_what_is_no_source_does_not_limit(condition):
    assert ask(Condition=condition) == {TRAIL: Truth.YES}


def test_a_deny_of_every_other_source_limits():
    other = {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": other}
    assert ask(deny=deny) == {}


def test_a_condition_that_is_not_known_leaves_the_answer_open():
    assert ask(Condition=Unknown("not known")) == {TRAIL: Truth.UNKNOWN}


def test_looking_at_the_acl_gives_nothing_away():
    assert ask(Action=["s3:GetBucketAcl", "s3:GetBucketLocation"]) == {}


def test_services_that_name_no_source_are_left_alone():
    assert ask(Principal={"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}) == {}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, {"AWS services": Truth.YES}),
        ({"StringEquals": {"aws:PrincipalServiceName": TRAIL}}, {"AWS services": Truth.YES}),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}, "StringEquals": {"aws:SourceAccount": "111122223333"}}, {}),
        ({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, {}),
        ({}, {}),
    ],
)
def test_everybody_who_is_a_service_acts_for_anyone(condition, expected):
    assert ask(Principal="*", Condition=condition) == expected


def test_a_statement_that_no_request_meets_lets_no_service_in():
    assert ask(Condition={"StringEquals": {"aws:ResourceOrgID": "o-123456"}}) == {}
    assert ask(Condition={"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}) == {TRAIL: Truth.YES}
