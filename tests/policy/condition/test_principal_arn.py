import pytest

from iacscan.policy.condition.principal_arn import is_root, is_session, lacks_session, missing_path, role_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("arn:aws:sts::111122223333:assumed-role/admin/mira", "arn:aws:iam::111122223333:role/admin"),
        ("arn:aws-cn:sts::*:assumed-role/admin*", "arn:aws-cn:iam::*:role/admin*"),
        (
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/*",
            "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_0a1b",
        ),
        ("arn:aws:sts::111122223333:federated-user/mira", None),
        ("arn:aws:iam::111122223333:role/admin", None),
        ("admin", None),
    ],
)
def test_a_session_is_named_by_its_role(value, expected):
    assert role_of(value) == expected
    assert is_session(value) is (expected is not None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "arn:aws:iam::*:role/AWSReservedSSO_Admin_*",
            "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*",
        ),
        (
            "arn:aws:iam::111122223333:role/AWSServiceRoleForECS",
            "arn:aws:iam::111122223333:role/aws-service-role/*AWSServiceRoleForECS",
        ),
        ("arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_*", None),
        ("arn:aws:iam::*:role/*AWSReservedSSO_*", None),
        ("arn:aws:iam::*:role/admin", None),
    ],
)
def test_roles_of_aws_stand_under_a_path(value, expected):
    assert missing_path(value) == expected


def test_a_role_has_an_id_and_its_sessions_have_more():
    assert lacks_session("AROAEXAMPLEID1234567")
    assert not lacks_session("AROAEXAMPLEID1234567:*")
    assert not lacks_session("AIDAEXAMPLEID1234567")


def test_root_is_a_user():
    assert is_root("arn:aws:iam::*:root")
    assert not is_root("arn:aws:iam::111122223333:role/root")
