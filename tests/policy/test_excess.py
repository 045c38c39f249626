import pytest

from iacscan.policy.document import parse
from iacscan.policy.excess import Power, effective_actions, left_over, may_be_admin, might, whole_services
from iacscan.policy.resources import statement_resources_all_of
from iacscan.value import Truth, Unknown


def document(*statements):
    return parse({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("statements", "power"),
    [
        ([allow("*")], Power.ADMIN),
        ([allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], Power.ADMIN),
        ([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}], Power.ALL_BUT_A_FEW),
        ([allow("iam:*")], Power.IAM),
        ([allow("IAM:*")], Power.IAM),
    ],
)
def test_might_is_the_greatest_power(statements, power):
    assert might(document(*statements)).power is power


@pytest.mark.parametrize(
    "statements",
    [
        [allow("*"), {"Effect": "Deny", "Action": "*", "Resource": "*"}],
        [allow("iam:*", "arn:aws:iam::111122223333:user/ada")],
        [allow("*", "arn:aws:s3:::reports/*")],
        [allow("*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})],
    ],
)
def test_what_is_denied_or_limited_to_some_resources_is_no_might(statements):
    assert might(document(*statements)) is None


def test_a_document_is_suspect_only_for_what_it_names():
    assert may_be_admin(document(allow("*", Unknown("not known")))) is not None
    assert may_be_admin(document(allow("s3:GetObject", Unknown("not known")))) is None
    assert may_be_admin(document(Unknown("a statement that is not known"))) is None


def test_a_deny_takes_away_only_on_all_of_the_resources():
    statement = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::a/*")
    denied = document(statement, {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"})
    assert "s3:PutObject" not in effective_actions(denied.statements[0], denied)
    assert "s3:GetObject" in effective_actions(denied.statements[0], denied)
    elsewhere = document(
        statement, {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a/private/*"}
    )
    assert "s3:PutObject" in effective_actions(elsewhere.statements[0], elsewhere)
    mfa = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    guarded = document(statement, mfa)
    assert "s3:PutObject" in effective_actions(guarded.statements[0], guarded)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ("sqs:*", ("sqs",)),
        (["SQS:*", "sns:*"], ("sns", "sqs")),
        ("sqs:Get*", ()),
        (["sqs:SendMessage", "sqs:DeleteQueue"], ()),
        ("dynamodb:*Item", ()),
    ],
)
def test_only_wildcards_that_mean_a_service_mean_it_whole(actions, expected):
    given = document(allow(actions))
    assert whole_services(given.statements[0], given) == expected


def test_a_service_of_which_much_is_denied_is_not_whole():
    given = document(allow("sqs:*"), {"Effect": "Deny", "Action": ["sqs:*Queue*", "sqs:*Permission"], "Resource": "*"})
    assert whole_services(given.statements[0], given) == ()


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:kms:*:111122223333:key/*", Truth.YES),
        ("arn:aws:kms:*:111122223333:key/", Truth.NO),
        ("arn:aws:s3:::", Truth.NO),
    ],
)
def test_an_arn_without_a_star_is_never_a_whole_service(resource, expected):
    given = document(allow("*", resource))
    assert statement_resources_all_of(given.statements[0], resource.split(":")[2]) is expected


def sparing(*resources, action="*", **more):
    return {"Effect": "Deny", "Action": action, "NotResource": list(resources), **more}


@pytest.mark.parametrize(
    ("resource", "deny", "left"),
    [
        ("*", sparing("arn:aws:s3:::a/*"), ("arn:aws:s3:::a/*",)),
        ("arn:aws:s3:::a/b", sparing("arn:aws:s3:::a/*"), ("arn:aws:s3:::a/b",)),
        ("arn:aws:s3:::*", sparing("arn:aws:s3:::a/*", "arn:aws:sqs:*:*:q"), ("arn:aws:s3:::a/*",)),
        ("arn:aws:s3:::a*/x", sparing("arn:aws:s3:::*b/x"), ("arn:aws:s3:::a*/x",)),  # they overlap
        ("arn:aws:s3:::b/*", sparing("arn:aws:s3:::a/*"), ()),
        ("arn:aws:s3:::b/*", sparing("arn:aws:s3:::${aws:username}/*"), ("arn:aws:s3:::b/*",)),  # who knows
        ("*", sparing("*"), ("*",)),
        ("*", sparing("arn:aws:s3:::a/*", action="iam:*"), ("*",)),  # about another action
        ("*", sparing("arn:aws:s3:::a/*", Condition={"Bool": {"aws:SecureTransport": "false"}}), ("*",)),
        ("*", sparing(Unknown("later")), ("*",)),
    ],
)
def test_what_denies_of_all_but_some_resources_leave_of_an_allow(resource, deny, left):
    policy = document(allow("s3:GetObject", resource), deny)
    assert left_over(policy.statements[0], policy).resources == left


def test_not_resource_is_narrowed_to_what_the_deny_spares():
    policy = document(
        {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a/b"}, sparing("arn:aws:s3:::a/*")
    )
    left = left_over(policy.statements[0], policy)
    assert (left.resources, left.not_resources) == (("arn:aws:s3:::a/*",), None)
