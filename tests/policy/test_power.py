import pytest

from iacscan.policy.capped import Capped
from iacscan.policy.document import PolicyDocument, parse
from iacscan.policy.power import Power
from iacscan.value import Truth, Unknown

ROLE = "arn:aws:iam::⟦account⟧:role/app"


def document(*statements):
    parsed = parse({"Version": "2012-10-17", "Statement": list(statements)})
    assert isinstance(parsed, PolicyDocument)
    return parsed


def allow(action, resource="*", **condition):
    found = {"Effect": "Allow", "Action": action, "Resource": resource}
    return found | ({"Condition": condition} if condition else {})


def deny(action, resource="*", **condition):
    return allow(action, resource, **condition) | {"Effect": "Deny"}


def truth(statements, action, resource=ROLE, service="", **options):
    return Power((document(*statements),), **options).allows(action, resource, service).truth


@pytest.mark.parametrize(
    ("condition", "service", "expected"),
    [
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, "lambda", Truth.YES),
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, "ec2", Truth.NO),
        ({"StringLike": {"iam:PassedToService": "*.amazonaws.com"}}, "ec2", Truth.YES),
        ({"StringEqualsIfExists": {"iam:PassedToService": "lambda.amazonaws.com"}}, "ec2", Truth.NO),
        ({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, "ec2", Truth.NO),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "ec2", Truth.YES),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "ec2", Truth.YES),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}, "ec2", Truth.YES),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, "ec2", Truth.NO),
    ],
)
def test_conditions_on_the_passed_role_count_and_those_on_circumstances_do_not(condition, service, expected):
    assert truth([allow("iam:PassRole", **condition)], "iam:PassRole", service=service) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}, Truth.NO),
        ({"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}}, Truth.YES),
        ({"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}, Truth.YES),
        ({"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}}, Truth.NO),
        ({"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}}, Truth.YES),
    ],
)
def test_what_may_be_attached_decides(condition, expected):
    """Whoever may attach anything but AdministratorAccess takes IAMFullAccess."""
    assert truth([allow("iam:AttachRolePolicy", **condition)], "iam:AttachRolePolicy") is expected


def test_a_deny_of_everything_but_an_approved_boundary_closes_the_way():
    guard = deny("iam:AttachRolePolicy", StringNotEquals={"iam:PermissionsBoundary": "arn:aws:iam::1:policy/b"})
    assert truth([allow("iam:*"), guard], "iam:AttachRolePolicy") is Truth.NO
    assert truth([allow("iam:*"), guard], "iam:PassRole") is Truth.YES


def test_a_deny_under_other_conditions_takes_nothing_away():
    without_mfa = deny("*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})
    assert truth([allow("iam:*"), without_mfa], "iam:PassRole") is Truth.YES


def test_a_deny_counts_only_for_the_resources_it_names():
    statements = [allow("iam:PassRole"), deny("iam:Pass*", "arn:aws:iam::*:role/app")]
    assert truth(statements, "iam:PassRole") is Truth.NO
    assert truth(statements, "iam:PassRole", "arn:aws:iam::⟦account⟧:role/other") is Truth.YES
    assert Capped(Power((document(*statements),))).somewhere("iam:PassRole").truth is Truth.YES


def test_a_literal_account_is_the_own_one_unless_it_is_known_to_be_foreign():
    statements = [allow("iam:PassRole", "arn:aws:iam::111122223333:role/app")]
    assert truth(statements, "iam:PassRole") is Truth.YES
    assert truth(statements, "iam:PassRole", foreign=frozenset({"111122223333"})) is Truth.NO


def test_the_name_variable_means_the_holder():
    statements = [allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")]
    ada, eve = (f"arn:aws:iam::⟦account⟧:user/{name}" for name in ("ada", "eve"))
    assert truth(statements, "iam:CreateAccessKey", ada, username="ada") is Truth.YES
    assert truth(statements, "iam:CreateAccessKey", eve, username="ada") is Truth.NO
    assert truth(statements, "iam:CreateAccessKey", ada) is Truth.NO


def test_not_resource_leaves_the_rest():
    statement = {"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::*:role/admin"}
    assert truth([statement], "iam:PassRole") is Truth.YES
    assert Capped(Power((document(statement),))).somewhere("iam:PassRole").truth is Truth.YES


def test_an_unknown_resource_is_unknown_and_an_unknown_action_is_nothing():
    assert truth([allow("iam:PassRole", Unknown("later"))], "iam:PassRole") is Truth.UNKNOWN
    assert truth([allow(Unknown("later"))], "iam:PassRole") is Truth.NO


def test_a_deny_that_is_not_known_leaves_it_open():
    assert truth([allow("iam:PassRole"), deny(Unknown("later"))], "iam:PassRole") is Truth.UNKNOWN


def test_the_statement_that_allows_is_named():
    statements = document(allow("s3:*"), allow("iam:Pass*"))
    permission = Power((statements,)).allows("iam:PassRole", ROLE)
    assert permission.statement is statements.statements[1]


def test_what_a_deny_spares_counts_only_for_actions_that_work_on_it():
    spared = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::orders"}
    assert truth([allow("*"), spared], "iam:CreateRole", "*") is Truth.NO
    assert truth([allow("*"), spared], "s3:ListBucket", "arn:aws:s3:::orders") is Truth.YES


def test_an_account_that_is_not_the_holders_own_is_another():
    foreign = allow("iam:PutRolePolicy", "arn:aws:iam::444455556666:role/*")
    assert truth([foreign], "iam:PutRolePolicy") is Truth.YES  # whose account it is is not known
    assert truth([foreign], "iam:PutRolePolicy", home=frozenset({"111122223333"})) is Truth.NO
    assert truth([foreign], "iam:PutRolePolicy", home=frozenset({"444455556666"})) is Truth.YES
