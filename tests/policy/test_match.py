"""Elements of a statement against one request."""

import pytest
from policy.strategies import ACCOUNT, FOREIGN, OTHER_ACCOUNT, ROLE, ROOT, SERVICE, USER, document

from iacscan.policy.document import Principal, Statement
from iacscan.policy.match import By, matches, names, principal_matches, resource_matches
from iacscan.policy.request import ANYBODY, Caller, CallerKind, Request
from iacscan.value import Truth, Unknown

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
LATER = Unknown("known only after apply")
OBJECT = "arn:aws:s3:::logs/a"
GOOGLE = Caller(CallerKind.IDENTITY, name="accounts.google.com")
NAMELESS = Caller(CallerKind.ROLE_SESSION, ACCOUNT, ROLE.name)
SYMBOL = "arn:aws:iam::⟦account⟧:role/⟦aws_iam_role.app⟧"
TO_COME = Caller(CallerKind.ROLE_SESSION, "⟦account⟧", SYMBOL, "s")


def statement(**elements):
    tree = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}
    (found,) = document({"Version": "2012-10-17", "Statement": tree}).statements
    return found


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"actions": ("s3:GetObject",)}, YES),
        ({"actions": ("s3:Put*", "S3:GET?bject")}, YES),
        ({"actions": ("s3:*Acl",)}, NO),
        ({"actions": ()}, NO),
        ({"actions": ("s3*",)}, YES),
        ({"actions": (LATER, "s3:PutObject")}, UNKNOWN),
        ({"actions": (LATER, "*")}, YES),
        ({"actions": ("s3:⟦…⟧",)}, UNKNOWN),
        ({"actions": ("ec2:⟦…⟧",)}, NO),
        ({"not_actions": ("s3:Put*",)}, YES),
        ({"not_actions": ("s3:getobject",)}, NO),
        ({"not_actions": ()}, YES),
        ({"not_actions": (LATER,)}, UNKNOWN),
        ({"not_actions": (LATER, "s3:*")}, NO),
    ],
)
def test_actions(elements, expected):
    assert matches(Statement(**elements), Request("s3:GetObject", OBJECT, USER)) is expected


@pytest.mark.parametrize(
    ("resources", "resource", "expected"),
    [
        (("*",), OBJECT, YES),
        (("arn:aws:s3:::logs/*",), OBJECT, YES),
        (("arn:aws:s3:::LOGS/*",), OBJECT, NO),
        (("arn:aws:s3:::logs/?",), OBJECT, YES),
        (("arn:aws:s3:::l*/a",), "arn:aws:s3:::logs/b/a", YES),
        (("arn:aws:s3:*/a",), OBJECT, UNKNOWN),  # its star would have to reach over colons
        (("arn:aws:s3:::${aws:username}/*",), "arn:aws:s3:::ann/x", YES),
        (("arn:aws:s3:::${aws:username}/*",), "arn:aws:s3:::bob/x", NO),
        (("arn:aws:s3:::${aws:PrincipalTag/team}/*",), OBJECT, NO),
        (("arn:aws:s3:::${aws:userid}/*",), OBJECT, UNKNOWN),
        (("arn:aws:s3:::x-${aws:userid}/*",), OBJECT, NO),
        ((LATER,), OBJECT, UNKNOWN),
        ((LATER, "arn:aws:s3:::logs/*"), OBJECT, YES),
        (("arn:aws:s3:::lo⟦…⟧",), OBJECT, UNKNOWN),
        (("arn:aws:s3:::da⟦…⟧",), OBJECT, NO),
        (("arn:aws:s3:::⟦aws_s3_bucket.b⟧/*",), "arn:aws:s3:::⟦aws_s3_bucket.b⟧/x", YES),
        (("arn:aws:s3:::⟦aws_s3_bucket.b⟧/*",), OBJECT, NO),  # what the change creates has no other name
        (("arn:aws:sqs:⟦region⟧:⟦account⟧:q",), f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", UNKNOWN),
        (("arn:aws:sqs:⟦region⟧:⟦account⟧:q",), f"arn:aws:sqs:eu-west-1:{ACCOUNT}:other", NO),
        ((), OBJECT, NO),
        (None, OBJECT, YES),
    ],
)
def test_resources(resources, resource, expected):
    request = Request("s3:GetObject", resource, USER)
    assert resource_matches(Statement(resources=resources), request) is expected
    if resources is not None:
        assert resource_matches(Statement(not_resources=resources), request) is ~expected


def test_not_resource_with_a_variable_without_value_spares_nothing():
    denied = Statement(not_resources=("arn:aws:s3:::${aws:PrincipalTag/team}/*",))
    assert resource_matches(denied, Request("s3:GetObject", OBJECT, USER)) is YES


@pytest.mark.parametrize("resource", ["*", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"])
def test_an_action_without_resources_is_asked_for_on_everything(resource):
    request = Request("ec2:DescribeInstances", resource, USER)
    assert resource_matches(Statement(resources=("*",)), request) is YES
    assert resource_matches(Statement(resources=("arn:aws:ec2:*:*:instance/*",)), request) is NO


def test_before_2012_a_variable_in_a_resource_is_text():
    found = Statement(resources=("arn:aws:s3:::${aws:username}",))
    request = Request("s3:ListBucket", "arn:aws:s3:::ann", USER)
    assert resource_matches(found, request, variables=YES) is YES
    assert resource_matches(found, request, variables=NO) is NO
    assert resource_matches(found, request, variables=UNKNOWN) is UNKNOWN


@pytest.mark.parametrize(
    ("kind", "value", "caller", "expected"),
    [
        ("*", "*", USER, (By.EVERYBODY, YES)),
        ("*", "*", ANYBODY, (By.EVERYBODY, YES)),
        ("AWS", "*", SERVICE, (By.EVERYBODY, YES)),
        ("*", "*", GOOGLE, (By.EVERYBODY, UNKNOWN)),
        ("AWS", ACCOUNT, USER, (By.ACCOUNT, YES)),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:root", ROLE, (By.ACCOUNT, YES)),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:root", ROOT, (By.ACCOUNT, YES)),
        ("AWS", ACCOUNT, FOREIGN, (By.ACCOUNT, NO)),
        ("AWS", ACCOUNT, ANYBODY, (By.ACCOUNT, NO)),
        ("AWS", "⟦account⟧", USER, (By.ACCOUNT, UNKNOWN)),
        ("AWS", "⟦account⟧", TO_COME, (By.ACCOUNT, YES)),
        ("AWS", USER.name, USER, (By.ITSELF, YES)),
        ("AWS", USER.name.replace("ann", "Ann"), USER, (By.ITSELF, NO)),
        ("AWS", USER.name, ROLE, (By.ITSELF, NO)),
        ("AWS", ROLE.name, ROLE, (By.ROLE, YES)),
        ("AWS", SYMBOL, TO_COME, (By.ROLE, YES)),
        ("AWS", "⟦aws_iam_role.app⟧", TO_COME, (By.ROLE, YES)),
        ("AWS", "⟦aws_iam_role.other⟧", TO_COME, (By.ROLE, NO)),
        ("AWS", ROLE.session_arn, ROLE, (By.ITSELF, YES)),
        ("AWS", ROLE.session_arn, NAMELESS, (By.ITSELF, UNKNOWN)),
        ("AWS", ROLE.session_arn.replace("app/", "other/"), NAMELESS, (By.ITSELF, NO)),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:role/*", ROLE, (By.ITSELF, NO)),
        ("AWS", "AROAEXAMPLEEXAMPLE123", ROLE, (By.ITSELF, UNKNOWN)),
        ("AWS", "AROAEXAMPLEEXAMPLE123", SERVICE, (By.ITSELF, NO)),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:⟦…⟧", USER, (By.EVERYBODY, UNKNOWN)),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:⟦…⟧", FOREIGN, (By.EVERYBODY, NO)),
        ("AWS", "⟦local.somebody⟧", Caller(CallerKind.USER, ACCOUNT, "⟦local.somebody⟧"), (By.EVERYBODY, UNKNOWN)),
        ("AWS", "⟦local.somebody⟧", USER, (By.EVERYBODY, NO)),
        ("AWS", "⟦…⟧", USER, (By.EVERYBODY, UNKNOWN)),
        ("Service", SERVICE.name, SERVICE, (By.ITSELF, YES)),
        ("Service", "ec2.amazonaws.com", SERVICE, (By.ITSELF, NO)),
        ("Service", SERVICE.name, USER, (By.ITSELF, NO)),
        ("Federated", "accounts.google.com", GOOGLE, (By.ITSELF, YES)),
        ("Federated", "www.amazon.com", GOOGLE, (By.ITSELF, NO)),
        (
            "CanonicalUser",
            "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
            USER,
            (By.ACCOUNT, UNKNOWN),
        ),
        (
            "CanonicalUser",
            "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
            ANYBODY,
            (By.ACCOUNT, NO),
        ),
    ],
)
def test_whom_a_principal_names_and_by_what(kind, value, caller, expected):
    assert names(Principal(kind, value), caller) == expected


def test_a_statement_without_principal_is_about_every_caller():
    assert principal_matches(Statement(), ANYBODY) is YES


@pytest.mark.parametrize(
    ("listed", "caller", "expected"),
    [
        ([USER.name], FOREIGN, YES),
        ([USER.name], ANYBODY, YES),
        ([USER.name], SERVICE, YES),
        ([USER.name], USER, UNKNOWN),  # AWS may look at his account first
        ([ACCOUNT], USER, UNKNOWN),
        ([ACCOUNT, USER.name], USER, NO),
        ([ACCOUNT], ROOT, NO),
        ([ACCOUNT, ROLE.name], ROLE, UNKNOWN),
        ([ACCOUNT, ROLE.name, ROLE.session_arn], ROLE, NO),
        ([OTHER_ACCOUNT], ROOT, YES),
        (["*"], ANYBODY, NO),
        (["*"], USER, NO),
        ([LATER], USER, UNKNOWN),
    ],
)
def test_not_principal_leaves_out_who_is_listed_under_all_names(listed, caller, expected):
    assert principal_matches(statement(NotPrincipal={"AWS": listed}), caller) is expected


def test_not_principal_with_a_service():
    assert principal_matches(statement(NotPrincipal={"Service": SERVICE.name}), SERVICE) is NO
    assert principal_matches(statement(NotPrincipal={"Service": "ec2.amazonaws.com"}), SERVICE) is YES


def test_all_elements_must_match():
    found = statement(
        Principal={"AWS": USER.name},
        Resource="arn:aws:s3:::logs/*",
        Condition={"Bool": {"aws:SecureTransport": "true"}},
    )
    tls = {"aws:SecureTransport": ("true",)}
    assert matches(found, Request("s3:GetObject", OBJECT, USER, tls)) is YES
    assert matches(found, Request("s3:PutObject", OBJECT, USER, tls)) is NO
    assert matches(found, Request("s3:GetObject", "arn:aws:s3:::data/a", USER, tls)) is NO
    assert matches(found, Request("s3:GetObject", OBJECT, ROLE, tls)) is NO
    assert matches(found, Request("s3:GetObject", OBJECT, USER)) is NO
    assert matches(found, Request("s3:GetObject", OBJECT, USER, {"aws:SecureTransport": LATER})) is UNKNOWN
